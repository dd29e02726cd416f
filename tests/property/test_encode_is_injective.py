"""Two values that differ are never the same text, else a server would take one for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given

from restli_core.encoding import encode, param_encode, reduced_encode
from restli_transports.testing.strategies import queries, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.independent_codec import Element


@pytest.mark.parametrize("write", [encode, reduced_encode])
@given(one=values(), other=values())
def test_on_elements(write: Callable[[Any], str], one: Element, other: Element) -> None:
    assert (write(one) == write(other)) == (one == other)


@pytest.mark.parametrize("write", [encode, reduced_encode])
@given(value=values())
def test_on_a_value_and_its_own_text(write: Callable[[Any], str], value: Element) -> None:
    # The likeliest confusion of all: a structure and the text that looks like it.
    text = write(value)
    assume(text != value)
    assert write(text) != text
    assert write([text]) != write([value])
    assert write({text: text}) != write({text: value})


@given(one=queries(), other=queries())
def test_on_queries(one: dict[str, Element], other: dict[str, Element]) -> None:
    assert (param_encode(one) == param_encode(other)) == (one == other)
