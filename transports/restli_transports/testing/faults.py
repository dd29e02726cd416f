"""What servers and fakes do to a request on purpose, in place of its answer or to it; and the schedule of a chaos.

is_silent            nothing is sent             close or reset, and nothing else
raw                  these bytes are sent        in place of HTTP, and the connection is closed
response             this answer is sent         in place of the handler's
delay, drip          late, or slowly
truncate, cut        cut short, and the connection is closed
reset                what has been sent ends in a TCP reset
runs                 the handler runs, though its answer is not sent

`Faults` has one for some of the requests, by a seed:

reset_before         a TCP reset, and nothing was done       500, 502, 503    as LinkedIn's servers and gateways
reset_after          the work was done, then a TCP reset                      answer; at times the work was done
truncate             the work was done, the answer is cut    429              a throttle; nothing was done
delay                the answer is late

`RowFaults` has an error for some of the rows of batches, whose work is not done then.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpResponse
from restli_core.numbers import is_number
from restli_core.server import Refusal
from restli_transports.testing.rules import throttled

__all__ = ["NO_FAULT", "Fault", "Faults", "RowFaults"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What one request gets.

    Attributes:
        response: an answer in place of the handler's; None for the handler's.
        delay: seconds to wait before the answer.
        truncate: after how many bytes of the body the connection is closed; None for all of them.
        close: whether the connection is closed without an answer.
        reset: whether the connection ends in a TCP reset.
        drip: seconds before each byte of the body, or of `raw`.
        raw: bytes to send in place of HTTP.
        cut: which part of the answer, its head included, is sent before the connection is closed: from 0 to below 1;
            None for all of it.
        runs: whether the handler runs, though its answer is not sent.
        kind: what `Faults` calls it; "planned" for one of `fail_next`.
    """

    response: HttpResponse | None = None
    delay: float = 0
    truncate: int | None = None
    close: bool = False
    reset: bool = False
    drip: float = 0
    raw: bytes | None = None
    cut: float | None = None
    runs: bool = False
    kind: str | None = "planned"

    @property
    def loses_answer(self) -> bool:
        """True where no whole answer is sent."""
        return self.is_silent or self.raw is not None or self.truncate is not None or self.cut is not None

    @property
    def is_silent(self) -> bool:
        """True where nothing is sent at all."""
        return self.close or (self.reset and self.truncate is None and self.raw is None)


NO_FAULT: Final = Fault(kind=None)

# As LinkedIn's gateways answer where they reach no server.
_GATEWAY: Final = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def _answer_of(response: HttpResponse) -> Callable[[random.Random], Fault]:
    return lambda source: Fault(response=response, runs=source.random() < 0.5)


# The kinds of `Faults`, and how each is made.
_KINDS: Final[Mapping[str, Callable[[random.Random], Fault]]] = {
    "reset_before": lambda _: Fault(reset=True),
    "reset_after": lambda _: Fault(reset=True, runs=True),
    "truncate": lambda source: Fault(cut=source.random()),
    "delay": lambda source: Fault(delay=source.uniform(0, 0.02)),
    "429": lambda _: Fault(response=throttled().response),
    "500": _answer_of(Refusal(500, "Internal Server Error", code="INTERNAL_ERROR").response),
    "502": _answer_of(HttpResponse(502, {"Content-Type": "text/html"}, _GATEWAY)),
    "503": _answer_of(Refusal(503, "Service is unavailable", code="SERVICE_UNAVAILABLE").response),
}


@dataclass(frozen=True, slots=True)
class Faults:
    """A schedule of faults: which requests get one, and which. The same seed gives the same.

    Args:
        seed: where the schedule begins.
        rate: how many of the requests get one, from 0 to 1.
        kinds: which ones, all alike; all that there are by default.

    Raises:
        InvalidCallError: the rate is not such a number, or there is no such kind; names it.
    """

    seed: int | str = 1
    rate: float = 0.2
    kinds: Iterable[str] = tuple(_KINDS)

    def __post_init__(self) -> None:
        _check_rate(self.rate)
        # Text is a list of letters for Python.
        kinds = () if isinstance(self.kinds, str) else tuple(self.kinds)
        if not kinds or not {*kinds} <= _KINDS.keys():
            raise InvalidCallError("kinds", f"must be a list of some of {', '.join(_KINDS)}")
        object.__setattr__(self, "kinds", kinds)

    def fault(self, number: int) -> Fault:
        """Return what a request gets; `NO_FAULT` for most.

        Args:
            number: which request, from 1 on.
        """
        source = random.Random(f"{self.seed}/{number}")  # noqa: S311 - it is to be the same each time
        if source.random() >= self.rate:
            return NO_FAULT
        kind = source.choice([*self.kinds])
        return replace(_KINDS[kind](source), kind=kind)


@dataclass(frozen=True, slots=True)
class RowFaults:
    """A schedule of rows that fail in batches that are answered one by one; the work of such a row is not done.

    Which ones does not depend on the order in which they come, nor on what they come with: so it is the same however
    many calls there are at once.

    Args:
        seed: where the schedule begins.
        rate: how many of the rows fail, from 0 to 1.
        statuses: with which status, all alike.
        times: how often one row fails at most; None for any number of times.

    Raises:
        InvalidCallError: one of these is not what it should be; names it.
    """

    seed: int | str = 1
    rate: float = 0.2
    statuses: Iterable[int] = (429, 500, 503)
    times: int | None = None

    def __post_init__(self) -> None:
        _check_rate(self.rate)
        if isinstance(self.statuses, int):
            raise InvalidCallError("statuses", f"must be a list: [{self.statuses}]")
        statuses = tuple(self.statuses)
        if not statuses or not all(isinstance(status, int) and 400 <= status <= 599 for status in statuses):
            raise InvalidCallError("statuses", "must be a list of numbers from 400 to 599")
        if self.times is not None and (not isinstance(self.times, int) or self.times < 0):
            raise InvalidCallError("times", "must be a number, 0 or above; or None")
        object.__setattr__(self, "statuses", statuses)

    def refusal(self, row: str, number: int) -> Refusal | None:
        """Return what a row gets in the place of its answer; None for most.

        Args:
            row: what tells it from others.
            number: how often it has come, from 1 on.
        """
        source = random.Random(f"{self.seed}/{row}/{number}")  # noqa: S311 - it is to be the same each time
        if source.random() >= self.rate or (self.times is not None and number > self.times):
            return None
        status = source.choice([*self.statuses])
        return throttled() if status == 429 else Refusal(status, "This one fails, by the schedule of faults")


def _check_rate(rate: float) -> None:
    if not is_number(rate) or not 0 <= rate <= 1:
        raise InvalidCallError("rate", "must be a number from 0 to 1")
