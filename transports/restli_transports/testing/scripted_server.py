r"""`ScriptedServer`: plays scripts of bytes, and records the bytes that it receives. It shows the wire as it is.

    with ScriptedServer(answer(response("200 OK", b"{}"))) as server:
        ...                    # requests to server.url
    server.received            # the bytes of each request, in order
    server.connections         # how many were accepted

A script is a function that is given each connection, in a thread of its own; when it returns, the connection is
closed. The server ends at once when the test does, whatever its scripts wait for.

    def script(connection):
        connection.request()                      # reads one
        connection.send(b"HTTP/1.1 200 OK\r\n")   # sends some of the answer
        connection.reset()                        # breaks off
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeAlias

__all__ = ["Connection", "Script", "ScriptedServer", "answer", "in_turn", "response"]


class Connection:
    """One accepted connection, as its script sees it.

    What a script waits for ends with an OSError or an EOFError when the client leaves or the test is over: that ends
    the script, which does not have to catch it.
    """

    def __init__(self, server: ScriptedServer, sock: socket.socket) -> None:
        self._server = server
        self._sock = sock
        self._pending = bytearray()

    def request(self) -> bytes:
        """Read the next request, head and body, record it and return it; empty where the client has closed."""
        try:
            head = self._read_through(b"\r\n\r\n")
            # RFC 9112 sections 6.2 and 7.1
            if re.search(rb"\r\ntransfer-encoding:[ \t]*chunked", head, re.IGNORECASE):
                body = self._read_through(b"0\r\n\r\n")
            else:
                length = re.search(rb"\r\ncontent-length:[ \t]*([0-9]+)", head, re.IGNORECASE)
                body = self._read(int(length[1]) if length else 0)
        except EOFError:
            return b""
        self._server.received.append(head + body)
        return head + body

    def send(self, data: bytes) -> None:
        """Send bytes, all of them."""
        self._sock.sendall(data)

    def drip(self, data: Iterable[int], pause: float = 0.05) -> None:
        """Send byte by byte, with a pause of so many seconds before each."""
        for octet in data:
            self.pause(pause)
            self.send(bytes([octet]))

    def pause(self, seconds: float | None = None) -> None:
        """Do nothing for so many seconds, or for as long as the test runs."""
        if self._server.stopping.wait(seconds):
            raise ConnectionAbortedError("the test is over")

    def take(self, count: int) -> None:
        """Wait for so many more bytes, and leave them to the next request."""
        wanted = len(self._pending) + count
        while len(self._pending) < wanted:
            self._receive()

    def receive(self) -> bytes:
        """Return the bytes that come next, be they a request or not; empty where the client has closed."""
        return self._sock.recv(65536)

    def wait_for_end(self) -> None:
        """Read and drop bytes until the client closes."""
        while self.receive():
            pass

    def reset(self) -> None:
        """Close with a TCP reset."""
        # With a time to linger of 0 a close sends RST and no FIN.
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        # The handshake comes later: only a socket that is stored here can be disconnected during it.
        secured = context.wrap_socket(self._sock, server_side=True, do_handshake_on_connect=False)
        self._sock = secured
        self.pause(0)  # a disconnect before it was stored met the old socket, and had no effect
        secured.do_handshake()

    def end_tls(self) -> None:
        """Say farewell in TLS, and close; `close` by itself ends TCP alone, as somebody on the way could."""
        if isinstance(self._sock, ssl.SSLSocket):
            # It is said at once; what would block is the wait for the other end's.
            self._sock.setblocking(False)
            with contextlib.suppress(OSError):
                self._sock.unwrap()
        self.close()

    def close(self) -> None:
        """Close in the ordinary way."""
        self.disconnect()
        self._sock.close()

    def disconnect(self) -> None:
        """End whatever the script waits for; may be called from another thread."""
        with contextlib.suppress(OSError):
            # Not the method of an SSLSocket, which would drop the TLS state that another thread reads with.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def _read_through(self, mark: bytes) -> bytes:
        while mark not in self._pending:
            self._receive()
        return self._read(self._pending.index(mark) + len(mark))

    def _read(self, count: int) -> bytes:
        while len(self._pending) < count:
            self._receive()
        data = bytes(self._pending[:count])
        del self._pending[:count]
        return data

    def _receive(self) -> None:
        data = self._sock.recv(65536)
        if not data:
            raise EOFError("the client has closed")
        self._pending += data


Script: TypeAlias = Callable[[Connection], None]


class ScriptedServer:
    """A server on loopback, which runs within its `with` block.

    Args:
        script: what to do with each connection.
        tls: to speak TLS from the first byte; None for plain TCP.

    Attributes:
        received: the bytes of the requests that scripts have read, in their order.
        connections: how many connections were accepted.
        stopping: set when the test is over.
        port: where it listens, on 127.0.0.1.
        address: host and port, as in a Host header.
        url: scheme, host and port.
    """

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[bytes] = []
        self.connections: int = 0
        self.stopping: threading.Event = threading.Event()
        self._script = script
        self._tls = tls
        self._open: set[Connection] = set()
        self._acceptor = threading.Thread(target=self._accept)
        self._serving: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.address: str = f"127.0.0.1:{self.port}"
        self.url: str = f"{'https' if tls else 'http'}://{self.address}"

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stopping.set()
        # A connection wakes accept(); closing the listener would not do so on every system.
        socket.create_connection(self._listener.getsockname()).close()
        self._acceptor.join()
        self._listener.close()
        # There are no new connections from here on. A copy, since those that end take themselves out.
        for connection in tuple(self._open):
            connection.disconnect()
        for thread in self._serving:
            thread.join()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.stopping.is_set():
                sock.close()
                return
            self.connections += 1
            connection = Connection(self, sock)
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=[connection])
            self._serving.append(thread)
            thread.start()

    def _serve(self, connection: Connection) -> None:
        with contextlib.suppress(OSError, EOFError):  # the client went away, or the test is over
            if self._tls:
                connection.start_tls(self._tls)
            self._script(connection)
        connection.close()
        self._open.discard(connection)


def response(status: str = "200 OK", body: bytes = b"", *headers: str, length: bool = True) -> bytes:
    """Return the bytes of a response: its header lines, and Content-Length unless that is left out."""
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body


def answer(data: bytes) -> Script:
    """Return a script that answers each request with the same bytes, as long as the client keeps the connection."""

    def script(connection: Connection) -> None:
        while connection.request():
            connection.send(data)

    return script


def in_turn(scripts: Iterable[Script]) -> Script:
    """Return a script that plays the first of these for the first connection, and so on."""
    left = iter(scripts)
    lock = threading.Lock()

    def script(connection: Connection) -> None:
        # Connections come in threads of their own, and a generator cannot be asked by two at once.
        with lock:
            mine = next(left)
        mine(connection)

    return script
