"""What encoding and decoding cost, beside `json.dumps` and `json.loads` of the same value in the same run.

    python -m benchmarks.codec [--rounds N] [--seconds S]

Where LinkedIn's own client is installed (`pip install linkedin-api-client`), the last column of each half has its
ratio to ours: 3.0 means that it takes three times as long.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, Final

from benchmarks.timing import medians, options
from restli_core import decode, encode


def _tree(levels: int) -> Any:
    return {f"field{number}": _tree(levels - 1) for number in range(3)} if levels else "a leaf"


# Several values are one after the other.
VALUES: Final[Mapping[str, Sequence[Any]]] = {
    "small primitives": ["ACTIVE", 123456789, True, "urn:li:person:yrZCpj2Z12"],
    "ad account search": [
        {
            "status": {"values": ["ACTIVE", "DRAFT"]},
            "reference": {"values": ["urn:li:organization:2414183"]},
            "name": {"values": ["Summer sale (2026), all"]},
            "type": {"values": ["BUSINESS"]},
            "test": False,
        }
    ],
    "complex key": [{"conversion": "urn:lla:llaPartnerConversion:1234", "campaign": "urn:li:sponsoredCampaign:5678"}],
    "500 URNs": [[f"urn:li:sponsoredCampaign:{100_000_000 + number}" for number in range(500)]],
    "500 complex keys": [
        [
            {"conversion": f"urn:lla:llaPartnerConversion:{number}", "campaign": f"urn:li:sponsoredCampaign:{number}"}
            for number in range(1000, 1500)
        ]
    ],
    "nested 5 levels": [_tree(5)],
    "100 KB list": [[f"item number {number:07}" for number in range(5000)]],
    "2,000 unicode": ["".join(map(chr, range(0x4E00, 0x4E00 + 2000)))],
}


def theirs(name: str) -> Callable[[Any], Any] | None:
    """LinkedIn's own encoder or decoder, if it is here."""
    with suppress(ImportError):
        found: Callable[[Any], Any] = getattr(import_module(f"linkedin_api.clients.restli.utils.{name}r"), name)
        return found
    return None


def _each(function: Callable[[Any], object], values: Sequence[Any]) -> None:
    for value in values:
        function(value)


def cells(name: str, values: Sequence[Any], rounds: int, seconds: float) -> str:
    """One half of a line: `encode` or `decode`."""
    ours, bare = (encode, json.dumps) if name == "encode" else (decode, json.loads)
    given, documents = (values, values) if name == "encode" else ([*map(encode, values)], [*map(json.dumps, values)])
    functions = {"ours": partial(_each, ours, given), "json": partial(_each, bare, documents)}
    other = theirs(name)
    if other is not None:
        functions["theirs"] = partial(_each, other, given)
    taken = medians(functions, rounds, seconds)
    ratio = f"{taken['theirs'] / taken['ours']:6.1f}" if "theirs" in taken else f"{'-':>6}"
    return f"{taken['ours']:10.1f} {taken['ours'] / taken['json']:6.1f} {ratio}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    chosen = options(__doc__, arguments)
    print(f"{'':18} |{'encode us':>10}  /json theirs |{'decode us':>10}  /json theirs")
    for name, values in VALUES.items():
        halves = (cells(half, values, chosen.rounds, chosen.seconds) for half in ("encode", "decode"))
        print(f"{name:18}", *halves, sep=" |")


if __name__ == "__main__":
    main()
