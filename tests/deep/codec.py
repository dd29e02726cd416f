"""Hold the codec to a second one, written apart: ``python -m tests.deep.codec --seed N --size N`` (values).

The values come from the random module alone, with no strategy of Hypothesis between, so that what one of the two never
draws the other may.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from restli_core import DecodeError, decode, encode, param_decode, param_encode, reduced_decode, reduced_encode
from tests.deep.arguments import parse
from tests.support import independent_codec
from tests.support.values import same

PIECES: Final = [
    *(
        "",
        "'",
        "''",
        "'''",
        "(",
        ")",
        ",",
        ":",
        "%",
        "%27",
        "%2",
        "List",
        "List(",
        "$params",
        "+",
        " ",
        "&",
        "=",
        "#",
        "/",
    ),
    *(
        "a",
        "é",
        "ÿ",
        "€",
        "\u2028",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "😀",
        "\U00010000",
        "\x00",
        "\x01",
        "\x03",
        "\x06",
        "\x07",
        "\x7f",
        "\n",
        "urn:li:x:1",
    ),
]


def random_text(source: random.Random) -> str:
    """Return a text of a few awkward pieces."""
    return "".join(source.choices(PIECES, k=source.choice((0, 1, 1, 1, 2, 3, 5))))


def random_scalar(source: random.Random) -> Any:
    """Return text, mostly, or another scalar."""
    kind = source.randrange(10)
    if kind == 0:
        return source.choice((True, False))
    if kind == 1:
        return source.choice((0, -1, 2**31, 2**63, -(2**63), source.randrange(-(10**6), 10**6)))
    if kind == 2:
        # Not 5e-324, which Java alone writes with a second digit, as 4.9E-324.
        return source.choice((0.0, -0.0, 1e23, 1e7, 1e-3, 9.99e-4, source.uniform(-1e9, 1e9), source.random()))
    return random_text(source)


def random_value(source: random.Random, depth: int) -> Any:
    """Return a value of at most so many levels."""
    kind = source.randrange(5) if depth else 0
    if kind in {1, 2}:
        return [random_value(source, depth - 1) for _ in range(source.choice((0, 1, 2, 3, 8)))]
    if kind in {3, 4}:
        names = [random_text(source) for _ in range(source.choice((0, 1, 2, 3, 8)))]
        return {name: random_value(source, depth - 1) for name in names}
    return random_scalar(source)


def damage(source: random.Random, text: str) -> str:
    """Return the text with a piece put in, or some characters taken out."""
    place = source.randrange(len(text) + 1)
    return text[:place] + source.choice(PIECES) + text[place + source.choice((0, 0, 1, 2)) :]


def outcome(reader: Callable[[str], Any], text: str, refusals: type[Exception]) -> Any:
    """Return what a reader makes of a text; None where it refuses it, which no element is."""
    try:
        return reader(text)
    except refusals:
        return None


def faults(source: random.Random) -> list[str]:
    """Return what fell short for one random value: the names of the laws."""
    value = random_value(source, source.choice((0, 1, 2, 3, 5)))
    url, reduced = encode(value), reduced_encode(value)
    meaning = independent_codec.read(url)
    query = param_encode({"x": value, random_text(source) or "y": "z"})
    damaged = damage(source, source.choice((url, reduced)))
    ours, theirs = (
        outcome(decode, damaged, DecodeError),
        outcome(independent_codec.read, damaged, independent_codec.Refused),
    )
    laws = {
        "both write it alike": reduced == independent_codec.write(value, "header"),
        "both read it alike": same(decode(url), meaning),
        "both forms mean the same": same(reduced_decode(reduced), meaning),
        "what is read is written again": encode(decode(url)) == url,
        "a query has it": same(param_decode(query)["x"], meaning),
        "it passes every library": url.isascii() and url.isprintable() and " " not in url,
        "a damaged text is read alike, or refused by both": same(ours, theirs) if ours and theirs else ours == theirs,
    }
    return [f"{law}: {value!r}"[:500] for law, holds in laws.items() if not holds]


def main(arguments: list[str] | None = None) -> int:
    """Try the values, print what fell short, and return 1 where anything did."""
    seed, size = parse(__doc__, arguments, size=100_000)
    began, found = time.process_time(), Counter[str]()
    for number in range(size):
        # A source for each value: one that fails can be seen again by its number.
        for fault in faults(random.Random(f"{seed}/{number}")):
            found[fault.partition(":")[0]] += 1
            if found.total() <= 10:
                print(f"value {number}: {fault}")
    seconds = time.process_time() - began
    print(f"{size} values from seed {seed} in {seconds:.0f} s: {found.total()} faults", *found.items())
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
