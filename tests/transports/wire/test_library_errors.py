"""Library errors: what is secret is taken out of them, wherever they keep it; all else stays as it was."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from restli_core import HttpRequest, oauth
from restli_transports.transport import Timeout
from restli_transports.wire import Exchange
from restli_transports.wire.library_errors import conceal
from tests.support.libraries import optional_imports
from tests.support.shown import revealed

with optional_imports():
    import httpx
    import requests

TOKEN, SECRET, REFRESH = "Q7t0ken-7Q", "Q7s3cret+/7Q", "Q7refr3sh-7Q"
REQUEST = HttpRequest("GET", "https://h/me?signature=Q7s1gned7Q", {"Authorization": f"Bearer {TOKEN}"})
FORM = oauth.refresh(REFRESH, "app", SECRET, base_url="https://h/oauth").request
HIDDEN = (TOKEN, SECRET, REFRESH, "Q7s1gned7Q")


class Odd(Exception):
    """Keeps what came in attributes, and makes its text of one of them."""

    def __init__(self, came: Any) -> None:
        super().__init__("odd")
        self.came = came
        self.lines = ["first", came]

    def __str__(self) -> str:
        return f"came: {self.came!r}"


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (ValueError(f"bad line: Bearer {TOKEN}"), "bad line: Bearer …"),
        (ValueError(f"bad line: {TOKEN}".encode(), 5, [TOKEN]), ""),
        (OSError(5, f"cannot send {TOKEN}"), "[Errno 5] cannot send …"),
        (UnicodeDecodeError("ascii", TOKEN.encode(), 0, 1, "not ASCII"), ""),
        (Odd(TOKEN), "came: '…'"),
        (Odd(bytearray(TOKEN.encode())), ""),
        (requests.ConnectionError("Max retries exceeded with url: /me?signature=Q7s1gned7Q"), "Max retries exceeded"),
        (OSError("Cannot connect to proxy http://user:sesame@proxy:80/"), "Cannot connect to proxy http://proxy:80/"),
        (ExceptionGroup("several", [ValueError(TOKEN)]), "several"),
    ],
    ids=["text", "bytes", "OSError", "UnicodeError", "attributes", "bytearray", "query", "proxy", "group"],
)
def test_texts_and_attributes(error: BaseException, left: str) -> None:
    outer = RuntimeError("outside", error)
    outer.__context__ = error
    conceal(outer, REQUEST)
    assert revealed(outer, *HIDDEN, "sesame") == []
    assert left in str(error)


@pytest.mark.parametrize("request_", [REQUEST, FORM], ids=["resource", "form"])
def test_requests_of_libraries(request_: HttpRequest) -> None:
    prepared = requests.Request(
        request_.method, request_.url, headers=dict(request_.headers), data=request_.body
    ).prepare()
    prepared.headers["Cookie"] = TOKEN
    built = httpx.Request(request_.method, request_.url, headers=dict(request_.headers), content=request_.body)
    for error in (requests.ConnectionError("broken", request=prepared), httpx.ReadError("broken", request=built)):
        conceal(error, request_)
        assert revealed(error, *HIDDEN) == []
        assert error.request is not None
        assert str(error.request.url).startswith(request_.url.partition("?")[0])


def test_what_is_not_secret_stays() -> None:
    body = HttpRequest("POST", "https://h/me", {"Content-Type": "application/json"}, b'{"a":5}')
    prepared = requests.Request("POST", body.url, headers={"X-A": "b"}, data=body.body).prepare()
    inner = ValueError("words", b"bytes", 5, None)
    error = requests.ConnectionError(inner, request=prepared)
    conceal(error, body)
    assert error.args == (inner,)
    assert inner.args == ("words", b"bytes", 5, None)
    assert (prepared.body, prepared.headers["X-A"], prepared.url) == (b'{"a":5}', "b", body.url)


def test_an_error_that_cannot_be_changed_stays_as_it_is() -> None:
    class Fixed(Exception):
        def __setattr__(self, name: str, value: object) -> None:
            raise TypeError("fixed")

    conceal(Fixed(TOKEN), REQUEST)


def fail(error: Exception) -> None:
    raise error


def test_what_its_caller_was_handling_is_left_alone() -> None:
    def handle() -> None:
        try:
            fail(LookupError(f"of the user's own: {TOKEN}"))
        except LookupError:
            exchange = Exchange(REQUEST, Timeout())
            try:
                fail(OSError(TOKEN))
            except OSError as error:
                raise exchange.error(error) from error

    with pytest.raises(Exception, match="exchange broke off") as caught:
        handle()
    cause = caught.value.__cause__
    assert cause is not None
    assert str(cause) == "…"
    assert str(cause.__context__) == f"of the user's own: {TOKEN}"


def test_a_text_that_is_cut_is_first_rid_of_secrets() -> None:
    # The first 200 characters are shown: they must not end within a secret.
    error = Exchange(REQUEST, Timeout()).error(OSError("x" * 195 + TOKEN))
    assert TOKEN[:4] not in str(error)


def test_functions_on_the_way_forget_their_values() -> None:
    def through(send: Callable[[Any], None]) -> BaseException:
        with pytest.raises(OSError, match="broken") as caught:
            send(TOKEN.encode())
        return caught.value

    namespace: dict[str, Any] = {"__name__": "restli_transports.made_up"}
    exec("def send(data):\n    raise OSError('broken')", namespace)
    error = through(namespace["send"])
    assert revealed(error, TOKEN) != []
    conceal(error, REQUEST)
    assert revealed(error, TOKEN) == []
    assert "in send" in "".join(traceback.format_exception(error))
