"""Migration commands: programs that use linkedin-api-client, rewritten to use this package."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING, Final

from restli_core.base_errors import InvalidCallError
from restli_core.command_line.command import Command, Parser
from restli_core.command_line.usage import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.command_line.console import Console
    from restli_core.migrating import Migration

__all__ = ["MIGRATE"]


def _add_migrate(parser: Parser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a program in Python; - for standard input")


def _migrate(options: Namespace, console: Console) -> int:
    for name in options.files:
        migration = _migrated(name, console)
        if migration.text == migration.source:
            console.note(f"note: {name}: nothing to do")
            continue
        shown = "stdin.py" if name == "-" else name.replace("\\", "/").removeprefix("./").lstrip("/")
        console.write(migration.diff(shown).removesuffix("\n"))
        left = len(migration.todos)
        if left:
            places = "1 place is" if left == 1 else f"{left} places are"
            console.note(f"note: {name}: {places} left to do: see the comments")
    return 0


def _migrated(name: str, console: Console) -> Migration:
    from restli_core.migrating import migrate

    content = console.content("-" if name == "-" else f"@{name}", "the program")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        # A byte order mark stays in the text: it is in the lines that a diff shows.
        return migrate(content.decode(encoding.removesuffix("-sig")))
    except (SyntaxError, UnicodeDecodeError) as error:  # of the line that says the encoding; of what is not in it
        raise UsageError(f"{name}: is not a program in Python: {error}") from None
    except InvalidCallError as error:
        raise UsageError(f"{name}: {error.reason}") from None


MIGRATE: Final = Command(
    "migrate",
    "Show what changes in a program that moves here from linkedin-api-client, as a diff.",
    "Only what is mechanical is changed: imports, clients over requests, attributes of another name.\n"
    "What is left to do gets a comment, `# TODO(restli migrate): ...`. No file is written: apply the\n"
    "diff with `git apply` or `patch -p1`.",
    (
        "{prog} migrate report.py",
        "{prog} migrate report.py > migration.diff",
        "cat report.py | {prog} migrate -",
    ),
    _add_migrate,
    _migrate,
)
