"""The target of projections. An input is a mask, a NUL, and an entity in JSON that the mask is applied to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from restli_core import DecodeError, InvalidCallError
from restli_core.projection import apply_projection, format_projection, parse_projection
from tests.fuzz.codec import text_of
from tests.fuzz.target import Target
from tests.support.projection_model import ServerFails, projected
from tests.vectors import load

__all__ = ["TARGETS"]

WORDS = (
    *("$*", "-$*", "$*:(", "$start:", "$count:", "a:(", "b,", "-a", "),", "))", "$$a", ":(", ",", "-", " ", "\u2028"),
    *("2147483648", "9223372036854775807", "\0", '{"a":{"b":1}}', '"$a":', "[1,2]", "null", '"b":[', "\u00a0"),
)
NOTHING = "\0{}"
MAX_MASK = 300  # characters; the model copies masks and recurses


def parts(data: bytes) -> tuple[str, Any]:
    """Return the mask as text, and the entity: an empty one where the rest is not a JSON object."""
    text, _, rest = text_of(data).partition("\0")
    try:
        entity = json.loads(rest)
    except (ValueError, RecursionError):
        entity = None
    return text, entity if isinstance(entity, dict) else {"a": {"b": [1, {"c": 2}], "$d": 3}, "b": 4}


def read(data: bytes) -> object:
    text, entity = parts(data)
    mask = parse_projection(text)
    format_projection({"inside": text})
    return apply_projection(entity, mask)


def check(data: bytes) -> None:
    text, entity = parts(data)
    try:
        mask = parse_projection(text)
    except DecodeError as error:
        assert error.text == text
        assert 0 <= error.position <= len(text)
        return
    check_written(text, mask)
    if len(text) <= MAX_MASK:
        check_applied(entity, mask)


def check_written(text: str, mask: dict[str, Any]) -> None:
    """Hold a mask to what is read of it once it is written as a mapping, and its text to what is sent of it."""
    try:
        sent = format_projection(mask)
    except InvalidCallError as error:
        assert error.argument.startswith("fields")
    else:
        assert exact(parse_projection(sent)) == exact(mask)
    try:
        assert format_projection(text) == "".join(text.split())
    except InvalidCallError as error:
        assert error.argument == "fields"


def exact(mask: dict[str, Any]) -> str:
    """Return a mask as text, so that True and 1 differ."""
    return json.dumps(mask, sort_keys=True)


def check_applied(entity: dict[str, Any], mask: dict[str, Any]) -> None:
    """Hold what is left of an entity to what the model leaves, which fails where a server does."""
    expected: Any = None
    try:
        expected = projected(entity, mask)
    except ServerFails:
        pass
    except RecursionError:
        return
    try:
        left = apply_projection(entity, mask)
    except InvalidCallError as error:
        assert error.argument == "mask"
        assert expected is None
    else:
        assert left == expected or "NaN" in json.dumps(entity)


def seeds() -> Iterable[bytes]:
    for name in ("mask_decode", "mask_decode_fuzz"):
        for case in load(name):
            yield f"{case['in']['s']}{NOTHING}".encode("utf-8", "surrogatepass")
    for case in load("mask_filter"):
        yield f"{case['in']['mask']}\0{json.dumps(case['in']['data'])}".encode()


TARGETS = {
    "projections": Target(
        "a mask is read or refused with a DecodeError; it is read as it was once it is written; and a naive model "
        "leaves the same of an entity",
        read,
        check,
        WORDS,
        seeds,
    ),
}
