"""Values and texts that are read or written as a whole come out as they do piece by piece.

The quick ways take no subclass of a container, no text with ``''`` in it, and no answer with a key that none of the
ids has, so that either way can be had of the public functions. A query that is read goes the plain way in any case.
What stands alone in a text can be had so only where the quick way is taken out.
"""

from __future__ import annotations

import json
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import HttpRequest, HttpResponse, batch_delete, batch_get, tunnel, untunnel
from restli_core.encoding import decode, encode, param_encode, reduced_encode
from restli_core.encoding.queries import PROJECTIONS
from restli_core.encoding.writing import encode_entry, encode_texts
from restli_core.errors import DecodeError, InvalidCallError, InvalidResponseError
from restli_core.keys import body_key, body_keys, distinct
from restli_core.urn import read_urn
from restli_transports.testing.strategies import encodables, malformed_texts, texts, values, wire_texts
from tests.support.codec import cases
from tests.vectors import untagged


class PlainList(list[Any]):
    """A list that the quick way does not take."""


def plainly(value: Any) -> Any:
    """The value with containers of other types, entry by entry to write."""
    if isinstance(value, dict):
        return MappingProxyType({name: plainly(item) for name, item in value.items()})
    return PlainList(map(plainly, value)) if isinstance(value, list | tuple) else value


def written(write: Any, value: Any) -> tuple[Any, ...]:
    try:
        return (write(value),)
    except InvalidCallError as error:
        return (error.argument, error.reason)


def read(text: str) -> tuple[Any, ...]:
    try:
        return ("read", decode(text))
    except DecodeError as error:
        return (error.position, error.reason)


# Each of these names comes often, so that the maps of a list are often alike. Long lists are written otherwise than
# short ones.
rows = st.lists(
    st.fixed_dictionaries({"a": encodables(), "%b": texts()}, optional={"\U0001f600": texts(), "\uffff": texts()}),
    max_size=4,
).flatmap(lambda maps: st.sampled_from([maps, maps * 8]))
# What stands for the structure on the way.
marks = values(st.text("\x00\x01\x02\x03\x04\x05\x06\x07\x08a%", max_size=4))
mostly_escaped = st.text("a,\x06\xe9\u4e00\U0001f600", min_size=40)
wrongs = st.sampled_from([None, "\ud800", object(), {1: 2}, {"\ud800": 1}, {"a": 1, 2: 3}, Decimal("1E+9999")])
wrong_values = values(texts() | wrongs)
# Of one type, as many lists are; and long, so that these are written otherwise than short ones.
numbers = st.integers() | st.sampled_from([10**18, -(10**18), 10**18 - 1, 10**4299, 10**5000, -(10**4300)])
urns = st.builds("urn:li:{}:{}".format, st.text("ab\x01\x05_-", min_size=1, max_size=2), texts()).map(read_urn)
alike = st.one_of(
    *[st.lists(items, min_size=8, max_size=10) for items in (numbers, urns.filter(bool), urns.filter(bool) | texts())],
    st.lists(st.fixed_dictionaries({"a": urns.filter(bool), "b": texts()}), min_size=8, max_size=10),
)


@pytest.mark.parametrize("write", [encode, reduced_encode])
@given(value=encodables() | rows | marks | mostly_escaped | wrong_values | alike)
def test_for_writing(write: Any, value: Any) -> None:
    assert written(write, value) == written(write, plainly(value)) == plainly_written(write, value)


# Long lists that nearly are of one kind: what is not is to be seen.
few = st.sampled_from(["", "a", "b,", "\x03", True, False, 0, 1, 10**18, 1.5])
nearly_alike = st.one_of(
    st.lists(st.sampled_from(["", "a", "b,"]), min_size=8, max_size=10),
    st.lists(st.sampled_from([True, False, 0, 1]), min_size=8, max_size=10),
    st.sampled_from(["", "a"]).flatmap(
        lambda name: st.lists(st.fixed_dictionaries({name: few, "b": few}), min_size=8, max_size=10)
    ),
)


@pytest.mark.parametrize("write", [encode, reduced_encode])
@given(value=nearly_alike)
def test_for_writing_long_lists(write: Any, value: Any) -> None:
    assert written(write, value) == written(write, plainly(value)) == plainly_written(write, value)


@given(texts())
def test_for_writing_a_text(text: str) -> None:
    alone, inside = (written(lambda value: encode(value, "x"), value) for value in (text, PlainList([text])))
    assert inside == ((f"List({alone[0]})",) if len(alone) == 1 else (f"{alone[0]}[0]", alone[1]))


@given(wire_texts())
def test_for_reading(text: str) -> None:
    quick, plain = read(f"List({text},ab)"), read(f"List({text},'')")
    if quick[0] == "read":
        assert plain == ("read", [*quick[1][:-1], ""])
    else:
        assert quick == plain


# Of few marks and fewer texts, so that all that is nearly well formed comes up.
structures = st.lists(st.sampled_from(["(", "List(", ")", ",", ":", "a", "b%2C"]), max_size=12).map("".join)


@given(wire_texts() | malformed_texts() | structures | structures.map("(a:{})".format))
def test_for_reading_whatever_stands_alone(text: str) -> None:
    assert read(text) == plainly_read(text)


def plainly_read(text: str) -> tuple[Any, ...]:
    with mock.patch("restli_core.encoding.reading._decode_fast", return_value=None):
        return read(text)


def plainly_written(write: Any, value: Any) -> tuple[Any, ...]:
    with mock.patch("restli_core.encoding.writing._text", side_effect=ValueError):
        return written(write, value)


def test_for_all_vectors() -> None:
    texts = [case["in"]["s"] for name in READ for case in cases(name)]
    values = [untagged(case["in"]["value"]) for name in WRITTEN for case in cases(name)]
    assert len(texts) > 1000
    assert len(values) > 1000
    assert [text for text in texts if read(text) != plainly_read(text)] == []
    for write in (encode, reduced_encode, body_key):
        assert [value for value in values if written(write, value) != plainly_written(write, value)] == []


READ = ("decode", "decode_fuzz", "decode_key", "decode_utils", "simple_key_decode")
WRITTEN = ("encode_header", "encode_path", "encode_query", "stringify")


mixed_keys = st.lists(st.sampled_from(["", "a,b", "x%", 1, {"a": "(%"}, ["b"], {}]), min_size=1, max_size=4)


@given(
    st.lists(encodables() | marks, max_size=4)
    | rows
    | st.lists(marks)
    | st.lists(wrong_values, max_size=4)
    | mixed_keys
)
def test_for_writing_several_keys(keys: list[Any]) -> None:
    one_by_one = written(lambda _: [body_key(key, f"keys[{index}]") for index, key in enumerate(keys)], keys)
    assert written(lambda _: body_keys(keys, "keys"), keys) == one_by_one


@given(st.lists(encodables() | marks, max_size=4) | rows)
def test_for_leaving_out_repetitions(values: list[Any]) -> None:
    values += values[:1]
    assert distinct(values, "values") == [*{encode(value): value for value in values}.values()]


@given(numbers)
def test_for_writing_a_number(number: int) -> None:
    alone, inside = (written(lambda value: encode(value, "x"), value) for value in (number, [number]))
    if len(alone) == 1:
        assert inside == (f"List({alone[0]})",)
    else:
        assert (f"{alone[0]}[0]", alone[1]) == inside


@given(st.lists(texts().filter(bool) | st.sampled_from(["\x03", "\ud800", "a,b", "\uffff\U0001f600"])))
def test_for_writing_several_texts(items: list[str]) -> None:
    plain = written(lambda value: encode(value, "ids"), items)
    assert written(lambda value: encode_texts(value, "ids"), items) == plain


@pytest.mark.parametrize("argument", ["query_params", "other"])
@given(name=texts() | marks.filter(lambda name: isinstance(name, str)), value=encodables() | wrong_values | numbers)
def test_for_writing_an_entry(argument: str, name: str, value: Any) -> None:
    place = f"{argument}[{name!r}]"
    with_place = written(lambda value: encode(value, place), value)
    assert written(lambda value: encode_entry(value, argument, name), value) == with_place
    if name not in PROJECTIONS and value is not None:
        pair = written(lambda value: f"{encode(name, place)}={encode(value, place)}", value)
        assert written(lambda value: param_encode({name: value}, argument), value) == pair


@given(st.dictionaries(texts(), encodables(), max_size=4))
def test_for_keeping_a_key(key: dict[str, Any]) -> None:
    assert batch_get("/r", [key]) == batch_get("/r", [MappingProxyType(key)])


STRANGER = "\ud800"  # means no id, since no id can have a lone surrogate

# Keys that are alike: a text that may mean another, a map, and a text that may mean the map.
ids_alike = st.sampled_from(["a,b", "a%2Cb", {"b": 2, "a": 1}, {"a": "1", "b": 2, "$params": {}}, "(b:2,a:1)"])
told = st.sampled_from([{}, {"status": 204}, {"entity": {"a": 1}}, {"error": {"status": 404}}, {"error": 1}])


@pytest.mark.parametrize("method", [batch_get, batch_delete])
@given(data=st.data())
def test_for_the_rows_of_a_batch(method: Any, data: st.DataObject) -> None:
    ids: list[Any] = data.draw(
        st.lists(ids_alike, min_size=1, max_size=4) | st.lists(encodables(), min_size=1, max_size=4)
    )
    keys = st.sampled_from([*map(body_key, ids), "a%2Cb", "(b:2,a:1)"])
    results, errors = (data.draw(st.dictionaries(keys, told, max_size=3)) for _ in range(2))
    call = method("/r", ids)
    assert answered(call, results, errors) == answered(call, results, {**errors, STRANGER: {}})


def answered(call: Any, results: Any, errors: Any) -> Any:
    body = json.dumps({"results": results, "errors": errors}).encode()
    try:
        return call.parse(HttpResponse(200, {}, body)).rows
    except InvalidResponseError as error:
        return str(error)


TUNNELLED = {"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}
visible = "".join(map(chr, range(0x21, 0x7F))).replace("#", "")


@given(st.text(visible, min_size=1, max_size=8) | st.text('%aF0g"', min_size=1))
def test_for_checking_a_query(query: str) -> None:
    quick = is_refused(tunnel, HttpRequest("GET", f"https://h/r?{query}"))
    assert quick == is_refused(untunnel, HttpRequest("POST", "https://h/r", TUNNELLED, query.encode()))


def is_refused(convert: Any, request: HttpRequest) -> bool:
    try:
        convert(request)
    except (DecodeError, InvalidCallError):
        return True
    return False
