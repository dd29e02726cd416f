"""Command lines: one is run as a shell would run it, in this process, with a console of its own."""

from __future__ import annotations

import io
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from restli_core.command_line.command import Command, run_command
from restli_core.command_line.console import Console
from restli_core.command_line.entry import COMMANDS

TODAY = date(2026, 11, 1)


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


class Keyboard(io.BytesIO):
    """A person who types."""

    def isatty(self) -> bool:
        return True


class Encoded(io.StringIO):
    """A stream of an encoding that has not all characters."""

    encoding = "cp1252"


@dataclass(frozen=True)
class Ran:
    """What a command line did."""

    status: int
    out: str
    err: str


def console_of(
    stdin: bytes | io.BytesIO | None = b"",
    environ: Mapping[str, str] | None = None,
    stdout: io.StringIO | None = None,
    stderr: io.StringIO | None = None,
) -> Console:
    """Return a console whose standard input has these bytes, or is this stream."""
    return Console(
        io.BytesIO(stdin) if isinstance(stdin, bytes) else stdin,
        io.StringIO() if stdout is None else stdout,
        io.StringIO() if stderr is None else stderr,
        {} if environ is None else environ,
        lambda: TODAY,
    )


def run_line(
    line: str | Sequence[str],
    stdin: bytes | io.BytesIO | None = b"",
    environ: Mapping[str, str] | None = None,
    *,
    stdout: io.StringIO | None = None,
    commands: Sequence[Command] = COMMANDS,
) -> Ran:
    """Run what stands after the program's name: text, as a shell reads it, or the arguments."""
    out, err = io.StringIO() if stdout is None else stdout, io.StringIO()
    arguments = shlex.split(line) if isinstance(line, str) else line
    status = run_command(
        commands, arguments, console_of(stdin, environ, out, err), prog="restli", about="What it is about."
    )
    return Ran(status, out.getvalue(), err.getvalue())


def refused(
    line: str | Sequence[str], stdin: bytes | io.BytesIO | None = b"", environ: Mapping[str, str] | None = None
) -> str:
    """Return the one line that says what is wrong with a command line, without the program and the command."""
    ran = run_line(line, stdin, environ)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1), ran
    return ran.err.rstrip("\n").partition(": ")[2]
