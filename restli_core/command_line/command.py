"""Commands: each is a value, and a program is a table of them.

    program [--help] [--version] COMMAND [arguments of the command]

Only the arguments of the command that is run are declared, and only what it needs is imported: a table may have
commands that need a library which is not installed.

| status | means                                                                                     |
|--------|-------------------------------------------------------------------------------------------|
| 0      | done                                                                                      |
| 1      | it was understood, and did not succeed: a server refuses it, a signature is wrong         |
| 2      | the command line is wrong, or what it names cannot be read: one line says why             |
| 130    | interrupted (128 and SIGINT)                                                              |
| 141    | nobody reads the output any more (128 and SIGPIPE)                                        |
"""

from __future__ import annotations

import argparse
import errno
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

from restli_core._version import VERSION
from restli_core.base_errors import DecodeError, InvalidCallError, RestliError, RestliWarning
from restli_core.command_line.usage import UsageError, in_words_of_options, with_options
from restli_core.errors import ServiceError
from restli_core.values import Value

if TYPE_CHECKING:
    from restli_core.command_line.console import Console

__all__ = ["BROKEN_PIPE", "Command", "Parser", "run_command"]

INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

# Options that people look for, and that are not there for a reason.
_SECRET_OPTIONS: Final = ("--token", "--access-token", "--secret", "--client-secret")


class Command(Value):
    """A command.

    Attributes:
        name: what it is called by.
        summary: what it does, on one line.
        description: what else there is to know; may be empty.
        examples: command lines that run, with ``{prog}`` for the program.
        add_arguments: declares its arguments.
        run: runs it with what was given, and returns its exit status.
    """

    name: str
    summary: str
    description: str
    examples: tuple[str, ...]
    add_arguments: Callable[[Parser], object]
    run: Callable[[argparse.Namespace, Console], int]

    def parser(self, prog: str) -> Parser:
        """Return the parser of its arguments.

        Args:
            prog: how the program is called.
        """
        lines = "\n".join([f"  {line.replace('{prog}', prog)}" for line in self.examples])
        parser = Parser(
            prog=f"{prog} {self.name}",
            description=f"{self.summary}\n\n{self.description}".rstrip(),
            epilog=f"examples:\n{lines}",
        )
        self.add_arguments(parser)
        return parser


class _Shown(Exception):
    """What is to be shown in place of running anything: help, or the version."""


class _Help(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        raise _Shown(parser.format_help().rstrip())


class _Version(argparse.Action):
    def __call__(self, *_: Any) -> NoReturn:
        raise _Shown(VERSION)


# What argparse makes of "--" differs between versions of Python, and is nothing where arguments stand in any order. So
# an option without a value stands for it, and what begins with a hyphen after it gets a mark that no argument can have.
_END_OF_OPTIONS: Final = "--end-of-options"
_MARK: Final = "\0"


def _ended(arguments: Sequence[str]) -> list[str]:
    """Return the arguments, of which those after ``--`` cannot be taken for options."""
    if "--" not in arguments:
        return [*arguments]
    place = [*arguments].index("--")
    after = [f"{_MARK}{one}" if one.startswith("-") else one for one in arguments[place + 1 :]]
    return [*arguments[:place], _END_OF_OPTIONS, *after]


def _shown(value: Any) -> Any:
    """Return a value as it was given, without the mark."""
    return value.removeprefix(_MARK) if isinstance(value, str) else value


class Parser(argparse.ArgumentParser):
    """A parser that raises in place of printing and ending the process.

    Attributes:
        synonyms: options that other programs have -> what has their place here, for who tries them.
    """

    def __init__(self, **options: Any) -> None:
        self.synonyms: Mapping[str, str] = {}
        super().__init__(
            **options, add_help=False, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        self.add_argument("-h", "--help", action=_Help, nargs=0, help="show this and do nothing")
        self.add_argument(_END_OF_OPTIONS, action="store_true", help=argparse.SUPPRESS)

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong as a UsageError."""
        raise UsageError(f"{message} (see --help)")

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Return the arguments, which may stand in any order.

        Raises:
            UsageError: one of them is unknown, missing or wrong. What was given for an unknown option is not shown: it
                may be a secret.
        """
        options, unknown = self.parse_known_intermixed_args(_ended(arguments))
        if unknown:
            self.error(self._complaint([_shown(one) for one in unknown]))
        for name, value in vars(options).items():
            setattr(options, name, [*map(_shown, value)] if isinstance(value, list) else _shown(value))
        return options

    def get_options(self, names: Iterable[str]) -> list[argparse.Action]:
        """Return the options that have one of these names."""
        return [action for action in self._actions if {*names} & {*action.option_strings}]

    def _complaint(self, unknown: Sequence[str]) -> str:
        option = next((one.partition("=")[0] for one in unknown if one.startswith("-")), None)
        if option is None:
            cure = "all but the first few have an option before them, and text with spaces needs quotes"
            return f"there is one argument too many: {unknown[0][:40]!r}; {cure}"
        if option in _SECRET_OPTIONS:
            return (
                f"there is no option {option}, since others can see command lines: secrets come from the environment, "
                "LINKEDIN_ACCESS_TOKEN or LINKEDIN_CLIENT_SECRET"
            )
        if option in self.synonyms:
            return f"there is no option {option}: write {self.synonyms[option]}"
        known = [name for action in self._actions for name in action.option_strings if name != _END_OF_OPTIONS]
        return f"there is no option {option[:40]}{_guess(option, known)}"


def _guess(given: str, known: Iterable[str]) -> str:
    """Return what was probably meant, as the end of a sentence."""
    from difflib import get_close_matches

    close = get_close_matches(given.lower(), [*known], n=1, cutoff=0.7)
    return f": did you mean {close[0]}?" if close else ""


def top_parser(commands: Sequence[Command], prog: str, about: str) -> Parser:
    """Return the parser of what stands before a command.

    Args:
        commands: the commands.
        prog: how the program is called.
        about: what it is.
    """
    width = max(len(command.name) for command in commands)
    listed = "\n".join([f"  {command.name:{width}}  {command.summary}" for command in commands])
    parser = Parser(
        prog=prog,
        description=about,
        usage=f"{prog} [--help] [--version] COMMAND ...",
        epilog=f"commands:\n{listed}\n\n{prog} COMMAND --help says more of each, with examples.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version of restli-core")
    return parser


def run_command(
    commands: Sequence[Command], arguments: Sequence[str], console: Console, *, prog: str, about: str
) -> int:
    """Run the command that the arguments name, and return the exit status.

    Args:
        commands: the commands that there are.
        arguments: what stands on the command line after the program's name.
        console: what is read and written.
        prog: how the program is called.
        about: what the program is, for its help.
    """
    where = prog
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            # Ours alone are for the user, who has written what they are about.
            warnings.simplefilter("always", RestliWarning)
            command = _named(commands, arguments, prog, about)
            where = f"{prog} {command.name}"
            status = command.run(command.parser(prog).parse(arguments[1:]), console)
        _note_warnings(caught, console, where)
        console.flush()
    except _Shown as shown:
        return _show(str(shown), console, where)
    except (UsageError, InvalidCallError, DecodeError) as error:
        console.note(f"{where}: {in_words_of_options(str(error)) if isinstance(error, InvalidCallError) else error}")
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    except (RestliError, OSError) as error:
        _note_warnings(caught, console, where)  # they may say why it failed
        return _failed(error, console, where)
    return status


def _note_warnings(caught: Iterable[warnings.WarningMessage], console: Console, where: str) -> None:
    for warning in caught:
        if issubclass(warning.category, RestliWarning):
            console.note(f"{where}: warning: {in_words_of_options(str(warning.message))}")


def _named(commands: Sequence[Command], arguments: Sequence[str], prog: str, about: str) -> Command:
    """Return the command that comes first."""
    first = next(iter(arguments), "")
    for command in commands:
        if command.name == first:
            return command
    parser = top_parser(commands, prog, about)
    if first == "help":  # as many programs have it
        named = [command.parser(prog) for command in commands if command.name in arguments[1:2]]
        (named or [parser])[0].parse(["--help"])
    if first.startswith("-") and first != "--":
        parser.parse(arguments)
    names = [command.name for command in commands]
    if not first or first.startswith("-"):
        raise UsageError(f"a command is missing: one of {', '.join(names)} (see --help)")
    raise UsageError(f"there is no command {first[:40]!r}{_guess(first, names)} (see --help)")


def _show(text: str, console: Console, where: str) -> int:
    """Show a text in place of running anything, and return the exit status."""
    try:
        console.write(text)
        console.flush()
    except OSError as error:
        return _failed(error, console, where)
    return 0


def _failed(error: RestliError | OSError, console: Console, where: str) -> int:
    """Say how a command failed, and return its exit status."""
    if isinstance(error, BrokenPipeError) or _is_closed_pipe_of_windows(error):
        return BROKEN_PIPE
    if isinstance(error, ServiceError):
        error.hint = with_options(error.hint)
    console.note(f"{where}: {error.strerror if isinstance(error, OSError) and error.strerror else error}")
    return 1


def _is_closed_pipe_of_windows(error: Exception) -> bool:
    """Return whether an error may be how Windows says that nobody reads: as an argument that is no good, of no file."""
    return os.name == "nt" and isinstance(error, OSError) and error.errno == errno.EINVAL and error.filename is None
