"""Each page as plain Markdown beside its HTML, and the list of them by the convention of llmstxt.org.

Zensical has a plugin for that. It turns the HTML back into Markdown and needs the address that the site will have; the
pages are Markdown to begin with, and relative links do wherever the site is.
"""

from __future__ import annotations

import re
import shutil
from itertools import groupby
from typing import TYPE_CHECKING, Final

from docs.site.staging import from_root

if TYPE_CHECKING:
    from pathlib import Path

    from docs.site.navigation import Entry

__all__ = ["OPTIONAL", "add_plain_pages", "first_sentence", "listing"]

OPTIONAL: Final = frozenset({"Reference", "Project"})
"""The groups that a reader with little room may leave out, which the convention has a heading for."""


def first_sentence(text: str) -> str:
    """Return the first sentence of a page below its heading, as plain text on one line; "" where it has none."""
    body = re.sub(r"<!--.*?-->|^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        if re.match(r"[\w`*\[]", paragraph):
            words = " ".join(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", paragraph).split())
            return re.split(r"(?<=\.)(?= )|:$|: (?=\S+$)", words, maxsplit=1)[0]
    return ""


def listing(pages: list[Entry], folder: Path) -> str:
    """Return the text of llms.txt.

    Args:
        pages: the navigation.
        folder: where the pages are, as Markdown.
    """
    front = (folder / "index.md").read_text(encoding="utf-8")
    title = front.partition("\n")[0].removeprefix("# ")
    lines = [f"# {title}", "", f"> {first_sentence(front)}"]
    optional: list[str] = []
    for group, members in groupby(pages, lambda page: page.group):
        rows = [_row(page, folder) for page in members]
        if group in OPTIONAL:
            optional += rows
        else:
            lines += ["", f"## {group}", "", *rows]
    return "\n".join([*lines, "", "## Optional", "", *optional, ""])


def _row(page: Entry, folder: Path) -> str:
    says = first_sentence((folder / page.path).read_text(encoding="utf-8"))
    return f"- [{page.title}]({page.path})" + (f": {says}" if says else "")


def add_plain_pages(pages: list[Entry], folder: Path, site: Path) -> None:
    """Write into a site the Markdown of each page, llms.txt, and llms-full.txt: all pages but the optional."""
    for page in pages:
        shutil.copyfile(folder / page.path, site / page.path)
    (site / "llms.txt").write_text(listing(pages, folder), encoding="utf-8")
    guides = [page.path for page in pages if page.group not in OPTIONAL]
    texts = [from_root((folder / path).read_text(encoding="utf-8"), path) for path in guides]
    (site / "llms-full.txt").write_text("\n\n".join(texts), encoding="utf-8")
