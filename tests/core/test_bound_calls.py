"""Calls: the fourteen functions as methods, with arguments that all of one's calls have in common."""

from __future__ import annotations

import copy
import inspect
import pickle
import traceback
from collections.abc import Callable
from typing import Any, assert_type, get_type_hints

import pytest

import restli_core as restli
from restli_core import BatchGetResponse, Call, Calls, GetResponse, InvalidCallError, RestliResponse
from restli_core.methods import METHODS
from tests.support.samples import ARGUMENTS, call

BOUND = Calls(version_string="202609", base_url="http://h/x", headers={"X-A": "b"})


def dumped(value: Any) -> bytes:
    """A function of the caller's own that writes bodies, and pickles."""
    return b"dumped"


def function(method: str) -> Callable[..., Call[Any]]:
    made: Callable[..., Call[Any]] = getattr(restli, method)
    return made


def bound(calls: Calls, method: str, **options: Any) -> Call[Any]:
    made: Call[Any] = getattr(calls, method)(*ARGUMENTS[method], **options)
    return made


# -- what is called ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_without_anything_a_method_is_its_function(method: str) -> None:
    assert bound(Calls(), method) == call(method)


@pytest.mark.parametrize("method", METHODS)
def test_what_it_has_stands_for_what_is_not_given(method: str) -> None:
    has: dict[str, Any] = {"version_string": "202609", "base_url": "http://h/x", "headers": {"X-A": "b"}}
    has["dumps"] = dumped
    made = bound(Calls(**has), method)
    assert made == call(method, **has)
    assert made == bound(Calls(**has), method, version_string=None, base_url=None, headers=None, dumps=None)
    assert (made.method, made.resource_path, made.name) == (method, "/r", call(method).name)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_given_goes_before_it(method: str) -> None:
    given = {"version_string": "202512", "base_url": "http://i", "headers": {"x-a": "c"}, "dumps": lambda _: b"mine"}
    assert bound(BOUND, method, **given) == call(method, **given)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_described_as_its_function(method: str) -> None:
    described = getattr(Calls, method)
    own, functions = inspect.signature(described), inspect.signature(function(method))
    assert described.__doc__ == function(method).__doc__
    assert (described.__name__, described.__qualname__) == (method, f"Calls.{method}")
    assert [*own.parameters.values()][1:] == [*functions.parameters.values()]
    assert own.return_annotation == functions.return_annotation
    assert next(iter(own.parameters)) == "self"
    (answer,) = get_type_hints(described)["return"].__args__
    assert issubclass(answer, RestliResponse)


def test_types() -> None:
    assert_type(BOUND.get("/r"), Call[GetResponse])
    assert_type(BOUND.batch_get("/r", [1], fields="id"), Call[BatchGetResponse])
    get: Any = BOUND.get  # as a program without types calls it
    with pytest.raises(TypeError, match="elsewhere"):
        get("/r", elsewhere=5)
    with pytest.raises(TypeError, match="by keyword"):
        get("/r", {"id": 5})


# -- headers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "given", "sent"),
    [
        ({"X-A": "b"}, None, {"X-A": "b"}),
        ({"X-A": "b"}, {}, {"X-A": "b"}),
        ({"X-A": "b"}, {"X-C": "d"}, {"X-A": "b", "X-C": "d"}),
        ({"X-A": "b"}, {"X-A": "c"}, {"X-A": "c"}),
        ({"X-A": "b"}, {"x-a": "c"}, {"x-a": "c"}),
        ({"x-a": "b", "X-E": "f"}, {"X-A": "c"}, {"X-E": "f", "X-A": "c"}),
        ({"User-Agent": "mine/1"}, {"USER-AGENT": "other/2"}, {"USER-AGENT": "other/2"}),
        (None, {"X-C": "d"}, {"X-C": "d"}),
    ],
)
def test_headers_are_joined_whatever_their_case(
    own: dict[str, str] | None, given: dict[str, str] | None, sent: dict[str, str]
) -> None:
    before = None if given is None else dict(given)
    made = Calls(headers=own).get("/r", headers=given)
    assert made == restli.get("/r", headers=sent)
    assert given == before
    assert Calls(headers=own).create("/r", {"a": 1}, headers=given) == restli.create("/r", {"a": 1}, headers=sent)


@pytest.mark.parametrize("given", [5, "X-A: b", ["X-A"], [("X-A", "b")], {5: "b"}, {"X-A": 5}, {"X-A": "b\n"}])
def test_wrong_headers_are_refused_as_the_function_refuses_them(given: Any) -> None:
    with pytest.raises(InvalidCallError) as alone:
        restli.get("/r", headers=given)
    with pytest.raises(InvalidCallError) as joined:
        BOUND.get("/r", headers=given)
    assert str(joined.value) == str(alone.value)


# -- the value ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"version_string": "2026"}, "version_string"),
        ({"version_string": 202609}, "version_string"),
        ({"base_url": "api.linkedin.com"}, "base_url"),
        ({"base_url": 5}, "base_url"),
        ({"headers": 5}, "headers"),
        ({"headers": {"X-A": "b\nc"}}, "headers['X-A']"),
        ({"headers": {"X-A": "b", "x-a": "c"}}, "headers"),
        ({"headers": {"X-RestLi-Method": "GET"}}, "headers"),
        ({"dumps": 5}, "dumps"),
    ],
)
def test_what_no_call_could_have_is_refused_at_once_and_by_name(options: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Calls(**options)
    assert caught.value.argument.startswith(argument)


def test_it_is_a_frozen_value() -> None:
    assert Calls("202609", "http://h/x", {"X-A": "b"}) == BOUND != Calls("202609")
    for name in ("version_string", "headers", "another"):
        with pytest.raises(AttributeError):
            setattr(BOUND, name, None)
    with pytest.raises((AttributeError, TypeError)):
        BOUND.headers["X-A"] = "c"  # type: ignore[index]
    headers = {"X-A": "b"}
    calls = Calls(headers=headers)
    headers["X-C"] = "d"
    assert dict(calls.headers) == {"X-A": "b"}


def test_it_pickles_and_copies() -> None:
    calls = Calls("202609", "http://h/x", {"X-A": "b"}, dumped)
    for other in (pickle.loads(pickle.dumps(calls)), copy.deepcopy(calls), copy.copy(calls)):
        assert other == calls
        assert bound(other, "create") == bound(calls, "create")


def test_it_shows_no_value_of_a_header() -> None:
    assert repr(Calls()) == "<Calls>"
    calls = Calls("202609", "http://h/x", {"X-Api-Key": "sesame"}, dumped)
    assert repr(calls) == "<Calls version_string='202609', base_url='http://h/x', headers=['X-Api-Key']>"


def test_what_a_refused_call_leaves_behind_shows_no_value_of_a_header() -> None:
    with pytest.raises(InvalidCallError) as caught:
        Calls(headers={"X-Api-Key": "sesame\n"})
    assert "sesame" not in str(caught.value)


def test_an_error_does_not_keep_what_all_calls_have_in_common() -> None:
    with pytest.raises(InvalidCallError) as found:
        BOUND.get("me")
    method = next(frame for frame, _ in traceback.walk_tb(found.tb) if frame.f_code.co_name == "method")
    assert BOUND not in method.f_locals.values()
