"""Paging: where pages end, what the next call is, and what shows that a server never ends."""

from __future__ import annotations

import json
import pickle
from typing import Any
from urllib.parse import parse_qs

import pytest

import restli_core as restli
from restli_core import Call, CollectionResponse, HttpRequest, HttpResponse, InvalidCallError, PagingError, next_call
from restli_core.flows import PageWalk
from restli_core.flows.paging import MAX_IDLE, MAX_INT, RECENT
from tests.vectors import load

AUTHOR = {"author": "urn:li:organization:7"}
TOKEN = "hidden-access-token"


def asked(**params: Any) -> Call[CollectionResponse]:
    return restli.finder("/posts", "author", query_params={**AUTHOR, **params}, access_token=TOKEN)


READER = asked()


def answer(document: Any) -> CollectionResponse:
    return READER.parse(HttpResponse(200, {}, json.dumps(document).encode()))


def page(found: int, first: int = 0, **others: Any) -> CollectionResponse:
    return answer({"elements": [{"id": first + index} for index in range(found)], **others})


def paging(start: int = 0, count: int = 10, **others: Any) -> dict[str, Any]:
    return {"paging": {"start": start, "count": count, **others}}


def link(href: Any = "/rest/posts?author=a&q=author&start=10&count=10", rel: Any = "next") -> list[Any]:
    return [{"rel": rel, "type": "application/json", "href": href}]


# -- where an offset ends ----------------------------------------------------------------------------------------------

PREVIOUS = link("/rest/posts?start=0&count=10", "prev")

# As LinkedIn's page on the Member Snapshot API has it.
SNAPSHOT = "/rest/memberSnapshotData?count=10&domain=PROFILE&q=criteria&start=1"

# what was asked -> elements, and what the answer has beside them -> where the next page begins; None for the end
OFFSETS: dict[str, tuple[dict[str, Any], int, dict[str, Any], int | None]] = {
    "a link leads on": ({"count": 10}, 10, paging(links=link()), 10),
    "a link leads on before a total": ({"count": 10}, 10, paging(links=link(), total=10), 10),
    "a link leads on from an empty page": ({"count": 10}, 0, paging(links=link()), 10),
    "a link leads on from a short page": ({"count": 10}, 3, paging(links=link()), 10),
    "a link has a start of its own": ({}, 25, paging(count=25, links=link("/rest/adLibrary?q=a&start=25")), 25),
    "a link from the last element is a server's that gives less": ({"count": 10}, 3, paging(links=link("?start=3")), 3),
    "and beside a total": ({"count": 10}, 9, paging(total=42, links=link("/p?start=9")), 9),
    "whatever count is said": ({"count": 10}, 5, paging(count=10, total=12, links=link("/p?start=5")), 5),
    "and where no count was asked for": ({}, 1, paging(total=2, links=link(SNAPSHOT)), 1),
    "and at the end": ({"start": 40, "count": 10}, 1, paging(40, total=42, links=link("?start=41")), 41),
    "but on an empty page it leads to itself": ({"count": 10}, 0, paging(total=42, links=link("/p?start=0")), 10),
    "where no count was asked for, too": ({}, 0, paging(total=132, links=link("/rest/memberSnapshotData?start=0")), 10),
    "and beyond the end there is nothing": ({"start": 50}, 0, paging(50, total=42, links=link("?start=50")), None),
    "a total that is not reached": ({"count": 10}, 10, paging(total=11, links=[]), 10),
    "a total that is reached": ({"count": 10}, 10, paging(total=10, links=[]), None),
    "a total that is passed": ({"start": 10, "count": 10}, 1, paging(10, total=11, links=PREVIOUS), None),
    "a total, and a short page": ({"start": 200, "count": 50}, 49, paging(200, 50, total=420), 250),
    "a total, and an empty page": ({"start": 200, "count": 50}, 0, paging(200, 50, total=420), 250),
    "a total that counts nothing": ({"count": 10}, 10, paging(total=-1, links=[]), None),
    "links without a next one, and no total": ({"count": 10}, 10, paging(links=PREVIOUS), None),
    "no links and no total: adAnalytics": ({"count": 10}, 1500, paging(links=[]), None),
    "nothing of links, a full page": ({"count": 10}, 10, paging(), 10),
    "nothing of links, a short page": ({"count": 10}, 1, paging(), 10),
    "nothing of links, an empty page": ({"start": 20, "count": 10}, 0, paging(20), None),
    "links that are null": ({"count": 10}, 10, paging(links=None), 10),
    "nothing of paging, but it was asked for": ({"start": 0}, 10, {}, 10),
    "nothing of paging, and it was not asked for": ({}, 10, {}, None),
    "nothing in paging": ({}, 12, {"paging": {}}, 12),
    "nothing is paged": ({}, 49, paging(count=MAX_INT), None),
    "nothing is paged, whatever was asked": ({"count": 10}, 49, paging(count=MAX_INT, total=420), None),
    "all were asked for": ({"count": MAX_INT}, 49, paging(count=MAX_INT), None),
    "a count of 0": ({"count": 0}, 0, paging(count=0, total=420), None),
    "a count of 0, whatever is said": ({"count": 0}, 0, paging(count=MAX_INT, total=420, links=link()), None),
    "a count of 0 that was not asked for": ({"count": 10}, 10, paging(count=0, total=420), 10),
    "the server's count": ({}, 20, paging(count=20, total=30), 20),
    "the server allows less": ({"count": 500}, 100, paging(count=100, total=300), 100),
    "the server gives more": ({"count": 10}, 49, paging(total=50), 49),
    "no count at all": ({}, 7, {"paging": {"start": 0}}, 10),
    "the start that was asked for counts": ({"start": 30, "count": 10}, 10, paging(0, total=50), 40),
    "the answer's start, where none was asked for": ({"count": 10}, 10, paging(30, total=50), 40),
    "a start below 0": ({"count": 10}, 10, paging(-30, total=50), 10),
    "beyond the largest start": ({"start": MAX_INT - 5, "count": 10}, 10, paging(total=MAX_INT * 2), None),
}


@pytest.mark.parametrize(("params", "found", "others", "start"), OFFSETS.values(), ids=OFFSETS)
def test_an_offset_ends_by_the_first_row_that_applies(
    params: dict[str, Any], found: int, others: dict[str, Any], start: int | None
) -> None:
    following = next_call(asked(**params), page(found, **others))
    assert following == (None if start is None else asked(**{**params, "start": start}))


RECORDED = [
    pytest.param(case["in"]["target"], case["ok"]["response"]["json"], id=case["in"]["target"])
    for case in load("server_exchanges")
    if "ok" in case and "paging" in (case["ok"]["response"].get("json") or {})
]


@pytest.mark.parametrize(("target", "document"), RECORDED)
def test_it_goes_where_linkedins_own_server_leads(target: str, document: Any) -> None:
    assert len(RECORDED) > 5
    call = asked().with_request(HttpRequest("GET", f"http://127.0.0.1{target}"))
    following = next_call(call, answer(document))
    leads = [one["href"] for one in document["paging"]["links"] if one["rel"] == "next"]
    assert (following is None) == (leads == [])
    if following is not None:
        asked_for, linked = (parse_qs(url.partition("?")[2]) for url in (following.request.url, leads[0]))
        # The server's count is added by its link alone: the call goes on without one, as it began.
        assert asked_for == {name: value for name, value in linked.items() if name != "count" or "count" in target}


ODD_LINKS: dict[str, tuple[list[Any], int]] = {
    "a foreign host": (link("https://evil.example/rest/posts?start=20"), 20),
    "user information": (link("//user:password@evil.example/?start=20#start=30"), 20),
    "other parameters": (link("/x?access_token=t&start=20&q=other&pageToken=p"), 20),
    "several": (link("?start=20") + link("?start=30"), 20),
    "another case": (link("?start=20", "NEXT"), 20),
    "encoded digits": (link("?start=%32%30"), 20),
    "twice": (link("?start=20&start=30"), 20),
    "without a start": (link("/rest/posts"), 10),
    "without a number": (link("?start=ten"), 10),
    "with too large a number": (link("?start=99999999999999999999"), 10),
    "with a number of another alphabet": (link("?start=٢٠"), 10),
    "half of an escape": (link("?start=%2"), 10),
    "escaped for HTML": (link("?count=10&amp;start=20"), 10),
    "a lone surrogate": (link("?\ud800&start=20"), 20),
    "not text": (link(["?start=20"]), 10),
    "nothing": (link(None), 10),
    "no objects before it": ([None, 5, "next", [], {"rel": ["next"]}, *link("?start=20")], 20),
}


@pytest.mark.parametrize(("links", "start"), ODD_LINKS.values(), ids=ODD_LINKS)
def test_of_a_link_the_start_alone_is_read(links: list[Any], start: int) -> None:
    assert next_call(asked(count=10), page(10, **paging(links=links))) == asked(count=10, start=start)


@pytest.mark.parametrize("href", ["?start=20", "?start=0", "?start=30"])
def test_a_link_that_does_not_lead_forward_is_an_error(href: str) -> None:
    with pytest.raises(PagingError, match="does not lead forward") as raised:
        next_call(asked(start=30, count=10), page(10, **paging(30, links=link(href))))
    assert raised.value.request == asked(start=30, count=10).request.redacted()
    assert TOKEN not in f"{raised.value} {raised.value.request!r}"
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_link_that_leads_beyond_the_largest_start_is_an_error() -> None:
    with pytest.raises(PagingError):
        next_call(asked(start=MAX_INT, count=10), page(10, **paging(links=link("/x"))))


# -- where a cursor ends -----------------------------------------------------------------------------------------------

CURSORS: dict[str, tuple[dict[str, Any], int, Any, str | None]] = {
    "a token": ({"pageSize": 10}, 10, {"metadata": {"nextPageToken": "b"}}, "b"),
    "a token after a token": ({"pageSize": 10, "pageToken": "a"}, 10, {"metadata": {"nextPageToken": "b"}}, "b"),
    "a token beside links without a next one": ({}, 10, {**paging(links=[]), "metadata": {"nextPageToken": "b"}}, "b"),
    "an empty page with a token": ({"pageSize": 10}, 0, {"metadata": {"nextPageToken": "b"}}, "b"),
    "a token that must be encoded": (
        {"pageSize": 10},
        9,
        {"metadata": {"nextPageToken": "b/%2B+(:,)='é"}},
        "b/%2B+(:,)='é",
    ),
    "a token that is a number": ({"pageSize": 10}, 9, {"metadata": {"nextPageToken": 20}}, "20"),
    "a token to a call that has neither": ({}, 10, {"metadata": {"nextPageToken": "b"}}, "b"),
    "a token to a call with a count": ({"count": 10}, 10, {"metadata": {"nextPageToken": "b"}}, "b"),
    "a full page with empty metadata": ({"pageSize": 10}, 10, {"metadata": {}}, None),
    "a full page without metadata": ({"pageSize": 10}, 10, {}, None),
    "a full page with metadata that is null": ({"pageSize": 10}, 10, {"metadata": None}, None),
    "a token that is null": ({"pageToken": "a"}, 10, {"metadata": {"nextPageToken": None}}, None),
    "a token that is empty": ({"pageToken": "a"}, 10, {"metadata": {"nextPageToken": ""}}, None),
    "a total says nothing of a cursor": ({"pageSize": 10}, 10, paging(total=420, links=link()), None),
}


@pytest.mark.parametrize(("params", "found", "others", "token"), CURSORS.values(), ids=CURSORS)
def test_a_cursor_ends_without_a_token(params: dict[str, Any], found: int, others: Any, token: str | None) -> None:
    following = next_call(asked(**params), page(found, **others))
    assert following == (None if token is None else asked(**{**params, "pageToken": token}))


@pytest.mark.parametrize(
    "metadata", [[], "b", {"nextPageToken": ["b"]}, {"nextPageToken": True}, {"nextPageToken": "\ud800"}]
)
def test_a_token_that_cannot_be_read_is_not_the_end(metadata: Any) -> None:
    with pytest.raises(PagingError):
        next_call(asked(pageSize=10), page(10, metadata=metadata))


def test_a_token_of_more_digits_than_python_writes_is_an_error() -> None:
    document = {"elements": [], "metadata": {"nextPageToken": 10**5000}}
    with pytest.raises(PagingError, match="is not text"):
        next_call(READER, READER.parse(HttpResponse(200, {}, b"{}"), loads=lambda _: document))


def test_an_answer_that_was_not_read_from_json_will_do() -> None:
    def made(links: list[Any]) -> CollectionResponse:
        return CollectionResponse(HttpResponse(200), None, None, [{}], restli.Paging(0, 10, None, links), None)

    assert next_call(asked(count=10), made(PREVIOUS)) is None
    assert next_call(asked(count=10), made([])) == asked(count=10, start=10)


@pytest.mark.parametrize("token", ["a", "a b+c%2F(d):é=="])
def test_the_token_that_was_sent_is_an_error(token: str) -> None:
    with pytest.raises(PagingError, match="repeats itself"):
        next_call(asked(pageToken=token), page(10, metadata={"nextPageToken": token}))


def test_a_token_sent_in_another_spelling_is_the_same() -> None:
    call = asked(pageToken="a")
    respelled = call.with_request(HttpRequest("GET", call.request.url.replace("pageToken=a", "pageToken=%61")))
    with pytest.raises(PagingError):
        next_call(respelled, page(10, metadata={"nextPageToken": "a"}))


# -- the next call -----------------------------------------------------------------------------------------------------


def test_nothing_else_of_the_call_changes() -> None:
    options: dict[str, Any] = {
        "fields": "id,author", "access_token": TOKEN, "version_string": "202609", "headers": {"X-Region": "eu"}
    }  # fmt: skip
    params = {"b": ["(x)", "y"], "a-b": 1, "a": 1, "count": 5}
    call = restli.finder("/accounts/{id}/posts", "author", path_keys={"id": "a/b"}, query_params=params, **options)
    following = next_call(call, page(5, **paging(total=6)))
    made = restli.finder(
        "/accounts/{id}/posts", "author", path_keys={"id": "a/b"}, query_params={**params, "start": 5}, **options
    )
    assert following == made
    assert following is not None
    assert following.request.headers.raw == made.request.headers.raw
    assert (following.name, following.resource_path) == ("author", "/accounts/{id}/posts")
    assert pickle.loads(pickle.dumps(following)) == following


def test_get_all_has_pages() -> None:
    call = restli.get_all("/posts")
    assert next_call(call, page(10, **paging(total=11))) == restli.get_all("/posts", query_params={"start": 10})


def test_a_mapped_call_pages_by_its_answer_unmapped() -> None:
    call = asked(count=10).map(repr).map(len)
    assert next_call(call, page(10, **paging(total=11))) == asked(count=10, start=10).map(repr).map(len)
    with pytest.raises(InvalidCallError, match="before it is mapped"):
        next_call(call, "10")  # type: ignore[arg-type]  # that is the mistake


@pytest.mark.parametrize("tunnel_above", [0, 5000])
def test_a_tunnelled_call_stays_in_its_tunnel(tunnel_above: int) -> None:
    def made(**params: Any) -> Call[Any]:
        long = {"pageSize": 10, "a": "x" * tunnel_above, **params}
        return restli.finder("/posts", "author", query_params=long, tunnel_above=tunnel_above, access_token=TOKEN)

    following = next_call(made(), page(10, metadata={"nextPageToken": "b"}))
    assert following == made(pageToken="b")
    assert following is not None
    assert following.request.method == "POST"
    assert following.request.headers.raw == made(pageToken="b").request.headers.raw


def test_a_call_that_gets_too_long_goes_into_a_tunnel() -> None:
    token = "t" * 4000
    following = next_call(asked(pageSize=10), page(10, metadata={"nextPageToken": token}))
    assert following == asked(pageSize=10, pageToken=token)
    assert following is not None
    assert following.request.method == "POST"
    assert next_call(following, page(1, metadata={"nextPageToken": "u"})) is not None


def test_a_caller_who_wants_a_long_query_has_one_again() -> None:
    def made(start: int, length: int) -> Call[Any]:
        return restli.get_all("/posts", query_params={"a": "x" * length, "start": start}, tunnel_above=7990)

    for length in (3980, 5000):
        following = next_call(made(0, length), page(10, **paging(total=42)))
        assert following == made(10, length)
        assert following is not None
        assert following.request.method == "GET"
    edge = 8000 - len(made(0, 1).request.url) + 1
    following = next_call(made(0, edge), page(10, **paging(total=42)))
    assert following == made(10, edge)
    assert following is not None
    assert following.request.method == "POST"


@pytest.mark.parametrize(
    ("query", "following"),
    [
        ("", "start=10"),
        ("?", "start=10"),
        ("?&&b=2&a=1&", "a=1&b=2&start=10"),
        ("?b=2#fragment?start=5", "b=2&start=10"),
        ("?st%61rt=5&count=10", "count=10&start=15"),
        ("?start=%35&count=1%30", "count=1%30&start=15"),
        ("?start=+5", "start=15"),
        ("?start=5&start=7", "start=17"),
        ("?a", "a=&start=10"),
    ],
)
def test_a_request_of_ones_own_is_read_as_a_server_reads_it(query: str, following: str) -> None:
    call = asked().with_request(HttpRequest("GET", f"http://127.0.0.1/posts{query}"))
    found = next_call(call, page(10, **paging(total=420)))
    assert found is not None
    assert found.request.url == f"http://127.0.0.1/posts?{following}"


BATCH = restli.batch_finder("/posts", "author", ("criteria", [{"a": 1}]))
BROKEN = asked().with_request(HttpRequest("POST", "http://127.0.0.1/", {"X-HTTP-Method-Override": "PATCH"}, b"hidden"))
REFUSED: list[tuple[Any, Any, str, str]] = [
    ("/posts", page(1), "call", "must be a call, as restli_core.get or client.calls.get makes one, not str"),
    (page(1), page(1), "call", "client.get sends its call at once, client.calls.get only makes it"),
    (BATCH, page(1), "call", "page with a finder"),
    (restli.get("/posts/{id}", path_keys={"id": 5}), page(1), "call", "get has no pages: get_all and finder have"),
    (asked(), [], "answer", "must be a CollectionResponse, not list"),
    (BROKEN, page(1), "call", "not a tunnel that can be read"),
]


@pytest.mark.parametrize(("call", "given", "argument", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_what_has_no_pages_is_refused(call: Any, given: Any, argument: str, reason: str) -> None:
    with pytest.raises(InvalidCallError, match=reason) as raised:
        next_call(call, given)
    assert raised.value.argument == argument
    assert "hidden" not in str(raised.value)


# -- walks -------------------------------------------------------------------------------------------------------------


def turned(walk: PageWalk[Any], *answers: CollectionResponse) -> None:
    for one in answers:
        walk.turn(one)


def to(token: Any, found: int = 2, first: int = 0) -> CollectionResponse:
    return page(found, first, metadata={"nextPageToken": token})


def test_a_walk_goes_to_the_end() -> None:
    walk = PageWalk(asked(pageSize=2))
    turned(walk, to("b", first=0), to("c", found=0))
    assert walk.next_call == asked(pageSize=2, pageToken="c")
    walk.turn(to(None, first=2))
    assert walk.next_call is None
    with pytest.raises(InvalidCallError, match="there was no next call"):
        walk.turn(to("d"))


def test_a_walk_begins_with_a_call_that_has_pages() -> None:
    with pytest.raises(InvalidCallError):
        PageWalk(restli.get("/me"))


def test_a_token_that_was_there_before_is_an_error() -> None:
    walk = PageWalk(asked(pageSize=2))
    turned(walk, to("b", first=0), to("c", first=2), to("d", first=4))
    with pytest.raises(PagingError, match="in a circle"):
        walk.turn(to("b", first=6))
    assert walk.next_call == asked(pageSize=2, pageToken="d")  # it stands where it stood
    walk.turn(to("e", first=6))
    assert walk.next_call == asked(pageSize=2, pageToken="e")


def test_the_token_that_a_walk_begins_with_is_remembered() -> None:
    walk = PageWalk(asked(pageSize=2, pageToken="a"))
    walk.turn(to("b"))
    with pytest.raises(PagingError, match="in a circle"):
        walk.turn(to("a", first=2))


@pytest.mark.parametrize("length", [RECENT + 1, 200])
def test_a_large_circle_is_seen_in_the_end(length: int) -> None:
    answers = (to(f"token {turn % length}", first=turn * 2) for turn in range(3 * length))
    with pytest.raises(PagingError, match="in a circle"):
        turned(PageWalk(asked(pageSize=2)), *answers)


def test_a_page_that_comes_again_is_an_error() -> None:
    walk = PageWalk(asked(pageSize=2))
    turned(walk, to("b", first=0), to("c", first=2))
    with pytest.raises(PagingError, match="repeats itself"):
        walk.turn(to("d", first=2))
    assert walk.next_call == asked(pageSize=2, pageToken="c")


def test_pages_in_a_circle_are_an_error() -> None:
    answers = (to(f"token {turn}", first=2 * (turn % 3)) for turn in range(12))
    with pytest.raises(PagingError, match="repeats itself"):
        turned(PageWalk(asked(pageSize=2)), *answers)


def test_a_server_that_takes_no_start_is_seen() -> None:
    walk = PageWalk(asked(count=1))
    walk.turn(page(1, **paging(count=1)))
    with pytest.raises(PagingError, match="repeats itself"):
        walk.turn(page(1, **paging(count=1)))


def test_a_short_page_that_comes_again_is_an_error() -> None:
    walk, short = PageWalk(asked(count=5)), answer({"elements": [{"status": "ACTIVE"}] * 2, "paging": {}})
    walk.turn(short)
    with pytest.raises(PagingError, match="repeats itself"):
        walk.turn(short)


@pytest.mark.parametrize("period", [1, 2, 3])
def test_short_pages_with_a_fresh_token_each_that_come_again_are_an_error(period: int) -> None:
    answers = (to(f"token {turn}", found=1, first=turn % period) for turn in range(12))
    with pytest.raises(PagingError, match="repeats itself"):
        turned(PageWalk(asked(pageSize=2)), *answers)


ALIKE = answer({"elements": [{"status": "ACTIVE"}] * 2, **paging(0, 2, total=MAX_INT)})
CUT = answer({"elements": [{"status": "ACTIVE"}, {"status": "DRAFT"}], "paging": {"total": MAX_INT}})


@pytest.mark.parametrize(("fields", "given"), [(None, ALIKE), ("status", CUT)])
def test_pages_that_may_be_alike_are_taken_up_to_a_bound(fields: str | None, given: CollectionResponse) -> None:
    params = {"count": 2} if given is CUT else {}
    call = restli.get_all("/posts", query_params=params, fields=fields)
    if given is ALIKE:  # the start that the answer has is another than that which was asked for
        given = CollectionResponse(
            given.response, given.document, None, given.elements, restli.Paging(None, 2, MAX_INT, []), None
        )
    walk = PageWalk(call)
    turned(walk, *[given] * MAX_IDLE)
    with pytest.raises(PagingError, match="nothing new"):
        walk.turn(given)


def test_pages_that_may_be_alike_and_are_followed_by_others_are_no_error() -> None:
    walk = PageWalk(restli.get_all("/posts", query_params={"pageSize": 2}, fields="status"))
    for turn in range(MAX_IDLE + 200):
        status = "DRAFT" if turn == 500 else "ACTIVE"
        walk.turn(answer({"elements": [{"status": status}] * 2, "metadata": {"nextPageToken": f"token {turn}"}}))
    assert walk.next_call is not None


def test_empty_pages_end_in_an_error_and_begin_anew_after_a_full_one() -> None:
    walk = PageWalk(asked(pageSize=2))
    for turn in range(MAX_IDLE - 1):
        walk.turn(to(f"token {turn}", found=0))
    walk.turn(to("full", first=5))
    for turn in range(MAX_IDLE - 1):
        walk.turn(to(f"further token {turn}", found=0))
    with pytest.raises(PagingError, match="nothing new") as raised:
        walk.turn(to("another", found=0))
    assert TOKEN not in str(raised.value)
    walk.turn(to(None, found=0))
    assert walk.next_call is None
