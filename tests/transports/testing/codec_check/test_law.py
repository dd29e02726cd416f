"""What laws are made of: values that are shown, copied and read as text, and calls that come to an end."""

from __future__ import annotations

from typing import Any

import pytest

from restli_transports.testing.codec_check.law import Law, end, fresh, plain, show, text_of
from restli_transports.testing.codec_check.watch import OverLimit


def deep_list() -> list[Any]:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    return deep


def dismantle(deep: list[Any]) -> None:
    while deep:  # Python's own way to free it would recurse
        deep = deep.pop()


def test_what_is_large_or_deep_is_shown_in_short() -> None:
    deep = deep_list()
    assert show("x" * 1000) == "'" + "x" * 199 + "... (1002 characters)"
    assert "nested too deep" in show(deep)
    dismantle(deep)


def test_it_is_shown_in_ascii_on_one_line_the_same_in_every_run() -> None:
    assert show({"é": "\n\ud800"}) == r"{'\xe9': '\n\ud800'}"
    assert show(object()) == "<object object>"
    assert plain("a\n\x1b\u20ac") == r"a\n\x1b\u20ac"


def test_a_copy_shares_no_list_or_dict() -> None:
    value: Any = {"a": [["b"]], "c": {}}
    copy = fresh(value)
    assert copy == value
    copy["a"][0].append("d")
    copy["c"]["d"] = ""
    assert value == {"a": [["b"]], "c": {}}
    deep = deep_list()
    assert fresh(deep) is deep
    dismantle(deep)


def test_text_is_text() -> None:
    class Text(str):
        __slots__ = ()

    assert type(text_of(Text("a"))) is str
    with pytest.raises(ValueError, match="it is NoneType, and not text"):
        text_of(None)


@pytest.mark.parametrize("error", [OverLimit("late"), RecursionError(), MemoryError()])
def test_what_is_not_an_errors_end_is_raised(error: Exception) -> None:
    def function(_value: Any) -> Any:
        raise error

    with pytest.raises(type(error)):
        end(function, "")


def test_any_result_and_any_error_of_its_own_is_an_end() -> None:
    assert end(str, "a") is None
    assert end(int, "a") is None


def test_a_law_calls_its_function_and_its_partner() -> None:
    law = Law("encode", "a law", lambda: iter(()), str, lambda *_: None, "a rule")
    assert law.called == ("encode",)
    assert Law("encode", "a law", law.inputs, str, law.check, "a rule", "decode").called == ("encode", "decode")
