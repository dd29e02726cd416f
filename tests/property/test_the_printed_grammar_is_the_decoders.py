"""The grammar that docs/protocol.md prints accepts what `decode` reads and nothing else, and gives what is read."""

from __future__ import annotations

import re

from hypothesis import given

from restli_core import Call
from restli_core.encoding import decode, param_decode, param_encode, reduced_encode
from restli_core.errors import DecodeError
from restli_core.projection import parse_projection
from restli_transports.testing.strategies import calls, malformed_texts, values, wire_texts
from tests.support.ebnf import Grammar
from tests.support.pages import text_of

READ, WRITTEN = (Grammar(text) for text in re.findall(r"```ebnf\n(.*?)```", text_of("docs/protocol.md"), re.DOTALL))
"""The first grammar of the page, of what is read, and the second, of the queries to write."""


def is_read(text: str) -> bool:
    try:
        decode(text)
    except DecodeError:
        return False
    return True


@given(wire_texts())
def test_any_text(text: str) -> None:
    assert READ.accepts("element", text) == is_read(text)


@given(malformed_texts())
def test_texts_that_are_nearly_right(text: str) -> None:
    assert READ.accepts("element", text) == is_read(text)


@given(READ.texts("element"))
def test_all_that_the_grammar_gives(text: str) -> None:
    assert is_read(text)
    assert READ.accepts("element", text)


@given(values(max_leaves=6))
def test_all_that_is_encoded(value: object) -> None:
    assert READ.accepts("element", reduced_encode(value))  # type: ignore[arg-type]
    query = param_encode({"a": value})  # type: ignore[dict-item]
    assert WRITTEN.accepts("query", query)
    assert WRITTEN.accepts("element", query.removeprefix("a="))


@given(calls())
def test_all_queries_that_are_sent(call: Call[object]) -> None:
    assert WRITTEN.accepts("query", call.request.url.partition("?")[2])


@given(WRITTEN.texts("query"))
def test_all_queries_that_the_grammar_gives(query: str) -> None:
    try:
        params = param_decode(query)
    except DecodeError as error:
        assert error.reason.endswith("comes twice")
    else:
        assert len(params) <= query.count("&") + 1


@given(WRITTEN.texts("mask"))
def test_all_masks_that_the_grammar_gives(mask: str) -> None:
    assert param_decode(f"fields={mask}") == {"fields": mask}
    assert parse_projection(mask)
