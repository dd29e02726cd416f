"""Pages laid out as the site has them: those of docs/, and those of the project that lie at its root.

Links between pages stay relative; links to other files of the repository become links to GitHub.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from docs.site.navigation import ROOT

__all__ = [
    "ASSETS",
    "AT_ROOT",
    "UnknownTargetError",
    "from_root",
    "page_paths",
    "relinked",
    "replaced_outside",
    "stage",
    "without_code",
]

ASSETS: Final = "assets"
AT_ROOT: Final = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security-policy.md",
}
"""Pages at the root of the repository -> where the site has them. The README is GitHub's front page, not the site's."""

_CODE: Final = re.compile(r"^ *(```+).*?^ *\1`*[ ]*$|(`+)(?!`).*?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)
_ADDRESS: Final = re.compile(r"[a-z][a-z+.-]*:")
_LINK: Final = re.compile(r"(?<=\]\()([^()\s#]+)(?=[#)])|(?<=\]\()([^()\s#]+)(?=\s+\")")


class UnknownTargetError(ValueError):
    """A page links to a file that is not there."""


def page_paths(root: Path = ROOT) -> dict[str, str]:
    """Return the pages, by their paths in the repository, with the paths that they have on the site."""
    docs = root / "docs"
    own = [path.relative_to(docs).as_posix() for path in sorted(docs.rglob("*.md"))]
    pages = {f"docs/{path}": re.sub(r"(^|/)README\.md$", r"\1index.md", path) for path in own}
    return pages | AT_ROOT


def _repository(root: Path) -> str:
    urls: dict[str, str] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    return urls["Homepage"]


def without_code(text: str) -> str:
    """Return a text of Markdown without its programs and what else is in code."""
    return _CODE.sub("", text)


def replaced_outside(
    code: re.Pattern[str], pattern: re.Pattern[str], new: Callable[[re.Match[str]], str], text: str
) -> str:
    """Return a text in which what a pattern finds is replaced, but for what lies in code, which another finds."""
    pieces: list[str] = []
    end = 0
    for found in code.finditer(text):
        pieces += [pattern.sub(new, text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*pieces, pattern.sub(new, text[end:])])


def relinked(text: str, path: str, pages: dict[str, str], root: Path = ROOT) -> str:
    """Return the text of a page with its links as the site has them.

    Args:
        text: the page, in Markdown.
        path: where it lies, from the root of the repository.
        pages: what `page_paths` returns.
        root: the root of the repository.

    Raises:
        UnknownTargetError: a link leads to no file.
    """

    def new(link: re.Match[str]) -> str:
        target = link[0]
        if _ADDRESS.match(target):
            return target
        aim = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if aim in pages:
            return posixpath.relpath(pages[aim], posixpath.dirname(pages[path]) or ".")
        if aim.startswith(f"docs/{ASSETS}/") and (root / aim).is_file():
            return posixpath.relpath(aim.removeprefix("docs/"), posixpath.dirname(pages[path]) or ".")
        if aim.startswith("..") or not (root / aim).exists():
            raise UnknownTargetError(f"{path}: {target}")
        kind = "tree" if (root / aim).is_dir() else "blob"
        return f"{_repository(root)}/{kind}/main/{aim}"

    return replaced_outside(_CODE, _LINK, new, text)


def from_root(text: str, page: str) -> str:
    """Return the text of a page of the site with its links as they lead from the site's root.

    Args:
        text: the page, in Markdown.
        page: where the site has it, such as linkedin/ads.md.
    """

    def new(link: re.Match[str]) -> str:
        is_address = _ADDRESS.match(link[0])
        return link[0] if is_address else posixpath.normpath(posixpath.join(posixpath.dirname(page), link[0]))

    return replaced_outside(_CODE, _LINK, new, text)


def stage(into: Path, root: Path = ROOT) -> None:
    """Write all pages and what they show into a folder, which is emptied first."""
    shutil.rmtree(into, ignore_errors=True)
    pages = page_paths(root)
    for path, target in pages.items():
        place = into / target
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(relinked((root / path).read_text(encoding="utf-8"), path, pages, root), encoding="utf-8")
    for asset in _files(root / "docs" / ASSETS):
        place = into / asset.relative_to(root / "docs")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(asset, place)


def _files(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        yield from (Path(where) / name for name in sorted(names))
