"""Transports that answer in memory, over handlers: for the unit tests of programs that use a client. No sockets.

    fake = FakeTransport()
    fake.on("/adAccounts/{id:long}", "get", lambda invocation: {"id": invocation.key, "name": "Summer"})

    client = RestliClient(fake, access_token="a token", version_string="202609")
    client.get("/adAccounts/{id}", path_keys={"id": 5}).entity["name"]     # "Summer"
    fake.requests[-1].headers["Authorization"]                            # "Bearer a token"
    fake.invocations[-1].key                                              # 5

A request is read, and refused, as LinkedIn's own server would. But one that no handler is registered for is a fault of
the test, and so is an exception in a handler that is not a `Refusal`: both are raised through the client, as an
`UnexpectedRequestError` and as they are, so that no code that handles a server's errors can hide them.

A client over it waits on its clock, which moves by itself: no test ever sleeps, and ``fake.waits`` lists the waits. A
call that only reads is repeated after a failure, as over any transport: plan the failure for all of its tries, or give
the client no policy:

    fake.fail_next(ConnectError("refused"), times=4)
    client = RestliClient(fake, retry=None)

It keeps LinkedIn's rules where it is told them, and fails by a schedule, on the time of its clock:

    FakeTransport(limits=[Limit(150, "day", each="member")], versions=["202609"], faults=Faults(seed=1, rate=0.2))

With ``authorization=AuthorizationServer()`` it also answers the calls of `restli_core.oauth`, whatever their base URL:
see `restli_transports.testing.authorization`.
"""

from __future__ import annotations

import copy
import re
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, ClassVar

from restli_core.errors import InvalidCallError, ProtocolError
from restli_core.flows.limits import Limit  # noqa: TC001 - for typing.get_type_hints
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.server import Invocation, Refusal
from restli_transports.testing.authorization import AuthorizationServer, TokenCheck
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock
from restli_transports.testing.faults import NO_FAULT, Fault, Faults
from restli_transports.testing.handlers import Handlers, HasHandlers
from restli_transports.testing.journal import Journal, JournalEntry
from restli_transports.testing.numbers import Numbers
from restli_transports.testing.rules import Rules
from restli_transports.transport import Timeout  # noqa: TC001 - for typing.get_type_hints

__all__ = ["FakeAsyncTransport", "FakeTransport"]


class _Fake(HasHandlers):
    """What the two transports share: everything except the waiting."""

    requests: list[HttpRequest]
    invocations: list[Invocation]
    closed: bool
    journal: Journal
    clock: Any
    _clock_type: ClassVar[type[FakeClock | AsyncFakeClock]]

    def __init__(
        self,
        handlers: Handlers | None = None,
        *,
        base_path: str | None = None,
        authorization: AuthorizationServer | None = None,
        requires_token: bool = False,
        limits: Iterable[Limit] = (),
        versions: Iterable[str] | None = None,
        faults: Faults | None = None,
        max_batch: int | None = None,
        max_body: int | None = None,
    ) -> None:
        self.requests = []
        self.invocations = []
        self.closed = False
        self.clock = self._clock_type()
        self._handlers = Handlers() if handlers is None else handlers
        self._base_path = base_path
        self._token_check = TokenCheck(authorization, requires_token)
        self._planned: deque[HttpResponse | Exception] = deque()
        self.journal = Journal()
        self._rules = Rules(limits, versions, self.clock.time, max_batch, max_body)
        self._faults = faults
        self._numbers = Numbers(1)

    @property
    def waits(self) -> list[float]:
        """The seconds of each wait of the clients, in their order."""
        waits: list[float] = self.clock.waits
        return waits

    @property
    def handlers(self) -> Handlers:
        """The handlers that answer."""
        return self._handlers

    @property
    def authorization(self) -> AuthorizationServer | None:
        """The authorization server beside the resources; None for none."""
        return self._token_check.authorization

    def fail_next(self, answer: HttpResponse | Exception, *, times: int = 1) -> None:
        """Plan the answer to the next request, in place of its handler's; later plans come after earlier ones.

        Args:
            answer: an HttpResponse or a Refusal to answer with, or an exception to raise, such as a ConnectError.
            times: how many requests it is for. The first that is to fail gets the exception itself, and each other one
                a copy, which has tries, notes and a traceback of its own.

        Raises:
            InvalidCallError: the answer is none of these.
        """
        if not isinstance(answer, HttpResponse | Exception):
            raise InvalidCallError("answer", f"must be an HttpResponse or an exception, not {type(answer).__name__}")
        copies = [_copied(answer) for _ in range(times - 1)]  # before anybody raises it
        self._planned.extend([answer, *copies][:times])

    def _answer(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        planned: HttpResponse | Exception | None = None
        with suppress(IndexError):  # there is none, or another thread has taken the last one
            planned = self._planned.popleft()
        fault = self._fault(request) if planned is None else NO_FAULT
        executed: HttpResponse | None = None
        # Planned, where any other exception is to be raised.
        answer = planned.response if isinstance(planned, Refusal) else planned or fault.response
        try:
            if answer is None and not fault.is_silent:
                answer, executed = self._true_answer(request)
            elif fault.runs:
                _, executed = self._true_answer(request)
        finally:
            answered = None if fault.loses_answer or isinstance(answer, Exception) else answer
            kind = fault.kind if planned is None else "planned"
            self.journal.add(JournalEntry(request, kind, executed, answered))
        self.clock.move(fault.delay)
        if isinstance(answer, Exception):
            raise answer
        if answer is None or fault.loses_answer:
            what = "was cut short" if fault.cut is not None else "never came: the connection was reset"
            raise ProtocolError(f"the answer {what}, by the schedule of faults", request)
        if not answer.url:
            answer = HttpResponse(answer.status_code, answer.headers, answer.body, request.url, answer.native)
        return answer

    def _fault(self, request: HttpRequest) -> Fault:
        route = self._handlers.route(request)
        if route is not None:
            return route.next_fault(request)
        return NO_FAULT if self._faults is None else self._faults.fault(next(self._numbers))

    def _true_answer(self, request: HttpRequest) -> tuple[HttpResponse, HttpResponse | None]:
        """Return the answer to a request, and again what the handlers answered; None where none was asked."""
        route = self._handlers.route(request)
        if route is not None:
            answer = self._handlers.respond_raw(route, request)
            return answer, answer
        base_path = self._base_path
        if base_path is None:
            # LinkedIn's own base paths, so that a client with any base URL of theirs can be tested as it is.
            found = re.match(r"(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?(/rest|/v2)/", request.url)
            base_path = found[1] if found else ""
        refused = self._token_check.answer(request) or self._rules.answer(request, base_path)
        if refused is not None:
            return refused, None
        try:
            invocation = self._handlers.read(request, base_path=base_path)
        except Refusal as refusal:
            return refusal.response, refusal.response
        self.invocations.append(invocation)
        answer = self._handlers.respond(invocation)
        return answer, answer

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {len(self.requests)} requests>"


def _copied(answer: HttpResponse | Exception) -> HttpResponse | Exception:
    """Return an exception like this one; itself where it cannot be copied, or is an answer, which never changes."""
    if isinstance(answer, HttpResponse):
        return answer
    try:
        copied = copy.copy(answer)
    except Exception:  # noqa: BLE001 - one whose class wants other arguments than it keeps
        return answer
    if type(copied) is not type(answer):
        return answer
    copied.__cause__, copied.__suppress_context__ = answer.__cause__, answer.__suppress_context__
    if hasattr(copied, "__notes__"):
        copied.__notes__ = [*copied.__notes__]
    return copied


class FakeTransport(_Fake):
    """A transport in memory.

    Args:
        handlers: handlers made elsewhere; new ones by default.
        base_path: what stands before the resources in the path of every URL, such as ``/rest``. None for LinkedIn's:
            ``/rest`` and ``/v2`` are removed where a URL has them, so that any base URL of LinkedIn's can be used, and
            one without a path.
        authorization: an authorization server to answer beside the resources; None for none.
        requires_token: whether the resources want an access token of that server's, and refuse others with 401.
        limits: how much may be asked for; what is more gets LinkedIn's 429s. Members are told apart by their tokens,
            and what the limits say of waiting does not matter.
        versions: the versions that are active, such as ``["202609"]``: others get 426, and requests without one 400.
            None for any.
        faults: which requests get which fault; None for none. Those of `fail_next` come first.
        max_batch: how many ids, or entities, a batch may have; more get LinkedIn's 400. None for any number.
        max_body: how many bytes a body may have; more get 413. None for any number.

    Raises:
        InvalidCallError: tokens are required, and there is no authorization server to give them; or the limits,
            versions or numbers are not what they should be.

    Attributes:
        requests: the requests that were sent, as they were sent.
        invocations: what they asked for, in the same order, without those that were refused or failed on purpose, or
            are not Rest.li's.
        journal: what became of them: what the handlers answered, and what was sent.
        closed: whether the transport has been closed.
        clock: the clock of its clients, a `FakeClock`.
    """

    clock: FakeClock
    _clock_type = FakeClock

    def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        """Return the answer of the handler, or the one that is planned.

        Args:
            request: the request.
            timeout: not used, since nothing waits here.

        Raises:
            UnexpectedRequestError: no handler is registered for the request.
            Exception: the one that is planned, or that the handler raises.
        """
        return self._answer(request)

    def close(self) -> None:
        """Note that it was called, and do nothing else."""
        self.closed = True


class FakeAsyncTransport(_Fake):
    """A transport like `FakeTransport`, awaited. Handlers are plain functions."""

    clock: AsyncFakeClock
    _clock_type = AsyncFakeClock

    async def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        """Return the answer as `FakeTransport.send` does, awaited."""
        return self._answer(request)

    async def close(self) -> None:
        """Note that it was called, as `FakeTransport.close` does, awaited."""
        self.closed = True
