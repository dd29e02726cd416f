"""JSON bodies (RFC 8259): what goes out is UTF-8, has text keys, and holds only what JSON can express.

Besides JSON's own types a body may hold an Urn (text), an Enum (its value), a Decimal (a number with all its digits),
a tuple (an array), any Mapping (an object), bytes (each octet as the character of that code, as in URLs), and the
numbers of other libraries, such as numpy's.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.encoding.scalars import Refused, avro_text, native_scalar
from restli_core.patterns import lazy_pattern
from restli_core.places import Visit, Walk
from restli_core.suspicions import is_encoded_urn
from restli_core.urn import Urn

__all__ = ["Dumps", "json_body", "strict_dumps"]

Dumps: TypeAlias = Callable[[Any], bytes]


def json_body(value: object, argument: str, dumps: Dumps, given: object = None, own: Collection[str] = ()) -> bytes:
    """Return the value as JSON.

    Args:
        value: the body.
        argument: how an error names what the caller gave.
        dumps: turns the value into bytes.
        given: what the caller gave, from which the value was made: a list of entities, say; None for the value itself.
        own: the names in the value that are not in what was given.

    Raises:
        InvalidCallError: JSON cannot express it: NaN, a cycle, a lone surrogate, a key that is not text, a type that
            JSON does not know, or nesting deeper than the JSON library goes; or `dumps` is not a function, or does not
            return bytes. It names the whole place, such as ``entities[412]['value']['amount']``.
    """
    if not callable(dumps):
        raise InvalidCallError("dumps", f"must be a function, not {type(dumps).__name__}")
    given = value if given is None else given
    body, raised = None, None
    try:
        body = dumps(value)
    except Exception as error:  # noqa: BLE001 - a caller's own `dumps` may raise what it likes; the value is to blame
        raised = error
    # Outside of the `except` block, where the error would be the context of this one: it may hold the whole body.
    if raised is not None:
        walk = Walk(argument)
        walk.through(given, _find_fault(given, walk, dumps, None if dumps is strict_dumps else raised))
        raise _refusal(argument, raised)
    # After `dumps`, which has then refused a value that is too deep, or of a type that it does not know.
    shown = body if dumps is strict_dumps else None
    if not (shown and _shows_text_names(shown, own)) and not _has_text_names(given):
        # Each container once: a `dumps` of the caller's may allow cycles, and one value may stand in many places.
        walk = Walk(argument, once=True)
        walk.through(given, _check_names(given, walk))
    if not isinstance(body, bytes):
        raise InvalidCallError("dumps", f"must return bytes, not {type(body).__name__}")
    if not body:
        raise InvalidCallError("dumps", "must return at least one byte")
    may_be_nan = shown is None and (b"NaN" in body or b"Infinity" in body)
    if may_be_nan and re.search(_NAN, body) is not None:
        walk = Walk(argument, once=True)
        walk.through(given, _refuse_nan(given, walk))
    if b"%" in body and re.search(_ENCODED_URN, body):
        walk = Walk(argument, once=True)
        with contextlib.suppress(_Found):
            walk.through(given, _warn_of_encoded(given, walk))
    return body


# How a text begins that may be a URN with an escape in the place of a colon.
_ENCODED_URN: Final = rb'"urn(?::[A-Za-z0-9_-]*){0,2}%'


# The words that Python's `json` writes for numbers that JSON does not have. They may also stand in a text.
_NAN: Final = rb"[\[:,][ \t\n]*-?(?:NaN|Infinity)[ \t\n]*[\],}]"


def _entries(value: object, walk: Walk) -> Iterable[tuple[object, Any]]:
    """Return the entries of a list or of a mapping, whose names must be text; none of any other value."""
    if isinstance(value, (list, tuple)):
        return enumerate(value)
    if not isinstance(value, _MAPS):
        return ()
    for name in value:
        if not isinstance(name, str):
            # `json.dumps` would silently turn a key such as 1 or None into text.
            raise InvalidCallError(walk.place(), f"a key is of type {type(name).__name__}: keys must be text")
    return value.items()


def _shows_text_names(body: bytes, own: Collection[str]) -> bool:
    """Return whether the bytes of `strict_dumps` show that all names are text; False where that is not sure.

    Numbers, True, False and None become names that end in a digit, or are one of three words. Few texts do; and only at
    the end of a name a quote has a colon after it.

    Args:
        body: the bytes.
        own: names that are known to be text.
    """
    found = _LIKE_OTHER_TYPES.findall(body)
    return not found or (bool(own) and len(found) == sum([name[-1:] in _DIGITS or name in _WORDS for name in own]))


_LIKE_OTHER_TYPES: Final = lazy_pattern(rb'":(?<=[0-9el]":)(?:(?<=[0-9]":)|(?<="true":)|(?<="false":)|(?<="null":))')
_DIGITS: Final = frozenset("0123456789")
_WORDS: Final = frozenset({"true", "false", "null"})


def _has_text_names(given: object) -> bool:  # noqa: C901 - in one loop, since a function call for each would double it
    """Return whether all names in a value are text, by the fast path; False where the general path has to look."""
    containers = [given]
    for container in containers:  # more are added on the way
        items: Any = container
        if type(container) is dict:
            for name in container:
                if type(name) is not str:
                    return False
            items = container.values()
        elif type(container) is not list and type(container) is not tuple:
            return False
        for item in items:
            kind = type(item)
            if kind is str or kind is int:
                continue
            if kind is dict or kind is list or kind is tuple:
                containers.append(item)
            elif kind not in _SCALARS:
                return False
        if len(containers) > MAX_FAST_CONTAINERS:  # one that contains itself has no end
            return False
    return True


MAX_FAST_CONTAINERS: Final = 100_000


def _check_names(value: object, walk: Walk) -> Visit:
    """Refuse names that are not text."""
    # Most items are scalars, which a look at their type shows: `isinstance` with Mapping is slow.
    for key, item in [(key, item) for key, item in _entries(value, walk) if type(item) not in _SCALARS]:
        yield key, item, _check_names(item, walk)


def _find_fault(value: object, walk: Walk, dumps: Dumps, error: Exception | None) -> Visit:
    """Refuse the first value that `dumps` cannot write; with `error`, only where it fails in the same way as before.

    A function of the caller's may fail over a value that stands alone, although it takes that value in a body.
    """
    for key, item in _entries(value, walk):
        for part in (key, item) if isinstance(key, str) else (item,):
            if isinstance(part, (list, tuple, *_MAPS)):
                yield key, part, _find_fault(part, walk, dumps, error)
                continue
            fault = None
            try:
                dumps(part)
            except Exception as raised:  # noqa: BLE001 - as in `json_body`
                fault = raised
            if fault is not None and (error is None or (type(fault), str(fault)) == (type(error), str(error))):
                raise _refusal(walk.place(key), fault)


def _refusal(argument: str, error: Exception) -> InvalidCallError:
    """Return the error for what a `dumps` has raised."""
    if isinstance(error, RecursionError):
        return InvalidCallError(argument, "is nested too deep for JSON")
    if isinstance(error, UnicodeEncodeError):
        return InvalidCallError(argument, "holds a lone surrogate, which UTF-8 cannot carry")
    refusal = InvalidCallError(argument, f"cannot be written as JSON: {error}")
    refusal.__cause__ = error
    return refusal


def _refuse_nan(value: object, walk: Walk) -> Visit:
    """Refuse a float that a caller's `dumps` has written as NaN or infinity."""
    for key, item in _entries(value, walk):
        if isinstance(item, (list, tuple, *_MAPS)):
            yield key, item, _refuse_nan(item, walk)
        elif isinstance(item, float) and not math.isfinite(item):
            raise InvalidCallError(walk.place(key), "cannot be written as JSON, which has neither NaN nor infinity")


class _Found(Exception):
    """What was looked for is found: where one URN was encoded already, most of its neighbours were, too."""


def _warn_of_encoded(value: object, walk: Walk) -> Visit:
    """Warn of the first URN that was encoded already."""
    for key, item in _entries(value, walk):
        for text in (key, item):
            if isinstance(text, str) and text.startswith("urn") and is_encoded_urn(text):
                reason = "is percent-encoded already, and a body is not: give the plain text"
                warn(f"{walk.place(key)}: {reason}", SuspiciousValueWarning)
                raise _Found
        if isinstance(item, (list, tuple, *_MAPS)):
            yield key, item, _warn_of_encoded(item, walk)


_MAPS: Final = (dict, Mapping)  # dict first, since most are, and since `isinstance` with Mapping is slow
_SCALARS: Final = frozenset({str, int, float, bool, type(None), Urn, Decimal})


def strict_dumps(value: object) -> bytes:
    """Return the value as compact JSON in UTF-8.

    Raises:
        ValueError, TypeError, RecursionError: JSON cannot express it.
    """
    # The fast path: most bodies have nothing but what `json` knows, for which one encoder is kept.
    try:
        return _ENCODER.encode(value).encode()
    except TypeError:
        pass  # it has something else, or a key that is not text: the general path writes it, or says what is wrong
    # `json` cannot write a number with the digits of a Decimal, and a float would lose some. So a Decimal is written as
    # tagged text, and the tag and its quotes are removed afterwards. The tag is made longer until the data lacks it.
    tag = "\ue000decimal:"
    while True:
        adapted = _Adapter(tag)
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=adapted)
        if text.count(tag) == adapted.decimals:
            break
        tag *= 2
    if adapted.decimals:
        text = re.sub(f'"{tag}([^"]*)"', r"\1", text)
    return text.encode()


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _Adapter:
    """The `default` of `json.dumps`: a function for what it does not know, which counts the Decimals that it tags."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.decimals = 0

    def __call__(self, value: object) -> object:
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, bytes):
            return avro_text(value)
        if isinstance(value, Decimal):
            exact = Decimal(value)  # of a subclass the number alone
            if not exact.is_finite():
                raise ValueError("JSON has neither NaN nor infinity")
            self.decimals += 1
            return f"{self.tag}{exact}"
        try:
            native = native_scalar(value)
        except Refused as refusal:
            raise TypeError(f"it {refusal}") from None
        if native is None:
            raise TypeError(f"{type(value).__name__} is not a type of JSON")
        return avro_text(native) if isinstance(native, bytes) else native
