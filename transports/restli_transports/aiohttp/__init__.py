"""A transport over aiohttp: for programs on asyncio that have a ClientSession, or the library already.

>>> from restli_transports import AsyncRestliClient
>>> from restli_transports.aiohttp import AiohttpTransport
>>> client = AsyncRestliClient(AiohttpTransport(), access_token=token)     # doctest: +SKIP

aiohttp finds the connection: it looks the name up, goes through the proxy, speaks TLS, and keeps what is idle. The
bytes on that connection are ours, whoever made the session, since aiohttp would respell targets, take much for HTTP
that is not, and miss an answer that comes before a large request is sent.

    transports    the transport: one call through a session
    sessions      the sessions that a transport makes for itself, and what a given one must be
    wires         the bytes of one exchange on a connection of asyncio's
    responses     the library's own response, made of one that was read here

Inside this package ``import aiohttp`` is the library: it has the package's name, but not its place.
"""

from __future__ import annotations

try:
    from restli_transports.aiohttp.transports import AiohttpTransport
except ImportError as _error:  # that of the package h11 has no name
    if _error.name not in {"aiohttp", "h11", "anyio", None}:
        raise
    raise ImportError('AiohttpTransport needs aiohttp: pip install "restli-core[aiohttp]"') from _error

__all__ = ["AiohttpTransport"]
