"""The fourteen functions make a call that can be sent, or raise InvalidCallError, whatever they are given.

But for keywords that there are none of, which are TypeErrors as they are everywhere in Python.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import restli_core
from restli_core.calls import Call, CallOptions, EntityOptions
from restli_core.encoding import param_decode
from restli_core.errors import InvalidCallError
from restli_core.methods import METHODS
from restli_core.tunnelling import untunnel
from restli_transports.testing.strategies import encodables, texts
from tests.support.oddities import arguments
from tests.support.profiles import examples
from tests.support.samples import ARGUMENTS

names = st.sampled_from([*METHODS])
UNKNOWN = "no_such_keyword"
KEYWORDS = [*EntityOptions.__annotations__, UNKNOWN]

likely = st.fixed_dictionaries(
    {},
    optional={
        "query_params": st.dictionaries(texts(), encodables(), max_size=3),
        "fields": st.sampled_from(["id", ["a", "b"], {"a": {"b": True}}]),
        "access_token": st.just("token"),
        "version_string": st.just("202609"),
        "base_url": st.sampled_from(["http://h", "https://h:1/a/"]),
        "headers": st.just({"X-A": "1"}),
        "tunnel_above": st.integers(0, 50),
        "dumps": st.just(lambda value: repr(value).encode("utf-8", "replace")),
    },
)
"""Keywords that make sense."""


def made(name: str, own: tuple[Any, ...], options: dict[str, Any]) -> Call[Any] | None:
    known = EntityOptions.__annotations__ if METHODS[name].returns_entity else CallOptions.__annotations__
    try:
        result: Call[Any] = getattr(restli_core, name)(*own, **options)
    except InvalidCallError as error:
        assert error.argument
        assert len(str(error)) < 10_000
        event(error.argument.partition("[")[0])
        return None
    except TypeError:
        assert not set(options) <= set(known)
        event("TypeError")
        return None
    assert set(options) <= set(known)
    event("a call")
    return result


def can_be_sent(result: Call[Any]) -> None:
    """A server finds in it each thing once."""
    request = untunnel(result.request)
    address, _, query = request.url.partition("?")
    assert request.url.isascii()
    assert request.url.isprintable()
    assert " " not in request.url
    assert not {".", ".."} & set(address.split("/"))
    assert METHODS[result.method].parameter in {None, *param_decode(query)}
    names = [field.lower() for field, _ in result.request.headers.raw]
    assert len(names) == len(set(names))
    assert ("content-type" in names) == bool(result.request.body)


@pytest.mark.parametrize("name", METHODS)
@examples(quick=5)
@given(data=st.data())
def test_on_any_arguments_of_its_own(name: str, data: st.DataObject) -> None:
    given_ones = list(ARGUMENTS[name])
    for index in data.draw(st.sets(st.integers(0, len(given_ones) - 1), min_size=1)):
        given_ones[index] = data.draw(arguments)
    result = made(name, tuple(given_ones), data.draw(likely))
    if result is not None:
        can_be_sent(result)


@given(
    name=names,
    options=st.builds(
        dict.__or__, likely, st.dictionaries(st.sampled_from(KEYWORDS), arguments, min_size=1, max_size=2)
    ),
)
def test_on_any_keywords(name: str, options: dict[str, Any]) -> None:
    result = made(name, ARGUMENTS[name], options)
    if result is not None:
        can_be_sent(result)


@given(
    name=names,
    key=arguments | encodables(),
    template=st.sampled_from(["/{id}", "/r/(a:{id})/b", "/x{id}/{id}"]),
    options=likely,
)
def test_on_any_key(name: str, key: Any, template: str, options: dict[str, Any]) -> None:
    result = made(name, (template, *ARGUMENTS[name][1:]), {**options, "path_keys": {"id": key}})
    if result is not None:
        can_be_sent(result)


@given(
    name=names,
    template=st.lists(st.sampled_from(["/", "a", "{id}", "%41", "%", "2e", ".", "é", "?", " ", "{", "}"])).map("".join),
)
def test_on_any_path(name: str, template: str) -> None:
    result = made(name, (template, *ARGUMENTS[name][1:]), {"path_keys": {"id": 1}})
    if result is not None:
        can_be_sent(result)
