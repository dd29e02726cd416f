"""Inputs: how values are written on a command line.

    source  = "-" / "@-"        standard input
            / "@" FILE          what is in a file
            / TEXT              itself
    named   = NAME "=" source   the value is text
            / NAME ":=" source  the value is JSON, or Rest.li text, as documentation and URLs have it
    json    = JSON / "(" ... ")" / "List(" ... ")"

No JSON begins with ``(`` or ``List(``, so the two cannot be confused. The numbers in keys and parameters go out as the
text that they are: ``id=5`` and ``id:=5`` say the same there; in a body they do not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from restli_core.base_errors import DecodeError
from restli_core.command_line.usage import UsageError
from restli_core.encoding import decode

if TYPE_CHECKING:
    from restli_core.command_line.console import Console

__all__ = ["ids_of", "json_value", "json_values", "named_values"]

_RESTLI_TEXT: Final = ("(", "List(")


def json_value(text: str, what: str, cure: str = "") -> Any:
    """Return the value that a text of JSON is, or of Rest.li.

    Args:
        text: the text.
        what: how an error names it.
        cure: what an error ends with, after a semicolon.

    Raises:
        UsageError: it is neither.
    """
    stripped = text.strip()
    if stripped.startswith(_RESTLI_TEXT):
        try:
            return decode(stripped)
        except DecodeError as error:
            raise UsageError(f"{what}: is not Rest.li text: {error}") from None
    try:
        return json.loads(stripped, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        reason = f"{error.msg}, at line {error.lineno} column {error.colno}" if stripped else "it is empty"
    except ValueError as error:  # a number of more digits than Python converts, or a word that is none
        reason = str(error)
    except RecursionError:
        reason = "it is nested too deeply"
    raise UsageError(f"{what}: is not JSON: {reason}{cure and f'; {cure}'}")


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not a number of JSON")


def json_values(text: str, what: str) -> list[Any]:
    """Return the items of a list of JSON, or of lines that are one value of JSON each.

    Raises:
        UsageError: it is neither.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        value = json_value(text, what)
    except UsageError:
        if len(lines) < 2:
            raise
        return [json_value(line, f"{what}, line {number}") for number, line in enumerate(lines, 1)]
    return value if isinstance(value, list) else [value]


def named_values(texts: Iterable[str], option: str, console: Console) -> dict[str, Any]:
    """Return the values that ``NAME=VALUE`` and ``NAME:=JSON`` give, by their names.

    Args:
        texts: what stands after the option, each time.
        option: the option, as an error names it.
        console: where a value may be read from.

    Raises:
        UsageError: one of them is of another form, comes twice, or cannot be read.
    """
    values: dict[str, Any] = {}
    for given in texts:
        name, mark, source = given.partition("=")
        is_json = name.endswith(":")
        name = name.removesuffix(":")
        if not mark or not name:
            raise UsageError(f"{option}: must be NAME=VALUE, or NAME:=JSON, not {given[:40]!r}")
        if name in values:
            raise UsageError(f'{option} {name}: is given twice; a list is {name}:=\'["a", "b"]\'')
        what = f"{option} {name}"
        # A value that is "-" may be meant; for standard input, there is "@-".
        text = source if source == "-" else console.bare_text(source, what)
        quoted = f"text is {name}=..., without the colon"
        values[name] = json_value(text, what, quoted) if is_json else text
    return values


def ids_of(sources: Sequence[str], console: Console) -> list[Any]:
    """Return the ids that are given: each is text; ``:=JSON`` a complex key; a file, or ``-``, has one on each line.

    Raises:
        UsageError: one of them cannot be read.
    """
    found: list[Any] = []
    for source in sources or ["-"]:
        if source.startswith(":="):
            value = json_value(source[2:], "--ids")
            found += value if isinstance(value, list) else [value]
        elif source == "-" or source.startswith("@"):
            lines = console.text(source, "--ids").splitlines()
            found += [_id_of(line.strip(), number) for number, line in enumerate(lines, 1) if line.strip()]
        else:
            found.append(_checked_id(source))
    return found


_LISTED: Final = re.compile(r"[0-9]+(?:,[0-9]+)+|List\(.*\)", re.DOTALL)


def _checked_id(text: str) -> str:
    """Return an id, which must not be a list of them."""
    if _LISTED.fullmatch(text) is None:
        return text
    items = text.removeprefix("List(").removesuffix(")").replace(",", " ")
    raise UsageError(f"--ids: is a list in one id: put spaces between the ids, --ids {items[:40]}")


def _id_of(line: str, number: int) -> Any:
    """Return the id on a line: an object of JSON is a complex key, anything else is text."""
    return json_value(line, f"--ids, line {number}") if line.startswith("{") else line
