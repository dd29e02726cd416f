"""Exchange: one request on its way, what is left of its time, and what an error means at that point.

    not sent yet                    ConnectError        nothing can have happened
    sent, and a limit passed        TransportTimeout    anything may have happened
    sent, and anything else         ProtocolError       likewise

A call has three limits. That for connecting is one for TCP, proxy and TLS together; that for reading holds for each
wait; the total bounds them all, so that an answer which drips in byte by byte cannot outlast it.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from restli_core.errors import ConnectError, ProtocolError, TransportError, TransportTimeout
from restli_transports.transport import check_framing, check_timeout
from restli_transports.wire.body import UnreadableError
from restli_transports.wire.urls import parse_url

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.transport import Timeout
    from restli_transports.wire.urls import ParsedUrl

__all__ = ["Exchange", "Failures", "carrying", "connect_first", "current_exchange"]

# RFC 3986 section 3.2.1: a library may quote the URL of a proxy
_PROXY_PASSWORD: Final = re.compile(r"//[^/\s]*@")
_EARLY: Final = 0.001  # seconds by which the clock of an event loop may be ahead

Place = TypeVar("Place")
Connection = TypeVar("Connection")


class Failures(NamedTuple):
    """What a library's errors tell.

    Args:
        unsent: these leave no doubt that nothing was sent, where that is not known otherwise.
        timeouts: these tell of a limit that passed.
        others: these do not, although they are kinds of those.
    """

    unsent: tuple[type[BaseException], ...] = ()
    timeouts: tuple[type[BaseException], ...] = ()
    others: tuple[type[BaseException], ...] = ()

    def tell_unsent(self, causes: Iterable[BaseException]) -> bool:
        """Whether one of these errors can only happen before anything is sent."""
        return any(isinstance(cause, self.unsent) for cause in causes)

    def tell_timeout(self, cause: BaseException) -> bool:
        """Whether this error is about time."""
        return isinstance(cause, (TimeoutError, *self.timeouts)) and not isinstance(cause, self.others)


_PLAIN: Final = Failures()


class Exchange:
    """One request on its way.

    Args:
        request: the request.
        timeout: its limits; the total begins to run now.

    Raises:
        InvalidCallError: HTTP has no way to say this request.

    Attributes:
        url: where it goes.
    """

    request: HttpRequest
    timeout: Timeout
    url: ParsedUrl

    def __init__(self, request: HttpRequest, timeout: Timeout) -> None:
        check_framing(request)
        self.request = request
        self.timeout = check_timeout(timeout)
        self.url = parse_url(request.url)
        self._end = _from_now(timeout.total)
        self._open_until: float | None = None
        self._noted = False
        self._sent = False

    def wait(self) -> float | None:
        """The seconds that the next wait may last; None for no limit.

        Raises:
            TimeoutError: none is left.
        """
        until = min(_from_now(self.timeout.read), self._end) if self._open_until is None else self._open_until
        return _left(until)

    def queue(self) -> float | None:
        """The seconds that a wait for a free connection may last, which only the total bounds; as `wait`."""
        return _left(self._end)

    @contextmanager
    def opening(self) -> Generator[None]:
        """The time in which a connection is opened, TCP, proxy and TLS together; what is sent is no request yet."""
        self.note_opening()
        try:
            yield
        finally:
            self.note_opened()

    def note_opening(self) -> None:
        """A connection is about to be opened."""
        self._noted = True
        self._open_until = min(_from_now(self.timeout.connect), self._end)

    def note_opened(self) -> None:
        """It is open, or will not be."""
        self._open_until = None

    def note_sending(self, *, sent: bool = True) -> None:
        """A connection is about to send bytes, or has sent some."""
        self._noted = True
        self._sent = self._sent or (sent and self._open_until is None)

    def error(self, error: BaseException, failures: Failures = _PLAIN) -> TransportError:
        """A library's error as one of ours. What goes wrong after the total limit, goes wrong because of it."""
        if isinstance(error, UnreadableError):
            return ProtocolError(str(error), self.request)
        causes = list(_causes(error))
        unsent = not self._sent if self._noted else failures.tell_unsent(causes)
        late = [cause for cause in causes if failures.tell_timeout(cause)]
        kind = ConnectError if unsent else TransportTimeout if late or self._is_over() else ProtocolError
        # A limit of the operating system's own has a number; ours have none.
        ours = self._is_over() or (late and getattr(late[-1], "errno", None) is None)
        passed = self._passed(unsent=unsent) if ours else None
        return kind(passed or _reason(kind, causes[-1]), self.request)

    def _is_over(self) -> bool:
        return time.monotonic() >= self._end - _EARLY

    def _passed(self, *, unsent: bool) -> str | None:
        limit, passed = self.timeout.read, "nothing was read or written for"
        if self._is_over():
            limit, passed = self.timeout.total, "the total limit passed:"
        elif unsent:
            limit, passed = self.timeout.connect, "no connection within"
        return None if limit is None else f"{passed} {limit:g} s"


_current: ContextVar[Exchange | None] = ContextVar("restli_transports_exchange", default=None)


@contextmanager
def carrying(exchange: Exchange) -> Generator[None]:
    """Inside, the connections that this thread or task uses carry this exchange."""
    token = _current.set(exchange)
    try:
        yield
    finally:
        _current.reset(token)


def current_exchange() -> Exchange | None:
    """What this thread or task carries."""
    return _current.get()


def _from_now(seconds: float | None) -> float:
    return math.inf if seconds is None else time.monotonic() + seconds


def _left(until: float) -> float | None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return None if left == math.inf else left


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it was made of, outermost first. `__context__` is left out: it may be another call's."""
    found: BaseException | None = error
    while found is not None:
        yield found
        inner = (found.__cause__, getattr(found, "reason", None), *reversed(found.args))
        found = next((cause for cause in inner if isinstance(cause, BaseException)), None)


def _reason(kind: type[TransportError], cause: BaseException) -> str:
    happened = "could not connect" if kind is ConnectError else "the exchange broke off"
    told = _PROXY_PASSWORD.sub("//", str(cause)) or type(cause).__name__
    return f"{happened}: {told[:200]}"


def connect_first(
    places: Iterable[Place], connect: Callable[[Place, float | None], Connection], exchange: Exchange
) -> Connection:
    """A connection to the first of a host's addresses that takes it; each has an even share of the time left.

    Args:
        places: the addresses.
        connect: connects to one within so many seconds.
        exchange: whose time it is.

    Raises:
        OSError: none takes it; what the last one's attempt raised.
    """
    failure = OSError("the host has no address")
    listed = list(places)
    for count, place in zip(range(len(listed), 0, -1), listed, strict=True):
        left = exchange.wait()
        try:
            return connect(place, None if left is None else left / count)
        except OSError as error:
            failure = error
    raise failure
