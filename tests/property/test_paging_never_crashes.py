"""Whatever a server says of its pages, a walk ends, goes on to another page, or raises a PagingError."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from hypothesis import event, given
from hypothesis import strategies as st

from restli_core import Call, HttpResponse, InvalidResponseError, PagingError, calls, next_call
from restli_core.flows import PageWalk

TOKEN = "hidden-access-token"

oddities = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        ["", "next", "a", "10", "\ud800", "?start=20", "https://evil.example/?start=20&count=1", "9" * 5000]
    )
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
queries = st.lists(st.sampled_from(["start=", "start=20", "count=5", "start=%", "&&", "?", "#", "st%61rt=7", "="])).map(
    "&".join
)
links = st.lists(
    st.fixed_dictionaries(
        {}, optional={"rel": st.just("next") | oddities, "href": queries.map("//h?".__add__) | oddities}
    )
    | oddities
)
pagings = st.fixed_dictionaries(
    {},
    optional={
        "start": st.integers(-5, 2**40) | oddities,
        "count": st.integers(-5, 2**40) | oddities,
        "total": st.integers(-5, 2**40) | oddities,
        "links": links | oddities,
    },
)
metadata = st.fixed_dictionaries({}, optional={"nextPageToken": st.sampled_from("abc") | st.text() | oddities})
documents = st.fixed_dictionaries(
    {"elements": st.lists(st.fixed_dictionaries({"id": st.integers(0, 3)}), max_size=4)},
    optional={"paging": pagings | oddities, "metadata": metadata | oddities},
)
params = st.fixed_dictionaries(
    {},
    optional={
        "start": st.integers(0, 2**31 - 1),
        "count": st.integers(0, 2**31 - 1),
        "pageSize": st.integers(1, 10),
        "pageToken": st.text(min_size=1),
        "a": st.text(),
    },
)


def asked(given_params: dict[str, Any], tunnel_above: int) -> Call[Any]:
    return calls.finder("/x", "q", query_params=given_params, access_token=TOKEN, tunnel_above=tunnel_above)


@given(params, st.sampled_from([0, 4000]), st.lists(documents, min_size=1, max_size=8))
def test_a_walk_ends_or_goes_on_or_raises_a_paging_error(
    given_params: dict[str, Any], tunnel_above: int, answers: list[Any]
) -> None:
    walk = PageWalk(asked(given_params, tunnel_above))
    for document in answers:
        call = walk.next_call
        if call is None:
            event("ended")
            break
        try:
            answer = call.parse(HttpResponse(200, {}, json.dumps(document).encode()), loads=json.loads)
        except InvalidResponseError:
            event("unreadable")
            break
        try:
            walk.turn(answer)
        except PagingError as error:
            event("PagingError")
            assert TOKEN not in f"{error}{error!r}{error.request!r}"
            assert walk.next_call is call
            break
        if walk.next_call is not None:
            event("goes on")
            assert walk.next_call == next_call(call, answer) != call
            before, after = call.request, walk.next_call.request
            assert urlsplit(after.url).netloc == urlsplit(before.url).netloc
            assert after.headers["Authorization"] == f"Bearer {TOKEN}"
            assert (walk.next_call.method, walk.next_call.name) == (call.method, call.name)
