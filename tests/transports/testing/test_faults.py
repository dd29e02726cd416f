from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpResponse
from restli_transports.testing.faults import NO_FAULT, Fault, Faults, RowFaults
from restli_transports.testing.server import RestliServer
from tests.support.peer import ENTITY, GET, Peer

pytestmark = pytest.mark.sockets


def test_an_answer_that_no_handler_gives(server: RestliServer) -> None:
    server.fail_next(status=503, headers={"Retry-After": "1", "Date": "then", "X-A": "\xe9"}, body=b"later")
    with Peer(server) as peer:
        answer = peer.send(GET).answer()
        assert (answer.status, answer.body) == (503, b"later")
        assert answer.headers == {"retry-after": "1", "date": "then", "x-a": "\xe9", "content-length": "5"}
        assert peer.send(GET).answer().body == ENTITY


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body(server: RestliServer, status: int) -> None:
    server.fail_next(status=status, body=b"not to be sent")
    with Peer(server) as peer:
        answer = peer.send(GET).answer()
        assert (answer.status, "content-length" in answer.headers) == (status, False)
        assert peer.send(GET).answer().body == ENTITY


def test_faults_come_in_their_order(server: RestliServer) -> None:
    server.fail_next(status=429, times=2)
    server.fail_next(status=599)
    with Peer(server) as peer:
        assert [peer.send(GET).answer().status for _ in range(4)] == [429, 429, 599, 200]


@pytest.mark.parametrize("plan", [{}, {"status": 200, "body": ENTITY}], ids=["handler's", "planned"])
def test_an_answer_cut_short(server: RestliServer, plan: dict[str, Any]) -> None:
    server.fail_next(truncate=10, **plan)
    with Peer(server) as peer:
        head, _, body = peer.send(GET).rest().partition(b"\r\n\r\n")
    assert (b"Content-Length: 17" in head.title(), body) == (True, ENTITY[:10])


def test_no_answer(server: RestliServer) -> None:
    server.fail_next(close=True)
    with Peer(server) as peer:
        assert peer.send(GET).rest() == b""
    assert server.received[0].raw == GET


@pytest.mark.parametrize("plan", [{"reset": True}, {"reset": True, "close": True}], ids=["reset", "reset and close"])
def test_a_reset(server: RestliServer, plan: dict[str, Any]) -> None:
    server.fail_next(**plan)
    with Peer(server) as peer, pytest.raises(ConnectionResetError):
        peer.send(GET).rest()


@pytest.mark.parametrize(
    "plan", [{"truncate": 3}, {"raw": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"}], ids=["truncate", "raw"]
)
def test_a_reset_behind_some_of_the_answer(server: RestliServer, plan: dict[str, Any]) -> None:
    server.fail_next(reset=True, **plan)
    with Peer(server) as peer:
        peer.send(GET)
        assert peer.file.readline() == b"HTTP/1.1 200 OK\r\n"
        with pytest.raises(ConnectionResetError):
            peer.rest()


def test_bytes_in_place_of_http(server: RestliServer) -> None:
    server.fail_next(raw=b"\x00 not HTTP")
    with Peer(server) as peer:
        assert peer.send(GET).rest() == b"\x00 not HTTP"


@pytest.mark.parametrize(
    ("plan", "end"),
    [
        ({"delay": 0.01, "truncate": 99}, ENTITY),
        ({"delay": 0.01, "status": 503, "body": b"later", "truncate": 5}, b"later"),
        ({"delay": 0.01, "raw": b"junk"}, b"junk"),
        ({"delay": 0.01, "close": True}, b""),
        ({"drip": 0.001, "truncate": 99}, ENTITY),
        ({"drip": 0.001, "status": 503, "body": b"later", "truncate": 3}, b"lat"),
        ({"drip": 0.001, "raw": b"junk"}, b"junk"),
    ],
    ids=["late", "late status", "late bytes", "late close", "dripping", "dripping status", "dripping bytes"],
)
def test_late_and_slow_answers_are_whole(server: RestliServer, plan: dict[str, Any], end: bytes) -> None:
    server.fail_next(**plan)
    with Peer(server) as peer:
        assert peer.send(GET).rest().rpartition(b"\r\n\r\n")[2] == end


def test_a_slow_answer_keeps_the_connection(server: RestliServer) -> None:
    server.fail_next(drip=0.001)
    with Peer(server) as peer:
        assert [peer.send(GET).answer().body for _ in range(2)] == [ENTITY, ENTITY]


@pytest.mark.parametrize(
    ("fault", "is_silent"),
    [
        (NO_FAULT, False),
        (Fault(close=True), True),
        (Fault(reset=True), True),
        (Fault(reset=True, truncate=0), False),
        (Fault(reset=True, raw=b""), False),
        (Fault(reset=True, close=True, raw=b"x"), True),
        (Fault(HttpResponse(503), delay=1, truncate=1, drip=1), False),
    ],
    ids=["none", "close", "reset", "reset after some", "reset after bytes", "close all the same", "an answer"],
)
def test_which_faults_send_nothing(fault: Fault, is_silent: bool) -> None:
    assert fault.is_silent is is_silent


# -- by a schedule -----------------------------------------------------------------------------------------------------


def test_a_schedule_is_the_same_each_time() -> None:
    faults = [Faults(seed=7).fault(number) for number in range(1, 1001)]
    assert faults == [Faults(seed=7).fault(number) for number in range(1, 1001)]
    assert faults != [Faults(seed=8).fault(number) for number in range(1, 1001)]
    kinds = Counter(fault.kind for fault in faults)
    assert 700 < kinds.pop(None) < 900
    assert {*kinds} == {"reset_before", "reset_after", "truncate", "delay", "429", "500", "502", "503"}


def test_a_schedule_of_some_kinds_alone() -> None:
    faults = Faults(rate=1, kinds=["delay"])
    assert {faults.fault(number).kind for number in range(20)} == {"delay"}
    assert Faults(rate=0).fault(1) == NO_FAULT


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("rate", {"rate": 1.5}),
        ("rate", {"rate": -0.1}),
        ("rate", {"rate": True}),
        ("kinds", {"kinds": ["reset"]}),
        ("kinds", {"kinds": "delay"}),
        ("kinds", {"kinds": []}),
    ],
    ids=str,
)
def test_a_wrong_schedule_is_named(argument: str, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Faults(**given)
    assert caught.value.argument == argument


def test_an_answer_is_cut_anywhere() -> None:
    with RestliServer(faults=Faults(rate=1, kinds=["truncate"])) as server:
        server.on("/adAccounts/{id:long}", "get", lambda _: {"name": "Summer" * 50})
        came = []
        for _ in range(12):
            with Peer(server) as peer:
                came.append(peer.send(GET).rest())
        # In its head as in its body, but never is it whole.
        assert {b"\r\n\r\n" in one for one in came} == {True, False}
        assert not [one for one in came if one.endswith(b"}")]
        assert {entry.answered for entry in server.journal} == {None}


def test_planned_faults_come_before_the_schedule() -> None:
    with RestliServer(faults=Faults(rate=1, kinds=["503"])) as server:
        server.on("/adAccounts/{id:long}", "get", lambda _: {"name": "Summer"})
        server.fail_next(status=418)
        with Peer(server) as peer:
            assert [peer.send(GET).answer().status for _ in range(3)] == [418, 503, 503]


# -- rows --------------------------------------------------------------------------------------------------------------


def test_rows_fail_by_their_own_schedule() -> None:
    faults = RowFaults(seed=7, rate=0.5, statuses=[503, 429], times=2)
    found = {row: [faults.refusal(row, number) for number in range(1, 5)] for row in map(str, range(100))}
    again = RowFaults(seed=7, rate=0.5, statuses=[503, 429], times=2)
    for row, refusals in found.items():
        statuses = [refusal and refusal.status for refusal in refusals]
        repeated = [again.refusal(row, number) for number in range(1, 5)]
        assert statuses == [refusal and refusal.status for refusal in repeated]
        assert statuses[2:] == [None, None]
    first = [refusals[0].status for refusals in found.values() if refusals[0] is not None]
    assert {*first} == {429, 503}
    assert 30 < len(first) < 70
    assert RowFaults(rate=0).refusal("1", 1) is None


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("rate", {"rate": 1.5}),
        ("statuses", {"statuses": 503}),
        ("statuses", {"statuses": []}),
        ("statuses", {"statuses": [200]}),
        ("statuses", {"statuses": ["503"]}),
        ("times", {"times": -1}),
        ("times", {"times": "1"}),
    ],
    ids=range(7),
)
def test_a_wrong_schedule_of_rows_is_named(argument: str, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidCallError) as caught:
        RowFaults(**given)
    assert caught.value.argument == argument
