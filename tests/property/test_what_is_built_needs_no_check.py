"""What the fourteen functions build by their fast paths is what the general paths check, write and find."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from restli_core import (
    Call,
    HttpRequest,
    InvalidCallError,
    Urn,
    batch_get,
    batch_update,
    create,
    get,
    partial_update,
)
from restli_core.bodies import json_body, strict_dumps
from restli_core.building import check_version
from restli_core.keys import body_keys, canonical_keys, match_keys, match_single_keys
from restli_core.paths import format_path
from restli_core.projection import format_projection
from restli_core.responses.parsing import strict_loads
from restli_core.suspicions import warn_of_key
from restli_transports.testing.strategies import calls, encodables, texts


class Text(str):
    """A text that no fast path takes."""

    __slots__ = ()


def outcome(act: Callable[[], Any]) -> tuple[Any, ...]:
    """What a function returns, or refuses, and what it warns of, in any order."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result: tuple[Any, ...] = ("returned", act())
        except InvalidCallError as error:
            result = ("refused", error.argument, error.reason)
        except ValueError as error:
            result = ("failed", type(error), str(error))
    return (*result, sorted(str(one.message) for one in caught))


@given(calls())
def test_a_request_passes_the_checks_of_any_request(call: Call[Any]) -> None:
    request = call.request
    checked = HttpRequest(request.method, request.url, request.headers.raw, request.body)
    assert checked == request
    assert {**checked.headers} == {**request.headers}
    assert {type(part) for field in request.headers.raw for part in field} == {str}


segments = st.sampled_from(["a", "adAccounts", "nan", "NaN", "NaT", "None", "NAN", "1", "1.0", "", ".", "a-b", "{id}"])
templates = st.lists(segments | st.sampled_from(["{a}", "x{id}", "(id:{id})", "a:b", "%41"]), max_size=4).map("/".join)
path_keys = st.none() | st.dictionaries(
    st.sampled_from(["id", "a"]), encodables() | st.sampled_from(["", ".", "..", "''"]), max_size=2
)


@given(templates.map("/{}".format), path_keys)
@example("/a/{id}", {"id": ""})
@example("/a/{id}", {"id": ".."})
@example("/None/{id}", {"id": 1})
def test_a_path(template: str, keys: Mapping[str, Any] | None) -> None:
    assert outcome(lambda: format_path(template, keys)) == outcome(lambda: format_path(Text(template), keys))


@given(st.from_regex(r"[0-9]{5,8}(\.[0-9]{2})?", fullmatch=True) | st.text(max_size=7))
@example("202613")
@example("202600")
@example("²02601")
def test_a_version(version: str) -> None:
    assert outcome(lambda: check_version(version)) == outcome(lambda: check_version(Text(version)))


names = st.text(max_size=3) | st.sampled_from(["true", "a1", '"true', "$set", "patch", "$x", "\x01", "null", "a,"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(width=32) | names


def nested(keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
    )


entities = st.dictionaries(names, nested(names | st.sampled_from([1, 10, 1.5, True, False, None])), max_size=4)


def other_dumps(value: object) -> bytes:
    """The same as the library's own, whose bytes no fast path trusts."""
    return strict_dumps(value)


def generally(value: Any) -> Any:
    """The value with maps that only the general path goes through."""
    if isinstance(value, dict):
        return MappingProxyType({name: generally(item) for name, item in value.items()})
    return [*map(generally, value)] if isinstance(value, list) else value


@given(entities)
@example({"a": [{1: 2}]})
@example({"a1": {"b": {"true": 1, True: 2}}})
def test_the_names_of_a_body(entity: dict[str, Any]) -> None:
    quick = outcome(lambda: json_body(entity, "entity", strict_dumps))
    if quick[0] == "returned":
        assert quick == outcome(lambda: json_body(generally(entity), "entity", strict_dumps))
        assert quick == outcome(lambda: json_body(entity, "entity", other_dumps))
    else:
        assert quick == outcome(lambda: json_body(generally(entity), "entity", strict_dumps))


alike_names = st.sampled_from(["1", "10", "true", "a", "a\x01", 'b"true', "null"])
other_names = st.sampled_from([1, 10, True, None, "1", "true", "a\x01"])


@given(
    st.dictionaries(alike_names, st.dictionaries(other_names, st.integers(0, 2), max_size=2), min_size=1, max_size=3)
)
@example({"1": {"a": 1}, "10": {1: 1}})
@example({"a": {1: 1}})
def test_the_names_of_a_batch(by_id: dict[str, Any]) -> None:
    quick, general = (
        outcome(lambda: batch_update("/r", [*by_id], [*by_id.values()], dumps=dumps).request.body)  # noqa: B023 - at once
        for dumps in (None, other_dumps)
    )
    assert quick == general


class Number(int):
    """A number that no fast path takes."""


def to_no_fast_path(key: Any) -> Any:
    if type(key) is str:
        return Text(key)
    return Number(key) if type(key) is int else key


one_type = [
    st.sampled_from(["", "a", "b,", "1", "a%2Cb", "1.0", "nan", "None", "(a:1)", "x=1&y=2", "\x03", "\ud800"]),
    st.integers(-2, 2) | st.sampled_from([10**18, 10**5000]),
    st.sampled_from(["urn:li:a:1", "urn:li:a:(b,c)"]).map(Urn),
    st.booleans() | st.integers(0, 1),
    st.sampled_from([0.0, -0.0, 1.0, 1e22, float("nan")]),
    st.fixed_dictionaries({"a": st.integers(0, 1)}),
]


@given(st.one_of([st.lists(each, max_size=5) for each in [*one_type, st.one_of(one_type)]]))
@example(["", "a"])
@example([1, True, 1.0, "1"])
def test_the_ids_of_a_batch(ids: list[Any]) -> None:
    quick, general = (
        outcome(lambda: batch_get("/r", given, tunnel_above=10**6).request)  # noqa: B023 - it is called at once
        for given in (ids, [*map(to_no_fast_path, ids)])
    )
    assert quick == general
    if quick[0] == "returned":
        assert quick[-1] == outcome(lambda: warn_of_key("ids", ids))[-1]


@given(entities)
def test_the_text_of_a_body(entity: dict[str, Any]) -> None:
    plain = outcome(lambda: strict_dumps([entity, 1]))
    assert plain == outcome(lambda: strict_dumps([entity, Decimal(1)]))


@given(st.lists(entities, min_size=1, max_size=1).map(lambda one: one[0]))
@example({"patch": {"$set": {"a": 1}}})
@example({"$set": {1: 2}})
@example({"$set": {}, "a": float("nan")})
@example({"a": {"b": {"$set": {}}}})
def test_patches_are_found(entity: dict[str, Any]) -> None:
    for method in (create, partial_update):
        quick = outcome(lambda: method("/r", entity).request.body)  # noqa: B023 - it is called at once
        general = outcome(lambda: method("/r", entity, dumps=other_dumps).request.body)  # noqa: B023 - likewise
        # What a `dumps` of the caller's raises counts only where it fails alike over a part of the value.
        assert quick[:2] == general[:2]
        assert quick[-1] == general[-1]


keys = st.sampled_from(["a", "a%2Cb", "a%2cb", "a,b", "(a:1)", "(b:2,a:1)", "%zz", "", "''", "'", "1", "1.0", "%61"])
wire_keys = keys | st.text("a%2C(),:'1", max_size=8)
ids = st.lists(keys | texts(), max_size=3) | st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "$params"]), st.integers(0, 2) | texts(), min_size=1, max_size=2),
    max_size=3,
)


@given(ids, st.lists(wire_keys, max_size=4, unique=True))
@example(["a,b", "(a:1)"], ["a%2Cb", "(a:1)"])
@example(["a,b"], ["a%2Cb", "(a:1)"])
@example(["", "a,b"], ["''", "a%2Cb"])
@example([{"a": 1}], ["(a:1),(b:2)", "(c"])
@example([{"a": 1}, {"b": 2}], ["(a:1", "b:2)"])
def test_the_keys_of_an_answer(asked: list[Any], sent: list[str]) -> None:
    canonical = canonical_keys(asked, body_keys(asked, "ids"))
    single = match_single_keys(asked, canonical, dict.fromkeys(sent))
    if single is not None:
        assert [[] if key is None else [key] for key in single] == match_keys(asked, canonical, sent)


documents = nested(st.text(max_size=3))


@given(
    documents, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"]), st.sampled_from(["", " "])
)
def test_an_answer(document: Any, coding: str, space: str) -> None:
    body = f"{json.dumps(document)}{space}".encode(coding)
    wanted = outcome(lambda: json.loads(body, parse_constant=_refuse))
    found = outcome(lambda: strict_loads(body))
    assert found[:1] == wanted[:1]
    if found[0] == "returned":
        assert found == wanted


@given(st.text('{}[]":,1a n\\', max_size=8) | st.text(" \t\n\r\f\v\x85\xa0x}", max_size=2).map("{{}}{}".format))
def test_an_answer_that_is_not_json(text: str) -> None:
    assert outcome(lambda: strict_loads(text.encode())) == outcome(
        lambda: json.loads(text.encode(), parse_constant=str)
    )


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


masks = st.text("ab1_,-$:( ", max_size=6) | st.lists(st.sampled_from(["", "a", "b1", "-a"]), max_size=3).map(",".join)


@given(masks | st.lists(masks, max_size=3))
def test_a_projection(mask: Any) -> None:
    generally = Text(mask) if isinstance(mask, str) else tuple(mask)
    assert outcome(lambda: format_projection(mask)) == outcome(lambda: format_projection(generally))


def test_a_get_takes_the_fast_path() -> None:
    assert get("/me").request.url == "https://api.linkedin.com/v2/me"
