"""The errors at the base of the tree: what they say of an argument or a text, and that errors of any shape travel."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from restli_core.base_errors import DecodeError, InvalidCallError, RestliError, printable, shorten


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


UNPRINTABLE = "a\x1b[2J\u0085\u2028\u2029\u202e\u2066\u200b\x07\x7f\x9b\0\ud800\U000e0001"
SHOWN = "a\\x1b[2J\\x85\\u2028\\u2029\\u202e\\u2066\\u200b\\x07\\x7f\\x9b\\x00\\ud800\\U000e0001"


def test_what_is_not_printable_is_escaped() -> None:
    assert printable(UNPRINTABLE) == SHOWN
    assert printable("a \t\r\n b\n") == "a b "
    assert printable("caf\u00e9 42\u00a0% \u3000\U0001f600") == "caf\u00e9 42\u00a0% \u3000\U0001f600"
    assert printable("") == ""


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("a\0b", 3, "a\\…"),
        ("a\n\n\nb", 3, "a b"),
        ("\0" * 5000, 10, "\\x00\\x00\\…"),
    ],
)
def test_texts_are_cut_at_their_end(text: str, limit: int, shown: str) -> None:
    assert printable(text, limit) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"), [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abc…fg"), ("abcdefg", 5, "ab…fg")]
)
def test_texts_are_cut_in_their_middle(text: str, limit: int, shown: str) -> None:
    assert shorten(text, limit) == shown


@pytest.mark.parametrize(
    "error",
    [
        RestliError(UNPRINTABLE),
        RestliError(UNPRINTABLE * 100_000),
        InvalidCallError(UNPRINTABLE, UNPRINTABLE),
        InvalidCallError("a" * 100_000, UNPRINTABLE * 100_000),
        DecodeError("a" * 100_000, 5, UNPRINTABLE * 100_000),
        DecodeError(UNPRINTABLE * 100_000, 5, "odd"),
    ],
    ids=range(6),
)
def test_errors_are_one_printable_line_of_some_length(error: RestliError) -> None:
    for text in (str(error), repr(error)):
        assert text.isprintable()
        assert len(text) < 3000
    assert len(str(error)) <= 2000


def test_long_parts_leave_room_for_the_others() -> None:
    assert str(InvalidCallError("a" * 100_000, "is None")).endswith("…aaa: is None"[-9:])
    assert "at position 5 of 'aaa" in str(DecodeError("a" * 100_000, 5, "odd " * 100_000))


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
