"""Any text at all is read, or refused with a DecodeError that points into it; nothing else ever comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from restli_core.encoding import decode, decode_path_key, param_decode, reduced_decode
from restli_core.errors import DecodeError
from restli_transports.testing.strategies import query_texts, wire_texts

if TYPE_CHECKING:
    from collections.abc import Callable


def read_or_none(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except DecodeError as error:
        assert error.text == text
        assert 0 <= error.position <= len(text)
        assert error.reason
        return None


@pytest.mark.parametrize("read", [decode, reduced_decode, decode_path_key])
@given(text=wire_texts())
def test_elements(read: Callable[[str], Any], text: str) -> None:
    value = read_or_none(read, text)
    assert value is None or isinstance(value, str | list | dict)


@given(query_texts())
def test_queries(text: str) -> None:
    params = read_or_none(param_decode, text)
    assert params is None or "" not in params
