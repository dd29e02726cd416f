"""An explanation: what a pasted request says, and what is wrong with it, in lines for people.

    explanation.refused   a server would refuse it: a command ends with status 1
    explanation.lines     lines of pieces (role, text), of which a terminal may colour some
    explanation.text      the same as plain text

    role     what it is
    title    the request in one line, and headings
    label    what stands at the beginning of a line, such as "Method"
    value    what stands after a label
    error    what a server refuses, and its words
    source   a part of the request, over a caret
    caret    the caret
    note     advice, what is odd, and what is left out
    python   a line of Python

What is wrong comes first, then what the request says: with all faults mended, where they can be. Long values are cut.
What cannot be taken for a request at all is an InvalidCallError of one line: status 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias
from unicodedata import category, east_asian_width

from restli_core.base_errors import InvalidCallError, printable, shorten
from restli_core.explaining.curl_commands import HIDDEN
from restli_core.explaining.faults import Diagnosis, Fault, diagnose
from restli_core.explaining.literals import Wire, plain_scalar, python_text
from restli_core.explaining.pasted import Pasted, read_pasted
from restli_core.explaining.python_calls import SECRET_HEADER, PythonCall, find_call, path_template, raw_projections
from restli_core.explaining.targets import Target, json_document, split_target, understood
from restli_core.frames import concealing
from restli_core.messages import HttpRequest  # noqa: TC001 - for typing.get_type_hints
from restli_core.methods import METHODS
from restli_core.server import Invocation, Resource  # noqa: TC001 - for typing.get_type_hints
from restli_core.urn import read_urn
from restli_core.values import Value

__all__ = ["Explanation", "Line", "explain"]

Line: TypeAlias = tuple[tuple[str, str], ...]

WIDTH: Final = 100
MAX_FAULTS: Final = 6
MAX_LINES: Final = 12  # of one value
MAX_PYTHON: Final = 200  # lines
LABEL: Final = 12  # columns


class Explanation(Value):
    """What a request says, for people.

    Attributes:
        refused: whether a server would refuse it.
        lines: the lines, each of pieces (role, text).
        python: the call in Python, an expression with ``client`` and perhaps ``Urn`` in it; of a request that a server
            refuses, the call that is right; empty where there is none.
        faults: what a server refuses.
    """

    refused: bool
    lines: tuple[Line, ...]
    python: str = ""
    faults: tuple[Fault, ...] = ()

    @property
    def text(self) -> str:
        """The lines as plain text."""
        return "\n".join("".join(text for _, text in line) for line in self.lines)


@concealing
def explain(
    text: str, resources: Iterable[str | Resource] | None = None, *, version_string: str | None = None
) -> Explanation:
    """Explain a request that somebody pastes: a URL with or without a method, a curl command, a raw HTTP request.

    A URL alone shows no headers and no body: what it has of these is taken for right. A path without a host is
    LinkedIn's. Authorization, cookies and parameters that are tokens are named, and their values are never shown.

    Args:
        text: the request.
        resources: the server's resources, as `restli_core.server.read` takes them; None where they are not known.
        version_string: the version that the call in Python has where the text shows none, ``"YYYYMM"``.

    Raises:
        InvalidCallError: the text cannot be taken for a request, or a declaration in `resources` is malformed.
    """
    pasted = read_pasted(text)
    declared = None if resources is None else [*resources]
    diagnosis = diagnose(pasted, declared)
    lines = [_title(pasted), *_fault_lines(diagnosis)]
    call: PythonCall | None = None
    failure = ""
    if diagnosis.request is not None:
        request = diagnosis.request
        invocation = understood(request, declared)
        target = split_target(request.url)
        lines += [(), *_reading_lines(pasted, diagnosis, invocation, target, is_declared=declared is not None)]
        try:
            call = find_call(_without(request, pasted.hidden), declared, version_string=version_string)
        except InvalidCallError as error:
            failure = str(error)
        notes = [*_notes(pasted, diagnosis, invocation, target, call)]
        _, _, last = path_template(invocation, target, is_declared=False)[0].rpartition("/")
        if declared is None and invocation.method in {"update", "partial_update", "delete"} and "{" not in last:
            notes.append(
                f"the path ends in a name: unless {last} is a simple resource, a server answers 400, "
                f"Method '{request.method}' is not supported for URI"
            )
        lines += _note_lines(notes)
    else:
        lines += _note_lines(_notes_of_paste(pasted))
    lines += _python_lines(call, failure, refused=diagnosis.refused)
    return Explanation(diagnosis.refused, tuple(lines), call.source if call else "", diagnosis.faults)


def _without(request: HttpRequest, names: tuple[str, ...]) -> HttpRequest:
    """Return a request without some parameters."""
    address, mark, query = request.url.partition("?")
    pieces = [piece for piece in query.split("&") if piece.partition("=")[0] not in names]
    left = "&".join(pieces)
    return request.__replace__(url=f"{address}{mark if left else ''}{left}")


def _one_line(text: str, limit: int = WIDTH - LABEL) -> str:
    """Return a text on one line, cut in its middle where it is long."""
    line = printable(shorten(text, 4 * limit), 5 * limit)
    half = (limit - 3) // 2
    return line if len(line) <= limit else f"{line[:half]}...{line[-half:]}"


def _title(pasted: Pasted) -> Line:
    target = split_target(pasted.url)
    address = f"{target.host}{target.prefix}{target.path}"
    method = f"{pasted.method} " if pasted.method else ""
    return (("title", f"{method}{_one_line(address)}"),)


# -- faults ------------------------------------------------------------------------------------------------------------


def _fault_lines(diagnosis: Diagnosis) -> Iterator[Line]:
    """Yield what a server refuses, each with its place."""
    for fault in diagnosis.faults[:MAX_FAULTS]:
        yield ()
        who = "LinkedIn" if fault.is_linkedins else "Refused"
        yield (("error", f"{who}: {_one_line(fault.says, 2 * WIDTH)}"),)
        if fault.source:
            shown, position = _window(fault.source, fault.position)
            yield (("source", f"  {shown}"),)
            yield (("caret", f"  {' ' * position}^"),)
        yield (("label", "  Why:   "), ("value", _one_line(fault.why, 2 * WIDTH)))
        if fault.cure:
            yield (("label", "  Write: "), ("value", _one_line(fault.cure, 4 * WIDTH)))
    if len(diagnosis.faults) > MAX_FAULTS:
        yield (("note", f"  ... and {len(diagnosis.faults) - MAX_FAULTS} more"),)


def _window(source: str, position: int) -> tuple[str, int]:
    """Return a part of a source that fits on a line, and where the position is in it."""
    room = WIDTH - 10
    start = max(0, min(position - room // 2, len(source) - room))
    end = start + room
    part = "".join([one if one.isprintable() else "?" for one in source[start:end]])
    before = "..." if start else ""
    return f"{before}{part}{'...' if end < len(source) else ''}", len(before) + _columns(part[: position - start])


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes (Unicode Standard Annex #11, "East Asian Width")."""
    if text.isascii():
        return len(text)
    marks = {"Mn", "Me", "Cf"}  # what is drawn over the character before it, or not at all
    return sum(0 if category(one) in marks else 1 + (east_asian_width(one) in "WF") for one in text)


# -- what it says ------------------------------------------------------------------------------------------------------


def _labelled(label: str, lines: Iterable[str]) -> Iterator[Line]:
    """Yield lines of which the first has a label before it."""
    for place, line in enumerate(lines):
        yield ("label", f"{'' if place else label:{LABEL}}"), ("value", line)


def _reading_lines(
    pasted: Pasted, diagnosis: Diagnosis, invocation: Invocation, target: Target, *, is_declared: bool
) -> Iterator[Line]:
    """Yield what a request says, as a server reads it."""
    template, keys = path_template(invocation, target, is_declared=is_declared)
    named = invocation.finder or invocation.action
    method = invocation.method + (f" {_one_line(named)}" if named else "")
    yield from _labelled(
        "Method", [method + (" (in a tunnel: the query is in the body)" if diagnosis.tunnelled else "")]
    )
    yield from _labelled("Resource", [_one_line(template)])
    for place, (name, key) in enumerate(keys.items()):
        yield from _labelled("" if place else "Keys", _value_lines(name, key, _kind(key)))
    if METHODS[invocation.method].parameter == "ids":
        yield from _labelled("Ids", _value_lines("", [*invocation.ids], f"{len(invocation.ids)} ids"))
    for place, (name, value) in enumerate(invocation.params.items()):
        if place == MAX_LINES:
            yield from _labelled("", [f"... and {len(invocation.params) - place} more"])
            break
        yield from _labelled("" if place else "Parameters", _value_lines(name, value))
    if invocation.fields is not None:
        yield from _labelled("Fields", [_one_line(raw_projections(target.query)["fields"])])
    if invocation.return_entity is not None:
        yield from _labelled("Returns", ["the entity" if invocation.return_entity else "no entity"])
    yield from _header_lines(pasted)
    yield from _labelled("Body", _body_lines(pasted, invocation, diagnosis))


def _value_lines(name: str, value: Any, kind: str = "") -> list[str]:
    """Return a value under its name, on a few lines."""
    equals = f"{_one_line(name, 40)} = " if name else ""
    after = f"   ({kind})" if kind else ""
    try:
        written = python_text(Wire(value), width=WIDTH - LABEL - len(equals)).split("\n")
    except InvalidCallError:
        return [f"{equals}...   (nested very deep)"]
    shown = [_one_line(line) if not line.startswith(" ") else line[:WIDTH] for line in written[:MAX_LINES]]
    if len(written) > MAX_LINES:
        shown.append(f"... and {len(written) - MAX_LINES} more lines")
    return [f"{equals}{shown[0]}{after}", *shown[1:]]


def _kind(key: Any) -> str:
    """Return what kind of key this is."""
    if not isinstance(key, str):
        return "number" if isinstance(key, int) else "complex key"
    if read_urn(key) is not None:
        return "URN"
    return "number" if isinstance(plain_scalar(key), int) else "text"


def _header_lines(pasted: Pasted) -> Iterator[Line]:
    """Yield the header fields; of those that may be secret, the names."""
    if pasted.headers is None:
        yield from _labelled("Headers", ["not shown by a URL; it needs X-Restli-Protocol-Version: 2.0.0"])
        return
    shown: list[str] = []
    for name, value in pasted.headers:
        hidden = SECRET_HEADER.search(name) is not None
        scheme = "Bearer " if hidden and value.lower().startswith("bearer ") else ""
        shown.append(f"{name}: {f'{scheme}{HIDDEN}' if hidden else _one_line(value, 60)}")
    yield from _labelled("Headers", shown[: 2 * MAX_LINES] or ["none"])


def _body_lines(pasted: Pasted, invocation: Invocation, diagnosis: Diagnosis) -> list[str]:
    """Return what is in the body; nothing where none is wanted."""
    shape = METHODS[invocation.method].body
    if shape is None:
        return []
    if pasted.body is None or diagnosis.request is None:
        return [f"not shown; {invocation.method} has one, with {_SHAPES[shape]}"]
    document = json_document(diagnosis.request.body) or {}
    names = ", ".join(_one_line(name, 40) for name in [*document][:MAX_LINES])
    more = f" and {len(document) - MAX_LINES} more" if len(document) > MAX_LINES else ""
    return [_one_line(f"{len(diagnosis.request.body)} bytes of JSON, {_SHAPES[shape]}: {names or 'empty'}{more}")]


_SHAPES: Final = {
    "entity": "the entity",
    "elements": "the entities under elements",
    "entities": "the entities by their ids",
    "patch": "what changes under patch",
    "patches": "the patches by their ids",
    "parameters": "the action's parameters",
}


# -- notes and Python --------------------------------------------------------------------------------------------------


def _notes_of_paste(pasted: Pasted) -> Iterator[str]:
    """Yield what is odd about the text itself."""
    yield from pasted.notes
    for name in dict.fromkeys(pasted.hidden):
        yield f"{name} is in the URL: a token belongs into Authorization: Bearer; in Python, access_token"
    if pasted.headers is not None and not any(name.lower() == "authorization" for name, _ in pasted.headers):
        yield "no Authorization: LinkedIn answers 401 to a request without a token"


def _notes(
    pasted: Pasted, diagnosis: Diagnosis, invocation: Invocation, target: Target, call: PythonCall | None
) -> Iterator[str]:
    """Yield what is odd, although a server takes it."""
    yield from _notes_of_paste(pasted)
    request = diagnosis.request
    method = invocation.method
    headers = {name.lower(): value for name, value in pasted.headers or ()}
    is_open = pasted.headers is not None and "x-restli-method" not in headers
    if is_open and method in {"batch_create", "partial_update", "batch_partial_update"}:
        yield f"send X-RestLi-Method: {method.upper()}: without it a server may take the body for a new entity"
    if (
        method == "partial_update"
        and request is not None
        and pasted.body
        and "patch" not in json_document(request.body)
    ):
        yield 'the body has no "patch": a server answers 204, and changes nothing'
    kind = headers.get("content-type", "")
    if METHODS[method].body and kind.startswith("application/x-www-form-urlencoded") and not diagnosis.tunnelled:
        yield "the body goes out as a form: add the header Content-Type: application/json"
    yield from call.warnings if call is not None else ()
    twice = re.search(r"%25[0-9A-Fa-f]{2}", target.path + target.query)
    if twice is not None and (call is None or not call.warnings):
        read = twice[0].replace("%25", "%")
        yield f"{twice[0]} is an escape that is escaped once more: a server reads it as the text {read}"


def _note_lines(notes: Iterable[str]) -> Iterator[Line]:
    for place, note in enumerate(dict.fromkeys(notes)):
        if not place:
            yield ()
        yield (("note", f"Note: {_one_line(note, 2 * WIDTH)}"),)


def _python_lines(call: PythonCall | None, failure: str, *, refused: bool) -> Iterator[Line]:
    """Yield the call in Python, or why there is none."""
    yield ()
    if call is None:
        reason = f"no call of restli_core makes this request: {failure}" if failure else "mend the request first"
        yield ("title", "In Python: "), ("note", _one_line(reason, 2 * WIDTH))
        return
    yield (("title", "In Python, as it should be:" if refused else "In Python:"),)
    if "Urn(" in call.source:
        yield (("python", "from restli_core import Urn"),)
        yield ()
    written = call.source.split("\n")
    for line in written[:MAX_PYTHON]:
        yield (("python", line if len(line) <= 8 * WIDTH else _one_line(line, 8 * WIDTH)),)
    if len(written) > MAX_PYTHON:
        yield (("note", f"... and {len(written) - MAX_PYTHON} more lines"),)
