"""Sessions of aiohttp: those that a transport makes for itself, one in each event loop; what a given one must be."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

import aiohttp
import anyio
from aiohttp.abc import AbstractResolver, ResolveResult

from restli_core.errors import InvalidCallError
from restli_core.numbers import MAX_SECONDS
from restli_transports.wire.backend import is_in_asyncio
from restli_transports.wire.blocking import run_blocking
from restli_transports.wire.forks import close_in_children, plain_socket
from restli_transports.wire.limiter import ConnectionLimiter
from restli_transports.wire.lookups import addresses_of
from restli_transports.wire.loops import close_without_loop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["NO_LIMITS", "LentSession", "LoopSessions", "check_library", "check_session", "require_asyncio"]

NO_LIMITS: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
"""No limits of the library's: those of the exchange hold."""


# What is used of aiohttp and is not public, or is set in a class of its that is not made for it.
_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "ClientRequest": ("body", "is_ssl", "request_info", "send", "session"),
    "ClientResponse": ("_body", "_headers", "_raw_cookie_headers", "_raw_headers", "start"),
    "ClientSession": ("ATTRS",),
}
_OF_A_SESSION: Final = ("_default_auth", "_loop", "_middlewares")


def check_library(library: Any = aiohttp) -> None:
    """Refuse an aiohttp whose names have moved: by another name it would send by itself, and nobody would see.

    Raises:
        ImportError: it is one.
    """
    moved = [
        f"{kind}.{name}"
        for kind, names in _NAMES.items()
        for name in names
        if not hasattr(getattr(library, kind), name)
    ]
    # The attributes of an instance, which aiohttp keeps a list of.
    moved += [
        f"ClientSession.{name}" for name in _OF_A_SESSION if name not in getattr(library.ClientSession, "ATTRS", ())
    ]
    if moved:
        reason = f"AiohttpTransport does not know aiohttp {library.__version__}, which has no {', '.join(moved)}"
        raise ImportError(f"{reason}: install one that restli-core[aiohttp] names", name=__name__)


def require_asyncio() -> None:
    """Refuse another event loop than asyncio's.

    Raises:
        InvalidCallError: the running task is not one of asyncio's.
    """
    if not is_in_asyncio():
        reason = "AiohttpTransport works under asyncio alone; for trio take H11AsyncTransport or HttpxAsyncTransport"
        raise InvalidCallError("transport", reason)


def check_session(session: Any) -> None:
    """Refuse a given session that cannot send a call now.

    Raises:
        InvalidCallError: it is closed, belongs to another event loop, or has two ways to say who calls.
    """
    if session.closed:
        raise InvalidCallError("session", "is closed")
    if session._default_auth is not None and "Authorization" in session.headers:
        raise InvalidCallError("session", "has both auth= and a header Authorization: aiohttp sends nothing then")
    # The public name of it is deprecated.
    if session._loop is not asyncio.get_running_loop():
        raise InvalidCallError("session", "belongs to another event loop: give none, or make one in each loop")


class _Resolver(AbstractResolver):
    """Looks names up as the other transports do, so that a slow one keeps no other waiting."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await addresses_of(host)
        ]

    async def close(self) -> None:
        """Do nothing: it holds nothing."""


class LentSession:
    """A session that calls use, and that is closed with the last of them once it is to be.

    Args:
        session: the session.

    Attributes:
        session: the same.
    """

    session: aiohttp.ClientSession

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self._calls = 0
        self._is_over = False

    def begin_call(self) -> None:
        """Note that a call uses it."""
        self._calls += 1

    async def end_call(self) -> None:
        """Note that a call uses it no more."""
        self._calls -= 1
        await self._close_unused()

    async def close(self) -> None:
        """Close it, now or with the last of its calls."""
        self._is_over = True
        await self._close_unused()

    async def _close_unused(self) -> None:
        if self._is_over and not self._calls:
            with anyio.CancelScope(shield=True):  # a call that is cancelled closes, too
                await self.session.close()

    def abandon(self) -> None:
        """Close it without its event loop, which is over."""
        with suppress(RuntimeError):  # it would wait for the loop
            run_blocking(self.session.close())


class LoopSessions:
    """What belongs to one event loop.

    Args:
        limit: how many connections there may be at once to one host.
        keepalive_seconds: how long one may have been idle that is used again; None for no limit.

    Attributes:
        limiter: keeps to the first.
    """

    limiter: ConnectionLimiter

    def __init__(self, limit: int, keepalive_seconds: float | None) -> None:
        self.limiter = ConnectionLimiter(limit)
        self._seconds = MAX_SECONDS if keepalive_seconds is None else keepalive_seconds
        self._current: LentSession | None = None
        self._sockets: WeakSet[socket.socket] = WeakSet()

    def current(self) -> LentSession:
        """Return the session, made if there is none."""
        if self._current is None:
            is_kept = self._seconds > 0  # with 0 aiohttp would keep each until the next call
            connector = aiohttp.TCPConnector(
                limit=0,
                resolver=_Resolver(),
                use_dns_cache=False,
                keepalive_timeout=self._seconds if is_kept else None,
                force_close=not is_kept,
            )
            self._current = LentSession(
                aiohttp.ClientSession(
                    connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=NO_LIMITS, auto_decompress=False
                )
            )
        return self._current

    def opened(self, sock: Any) -> None:
        """Note a connection's socket, which each child process closes, and nobody else once the loop is over."""
        close_in_children(sock)
        plain = plain_socket(sock)
        if plain is not None:
            self._sockets.add(plain)

    async def close(self) -> None:
        """Close the idle connections, and those in use when their calls are over."""
        lent, self._current = self._current, None
        if lent is not None:
            await lent.close()

    def abandon(self) -> None:
        """Close the connections of a loop that is over."""
        for sock in list(self._sockets):
            close_without_loop(sock)
        if self._current is not None:
            self._current.abandon()
            self._current = None
