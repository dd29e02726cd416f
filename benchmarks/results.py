"""The figures that readers are shown, as JSON: the core, answers, and calls over each library.

    python -m benchmarks.results FILE [--rounds N] [--seconds S] [--times]

What needs no network is counted in machine instructions where valgrind is installed, which takes some minutes; without
it, or with `--times`, it is CPU time in microseconds, as whole calls are. So what else the machine does matters little.
Times are the medians of rounds in which what is compared takes turns. `benchmarks.chart` makes the chart and the table
of the file; ratios are made there.

    made          date, command, machine, python, versions, unit
    codec         half and value -> ours, json, theirs            (`benchmarks.codec`)
    answers       call -> ours: reading; json: json.loads alone   (`benchmarks.calls`)
    calls         library -> bare, client                         (`benchmarks.whole_calls`)
    awaited       transport -> calls in a second of CPU time, 32 in flight (`benchmarks.transports`)
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from benchmarks import calls, codec, instructions, transports, whole_calls
from benchmarks.timing import medians

__all__ = ["ANSWERS", "LIBRARIES", "load", "measure", "versions", "write"]

LIBRARIES: Final = ("urllib3", "requests", "httpx", "aiohttp", "h11", "linkedin-api-client")
"""The distributions whose versions matter."""

ANSWERS: Final = ("by complex key, with fields", "finder", "of 500 URNs, escaped")
"""The calls of `benchmarks.calls` whose answers are read."""

IN_FLIGHT: Final = 32


def measure(rounds: int, seconds: float, *, is_counted: bool, command: str, date: str) -> dict[str, Any]:
    """Return the figures.

    Args:
        rounds: how many there are.
        seconds: for each function in each round, about; for whole calls, which vary more, ten times as many.
        is_counted: whether instructions are counted of what needs no network.
        command: what the figures say of how they came about.
        date: likewise.
    """
    costs = _counted() if is_counted else _timed(rounds, seconds)
    return {
        "made": {
            "date": date,
            "command": command,
            "machine": machine(),
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "versions": versions(),
            "unit": "instructions" if is_counted else "microseconds",
        },
        "codec": {half: {value: _codec(costs, half, value) for value in codec.VALUES} for half in codec.HALVES},
        "answers": {name: {"ours": costs[f"{name}, read"], "json": costs[f"{name}, loads"]} for name in ANSWERS},
        **_over_sockets(rounds, seconds * 10),
    }


def machine() -> str:
    """Return what this machine is, as far as it says."""
    named = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{named or platform.processor() or 'a processor'}, {platform.system()} {platform.machine()}"


def versions() -> dict[str, str]:
    """Return the versions of the distributions, "" for one that is not installed."""
    return {name: _version(name) for name in LIBRARIES}


def load(file: Path) -> dict[str, Any]:
    """Return the figures of a file."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def write(results: Mapping[str, Any], file: Path) -> None:
    """Write figures into a file."""
    file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _counted() -> dict[str, float]:
    """Return the instructions of all that needs no network, by the names that its operations have."""
    names = [f"{name}, {part}" for name in ANSWERS for part in ("read", "loads")]
    found = {**instructions.counts("benchmarks.codec"), **instructions.counts("benchmarks.calls", *names)}
    return {name: _short(count) for name, count in found.items()}


def _timed(rounds: int, seconds: float) -> dict[str, float]:
    """Return the microseconds of the same; what is compared takes turns."""
    found = codec.timed(rounds, seconds, time.process_time)
    for name in ANSWERS:
        parts = calls.parts(name)
        functions = {f"{name}, {part}": parts[part] for part in ("read", "loads")}
        found |= medians(functions, rounds, seconds, time.process_time)
    return {name: _short(taken) for name, taken in found.items()}


def _codec(costs: Mapping[str, float], half: str, value: str) -> dict[str, float]:
    return {who: costs[f"{half}/{value}/{who}"] for who in ("ours", "json", "theirs")}


def _over_sockets(rounds: int, seconds: float) -> dict[str, dict[str, Any]]:
    whole: dict[str, dict[str, float]] = {}
    awaited = {name: make for name, make in transports.present().items() if transports.is_awaited(make)}
    with transports.serving() as request:
        for (kind, library), taken in whole_calls.microseconds(request.url, rounds, seconds).items():
            if kind != "adapter":
                whole.setdefault(library, {})[kind] = _short(taken)
        rates = transports.rates(awaited, request, (IN_FLIGHT,), seconds * 4, rounds)
    return {"calls": whole, "awaited": {name: _short(rate or 0.0) for name, (rate,) in rates.items()}}


def _short(figure: float) -> float:
    """Return a figure with the four digits that are more than enough of it."""
    return float(f"{figure:.4g}")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.05)
    parser.add_argument("--times", action="store_true", help="count no instructions, even if valgrind is installed")
    chosen = parser.parse_args(arguments)
    is_counted = instructions.is_there() and not chosen.times
    command, date = f"python -m benchmarks.results {chosen.file}", time.strftime("%Y-%m-%d")
    write(measure(chosen.rounds, chosen.seconds, is_counted=is_counted, command=command, date=date), chosen.file)


if __name__ == "__main__":
    main()
