"""What an error shows to whoever looks closely: a log, a debugger, a reporter of errors.

All that is in its chain of causes: texts, attributes, requests of libraries, and the local variables of our functions.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from tests.support.source_tree import PACKAGES

__all__ = ["revealed", "shown_by"]


def shown_by(error: BaseException) -> Iterator[tuple[str, str]]:
    """What there is to see, and where: of the error, and of all that it was made of."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or one in seen:
            continue
        seen.append(one)
        yield from _of(one)
        parts = [one.__cause__, one.__context__, *one.args, *vars(one).values()]
        waiting += [*parts, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
    yield "traceback", "".join(traceback.format_exception(error))


def _of(error: BaseException) -> Iterator[tuple[str, str]]:
    kind = f"{type(error).__module__}.{type(error).__name__}"
    yield f"str of {kind}", str(error)
    yield f"repr of {kind}", repr(error)
    yield f"args of {kind}", repr(error.args)
    yield f"notes of {kind}", repr(getattr(error, "__notes__", ()))
    for name, value in vars(error).items():
        if name == "doc":  # of a JSONDecodeError: the answer as it came, which our errors of answers have as well
            continue
        yield f"{name} of {kind}", repr(value)
        if "request" in name:
            yield f"headers of {name} of {kind}", f"{getattr(value, 'headers', None)!r}{_pairs(value)}"
            for part in ("body", "content", "_content"):
                yield f"{part} of {name} of {kind}", repr(getattr(value, part, None))
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in PACKAGES:
            continue
        for name, value in frame.f_locals.items():
            where = f"{module}:{line} {frame.f_code.co_name}: {name}"
            yield where, _safe_repr(value)
            for attribute, inner in _attributes(value):
                yield f"{where}.{attribute}", _safe_repr(inner)


def _pairs(request: Any) -> str:
    headers = getattr(request, "headers", None)
    return "" if headers is None else repr([*headers.items()])


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """The attributes of an object, one level deep: of its own, and of its slots."""
    names = [*getattr(value, "__dict__", {}), *getattr(type(value), "__match_args__", ())]
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    for name in dict.fromkeys(names):
        if not name.startswith("__"):
            yield name, getattr(value, name, None)


def _safe_repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - such as of an object whose __init__ has failed
        return f"<no repr: {type(error).__name__}>"


def revealed(error: BaseException, *secrets: str) -> list[str]:
    """Where an error shows one of the secrets, however it is spelt there."""
    spelt = {
        spelling
        for secret in secrets
        for spelling in (
            secret,
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            repr(secret)[1:-1],
        )
    }
    return [f"{where}: {text[:200]}" for where, text in shown_by(error) if any(one in text for one in spelt)]
