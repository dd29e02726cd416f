"""Flow: the steps from a call to its answer, written once for clients that block and for those that are awaited.

    try ── has an Authorization, or goes elsewhere ──> send it as it is ──────────────────> parse the answer
     └──── goes to the client's own origin ──> ask for the token ──> send it with it ──> parse the answer
     ^                                              ^                                        │
     │                                              └── once: 401, and a source gives another, or the same ripens
     └── wait ── the policy repeats it <─────────────────────────────────── any other failure ┘

Whatever the body of a 401 says, a source is asked: gateways answer with an empty one, and old APIs with old codes. A
source that has no other token gives the same one, or raises an OAuthError ``login_required``: then the 401 is the
answer. Whatever else it raises is raised, with the 401 as its context.

The generator yields steps, and receives the result of each, or the exception that performing it raised.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeVar

from restli_core.base_errors import Attempt, InvalidCallError, RestliError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.calls import Call, not_a_call
from restli_core.errors import (
    ConnectError,
    LimitError,
    OAuthError,
    RateLimitError,
    ServiceError,
    UnauthorizedError,
    without_body,
)
from restli_core.flows.retry import Repeat, Retries, RetryPolicy, kind_of
from restli_core.frames import clear_frames, drop_tracebacks
from restli_core.messages import Authorization, bearer
from restli_core.paths import UNVERSIONED_BASE_URL, VERSIONED_BASE_URL
from restli_transports._clients.pauses import pause
from restli_transports._clients.settings import cut, is_linkedins
from restli_transports._clients.steps import Send, Sleep, Step, TokenRequest
from restli_transports._clients.sunset import explain, note_sunset
from restli_transports.events.values import (
    CallEnded,
    RequestFailed,
    RequestSent,
    ResponseReceived,
    Retrying,
    TokenReplaced,
    Waiting,
)

if TYPE_CHECKING:
    from restli_core.flows.limits import Limit
    from restli_core.flows.steps import Raw
    from restli_core.flows.turns import Ticket
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports._clients.settings import Settings
    from restli_transports._clients.shared import Shared
    from restli_transports.transport import Timeout

__all__ = ["call_flow", "warn_of_default"]

T = TypeVar("T")

RIPE_AFTER: Final = 30.0  # seconds: LinkedIn needs some until all of its servers know a new token
RIPENING_WAIT: Final = 5.0


def call_flow(
    call: Call[T],
    settings: Settings,
    shared: Shared,
    timeout: Timeout,
    policy: RetryPolicy | None,
    *,
    raw: Raw | None = None,
) -> Generator[Step, Any, T]:
    """Yield the steps from a call to its answer, and return the answer.

    The client's token is added to a request that has none and goes to the client's own origin, and to no other.

    Args:
        call: the call.
        settings: the client's settings.
        shared: the state that the client shares with its clones.
        timeout: the time limits of the first try: those of any try, cut to the policy's total.
        policy: which failures are repeated; None for none.
        raw: what the call was made of, where that is a request of the user's own.
    """
    if not isinstance(call, Call):
        raise InvalidCallError("call", not_a_call(call))
    course = _Course(call, settings, shared, timeout, policy, raw=raw)
    if not settings.listeners.is_on():
        return (yield from course.run())
    course.is_watched = True
    try:
        answer = yield from course.run()
    except BaseException as error:
        # A driver that gives up closes the flow, because of what it then handles.
        course.end(error.__context__ or error if isinstance(error, GeneratorExit) else error)
        raise
    course.end(None)
    return answer


def warn_of_default(call: object, settings: Settings) -> None:
    """Warn of a call to LinkedIn's default URL, sent by a client that is for another server."""
    if isinstance(call, Call) and call.resource_path and call.request.url.startswith(_LINKEDIN):
        text = f"call: it goes to LinkedIn, not to the client's {settings.home.base}: make it with client.calls"
        warn(text, SuspiciousValueWarning)


_LINKEDIN: Final = (f"{VERSIONED_BASE_URL}/", f"{UNVERSIONED_BASE_URL}/")


class _Course(Generic[T]):
    """The course of one call: what has happened to it so far, and how it goes on.

    Attributes:
        is_watched: whether listeners are told of each try.
    """

    def __init__(
        self,
        call: Call[T],
        settings: Settings,
        shared: Shared,
        timeout: Timeout,
        policy: RetryPolicy | None,
        *,
        raw: Raw | None,
    ) -> None:
        self.is_watched = False
        self._call = call
        self._settings = settings
        self._shared = shared
        self._timeout = timeout
        self._policy = policy
        self._started = self._began = self._try_began = shared.now()
        self._attempts: list[Attempt] = []
        self._retries: Retries | None = None  # until the first failure
        self._ticket: Ticket | None = None  # of the last try
        self._is_unsent = False  # whether the ticket's room is still to be given back, should the call end
        self._last_cost = 1  # what a success gives back to the budget
        given, request = settings.access_token, call.request
        self._raw = raw
        self._takes_token = (
            given is not None
            and "Authorization" not in request.headers
            and (settings.is_own(request.url) if raw is None else _takes_token(raw, settings))
        )
        # What goes elsewhere is not a call of the API that the limits are about.
        self._is_limited = bool(settings.limits) and (raw is None or settings.is_own(request.url))
        is_fixed = not self._takes_token or isinstance(given, str | Authorization)
        self._source: Any = None if is_fixed else given
        # Of the last try, or the next; None where the source is to be asked. What it gives is checked by `bearer`.
        self._token: Any = given if is_fixed else None
        self._is_late = False  # whether time has gone by, which the next try does not have
        self._asks_for_token = True  # whether a refused token may still be replaced
        self._ripened = False

    def run(self) -> Generator[Step, Any, T]:
        """Send the call until it has an answer, or fails for good."""
        failure: RestliError | None = None
        try:
            while True:
                if self._is_limited:
                    yield from self._take_turn(failure)
                failure = None
                if self._source is not None and self._token is None:
                    # Not within the try block: what a source raises is not for this call's policy, since its own client
                    # has one, for which a token call is not repeated as a call that only reads is.
                    self._token = yield TokenRequest(self._source, None)
                    self._is_late = True
                try:
                    answer = yield from self._send_once()
                except UnauthorizedError as refusal:
                    failure = refusal
                    clear_frames(refusal)  # it may become the context of another error
                    goes_on = yield from self._replace_token(refusal)
                except RestliError as error:
                    failure = error
                    goes_on = False
                else:
                    self._shared.earn(self._last_cost)
                    self._settle(answer)
                    return answer
                # Outside of the except block, since the failures of further tries do not come from this one.
                self._settle_failure(failure)
                if not goes_on:
                    yield from self._wait_for_retry(failure)
        finally:
            self._give_back()

    def end(self, error: BaseException | None) -> None:
        """Tell the listeners that the call is over."""
        self._settings.listeners.emit(CallEnded(self._call, error, self._shared.now() - self._started))

    # -- limits ----------------------------------------------------------------------------------------------------

    def _take_turn(self, failure: RestliError | None) -> Generator[Step, Any, None]:
        """Wait until the limits have room for a try.

        Args:
            failure: that of the try before; None for none. Where the limits have no room soon, it is raised.
        """
        shared, turns = self._shared, self._shared.turns(self._settings.limits)
        costs = turns.costs(self._call)
        if not costs:
            return
        began, member = shared.now(), self._member()  # which takes the lock, too
        try:
            with shared.lock:
                self._ticket = turns.enter(costs, member, began, shared.time(), again=self._ticket)
                self._is_unsent = True
            self._ticket.wake = shared.wake
            yield from self._wait_for(self._ticket)
        except LimitError:
            if failure is None:
                raise
            self._fail(failure)
        # The policy's total is for tries and the waits after failures.
        waited = shared.now() - began
        self._began += waited
        self._try_began += waited

    def _wait_for(self, ticket: Ticket) -> Generator[Step, Any, None]:
        """Wait for one's turn."""
        shared = self._shared
        told: Limit | None = None
        while True:
            wakes = shared.wakes()
            with shared.lock:
                left = ticket.seconds_left(shared.now(), shared.time())
            if left <= 0:
                return
            self._refuse_if_closed(ticket, left)
            if ticket.limit is not told:
                told = ticket.limit
                self._settings.listeners.emit(Waiting(self._call, told, left))
            before = shared.now()
            yield Sleep(left, wakes)
            shared.refuse_if_stopped(before)

    def _give_back(self) -> None:
        """Give back the room, or the place in a queue, of a try that was not sent, however the call has ended."""
        ticket = self._ticket
        if self._is_unsent and ticket is not None:
            self._is_unsent = False
            with self._shared.lock:
                ticket.limits.leave(ticket)

    def _refuse_if_closed(self, ticket: Ticket, left: float) -> None:
        if self._shared.closed:
            raise LimitError(f"the client was closed while the call waited for {ticket.limit}", left)

    def _member(self) -> Hashable:
        """Return what stands for the member in whose name the call is sent."""
        given, own = self._settings.access_token, self._call.request.headers.get("Authorization")
        if given is None or own is not None:
            return self._shared.member(None, own)
        if isinstance(given, str | Authorization):
            return self._shared.member(None, bearer(given))
        return self._shared.member(given, None)

    def _settle(self, answer: Any) -> None:
        """Count what the call did cost."""
        ticket = self._ticket
        if ticket is None:
            return
        try:
            costs = ticket.limits.costs(self._call, answer)
        except InvalidCallError as error:
            # The answer is worth more than the count, for which the estimate stands.
            self._settings.listeners.report(str(error))
            return
        with self._shared.lock:
            ticket.limits.settle(ticket, costs)

    def _settle_failure(self, failure: RestliError) -> None:
        """Take the server's word that a limit is full; give the room back for what was not sent."""
        ticket, shared = self._ticket, self._shared
        if ticket is None:
            return
        with shared.lock:
            if isinstance(failure, RateLimitError):
                ticket.limits.fill(ticket, failure, shared.now(), shared.time())
            elif isinstance(failure, ConnectError):
                ticket.limits.leave(ticket)

    # -- a try ----------------------------------------------------------------------------------------------------

    def _send_once(self) -> Generator[Step, Any, T]:
        """Send the call once, with a token where it takes one, and return the answer."""
        call, settings = self._call, self._settings
        if self._is_late:
            self._try_began = self._shared.now()
        request = call.request
        if self._takes_token:
            fixed = settings.authorization
            request = request.with_checked("Authorization", bearer(self._token) if fixed is None else fixed)
        if self.is_watched:
            response = yield from self._send_watched(request)
        else:
            limits = self._limits()
            self._is_unsent = False
            response = yield Send(request, limits)
        if settings.is_versioned and settings.is_own(request.url):  # and so of LinkedIn's
            note_sunset(settings, self._shared, response)
        # As `Call.parse` does, but for the request as it was sent, without a call of its own for it.
        return call.reader(request, response, settings.loads)

    def _send_watched(self, request: HttpRequest) -> Generator[Step, Any, HttpResponse]:
        """Send a request, and tell the listeners of it and of what came of it."""
        listeners = self._settings.listeners
        if listeners.has_headers:
            for name, value in listeners.extra_headers(self._call).items():
                request = request.with_header(name, value)
        sent = RequestSent(self._call, request, len(self._attempts) + 1)
        listeners.emit(sent)
        limits, began = self._limits(), self._shared.now()
        self._is_unsent = False
        try:
            response: HttpResponse = yield Send(request, limits)
        except Exception as error:
            listeners.emit(RequestFailed(sent.call, sent.request, sent.attempt, error, self._shared.now() - began))
            raise
        seconds, status, size = self._shared.now() - began, response.status_code, len(response.body)
        listeners.emit(ResponseReceived(sent.call, sent.request, sent.attempt, status, seconds, size))
        return response

    def _limits(self) -> Timeout:
        """Return the time limits of a try."""
        return cut(self._timeout, self._policy, self._elapsed()) if self._is_late else self._timeout

    def _elapsed(self) -> float:
        return self._shared.now() - self._began

    # -- after a failure ------------------------------------------------------------------------------------------

    def _replace_token(self, refusal: UnauthorizedError) -> Generator[Step, Any, bool]:
        """Return whether the call is sent again with another token, or with the same one after a wait."""
        source, token = self._source, self._token
        if source is None:
            return False
        # Also one that has just come in the place of another: it is the newest of all.
        if not self._ripened and _is_unripe(source, token) and self._fits(RIPENING_WAIT):
            self._ripened = True
            self._note(refusal)
            self._tell_of_retry(RIPENING_WAIT)
            yield from self._wait(RIPENING_WAIT, refusal)
            return True
        if not self._asks_for_token:
            return False
        self._asks_for_token = False
        try:
            another = yield TokenRequest(source, token)
        except OAuthError as error:
            if error.error != "login_required":
                raise
            refusal.hint = error.error_description or "the member must sign in (again)"
            return False
        if another == token:
            return False  # the source has no other
        self._note(refusal)
        self._token = another
        self._settings.listeners.emit(TokenReplaced())
        return True

    def _wait_for_retry(self, error: RestliError) -> Generator[Step, Any, None]:
        """Wait, where the policy repeats the call after a failure; else raise the failure."""
        if isinstance(error, ServiceError):
            explain(error)
        self._note(error)
        repeat = self._repeat(error)
        if repeat is None:
            self._fail(error)
        self._last_cost = repeat.cost
        self._tell_of_retry(repeat.wait)
        yield from self._wait(repeat.wait, error)
        drop_tracebacks(error)  # nobody will see it, and what it has sent may be large
        if self._source is not None:
            self._token = None  # it may have ended meanwhile

    def _tell_of_retry(self, wait: float) -> None:
        """Tell the listeners that the try before failed, and that another one comes after a wait."""
        number, error, _ = self._attempts[-1]
        self._settings.listeners.emit(Retrying(self._call, error, wait, number))

    def _repeat(self, error: RestliError) -> Repeat | None:
        policy = self._policy
        if policy is None or self._shared.closed:
            return None
        if self._retries is None:
            kind = kind_of(self._call.method) if self._raw is None else self._raw.repeats_as
            self._retries = Retries(policy, kind)
        repeat = self._retries.after(error, self._elapsed(), self._settings.random)
        return repeat if repeat is not None and self._shared.pay(repeat.cost, policy.budget) else None

    def _wait(self, seconds: float, error: RestliError) -> Generator[Step, Any, None]:
        """Wait; where the client is closed meanwhile, raise the failure that came before."""
        if not (yield from pause(self._shared, seconds)):
            self._fail(error)

    def _fits(self, wait: float) -> bool:
        policy = self._policy
        return policy is None or policy.total is None or self._elapsed() + wait < policy.total

    def _note(self, error: RestliError) -> None:
        """Note how a try ended."""
        self._is_late = True
        seconds = self._shared.now() - self._try_began
        self._attempts.append(Attempt(len(self._attempts) + 1, without_body(error), seconds))

    def _fail(self, error: RestliError) -> NoReturn:
        """Raise the failure that the call ends with."""
        error.note_attempts(tuple(self._attempts), self._elapsed())
        raise error


def _takes_token(raw: Raw, settings: Settings) -> bool:
    """Return whether the client's token goes with a request of the user's own: where that asks for it, and it may."""
    return raw.authorize and (settings.is_own(raw.request.url) or is_linkedins(raw.request.url))


def _is_unripe(source: Any, token: Any) -> bool:
    """Return whether a token is so new that some of LinkedIn's servers may not know it yet."""
    age = getattr(source, "age", None)
    seconds: Any = age(token) if callable(age) else None
    return isinstance(seconds, int | float) and seconds < RIPE_AFTER
