"""Suspicions: what people write on purpose stays silent; what is probably not meant gets a warning, at its place."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from restli_core import RestliWarning, SuspiciousValueWarning, calls
from restli_core.encoding import encode
from restli_core.suspicions import may_hold, may_hold_key, may_hold_keys, warn_of_key, warn_of_name, warn_of_value
from restli_core.urn import Urn
from tests.vectors import load, untagged

CASES = [(case["in"]["text"], case["in"]["place"], case["ok"]) for case in load("plain_texts")]
DOCUMENTED = [pytest.param(untagged(case["in"]), id=case["id"]) for case in load("documented_calls")]


def warned(function: Callable[..., Any], *arguments: Any, **options: Any) -> list[str]:
    """Return the texts of the warnings that a function gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*arguments, **options)
    assert all(one.category is SuspiciousValueWarning for one in caught)
    return [str(one.message) for one in caught]


def test_the_warning_is_one_for_users() -> None:
    assert SuspiciousValueWarning.__mro__[1:3] == (RestliWarning, UserWarning)


# -- the line, by the texts on both of its sides -----------------------------------------------------------------------

# place -> how a call is made that has the text there, and how a warning names the place
PLACES: dict[str, list[tuple[Callable[[str], Any], str]]] = {
    "value": [
        (lambda text: calls.get_all("/r", query_params={"a": text}), "query_params['a']"),
        (lambda text: calls.finder("/r", "x", query_params={"a": ["x", {"b": text}]}), "query_params['a'][1]['b']"),
        (lambda text: calls.batch_finder("/r", "x", ("c", [{"b": text}])), "finder_criteria[1][0]['b']"),
    ],
    "key": [
        (lambda text: calls.get("/r/{k}", path_keys={"k": "x" if text == "" else text}), "path_keys['k']"),
        (lambda text: calls.delete("/r/{k}", path_keys={"k": {"a": 1, "b": text}}), "path_keys['k']['b']"),
        (lambda text: calls.batch_get("/r", ["x", text]), "ids[1]"),
        (lambda text: calls.batch_delete("/r", [{"a": [text]}]), "ids[0]['a'][0]"),
        (lambda text: calls.batch_update("/r", [text], [{}]), "ids[0]"),
        (lambda text: calls.batch_partial_update("/r", [text, "x"], [{}, {}]), "ids[0]"),
    ],
    "name": [
        (lambda text: calls.get_all("/r", query_params={text: "x"}), "query_params[{!r}]"),
        (lambda text: calls.batch_finder("/r", "x", (text, ["a"])), "finder_criteria[0]"),
    ],
}


def test_there_are_some_hundred_texts() -> None:
    assert len(CASES) >= 300
    assert len([ok for _, _, ok in CASES if ok == "silent"]) >= 150
    assert len([ok for _, _, ok in CASES if ok != "silent"]) >= 100


@pytest.mark.parametrize(("text", "place", "ok"), CASES, ids=[f"{place}-{text!a}" for text, place, _ in CASES])
def test_the_line(text: str, place: str, ok: str) -> None:
    for make, named in PLACES[place]:
        if text in {".", ".."} and place == "key":
            continue  # no path can have these
        shown = named.format(text)
        if ok == "silent":
            assert warned(make, text) == []
        else:
            (message,) = warned(make, text)
            assert message.startswith(f"{shown}: ")
            assert ok in message


@pytest.mark.parametrize("call", DOCUMENTED)
def test_documented_requests_are_silent(call: dict[str, Any]) -> None:
    arguments = dict(call)
    make = getattr(calls, arguments.pop("function"))
    assert warned(make, **arguments) == []


# -- numbers -----------------------------------------------------------------------------------------------------------

NUMBERS: list[tuple[Any, str | None]] = [
    (7.0, "an integer"),
    (0.0, "an integer"),
    (-7e20, "an integer"),
    (float("nan"), "not a number"),
    (float("inf"), "not a number"),
    (np.float64(7), "an integer"),
    (np.float32("nan"), "not a number"),
    (Fraction(14, 2), "an integer"),
    (Decimal("7.00"), "an integer"),
    (Decimal("NaN"), "not a number"),
    (7, None),
    (10**20, None),
    (True, None),
    (7.5, None),
    (1e-9, None),
    (np.int64(7), None),
    (np.float32(0.5), None),
    (np.bool_(True), None),
    (Decimal(7), None),
    (Decimal("7E+3"), None),
    (Decimal("1.50"), None),
    (b"7.0", None),
]


@pytest.mark.parametrize(("number", "reason"), NUMBERS, ids=[f"{type(one).__name__} {one!s}" for one, _ in NUMBERS])
def test_floats_with_the_value_of_an_integer_are_suspicious_as_keys_alone(number: Any, reason: str | None) -> None:
    for make, named in PLACES["key"]:
        found = warned(make, number)
        assert [message.partition(": ")[0] for message in found] == [named] * (reason is not None)
        assert all(reason is not None and reason in message for message in found)
    for make, _ in PLACES["value"]:
        assert warned(make, number) == []


# -- which values, and how many warnings -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fields", "metadataFields", "pagingFields", "projection"])
def test_masks_and_decorations_are_not_values(name: str) -> None:
    assert warned(calls.get, "/r", query_params={name: "owner:(a:(b))"}) == []
    assert warned(calls.get, "/r", fields="owner:(a:(b))") == []
    assert warned(calls.get, "/r", query_params={"projection": "(a:(b:c))"}) == []


def test_names_at_any_depth_are_looked_at_for_an_index_alone() -> None:
    params: dict[str, Any] = {"search": {"status.values[0]": "ACTIVE"}}
    (message,) = warned(calls.finder, "/r", "search", query_params=params)
    assert message.startswith("query_params['search']['status.values[0]']: is a name of protocol 1.0")
    union: dict[str, Any] = {"owner": {"com.linkedin.common.Urn": "urn:li:person:1", "a[b]": 1, "x": [{"[0]": 1}]}}
    assert warned(calls.finder, "/r", "search", query_params=union) == []


def test_names_at_any_depth_that_were_encoded_already() -> None:
    criteria: dict[str, Any] = {"include": [{"urn%3Ali%3AadTargetingFacet%3Alocations": ["urn:li:geo:1"]}]}
    (message,) = warned(calls.finder, "/r", "x", query_params={"criteria": criteria})
    place, _, reason = message.partition(": ")
    assert place == "query_params['criteria']['include'][0]['urn%3Ali%3AadTargetingFacet%3Alocations']"
    assert "give the plain name" in reason


def test_the_cure_of_a_name_says_what_to_give() -> None:
    (message,) = warned(calls.get_all, "/r", query_params={"search.status.values[0]": "ACTIVE"})
    assert message.endswith("{'search': {'status': {'values': [...]}}}")
    (message,) = warned(calls.get_all, "/r", query_params={"a" + ".b" * 10_000: 1})
    assert len(message) < 500


def test_each_parameter_and_key_has_one_warning_and_the_ids_one() -> None:
    bad = "urn%3Ali%3Aperson%3A7"
    params: dict[str, Any] = {"a": [bad, bad], "b": {"c": bad}, "d": "x"}
    found = warned(calls.batch_get, "/{k}/r", [bad, bad], path_keys={"k": bad}, query_params=params)
    places = ["ids[0]", "path_keys['k']", "query_params['a'][0]", "query_params['b']['c']"]
    assert [message.partition(": ")[0] for message in found] == places


def test_what_is_warned_of_is_sent_as_it_is() -> None:
    with pytest.warns(SuspiciousValueWarning):
        made = calls.get("/r/{k}", path_keys={"k": 7.0}, query_params={"a": "(a:b)", "b[0]": "urn%3Ax"})
    assert made.request.url.endswith("/r/7.0?a=%28a%3Ab%29&b%5B0%5D=urn%253Ax")


def test_no_warning_has_the_value() -> None:
    secret = "jane.doe%40example.com"
    (message,) = warned(calls.get_all, "/r", query_params={"email": secret})
    assert "jane" not in message


@pytest.mark.parametrize("kind", [tuple, MappingProxyType], ids=["tuple", "mapping"])
def test_containers_of_all_kinds_are_looked_into(kind: Any) -> None:
    value = kind({"a": "List(x)"}) if kind is MappingProxyType else kind(["List(x)"])
    assert len(warned(calls.get_all, "/r", query_params={"p": {"q": value}})) == 1


def test_values_that_share_containers_and_urns_are_looked_at_once() -> None:
    shared: Any = [Urn("urn:li:x:(1,2)")]
    for _ in range(12):
        shared = [shared, shared]
    assert warned(calls.get_all, "/r", query_params={"a": shared}) == []


def test_what_is_looked_for_leaves_a_mark_in_the_encoded_text() -> None:
    # Else the cheap look would hide it from the closer one.
    for text, place, ok in CASES:
        if ok == "silent":
            continue
        if place == "key":
            assert may_hold_key(encode(text)), text
            assert may_hold_key(encode({"a": [1, text]})), text
            assert may_hold_keys({"x", text}), text
        elif place == "value":
            assert may_hold(encode(text)), text
        elif "[" in text or "%" in text:
            assert may_hold(encode({text: 1})), text
    for number, reason in NUMBERS:
        assert reason is None or may_hold_key(encode([number]))


def test_alone_as_in_a_call() -> None:
    assert len(warned(warn_of_value, "a", "List(x)")) == len(warned(warn_of_key, "a", 7.0)) == 1
    assert len(warned(warn_of_name, "a", "b[0]")) == 1
    assert warned(warn_of_value, "a", 7.0) == warned(warn_of_key, "a", object()) == warned(warn_of_key, "a", 1j) == []
    assert warned(warn_of_key, "a", np.datetime64("2026")) == []
