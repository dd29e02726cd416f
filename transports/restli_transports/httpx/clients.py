"""Clients of httpx: the one that a transport makes for itself, and what a given one must be."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, ParamSpec

import httpx

from restli_core.errors import InvalidCallError
from restli_transports.wire import Failures, Origin, Proxies, verifying_context

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

KEEPALIVE_SECONDS: Final = 60.0
"""How long a connection may be idle; gateways forget a silent one after minutes, some without closing it."""


def client_settings(
    make_transport: Callable[..., Any] = httpx.HTTPTransport, proxies: Proxies | None = None
) -> dict[str, Any]:
    """Return the arguments that a transport's own client is made with, of either kind.

    Args:
        make_transport: the library's class of transports for such a client.
        proxies: what the environment names; None to go everywhere directly.
    """
    limits = httpx.Limits(
        max_connections=None, max_keepalive_connections=MAX_CONNECTIONS, keepalive_expiry=KEEPALIVE_SECONDS
    )
    context = verifying_context()
    settings: dict[str, Any] = {"verify": context, "limits": limits, "trust_env": False}
    transports: dict[str, Any] = {}
    for proxy in () if proxies is None else proxies.by_scheme.values():
        given = httpx.Proxy(
            proxy.url,
            ssl_context=context if proxy.url.startswith("https") else None,
            headers={"Proxy-Authorization": proxy.authorization} if proxy.authorization else None,
        )
        transports[proxy.named] = make_transport(**settings, proxy=given)
    if proxies is not None and transports:
        # The library reads NO_PROXY in a way of its own, and fails over some of its forms: so it reads none.
        settings["transport"] = _Routes(proxies, transports, make_transport(**settings))
    return {
        **settings,
        "headers": {"Accept-Encoding": "gzip, deflate"},
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # takes no cookie from anybody
    }


class _Routes(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of the library's, of either kind: the direct one, or that to the proxy that a request goes through.

    Args:
        proxies: the proxies.
        transports: those to them, by the URL that names the proxy.
        direct: the one for requests that go through none.
    """

    def __init__(self, proxies: Proxies, transports: dict[str, Any], direct: Any) -> None:
        self._proxies = proxies
        self._transports = transports
        self._direct = direct

    def _route(self, url: httpx.URL) -> Any:
        port = url.port or (443 if url.scheme == "https" else 80)
        proxy = self._proxies.proxy_for(Origin(url.scheme, url.raw_host.decode("ascii").lower(), port))
        return self._direct if proxy is None else self._transports[proxy.named]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = self._route(request.url).handle_request(request)
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = await self._route(request.url).handle_async_request(request)
        return response

    def close(self) -> None:
        for transport in (self._direct, *self._transports.values()):
            transport.close()

    async def aclose(self) -> None:
        for transport in (self._direct, *self._transports.values()):
            await transport.aclose()


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
