"""The laws of functions that read, one by one."""

from __future__ import annotations

from typing import Any

import pytest

import restli_core as restli
from restli_core import DecodeError
from restli_transports.testing.codec_check.law import Law
from restli_transports.testing.codec_check.reading import pair_law, read_laws
from restli_transports.testing.codec_check.watch import OverLimit

LAWS = {law.sentence: law for law in read_laws("decode", {"for a URL": restli.encode}, ("decode",), "s")}
REFUSED: Law = LAWS["malformed text is refused"]
AGAIN: Law = LAWS["the same text gives the same value again, whatever was done to the first"]


def raising(error: Exception) -> Any:
    def function(_text: str) -> Any:
        raise error

    return function


def test_any_error_refuses() -> None:
    for error in (ValueError(), IndexError()):
        assert REFUSED.check(raising(error), "(") is None
    assert REFUSED.check(lambda _text: None, "(") == "None"


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), OverLimit("late")])
def test_what_befalls_a_function_refuses_nothing(error: Exception) -> None:
    with pytest.raises(type(error)):
        REFUSED.check(raising(error), "(")


def test_a_text_is_read_as_the_server_reads_it() -> None:
    law = LAWS["text is read or refused as LinkedIn's server does"]
    inputs: Any = law.inputs
    cases = [one.value for one in inputs()]
    refused = next(case for case in cases if "ok" not in case)
    read = next(case for case in cases if "ok" in case)
    assert law.check(restli.decode, refused) is None
    assert law.check(lambda _text: "x", refused) == "'x'"
    assert law.expect(refused) == "an error, as LinkedIn's server has it"
    assert law.check(restli.decode, read) is None
    assert law.check(lambda _text: 7, read) == "7"


@pytest.mark.parametrize("text", ["List(a)", "(a:b)"])
def test_a_value_that_is_handed_out_twice_is_wrong(text: str) -> None:
    shared = restli.decode(text)
    assert AGAIN.check(restli.decode, text) is None
    assert "a stray" in (AGAIN.check(lambda _text: shared, text) or "")


def test_the_texts_with_one_mark_off_have_no_meaning() -> None:
    law = LAWS["text with one mark too few or too many comes to an end"]
    inputs: Any = law.inputs
    texts = [one.value for one in inputs()]
    assert "(a:b,c)" in texts
    for text in texts:
        with pytest.raises(DecodeError):
            restli.decode(text)


def test_a_pair_undoes_itself() -> None:
    law = pair_law("encode", "decode")
    assert law.check(restli.encode, [""], restli.decode) is None
    assert law.check(lambda value: "List()", [""], restli.decode) == "[], from 'List()'"
