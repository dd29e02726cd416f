"""The chart and the table of benchmarks say what the committed figures say, and can be read by everybody."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks import chart, figures, results

RESULTS = results.load(chart.ROOT / "benchmarks" / "results.json")
COMMITTED = chart.SVG.read_text(encoding="utf-8")
NAMESPACE = "{http://www.w3.org/2000/svg}"

MADE: dict[str, Any] = {
    "made": {
        "date": "2026-01-02",
        "command": "python -m benchmarks.results FILE",
        "machine": "a <machine>",
        "python": "CPython 3.11.0",
        "versions": {"urllib3": "2.8.0", "httpx": ""},
        "unit": "instructions",
    },
    "codec": {
        "encode": {"a": {"ours": 10.0, "json": 5.0, "theirs": 40.0}, "b": {"ours": 10.0, "json": 20.0, "theirs": 90.0}},
        "decode": {"a": {"ours": 1.0, "json": 0.5, "theirs": 12.0}},
    },
    "answers": {name: {"ours": 12.0, "json": 10.0} for name in results.ANSWERS},
    "calls": {"urllib3": {"bare": 250.0, "client": 300.0}, "h11": {"bare": 100.0, "client": 125.0}},
    "awaited": {"aiohttp": 3000.0},
}


def texts_of(svg: str) -> list[str]:
    """Return all that is written in a chart."""
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{NAMESPACE}text")]


def bars_of(svg: str) -> list[float]:
    """Return how long each bar is, from above to below."""
    found = re.findall(r'<path d="M ([\d.]+) ([\d.]+)\s+L ([\d.]+) \2\s[^"]*" clip-path="[^"]*" style="fill: var', svg)
    return [float(end) - float(start) for start, _, end in found]


def expected_texts(shown: Mapping[str, Any]) -> set[str]:
    found = {figures.caption(shown), figures.headline(shown)}
    for panel in figures.panels(shown):
        found |= {panel.title, panel.unit}
        found |= {text for group in panel.groups for text in (group.name, *(bar.label for bar in group.bars))}
    return found


def test_the_committed_chart_and_table_are_of_the_committed_figures() -> None:
    assert f"<!-- of {chart.digest(RESULTS)} -->" in COMMITTED, "python -m benchmarks.chart benchmarks/results.json"
    assert expected_texts(RESULTS) <= set(texts_of(COMMITTED))
    pages = [page for page in chart.PAGES if "<!-- benchmarks: begin -->" in page.read_text(encoding="utf-8")]
    assert chart.ROOT / "docs" / "performance.md" in pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert chart.with_table(text, RESULTS) == text, "python -m benchmarks.chart benchmarks/results.json"


def test_bars_are_as_long_as_their_figures() -> None:
    pytest.importorskip("matplotlib")
    for shown, svg in ((RESULTS, COMMITTED), (MADE, chart.drawn(MADE))):
        lengths = iter(bars_of(svg))
        for panel in figures.panels(shown):
            bars = [bar.figure for group in panel.groups for bar in group.bars]
            drawn = [next(lengths) for _ in bars]
            longest = drawn[bars.index(max(bars))]
            assert drawn == pytest.approx([figure / max(bars) * longest for figure in bars], rel=1e-3)
        assert next(lengths, None) is None


def test_it_is_drawn_alike_each_time_and_anybody_can_read_it() -> None:
    pytest.importorskip("matplotlib")
    svg = chart.drawn(MADE)
    assert chart.drawn(MADE) == svg
    root = ET.fromstring(svg)
    assert (root.get("role"), root.get("viewBox", "").split()[2]) == ("img", "360")
    assert expected_texts(MADE) <= set(texts_of(svg))
    described = root.findtext(f"{NAMESPACE}desc") or ""
    assert "urllib3, RestliClient 300" in described
    assert "prefers-color-scheme:dark" in svg
    # All that is drawn has a colour of the reader's mode.
    assert {*re.findall(r"(?:fill|stroke): ([^;\"]+)", svg)} <= {"none", *(f"var(--{name})" for name in NAMES)}
    assert "<dc:date>" not in svg
    assert "<use " not in svg  # text is text, and not shapes


NAMES = ("paper", "ink", "faint", "ours", "official", "bare")


def test_what_the_panels_say() -> None:
    texts, answers, calls = figures.panels(MADE)
    assert [[(bar.of, bar.label) for bar in group.bars] for group in texts.groups] == [
        [("restli_core", "1.0"), ("linkedin-api-client", "6.0"), ("json.dumps of the same", "1.0")],  # geometric means
        [("restli_core", "1.0"), ("linkedin-api-client", "12"), ("json.loads of the same", "0.5")],
    ]
    assert texts.unit == "machine instructions, restli_core = 1; mean of 2 kinds of values"
    assert [[bar.label for bar in group.bars] for group in answers.groups] == [["1.2", "1.0"]] * 3
    assert [(group.name, [bar.label for bar in group.bars]) for group in calls.groups] == [
        ("h11", ["125", "100"]),
        ("urllib3", ["300", "250"]),
    ]
    assert figures.headline(MADE) == "linkedin-api-client takes 6.0 to 12 times as much for texts"


def test_linkedins_client_stands_beside_what_it_sends_by() -> None:
    sent = {"requests": {"bare": 800.0, "client": 500.0}, "official": {"client": 600.0}}
    calls = figures.panels({**MADE, "calls": {**MADE["calls"], **sent}})[2]
    assert [(bar.kind, bar.label) for bar in calls.groups[-1].bars] == [
        ("ours", "500"),
        ("official", "600"),
        ("bare", "800"),
    ]
    assert figures.headline({**MADE, "calls": sent}).endswith("for texts, 1.2 for a call")


def test_a_page_has_the_table_between_its_markers() -> None:
    page = "a\n<!-- benchmarks: begin -->\nold\n<!-- benchmarks: end -->\nb\n"
    made = chart.with_table(page, MADE)
    assert made == chart.with_table(made, MADE)
    assert made.startswith("a\n<!-- benchmarks: begin -->\nLess is better: linkedin-api-client")
    assert made.endswith("<!-- benchmarks: end -->\nb\n")
    assert "| urllib3 | RestliClient | 300 |" in made
    assert "`aiohttp` 3,000" in made
    assert "urllib3 2.8.0: `python -m benchmarks.results FILE`." in made
    assert chart.with_table("no markers", MADE) == "no markers"
