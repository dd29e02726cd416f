"""Entry: the commands of the core, and `main`, which runs one for the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, TextIO

from restli_core.command_line.command import run_command
from restli_core.command_line.console import Console
from restli_core.command_line.linkedin_commands import VERIFY_WEBHOOK, VERSIONS
from restli_core.command_line.migration_commands import MIGRATE
from restli_core.command_line.request_commands import CURL, EXPLAIN, UNTUNNEL
from restli_core.command_line.text_commands import DECODE, ENCODE

__all__ = ["COMMANDS", "main", "run_process"]

COMMANDS: Final = (ENCODE, DECODE, EXPLAIN, CURL, UNTUNNEL, VERSIONS, VERIFY_WEBHOOK, MIGRATE)

ABOUT: Final = "LinkedIn's Rest.li from the command line: what it writes, reads and explains, without a network."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit status.

    Args:
        arguments: what stands after the program's name; by default that of the process.
    """
    return run_process(
        lambda given, console: run_command(COMMANDS, given, console, prog="python -m restli_core", about=ABOUT),
        arguments,
    )


def run_process(run: Callable[[Sequence[str], Console], int], arguments: Sequence[str] | None = None) -> int:
    """Run a command line with the console of this process, and return its exit status.

    Args:
        run: runs it.
        arguments: what stands after the program's name; by default that of the process.
    """
    status = run(sys.argv[1:] if arguments is None else arguments, Console.of_process())
    for stream in (sys.stdout, sys.stderr):
        _forget_unwritten(stream)
    return status


def _forget_unwritten(stream: TextIO | None) -> None:
    """Let what a stream could not write go nowhere, or Python would complain of it at its end, with status 120.

    docs.python.org has this for a closed pipe, as a "Note on SIGPIPE"; a full disk does the same.

    Args:
        stream: None where the program has no such stream.
    """
    if stream is None:
        return
    with suppress(ValueError):  # it is closed
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):  # it has no descriptor
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
