"""Clients of httpx: the one that a transport makes for itself, and what a given one must be."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, ParamSpec

import httpx

from restli_core.errors import InvalidCallError
from restli_transports.transport import KEEPALIVE_SECONDS
from restli_transports.wire import Failures, environment_proxies, verifying_context

__all__ = [
    "KEEPALIVE_SECONDS",
    "MAX_CONNECTIONS",
    "check_client",
    "client_settings",
    "failures_of",
    "in_coroutine",
    "library_of",
]

P = ParamSpec("P")

MAX_CONNECTIONS: Final = 32
"""Idle connections that are kept, and asynchronous calls that are under way to one host at once; further ones wait.

httpx looks at all connections for each call: with 100 of them it carries a fifth as many calls as with 32.
"""


def client_settings(keepalive_seconds: float | None = KEEPALIVE_SECONDS) -> dict[str, Any]:
    """Return the arguments that a transport's own client is made with, of either kind.

    Args:
        keepalive_seconds: how long a connection may have been idle that is used again; None for no limit.

    Raises:
        InvalidCallError: the environment names a proxy or certificates that cannot be used.
    """
    environment_proxies()  # httpx reads them by itself; this refuses those that it could not take
    limits = httpx.Limits(
        max_connections=None, max_keepalive_connections=MAX_CONNECTIONS, keepalive_expiry=keepalive_seconds
    )
    return {
        "verify": verifying_context(),
        "headers": {"Accept-Encoding": "gzip, deflate"},
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # takes no cookie from anybody
        "limits": limits,
    }


def check_client(client: httpx.Client | httpx.AsyncClient) -> None:
    """Refuse a client that cannot carry a request as it is.

    Raises:
        InvalidCallError: it has `params`, which would change the target, or is closed.
    """
    if client.params:
        raise InvalidCallError("client", "has params, which would change the target of the request")
    if client.is_closed:
        raise InvalidCallError("client", "is closed")


def library_of(client: object) -> Any:
    """Return the module that a client's class comes from: httpx, or httpx2, which has the same names."""
    names = {kind.__module__.partition(".")[0] for kind in type(client).__mro__}
    return sys.modules["httpx2" if "httpx2" in names else "httpx"]


def failures_of(library: Any) -> Failures:
    """Return what the types of a library's errors say."""
    unsent = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
    return Failures(
        unsent=(*(getattr(library, name) for name in unsent), UnicodeError),
        timeouts=(library.TimeoutException,),
    )


def in_coroutine(function: Callable[P, None]) -> Callable[P, Awaitable[None]]:
    """Return a coroutine function that does the same, as asynchronous clients want their hooks."""

    async def call(*args: P.args, **kwargs: P.kwargs) -> None:
        function(*args, **kwargs)

    return call
