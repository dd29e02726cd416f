"""HTTP/1.1 by h11: as a conversation without I/O, over plain sockets, and over anyio's streams for asyncio and trio.

>>> from restli_transports import RestliClient
>>> from restli_transports.h11 import H11Transport
>>> client = RestliClient(H11Transport(), access_token=token)     # doctest: +SKIP

    conversation        requests in, bytes out; bytes in, responses out
    sent_requests       the bytes of a request
    quick_answers       answers as almost all are, read without the library; at the first doubt
    answers             the library reads
    connection_pool     connections with conversations on them: how one is opened, used, kept idle and reused
    sockets, streams    the two transports: where the bytes go

Inside this package ``import h11`` is the library: it has the package's name, but not its place.
"""

from __future__ import annotations

try:
    from restli_transports.h11.conversation import Conversation
    from restli_transports.h11.sockets import H11Transport
    from restli_transports.h11.streams import H11AsyncTransport
except ModuleNotFoundError as _error:
    if _error.name not in {"h11", "anyio"}:
        raise
    raise ImportError(f'restli_transports.h11 needs {_error.name}: pip install "restli-core[h11]"') from _error

__all__ = ["Conversation", "H11AsyncTransport", "H11Transport"]
