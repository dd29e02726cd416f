"""Entry: all commands, and `main`, which runs one for the process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import PurePath
from typing import Final

from restli_core.command_line.command import run_command
from restli_core.command_line.entry import COMMANDS as COMMANDS_OF_THE_CORE
from restli_core.command_line.entry import run_process
from restli_transports.command_line.call_command import CALL
from restli_transports.command_line.completion import completion_command
from restli_transports.command_line.other_commands import LOGIN, SERVE

__all__ = ["ABOUT", "COMMANDS", "main"]

_COMMANDS: Final = (CALL, *COMMANDS_OF_THE_CORE, LOGIN, SERVE)
COMMANDS: Final = (*_COMMANDS, completion_command(_COMMANDS))

ABOUT: Final = "LinkedIn's Rest.li from the command line: calls that are sent, shown, explained and tried out."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit status.

    Args:
        arguments: what stands after the program's name; by default that of the process.
    """
    is_module = PurePath(sys.argv[0]).stem == "__main__"
    prog = "python -m restli_transports" if is_module else "restli"
    return run_process(partial(run_command, COMMANDS, prog=prog, about=ABOUT), arguments)
