"""Clients of httpx: the one that a transport makes for itself, and what a given one must be."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from typing import Any, Final, ParamSpec

from restli_core.errors import InvalidCallError
from restli_transports.wire import Failures

__all__ = [
    "LIBRARIES",
    "begin_anew",
    "check_client",
    "client_settings",
    "failures_of",
    "in_coroutine",
    "installed_library",
    "library_of",
    "module_of",
    "spare_cookies",
]

P = ParamSpec("P")

LIBRARIES: Final = ("httpx", "httpx2")
"""Those that a transport's own client may be made of, in the order in which they are looked for.

httpx first: a program that has it, with mocks and habits for it, is to send the same after some other package of its
environment has brought httpx2.
"""


def installed_library() -> Any:
    """Return the library that a transport's own client is made of: the first of `LIBRARIES` that is installed.

    Raises:
        ModuleNotFoundError: none is; its name is the first one's.
    """
    missing: list[ModuleNotFoundError] = []
    for name in LIBRARIES:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise  # it is there, and lacks something
            missing.append(error)
    raise missing[0]


def client_settings(connections: Any) -> dict[str, Any]:
    """Return the arguments that a transport's own client is made with, of either kind.

    Args:
        connections: its transport, which reads the environment by itself.
    """
    return {
        "transport": connections,
        "trust_env": False,
        "headers": {"Accept-Encoding": "gzip, deflate"},
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # takes no cookie from anybody
    }


def spare_cookies(client: Any, library: Any) -> None:
    """Let a transport's own client not look for cookies in each answer, of which its jar takes none anyway.

    There is no public way to it. Where it has moved, a call takes a twentieth longer.

    Args:
        client: made with `client_settings`.
        library: its library.
    """
    cookies = type("NoCookies", (library.Cookies,), {"extract_cookies": lambda *_: None})
    client._cookies = cookies(client.cookies.jar)


def check_client(client: Any) -> None:
    """Refuse a client that cannot carry a request as it is.

    Raises:
        InvalidCallError: it has `params`, which would change the target, or is closed.
    """
    if client.params:
        raise InvalidCallError("client", "has params, which would change the target of the request")
    if client.is_closed:
        raise InvalidCallError("client", "is closed")


def begin_anew(client: Any) -> None:
    """Let a given client have no connections and fresh locks, in a child process.

    There is no public way to it that takes no lock, and any lock may be held for ever. A test fails when what is named
    here has moved.
    """
    for transport in (getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()):
        pool = getattr(transport, "_pool", None)  # mocks have none
        lock = getattr(pool, "_optional_thread_lock", None)
        if pool is not None and lock is not None:
            pool._connections, pool._requests = [], []
            pool._optional_thread_lock = type(lock)()


def module_of(thing: object, names: Iterable[str]) -> Any:
    """Return the first of these top-level modules that has the class of a thing, or a base of it; None if none has."""
    origins = {kind.__module__.partition(".")[0] for kind in type(thing).__mro__}
    return next((sys.modules[name] for name in names if name in origins), None)


def library_of(client: object) -> Any:
    """Return the module that a client's class comes from: httpx, or httpx2, which has the same names.

    Of what is not a client it is the library that is installed.
    """
    return module_of(client, LIBRARIES) or installed_library()


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
