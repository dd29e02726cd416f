"""Transports that answer every request alike, and keep what they were given; and arguments for the fourteen methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from restli_core import HttpRequest, HttpResponse
from restli_transports import Timeout

__all__ = ["ARGUMENTS", "BODY", "AsyncBare", "AsyncRecorder", "Bare", "Recorder"]

BODY: Final = b'{"elements": [{}], "results": {}, "value": 5}'
"""It reads as an answer to each of the fourteen."""

ARGUMENTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "get": ("/a",),
    "batch_get": ("/a", [1, 2]),
    "get_all": ("/a",),
    "finder": ("/a", "search"),
    "batch_finder": ("/a", "search", ("criteria", [{"x": 1}])),
    "create": ("/a", {"x": 1}),
    "batch_create": ("/a", [{"x": 1}]),
    "update": ("/a", {"x": 1}),
    "batch_update": ("/a", [1], [{"x": 1}]),
    "partial_update": ("/a", {"x": 1}),
    "batch_partial_update": ("/a", [1], [{"x": 1}]),
    "delete": ("/a",),
    "batch_delete": ("/a", [1]),
    "action": ("/a", "run", {"x": 1}),
}
"""Arguments for each of the fourteen."""


class Recorder:
    """A transport that answers every request alike, and keeps what it was given."""

    session = "the session"

    def __init__(self, response: HttpResponse | None = None) -> None:
        self.response = response or HttpResponse(200, {}, BODY)
        self.sent: list[tuple[HttpRequest, Timeout]] = []
        self.closed = 0

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.sent.append((request, timeout))
        return self.response

    def close(self) -> None:
        self.closed += 1

    @property
    def request(self) -> HttpRequest:
        return self.sent[-1][0]


class AsyncRecorder(Recorder):
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:  # type: ignore[override]
        return super().send(request, timeout=timeout)

    async def close(self) -> None:  # type: ignore[override]
        super().close()


class Bare:
    """A transport with no more than the protocol asks for."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return HttpResponse(200, {}, BODY)


class AsyncBare:
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return HttpResponse(200, {}, BODY)
