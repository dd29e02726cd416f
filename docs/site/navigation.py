"""The navigation of the site, as zensical.toml has it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["CONFIG", "ROOT", "Entry", "entries"]

ROOT: Final = Path(__file__).resolve().parents[2]
CONFIG: Final = ROOT / "zensical.toml"


@dataclass(frozen=True)
class Entry:
    """A page in the navigation.

    Attributes:
        group: the heading that it stands below, such as ``Start``.
        title: what it is called there.
        path: the page, from the root of the site, such as ``linkedin/ads.md``.
    """

    group: str
    title: str
    path: str


def entries(config: Path = CONFIG) -> list[Entry]:
    """Return the pages in the order of the navigation; a group within a group counts as part of it."""
    nav: list[dict[str, Any]] = tomllib.loads(config.read_text(encoding="utf-8"))["project"]["nav"]
    return [entry for group in nav for name, items in group.items() for entry in _entries(name, items)]


def _entries(group: str, items: list[dict[str, Any]]) -> Iterator[Entry]:
    for item in items:
        for title, value in item.items():
            if isinstance(value, str):
                yield Entry(group, title, value)
            else:
                yield from _entries(group, value)
