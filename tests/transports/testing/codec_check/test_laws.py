"""The laws of check_codec: that each is about something, and says what it expects and why."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest
from hypothesis.strategies import SearchStrategy

from restli_transports.testing.codec_check.law import Law
from restli_transports.testing.codec_check.laws import LAWS

LISTED = [law for law in LAWS if not isinstance(law.inputs, SearchStrategy)]


def test_each_law_has_a_sentence_of_its_own() -> None:
    assert [pair for pair, count in Counter((law.function, law.sentence) for law in LAWS).items() if count > 1] == []


@pytest.mark.parametrize("law", LISTED, ids=[f"{law.function}: {law.sentence}" for law in LISTED])
def test_each_list_of_inputs_has_some_and_says_where_they_come_from(law: Law) -> None:
    inputs: Any = law.inputs
    found = list(inputs())
    assert found
    for one in found:
        assert one.shown
        assert one.source
        assert law.expect(one.value)


def test_vectors_of_every_kind_are_among_them() -> None:
    counts = {
        law.sentence: len([*cast("Any", law.inputs)()])
        for law in LISTED
        if law.function == "encode" and "LinkedIn's client" in law.sentence
    }
    assert {sentence.partition(" are to")[0]: count for sentence, count in counts.items()} == {
        "text, lists and dicts": 501,
        "booleans": 1,
        "integers": 14,
        "floats": 64,
        "bytes": 6,
    }
