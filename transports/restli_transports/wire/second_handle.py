"""A second handle of a connection's socket: what has come can be read after the first was closed.

asyncio closes its socket as soon as something cannot be sent, with all that has come and was not read; and anyio reads
nothing more over TLS once something was not sent. So under TLS the handle stands between TLS and the stream: there
sending does not fail, and receiving goes on at the second handle where the first has nothing more.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import anyio
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSStream

from restli_transports.wire.forks import close_in_children

__all__ = ["SecondHandle", "open_second"]

_CHUNK_SIZE: Final = 65536
_BROKEN: Final = (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError)


def open_second(sock: Any) -> socket.socket | None:
    """Return a second handle of a socket, which does not block; None where there is none to be had.

    Args:
        sock: a socket, or an event loop's stand-in for one.
    """
    try:
        handle = socket.fromfd(sock.fileno(), socket.AF_INET, socket.SOCK_STREAM)  # of any family: it only receives
    except OSError:  # it is closed, or the process has no handles left
        return None
    handle.setblocking(False)
    close_in_children(handle)
    return handle


class SecondHandle:
    """A second handle of the socket under a stream.

    Args:
        stream: one of anyio's, or anything else, which is not looked into.

    Attributes:
        stream: the stream.
        failure: why something was not sent that TLS had to send; None where all was.
    """

    stream: Any
    failure: Exception | None

    def __init__(self, stream: object) -> None:
        self.stream = stream
        self.failure = None
        self._lower: Any = None
        extra = getattr(stream, "extra", None)
        raw = None if extra is None else extra(SocketAttribute.raw_socket, None)
        self._sock = None if raw is None else open_second(raw)
        if self._sock is not None and isinstance(stream, TLSStream):
            self._lower, stream.transport_stream = stream.transport_stream, self  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lower, name)  # all else that TLS asks of the stream under it

    async def send(self, data: bytes) -> None:
        """Send what TLS has to say; where that cannot be done, note it."""
        try:
            await self._lower.send(data)
        except _BROKEN as error:
            self.failure = error

    async def receive(self, max_bytes: int = _CHUNK_SIZE) -> bytes:
        """Return what comes for TLS, from the second handle where the first is broken.

        Raises:
            EndOfStream: there is nothing more.
        """
        try:
            data: bytes = await self._lower.receive(max_bytes)
        except _BROKEN:
            for data in self._pieces(max_bytes):
                return data
            raise anyio.EndOfStream from None
        return data

    def rest(self, size: int) -> bytes:
        """Return so many bytes, or fewer, that have come on a broken stream; none over TLS, which has received them."""
        found = bytearray()
        if self._lower is None:
            for piece in self._pieces(_CHUNK_SIZE):
                found += piece
                if len(found) >= size:
                    break
        return bytes(found)

    def _pieces(self, size: int) -> Iterator[bytes]:
        with suppress(OSError):  # nothing more has come, or that is all
            while self._sock is not None and (data := self._sock.recv(size)):
                yield data

    def close(self) -> None:
        """Close this handle; the stream stays as it is."""
        if self._sock is not None:
            self._sock.close()
        if self._lower is not None:
            self.stream.transport_stream = self._lower
