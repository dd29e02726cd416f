"""Responses that make their `native` when it is asked for, and are like any others."""

from __future__ import annotations

import copy
import pickle
import threading

import pytest

from restli_core import Headers, HttpResponse
from restli_transports.wire.late_natives import with_late_native

HEADERS = Headers({"X-A": "b"})


def late(made: list[object] | None = None) -> HttpResponse:
    """A response whose native is the list of all that were made."""
    made = [] if made is None else made

    def make() -> list[object]:
        made.append(object())
        return made

    return with_late_native(404, HEADERS, b"{}", "http://a.test/", make)


def test_native_is_made_once_and_when_it_is_asked_for() -> None:
    made: list[object] = []
    response = late(made)
    assert made == []
    assert response.native is made
    assert response.native is made
    assert len(made) == 1


def test_threads_that_ask_at_once_have_the_same() -> None:
    def make() -> object:
        both.wait(10)  # until the other thread makes one, too
        return object()

    both, found = threading.Barrier(2), list[object]()
    response = with_late_native(404, HEADERS, b"{}", "http://a.test/", make)
    threads = [threading.Thread(target=lambda: found.append(response.native)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    one, other = found
    assert one is other


def test_it_has_the_fields_and_nothing_else() -> None:
    response = late()
    assert (response.status_code, response.headers, response.body, response.url) == (
        404,
        HEADERS,
        b"{}",
        "http://a.test/",
    )
    with pytest.raises(AttributeError, match="nothing"):
        response.nothing  # type: ignore[attr-defined] # noqa: B018 # pyright: ignore[reportAttributeAccessIssue]


def test_it_is_a_response_like_any_other() -> None:
    made: list[object] = []
    response, plain = late(made), HttpResponse(404, HEADERS, b"{}", "http://a.test/")
    assert response == plain
    assert plain == response
    assert response != HttpResponse(404)
    assert response != 404
    assert hash(response) == hash(plain)
    assert repr(response) == repr(plain)
    assert type(pickle.loads(pickle.dumps(response))) is HttpResponse
    assert pickle.loads(pickle.dumps(response)) == copy.copy(response) == copy.deepcopy(response) == plain
    assert made == []


def test_it_can_be_replaced_in_part() -> None:
    response = late()
    replaced = response.__replace__(body=b"[]")
    assert replaced == HttpResponse(404, HEADERS, b"[]", "http://a.test/")
    assert replaced.native is response.native


def test_it_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        late().body = b""  # type: ignore[misc]
