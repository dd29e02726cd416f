"""The journal: what was received, executed and answered; of servers and fakes alike."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import restli_core as restli
from restli_transports import RestliClient
from restli_transports.testing import FakeTransport, Faults, Journal, JournalEntry, RestliServer

KINDS = ["reset_before", "reset_after", "truncate", "delay", "429", "500", "502", "503"]


def entries_of(fake: FakeTransport | RestliServer) -> list[tuple[Any, ...]]:
    return [
        (entry.fault, entry.executed and entry.executed.status_code, entry.answered and entry.answered.status_code)
        for entry in fake.journal
    ]


def test_a_fake_says_what_became_of_each_request() -> None:
    fake = FakeTransport()
    fake.simple("/me", {"name": "Ada"})
    fake.collection("/adAccounts/{id:long}")
    client = RestliClient(fake, retry=None)
    client.get("/me")
    fake.fail_next(restli.ConnectError("refused"))
    fake.fail_next(restli.Refusal(503, "later"))
    for error in (restli.ConnectError, restli.ServerError):
        with pytest.raises(error):
            client.get("/me")
    with pytest.raises(restli.BadRequestError):
        client.get("/adAccounts/five")
    assert entries_of(fake) == [
        (None, 200, 200),
        ("planned", None, None),
        ("planned", None, 503),
        (None, 400, 400),
    ]


def test_a_fault_of_the_test_is_in_it_without_an_answer() -> None:
    fake = FakeTransport()
    with pytest.raises(AssertionError):
        RestliClient(fake).get("/me")
    assert entries_of(fake) == [(None, None, None)]


@pytest.mark.sockets
def test_a_server_says_what_became_of_each_request() -> None:
    with RestliServer() as server:
        server.simple("/me", {"name": "Ada"})
        client = RestliClient(base_url=server.base_url, retry=None)
        client.get("/me")
        server.fail_next(status=503)
        server.fail_next(truncate=3)
        server.fail_next(close=True)
        for error in (restli.ServerError, restli.ProtocolError, restli.TransportError):
            with pytest.raises(error):
                client.get("/me")
        client.close()
        assert entries_of(server) == [
            (None, 200, 200),
            ("planned", None, 503),
            ("planned", 200, None),
            ("planned", None, None),
        ]


def expected(kind: str, answered: int | None, executed: int | None) -> bool:
    """Return whether an entry is what a fault of this kind leaves."""
    if kind in {"500", "502", "503", "429"}:
        return answered == int(kind) and executed in ({None} if kind == "429" else {None, 200})
    return (answered, executed) == {
        "reset_before": (None, None),
        "reset_after": (None, 200),
        "truncate": (None, 200),
        "delay": (200, 200),
    }[kind]


def send_all(client: RestliClient, number: int) -> Counter[str]:
    errors = Counter[str]()
    for _ in range(number):
        try:
            client.get("/me")
        except restli.RestliError as error:
            errors[type(error).__name__] += 1
    return errors


@pytest.mark.sockets
def test_faults_by_a_schedule_are_the_same_over_sockets_and_in_memory() -> None:
    faults = Faults(seed=3, rate=0.8)
    fake = FakeTransport(faults=faults)
    fake.simple("/me", {"name": "Ada"})
    in_memory = send_all(RestliClient(fake, retry=None), 60)
    with RestliServer(faults=faults) as server:
        server.simple("/me", {"name": "Ada"})
        client = RestliClient(base_url=server.base_url, retry=None)
        over_sockets = send_all(client, 60)
        client.close()
        assert entries_of(server) == entries_of(fake)
    kinds = Counter(fault for fault, _, _ in entries_of(fake))
    assert {*kinds} == {None, *KINDS}
    for fault, executed, answered in entries_of(fake):
        assert (answered, executed) == (200, 200) if fault is None else expected(fault, answered, executed)
    # In memory no connection is ever stale.
    assert in_memory == over_sockets


def test_entries_in_words() -> None:
    fake = FakeTransport(faults=Faults(kinds=["reset_after"], rate=1))
    fake.simple("/me", {"name": "Ada"})
    with pytest.raises(restli.ProtocolError, match="by the schedule of faults"):
        RestliClient(fake, retry=None).get("/me")
    assert repr(fake.journal) == "<Journal, 1 requests>"
    assert repr(fake.journal[0]) == (
        "<JournalEntry GET https://api.linkedin.com/v2/me, reset_after, executed: 200, not answered>"
    )
    assert fake.journal[-1:] == [fake.journal[0]]
    assert isinstance(fake.journal, Journal)
    assert isinstance(fake.journal[0], JournalEntry)
