"""Completion: a script for a shell, by which it completes the commands and their options.

The scripts are those of shtab (the extra ``completion``), which is needed to print one, and not to use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from restli_core.command_line.command import Command, Parser
from restli_core.command_line.usage import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.command_line.console import Console

__all__ = ["completion_command"]

SHELLS: Final = ("bash", "zsh", "fish", "powershell")

# Options whose values are files.
_OF_FILES: Final = ("--store", "--body", "--patch")

_DESCRIPTION: Final = """\
bash:  restli completion bash > ~/.local/share/bash-completion/completions/restli
zsh:   restli completion zsh > a file _restli in a folder of $fpath
fish:  restli completion fish > ~/.config/fish/completions/restli.fish"""


def completion_command(commands: Sequence[Command]) -> Command:
    """Return the command that prints a script for completing these, and itself.

    Args:
        commands: the commands.
    """

    def run(options: Namespace, console: Console) -> int:
        console.write(_script(options.shell, [*commands, command]))
        return 0

    command = Command(
        "completion",
        "Print a script by which a shell completes the commands and their options.",
        _DESCRIPTION,
        ("{prog} completion bash",),
        partial(Parser.add_argument, dest="shell", choices=SHELLS, help="the shell"),
        run,
    )
    return command


def _script(shell: str, commands: Sequence[Command]) -> str:
    try:
        import shtab
    except ImportError:
        raise UsageError('the scripts are made by shtab: pip install "restli-core[completion]"') from None
    parser = Parser(prog="restli")
    inner = parser.add_subparsers()
    for command in commands:
        own = inner.add_parser(command.name, help=command.summary)
        command.add_arguments(own)
        for action in own.get_options(_OF_FILES):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    made: str = shtab.complete(parser, shell)
    return made.rstrip("\n")
