"""Strategies for what a server answers to a call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from hypothesis import strategies as st

from restli_core.errors import InvalidCallError, InvalidResponseError
from restli_core.keys import canonical_key
from restli_core.messages import HttpResponse
from restli_core.server import Collection, Created, Invocation, Refusal, read, respond
from restli_transports.testing.strategies.documents import documents
from restli_transports.testing.strategies.values import choice, texts

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from restli_core.calls import Call

__all__ = ["AnswerKind", "http_responses"]

AnswerKind: TypeAlias = Literal["good", "per-key errors", "service errors", "broken"]


def http_responses(call: Call[Any], kind: AnswerKind | None = None) -> SearchStrategy[HttpResponse]:
    """Generate answers of a server to a call.

    Law: ``call.parse(response)`` returns an answer for ``"good"`` and ``"per-key errors"``, and raises `ServiceError`
    for ``"service errors"``; for ``"broken"`` it does one of these or raises `InvalidResponseError`, and nothing else.
    Shrinks, of one kind, to the answer with the fewest entities; of all kinds, where any answer fails, to one that
    takes few draws: that with the fewest entities, or a gateway's page.

    Args:
        call: the call that is answered, such as one of `calls`.
        kind: ``"good"``; ``"per-key errors"``, in which each id of a batch may have an error (other methods: good);
            ``"service errors"``, a status of 300 or more, with Rest.li's document or a gateway's page; ``"broken"``, a
            good or refused answer that was cut or changed on its way, or one of any make. By default all of them.

    Raises:
        InvalidCallError: the call is not one that a Rest.li server reads; or there is no such kind.
    """
    good = _answers(call, st.nothing())
    kinds: dict[AnswerKind, SearchStrategy[HttpResponse]] = {
        "good": good,
        "per-key errors": _answers(call, _REFUSALS),
        "service errors": _SERVICE_ERRORS,
        "broken": st.builds(_damaged, good | _SERVICE_ERRORS, st.integers(0, 200), st.sampled_from(_DAMAGES))
        | _OF_ANY_MAKE,
    }
    return st.one_of(*kinds.values()) if kind is None else choice("kind", kind, kinds)


def _invocation(call: object) -> Invocation:
    """Return what a server reads in a call."""
    try:
        # Without its masks: a document of any form has no meaning for some, which a server answers with a 500.
        return replace(read(call.request), fields=None, metadata_fields=None, paging_fields=None)  # type: ignore[attr-defined]
    except (AttributeError, Refusal) as error:
        raise InvalidCallError("call", f"is not a call that a Rest.li server reads: {error}") from error


def _answers(call: Call[Any], errors: SearchStrategy[Any]) -> SearchStrategy[HttpResponse]:
    """Generate what a handler's results become; `errors` are drawn for the items of batches."""
    invocation = _invocation(call)
    if invocation.method == "batch_finder":
        invocation = replace(invocation, params={"criteria": _criteria(call, invocation)})
    return _RESULTS[invocation.method](invocation, errors).map(lambda result: respond(invocation, result))


def _criteria(call: Call[Any], invocation: Invocation) -> list[Any]:
    """Return the criteria of a batch finder: the list that the call expects as many answers to.

    A request does not say which of its parameters they are, since a server's declaration does.
    """
    reader: Any = call.reader
    while hasattr(reader, "reader"):
        reader = reader.reader  # of a mapped call, whose answer may be anything
    lists = [value for value in invocation.params.values() if isinstance(value, list)]
    for value in lists:
        with suppress(InvalidResponseError):
            answer = reader(call.request, respond(invocation, [Collection([])] * len(value)), json.loads)
            if answer.mismatch is None:
                return value
    return lists[0]


_STATUSES: Final = st.sampled_from([404, 400, 401, 403, 409, 412, 422, 429, 500, 503]) | st.integers(400, 599)
_ERROR_FIELDS: Final[SearchStrategy[dict[str, Any]]] = st.fixed_dictionaries(
    {}, optional={"code": texts(), "serviceErrorCode": st.integers(0, 70000)}
)
_REFUSALS: Final = st.builds(
    lambda status, message, fields: Refusal(status, message, **fields), _STATUSES, texts(), _ERROR_FIELDS
)
# What stands between client and server answers without knowing Rest.li.
_GATEWAY_PAGES: Final = (
    HttpResponse(502, {"Content-Type": "text/plain"}, b"no healthy upstream"),
    HttpResponse(503, {"Content-Type": "text/html"}, b"<html><title>Service Unavailable</title></html>"),
    HttpResponse(429, {"Retry-After": "120"}, b""),
    HttpResponse(401, {}, b""),
    HttpResponse(302, {"Location": "https://www.example.com/login"}, b""),
)
_SERVICE_ERRORS: Final = _REFUSALS.map(lambda refusal: refusal.response) | st.sampled_from(_GATEWAY_PAGES)


def _rows(invocation: Invocation, errors: SearchStrategy[Any]) -> SearchStrategy[Any]:
    # Two ids that differ in their $params alone have one row.
    keys = [*map(canonical_key, invocation.ids)]
    distinct = [*dict.fromkeys(keys)]
    rows = st.lists(documents() | errors, min_size=len(distinct), max_size=len(distinct))
    return rows.map(lambda items: [items[distinct.index(key)] for key in keys])


_PAGES: Final = st.builds(
    Collection, st.lists(documents(), max_size=3), st.none() | st.integers(0, 99), st.none() | documents()
)


def _pages(_invocation: Invocation, _errors: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return _PAGES


def _pages_of_criteria(invocation: Invocation, errors: SearchStrategy[Any]) -> SearchStrategy[Any]:
    count = len(invocation.params["criteria"])
    return st.lists(_pages(invocation, errors) | errors, min_size=count, max_size=count)


_CREATED: Final = st.builds(Created, st.integers(1, 10**12) | texts().filter(bool), documents())


def _created(_invocation: Invocation, _errors: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return _CREATED


def _all_created(invocation: Invocation, errors: SearchStrategy[Any]) -> SearchStrategy[Any]:
    count = len(invocation.entities)
    return st.lists(_created(invocation, errors) | errors, min_size=count, max_size=count)


def _entity(_invocation: Invocation, _errors: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return documents()


_ACTION_VALUES: Final = st.one_of(st.none(), documents(), st.lists(documents(), max_size=2), texts(), st.integers())


def _value(_invocation: Invocation, _errors: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return _ACTION_VALUES


_RESULTS: Final[Mapping[str, Callable[[Invocation, SearchStrategy[Any]], SearchStrategy[Any]]]] = {
    "get": _entity,
    "batch_get": _rows,
    "get_all": _pages,
    "finder": _pages,
    "batch_finder": _pages_of_criteria,
    "create": _created,
    "batch_create": _all_created,
    "update": _entity,
    "batch_update": _rows,
    "partial_update": _entity,
    "batch_partial_update": _rows,
    "delete": _entity,
    "batch_delete": _rows,
    "action": _value,
}

# -- broken ones -------------------------------------------------------------------------------------------------------

_Damage: TypeAlias = Callable[[bytes, int], bytes]

# What happens to a body on its way, or in a server that is wrong about its own protocol.
_DAMAGES: Final[tuple[_Damage, ...]] = (
    lambda body, place: body[: place % (len(body) + 1)],
    *[
        lambda body, place, inserted=inserted: body[:place] + inserted + body[place:]
        for inserted in (b"\xff", b"\xc3", b'"', b"\\ud800", b"9" * 5000, b"[" * 2000)
    ],
    lambda body, place: body[:place] + body[place + 1 :],
    lambda body, place: body[:place] + b"1e999" + body[place + 3 :],
    lambda _body, _place: b"null",
    lambda _body, _place: b"[]",
    lambda _body, _place: b"<html></html>",
    lambda body, _place: body.replace(b"{", b"[").replace(b"}", b"]"),
    lambda body, _place: body + body,
    lambda _body, place: json.dumps({"elements": None, "results": [], "errors": place, "value": {}}).encode(),
    lambda _body, _place: b'{"elements": [NaN], "results": {"1": 1e999}}',
)


def _damaged(response: HttpResponse, place: int, damage: _Damage) -> HttpResponse:
    return HttpResponse(response.status_code, response.headers, damage(response.body, place))


# The names that answers have, and keys as a server may write them, well or not.
_MEMBERS: Final = (
    *("results", "statuses", "errors", "elements", "paging", "metadata", "entity", "error", "status", "id", "location"),
    *("isError", "value", "start", "count", "total", "links", "message", "serviceErrorCode", "code", "errorDetails"),
    "requestId",
)
_WIRE_KEYS: Final = ("1", "2", "(a:1)", "(b:x,a:1)", "%31", "urn%3Ali%3Ax%3A1", "(a:\ud800)", "(a", "''", "(", "%zz(")
_JSON_OF_ANY_MAKE: Final[SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(_MEMBERS) | st.sampled_from(_WIRE_KEYS) | texts(), children, max_size=4)
    ),
    max_leaves=20,
)
_FIELDS_OF_ANY_MAKE: Final = st.lists(
    st.tuples(
        st.sampled_from(["Retry-After", "Date", "X-RestLi-Id", "Location", "X-LI-UUID", "Content-Type"])
        | st.text(max_size=4),
        st.sampled_from(["Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "120", "(a:1)"])
        | st.text(max_size=8),
    ),
    max_size=4,
)
_OF_ANY_MAKE: Final = st.builds(
    HttpResponse,
    st.sampled_from([200, 201, 204, 400, 401, 426, 429, 500]) | st.integers(100, 999),
    _FIELDS_OF_ANY_MAKE,
    _JSON_OF_ANY_MAKE.map(json.dumps).map(str.encode) | st.binary(max_size=40),
)
