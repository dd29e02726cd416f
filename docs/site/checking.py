"""What a built site must hold: each link leads somewhere, its anchor too, and nothing is fetched from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

__all__ = ["HtmlPage", "faults"]

_FETCHED: Final = {
    "script": ("src",),
    "img": ("src",),
    "link": ("href",),
    "iframe": ("src",),
    "source": ("src",),
    "video": ("src", "poster"),
    "object": ("data",),
}
_NOT_FETCHED: Final = {"canonical", "prev", "next", "edit", "alternate"}
"""What a ``link`` may be that a browser does not load."""


@dataclass
class HtmlPage(HTMLParser):
    """What is known of a page: its anchors, its links, and what it loads.

    Attributes:
        anchors: the ids that a link may lead to.
        links: the targets of links.
        loaded: the addresses of scripts, images and styles.
    """

    anchors: set[str] = field(default_factory=set[str])
    links: list[str] = field(default_factory=list[str])
    loaded: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        known = {name: value or "" for name, value in attrs}
        self.anchors.update(known[name] for name in ("id", "name") if name in known)
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        if known.get("rel") not in _NOT_FETCHED:
            self.loaded += [known[name] for name in _FETCHED.get(tag, ()) if name in known]


def faults(site: Path) -> list[str]:
    """Return what is wrong with a site, a line for each fault, beginning with the page; none if all is well."""
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    found = [f"{path.relative_to(site)}: {fault}" for path in pages for fault in _faults_of(path, pages, site)]
    for sheet in sorted(site.rglob("*.css")):
        urls = re.findall(r"url\(\s*[\"']?((?:https?:)?//[^\"')]+)|@import", sheet.read_text(encoding="utf-8"))
        found += [f"{sheet.relative_to(site)}: is fetched from elsewhere: {url}" for url in urls]
    return found


def _read(path: Path) -> HtmlPage:
    page = HtmlPage()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def _faults_of(path: Path, pages: dict[Path, HtmlPage], site: Path) -> Iterator[str]:
    page = pages[path]
    for address in page.loaded:
        if urlsplit(address).netloc:
            yield f"is fetched from elsewhere: {address}"
        elif not address.startswith("data:") and not _file(address, path, site).is_file():
            yield f"there is no {address}"
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = _file(link, path, site) if parts.path else path
        if not target.is_file():
            yield f"a link leads nowhere: {link}"
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
            yield f"a link leads to no place of its page: {link}"


def _file(address: str, path: Path, site: Path) -> Path:
    """Return the file that an address in a page stands for."""
    aim = unquote(urlsplit(address).path)
    file = (site / aim.lstrip("/") if aim.startswith("/") else path.parent / aim).resolve()
    return file / "index.html" if file.is_dir() else file
