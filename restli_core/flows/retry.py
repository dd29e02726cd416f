"""Retry: which failed calls are repeated, after how long, and how often. It decides; others send and wait.

    retries = Retries(policy, kind_of(call.method))  of one call
    repeat = retries.after(error, elapsed, random)   what to do about its failure: None, or wait so long and send again

| what happened                                                          | repeated                          |
|------------------------------------------------------------------------|-----------------------------------|
| nothing was done: ConnectError; a 429 that is not a day's; 409 of a    | every method                      |
| write conflict (once, after 1 s)                                       |                                   |
| perhaps done: TransportTimeout, ProtocolError, 408, 500, 502, 503, 504 | by the policy's `repeat`          |
| a certificate that does not verify; any other status; a day's quota;   | never                             |
| an answer that cannot be read                                          |                                   |

Where a server says how long to wait, by Retry-After or in its words, the wait is as long; else it is random, within
bounds that grow. What is not one of the fourteen methods, such as a token call, is repeated only where nothing was
done.

The budget keeps many callers from hammering a server that is down: it is the client's, each retry takes from it, and
each success gives back (the standard retry mode of the AWS SDKs, 2026, has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.errors import (
    ConflictError,
    ConnectError,
    ProtocolError,
    RateLimitError,
    ServiceError,
    TransportTimeout,
)
from restli_core.http_dates import read_retry_after
from restli_core.methods import METHODS
from restli_core.numbers import MAX_SECONDS, is_number
from restli_core.patterns import lazy_pattern
from restli_core.values import HashableValue, Value

__all__ = ["Backoff", "Repeat", "Retries", "RetryPolicy"]

BUDGET: Final = 500
RETRY_COST: Final = 14
THROTTLED_COST: Final = 5
CONFLICT_WAIT: Final = 1.0  # seconds: LinkedIn's own words are "Retry the request"


def _check_number(argument: str, value: float, kind: str, low: float, *, above: bool = False) -> None:
    """Refuse what is not a number of seconds or the like."""
    # A NaN is not in any range.
    if not (is_number(value) and low <= value <= MAX_SECONDS) or (above and value == low):
        raise InvalidCallError(argument, f"must be a number: {kind}")


class Backoff(HashableValue):
    """Waits that grow: before the n-th retry a random time between 0 and ``first * factor ** (n - 1)`` ("full jitter").

    Args:
        first: seconds, the most that the first wait may be.
        factor: how much longer each further one may be; 1 or above.
        most: seconds, the most that any wait may be.

    Raises:
        InvalidCallError: one of these is not such a number; names it.
    """

    first: float
    factor: float
    most: float

    def __init__(self, first: float = 0.25, factor: float = 2.0, most: float = 30.0) -> None:
        _check_number("backoff.first", first, "seconds, 0 or above", 0)
        _check_number("backoff.factor", factor, "1 or above", 1)
        _check_number("backoff.most", most, "seconds, 0 or above", 0)
        super().__init__(first, factor, most)

    def longest(self, number: int) -> float:
        """Return the most seconds that the wait before a retry may be.

        Args:
            number: which retry, from 1 on.
        """
        try:
            return float(min(self.most, self.first * float(self.factor) ** (number - 1)))
        except OverflowError:
            return float(self.most) if self.first else 0.0

    def __repr__(self) -> str:
        return f"Backoff(first={self.first!r}, factor={self.factor!r}, most={self.most!r})"


# `repeat` -> the kinds of methods that are repeated where the server may have done the work.
_REPEATED: Final = {
    "safe": frozenset({"safe"}),
    "idempotent": frozenset({"safe", "idempotent"}),
    "all": frozenset({"safe", "idempotent", "unsafe"}),
}

_BACKOFF: Final = Backoff()
_THROTTLED: Final = Backoff(2.0, 2.0, 60.0)


class RetryPolicy(HashableValue):
    """Which failed calls a client repeats, and when it gives up.

    Args:
        tries: how often a call is sent at most; 1 for once.
        total: seconds for the whole of a call, tries and waits, from its start: no wait begins that would end later,
            and a try has no more time than is left. None for no such limit. `Timeout` limits each try by itself.
        backoff: the waits before retries, where no Retry-After says how long to wait.
        throttled: the waits before retries after a 429 that does not say how long to wait.
        repeat: what is repeated where the server may have done the work already: ``"safe"`` for methods that only read;
            ``"idempotent"`` also for update, delete and their batch forms; ``"all"`` also for create, partial_update
            and action, which may then be done twice.
        budget: what a client, with those made by `with_options`, may spend on retries: 14 for one, 5 for one after a
            429. A success gives back what its last retry took, or 1.

    Raises:
        InvalidCallError: one of these is not what it should be; names it.
    """

    tries: int
    total: float | None
    backoff: Backoff
    throttled: Backoff
    repeat: str
    budget: int

    def __init__(  # noqa: PLR0917 - a frozen value takes its fields in their order
        self,
        tries: int = 4,
        total: float | None = 120.0,
        backoff: Backoff = _BACKOFF,
        throttled: Backoff = _THROTTLED,
        repeat: str = "safe",
        budget: int = BUDGET,
    ) -> None:
        if not isinstance(tries, int) or isinstance(tries, bool) or tries < 1:
            raise InvalidCallError("retry.tries", "must be a whole number, 1 or above")
        if total is not None:
            _check_number("retry.total", total, "seconds above 0, or None for no limit", 0, above=True)
        for name, value in (("backoff", backoff), ("throttled", throttled)):
            if not isinstance(value, Backoff):
                raise InvalidCallError(f"retry.{name}", f"must be a Backoff, not {type(value).__name__}")
        if not isinstance(repeat, str) or repeat not in _REPEATED:
            raise InvalidCallError("retry.repeat", f"must be one of {', '.join(map(repr, _REPEATED))}")
        if not isinstance(budget, int) or isinstance(budget, bool) or budget < 0:
            raise InvalidCallError("retry.budget", "must be a whole number, 0 or above")
        super().__init__(tries, total, backoff, throttled, repeat, budget)

    def __repr__(self) -> str:
        fields = [f"{name}={getattr(self, name)!r}" for name in type(self).__match_args__]
        return f"RetryPolicy({', '.join(fields)})"


def kind_of(method: str) -> str:
    """Return of which kind a method is.

    Args:
        method: its name, as a call has it.

    Returns:
        ``"safe"``: it only reads; ``"idempotent"``: twice is as good as once; ``"unsafe"``: it is neither;
        ``"never"``: it is not one of the fourteen.
    """
    known = METHODS.get(method)
    if known is None:
        return "never"
    return "safe" if known.safe else "idempotent" if known.idempotent else "unsafe"


def would_repeat(policy: RetryPolicy | None, error: RestliError, kind: str) -> bool:
    """Return whether a policy has a call repeated after a failure, were it the first one and all the time left.

    Args:
        policy: the policy; None for none.
        error: the failure.
        kind: the kind of its method (`kind_of`), or that of a `Raw`.
    """
    return policy is not None and policy.tries > 1 and Retries(policy, kind).repeat(error, _shortest) is not None


def _shortest() -> float:
    return 0.0


class Repeat(Value):
    """The decision that a call is sent again.

    Attributes:
        wait: seconds to wait before.
        cost: what it takes from the budget.
    """

    wait: float
    cost: int


class Retries:
    """The retries of one call: it counts them, and decides on each failure.

    Args:
        policy: the policy.
        kind: the kind of its method (`kind_of`).
    """

    def __init__(self, policy: RetryPolicy, kind: str) -> None:
        self._policy = policy
        self._kind = kind
        self._tries = 0
        self._throttled = 0
        self._conflicts = 0

    def after(self, error: RestliError, elapsed: float, random: Callable[[], float]) -> Repeat | None:
        """Return whether the call is sent again after a failure; None where it is not.

        Args:
            error: the failure.
            elapsed: seconds since the start of the call.
            random: gives a number from 0 to 1, for the length of a wait.

        Raises:
            InvalidCallError: `random` failed, or gave another thing; from the failure of the call.
        """
        self._tries += 1
        if self._tries >= self._policy.tries:
            return None
        repeat = self.repeat(error, random)
        total = MAX_SECONDS if self._policy.total is None else self._policy.total  # a server may say any number
        return None if repeat is None or elapsed + repeat.wait >= total else repeat

    def repeat(self, error: RestliError, random: Callable[[], float]) -> Repeat | None:
        """Return whether the policy repeats such a failure, whatever the tries and the seconds that are left."""
        policy = self._policy
        if isinstance(error, RateLimitError):
            told = error.window if error.retry_after is None else error.retry_after
            # A day's quota would outlast any wait, and each further call counts against it.
            if error.scope == "day":
                return None
            if told is not None:
                return Repeat(told, THROTTLED_COST)
            self._throttled += 1
            return Repeat(_share(random, error) * policy.throttled.longest(self._throttled), THROTTLED_COST)
        if _is_write_conflict(error):
            self._conflicts += 1
            return Repeat(CONFLICT_WAIT, RETRY_COST) if self._conflicts == 1 else None
        if _is_undone(error) or (_is_perhaps_done(error) and self._kind in _REPEATED[policy.repeat]):
            told = read_retry_after(error.response.headers) if isinstance(error, ServiceError) else None
            if told is None:
                told = _share(random, error) * policy.backoff.longest(self._tries)
            return Repeat(told, RETRY_COST)
        return None


def _share(random: Callable[[], float], error: RestliError) -> float:
    """Return a number from 0 to 1: any other would make waits that the policy does not allow, or none."""
    try:
        share = float(random())
    except Exception as fault:  # noqa: BLE001 - it is the user's own function
        raise InvalidCallError("random", f"failed: {type(fault).__name__}") from error
    if not 0 <= share <= 1:
        raise InvalidCallError("random", "must return a number from 0 to 1, and did not") from error
    return share


def _is_write_conflict(error: RestliError) -> bool:
    return isinstance(error, ConflictError) and "write conflict" in (error.message or "").lower()


def _is_undone(error: RestliError) -> bool:
    """Return whether nothing was done, and it may be otherwise next time."""
    # A server that is not trusted now is not trusted in a second.
    return isinstance(error, ConnectError) and not _UNTRUSTED.search(error.reason)


def _is_perhaps_done(error: RestliError) -> bool:
    if isinstance(error, ServiceError):
        return error.status_code in _PERHAPS_DONE
    return isinstance(error, TransportTimeout | ProtocolError)


_PERHAPS_DONE: Final = frozenset({408, 500, 502, 503, 504})
# OpenSSL's words, whatever library says them; and urllib3's own, which looks at the name or the fingerprint by itself
# where its user says what it must be.
_UNTRUSTED: Final = lazy_pattern(
    r"certificate.verify.failed|hostname\b.*\bdoesn't match|no appropriate subjectAltName|fingerprints did not match",
    re.IGNORECASE | re.DOTALL,
)
