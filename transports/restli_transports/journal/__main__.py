"""The calls of a journal that nobody knows the outcome of: ``python -m restli_transports.journal PATH``.

It lists them; ``--send-again N`` notes of the N-th that it was not done, so that the next run sends it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from restli_core.base_errors import RestliError
from restli_core.errors import JournalError
from restli_transports.journal.files import Journal
from restli_transports.journal.lines import read_header
from restli_transports.system import show_any_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """List what is unknown in a journal, or have one of it sent again; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m restli_transports.journal", description=main.__doc__)
    parser.add_argument("path", type=Path, help="the journal")
    parser.add_argument("--send-again", type=int, metavar="N", help="note that the N-th of the list was not done")
    options = parser.parse_args(arguments)
    show_any_text()
    try:
        with Journal(options.path, _kind_of(options.path)) as journal:
            unknown = list(journal.unknown())
            if options.send_again is None:
                for number, line in enumerate(unknown, 1):
                    print(f"{number}  {line.at}  {line.identity.what}  {line.reason}".rstrip())
                return 0
            if not 1 <= options.send_again <= len(unknown):
                parser.exit(1, f"There is no number {options.send_again} among {len(unknown)}.\n")
            journal.note("unsent", unknown[options.send_again - 1].identity, durable=True)
    except RestliError as error:
        parser.exit(1, f"{error}\n")
    return 0


def _kind_of(path: Path) -> str:
    """Return the kind of a journal; the file itself is looked at when it is opened.

    Raises:
        JournalError: there is none.
    """
    try:
        with path.open("rb") as file:
            return read_header(file.readline(1000))[1]
    except FileNotFoundError as error:
        raise JournalError(f"{path} is not there") from error
    except (OSError, ValueError) as error:
        raise JournalError(f"{path} is not a journal that can be read") from error


if __name__ == "__main__":
    sys.exit(main())
