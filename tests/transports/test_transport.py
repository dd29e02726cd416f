"""What every transport checks before it sends anything: limits, sessions, framing."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from restli_core import HttpRequest, InvalidCallError
from restli_transports.transport import (
    WITH_CONTENT,
    Timeout,
    check_framing,
    check_limit,
    check_max_body,
    check_timeout,
    require_instance,
)
from tests.support.libraries import optional_imports

with optional_imports():
    import requests

    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

# Each transport by itself, and one over a session that would pickle.
TRANSPORTS: dict[str, Callable[[], Any]] = {
    "urllib3": Urllib3Transport,
    "requests": RequestsTransport,
    "requests given": lambda: RequestsTransport(requests.Session()),
    "httpx": HttpxTransport,
    "httpx async": HttpxAsyncTransport,
    "h11": H11Transport,
    "h11 async": H11AsyncTransport,
}


def test_the_limits_that_a_timeout_has_by_itself() -> None:
    assert Timeout() == Timeout(connect=10, read=60, total=300)


@pytest.mark.parametrize("seconds", [None, 0.001, 1, 5.5, 100_000_000])
def test_a_number_of_seconds_above_0_is_a_limit(seconds: float | None) -> None:
    timeout = Timeout(connect=seconds, read=seconds, total=seconds)
    assert (timeout.connect, timeout.read, timeout.total) == (seconds, seconds, seconds)


@pytest.mark.parametrize(
    ("limits", "argument"),
    [
        ({"total": float("inf")}, "timeout.total"),
        ({"total": float("nan")}, "timeout.total"),
        ({"read": 1e10}, "timeout.read"),
        ({"read": 0}, "timeout.read"),
        ({"read": -1}, "timeout.read"),
        ({"connect": True}, "timeout.connect"),
        ({"connect": "5"}, "timeout.connect"),
    ],
    ids=["infinite", "not a number", "too far away", "zero", "negative", "a boolean", "text"],
)
def test_what_is_not_a_number_of_seconds_is_refused(limits: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError, match="must be a number of seconds above 0") as caught:
        Timeout(**limits)
    assert caught.value.argument == argument


def test_a_session_of_one_of_the_kinds_is_returned() -> None:
    assert require_instance(3, "session", str, int) == 3


def test_a_session_of_another_kind_is_refused_by_its_full_name() -> None:
    with pytest.raises(InvalidCallError) as caught:
        require_instance({}, "session", HttpRequest, Timeout)
    assert str(caught.value) == "session: must be a HttpRequest or Timeout of restli_core, not builtins.dict"


@pytest.mark.parametrize("max_body", [None, 0, 1, 2**40])
def test_a_limit_on_bodies(max_body: int | None) -> None:
    assert check_max_body(max_body) == max_body


@pytest.mark.parametrize("max_body", [-1, True, 1.5, "1"])
def test_what_is_not_a_number_of_bytes_is_refused(max_body: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^max_body: must be a number of bytes"):
        check_max_body(max_body)


@pytest.mark.parametrize("limit", [0, True, 1.5, "1", None])
def test_what_is_not_a_number_of_connections_is_refused(limit: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^limit: must be a number of connections, at least 1$"):
        check_limit(limit)


def test_a_timeout_is_returned() -> None:
    timeout = Timeout(read=1)
    assert check_timeout(timeout) is timeout


def test_what_is_not_a_timeout_is_refused() -> None:
    number: Any = 5
    with pytest.raises(InvalidCallError, match=r"^timeout: .* such as Timeout\(total=30\), not builtins\.int$"):
        check_timeout(number)


@pytest.mark.parametrize("method", ["GET", "DELETE", *sorted(WITH_CONTENT)])
@pytest.mark.parametrize("headers", [{}, {"content-length": "2"}], ids=["no length", "its length"])
def test_headers_that_agree_with_the_body(method: str, headers: dict[str, str]) -> None:
    check_framing(HttpRequest(method, "http://a.test/", headers, b"{}"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "3"},
        {"content-length": "02"},
        {"Transfer-Encoding": "chunked"},
        {"transfer-encoding": "identity"},
    ],
    ids=["another length", "another spelling", "chunked", "identity"],
)
def test_headers_that_contradict_the_length_of_the_body(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidCallError, match=r"^headers: contradict the length of the body$"):
        check_framing(HttpRequest("POST", "http://a.test/", headers, b"{}"))


def test_a_tunnel_is_not_a_single_exchange() -> None:
    with pytest.raises(InvalidCallError, match=r"^method: CONNECT opens a tunnel"):
        check_framing(HttpRequest("CONNECT", "http://a.test/"))


def test_a_call_is_not_a_request() -> None:
    path: Any = "/me"
    with pytest.raises(InvalidCallError, match=r"^request: must be an HttpRequest, .* not builtins\.str$"):
        check_framing(path)


@pytest.mark.parametrize("make", TRANSPORTS.values(), ids=TRANSPORTS)
def test_a_transport_says_why_it_does_not_pickle(make: Callable[[], Any]) -> None:
    transport = make()
    for dump in (pickle.dumps, deepcopy):
        with pytest.raises(TypeError, match=rf"^cannot pickle a {type(transport).__name__}, .* make a client in each"):
            dump(transport)
