"""Transports whose tries come out as planned and take as long as planned, on clocks that move by themselves."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from restli_core import Call, ConnectError, HttpRequest, HttpResponse, ProtocolError, TransportTimeout
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock
from tests.support.recorders import BODY

__all__ = [
    "DAY_QUOTA",
    "FAILURES",
    "KINDS",
    "OK",
    "AsyncTries",
    "Outcome",
    "Tries",
    "client_over",
    "do",
    "failure",
    "refused",
]

Outcome: TypeAlias = HttpResponse | Exception | None
"""How a try comes out: an answer, an error, or None for a success."""

OK: Final = HttpResponse(200, {}, BODY)
KINDS: Final = ("blocking", "awaited")

DAY_QUOTA: Final = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
METRICS: Final = (
    "The data request limit has been exceeded. More than 45 million metric values were requested in a 5-minute window."
)
COMMENTS: Final = "Comment create throttled: creation rate limit exceeded for member"


def refused(status: int, message: str = "no", headers: Mapping[str, str] | None = None, **fields: Any) -> HttpResponse:
    """Return an error as LinkedIn sends it."""
    return HttpResponse(status, headers or {}, json.dumps({"status": status, "message": message, **fields}).encode())


# What may happen -> whether nothing was done ("undone"), perhaps something ("perhaps"), or repeating does not help.
FAILURES: Final[Mapping[str, tuple[Outcome, str]]] = {
    "refused": (ConnectError("connection refused"), "undone"),
    "no such host": (ConnectError("Name or service not known"), "undone"),
    "429": (refused(429), "undone"),
    "429 metrics": (refused(429, METRICS), "undone"),
    "429 comments": (refused(429, COMMENTS), "undone"),
    "429 Retry-After": (refused(429, headers={"Retry-After": "9"}), "undone"),
    "409 write conflict": (refused(409, "A write conflict occurred. Retry the request."), "undone"),
    "timeout": (TransportTimeout("read timed out"), "perhaps"),
    "broken": (ProtocolError("connection reset"), "perhaps"),
    **{str(status): (refused(status), "perhaps") for status in (408, 500, 502, 503, 504)},
    "503 HTML": (HttpResponse(503, {"Content-Type": "text/html"}, b"<h1>later</h1>"), "perhaps"),
    "untrusted": (ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable"), "never"),
    "another's name": (ConnectError("certificate verify failed: Hostname mismatch"), "never"),
    "another's name, to urllib3": (ConnectError("hostname 'h' doesn't match 'other.example'"), "never"),
    "no name, to urllib3": (ConnectError("no appropriate subjectAltName fields were found"), "never"),
    "another's key": (ConnectError('Fingerprints did not match. Expected "ab", got "cd"'), "never"),
    **{
        str(status): (refused(status), "never")
        for status in (301, 400, 401, 403, 404, 405, 409, 410, 412, 413, 414, 422, 425, 426, 428, 431, 451)
    },
    "501": (refused(501), "never"),
    "505": (refused(505), "never"),
    "507": (refused(507), "never"),
    "429 day": (refused(429, DAY_QUOTA), "never"),
    "429 day, Retry-After": (refused(429, DAY_QUOTA, {"Retry-After": "1"}), "never"),
    "unreadable": (HttpResponse(200, {}, b"{"), "never"),
}


class Tries:
    """A transport that blocks.

    Args:
        outcomes: how each try comes out; the last is that of all further ones.
        seconds: how long a try takes, on its clock, unless its time limit passes before; or a function of the number
            of the try, from 0 on.
    """

    def __init__(self, outcomes: Iterable[Outcome], seconds: float | Callable[[int], float] = 0.0) -> None:
        self.clock: Any = self.make_clock()
        self.outcomes = [*outcomes]
        self.seconds = seconds
        self.requests: list[HttpRequest] = []
        self.limits: list[Timeout] = []

    make_clock: Any = FakeClock

    @property
    def waits(self) -> list[float]:
        waits: list[float] = self.clock.waits
        return waits

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        number = len(self.requests)
        self.requests.append(request)
        self.limits.append(timeout)
        seconds = self.seconds if isinstance(self.seconds, int | float) else self.seconds(number)
        if timeout.total is not None and seconds > timeout.total:
            self.clock.move(timeout.total)
            raise TransportTimeout("the time limit passed", request)
        if seconds:  # a clock of another kind need not be one to move
            self.clock.move(seconds)
        outcome = self.outcomes[min(number, len(self.outcomes) - 1)]
        if isinstance(outcome, Exception):
            raise outcome
        return OK if outcome is None else outcome


class AsyncTries(Tries):
    """A transport like `Tries`, awaited."""

    make_clock: Any = AsyncFakeClock

    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:  # type: ignore[override]
        return super().send(request, timeout=timeout)


def client_over(
    kind: str, *outcomes: Outcome, seconds: float | Callable[[int], float] = 0.0, **options: Any
) -> tuple[Any, Any]:
    """Return a client of a kind, and the transport below it, whose tries come out so."""
    blocks = kind == "blocking"
    transport = (Tries if blocks else AsyncTries)(outcomes, seconds)
    return (RestliClient if blocks else AsyncRestliClient)(transport, **options), transport  # type: ignore[arg-type]


def do(client: Any, call: Call[Any], **options: Any) -> Any:
    """Send a call by a client of either kind, and return its answer."""
    if inspect.iscoroutinefunction(client.send):
        return asyncio.run(client.send(call, **options))
    return client.send(call, **options)


def failure(client: Any, call: Call[Any], **options: Any) -> Any:
    """Send a call that must fail, and return its error."""
    try:
        answer = do(client, call, **options)
    except Exception as error:  # noqa: BLE001 - it is what the test looks at
        return error
    raise AssertionError(f"it was answered: {answer!r}")
