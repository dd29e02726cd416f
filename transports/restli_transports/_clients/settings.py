"""Settings of a client: the defaults that it adds to its calls, and how it sends them and reads their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from restli_core.base_errors import InvalidCallError
from restli_core.bound_calls import Calls
from restli_core.flows.retry import RetryPolicy
from restli_core.messages import Authorization, bearer, check_header_value
from restli_core.paths import UNVERSIONED_BASE_URL
from restli_core.responses.parsing import strict_loads
from restli_core.values import Value
from restli_transports.events.listeners import Listeners
from restli_transports.transport import Timeout, check_timeout
from restli_transports.wire.urls import Origin, parse_url

if TYPE_CHECKING:
    from restli_core.bodies import Dumps
    from restli_core.flows.limits import Limit
    from restli_core.responses.parsing import Loads
    from restli_transports.events.listeners import OnEvent
    from restli_transports.token_source import AsyncTokenSource, TokenSource
    from restli_transports.wire.urls import ParsedUrl

__all__ = ["DEFAULT_RETRY", "DEFAULT_TIMEOUT", "Settings", "check_retry", "cut", "is_linkedins", "system_random"]

DEFAULT_TIMEOUT: Final = Timeout()
DEFAULT_RETRY: Final = RetryPolicy()

_LINKEDIN: Final = Origin("https", UNVERSIONED_BASE_URL.split("/")[2], 443)  # parsing it would compile a pattern


def system_random() -> float:
    """Return a number from 0 to 1, for the lengths of waits."""
    from random import random  # slow to import, and needed where a call failed

    return random()  # noqa: S311 - nothing secret comes of it


class Settings(Value):
    """The settings of a client; the arguments are those of `RestliClient`.

    Attributes:
        authorization: the header of a token that is fixed; None for a source, and for none.
        home: the base URL of the client's own calls, in its parts.
        calls: what makes the client's own calls.
        listeners: who is told of what happens.
        first_timeout: the time limits of the first try.
        is_elsewhere: whether the client's own calls go to another server than LinkedIn's.
        is_versioned: whether they go to LinkedIn's, and have a version.

    Raises:
        InvalidCallError: a setting that no call could be sent with; names it.
    """

    __beside__: ClassVar[tuple[str, ...]] = (
        "authorization",
        "calls",
        "first_timeout",
        "home",
        "is_elsewhere",
        "is_versioned",
        "listeners",
    )

    access_token: str | Authorization | TokenSource | AsyncTokenSource | None
    version_string: str | None
    base_url: str | None
    headers: Mapping[str, str] | None
    timeout: Timeout
    retry: RetryPolicy | None
    limits: tuple[Limit, ...]
    on_event: OnEvent
    user_agent: str | None
    loads: Loads
    dumps: Dumps | None
    random: Callable[[], float]

    if TYPE_CHECKING:  # what is beside the fields, and no part of the value
        authorization: str | None
        home: ParsedUrl
        calls: Calls
        listeners: Listeners
        first_timeout: Timeout
        is_elsewhere: bool
        is_versioned: bool

    def __init__(
        self,
        *,
        access_token: str | Authorization | TokenSource | AsyncTokenSource | None = None,
        version_string: str | None = None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = DEFAULT_RETRY,
        limits: tuple[Limit, ...] = (),
        on_event: OnEvent = None,
        user_agent: str | None = None,
        loads: Loads = strict_loads,
        dumps: Dumps | None = None,
        random: Callable[[], float] = system_random,
    ) -> None:
        super().__init__(
            access_token,
            version_string,
            base_url,
            headers,
            timeout,
            retry,
            limits,
            on_event,
            user_agent,
            loads,
            dumps,
            random,
        )
        self._derive()

    def _derive(self) -> None:
        """Check the fields, and set what is derived of them."""
        check_timeout(self.timeout)
        check_retry(self.retry)
        authorization = None
        if isinstance(self.access_token, str | Authorization):
            authorization = bearer(self.access_token)
        elif self.access_token is not None:
            _check_source(self.access_token)
        if not callable(self.loads):
            raise InvalidCallError("loads", "must be a function of bytes that returns a value")
        if not callable(self.random):
            raise InvalidCallError("random", "must be a function that returns a number from 0 to 1")
        calls = Calls(self.version_string, self.base_url, self._all_headers(), self.dumps)
        try:
            home = parse_url(UNVERSIONED_BASE_URL if calls.base_url is None else calls.base_url)
        except InvalidCallError as error:  # parse_url calls it a url
            raise InvalidCallError("base_url", error.reason) from None
        derived = {
            "authorization": authorization,  # checked once
            "calls": calls,
            "home": home,  # parsed once, since every call is compared with it
            "limits": () if self.limits == () else _checked_limits(self.limits),
            "listeners": Listeners(self.on_event),
            "first_timeout": cut(self.timeout, self.retry, 0.0),
            "is_elsewhere": home.origin != _LINKEDIN,
            "is_versioned": home.origin == _LINKEDIN and calls.version_string is not None,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)  # in this way, since the value is frozen

    def _all_headers(self) -> Mapping[str, str] | None:
        """Return the headers with User-Agent among them; what are not headers is for `Calls` to refuse."""
        if self.user_agent is None:
            return self.headers
        check_header_value("headers['User-Agent']", self.user_agent)
        if self.headers is None:
            return {"User-Agent": self.user_agent}
        if not isinstance(self.headers, Mapping):
            return self.headers
        if any(isinstance(name, str) and name.lower() == "user-agent" for name in self.headers):
            raise InvalidCallError("user_agent", "is in headers, too: leave one of them out")
        return {**self.headers, "User-Agent": self.user_agent}

    def is_own(self, url: str) -> bool:
        """Return whether a URL has the origin of the client's own calls."""
        base = self.home.base
        # The usual case needs no parsing: the same scheme, host and port as written, and nothing after them that would
        # make them another host ("https://api.linkedin.com.example", "https://api.linkedin.com@example").
        if url.startswith(base) and url[len(base) : len(base) + 1] in {"", "/", "?"}:
            return True
        try:
            return parse_url(url).origin == self.home.origin
        except InvalidCallError:
            return False


def is_linkedins(url: str) -> bool:
    """Return whether a URL goes to LinkedIn, by https: to linkedin.com, or to a host under it."""
    try:
        origin = parse_url(url).origin
    except InvalidCallError:
        return False
    host = origin.host.lower().removesuffix(".")
    return origin.scheme == "https" and (host == "linkedin.com" or host.endswith(".linkedin.com"))


def cut(timeout: Timeout, policy: RetryPolicy | None, elapsed: float) -> Timeout:
    """Return the time limits of a try: the total is not more than what is left of the policy's.

    Args:
        timeout: the limits of any try.
        policy: the policy; None for none.
        elapsed: seconds since the start of the call.
    """
    if policy is None or policy.total is None:
        return timeout
    left = policy.total - elapsed
    if timeout.total is not None and timeout.total <= left:
        return timeout
    return Timeout(timeout.connect, timeout.read, max(left, _MIN_SECONDS))


_MIN_SECONDS: Final = 0.001


def _checked_limits(limits: Any) -> tuple[Limit, ...]:
    """Return limits as a tuple, if they are some."""
    from restli_core.flows.turns import LimitsState  # for programs that limit themselves alone

    return LimitsState(limits).limits


def check_retry(retry: RetryPolicy | None) -> RetryPolicy | None:
    """Return the policy, if it is one, or None.

    Raises:
        InvalidCallError: it is neither.
    """
    if retry is not None and not isinstance(retry, RetryPolicy):
        kind = f"the class {retry.__name__}" if isinstance(retry, type) else type(retry).__name__
        reason = f"must be a RetryPolicy, such as RetryPolicy(tries=3), or None for none, not {kind}"
        raise InvalidCallError("retry", reason)
    return retry


def _check_source(source: Any) -> None:
    """Raise an InvalidCallError for what cannot be asked for tokens."""
    if isinstance(source, type) or not callable(getattr(source, "token", None)):
        kind = f"the class {source.__name__}" if isinstance(source, type) else type(source).__name__
        cure = ""
        if callable(getattr(source, "load", None)) or hasattr(source, "access_token"):  # a store, or a Token
            cure = ": RefreshingSource(auth, ...) makes a source of it"
        elif callable(getattr(source, "add", None)) and hasattr(source, "__getitem__"):  # MemberTokens
            cure = ": give the source of one member, tokens[member]"
        reason = f"must be text, an Authorization, or a source with a method token, not {kind}{cure}"
        raise InvalidCallError("access_token", reason)
