"""Our decoder and an independent one read any text alike: the same value, or a refusal at the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from restli_core.encoding import decode, decode_path_key, param_decode, reduced_decode
from restli_core.errors import DecodeError
from restli_transports.testing.strategies import query_texts, wire_texts
from tests.support.independent_codec import Refused, read, read_key, read_query

if TYPE_CHECKING:
    from collections.abc import Callable


def outcome(reader: Callable[[str], Any], text: str) -> tuple[str, Any]:
    try:
        return ("read", reader(text))
    except (DecodeError, Refused) as refusal:
        return ("refused at", refusal.position)


@pytest.mark.parametrize(("ours", "theirs"), [(decode, read), (reduced_decode, read), (decode_path_key, read_key)])
@given(text=wire_texts())
def test_on_elements(ours: Callable[[str], Any], theirs: Callable[[str], Any], text: str) -> None:
    assert outcome(ours, text) == outcome(theirs, text)


@given(query_texts())
def test_on_queries(text: str) -> None:
    assert outcome(param_decode, text) == outcome(read_query, text)
