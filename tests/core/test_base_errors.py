"""The errors at the base of the tree: what they say of an argument or a text, and that errors of any shape travel."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from restli_core.base_errors import DecodeError, InvalidCallError, RestliError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InvalidCallError("ids[0]", "is None"), "ids[0]: is None"),
        (DecodeError("(a:b", 4, "unexpected end"), "unexpected end, at position 4 of '(a:b'"),
        (DecodeError("x" * 100, 50, "odd"), f"odd, at position 50 of …'{'x' * 80}'…"),
        (DecodeError("x" * 80, 40, "odd"), f"odd, at position 40 of '{'x' * 80}'"),
        (DecodeError("x" * 81, 41, "odd"), f"odd, at position 41 of …'{'x' * 80}'"),
        (DecodeError("x" * 100, 0, "odd"), f"odd, at position 0 of '{'x' * 40}'…"),
        (DecodeError("x" * 100, 100, "odd"), f"odd, at position 100 of …'{'x' * 40}'"),
    ],
)
def test_what_errors_say(error: RestliError, text: str) -> None:
    assert str(error) == text


def test_what_errors_carry() -> None:
    refusal = InvalidCallError("ids[0]", "is None")
    assert (refusal.argument, refusal.reason) == ("ids[0]", "is None")
    flaw = DecodeError("(a:b", 4, "unexpected end")
    assert (flaw.text, flaw.position, flaw.reason) == ("(a:b", 4, "unexpected end")


def test_whose_fault_it_was_is_a_value_error_of_the_callers_or_the_texts() -> None:
    assert issubclass(InvalidCallError, ValueError)
    assert issubclass(DecodeError, ValueError)
    assert not issubclass(RestliError, ValueError)


class KeywordsAlone(RestliError):
    """An error that `type(error)(*error.args)` could not make again."""

    def __init__(self, *, first: int, second: list[int]) -> None:
        super().__init__("words")
        self.first = first
        self.second = second


@pytest.mark.parametrize(
    "again",
    [
        *(lambda error, level=level: pickle.loads(pickle.dumps(error, level)) for level in range(6)),
        copy.copy,
        copy.deepcopy,
    ],
    ids=[*(f"pickle{level}" for level in range(6)), "copy", "deepcopy"],
)
def test_errors_of_any_arguments_pickle_and_copy(again: Callable[[Any], Any]) -> None:
    error = KeywordsAlone(first=1, second=[2])
    error.add_note("while testing")
    other = again(error)
    assert type(other) is KeywordsAlone
    assert (other.first, other.second, other.args, other.__notes__) == (1, [2], ("words",), ["while testing"])
