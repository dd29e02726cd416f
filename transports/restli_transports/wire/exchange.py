"""Exchange: one request on its way: where it stands, how long its next wait may be, and what an error then means.

    phase         the request                                        a wait ends with    a failure is
    UNKNOWN       is with a library that does not say                read, total         judged by its type (`Failures`)
    QUEUED        waits for a connection, or has one, still unsent   total               ConnectError
    CONNECTING    has its connection opened: TCP, proxy, TLS         connect, total      ConnectError
    SENDING       is being sent: some of it may have arrived         read, total         a timeout, or ProtocolError
    READING       is sent; its answer is awaited or read             read, total         a timeout, or ProtocolError

    ConnectError        nothing can have happened: the call may be repeated
    TransportTimeout    a limit passed, and anything may have happened
    ProtocolError       something else went wrong, and anything may have happened

What was sent once stays sent: where one exchange takes a second request, such as one that answers a challenge (401),
a connection that cannot be opened for it is not a ConnectError.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from restli_core.errors import ConnectError, ProtocolError, TransportError, TransportTimeout
from restli_transports.transport import check_framing, check_timeout
from restli_transports.wire.body import UnreadableError
from restli_transports.wire.deadline import Deadline
from restli_transports.wire.early_answers import EarlyAnswer
from restli_transports.wire.library_errors import conceal
from restli_transports.wire.tls import certificate_hint
from restli_transports.wire.urls import parse_url

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.transport import Timeout
    from restli_transports.wire.deadline import Limit
    from restli_transports.wire.urls import ParsedUrl

__all__ = ["Exchange", "Failures", "Phase", "carry_nothing", "carrying", "current_exchange", "current_target"]


class Phase(Enum):
    """Where a request stands; each has a row of the table above.

    Attributes:
        limit: which limit bounds a wait, besides the total.
        unsent: whether nothing of the request has been sent; None where that is not known.
    """

    limit: Limit
    unsent: bool | None

    # The names are there since members with equal values would be one and the same.
    UNKNOWN = "unknown", "read", None
    QUEUED = "queued", "total", True
    CONNECTING = "connecting", "connect", True
    SENDING = "sending", "read", False
    READING = "reading", "read", False

    def __init__(self, _name: str, limit: Limit, unsent: bool | None) -> None:
        self.limit = limit
        self.unsent = unsent


class Failures(NamedTuple):
    """What the types of a library's errors say.

    Args:
        unsent: these leave no doubt that nothing was sent, where that is not known otherwise.
        timeouts: these say that a limit passed.
        not_timeouts: these do not, although they are kinds of those.
    """

    unsent: tuple[type[BaseException], ...] = ()
    timeouts: tuple[type[BaseException], ...] = ()
    not_timeouts: tuple[type[BaseException], ...] = ()

    def is_unsent(self, causes: Iterable[BaseException]) -> bool:
        """Return whether one of these errors can only happen before anything is sent."""
        return any(isinstance(cause, self.unsent) for cause in causes)

    def is_timeout(self, cause: BaseException) -> bool:
        """Return whether this error says that a limit passed."""
        return isinstance(cause, (TimeoutError, *self.timeouts)) and not isinstance(cause, self.not_timeouts)


class Exchange:
    """One request on its way.

    Args:
        request: the request.
        timeout: its limits; the total begins to run now.

    Raises:
        InvalidCallError: HTTP has no way to say this request, or its URL is not an http or https URL.

    Attributes:
        url: where it goes.
        deadline: what is left of its time.
        early: what has come of its answer while it was being sent.
        phase: where it stands.
        keepalive_seconds: how long a connection may have been idle that it takes; None for no limit. A transport sets
            this whose connections know of nothing else than the exchange.
        begun_size: bytes that have come before the head of the answer was known, where somebody counts them; that is
            while `is_begun` is true.
    """

    request: HttpRequest
    url: ParsedUrl
    deadline: Deadline
    early: EarlyAnswer
    keepalive_seconds: float | None = None
    begun_size: int = 0
    is_begun: bool = False

    def __init__(self, request: HttpRequest, timeout: Timeout) -> None:
        check_framing(request)
        self.request = request
        self.deadline = Deadline(check_timeout(timeout))
        self.url = parse_url(request.url)
        self.early = EarlyAnswer()
        self._phase = Phase.UNKNOWN
        self._sent = False
        self._outer = sys.exception()  # what the caller is handling is none of this request's business

    @property
    def phase(self) -> Phase:
        """The phase that it is in: whoever carries it sets this. CONNECTING starts the limit for connecting."""
        return self._phase

    @phase.setter
    def phase(self, phase: Phase) -> None:
        if phase is Phase.CONNECTING:
            self.deadline.start_connecting()
        self._sent = self._sent or phase.unsent is False
        self._phase = phase

    @contextmanager
    def connecting(self) -> Generator[None]:
        """Be in the phase CONNECTING within the block, where nothing of the request is sent, and in QUEUED after it.

        What is sent in it belongs to the connection, such as the CONNECT of a proxy.
        """
        self.phase = Phase.CONNECTING
        try:
            yield
        finally:
            # After a failure too: nothing was sent, and so the failure is a ConnectError.
            self.phase = Phase.QUEUED

    def seconds_left(self) -> float | None:
        """Return the seconds that the next wait may last in this phase; None for no limit.

        Code that is not about to wait calls it for its error alone.

        Raises:
            TimeoutError: none is left.
        """
        return self.deadline.left(self._phase.limit)

    def error(self, raised: BaseException, failures: Failures = Failures()) -> TransportError:  # noqa: B008 - immutable
        """Return a library's error as one of ours. What goes wrong once the total has passed counts as caused by that.

        The library's own is without the secrets of the request after this.

        Args:
            raised: what the library raised, or an UnreadableError.
            failures: what the library's types say.
        """
        conceal(raised, self.request, outer=self._outer)
        if isinstance(raised, UnreadableError):
            return ProtocolError(str(raised), self.request)
        causes = list(_causes(raised))
        # The phase knows whether anything was sent. Only where a library does not say the phase, its types decide, and
        # what they leave in doubt counts as sent: a call that may have been done must not look as if it had not.
        unsent = not self._sent and (self._phase is not Phase.UNKNOWN or failures.is_unsent(causes))
        timeouts = [cause for cause in causes if failures.is_timeout(cause)]
        over, timeout = self.deadline.is_over, self.deadline.timeout
        kind = ConnectError if unsent else TransportTimeout if timeouts or over else ProtocolError
        # Name the limit that passed, if it is one of the call's. The innermost error says so: one of the operating
        # system's own limits (ETIMEDOUT) has an errno.
        reason: str | None = None
        if over:
            reason = f"the total limit passed: {timeout.total:g} s"
        elif timeouts and getattr(timeouts[-1], "errno", None) is None:
            if unsent and timeout.connect is not None:
                reason = f"no connection within {timeout.connect:g} s"
            elif not unsent and timeout.read is not None:
                reason = f"nothing was read or written for {timeout.read:g} s"
        if reason is None:
            happened = "could not connect" if unsent else "the exchange broke off"
            # Some libraries put all that they read into their text; its beginning says enough.
            text = str(causes[-1]) or type(causes[-1]).__name__
            hint = next(filter(None, map(certificate_hint, causes)), "")
            reason = f"{happened}: {text[:200]}{hint and '; '}{hint}"
        return kind(reason, self.request)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and those that it was made of, outermost first."""
    found: BaseException | None = error
    while found is not None:
        yield found
        # Libraries keep a cause in several places. `__context__` is left out: it may be another call's.
        inner = (found.__cause__, getattr(found, "reason", None), *reversed(found.args))
        found = next((cause for cause in inner if isinstance(cause, BaseException)), None)


class _Carried(NamedTuple):
    """What a thread or task carries; see `carrying`."""

    exchange: Exchange | None = None
    target: str | None = None


# Some libraries have no way to hand anything to the connection that they choose: so the thread or task holds it.
_carried: ContextVar[_Carried] = ContextVar("restli_transports_carried", default=_Carried())  # noqa: B039 - immutable


@contextmanager
def carrying(exchange: Exchange | None, *, target: str | None = None) -> Generator[None]:
    """Let the connections that this thread or task uses within the block carry an exchange.

    Args:
        exchange: whose limits hold, and whose phase the connections set; None for none.
        target: what is to go onto the wire as the target of a request, should the library have changed it.
    """
    token = _carried.set(_Carried(exchange, target))
    try:
        yield
    finally:
        _carried.reset(token)


def carry_nothing() -> None:
    """Have this thread or task carry no exchange from now on: at the end of a task that has begun with another's."""
    _carried.set(_Carried())


def current_exchange() -> Exchange | None:
    """Return the exchange that this thread or task carries; None for none."""
    return _carried.get().exchange


def current_target() -> str | None:
    """Return the target that is to go onto the wire; None where the library's own is good."""
    return _carried.get().target
