"""What readers are shown of the figures in `benchmarks.results`: ratios and times, as bars of a chart and as a table.

    texts      how many times the instructions (or CPU time) of restli_core others take; 1 is restli_core
    answers    how many times those of json.loads reading takes; 1 is json.loads
    calls      microseconds of CPU time of a call, over each library

Less is better everywhere, so that a reader has one thing to know. The chart and the table are made of the same panels,
so that neither can say what the other does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import geometric_mean
from typing import Any, Final, NamedTuple

__all__ = ["Bar", "Group", "Panel", "caption", "headline", "panels", "table"]

_LINKEDIN: Final = "linkedin-api-client"
_BELOW: Final = "requests"  # what it sends by
_ANSWERS: Final = {
    "by complex key, with fields": "one entity, 1 KB",
    "finder": "1,000 elements, 1 MB",
    "of 500 URNs, escaped": "500 rows of a batch",
}


class Bar(NamedTuple):
    """A bar.

    Args:
        kind: ``ours``, ``official`` for LinkedIn's own client, or ``bare`` for a library by itself.
        of: what it is of, for the table.
        figure: how long it is.
        label: what stands beside it.
    """

    kind: str
    of: str
    figure: float
    label: str


class Group(NamedTuple):
    """Bars that stand together.

    Args:
        name: of what they are.
        bars: the bars.
    """

    name: str
    bars: Sequence[Bar]


class Panel(NamedTuple):
    """A part of the chart, and of the table.

    Args:
        title: what it says, in short.
        unit: what the bars count.
        groups: the bars.
    """

    title: str
    unit: str
    groups: Sequence[Group]


def panels(results: Mapping[str, Any]) -> list[Panel]:
    """Return the panels.

    Args:
        results: of `benchmarks.results`.
    """
    return [_core(results), _answers(results), _calls(results)]


def caption(results: Mapping[str, Any]) -> str:
    """Return what was measured where and when, in one line."""
    made = results["made"]
    return f"{made['date']}, {made['python']}, {made['machine']}"


def headline(results: Mapping[str, Any]) -> str:
    """Return what LinkedIn's own client takes of what is taken here, in one line."""
    ratios = [_mean(results["codec"][half].values(), "theirs") for half in ("encode", "decode")]
    texts = " to ".join(dict.fromkeys(_ratio(ratio) for ratio in sorted(ratios)))
    said = f"{_LINKEDIN} takes {texts} times as much for texts"
    calls = results["calls"]
    if {"official", _BELOW} <= calls.keys():
        said += f", {_ratio(calls['official']['client'] / calls[_BELOW]['client'])} for a call"
    return said


def table(results: Mapping[str, Any]) -> str:
    """Return the panels as tables in Markdown, with what they were measured by."""
    lines = [f"Less is better: {headline(results)}.", ""]
    for panel in panels(results):
        lines += [f"**{panel.title}**, {panel.unit}:", "", "| | | |", "|---|---|---|"]
        lines += [f"| {group.name} | {bar.of} | {bar.label} |" for group in panel.groups for bar in group.bars]
        lines.append("")
    awaited = [f"`{name}` {rate:,.0f}" for name, rate in results["awaited"].items()]
    versions = [f"{name} {version}" for name, version in results["made"]["versions"].items() if version]
    lines += [
        f"Asynchronous transports with 32 calls in flight, calls in a second of CPU time: {', '.join(awaited)}.",
        "",
        f"{caption(results)}; {', '.join(versions)}: `{results['made']['command']}`.",
    ]
    return "\n".join(lines)


def _core(results: Mapping[str, Any]) -> Panel:
    groups: list[Group] = []
    for half, bare in (("encode", "json.dumps"), ("decode", "json.loads")):
        rows = results["codec"][half].values()
        bars = [_times("ours", "restli_core", 1.0), _times("official", _LINKEDIN, _mean(rows, "theirs"))]
        groups.append(Group(half, [*bars, _times("bare", f"{bare} of the same", _mean(rows, "json"))]))
    kinds = len(results["codec"]["encode"])
    return Panel("Rest.li's texts", f"{_cost(results)}, restli_core = 1; mean of {kinds} kinds of values", groups)


def _answers(results: Mapping[str, Any]) -> Panel:
    groups = [
        Group(
            _ANSWERS[name],
            [_times("ours", "restli_core", row["ours"] / row["json"]), _times("bare", "json.loads", 1.0)],
        )
        for name, row in results["answers"].items()
    ]
    return Panel("Reading an answer", f"{_cost(results)}, json.loads = 1", groups)


def _calls(results: Mapping[str, Any]) -> Panel:
    taken = dict(results["calls"])
    official = taken.pop("official", None)
    found: list[Group] = []
    for library, times in sorted(taken.items(), key=lambda row: row[1]["client"]):
        bars = [_time("ours", "RestliClient", times["client"])]
        if library == _BELOW and official is not None:  # which sends by it, too
            bars.append(_time("official", _LINKEDIN, official["client"]))
        found.append(Group(library, [*bars, _time("bare", "the library alone", times["bare"])]))
    return Panel("A call over a socket", "microseconds of CPU time, one call at a time", found)


def _cost(results: Mapping[str, Any]) -> str:
    return "machine instructions" if results["made"]["unit"] == "instructions" else "CPU time"


def _mean(rows: Iterable[Mapping[str, float]], other: str) -> float:
    """Return the geometric mean of what another takes over what is taken here."""
    return geometric_mean(row[other] / row["ours"] for row in rows)


def _times(kind: str, of: str, ratio: float) -> Bar:
    return Bar(kind, of, ratio, _ratio(ratio))


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


def _time(kind: str, of: str, microseconds: float) -> Bar:
    return Bar(kind, of, microseconds, f"{microseconds:,.0f}")
