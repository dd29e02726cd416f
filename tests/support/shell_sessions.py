"""Shell sessions as documentation shows them: each command is run, in this process, and printed what it prints.

    session  = *( "$ " command *( line-end output ) )      in a block of Markdown that says ``console``
    command  = "export" NAME "=" VALUE / "unset" NAME / pipe [ ">" FILE ] [ "; echo $?" ]
    pipe     = stage *( "|" stage )
    stage    = "restli" arguments / "echo" text / "head" "-"N / "cat" FILE

A line that ends with a backslash goes on in the next one. What goes to standard error is shown as a terminal shows it,
after what goes to standard output.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from restli_core.command_line.command import Command
from tests.support.command_lines import run_line

PROGRAMS = {"restli": ["restli"], "python -m restli_core": ["python", "-m", "restli_core"]}


def sessions_in(page: str) -> Iterator[tuple[str, str]]:
    """Yield the commands of all sessions of a page, each with what it prints."""
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.split("\n")
            count = 1 + next(index for index, line in enumerate(lines) if not line.endswith("\\"))
            command = "".join([line.removesuffix("\\") for line in lines[:count]])
            yield command, "\n".join(lines[count:]).rstrip("\n")


class Shell:
    """A shell that knows a few commands, with an environment that a session may change.

    Args:
        commands: those of the program.
        environ: the environment.
    """

    def __init__(self, commands: Sequence[Command], environ: dict[str, str]) -> None:
        self.commands = commands
        self.environ = environ
        self.status = 0

    def run(self, line: str) -> str:
        """Run a command line, and return what it prints."""
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            self.environ[name] = shlex.split(value)[0]
            return ""
        if line.startswith("unset "):
            del self.environ[line.removeprefix("unset ")]
            return ""
        line, shows_status, _ = line.partition("; echo $?")
        for name, value in self.environ.items():
            line = line.replace(f'"${name}"', shlex.quote(value))
        words = shlex.split(line)
        target = words.pop() if ">" in words else None
        words = [word for word in words if word != ">"]
        # The bars that are not in quotes are words of their own.
        out, err = "", ""
        while words:
            end = words.index("|") if "|" in words else len(words)
            stage, words = words[:end], words[end + 1 :]
            out, said = self._stage(stage, out)
            err += said
        if target is not None:
            Path(target).write_text(out, encoding="utf-8")
            out = ""
        return f"{out}{err}{f'{self.status}' if shows_status else ''}".rstrip("\n")

    def _stage(self, words: list[str], stdin: str) -> tuple[str, str]:
        if words[0] == "echo":
            return " ".join(words[1:]) + "\n", ""
        if words[0] == "head":
            return "".join(stdin.splitlines(keepends=True)[: int(words[1][1:])]), ""
        if words[0] == "cat":
            return Path(words[1]).read_text(encoding="utf-8"), ""
        program = next(program for program in PROGRAMS.values() if words[: len(program)] == program)
        ran = run_line(words[len(program) :], stdin.encode(), self.environ, commands=self.commands)
        self.status = ran.status
        return ran.out, ran.err
