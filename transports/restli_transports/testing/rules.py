"""The rules of LinkedIn's gateway, for tests: which versions are active, how much may be asked for, and at once.

    no version                         400  VERSION_MISSING
    one that is not active             426  NONEXISTENT_VERSION
    a limit of the day is reached      429  "... APPLICATION DAY limit ...", or APPLICATION_AND_MEMBER
    a limit of comments is reached     429  "Comment create throttled: ..."
    a limit on metrics is reached      429  "The data request limit has been exceeded. ..."
    any other                          429  a text that names no window
    more ids than a batch may have     400  "Request would return too many entities. "
    more entities, likewise            400  "Specified count is larger than ..."
    a body of more bytes               413  REQUEST_ENTITY_TOO_LARGE

None of these answers has a Retry-After, as LinkedIn's have none. The texts are those that its users have seen:
https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits, .../error-handling, and
.../marketing/versioning, .../campaign-management/create-and-manage-campaigns, .../create-and-manage-campaign-groups.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from restli_core.calls import Call
from restli_core.errors import InvalidCallError, LimitError
from restli_core.flows.limits import Limit
from restli_core.flows.turns import LimitsState
from restli_core.server import Refusal, read

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_core.responses.parsing import Loads

__all__ = ["Rules", "throttled"]

_MISSING: Final = "A version must be present. Please specify a version by adding the LinkedIn-Version header."
_THROTTLED: Final = "Resource level throttle {}limit for calls to this resource is reached."
_METRICS: Final = (
    "The data request limit has been exceeded. "
    "More than {:g} million metric values were requested in a {:g}-minute window."
)
_MANY_IDS: Final = "Request would return too many entities. "
_MANY_ENTITIES: Final = "Specified count is larger than {}"
_COMMENTS: Final = "Comment create throttled: creation rate limit exceeded for member"
_ORIGIN: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


class Rules:
    """Which requests reach the handlers. It may be used from several threads.

    Args:
        limits: how much may be asked for. What a limit says of waiting does not matter here; members are told apart by
            their tokens; and the function of a cost is given a call that has nothing but the request, its path and the
            name of the HTTP method.
        versions: the versions that are active, such as ``["202609"]``; None for any, and none.
        clock: returns the time in epoch seconds.
        max_batch: how many ids, or entities, a batch may have; None for any number.
        max_body: how many bytes a body may have; None for any number.

    Raises:
        InvalidCallError: these are not limits, not versions, or not such a number; names the argument.
    """

    def __init__(
        self,
        limits: Iterable[Limit] = (),
        versions: Iterable[str] | None = None,
        clock: Callable[[], float] = time.time,
        max_batch: int | None = None,
        max_body: int | None = None,
    ) -> None:
        if isinstance(versions, str):
            raise InvalidCallError("versions", f"must be a list: [{versions!r}]")
        self._versions = None if versions is None else frozenset(versions)
        for argument, most in (("max_batch", max_batch), ("max_body", max_body)):
            if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
                raise InvalidCallError(argument, "must be a number, 1 or above; or None")
        self._max_batch = max_batch
        self._max_body = max_body
        self._clock = clock
        # Each by itself, so that it is known which one has no room.
        self._states = [
            (one, LimitsState([Limit(one.most, one.per, path=one.path, cost=one.cost, each=one.each, wait=0)]))
            for one in LimitsState(limits).limits  # which refuses what is none
        ]
        self._lock = threading.Lock()

    def answer(self, request: HttpRequest, base_path: str) -> HttpResponse | None:
        """Return the answer to a request that breaks a rule; None for one that may pass, and counts."""
        # The size last: what is refused for it has counted, as any request.
        refusal = self._version_refusal(request) or self._limit_refusal(request, base_path)
        refusal = refusal or self._size_refusal(request, base_path)
        return None if refusal is None else refusal.response

    def _version_refusal(self, request: HttpRequest) -> Refusal | None:
        version = request.headers.get("LinkedIn-Version")
        if self._versions is None or version in self._versions:
            return None
        if version is None:
            return Refusal(400, _MISSING, code="VERSION_MISSING")
        day = f"{version}01" if re.fullmatch(r"[0-9]{6}", version) else version
        return Refusal(426, f"Requested version {day} is not active", code="NONEXISTENT_VERSION")

    def _limit_refusal(self, request: HttpRequest, base_path: str) -> Refusal | None:
        path = _ORIGIN.sub("", request.url).partition("?")[0].removeprefix(base_path)
        call = Call(request, request.method, _read_nothing, path)
        member, entered = request.headers.get("Authorization"), []
        with self._lock:
            now = self._clock()
            for limit, state in self._states:
                try:
                    entered.append((state, state.enter(state.costs(call), member, now, now)))
                except LimitError:
                    for before, ticket in entered:
                        before.leave(ticket)
                    return throttled(_message(limit))
        return None

    def _size_refusal(self, request: HttpRequest, base_path: str) -> Refusal | None:
        if self._max_body is not None and len(request.body) > self._max_body:
            return Refusal(413, "Request entity too large", code="REQUEST_ENTITY_TOO_LARGE")
        if self._max_batch is None:
            return None
        try:
            asked = read(request, base_path=base_path)
        except Refusal:  # which is for the handlers to answer
            return None
        if asked.method == "batch_get" and len(asked.ids) > self._max_batch:
            return Refusal(400, _MANY_IDS)
        if max(len(asked.ids), len(asked.entities)) > self._max_batch:
            return Refusal(400, _MANY_ENTITIES.format(self._max_batch))
        return None


def throttled(message: str = _THROTTLED.format("")) -> Refusal:
    """Return the answer of a gateway that lets no more calls through; by default one that names no window."""
    return Refusal(429, message, serviceErrorCode=101, code="TOO_MANY_REQUESTS")


def _read_nothing(request: HttpRequest, response: HttpResponse, loads: Loads) -> None:
    """Read no answer: the call is there for the function of a cost alone."""


def _message(limit: Limit) -> str:
    """Return what LinkedIn says where a limit is reached."""
    if limit.per == "day":
        return _THROTTLED.format("APPLICATION DAY " if limit.each == "app" else "APPLICATION_AND_MEMBER DAY ")
    if limit.path.rstrip("/").endswith("/comments"):
        return _COMMENTS
    return _THROTTLED.format("") if limit.cost is None else _METRICS.format(limit.most / 1e6, limit.per / 60)
