"""Suspicions: values that can be sent as they are, and are probably not what was meant.

A caller copies names, keys and values from documentation, from a browser's address line, from code for Rest.li's
protocol 1.0, or from a table of another library. What comes of it is legal, so nothing is refused: the value is sent as
it is, and a `SuspiciousValueWarning` says what to give instead.

    where             what                                               such as
    value, key, name  text that was percent-encoded already              urn%3Ali%3Aperson%3A7, product%20management
    value, key        text in Rest.li's grammar, a list or a map         List(a,b), (start:(year:2026))
    key               a compound key as protocol 1.0 writes it           account=1&user=2
    key               a float with an integer's value or without value   7.0, NaN; as text as well, and "None"
    parameter's name  a path into a value, as protocol 1.0 writes it     accounts[0], dateRange.start.year
    any name          such a path that has an index                      values[0]

*Values* are parameters of a query and the criteria of a batch finder, *keys* are ids and keys in a path; all of them at
any depth. What people write on purpose must stay silent, and ``tests/vectors/plain_texts.json`` has some hundred texts
on both sides of the line. So a text that has white space, or a ``(`` or ``:`` of its own, was not encoded as a whole;
"(July: launch)" is a remark, since no text of Rest.li has a space after a colon; and "12:30" in brackets is a time.
So are "(Photo:Reuters)" and "(M/F:D)" remarks: what Rest.li has there is fields, whose names begin with a small letter.

Each of these leaves its mark in the encoded text, which nearly all calls lack. So `may_hold` looks for the marks first,
and only where there is one does a walk through the values look closer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from restli_core.base_errors import DecodeError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.encoding import decode
from restli_core.encoding.scalars import Refused, native_scalar
from restli_core.places import Visit, Walk

__all__ = [
    "is_compound_key_1_0",
    "is_encoded_urn",
    "may_hold",
    "may_hold_key",
    "may_hold_keys",
    "no_value_reason",
    "warn_of_key",
    "warn_of_name",
    "warn_of_value",
]

# Patterns, which are compiled where one is first needed: most programs never need them.
# A text that was encoded has none of the characters that encoding takes away, and no percent sign but before an escape.
_ESCAPED: Final = r"[^\s%/:(),]*(?:%[0-9A-Fa-f]{2}[^\s%/:(),]*)+"
# These escapes nobody writes on purpose: of a space, of @ / : ( ) , and of the percent sign of another escape.
_TELLING_ESCAPE: Final = r"%(?:20|40|2[FfCc89]|3[Aa]|25[0-9A-Fa-f]{2})"
# One of the three colons that a URN has before its id, which may itself have escapes.
_ESCAPED_URN: Final = r"urn(?::[A-Za-z0-9_-]*){0,2}%(?:25)*3[Aa]\S*"
# The names of a map: those of fields before a text, and of fields or keys before what no remark has, a list or a map.
_FIELD: Final = r"(?a:[$_]*[a-z][\w.$]*|urn:\S+)"
_NAME: Final = r"(?=.*[^\W\d_])\S+"
_PAIR_1_0: Final = r"\$?[A-Za-z][A-Za-z0-9_.\[\]]*=[^&=]+"
_COMPOUND_KEY_1_0: Final = rf"{_PAIR_1_0}(?:&{_PAIR_1_0})+"
_WORD: Final = r"\$?[A-Za-z_][A-Za-z0-9_]*"
_PATH_1_0: Final = rf"{_WORD}(?:\.{_WORD}|\[[0-9]+\])+"
# What `str` makes of a float: with at least four digits, since "1.0" and "12.0" may be versions.
_FLOAT_AS_TEXT: Final = r"-?[1-9][0-9]{3,}\.0|-?[1-9]\.[0-9]+[eE]\+?[0-9]{2}"
MAX_PATH_SHOWN: Final = 100  # characters of a name that a warning takes apart
_NO_VALUES: Final = frozenset({"nan", "NaN", "None", "<NA>", "NaT"})  # what Python, numpy and pandas write for none


def may_hold(encoded: str) -> bool:
    """Return whether an encoded value has a mark of a suspicious value or name; most have none."""
    return "%25" in encoded or "%28" in encoded or "%5B" in encoded


def may_hold_key(encoded: str) -> bool:
    """Return whether an encoded key has a mark of a suspicious key; most have none."""
    return not encoded.isdigit() and (
        "%25" in encoded
        or "%28" in encoded
        or "." in encoded
        or "%3D" in encoded
        or "%5B" in encoded
        or "nan" in encoded
        or "Infinity" in encoded
        or ("N" in encoded and ("aN" in encoded or "None" in encoded or "NaT" in encoded or "%3CNA" in encoded))
    )


def may_hold_keys(keys: Collection[str]) -> bool:
    """Return whether one of these texts may be a suspicious key, in a few passes over all of them."""
    joined = "\n".join(keys)
    return (
        "%" in joined
        or "=" in joined
        or "." in joined
        or not _NO_VALUES.isdisjoint(keys)
        or (")" in joined and any(key.startswith(("(", "List(")) for key in keys))
    )


def warn_of_name(argument: str, name: str) -> None:
    """Warn of the name of a parameter, if it was encoded already, or looks like a path into a value of protocol 1.0."""
    reason = _path_reason(name) if re.fullmatch(_PATH_1_0, name) else _name_reason(name)
    if reason is not None:
        warn(f"{argument}: {reason}", SuspiciousValueWarning)


def warn_of_value(argument: str, value: object) -> None:
    """Warn of the first value, in a parameter or a criterion, that is probably not what was meant."""
    _warn_of_first(argument, value, is_key=False)


def warn_of_key(argument: str, key: object) -> None:
    """Warn of the first value, in a key or a list of keys, that is probably not what was meant."""
    _warn_of_first(argument, key, is_key=True)


class _Found(Exception):
    """A suspicious value, and the keys that lead to it from the container being visited."""

    def __init__(self, reason: str, *keys: object) -> None:
        super().__init__(reason)
        self.keys = keys


def _warn_of_first(argument: str, value: object, *, is_key: bool) -> None:
    """Warn of one value only: where one is wrong, most of its neighbours are, too."""
    walk = Walk(argument, once=True)
    try:
        walk.through(value, _visit(value, is_key=is_key))
    except _Found as found:
        warn(f"{walk.place(*found.keys)}: {found}", SuspiciousValueWarning)


def _visit(value: object, *, is_key: bool) -> Visit:
    """Raise _Found for the first suspicious value or name in a value, or for the value itself."""
    if isinstance(value, Mapping):
        entries: list[tuple[Any, Any]] = [*value.items()]
        for name, _ in entries:
            reason = _name_reason(name) if isinstance(name, str) else None
            if reason is not None:
                raise _Found(reason, name)
    elif isinstance(value, list | tuple):
        entries = [*enumerate(value)]
    else:
        _look_at(value, is_key=is_key)
        return
    for key, item in entries:
        if isinstance(item, Mapping | list | tuple):
            yield key, item, _visit(item, is_key=is_key)
        else:
            _look_at(item, key, is_key=is_key)


def _look_at(value: object, *keys: object, is_key: bool) -> None:
    """Raise _Found for a suspicious scalar."""
    if isinstance(value, str):
        reason = _text_reason(str.__str__(value), is_key=is_key)
    else:
        reason = _number_reason(value) if is_key else None
    if reason is not None:
        raise _Found(reason, *keys)


def _text_reason(text: str, *, is_key: bool) -> str | None:
    """Return why a text is suspicious; None for what people write."""
    if is_key and is_compound_key_1_0(text):
        return "is a compound key of protocol 1.0: give a dict of its names and values"
    if _is_encoded(text):
        return "is percent-encoded already, and is encoded once more: give the plain text"
    if _is_element(text):
        return "is Rest.li text, and is sent as a single text: give a list, or a dict of names and values"
    return no_value_reason(text) if is_key else None


def no_value_reason(text: str) -> str | None:
    """Return why the text of a key is suspicious, if it is what another library's value without an id becomes."""
    if text in _NO_VALUES or re.fullmatch(_FLOAT_AS_TEXT, text):
        return "is what a missing or a floating value of another library looks like as text: give the id itself"
    return None


def _name_reason(name: str) -> str | None:
    """Return why a name, at any depth, is suspicious."""
    # With an index: the members of a union have names with dots, such as com.linkedin.common.Urn.
    if "[" in name and re.fullmatch(_PATH_1_0, name):
        return _path_reason(name)
    # No escape in a name stands there on purpose.
    if "%" in name and (re.fullmatch(_ESCAPED, name) or _is_encoded(name)):
        return "is percent-encoded already, and is encoded once more: give the plain name"
    return None


def _is_encoded(text: str) -> bool:
    """Return whether a text was percent-encoded as a whole."""
    if "%" not in text:
        return False
    return is_encoded_urn(text) or bool(re.search(_TELLING_ESCAPE, text) and re.fullmatch(_ESCAPED, text))


def is_encoded_urn(text: str) -> bool:
    """Return whether a text is a URN with an escape in the place of a colon, of one of the three before its id."""
    return re.fullmatch(_ESCAPED_URN, text) is not None


def is_compound_key_1_0(text: str) -> bool:
    """Return whether a text is a compound key as protocol 1.0 writes it."""
    return "&" in text and re.fullmatch(_COMPOUND_KEY_1_0, text) is not None


def _is_element(text: str) -> bool:
    """Return whether a text is a list or a map of Rest.li's grammar, and not a remark in brackets."""
    if not text.endswith(")") or not text.startswith(("(", "List(")):
        return False
    try:
        element = decode(text)
    except DecodeError:
        return False
    # A list, or a map without entries, has no other meaning. The values of a map do not begin with a space, as in
    # "(July: launch)", or with the slashes of a URL.
    return isinstance(element, list) or (
        isinstance(element, dict)
        and all(
            re.fullmatch(_FIELD if isinstance(item, str) else _NAME, name)
            and not (isinstance(item, str) and (item[:1].isspace() or item.startswith("//")))
            for name, item in element.items()
        )
    )


def _number_reason(value: object) -> str | None:
    """Return why a number is suspicious as a key; None for an int, and for what is not a number."""
    if isinstance(value, int):
        return None
    if not isinstance(value, float | Decimal):
        try:
            value = native_scalar(value)
        except Refused:
            return None
    if isinstance(value, float):
        number = float.__pos__(value)  # the number itself, without what a subclass makes of it
        kind, is_finite, is_whole = "float", isfinite(number), number.is_integer()
    elif isinstance(value, Decimal):
        exact = Decimal(value)
        kind, is_finite = "Decimal", exact.is_finite()
        is_whole = is_finite and int(exact.as_tuple().exponent) < 0 and exact == exact.to_integral_value()
    else:
        return None
    if not is_finite:
        return f"is a {kind} that is not a number, probably a missing value: leave the key out"
    if is_whole:
        return f"is a {kind} with the value of an integer, and is sent with a decimal point: give an int"
    return None


def _path_reason(name: str) -> str:
    """Return why a name is suspicious, with what to give in its place."""
    advice = "is a name of protocol 1.0: give a list, or a dict of names and values"
    if len(name) > MAX_PATH_SHOWN:
        return advice
    cure = "..."
    for piece in reversed(re.findall(r"[^.\[\]]+", name)):
        cure = f"[{cure}]" if piece.isdigit() else f"{{{piece!r}: {cure}}}"
    return f"{advice}: {cure}"
