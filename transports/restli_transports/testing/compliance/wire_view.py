"""What a request looks like on the wire, for tests that compare it with what it describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from restli_transports.wire.urls import parse_url

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest

__all__ = ["ADDED", "check_described", "request_target", "sent_fields", "values_of"]

ADDED: Final = frozenset({"host", "content-length", "connection", "accept", "accept-encoding", "user-agent"})
"""The header fields that a transport may add to those that the request describes."""


def request_target(request: bytes) -> str:
    """Return the target of a request."""
    return request.split(b" ")[1].decode()


def sent_fields(request: bytes) -> list[tuple[str, str]]:
    """Return the header fields of a request, in their order."""
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return [(line.partition(": ")[0], line.partition(": ")[2]) for line in lines]


def values_of(request: bytes, name: str) -> list[str]:
    """Return the values of the header fields with this name, in lower case."""
    return [value for field, value in sent_fields(request) if field.lower() == name]


def check_described(head: bytes, body: bytes, request: HttpRequest) -> None:
    """Check that a request went out as it is: line, headers and body, and little else."""
    target = parse_url(request.url).target
    assert head.startswith(f"{request.method} {target} HTTP/1.1\r\n".encode())
    assert body == request.body
    names = [name.lower() for name, _ in sent_fields(head)]
    assert len(names) == len(set(names))
    assert set(names) <= {name.lower() for name in request.headers} | ADDED
    assert all(values_of(head, name.lower()) == [value] for name, value in request.headers.items())
