"""HTTP/1.1 over plain sockets and ssl: for threads, with nothing installed but h11 and anyio.

Connections are kept alive and shared between threads, never by two at once. One that the server has closed meanwhile
is replaced before anything is written to it. Proxies are not supported: to go through one, choose urllib3, requests or
httpx.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Self

from restli_core.frames import concealing
from restli_transports.h11.connection_pool import CHUNK_SIZE, ConnectionPool, Settings
from restli_transports.h11.conversation import DEFAULT_MAX_HEADER_SIZE
from restli_transports.transport import KEEPALIVE_SECONDS, OfOneProcess
from restli_transports.wire import DEFAULT_MAX_BODY, Exchange, connect_first
from restli_transports.wire.blocking import run_blocking
from restli_transports.wire.early_answers import send_watching
from restli_transports.wire.forks import close_in_children

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.transport import Timeout

__all__ = ["H11Transport", "SocketStream"]


class H11Transport(OfOneProcess):
    """A transport by h11 over plain sockets. Safe to share between threads.

    Args:
        ssl_context: how to speak TLS. None: verified against the system's certificates, or those that SSL_CERT_FILE and
            SSL_CERT_DIR name when the first connection is opened.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        max_header_size: the most bytes that its status line and headers may have.
        keepalive_seconds: how long a connection may have been idle that is used again; None for no limit.

    Raises:
        InvalidCallError: `max_body` or `max_header_size` is not a number of bytes, or `keepalive_seconds` not one of
            seconds.
    """

    session = None

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        max_body: int | None = DEFAULT_MAX_BODY,
        max_header_size: int = DEFAULT_MAX_HEADER_SIZE,
        keepalive_seconds: float | None = KEEPALIVE_SECONDS,
    ) -> None:
        settings = Settings(ssl_context, max_body, max_header_size)
        self._pool = ConnectionPool(SocketStream, settings, keepalive_seconds=keepalive_seconds)

    @concealing
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, as `restli_transports.transport.Transport` says.

        The time limits hold for everything but the look-up of the host's name, which only the operating system bounds.

        Raises:
            InvalidCallError: the URL is not an http or https URL, or the headers contradict the body.
        """
        return run_blocking(self._pool.carry(Exchange(request, timeout)))

    def close(self) -> None:
        """Close the connections. Exchanges under way go on, and their connections close after them."""
        run_blocking(self._pool.close())


class SocketStream:
    """A `Stream` whose methods block, and so never suspend."""

    # UnicodeError: a name that no host has, such as one with two dots together
    failures: ClassVar[tuple[type[Exception], ...]] = (OSError, UnicodeError)

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    @classmethod
    async def connect(cls, exchange: Exchange, settings: Settings) -> Self:
        scheme, host, port = exchange.url.origin
        context = settings.ssl_context if scheme == "https" else None

        def attempt(address: tuple[Any, ...], seconds: float | None) -> socket.socket:
            family, _, _, _, where = address
            sock = socket.socket(family, socket.SOCK_STREAM)
            if context is not None:
                # Before it is connected, since Python 3.11 would lose a socket that is reset meanwhile.
                sock = context.wrap_socket(
                    sock, server_hostname=host, do_handshake_on_connect=False, suppress_ragged_eofs=False
                )
            close_in_children(sock)
            try:
                sock.settimeout(seconds)
                sock.connect(where)
            except BaseException:
                sock.close()
                raise
            return sock

        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        sock = connect_first(addresses, attempt, exchange.deadline)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if isinstance(sock, ssl.SSLSocket):
                sock.settimeout(exchange.seconds_left())
                sock.do_handshake()
        except BaseException:
            sock.close()
            raise
        return cls(sock)

    async def send(self, data: bytes, seconds: float | None) -> None:
        self._sock.settimeout(seconds)
        self._sock.sendall(data)

    async def send_watching(self, data: bytes, exchange: Exchange) -> bool:
        return send_watching(self._sock, data, exchange.seconds_left, exchange.early)

    async def receive(self, seconds: float | None) -> bytes:
        self._sock.settimeout(seconds)
        return self._sock.recv(CHUNK_SIZE)

    def is_quiet(self) -> bool:
        try:
            self._sock.settimeout(0)
            self._sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True  # this alone says that there is nothing, neither bytes nor the end
        except OSError:
            return False
        return False

    async def close(self) -> None:
        self.abandon()

    def abandon(self) -> None:
        with suppress(OSError):
            self._sock.close()
