"""Limits: how much a client may ask for in some time. A `Limit` is a value; what it has of it, `turns` counts."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import partial
from types import EllipsisType
from typing import Any, Literal, TypeAlias

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
from restli_core.numbers import is_number, whole_number
from restli_core.values import HashableValue

__all__ = ["Limit"]

Cost: TypeAlias = Callable[[Any, Any], float]


class Limit(HashableValue):
    """At most so many calls, or so much of what they cost, in some time.

    A call counts from when it may go. A server counts it when it arrives, which is a little later, and not always the
    same: where its limit is to be used up to the last call, leave it a second.

    Args:
        most: how many calls, or how much cost.
        per: in how many seconds, whenever these begin; or ``"day"``, which ends at midnight UTC.
        path: the resources that it is for: those whose path begins with these segments. A segment in braces stands for
            any one. By default all.
        cost: ``cost(call, answer)`` returns what a call costs: an estimate where the answer is None, before it is sent,
            and the truth after its answer. It is called in the thread or task of the call, and must not block. None
            where each call costs 1. It must stand at module level where the limit is to be pickled.
        each: who has this much: ``"app"``, all calls together; or ``"member"``, each token or source of tokens for
            itself.
        wait: for how many seconds a call waits for room at most; None for as long as it takes. By default one window,
            and 0 for a day.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    most: float
    per: float | Literal["day"]
    path: str
    cost: Cost | None
    each: Literal["app", "member"]
    wait: float | None

    def __init__(
        self,
        most: float,
        per: float | Literal["day"],
        *,
        path: str = "/",
        cost: Callable[[Any, Any], float] | None = None,
        each: Literal["app", "member"] = "app",
        wait: float | EllipsisType | None = ...,
    ) -> None:
        check_number("most", most, above=True)
        if per != "day":
            check_number("per", per, ' of seconds{}, or "day"', above=True)
        _check_path(path)
        _check_cost(cost, most)
        if each not in {"app", "member"}:
            raise InvalidCallError("each", 'must be "app" or "member"')
        if isinstance(wait, EllipsisType):
            wait = 0.0 if per == "day" else per
        elif wait is not None:
            check_number("wait", wait, " of seconds{}, or None for no bound")
        super().__init__(most, per, path, cost, each, wait)

    def covers(self, resource_path: str) -> bool:
        """Return whether a call of this resource path, as it was given, comes under the limit."""
        given = segments(resource_path)
        wanted = segments(self.path)
        return len(wanted) <= len(given) and all(
            one == other or (one[0] == "{" and one[-1] == "}") for one, other in zip(wanted, given, strict=False)
        )

    def cost_of(self, call: Call[Any], answer: Any, argument: str) -> float:
        """Return what a call costs.

        Args:
            call: the call.
            answer: its answer; None for an estimate.
            argument: where the limit was given, for errors.

        Raises:
            InvalidCallError: the function failed, or gave what is not a cost; or an estimate is more than the limit
                takes, so that the call could never go.
        """
        if self.cost is None:
            return 1
        try:
            cost = self.cost(call, answer)
        except Exception as error:
            raise InvalidCallError(f"{argument}.cost", f"failed for {call!r}: {type(error).__name__}") from error
        if not isinstance(cost, float):
            whole = whole_number(cost)
            cost = math.nan if whole is None else whole
        if not 0 <= cost <= sys.float_info.max:
            reason = f"must return a number from 0 on, and did not for {call!r}"
            raise InvalidCallError(f"{argument}.cost", reason)
        if answer is None and cost > self.most:
            reason = f"{call!r} costs {cost:g}, for which {self} never has room: make several calls of it"
            raise InvalidCallError(argument, reason)
        return cost

    def __reduce__(self) -> tuple[Any, ...]:
        options: dict[str, Any] = {"path": self.path, "cost": self.cost, "each": self.each, "wait": self.wait}
        return partial(Limit, **options), (self.most, self.per)

    def __str__(self) -> str:
        what = "in cost" if self.cost is not None else "call" if self.most == 1 else "calls"
        whose = "" if self.each == "app" else " for each member"
        time = "a day" if self.per == "day" else f"in {self.per:g} s"
        where = f" on {self.path}" if segments(self.path) else ""
        return f"the limit of {self.most:,.10g} {what} {time}{whose}{where}"

    def __repr__(self) -> str:
        return f"<Limit: {self}>"


def _check_path(path: str) -> None:
    if not isinstance(path, str) or not path.startswith("/") or "?" in path:
        raise InvalidCallError("path", "must be the path of resources, such as /adAccounts, or / for all")
    if any(not segment.strip("*") for segment in segments(path)):
        raise InvalidCallError("path", "has an asterisk: {id} stands for any segment, and what is below is covered")


def _check_cost(cost: Cost | None, most: float) -> None:
    if cost is not None and not callable(cost):
        raise InvalidCallError("cost", "must be a function of a call and its answer, or None")
    if cost is not None and type(cost).__hash__ is None:
        raise InvalidCallError("cost", f"must have a hash, which {type(cost).__name__} does not have")
    if most < 2.0**-64:
        raise InvalidCallError("most", "must be at least 2**-64, the unit in which costs are counted")
    if cost is None and most < 1:
        raise InvalidCallError("most", "must be at least 1 where each call costs 1: no call could go")


def segments(path: str) -> list[str]:
    """Return the segments of a path."""
    return [segment for segment in path.split("/") if segment]


def check_number(argument: str, value: Any, kind: str = "{}", *, above: bool = False) -> None:
    """Raise an InvalidCallError for what is not a finite number from 0 on, or above 0."""
    # An int may be larger than any float.
    if not is_number(value) or not 0 <= value <= sys.float_info.max or (above and not value):
        raise InvalidCallError(argument, "must be a number" + kind.format(" above 0" if above else " from 0 on"))
