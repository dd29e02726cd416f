"""Our encoder and an independent one, which writes as LinkedIn's does, mean the same to either decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from restli_core.encoding import decode, encode, param_decode, param_encode, reduced_encode
from restli_transports.testing.strategies import queries, values
from tests.support.independent_codec import read, read_query, write, write_query

if TYPE_CHECKING:
    from tests.support.independent_codec import Element


@given(values())
def test_on_elements(value: Element) -> None:
    ours = encode(value)
    assert read(ours) == value
    for form in ("path", "query"):
        assert decode(write(value, form)) == value
        assert names_in_order(ours) == names_in_order(write(value, form))


def names_in_order(text: str) -> list[str]:
    """Every string in the text, in the order in which it stands."""
    flat: list[str] = []
    pending: list[Element] = [read(text)]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            flat.append(value)
        else:
            pending += value if isinstance(value, list) else [*value, *value.values()]
    return flat


@given(values())
def test_on_the_reduced_form_to_the_letter(value: Element) -> None:
    assert reduced_encode(value) == write(value, "header")


@given(queries())
def test_on_queries(value: dict[str, Element]) -> None:
    assert read_query(param_encode(value)) == param_decode(write_query(value)) == value
