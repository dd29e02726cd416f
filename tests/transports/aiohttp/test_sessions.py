"""Sessions that a transport makes for itself: one in each loop, closed with the last call that uses it."""

from __future__ import annotations

import asyncio
import socket
from typing import Any
from unittest import mock

import aiohttp
import pytest

from restli_transports.aiohttp.sessions import LentSession, LoopSessions, check_library

pytestmark = pytest.mark.sockets  # an event loop has one


@pytest.mark.parametrize(
    ("kind", "name"),
    [("ClientRequest", "send"), ("ClientResponse", "_raw_headers"), ("ClientSession", "ATTRS")],
)
def test_an_aiohttp_whose_names_have_moved_is_refused_by_name(
    kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_library()
    monkeypatch.delattr(getattr(aiohttp, kind), name)
    with pytest.raises(ImportError, match=rf"does not know aiohttp {aiohttp.__version__}, which has no {kind}\.{name}"):
        check_library()


def test_so_is_one_whose_sessions_have_other_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp.ClientSession, "ATTRS", aiohttp.ClientSession.ATTRS - {"_middlewares"})
    with pytest.raises(
        ImportError, match=r"has no ClientSession\._middlewares: install one that restli-core\[aiohttp\]"
    ):
        check_library()


def test_a_session_is_closed_with_the_last_of_its_calls() -> None:
    async def main() -> None:
        sessions = LoopSessions(1, 60)
        first = sessions.current()
        assert sessions.current() is first
        first.begin_call()
        first.begin_call()
        await sessions.close()
        assert sessions.current() is not first
        await first.end_call()
        assert not first.session.closed
        await first.end_call()
        assert first.session.closed
        await sessions.close()
        await sessions.close()

    asyncio.run(main())


def test_one_that_no_call_uses_is_closed_at_once() -> None:
    async def main() -> None:
        lent = LentSession(aiohttp.ClientSession())
        lent.begin_call()
        await lent.end_call()
        assert not lent.session.closed
        await lent.close()
        assert lent.session.closed

    asyncio.run(main())


def test_names_are_looked_up_as_by_the_other_transports() -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 0, 0, 0)),
    ]

    async def main() -> None:
        sessions = LoopSessions(1, None)
        connector: Any = sessions.current().session.connector
        with mock.patch("socket.getaddrinfo", return_value=found) as asked:
            hosts = await connector._resolve_host("a.test", 5)
        asked.assert_called_once()
        assert [(one["host"], one["port"], one["family"]) for one in hosts] == [
            ("192.0.2.1", 5, socket.AF_INET),
            ("2001:db8::1", 5, socket.AF_INET6),
        ]
        await sessions.close()

    asyncio.run(main())


@pytest.mark.parametrize(("seconds", "force_close"), [(0, True), (60, False), (None, False)])
def test_a_connection_that_may_not_be_idle_is_closed(seconds: float | None, force_close: bool) -> None:
    async def main() -> None:
        sessions = LoopSessions(1, seconds)
        connector = sessions.current().session.connector
        assert connector is not None
        assert connector.force_close is force_close
        assert connector.limit == 0  # the limiter's business
        await sessions.close()

    asyncio.run(main())
