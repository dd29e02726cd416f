"""The chart and the table of measured figures, for the README and docs/performance.md.

    python -m benchmarks.chart FILE [--svg FILE]

The chart is an SVG that is the same byte for byte whenever it is drawn of the same figures by the same matplotlib: its
text is text, its colours follow the reader's light or dark mode, and it is as wide as a phone. The table goes between
the markers of each page that has them:

    <!-- benchmarks: begin -->
    <!-- benchmarks: end -->
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import Panel, caption, headline, panels, table
from benchmarks.results import load

__all__ = ["PAGES", "SVG", "digest", "drawn", "main", "with_table"]

ROOT: Final = Path(__file__).parents[1]
SVG: Final = ROOT / "docs" / "assets" / "benchmarks.svg"
PAGES: Final = (ROOT / "README.md", ROOT / "docs" / "performance.md")
"""The pages that may have markers."""

_MARKED: Final = re.compile(r"(<!-- benchmarks: begin -->\n).*?(<!-- benchmarks: end -->)", re.DOTALL)

# What matplotlib draws with, and the colours that stand in their place: light mode, dark mode.
_COLOURS: Final[Mapping[str, tuple[str, str, str]]] = {
    "paper": ("#fefefe", "#ffffff", "#0d1117"),
    "ink": ("#010101", "#1f2328", "#e6edf3"),
    "faint": ("#020202", "#57606a", "#9198a1"),
    "ours": ("#040404", "#0969da", "#4493f8"),
    "official": ("#050505", "#bc4c00", "#f0883e"),
    "bare": ("#060606", "#8c959f", "#6e7681"),
}
_TITLE: Final = "restli_core: shorter bars are better"
_LEGEND: Final = (("ours", "restli_core"), ("official", "linkedin-api-client"), ("bare", "library alone"))
_WIDTH: Final = 5.0  # inches, of 72 points each: 360 points
_BAR: Final = 0.2  # inches: the height of a bar and what is between two of them
_GAP: Final = 0.10  # between two groups
_HEADING: Final = 0.6  # above a panel
_TOP: Final = 0.82
_BOTTOM: Final = 0.34
_LEFT: Final = 1.7  # what the names have
_RIGHT: Final = 0.6  # what the longest bar leaves to its figure


def digest(results: Mapping[str, Any]) -> str:
    """Return what tells these figures from others."""
    text = json.dumps(results, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def with_table(page: str, results: Mapping[str, Any]) -> str:
    """Return a page with the table between its markers; as it is, where it has none."""
    return _MARKED.sub(lambda found: f"{found[1]}{table(results)}\n{found[2]}", page)


def drawn(results: Mapping[str, Any]) -> str:
    """Return the chart as an SVG.

    Raises:
        ImportError: matplotlib is not installed.
    """
    import matplotlib as mpl  # noqa: PLC0415 - it may be missing, here and below
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    shown = panels(results)
    heights = [_height(panel) for panel in shown]
    whole = _TOP + sum(heights) + _HEADING * len(shown) + _BOTTOM
    colours = {name: drawing for name, (drawing, _, _) in _COLOURS.items()}
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "restli-core", "font.size": 10}):
        figure = Figure(figsize=(_WIDTH, whole), facecolor=colours["paper"])
        FigureCanvasSVG(figure)

        def write(x: float, y: float, text: str, colour: str, **style: Any) -> None:
            figure.text(x / _WIDTH, 1 - y / whole, text, color=colours[colour], va="center", **style)

        write(0.12, 0.2, _TITLE, "ink", fontsize=12.5, fontweight="bold")
        write(0.12, 0.44, headline(results), "ink", fontsize=9)
        for place, (kind, name) in zip((0.12, 1.4, 3.35), _LEGEND, strict=True):
            write(place, 0.7, "■", kind, fontsize=10.5)
            write(place + 0.18, 0.7, name, "ink", fontsize=10)
        top = _TOP
        for panel, height in zip(shown, heights, strict=True):
            write(0.12, top + 0.2, panel.title, "ink", fontsize=11, fontweight="bold")
            write(0.12, top + 0.41, panel.unit, "faint", fontsize=9)
            top += _HEADING
            _draw_bars(figure, panel, (top, height, whole), colours)
            top += height
        write(0.12, whole - 0.17, caption(results), "faint", fontsize=8.5)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _finished(buffer.getvalue(), results)


def _height(panel: Panel) -> float:
    return sum(len(group.bars) * _BAR + _GAP for group in panel.groups)


def _draw_bars(figure: Any, panel: Panel, place: tuple[float, float, float], colours: Mapping[str, str]) -> None:
    """Draw the bars of a panel.

    Args:
        figure: matplotlib's.
        panel: the panel.
        place: where it begins, how high it is, and how high the whole is, in inches.
        colours: what to draw with.
    """
    top, height, whole = place
    axes = figure.add_axes(
        (_LEFT / _WIDTH, 1 - (top + height) / whole, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, height / whole)
    )
    axes.set_axis_off()
    axes.set_ylim(height, 0)
    longest = max(bar.figure for group in panel.groups for bar in group.bars)
    axes.set_xlim(0, longest)
    y = _GAP / 2
    for group in panel.groups:
        middle = y + len(group.bars) * _BAR / 2
        axes.annotate(
            group.name,
            (0, middle),
            xytext=(-5, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color=colours["ink"],
        )
        for bar in group.bars:
            axes.barh(y + _BAR / 2, bar.figure, height=_BAR * 0.78, color=colours[bar.kind], linewidth=0)
            axes.annotate(
                bar.label,
                (bar.figure, y + _BAR / 2),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                color=colours["ink"],
                annotation_clip=False,
            )
            y += _BAR
        y += _GAP


def _finished(svg: str, results: Mapping[str, Any]) -> str:
    """Return an SVG with the reader's colours, a name for those who cannot see it, and no size but its shape."""
    light = "".join(f"--{name}:{colour};" for name, (_, colour, _) in _COLOURS.items())
    dark = "".join(f"--{name}:{colour};" for name, (_, _, colour) in _COLOURS.items())
    style = f"<style>:root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}</style>"
    for name, (drawing, _, _) in _COLOURS.items():
        svg = svg.replace(drawing, f"var(--{name})")
    # Any font will do, and the one that was measured need not be there.
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif", svg)
    svg = re.sub(r"\n? *<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"^<\?xml.*?(?=<svg)", "", svg, flags=re.DOTALL)
    told = f"{headline(results)}; " + "; ".join(
        f"{panel.title} ({panel.unit}): "
        + ", ".join(f"{group.name}, {bar.of} {bar.label}" for group in panel.groups for bar in group.bars)
        for panel in panels(results)
    )
    titled = f"<title>{_TITLE}</title>\n <desc>{told}</desc>\n <!-- of {digest(results)} -->\n {style}"
    svg = re.sub(r"(<svg [^>]*)>", rf'\1 role="img">\n {titled}', svg, count=1)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the chart, and write the table into the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", help="of python -m benchmarks.results")
    parser.add_argument("--svg", type=Path, default=SVG, help="where the chart goes")
    chosen = parser.parse_args(arguments)
    results = load(chosen.file)
    chosen.svg.parent.mkdir(parents=True, exist_ok=True)
    chosen.svg.write_text(drawn(results), encoding="utf-8")
    print(chosen.svg)
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if _MARKED.search(text):
            page.write_text(with_table(text, results), encoding="utf-8")
            print(page)


if __name__ == "__main__":
    main()
