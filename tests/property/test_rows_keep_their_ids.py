"""However a server of Java's respells the keys, each id gets its row where that is certain, and never another one's."""

from __future__ import annotations

import json
import math
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import calls
from restli_core.encoding import encode, reduced_encode
from restli_core.keys import body_key
from restli_core.messages import HttpResponse
from tests.support.java_spellings import TYPES
from tests.support.profiles import examples

WHOLE = st.integers(-3, 12) | st.integers(-(2**63), 2**63 - 1)
FRACTIONS = st.floats(allow_nan=False, width=32) | st.floats(allow_nan=False) | st.sampled_from([1e23, 5e-324, -0.0])
SINGLES = st.floats(allow_nan=False, width=32)


def odd(number: str, sign: str, zeros: str) -> str:
    return f"-{zeros}{number[1:]}" if number.startswith("-") else f"{sign}{zeros}{number}"


odd_wholes = st.builds(odd, WHOLE.map(str), st.sampled_from(["", "+"]), st.sampled_from(["", "0", "000"]))

SPELLINGS: dict[str, st.SearchStrategy[Any]] = {
    "long": WHOLE | odd_wholes,
    "double": st.one_of(
        WHOLE,
        FRACTIONS,
        st.decimals(-(10**9), 10**9, places=4),
        st.builds(Decimal, FRACTIONS.filter(lambda value: abs(value) < 1e9)),
        FRACTIONS.filter(math.isfinite).map(repr),
        odd_wholes,
        st.builds("{}{}".format, FRACTIONS.filter(lambda value: abs(value) < 1e300), st.sampled_from(["d", " ", "D"])),
    ),
    "float": SINGLES,
    "boolean": st.booleans() | st.sampled_from(["TRUE", "False", "tRuE", "true"]),
    "string": st.sampled_from(["7", "07", "7.0", "true", "x", "", "a,b", "1e7"]),
}
"""Ids of each type, as callers may give them."""

EXTREME = ["1.5e400", "-1.5e400", "1.0E300", "-1.0E300", "1.5e-400", "1.0E-50"]
"""Numbers that are infinity or zero as floats, and some of them as doubles."""


def text_of(scalar: Any) -> str:
    return body_key(scalar)


class Server:
    """A server whose keys are of this type; as many digits as it writes more than are needed."""

    def __init__(self, kinds: tuple[str, ...], digits: int) -> None:
        self.kinds, self.digits = kinds, digits

    def read(self, key: Any) -> tuple[Any, str]:
        """What it compares the key by, and how it writes it."""
        if not isinstance(key, dict):
            return TYPES[self.kinds[0]](text_of(key), self.digits)
        parts = {
            name: TYPES[kind](text_of(part), self.digits)
            for (name, part), kind in zip(sorted(key.items()), self.kinds, strict=True)
        }
        written = reduced_encode({name: text for name, (_, text) in reversed(parts.items())})
        return tuple(value for value, _ in parts.values()), written


def loosely(key: Any) -> Any:
    """What two keys share that some server may take for the same."""
    if isinstance(key, dict):
        return tuple(loosely(part) for _, part in sorted(key.items()))
    try:
        return TYPES["float"](text_of(key).rstrip("dD "), 0)[0]
    except ValueError:
        return text_of(key).lower()


def check(server: Server, ids: list[Any], numbers: list[int]) -> None:
    """Ask for these ids, and have a row for those at these places, each with what the server reads in it."""
    read = [server.read(key) for key in ids]
    numbered = {value: number for number, (value, _) in enumerate(read)}
    answered = {numbered[read[index][0]]: read[index][1] for index in numbers}
    document = {"results": {text: {"n": number} for number, text in answered.items()}}
    answer = calls.batch_get("/r", ids).parse(HttpResponse(200, {}, json.dumps(document).encode()))
    same_to_some_server = Counter(loosely(key) for key in {encode(key): key for key in ids}.values())
    spellings_of = Counter(
        value for value, _ in {(value, encode(key)) for (value, _), key in zip(read, ids, strict=True)}
    )
    for key, (value, text), row in zip(ids, read, answer.rows, strict=True):
        if row.entity is not None:
            assert row.entity == {"n": numbered[value]}, key  # never the row of another
        elif numbered[value] in answered:
            # Another id is the same key to this server; or some part of it is to a server of other types.
            assert spellings_of[value] > 1 or (isinstance(key, dict) and same_to_some_server[loosely(key)] > 1), text


@pytest.mark.parametrize("kind", SPELLINGS)
@examples(quick=20)
@given(data=st.data())
def test_of_simple_keys(kind: str, data: st.DataObject) -> None:
    ids = data.draw(st.lists(SPELLINGS[kind], min_size=1, max_size=6))
    digits = data.draw(st.integers(0, 16))
    numbers = data.draw(st.lists(st.integers(0, len(ids) - 1), unique=True) | st.just([*range(len(ids))]))
    check(Server((kind,), digits), ids, numbers)


@examples(quick=40)
@given(data=st.data())
def test_of_complex_keys(data: st.DataObject) -> None:
    kinds = data.draw(st.tuples(st.sampled_from([*SPELLINGS]), st.sampled_from([*SPELLINGS])))
    key = st.fixed_dictionaries({name: SPELLINGS[kind] for name, kind in zip("ab", kinds, strict=True)})
    ids = data.draw(st.lists(key, min_size=1, max_size=5))
    check(Server(kinds, data.draw(st.integers(0, 16))), ids, [*range(len(ids))])


@examples(quick=40)
@given(
    data=st.data(),
    kind=st.sampled_from([*SPELLINGS]),
    unasked=st.lists(
        st.sampled_from(["7", "07", "7.0", "7.1", "true", "7.000001", "1.0E23", "-0.0", "NaN", *EXTREME]), max_size=3
    ),
)
def test_a_row_that_nobody_asked_for_is_nobodys(data: st.DataObject, kind: str, unasked: list[str]) -> None:
    ids = data.draw(st.lists(SPELLINGS[kind] | st.sampled_from(EXTREME), min_size=1, max_size=4))
    document = {"results": {text: {"n": text} for text in unasked}}
    answer = calls.batch_get("/r", ids).parse(HttpResponse(200, {}, json.dumps(document).encode()))
    for key, row in zip(ids, answer.rows, strict=True):
        if row.entity is not None:
            assert respelt_somehow(text_of(key), row.entity["n"])


def respelt_somehow(asked: str, sent: str) -> bool:
    """Whether there is a type that a server may have read in the one and written as the other."""
    for read in TYPES.values():
        try:
            if any(read(asked, digits)[1] == sent for digits in range(17)):
                return True
        except ValueError:
            continue
    # A number may also keep digits that a double does not need, as those of BigDecimal do.
    return Decimal(asked.strip().rstrip("dD")) == Decimal(sent)
