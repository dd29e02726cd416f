"""Flow: the steps from a call to its answer, written once for clients that block and for those that are awaited.

    call ── has an Authorization, or goes elsewhere ──> send it as it is ────────────────────────> parse the answer
      └──── goes to the client's own origin ──> ask for the token ──> send it with the token ──> parse the answer
                                                      ^                                                │
                                                      └── once: 401, and a source gives another ───────┘

Whatever the body of a 401 says, a source is asked: gateways answer with an empty one, and old APIs with old codes. A
source that has no other token gives the same one, or raises an OAuthError ``login_required``: then the 401 is the
answer. Whatever else it raises is raised, with the 401 as its context.

A step is a request to send, or a token to get. The generator yields it, and receives its result, or the exception that
performing it raised.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call
from restli_core.errors import OAuthError, UnauthorizedError
from restli_core.frames import clear_frames
from restli_core.messages import Authorization, HttpRequest, bearer

if TYPE_CHECKING:
    from restli_transports._clients.settings import Settings
    from restli_transports.transport import Timeout

__all__ = ["Step", "TokenRequest", "call_flow", "perform", "perform_async"]

T = TypeVar("T")


class TokenRequest(NamedTuple):
    """A step: a source is asked for a token.

    Args:
        source: the source.
        rejected: the token that the server has refused; None for none.
    """

    source: Any
    rejected: str | None


Step: TypeAlias = HttpRequest | TokenRequest


def call_flow(call: Call[T], settings: Settings) -> Generator[Step, Any, T]:
    """Yield the steps from a call to its answer, and return the answer.

    The client's token is added to a request that has none and goes to the client's own origin, and to no other. A
    request is repeated once at most, and only with another token of the source that the first one came from.
    """
    if not isinstance(call, Call):
        raise InvalidCallError("call", f"must be a call, as restli_core.get makes one, not {type(call).__name__}")
    source = settings.access_token
    token: Any = None  # what a source of the user's own gives is checked by bearer
    if source is not None and "Authorization" not in call.request.headers and settings.is_own(call.request.url):
        token = source if isinstance(source, str | Authorization) else (yield TokenRequest(source, None))
        call = call.with_request(call.request.with_header("Authorization", bearer(token)))
    try:
        return call.parse((yield call.request), loads=settings.loads)
    except UnauthorizedError as refusal:
        if token is None or isinstance(source, str | Authorization):
            raise
        clear_frames(refusal)  # it may become the context of another error
        try:
            another = yield TokenRequest(source, token)
        except OAuthError as error:
            if error.error != "login_required":
                raise
            refusal.hint = error.error_description or "the member must sign in (again)"
            another = token
        if another == token:
            raise  # the source has no other
    call = call.with_request(call.request.with_header("Authorization", bearer(another)))
    return call.parse((yield call.request), loads=settings.loads)


def perform(transport: Any, timeout: Timeout, step: Step) -> Any:
    """Perform a step, and return its result; from an asynchronous transport or source, an awaitable of it."""
    if isinstance(step, HttpRequest):
        return transport.send(step, timeout=timeout)
    return step.source.token(rejected=step.rejected)


async def perform_async(transport: Any, timeout: Timeout, step: Step) -> Any:
    """Perform a step, and return its result.

    Raises:
        InvalidCallError: the transport or the source is not asynchronous.
    """
    promised = perform(transport, timeout, step)
    # A transport or a source of the user's own need not show by its signature that it blocks.
    if not inspect.isawaitable(promised):
        argument = "transport" if isinstance(step, HttpRequest) else "access_token"
        raise InvalidCallError(argument, "is not asynchronous: give it to a client that blocks")
    return await promised
