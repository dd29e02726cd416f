"""The vectors of LinkedIn's codec, how they are compared with ours, and values that several suites write."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

import pytest

from restli_core.errors import DecodeError, InvalidCallError
from tests.vectors import load, untagged


class Status(str, Enum):  # noqa: UP042 - users have these, and format() treats them unlike a StrEnum
    ACTIVE = "ACTIVE"
    ODD = "a,b"
    FIELDS = "fields"


class Plain(Enum):
    TEXT = "x"
    NUMBER = 1.5
    PAIR = (1, "a")
    INNER = Status.ODD


def refused_at(write: Callable[..., str], *arguments: Any) -> str:
    """The place that the refusal names."""
    with pytest.raises(InvalidCallError) as caught:
        write(*arguments)
    assert caught.value.reason
    return caught.value.argument


class Refusal(NamedTuple):
    position: int


def outcome(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except DecodeError as error:
        assert error.text == text
        return Refusal(error.position)


def expected(case: dict[str, Any], text: str) -> Any:
    return case["ok"] if "ok" in case else Refusal(position(case["error"]["message"], text))


def position(message: str, text: str) -> int:
    """Java's column or index counts UTF-16 units, ours characters; where the text ends too soon it names none."""
    if message.endswith("unexpected end of input"):
        return len(text)
    column = int(re.findall(r"(?:column|index) (\d+)", message)[-1])
    return len(text.encode("utf-16-be")[: 2 * column].decode("utf-16-be"))


NULL = (
    "The encoder writes Data.NULL as the letters null, which a server reads as text. LinkedIn's request builders never "
    "let one get there: setParam(null) does nothing, null items are dropped (AbstractRequestBuilder.java:197-206, "
    "QueryParamsUtil.java:170-176). We leave a None parameter out and refuse a None inside a value."
)


SURROGATE = (
    "Java's UTF-8 encoder puts a question mark in place of half a surrogate pair (UriComponent.java:365-373): the "
    "server would get another value than the caller's. We refuse it."
)


PROJECTION_TYPE = "No projection is a number; LinkedIn refuses it and so do we, which test_refused_projections shows."


LEFT_OUT = {
    **dict.fromkeys(
        [
            (name, text)
            for name in ("encode_path", "encode_query", "encode_header", "stringify")
            for text in ('{"value": null}', '{"value": {"n": null}}')
            if (name, text) != ("stringify", '{"value": {"n": null}}')
        ],
        NULL,
    ),
    ("query_string", '{"params": {"a": null}}'): NULL,
    ("query_string", '{"params": {"a": [null]}}'): NULL,
    ("query_string", '{"params": {"fields": 5}}'): PROJECTION_TYPE,
    ("lone_surrogates", '{"value": {"$t": "utf16", "v": "d800"}}'): SURROGATE,
    ("lone_surrogates", '{"value": {"$t": "utf16", "v": "dc00"}}'): SURROGATE,
    ("lone_surrogates", '{"value": [{"$t": "utf16", "v": "d800"}]}'): SURROGATE,
    ("lone_surrogates", '{"value": [{"$t": "utf16", "v": "dc00"}]}'): SURROGATE,
}


def cases(name: str, at_least: int = 1) -> list[dict[str, Any]]:
    kept = [case for case in load(name) if (name, json.dumps(case["in"])) not in LEFT_OUT]
    assert len(kept) >= at_least
    return kept


def same_text(tagged: Any, ours: Any, theirs: Any) -> bool:
    """Whether two readings of a vector's value agree: texts to the letter, those of numbers as the same number."""
    kind = tagged.get("$t") if isinstance(tagged, dict) else None
    if kind == "float" or isinstance(untagged(tagged), float):
        layout = "f" if kind == "float" else "d"  # Python has no 32-bit float, so that more digits are sent than matter
        return packed(layout, float(ours)) == packed(layout, float(theirs))
    return bool(ours == theirs)


def packed(layout: str, number: float) -> bytes:
    try:
        return struct.pack(layout, number)
    except OverflowError:
        return struct.pack(layout, float("inf"))
