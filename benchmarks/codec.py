"""What encoding and decoding cost, as ratios to `json.dumps` and `json.loads` of the same value in the same run.

    python -m benchmarks.codec [--repeat N]

Where LinkedIn's own client is installed (`pip install linkedin-api-client`), its ratio to ours stands beside them:
3.0 means that it takes three times as long.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from timeit import Timer
from typing import Any, Final

from restli_core import decode, encode

VALUES: Final[Mapping[str, Any]] = {
    "small primitives": {"a": 1, "b": True, "c": "x", "d": 1.5},
    "ad account search": {
        "status": {"values": ["ACTIVE", "DRAFT"]},
        "reference": {"values": ["urn:li:organization:123", "urn:li:person:abc"]},
        "name": {"values": ["Summer (2026), all"]},
        "test": False,
    },
    "complex key": {"campaign": "urn:li:sponsoredCampaign:1", "conversion": "urn:lla:llaPartnerConversion:2"},
    "500 URNs": [f"urn:li:sponsoredCampaign:{number}" for number in range(500)],
    "500 complex keys": [{"a": number, "b": f"urn:li:person:{number}"} for number in range(500)],
    "100 KB list": ["abcdefgh"] * 11_000,
    "2,000 unicode characters": "é😀漢字" * 500,
}


def theirs(name: str) -> Callable[[Any], Any] | None:
    """LinkedIn's own encoder or decoder, if it is here."""
    with suppress(ImportError):
        found: Callable[[Any], Any] = getattr(import_module(f"linkedin_api.clients.restli.utils.{name}r"), name)
        return found
    return None


def microseconds(function: Callable[[], object], repeat: int) -> float:
    """The least that a call takes: the rest is the machine's."""
    timer = Timer(function)
    number = max(1, timer.autorange()[0] // 10) if repeat > 1 else 1
    return min(timer.repeat(repeat, number)) / number * 1e6


def row(name: str, value: Any, repeat: int) -> str:
    """One line of the table."""
    text, document = encode(value), json.dumps(value)
    cells = [f"{name:26}"]
    for kind, argument, ours, bare in (
        ("encode", value, encode, json.dumps),
        ("decode", text, decode, json.loads),
    ):
        taken = microseconds(partial(ours, argument), repeat)
        json_taken = microseconds(partial(bare, value if kind == "encode" else document), repeat)
        other = theirs(kind)
        ratio = "    -" if other is None else f"{microseconds(partial(other, argument), repeat) / taken:5.1f}"
        cells.append(f"{taken:10.1f} {taken / json_taken:6.1f} {ratio}")
    return " |".join(cells)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=7)
    repeat = parser.parse_args(arguments).repeat
    print(f"{'':26} |{'encode us':>10} /json theirs |{'decode us':>10} /json theirs")
    for name, value in VALUES.items():
        print(row(name, value, repeat))


if __name__ == "__main__":
    main()
