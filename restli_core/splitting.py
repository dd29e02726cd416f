"""Splitting: the request of a batch is cut into requests for some of its items, which together say what it says.

    ids=List(id,id)               batch_get, batch_update, batch_partial_update, batch_delete: each id once
    name=List(criteria,criteria)  batch_finder
    {"entities":{key:entity}}     the body of batch_update and batch_partial_update, in any order
    {"elements":[entity]}         the body of batch_create

Items are counted from 0 on, in the order of the caller. The text of a list in a query is cut at its own commas, and the
bytes of each entity go out as they were written: nothing is parsed and written anew, so that a number keeps its digits.
JSON is cut at its brackets; strings are passed over, so that nothing recurses, however deep an entity is.

A request out of a tunnel goes back into one. What made it need the tunnel (`tunnel_above`) is not known any more; and a
caller may want the tunnel for any query, so that no id is in the log of a proxy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NoReturn

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.encoding import encode
from restli_core.keys import body_keys
from restli_core.messages import HttpRequest
from restli_core.methods import METHODS
from restli_core.patterns import lazy_pattern
from restli_core.responses.parsing import BatchCreateParser, BatchFinderParser, KeyedParser
from restli_core.tunnelling import is_tunnelled, tunnel, untunnel

__all__ = ["BatchParser", "BatchRequest", "items_of"]

BatchParser = KeyedParser | BatchCreateParser | BatchFinderParser

_SPACE: Final = r"[ \t\n\r]*+"
# By the shape of a body, what stands before its first entity, and after its last one.
_AROUND: Final[Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]]] = MappingProxyType(
    {
        shape: (
            lazy_pattern(rf'{_SPACE}\{{{_SPACE}"{name}"{_SPACE}:{_SPACE}{opening}{_SPACE}'),
            lazy_pattern(rf"{_SPACE}{closing}{_SPACE}\}}{_SPACE}"),
        )
        for shape, name, opening, closing in (
            ("entities", "entities", r"\{", r"\}"),
            ("patches", "entities", r"\{", r"\}"),
            ("elements", "elements", r"\[", r"\]"),
        )
    }
)
_KEY: Final = lazy_pattern(rf'("(?:[^"\\]++|\\.)*+"){_SPACE}:{_SPACE}', re.DOTALL)
_COMMA: Final = lazy_pattern(rf"{_SPACE},{_SPACE}")
# Up to the next bracket outside of strings, which are passed over as a whole.
_TO_BRACKET: Final = lazy_pattern(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)


def items_of(parser: object) -> Sequence[Any] | None:
    """Return the ids of a batch; of batch_create and batch_finder the places from 0 on; None for any other method.

    Args:
        parser: what reads the answer of the call.
    """
    if isinstance(parser, KeyedParser):
        return parser.ids
    return range(parser.count) if isinstance(parser, BatchCreateParser | BatchFinderParser) else None


class BatchRequest:
    """The request of a batch, cut into the texts of its items.

    Args:
        method: the name of the batch method.
        request: the request of a call.
        parser: what reads its answer.

    Raises:
        InvalidCallError: it cannot be cut: the caller's own `dumps` has written something else than JSON, or the
            request is another one than the function made.

    Attributes:
        sizes: the bytes that each item takes, in the URL and in the body.
        fixed_size: the bytes of all else in the two.
    """

    def __init__(self, method: str, request: HttpRequest, parser: BatchParser) -> None:
        self._parser = parser
        self._is_tunnelled = is_tunnelled(request)
        try:
            self._request = untunnel(request)
        except DecodeError as error:
            # Not chained, since the error has the body in it.
            raise InvalidCallError("call", f"cannot be split: its tunnel cannot be read ({error.reason})") from None
        items = items_of(parser) or ()
        # Of an item that has no text in the query, or no entity in the body, it is empty.
        self._texts = self._entities = [""] * len(items)
        self._before, self._after = self._request.url, ""
        parameter = "ids" if isinstance(parser, KeyedParser) else getattr(parser, "parameter", "")
        if parameter:
            self._before, listed, self._after = _around_parameter(self._request.url, parameter)
            # The ids are written as the function wrote them: the query has each of them once, the caller maybe twice.
            self._texts = _cut_list(encode(parser.ids, "ids") if isinstance(parser, KeyedParser) else listed)
        self._head = self._tail = ""
        shape = METHODS[method].body
        if shape is not None:
            # As Latin-1, in which each byte is a character: what JSON is cut at is ASCII, also in UTF-8.
            text = self._request.body.decode("latin-1")
            keys = body_keys(parser.ids, "ids") if isinstance(parser, KeyedParser) else None
            self._head, self._entities, self._tail = _cut_body(text, shape, keys)
        if not len(self._texts) == len(self._entities) == len(items):
            _refuse(f"it has not as many items as ids or the like ({len(items)})")
        self.sizes: list[int] = [
            len(text) + len(entity) + 2 for text, entity in zip(self._texts, self._entities, strict=True)
        ]
        whole, plain = len(request.url) + len(request.body), len(self._request.url) + len(self._request.body)
        in_tunnel = whole - plain  # what the tunnel takes by itself, whatever is in it
        around = (self._before, "List()" if parameter else "", self._after, self._head, self._tail)
        self.fixed_size: int = sum(map(len, around)) + in_tunnel

    def part(self, places: Sequence[int]) -> tuple[HttpRequest, Any]:
        """Return the request for some of the items, and what reads its answer.

        Args:
            places: which items.
        """
        texts, parser = [self._texts[place] for place in places], self._parser
        url, body, made = self._before, b"", parser
        if isinstance(parser, KeyedParser):
            made = type(parser)(tuple([parser.ids[place] for place in places]))
            texts = [*dict.fromkeys(texts)]  # each id once
        elif isinstance(parser, BatchFinderParser):
            made = BatchFinderParser(len(places), parser.parameter)
        else:
            made = BatchCreateParser(len(places))
        if not isinstance(parser, BatchCreateParser):
            url = f"{self._before}List({','.join(texts)}){self._after}"
        if self._head:
            entities = ",".join([self._entities[place] for place in places])
            body = f"{self._head}{entities}{self._tail}".encode("latin-1")
        request = HttpRequest(self._request.method, url, self._request.headers, body)
        return tunnel(request) if self._is_tunnelled else request, made


def _refuse(reason: str) -> NoReturn:
    raise InvalidCallError("call", f"cannot be split: {reason}")


def _around_parameter(url: str, name: str) -> tuple[str, str, str]:
    """Return the URL before the value of a parameter, which is a list, the value, and the URL after it."""
    found = re.search(rf"[?&]{re.escape(name)}=(List\([^&]*\))(?=&|\Z)", url)
    if found is None:
        _refuse(f"its URL has no list {name}")
    return url[: found.start(1)], found[1], url[found.end(1) :]


def _cut_list(text: str) -> list[str]:
    """Return the texts of the items of a list in a query, in which what is not structure is escaped."""
    inside = text[len("List(") : -1]
    if "(" not in inside:  # as in most: scalars
        return inside.split(",") if inside else []
    pieces: list[str] = []
    start = depth = 0
    for mark in re.finditer(r"[(),]", inside):
        if mark[0] != ",":
            depth += 1 if mark[0] == "(" else -1
        elif depth == 0:
            pieces.append(inside[start : mark.start()])
            start = mark.end()
    return [*pieces, inside[start:]]


def _cut_body(text: str, shape: str, keys: Sequence[str] | None) -> tuple[str, list[str], str]:
    """Return a body before its first entity, the entities with their keys, and the body after the last of them.

    Args:
        text: the body.
        shape: as `restli_core.methods` names it.
        keys: the keys, in whose order the entities are returned; None where they have none.
    """
    head, tail = _AROUND[shape]
    opening = head.match(text)
    if opening is None:
        _refuse(f"its body is not the JSON of {shape}")
    entities: list[str] = []
    found: dict[str, str] = {}
    start = opening.end()
    while True:
        value = start
        key = None
        if keys is not None:
            name = _KEY.match(text, start)
            key, value = (None, start) if name is None else (_read_key(name[1]), name.end())
        end = _end_of_object(text, value)
        if end is None or (key is None) != (keys is None):
            _refuse(f"its body is not the JSON of {shape}")
        entities.append(text[start:end])
        if key is not None:
            found[key] = entities[-1]
        comma = _COMMA.match(text, end)
        if comma is None:
            break
        start = comma.end()
    closing = tail.fullmatch(text, end)
    if closing is None:
        _refuse(f"its body is not the JSON of {shape}")
    if keys is not None:
        if found.keys() != {*keys} or len(found) != len(entities):
            _refuse("the keys of its body are not its ids")
        entities = [found[key] for key in keys]
    return opening[0], entities, closing[0]


def _read_key(text: str) -> str | None:
    """Return the key that a JSON text means; None where it is none."""
    try:
        key: str = json.loads(text.encode("latin-1"))
    except ValueError:
        return None
    return key


def _end_of_object(text: str, start: int) -> int | None:
    """Return where an object that begins at `start` ends; None where there is none."""
    if not text.startswith("{", start):
        return None
    depth, position = 0, start
    while True:
        bracket = _TO_BRACKET.match(text, position)
        if bracket is None:
            return None
        depth += 1 if bracket[1] in "[{" else -1
        position = bracket.end()
        if depth == 0:
            return position
