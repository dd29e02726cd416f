"""A server that sends scripted bytes and records those it receives: what a test needs to see the wire as it is.

    with ScriptedServer(answer("200 OK", b"{}")) as server:
        ...                    # requests to server.url
    server.received            # the bytes of each request, in order
    server.connections         # how many were accepted

A script is a function that is given each connection, in a thread of its own; when it returns, the connection is
closed. The server ends at once when the test does, whatever its scripts wait for.
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
from typing import Self

__all__ = ["Connection", "Script", "ScriptedServer", "answer", "in_turn", "response"]

# RFC 9112 sections 6.2 and 7.1
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)


class Connection:
    """One accepted connection."""

    def __init__(self, server: ScriptedServer, sock: socket.socket) -> None:
        self._server = server
        self._sock = sock
        self._pending = bytearray()

    def request(self) -> bytes:
        """The next request, head and body; empty when the client has closed."""
        try:
            head = self._until(b"\r\n\r\n")
            body = self._until(b"0\r\n\r\n") if _CHUNKED.search(head) else self._exactly(_length(head))
        except EOFError:
            return b""
        self._server.received.append(head + body)
        return head + body

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Sends byte by byte."""
        for octet in data:
            self.pause(pause)
            self.send(bytes([octet]))

    def pause(self, seconds: float) -> None:
        """Waits, but not longer than the test runs."""
        if self._server.stopping.wait(seconds):
            raise ConnectionAbortedError

    def take(self, count: int) -> None:
        """Reads this many bytes, which belong to the next request."""
        before = len(self._pending)
        while len(self._pending) < before + count:
            self._receive()

    def receive(self) -> bytes:
        """What comes next, in no framing; empty when the client has closed."""
        return self._sock.recv(65536)

    def wait_for_end(self) -> None:
        """Reads and drops until the client closes."""
        while self.receive():
            pass

    def reset(self) -> None:
        """Closes with a TCP reset."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def start_tls(self, context: ssl.SSLContext) -> None:
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._pending:
            self._receive()
        return self._exactly(self._pending.index(mark) + len(mark))

    def _exactly(self, count: int) -> bytes:
        while len(self._pending) < count:
            self._receive()
        data = bytes(self._pending[:count])
        del self._pending[:count]
        return data

    def _receive(self) -> None:
        data = self._sock.recv(65536)
        if not data:
            raise EOFError
        self._pending += data


Script = Callable[[Connection], None]


class ScriptedServer:
    """A server on loopback, running while it is a context.

    Args:
        script: what to do with each connection.
        tls: to speak TLS from the first byte.
    """

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[bytes] = []
        self.connections: int = 0
        self.stopping: threading.Event = threading.Event()
        self._script = script
        self._tls = tls
        self._open: set[Connection] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.address: str = f"127.0.0.1:{self.port}"
        self.url: str = f"{'https' if tls else 'http'}://{self.address}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stopping.set()
        socket.create_connection(self._listener.getsockname()).close()  # wakes accept()
        self._threads[0].join()
        self._listener.close()
        for connection in tuple(self._open):
            connection.close()
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.stopping.is_set():
                sock.close()
                return
            self.connections += 1
            connection = Connection(self, sock)
            self._open.add(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: Connection) -> None:
        # OSError: the client went away, or the test is over
        with contextlib.suppress(OSError):
            if self._tls:
                connection.start_tls(self._tls)
            self._script(connection)
        connection.close()
        self._open.discard(connection)


def _length(head: bytes) -> int:
    found = _CONTENT_LENGTH.search(head)
    return int(found[1]) if found else 0


def response(status: str = "200 OK", body: bytes = b"", *headers: str, length: bool = True) -> bytes:
    """The bytes of a response: its header lines, and Content-Length unless that is left out."""
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body


def answer(data: bytes) -> Script:
    """Answers each request with the same bytes, for as long as the client keeps the connection."""

    def script(connection: Connection) -> None:
        while connection.request():
            connection.send(data)

    return script


def in_turn(scripts: Iterable[Script]) -> Script:
    """The first connection gets the first script, and so on."""
    left, lock = iter(scripts), threading.Lock()

    def script(connection: Connection) -> None:
        with lock:
            mine = next(left)
        mine(connection)

    return script
