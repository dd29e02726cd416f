"""Transports over httpx, blocking and asynchronous: for those who have a client with hooks, proxies, HTTP/2 or mocks.

The clients that they make for themselves are httpx's, or httpx2's where that alone is installed. They verify TLS, keep
connections alive, go through the proxies of the environment and keep no cookies. They trust what SSL_CERT_FILE and
SSL_CERT_DIR name, or else the system's certificates and certifi's. The asynchronous one works under asyncio and trio.

    transports    the two transports
    clients       the client that a transport makes for itself, and what a given one must be
    connections   the connections of a client that a transport makes for itself
    progress      what httpx says of a request on its way: this keeps the time limits
    answers       what httpx gives as the answer, made into ours

A client of the user's own may belong to either library. Inside this package ``import httpx`` is the library: it has the
package's name, but not its place.
"""

from __future__ import annotations

from restli_transports.httpx.clients import LIBRARIES, installed_library

try:
    from restli_transports.httpx.transports import HttpxAsyncTransport, HttpxTransport

    installed_library()
except ModuleNotFoundError as _error:
    if _error.name not in {*LIBRARIES, "anyio"}:
        raise
    _reason = 'HttpxTransport needs httpx or httpx2: pip install "restli-core[httpx]", or "restli-core[httpx2]"'
    raise ImportError(_reason) from _error

__all__ = ["HttpxAsyncTransport", "HttpxTransport"]
