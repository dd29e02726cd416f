"""Targets of the codec: our decoders and an independent one make the same of any text, and it can be sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from restli_core import (
    DecodeError,
    InvalidCallError,
    decode,
    encode,
    param_decode,
    param_encode,
    reduced_decode,
    reduced_encode,
)
from tests.fuzz.target import Target
from tests.support import independent_codec
from tests.support.values import same
from tests.vectors import load

__all__ = ["TARGETS"]

WORDS = (
    *("List(", "List(a,b)", "(k:v)", "()", "(a:List(),b:(c:d))", "''", "'", "%27", "%28", "%29", "%2C", "%3A", "%25"),
    *(
        "%",
        "%0",
        "%00",
        "%ED%A0%80",
        "%ED%A0",
        "%F0%9F%98%80",
        "%C3",
        "%e9",
        "=",
        "\r\n",
        "\0",
        "+",
        "$params",
        "é",
        "😀",
    ),
)
QUERY_WORDS = ("&", "=", "fields=", "metadataFields=", "pagingFields=", "ids=List(", "q=", "a=1&a=2", "+=", "%3D", "&&")


def text_of(data: bytes) -> str:
    """Return the bytes as text, in which a byte that is not UTF-8 is a lone surrogate."""
    return data.decode("utf-8", "surrogateescape")


def has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def outcome(reader: Callable[[str], Any], text: str) -> tuple[Any, int | None]:
    """Return what a reader makes of a text, or where it refuses it."""
    try:
        return reader(text), None
    except DecodeError as error:
        assert error.text == text
        assert 0 <= error.position <= len(text)
        return None, error.position
    except independent_codec.Refused as refusal:
        return None, refusal.position


def agreed(ours: Callable[[str], Any], theirs: Callable[[str], Any], text: str) -> Any:
    """Return what both readers make of a text; None where both refuse it, at the same place."""
    value, position = outcome(ours, text)
    try:
        expected, expected_position = outcome(theirs, text)
    except RecursionError:  # which is the second reader's: ours does not recurse
        return value
    assert position == expected_position
    assert position is not None or same(value, expected)
    return value


def check_element(reader: Callable[[str], Any], data: bytes) -> None:
    text = text_of(data)
    value = agreed(reader, independent_codec.read, text)
    if value is None:
        return
    try:
        url, reduced = encode(value), reduced_encode(value)
    except InvalidCallError:
        assert has_surrogate(text)
        return
    assert url.isascii()
    assert same(decode(url), value)
    assert same(reduced_decode(reduced), value)
    try:
        assert independent_codec.write(value, "header") == reduced
    except RecursionError:
        return


def check_query(data: bytes) -> None:
    text = text_of(data)
    params = agreed(param_decode, independent_codec.read_query, text)
    if params is None:
        return
    # A projection stands raw in a query, and not all that can be read can be sent: their law is that of `projections`.
    sent = {name: value for name, value in params.items() if name not in independent_codec.PROJECTIONS}
    try:
        query = param_encode(sent)
    except InvalidCallError:
        assert has_surrogate(text)
        return
    assert same(param_decode(query), sent)


def seeds(name: str, key: str) -> Iterable[bytes]:
    return (case["in"][key].encode("utf-8", "surrogatepass") for case in load(name))


TARGETS = {
    "decode": Target(
        "an independent decoder agrees, or refuses the text at the same place; decode(encode(x)) == x for what is read",
        lambda data: decode(text_of(data)),
        lambda data: check_element(decode, data),
        WORDS,
        lambda: seeds("decode", "s"),
    ),
    "reduced_decode": Target(
        "as for decode, and reduced_decode(reduced_encode(x)) == x",
        lambda data: reduced_decode(text_of(data)),
        lambda data: check_element(reduced_decode, data),
        WORDS,
        lambda: seeds("decode_fuzz", "s"),
    ),
    "param_decode": Target(
        "an independent decoder agrees, or refuses the query at the same place; param_decode(param_encode(x)) == x",
        lambda data: param_decode(text_of(data)),
        check_query,
        WORDS + QUERY_WORDS,
        lambda: seeds("decode_query", "q"),
    ),
}
