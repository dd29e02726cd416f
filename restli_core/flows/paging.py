"""Paging: from one page of a collection to the call for the next one. Pure: nothing is sent here.

    call = calls.finder("/posts", "author", query_params={"author": urn, "count": 100})
    while call is not None:
        answer = ...                            # of the call, sent by anything
        call = next_call(call, answer)

A collection is paged by a cursor where the call has ``pageSize`` or ``pageToken``, or the answer a
``metadata.nextPageToken``; any other by an offset, ``start`` and ``count``. The next call is the same call, for another
page: nothing of the request changes but ``start`` or ``pageToken``. `PageWalk` keeps what one answer alone cannot show:
that a server repeats itself, or never ends.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Generic, TypeVar

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.building import DEFAULT_TUNNEL_ABOVE, MAX_URL
from restli_core.calls import Call, not_a_call
from restli_core.encoding import encode
from restli_core.errors import PagingError
from restli_core.frames import concealing
from restli_core.messages import HttpRequest
from restli_core.nesting import are_equal
from restli_core.patterns import lazy_pattern
from restli_core.percent import unquote, unquote_plus
from restli_core.responses import CollectionResponse, Paging
from restli_core.tunnelling import is_tunnelled, tunnel, untunnel
from restli_core.values import Value

__all__ = ["PageWalk", "next_call"]

T = TypeVar("T")

DEFAULT_COUNT: Final = 10  # elements of a page, where neither the call nor the answer says how many
MAX_INT: Final = 2**31 - 1  # of a Rest.li server's start and count; as a count it says that nothing is paged

_DIGITS: Final = lazy_pattern(r"\+?0*([0-9]{1,10})")


@concealing
def next_call(call: Call[T], answer: CollectionResponse) -> Call[T] | None:
    """Return the call for the page after this one; None where there is none.

    It has the method, headers, token, reader and name of the call, and all of its parameters but the one that says
    where the page begins. A call in a tunnel stays in one; another goes into one where its query or its URL gets too
    long. Equal arguments give equal calls.

    Where an offset ends, by the first row that applies:

    | the answer                                      | and                                  | the next page          |
    |-------------------------------------------------|--------------------------------------|------------------------|
    | any, to ``count=0``                             |                                      | none                   |
    | ``paging.links`` has a ``rel: next`` [1]        |                                      | from the link's start  |
    | ``paging.total``                                | it is more than start + count        | from start + count [2] |
    | ``paging.total``                                | it is not                            | none                   |
    | ``paging.links`` is there, if only ``[]``       |                                      | none                   |
    | nothing is said of links                        | the page is empty                    | none                   |
    | no ``paging`` at all                            | the call has no start and no count   | none: nothing is paged |
    | anything else, a short page as well             |                                      | from start + count [2] |

    Where a cursor ends:

    | the answer                                      | and                                  | the next page          |
    |-------------------------------------------------|--------------------------------------|------------------------|
    | ``metadata.nextPageToken``                      | the page may be empty                | from that token        |
    | none, null or an empty one; ``metadata: {}``    | the page may be full                 | none                   |

    A page that is shorter than its count is not the end, since LinkedIn filters elements after it has cut a page. The
    sources of the rules: LinkedIn's pages on pagination and on cursor-based pagination, and recorded answers.

    [1] Its start counts, and nothing else of it: the request never goes where a link says. A link without a start leads
    to start + count. One that leads right after the last element of a short page is followed, since a server that gives
    fewer elements than it was asked for says so there (LinkedIn's memberSnapshotData gives one a page, with a total).
    Rest.li's server writes the same by default (CollectionResult.PageIncrement.RELATIVE), and one that takes elements
    out of its pages then leads back into the same page: some come twice, which is noticed, rather than never. One link
    does not count: that of an empty page to its own start, beside a total.

    [2] The start that was asked for, and not one that the answer repeats; the count that was asked for, or that of the
    answer where the server allows less or the call has none. A server that gave more elements than that goes on after
    these. Where this is 2147483647 or more, which is the count of what is not paged, there is no next page.

    Args:
        call: the call, of get_all or a finder; mapped or not.
        answer: its answer; that of a mapped call as it is before it is mapped.

    Raises:
        PagingError: the answer leads nowhere: its token is the one that was sent, or cannot be sent, or its link does
            not lead forward.
        InvalidCallError: the call has no pages, or the answer is not one that has.
    """
    check_paged(call)
    page = _read_request(call.request)
    change = _next_parameter(page, answer, call.request)
    return None if change is None else call.with_request(_changed(call.request, page, *change))


class _Page(Value):
    """What a request asks for, as far as it matters here.

    Attributes:
        plain: the request, out of its tunnel.
        address: its URL without the query.
        pieces: its parameters: names as they are meant, and names and values as they are sent.
        start: where the page begins; None where it is not said.
        count: how many elements are wanted; None likewise.
        page_size: how many of a page by cursor; None likewise.
        token: the token of the page as it is sent; None for none.
        is_cursor: whether the call is one by cursor, whatever its answer is.
        is_cut: whether it asks for some fields only.
    """

    plain: HttpRequest
    address: str
    pieces: list[tuple[str, str, str]]
    start: int | None
    count: int | None
    page_size: int | None
    token: str | None
    is_cursor: bool
    is_cut: bool


def check_paged(call: Call[Any]) -> None:
    """Raise an InvalidCallError for a call that has no pages.

    A batch_finder has one page for each of its criteria, which end at different places: no one call is its next.
    """
    if not isinstance(call, Call):
        raise InvalidCallError("call", not_a_call(call))
    if call.method == "batch_finder":
        raise InvalidCallError("call", "batch_finder has pages of its own for each of its criteria: page with a finder")
    if call.method not in {"get_all", "finder"}:
        raise InvalidCallError("call", f"{call.method} has no pages: get_all and finder have")


# -- the request -------------------------------------------------------------------------------------------------------


def _read_request(request: HttpRequest) -> _Page:
    """Return what a request asks for."""
    try:
        plain = untunnel(request)
    except DecodeError as error:  # a request of the caller's own making
        # Not chained, since the error has the body in it.
        raise InvalidCallError("call", f"its request is not a tunnel that can be read: {error.reason}") from None
    address, _, query = plain.url.partition("#")[0].partition("?")
    pieces = []
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        if piece:
            pieces.append((unquote_plus(name), name, value))
    said = {meant: value for meant, _, value in pieces}
    return _Page(
        plain,
        address,
        pieces,
        _read_number(said.get("start", "")),
        _read_number(said.get("count", "")),
        _read_number(said.get("pageSize", "")),
        said.get("pageToken"),
        "pageSize" in said or "pageToken" in said,
        "fields" in said,
    )


def _read_number(text: str) -> int | None:
    """Return a number of elements as a query has it; None where there is none, or none that a server would take."""
    digits = _DIGITS.fullmatch(unquote(text))
    return int(digits[1]) if digits and int(digits[1]) <= MAX_INT else None


def _changed(request: HttpRequest, page: _Page, name: str, value: str) -> HttpRequest:
    """Return the request for another page, with its parameters in the order in which calls are built."""
    kept = [(own, text) for meant, own, text in page.pieces if meant != name]
    query = "&".join([f"{own}={text}" for own, text in sorted([*kept, (name, value)])])
    plain = page.plain
    changed = HttpRequest(plain.method, f"{page.address}?{query}", plain.headers, plain.body)
    # A caller who had a longer query sent as it is has raised `tunnel_above`, and the call does not say to what.
    before = len(plain.url) - len(page.address) - 1
    is_long = len(query) > DEFAULT_TUNNEL_ABOVE >= before or len(changed.url) > MAX_URL
    return tunnel(changed) if is_tunnelled(request) or is_long else changed


# -- the answer --------------------------------------------------------------------------------------------------------


def _next_parameter(page: _Page, answer: CollectionResponse, request: HttpRequest) -> tuple[str, str] | None:
    """Return the parameter by which the call for the next page differs, encoded; None where there is no next page."""
    if not isinstance(answer, CollectionResponse):
        cure = "; that of a mapped call before it is mapped: CollectionResponse is what has paging and metadata"
        raise InvalidCallError("answer", f"must be a CollectionResponse, not {type(answer).__name__}{cure}")
    token = _next_token(page, answer, request)
    if token is not None or page.is_cursor:
        return None if token is None else ("pageToken", token)
    start = _next_start(page, answer, request)
    return None if start is None else ("start", str(start))


def _next_token(page: _Page, answer: CollectionResponse, request: HttpRequest) -> str | None:
    """Return the token of the next page, encoded once; None where the answer has none."""
    metadata = answer.metadata
    if metadata is None:
        # A null is none, too. What is not an object may have had a token: to take it for the end would lose elements.
        if page.is_cursor and _member(answer.document, "metadata") is not None:
            raise PagingError(
                "the answer's metadata is not an object: whether there is another page is unknown", request
            )
        return None
    token = metadata.get("nextPageToken")
    if token is None or token == "":
        return None
    if type(token) is int and abs(token) < 10**18:
        token = str(token)
    if not isinstance(token, str):
        raise PagingError("the answer's nextPageToken is not text", request)
    try:
        encoded = encode(token, "nextPageToken")
    except InvalidCallError:  # a lone surrogate
        raise PagingError("the answer's nextPageToken is text that cannot be sent", request) from None
    if page.token is not None and (encoded == page.token or token == unquote(page.token)):
        raise PagingError("the answer's nextPageToken is the one that was sent: the server repeats itself", request)
    return encoded


def _next_start(page: _Page, answer: CollectionResponse, request: HttpRequest) -> int | None:
    """Return where the next page begins; None where there is none. The table of `next_call`, row by row."""
    paging = answer.paging or Paging(None, None, None, [])
    found, start = len(answer.elements), page.start
    if start is None:
        start = _natural(paging.start) or 0
    size = _size(page.count, _natural(paging.count))
    if page.count == 0:
        return None
    end, total = start + max(size, found), _natural(paging.total)
    link = _next_link(paging)
    if link is not None:
        to = end if link.start is None else link.start
        # Written by default: see [1].
        if found or to != start or total is None:
            if not start < to <= MAX_INT:
                raise PagingError("the answer's link to the next page does not lead forward", request)
            return to
    if total is not None:
        goes_on = end < total
    elif paging.links or isinstance(_member(_member(answer.document, "paging"), "links"), list):
        goes_on = False  # `Paging` has an empty list where there is none, too
    else:
        says_nothing = answer.paging is None and page.start is None and page.count is None
        goes_on = found > 0 and not says_nothing
    return end if goes_on and end < MAX_INT else None


def _size(asked: int | None, said: int | None) -> int:
    """Return how many elements a page has at most, by the call and by the answer."""
    if not asked or not said:
        return asked or said or DEFAULT_COUNT
    # What is not paged says so, whatever was asked.
    return said if said >= MAX_INT else min(asked, said)


class _Link(Value):
    """A link to the next page: where it begins, as far as the link says so."""

    start: int | None


def _next_link(paging: Paging) -> _Link | None:
    """Return the first link to the next page; None where there is none."""
    for link in paging.links:
        rel = link.get("rel") if isinstance(link, dict) else None
        if isinstance(rel, str) and rel.lower() == "next":
            href = link.get("href")
            if not isinstance(href, str):
                return _Link(None)
            query = href.partition("#")[0].partition("?")[2]
            starts = (piece.partition("=")[2] for piece in query.split("&") if piece.partition("=")[0] == "start")
            return _Link(_read_number(next(starts, "")))
    return None


def _natural(number: int | None) -> int | None:
    """Return a number of the server's; None for one that counts nothing."""
    return number if number is not None and number >= 0 else None


def _member(document: Any, name: str) -> Any:
    """Return a member of an object; None where it is missing, or where this is none."""
    return document.get(name) if isinstance(document, dict) else None


# -- the pages so far --------------------------------------------------------------------------------------------------

MAX_IDLE: Final = 1000
"""Pages in a row that bring nothing new. At LinkedIn's largest page, of 1,000 elements, a million elements would have
been filtered out in a row: more than any member can see of a collection."""
RECENT: Final = 64
"""Tokens that are remembered one by one."""


class PageWalk(Generic[T]):
    """A walk through the pages of a collection: where it stands, and what shows that it would never end.

        walk = PageWalk(call)
        while walk.next_call is not None:
            answer = ...                        # of walk.next_call, sent by anything
            walk.turn(answer)

    It keeps no more of 100,000 pages than of ten: the hashes of some tokens, and two pages.

    | what the server does                                   | is seen                                                 |
    |--------------------------------------------------------|---------------------------------------------------------|
    | it gives one of its last 64 tokens again               | at once                                                 |
    | it gives an older one again, and so goes in a circle   | before three times as many pages have come              |
    | it gives the same page again                           | at once; or as the next row, where pages may be alike   |
    | it gives pages without anything new, again and again   | after 1,000 of them                                     |

    Pages may be alike where the call asks for some ``fields`` only, or where all elements of a full page are alike.

    Args:
        call: the call for the first page, of get_all or a finder; mapped or not.

    Attributes:
        next_call: the call for the next page; None at the end.

    Raises:
        InvalidCallError: the call has no pages.
    """

    next_call: Call[T] | None

    def __init__(self, call: Call[T]) -> None:
        check_paged(call)
        self.next_call = call
        self._idle = 0
        self._tokens: deque[int] = deque([hash(_read_request(call.request).token)], maxlen=RECENT)
        self._before: list[Any] = []
        # Brent's: what is compared with all that comes, until a page twice as far away takes its place.
        self._marked_token: int | None = None
        self._marked_page: list[Any] = []
        self._steps, self._power = 0, 1

    @concealing
    def turn(self, answer: CollectionResponse) -> None:
        """Take the answer to the next call, and go on to the page after it.

        After an error it stands where it stood, so that the page can be asked for again.

        Args:
            answer: the answer; that of a mapped call as it is before it is mapped.

        Raises:
            PagingError: as for `next_call`; or the server repeats itself, or does not end.
            InvalidCallError: the answer is not one that has pages; or there was no next call.
        """
        call = self.next_call
        if call is None:
            raise InvalidCallError("answer", "there was no next call: it is the answer to none")
        page = _read_request(call.request)
        change = _next_parameter(page, answer, call.request)
        is_idle = not answer.elements or self._is_repeated(page, answer, call.request)
        idle = self._idle + 1 if is_idle else 0
        if change is None:
            self.next_call = None
            return
        if idle >= MAX_IDLE:
            raise PagingError(f"the last {MAX_IDLE} pages have nothing new, and there is always another", call.request)
        # The hash, since a token may be of any length; that two of them have one hash does not happen in practice.
        token = hash(change[1]) if change[0] == "pageToken" else None
        if token is not None and (token == self._marked_token or token in self._tokens):
            raise PagingError("the answer's nextPageToken was there before: the server goes in a circle", call.request)
        self.next_call = call.with_request(_changed(call.request, page, *change))
        self._idle, self._before = idle, answer.elements
        if token is not None:
            self._tokens.append(token)
        self._steps += 1
        if self._steps == self._power:
            self._steps, self._power = 0, self._power * 2
            self._marked_token, self._marked_page = token, answer.elements

    def _is_repeated(self, page: _Page, answer: CollectionResponse, request: HttpRequest) -> bool:
        """Return whether a page is like an earlier one, where pages may be alike; where they may not, raise."""
        elements = answer.elements
        if not are_equal(elements, self._before) and not are_equal(elements, self._marked_page):
            return False
        start = answer.paging and answer.paging.start
        says_another = start is not None and page.start is not None and start != page.start
        wanted = page.count if page.page_size is None else page.page_size
        is_full = wanted is None or len(elements) >= wanted
        may_be_alike = page.is_cut or (is_full and all(are_equal(elements[0], other) for other in elements[1:]))
        if says_another or not may_be_alike:
            raise PagingError("the page is one that was there before: the server repeats itself", request)
        return True
