"""HTTP/1.1 over plain sockets and ssl: for threads, with nothing installed but h11 and anyio.

Connections are kept alive and shared between threads, never by two at once. One that the server has closed meanwhile
is replaced before anything is written to it. There is no support for proxies: behind one choose urllib3, requests or
httpx.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from restli_transports.h11.conversation import DEFAULT_MAX_HEADER_SIZE, Conversation
from restli_transports.h11.links import AT_ONCE, Links, at_once
from restli_transports.transport import check_max_body
from restli_transports.wire.body import DEFAULT_MAX_BODY
from restli_transports.wire.exchange import Exchange, connect_first
from restli_transports.wire.tls import strict_context

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.transport import Timeout

__all__ = ["H11Transport"]

# UnicodeError: a name that no host has, such as one with two dots together
_FAILURES: Final = (OSError, UnicodeError)
_KEPT: Final = 100  # connections at rest for one host; more than these are opened and closed again


class H11Transport:
    """Sends requests by h11 over plain sockets. Safe to share between threads.

    Args:
        ssl_context: how to speak TLS. None: verified against the system's certificates, or those that SSL_CERT_FILE and
            SSL_CERT_DIR name when the first connection is opened.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        max_header_size: the most bytes that its status line and headers may have.
    """

    session = None

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        max_body: int | None = DEFAULT_MAX_BODY,
        max_header_size: int = DEFAULT_MAX_HEADER_SIZE,
    ) -> None:
        converse = partial(Conversation, max_body=check_max_body(max_body), max_header_size=max_header_size)
        self._links = Links(self._connect, converse, _FAILURES, _KEPT)
        self._given_context = ssl_context

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """The answer to a request, as `restli_transports.transport.Transport` says.

        The time limits hold for everything but the look-up of the host's name, which only the operating system bounds.

        Raises:
            InvalidCallError: the URL is no http or https URL, or the headers contradict the body.
        """
        return at_once(self._links.carry(Exchange(request, timeout)))

    def close(self) -> None:
        """Closes the connections. Exchanges under way go on, and their connections close after them."""
        at_once(self._links.close())

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._given_context or strict_context()

    async def _connect(self, exchange: Exchange) -> _Socket:
        address = exchange.url.origin
        secured = self._context if address.scheme == "https" else None
        places = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        sock = connect_first(places, partial(_dialled, secured, address.host), exchange)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if isinstance(sock, ssl.SSLSocket):
                sock.settimeout(exchange.wait())
                sock.do_handshake()
        except BaseException:
            sock.close()
            raise
        return _Socket(sock)


def _dialled(context: ssl.SSLContext | None, host: str, place: tuple[Any, ...], seconds: float | None) -> socket.socket:
    family, _, _, _, where = place
    sock = _made(family, context, host)
    try:
        sock.settimeout(seconds)
        sock.connect(where)
    except BaseException:
        sock.close()
        raise
    return sock


def _made(family: int, context: ssl.SSLContext | None, host: str) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    if context is None:
        return sock
    # Before it is connected, since Python 3.11 would lose a socket that is reset meanwhile.
    return context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False, suppress_ragged_eofs=False)


class _Socket:
    """A `Stream` whose methods block, and so never suspend."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def send(self, data: bytes, seconds: float | None) -> None:
        self._sock.settimeout(seconds)
        self._sock.sendall(data)

    async def receive(self, seconds: float | None) -> bytes:
        self._sock.settimeout(seconds)
        return self._sock.recv(AT_ONCE)

    def is_quiet(self) -> bool:
        self._sock.settimeout(0)
        try:
            self._sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    async def close(self) -> None:
        with suppress(OSError):
            self._sock.close()
