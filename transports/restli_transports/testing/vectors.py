"""What Rest.li does, as a data set for programs in any language: one JSON file a kind of fact, an index and a schema.

    python -m restli_transports.testing.vectors --list
    python -m restli_transports.testing.vectors --export DIR

Most cases are measured on LinkedIn's own Java implementation. ``README.md`` among the files describes the form and each
member; here is what Python needs of it. A file is ``{"op", "note", "cases"}``, a case ``{"in", "ok"}`` or ``{"in",
"error"}``. JSON's numbers are integers, less than 2^53 in size. What JSON cannot say in every language is tagged:
``{"$t": "long|float|double|bytes|utf16", "v": text}``, which `untagged` undoes.
"""

from __future__ import annotations

import argparse
import base64
import difflib
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from restli_core.errors import InvalidCallError, RestliError

__all__ = ["export", "index", "load", "main", "names", "untagged"]

# In an installed package the files stand beside this module; in a checkout they are where the tests are.
_FOLDERS: Final = (Path(__file__).parent / "vector_files", Path(__file__).parents[3] / "tests" / "vectors")
_FILES_APART: Final = ("README.md", "index.json", "schema.json", "read_vectors.mjs")
_COLUMNS: Final = ("name", "op", "cases", "errors", "origin", "shows")


def index() -> dict[str, Any]:
    """Return the index: ``{"version", "files": [{"name", "op", "shows", "cases", "errors", "origin", "sha256"}]}``."""
    found: dict[str, Any] = _read("index.json")
    return found


def names() -> tuple[str, ...]:
    """Return the names that `load` takes, in the order of the index."""
    return tuple(row["name"] for row in index()["files"])


def load(name: str) -> list[dict[str, Any]]:
    """Return the cases of one file, tagged as they stand in it.

    Args:
        name: the file's name without ``.json``, such as ``"encode_query"``.

    Raises:
        InvalidCallError: for a name that is not among `names`; it says which are near.
    """
    known = names()
    if name not in known:
        near = difflib.get_close_matches(str(name), known)
        cure = f"the nearest: {', '.join(near)}" if near else f"there are: {', '.join(known)}"
        raise InvalidCallError("name", f"there are no vectors {name!r}; {cure}")
    cases: list[dict[str, Any]] = _read(f"{name}.json")["cases"]
    return cases


def untagged(value: Any) -> Any:
    """Return a vector's value as Python's: tagged scalars become int, float, bytes or str, at any depth of it."""
    if isinstance(value, dict):
        if "$t" in value:  # in no other object, the schema says
            return _TAGS[value["$t"]](value["v"])
        return {key: untagged(item) for key, item in value.items()}
    return [untagged(item) for item in value] if isinstance(value, list) else value


# Python has one type for int and long, one for float and double, and its text may hold half a surrogate pair.
_TAGS: Final[Mapping[str, Callable[[str], Any]]] = {
    "long": int,
    "float": float,
    "double": float,
    "bytes": base64.b64decode,
    "utf16": lambda digits: bytes.fromhex(digits).decode("utf-16-be", "surrogatepass"),
}


def export(folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Copy the whole data set: the vectors, the index, the schema, the README, and a program that reads them.

    Args:
        folder: where to; it is made where it is not there yet, with those above it.

    Returns:
        The files that were written.

    Raises:
        InvalidCallError: for a folder that has something in it, or that cannot be made.
        OSError: a file cannot be written.
    """
    target = Path(folder)
    # An empty text would be the current folder, and is more likely a variable that is not set.
    if not os.fspath(folder):
        raise InvalidCallError("folder", "is empty; give the path of a new folder")
    try:
        target.mkdir(parents=True, exist_ok=True)
        is_empty = next(target.iterdir(), None) is None
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = getattr(error, "strerror", None) or error
        raise InvalidCallError("folder", f"{str(folder)!r} cannot be made or read: {reason}") from error
    if not is_empty:
        raise InvalidCallError("folder", f"{str(folder)!r} is not empty; give a new or an empty one")
    written = [target / name for name in (*_FILES_APART, *(f"{name}.json" for name in names()))]
    for path in written:
        shutil.copyfile(_folder() / path.name, path)
    return tuple(written)


def main(arguments: Sequence[str] | None = None) -> int:
    """List the vectors of Rest.li, or copy them, for programs in any language.

    Args:
        arguments: what stands on the command line; by default that of the process.

    Returns:
        0; 1 where a file cannot be written, 2 for arguments that cannot be right.
    """
    parser = _Parser(prog="python -m restli_transports.testing.vectors", description=_first_line(main))
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--list", action="store_true", help="print a table of the files, with their counts")
    asked.add_argument("--export", metavar="DIR", help="copy all files into a folder that is new or empty")
    options = parser.parse_args(arguments)
    try:
        text = _table() if options.list else _exported(options.export)
    except (RestliError, OSError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2 if isinstance(error, RestliError) else 1
    sys.stdout.write(text)
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help tells more)\n")


def _first_line(function: Callable[..., Any]) -> str:
    return (function.__doc__ or "").partition("\n")[0]


def _exported(folder: str) -> str:
    return f"{len(export(folder))} files are in {folder}: {_total()}\n"


def _table() -> str:
    rows = [_COLUMNS, *(tuple(_cell(row[column]) for column in _COLUMNS) for row in index()["files"])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # Numbers to the right, under their heading.
    lines = [
        "  ".join(
            cell.rjust(width) if column in {"cases", "errors"} else cell.ljust(width)
            for column, cell, width in zip(_COLUMNS, row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, "", _total(), ""])


def _cell(value: Any) -> str:
    return str(value["kind"] if isinstance(value, dict) else value)


def _total() -> str:
    found = index()
    cases = sum(row["cases"] for row in found["files"])
    return f"{cases} cases in {len(found['files'])} files of vectors, version {found['version']}"


def _read(name: str) -> Any:
    return json.loads((_folder() / name).read_text(encoding="utf-8"))


def _folder() -> Path:
    for folder in _FOLDERS:
        if (folder / "index.json").is_file():
            return folder
    raise FileNotFoundError(f"The vectors are missing: there is no index.json in {' or '.join(map(str, _FOLDERS))}")


if __name__ == "__main__":
    sys.exit(main())
