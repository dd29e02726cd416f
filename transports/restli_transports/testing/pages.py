"""Pages: handlers that page a collection as LinkedIn does, and as servers do that go wrong. No sockets.

    server.on("/posts/{urn}", "finder", offset_pages(posts, total=False), name="author")
    server.on("/adAccounts/{id:long}", "finder", cursor_pages(accounts, shown=is_mine), name="search")

They answer get_all and finders of a `FakeTransport`, a `RestliServer` or `Handlers`. What a program that goes through
pages must cope with, and how it is switched on:

    short pages, and empty ones in the middle    shown=...: LinkedIn cuts a page first and filters it then
    a missing total                              offset_pages(total=False)
    links that lead to an empty page at the end  offset_pages(links=True), as Rest.li does by default
    no links, and links left out                 offset_pages(links=False), offset_pages(links=None)
    a token that leads to an empty page          cursor_pages(ends_empty=True)
    the many ways to have no token               cursor_pages(last_metadata=None), or {"nextPageToken": None}
    too large a count                            max_count=..., max_page_size=...: 400
    a server that repeats itself                 stuck_at=...
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias, overload

from restli_core.bodies import strict_dumps
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpResponse
from restli_core.server import Collection, Invocation, Refusal, respond
from restli_transports.testing.one_by_one import Handler  # noqa: TC001 - for typing.get_type_hints

__all__ = ["cursor_pages", "generated", "offset_pages"]

Element: TypeAlias = Mapping[str, Any]
Elements: TypeAlias = Sequence[Element] | Callable[[Invocation], Sequence[Element]]

DEFAULT_PAGE_SIZE: Final = 100
MAX_PAGE_SIZE: Final = 1000
NO_METADATA: Final[Mapping[str, Any]] = MappingProxyType({})

_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_TOKEN_PREFIX: Final = b"from?"  # of which Base64 makes a text with + / or = in it: it must be encoded, once


class _Generated(Sequence[Element]):
    """Elements that are made when they are asked for."""

    def __init__(self, size: int, make: Callable[[int], Element]) -> None:
        self._indexes = range(size)
        self._make = make

    def __len__(self) -> int:
        return len(self._indexes)

    @overload
    def __getitem__(self, index: int) -> Element: ...
    @overload
    def __getitem__(self, index: slice) -> list[Element]: ...
    def __getitem__(self, index: int | slice) -> Element | list[Element]:
        found = self._indexes[index]
        return self._make(found) if isinstance(found, int) else [self._make(one) for one in found]


def generated(size: int, make: Callable[[int], Element]) -> Sequence[Element]:
    """Return a sequence of elements that are made when they are asked for: a large collection without the memory.

    Args:
        size: how many there are.
        make: makes one of its index, from 0 on.

    Raises:
        InvalidCallError: the size is not a number from 0 on, or `make` is not a function.
    """
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise InvalidCallError("size", "must be a number of elements, 0 or above")
    if not callable(make):
        raise InvalidCallError("make", "must be a function of an index")
    return _Generated(size, make)


def offset_pages(
    elements: Elements,
    *,
    total: bool = True,
    links: bool | None = True,
    max_count: int = MAX_PAGE_SIZE,
    shown: Callable[[Element], bool] | None = None,
    stuck_at: int | None = None,
) -> Handler:
    """Return a handler that pages by an offset: by the parameters ``start`` (0) and ``count`` (10).

    Args:
        elements: all elements; or a function that returns them for an invocation.
        total: whether the answer says how many there are, those that are not shown among them.
        links: whether it has links. With True there is a link to the next page wherever a page was full, even at the
            end, and it is relative; with False ``links`` is empty; with None it is left out.
        max_count: the largest count; a larger one is refused with 400.
        shown: which elements are shown. The others are taken out of a page after it has been cut, so that it is
            shorter than its count, and perhaps empty.
        stuck_at: from this index on, all pages have the elements from there: the server repeats itself.

    Raises:
        InvalidCallError: the elements are not a sequence, nor a function.
    """
    _check_elements(elements)

    def answer(invocation: Invocation) -> Any:
        start, count = invocation.start, invocation.count
        if count > max_count:
            raise Refusal(400, f"Specified count is larger than {max_count}")
        every = _elements_for(elements, invocation)
        first = start if stuck_at is None else min(start, stuck_at)
        cut = every[first : first + count]
        page = Collection(
            _only(cut, shown),
            len(every) if total else None,
            links=_links(invocation, is_full=0 < len(cut) == count) if links else [],
        )
        return page if links is not None else _without_links(respond(invocation, page))

    return answer


def cursor_pages(
    elements: Elements,
    *,
    page_size: int = DEFAULT_PAGE_SIZE,
    max_page_size: int = MAX_PAGE_SIZE,
    max_unpaged: int = MAX_PAGE_SIZE,
    shown: Callable[[Element], bool] | None = None,
    last_metadata: Mapping[str, Any] | None = NO_METADATA,
    ends_empty: bool = False,
    stuck_at: int | None = None,
) -> Handler:
    """Return a handler that pages by a cursor: by the parameters ``pageSize`` and ``pageToken``.

    Args:
        elements: all elements; or a function that returns them for an invocation.
        page_size: the size of a page where the caller gives none.
        max_page_size: the largest size; a larger one is refused with 400.
        max_unpaged: how many elements there may be at most for a caller who gives neither parameter; more are refused
            with 400, as LinkedIn does.
        shown: which elements are shown, as for `offset_pages`.
        last_metadata: the metadata of the last page: empty, None for none, or with a ``nextPageToken`` that is null or
            empty.
        ends_empty: whether the last page with elements has a token, which leads to a page without any.
        stuck_at: the token for the page from this index on leads to itself: the server repeats itself.

    Raises:
        InvalidCallError: the elements are not a sequence, nor a function.
    """
    _check_elements(elements)

    def answer(invocation: Invocation) -> Collection:
        every = _elements_for(elements, invocation)
        asked = invocation.params
        if not {"pageSize", "pageToken"} & asked.keys() and len(every) > max_unpaged:
            raise Refusal(400, "Request would return too many entities. ")
        size = _read_size(asked.get("pageSize", str(page_size)), max_page_size)
        start = _read_token(asked["pageToken"]) if "pageToken" in asked else 0
        end = start + size
        if stuck_at is not None and start <= stuck_at < end:
            end = stuck_at
        is_last = start >= len(every) if ends_empty else end >= len(every)
        cut = every[start : max(end, start + 1)]
        metadata = last_metadata if is_last else {"nextPageToken": _token(end)}
        return Collection(_only(cut, shown), metadata=metadata, links=[])

    return answer


def _check_elements(elements: Elements) -> None:
    if isinstance(elements, str | bytes) or not (isinstance(elements, Sequence) or callable(elements)):
        reason = f"must be a list, or a function of the invocation, not {type(elements).__name__}"
        raise InvalidCallError("elements", reason)


def _elements_for(elements: Elements, invocation: Invocation) -> Sequence[Element]:
    return elements(invocation) if callable(elements) else elements


def _only(cut: Sequence[Element], shown: Callable[[Element], bool] | None) -> list[Element]:
    return [element for element in cut if shown is None or shown(element)]


def _links(invocation: Invocation, *, is_full: bool) -> list[dict[str, str]]:
    """Return the links of a page: as Rest.li's server makes them where pages are filtered after they have been cut.

    The next page begins at start + count then, however short this one is (CollectionResult.PageIncrement.FIXED).
    """
    start, count = invocation.start, invocation.count
    starts = {"prev": max(start - count, 0)} if start else {}
    if is_full:
        starts["next"] = start + count
    others = [one for one in invocation.query.split("&") if one.partition("=")[0] not in {"start", "count", ""}]
    return [
        {
            "rel": rel,
            "type": "application/json",
            "href": f"{invocation.path}?{'&'.join([*others, f'start={to}', f'count={count}'])}",
        }
        for rel, to in starts.items()
    ]


def _without_links(response: HttpResponse) -> HttpResponse:
    """Return the answer without ``paging.links``, which Rest.li's own server always writes."""
    document = json.loads(response.body)
    document["paging"].pop("links", None)
    return HttpResponse(response.status_code, response.headers, strict_dumps(document))


def _read_size(given: Any, most: int) -> int:
    """Return the size of a page."""
    if not isinstance(given, str) or not _NUMBER.fullmatch(given) or int(given) < 1:
        raise Refusal(400, "Invalid value for the parameter pageSize: a number is expected", code="PARAM_INVALID")
    if int(given) > most:
        raise Refusal(400, f"Specified pageSize is larger than {most}", code="PARAM_INVALID")
    return int(given)


def _token(start: int) -> str:
    """Return the token for the page from this index on."""
    return b64encode(_TOKEN_PREFIX + str(start).encode()).decode()


def _read_token(given: Any) -> int:
    """Return the index that a token is for; one that was never given is refused, as one is that was encoded twice."""
    try:
        text = b64decode(given, validate=True).removeprefix(_TOKEN_PREFIX).decode("ascii")
        start = int(text) if _NUMBER.fullmatch(text) else -1
    except (TypeError, ValueError):
        start = -1
    if start < 0 or _token(start) != given:
        raise Refusal(400, "Invalid value for the parameter pageToken", code="PARAM_INVALID")
    return start
