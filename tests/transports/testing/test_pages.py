"""Pages of the embedded server: what each switch does to an answer, over the fake transport and over sockets alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

from restli_core import BadRequestError, CollectionResponse, InvalidCallError
from restli_transports import RestliClient
from restli_transports.testing import FakeTransport, RestliServer, cursor_pages, generated, offset_pages
from restli_transports.testing.handlers import Handler

ELEMENTS = generated(25, lambda index: {"id": index})


def asked(handler: Handler, **params: Any) -> CollectionResponse:
    fake = FakeTransport()
    fake.on("/elements/{id:long}", "finder", handler, name="all")
    return RestliClient(fake).finder("/elements", "all", query_params=params)


def ids(page: CollectionResponse) -> list[int]:
    return [element["id"] for element in page.elements]


def is_even(element: Any) -> bool:
    return bool(element["id"] % 2 == 0)


def test_generated_elements_are_a_sequence() -> None:
    assert len(ELEMENTS) == 25
    assert ELEMENTS[-1] == {"id": 24}
    assert ELEMENTS[20:30] == [{"id": index} for index in range(20, 25)]
    with pytest.raises(IndexError):
        ELEMENTS[25]


# -- by an offset ------------------------------------------------------------------------------------------------------


def test_a_page_by_an_offset() -> None:
    first = asked(offset_pages(ELEMENTS))
    assert ids(first) == [*range(10)]
    assert first.document["paging"] == {
        "start": 0,
        "count": 10,
        "total": 25,
        "links": [{"rel": "next", "type": "application/json", "href": "/v2/elements?q=all&start=10&count=10"}],
    }
    last = asked(offset_pages(ELEMENTS), start=20, count=5)
    assert ids(last) == [*range(20, 25)]
    assert last.paging is not None
    # The page was full, and so its link leads to an empty one.
    assert [link["href"].partition("?")[2] for link in last.paging.links] == [
        "q=all&start=15&count=5",
        "q=all&start=25&count=5",
    ]
    beyond = asked(offset_pages(ELEMENTS), start=25, count=5)
    assert beyond.elements == []
    assert beyond.paging is not None
    assert [link["rel"] for link in beyond.paging.links] == ["prev"]


def test_a_short_page_leads_to_where_it_was_cut() -> None:
    page = asked(offset_pages(ELEMENTS, shown=is_even), count=5)
    assert ids(page) == [0, 2, 4]
    assert page.paging is not None
    assert page.paging.links[0]["href"].endswith("start=5&count=5")
    assert asked(offset_pages(ELEMENTS, shown=lambda element: False), count=5).elements == []


@pytest.mark.parametrize(
    ("options", "paging"),
    [
        ({"total": False, "links": False}, {"start": 0, "count": 10, "links": []}),
        ({"links": False}, {"start": 0, "count": 10, "links": [], "total": 25}),
        ({"links": None}, {"start": 0, "count": 10, "total": 25}),
        ({"total": False, "links": None}, {"start": 0, "count": 10}),
    ],
)
def test_what_is_said_of_the_other_pages_is_switched(options: dict[str, Any], paging: dict[str, Any]) -> None:
    assert asked(offset_pages(ELEMENTS, **options)).document["paging"] == paging


def test_too_large_a_count_is_refused() -> None:
    assert len(asked(offset_pages(ELEMENTS, max_count=20), count=20).elements) == 20
    with pytest.raises(BadRequestError, match="Specified count is larger than 20"):
        asked(offset_pages(ELEMENTS, max_count=20), count=21)
    with pytest.raises(BadRequestError, match="Specified count is larger than 1000"):
        asked(offset_pages(ELEMENTS), count=1001)


def test_a_server_that_repeats_a_page() -> None:
    handler = offset_pages(ELEMENTS, stuck_at=10)
    assert [ids(asked(handler, start=start, count=5)) for start in (5, 10, 20)] == [
        [5, 6, 7, 8, 9],
        [10, 11, 12, 13, 14],
        [10, 11, 12, 13, 14],
    ]


# -- by a cursor -------------------------------------------------------------------------------------------------------


def token_of(page: CollectionResponse) -> str:
    assert page.metadata is not None
    token: str = page.metadata["nextPageToken"]
    return token


def test_a_page_by_a_cursor() -> None:
    handler = cursor_pages(ELEMENTS, page_size=20)
    first = asked(handler)
    assert ids(first) == [*range(20)]
    last = asked(handler, pageToken=token_of(first))
    assert ids(last) == [*range(20, 25)]
    assert last.metadata == {}
    assert ids(asked(handler, pageToken=token_of(first), pageSize=2)) == [20, 21]
    assert ids(asked(cursor_pages(ELEMENTS, shown=is_even), pageSize=5)) == [0, 2, 4]


def test_a_token_must_be_encoded_and_once() -> None:
    handler = cursor_pages(ELEMENTS)
    tokens = [token_of(asked(handler, pageSize=size)) for size in range(1, 20)]
    assert any(set("+/=") & {*token} for token in tokens)
    for token in (tokens[0].replace("=", "%3D").replace("/", "%2F") + "%3D", "10", "é", "", ["a"]):
        with pytest.raises(BadRequestError, match="pageToken"):
            asked(handler, pageToken=token)


@pytest.mark.parametrize("last", [{}, None, {"nextPageToken": None}, {"nextPageToken": ""}])
def test_the_last_page_has_no_token(last: Any) -> None:
    assert asked(cursor_pages(ELEMENTS, last_metadata=last), pageSize=30).metadata == last


def test_the_last_token_may_lead_to_an_empty_page() -> None:
    handler = cursor_pages(ELEMENTS, ends_empty=True)
    end = asked(handler, pageToken=token_of(asked(handler, pageSize=25)))
    assert (end.elements, end.metadata) == ([], {})


@pytest.mark.parametrize("size", [0, -1, 1001, "ten", "٣", "1" * 5000, [1]])
def test_a_page_size_that_is_none_is_refused(size: Any) -> None:
    with pytest.raises(BadRequestError, match="pageSize"):
        asked(cursor_pages(ELEMENTS), pageSize=size)


def test_a_search_of_too_many_without_paging_is_refused() -> None:
    many = generated(1001, lambda index: {"id": index})
    with pytest.raises(BadRequestError, match="Request would return too many entities"):
        asked(cursor_pages(many))
    assert len(asked(cursor_pages(many), pageSize=1000).elements) == 1000


def test_a_server_that_repeats_a_token() -> None:
    handler = cursor_pages(ELEMENTS, stuck_at=10)
    stuck = asked(handler, pageSize=20)
    assert ids(stuck) == [*range(10)]
    again = asked(handler, pageSize=20, pageToken=token_of(stuck))
    assert token_of(again) == token_of(stuck)


# -- both --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pages", [offset_pages, cursor_pages])
def test_what_is_found_may_depend_on_what_is_asked(pages: Any) -> None:
    def found(invocation: Any) -> list[dict[str, Any]]:
        return [{"id": invocation.params["author"]}]

    assert asked(pages(found), author=7).elements == [{"id": "7"}]


@pytest.mark.parametrize("pages", [offset_pages, cursor_pages])
@pytest.mark.parametrize("elements", [5, "text", {1, 2}])
def test_what_is_not_a_list_is_refused(pages: Any, elements: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^elements: "):
        pages(elements)


@pytest.mark.parametrize(("size", "make"), [(-1, dict), ("5", dict), (True, dict), (5, None)])
def test_what_cannot_be_generated_is_refused(size: Any, make: Any) -> None:
    with pytest.raises(InvalidCallError):
        generated(size, make)


@pytest.mark.sockets
@pytest.mark.parametrize("links", [True, None])
def test_a_server_gives_what_the_fake_gives(links: bool | None) -> None:
    handler = offset_pages(ELEMENTS, links=links, shown=is_even)
    with RestliServer(base_path="/rest") as server, RestliClient(base_url=server.base_url) as client:
        server.on("/elements/{id:long}", "finder", handler, name="all")
        call = client.calls.finder("/elements", "all", query_params={"count": 5})
        assert [element["id"] for element in client.elements(call)] == [*range(0, 25, 2)]
        given = client.send(call)
        ours = json.dumps(asked(handler, count=5).document).replace("/v2/", "/rest/")
        assert given.document == json.loads(ours)
