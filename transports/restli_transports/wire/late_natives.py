"""Late natives: responses whose `native` is made when somebody asks for it, which few do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from restli_core.messages import Headers, HttpResponse

__all__ = ["with_late_native"]


class _LateResponse(HttpResponse):
    """A response that makes its `native`. In all else it is an HttpResponse: equal to one, and pickled as one."""

    __beside__ = ("_make",)

    def __getattr__(self, name: str) -> Any:
        if name != "native":  # which has not been set yet
            raise AttributeError(name)
        make = object.__getattribute__(self, "_make")
        # Threads that ask at once may each make one; this lets all of them have the first, without a lock.
        object.__setattr__(self, "native", vars(make).setdefault("native", make()))
        return self.native

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, HttpResponse) else NotImplemented

    __hash__ = HttpResponse.__hash__  # type: ignore[assignment]  # a class with its own == would have none

    def __reduce__(self) -> tuple[Any, ...]:
        return HttpResponse, self._fields()

    def __replace__(self, **changes: Any) -> HttpResponse:
        plain = HttpResponse(self.status_code, self.headers, self.body, self.url, self.native)
        return plain.__replace__(**changes)


_SET_FIELDS = [getattr(HttpResponse, name).__set__ for name in ("status_code", "headers", "body", "url")]
_SET_MAKE = _LateResponse._make.__set__  # type: ignore[attr-defined]


def with_late_native(
    status_code: int, headers: Headers, body: bytes, url: str, make: Callable[[], Any]
) -> HttpResponse:
    """Return a response.

    Args:
        status_code: the HTTP status.
        headers: the header fields.
        body: the body, decoded.
        url: the URL that answered.
        make: returns `native`; it is called when that is asked for first, by several threads perhaps.
    """
    response = _LateResponse.__new__(_LateResponse)
    for set_field, value in zip(_SET_FIELDS, (status_code, headers, body, url), strict=True):
        set_field(response, value)
    _SET_MAKE(response, partial(make))  # one of its own, with room for what it makes
    return response
