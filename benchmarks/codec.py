"""What encoding and decoding cost, beside `json.dumps` and `json.loads` of the same value in the same run.

    python -m benchmarks.codec [--rounds N] [--seconds S] [--times | --growth]

Where LinkedIn's own client is installed (`pip install linkedin-api-client`), the column "theirs" has its ratio to
ours: 3.0 means that it takes three times as much; the last line has the geometric means. Where valgrind is installed,
a second table has instructions, which do not depend on what else the machine does, and take some minutes to count:
`--times` leaves them out. With `--growth` it is what an item costs in large values, and a level in deep ones.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from statistics import geometric_mean
from time import perf_counter, process_time
from typing import Any, Final

from benchmarks import instructions
from benchmarks.timing import medians, parser
from restli_core import decode, encode


def _mixed(number: int) -> Any:
    return (
        f"urn:li:sponsoredCampaign:{100_000_000 + number}",
        f"Summer sale {number}, all",
        1_780_000_000_000 + number,
        f"word{number}",
    )[number % 4]


def _tree(levels: int) -> Any:
    """Maps of lists of maps ..., three in each."""
    if not levels:
        return "a leaf"
    inner = [_tree(levels - 1) for _ in range(3)]
    return {f"field{number}": each for number, each in enumerate(inner)} if levels % 2 else inner


VALUES: Final[Mapping[str, Any]] = {
    "small": {"active": True, "count": 10, "name": "Hello World", "start": 0},
    "search": {
        "reference": {"values": ["urn:li:organization:2414183"]},
        "status": {"values": ["ACTIVE", "DRAFT"]},
        "test": False,
        "type": {"values": ["BUSINESS"]},
    },
    "complex key": {"account": "urn:li:sponsoredAccount:507404993", "member": "urn:li:person:yrZCpj2Z12"},
    "500 URNs": [f"urn:li:sponsoredCampaign:{100_000_000 + number}" for number in range(500)],
    "500 complex keys": [
        {"account": f"urn:li:sponsoredAccount:{507_000_000 + number}", "member": f"urn:li:person:yrZCpj{number}"}
        for number in range(500)
    ],
    "nested 5 levels": _tree(5),  # 121 containers
    "100 KB list": [*map(_mixed, range(4503))],
    "2,000 characters": "".join(chr(0x4E00 + number) if number % 10 else " " for number in range(2000)),
}

HALVES: Final[Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]]] = {
    "encode": (encode, json.dumps),
    "decode": (decode, json.loads),
}


def theirs(name: str) -> Callable[[Any], Any] | None:
    """LinkedIn's own encoder or decoder, if it is here."""
    with suppress(ImportError):
        found: Callable[[Any], Any] = getattr(import_module(f"linkedin_api.clients.restli.utils.{name}r"), name)
        return found
    return None


def operations() -> dict[str, Callable[[], object]]:
    """What is measured, by half, value and contender: ``encode/small/ours``."""
    found: dict[str, Callable[[], object]] = {}
    for half, (ours, bare) in HALVES.items():
        other = theirs(half)
        for name, value in VALUES.items():
            given = value if half == "encode" else encode(value)
            found[f"{half}/{name}/ours"] = partial(ours, given)
            found[f"{half}/{name}/json"] = partial(bare, value if half == "encode" else json.dumps(value))
            if other is not None:
                found[f"{half}/{name}/theirs"] = partial(other, given)
    return found


def timed(rounds: int, seconds: float, clock: Callable[[], float] = perf_counter) -> dict[str, float]:
    """The microseconds of all operations, by a clock; those of one half and value take turns."""
    taken: dict[str, float] = {}
    measured = operations()
    for group in dict.fromkeys(name.rpartition("/")[0] for name in measured):
        functions = {name: function for name, function in measured.items() if name.startswith(f"{group}/")}
        taken |= medians(functions, rounds, seconds, clock)
    return taken


def print_table(taken: Mapping[str, float], unit: str) -> None:
    """Print a line for each value, and the geometric means of the ratios."""
    print(f"{'':18}", *(f"{f'{half} {unit}':>13}  /json theirs" for half in HALVES), sep=" |")
    ratios: dict[str, list[float]] = {half: [] for half in HALVES}
    for name in VALUES:
        cells = []
        for half in HALVES:
            ours, bare = (taken[f"{half}/{name}/{who}"] for who in ("ours", "json"))
            other = taken.get(f"{half}/{name}/theirs")
            ratio = f"{'-':>6}"
            if other is not None:
                ratios[half].append(other / ours)
                ratio = f"{other / ours:6.2f}"
            cells.append(f"{ours:13,.1f} {ours / bare:6.2f} {ratio}")
        print(f"{name:18}", *cells, sep=" |")
    if all(ratios.values()):
        means = (f"{'':20} {geometric_mean(found):6.2f}" for found in ratios.values())
        print(f"{'geometric mean':18}", *means, sep=" |")


# -- growth ------------------------------------------------------------------------------------------------------------

GROWING: Final[Mapping[str, Callable[[int], Any]]] = {
    "list of texts": lambda size: [f"item {number:07}" for number in range(size)],
    "list of maps": lambda size: [{"id": f"{number:07}", "name": "a b"} for number in range(size)],
    "one map": lambda size: {f"name{number:07}": "a b" for number in range(size)},
}


def _deep(kinds: Sequence[str], size: int) -> Any:
    value: Any = "a"
    for number in range(size):
        value = [value] if kinds[number % len(kinds)] == "list" else {"k": value}
    return value


DEEP: Final[Mapping[str, Callable[[int], Any]]] = {
    "lists": partial(_deep, ["list"]),
    "maps": partial(_deep, ["map"]),
    "both": partial(_deep, ["list", "map"]),
}

# What is measured, and what it is given of a value.
GIVEN: Final[Mapping[str, tuple[Callable[[Any], object], Callable[[Any], Any]]]] = {
    "encode": (encode, lambda value: value),
    "decode": (decode, encode),
    "json.loads": (json.loads, json.dumps),
}


def _least(function: Callable[[Any], object], given: Any, size: int) -> float:
    """The nanoseconds for an item, the least of some calls, with the collector as it is in a program."""
    best = float("inf")
    for _ in range(max(2, min(50, 300_000 // size))):
        gc.collect()
        began = process_time()
        function(given)
        best = min(best, process_time() - began)
    return best / size * 1e9


def print_growth(items: Sequence[int] = (1_000, 100_000, 1_000_000), levels: Sequence[int] = (1_000, 100_000)) -> None:
    """Print what an item costs in values of so many items, what a level in values of so many, and how much it grows."""
    gc.collect()
    gc.freeze()  # what was there before is none of theirs, and would be looked through before each of them
    try:
        _print_growth(items, levels)
    finally:
        gc.unfreeze()


def _print_growth(items: Sequence[int], levels: Sequence[int]) -> None:
    for unit, sizes, makers in (("ns an item", items, GROWING), ("ns a level", levels, DEEP)):
        print(f"{unit:25}", *(f"{size:>10,}" for size in sizes), "    growth")
        for name, make in makers.items():
            for label, (function, text_of) in GIVEN.items():
                if label == "json.loads" and makers is DEEP:
                    continue  # it recurses
                taken = [_least(function, text_of(make(size)), size) for size in sizes]
                print(f"{name:14} {label:10}", *(f"{each:10.0f}" for each in taken), f"{taken[-1] / taken[0]:10.2f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    options = parser(__doc__)
    options.add_argument("--growth", action="store_true", help="what an item and a level cost, in large values")
    options.add_argument("--times", action="store_true", help="times alone")
    chosen = options.parse_args(arguments)
    if chosen.growth:
        print_growth()
        return
    print_table(timed(chosen.rounds, chosen.seconds), "us")
    if instructions.is_there() and not chosen.times:
        print_table({name: count / 1e3 for name, count in instructions.counts("benchmarks.codec").items()}, "k")


if __name__ == "__main__":
    main()
