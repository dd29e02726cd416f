"""restli_transports: what sends the calls of `restli_core`.

>>> from restli_transports import RestliClient
>>> client = RestliClient(access_token=token, version_string="202609")     # doctest: +SKIP
>>> client.get("/adAccounts/{id}", path_keys={"id": 123}).entity           # doctest: +SKIP

Importing this package imports no HTTP library; each transport is a module of its own, named like its library, and needs
the extra of that name.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import restli_core
from restli_transports.client import AsyncRestliClient, RestliClient
from restli_transports.transport import AsyncTransport, Timeout, Transport

if TYPE_CHECKING:
    from restli_transports.auth import AsyncAuthClient, AuthClient

__all__ = [
    "AsyncAuthClient",
    "AsyncRestliClient",
    "AsyncTransport",
    "AuthClient",
    "RestliClient",
    "Timeout",
    "Transport",
]

# Names that people look for here -> where they are.
_ELSEWHERE = {
    "Urllib3Transport": "restli_transports.urllib3",
    "RequestsTransport": "restli_transports.requests",
    "HttpxTransport": "restli_transports.httpx",
    "HttpxAsyncTransport": "restli_transports.httpx",
    "H11Transport": "restli_transports.h11",
    "H11AsyncTransport": "restli_transports.h11",
    "AiohttpTransport": "restli_transports.aiohttp",
    "FakeTransport": "restli_transports.testing",
    "FakeAsyncTransport": "restli_transports.testing",
    "RestliServer": "restli_transports.testing",
    "RefreshingSource": "restli_transports.tokens",
    "FileStore": "restli_transports.tokens",
}

# Names that are imported where one of them is used.
_OF_AUTH = frozenset({"AsyncAuthClient", "AuthClient"})

# For type checkers a module with this function has every name.
if not TYPE_CHECKING:  # pragma: no branch - no program that runs is a type checker

    def __getattr__(name: str) -> object:
        """Return a client of OAuth, which few programs use; say where a name is that is not here (PEP 562)."""
        if name in _OF_AUTH:
            globals()[name] = client = getattr(import_module("restli_transports.auth"), name)
            return client
        place = "restli_core" if name in restli_core.__all__ and name != "__version__" else _ELSEWHERE.get(name)
        if place is not None:
            raise ImportError(f"restli_transports has no {name}: from {place} import {name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return all names, those of OAuth too, for editors and shells."""
        return sorted({*globals(), *_OF_AUTH})
