"""A client that sends bytes to the embedded server, and sees the bytes that come back."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any, Self

import restli_core as restli
from restli_core.messages import HttpResponse
from restli_transports.testing.server import RestliServer

ACCOUNTS = "/adAccounts/{id:long}"
GET = b"GET /adAccounts/5 HTTP/1.1\r\nHost: h\r\nX-RestLi-Protocol-Version: 2.0.0\r\n\r\n"
POST = b"POST /adAccounts?action=echo HTTP/1.1\r\nHost: h\r\nX-RestLi-Protocol-Version: 2.0.0\r\n"
ENTITY = b'{"name":"Summer"}'


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("RestliServer")}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Peer:
    """A client that sends bytes, and reads answers one by one."""

    def __init__(self, server: RestliServer, *, tls: ssl.SSLContext | None = None) -> None:
        self.sock = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock, server_hostname="127.0.0.1")
        self.file = self.sock.makefile("rb")

    def send(self, *pieces: bytes) -> Self:
        for piece in pieces:
            self.sock.sendall(piece)
        return self

    def answer(self, *, bodiless: bool = False) -> Answer:
        status = int(self.file.readline().split()[1])
        lines = iter(lambda: self.file.readline().decode("latin-1").rstrip("\r\n"), "")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = 0 if bodiless else int(headers.get("content-length", 0))
        return Answer(status, headers, self.file.read(length))

    def rest(self) -> bytes:
        """Return what comes until the server closes."""
        return self.file.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.file.close()
        self.sock.close()


def carried(connection: http.client.HTTPConnection, call: restli.Call[Any]) -> Any:
    """Return what a client over http.client makes of a call."""
    request = call.request
    target = request.url.partition("//")[2].partition("/")[2]
    connection.request(request.method, f"/{target}", request.body or None, dict(request.headers))
    response = connection.getresponse()
    return call.parse(HttpResponse(response.status, response.getheaders(), response.read()))
