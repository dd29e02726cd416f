"""The changelog as a file that releases are cut from.

python .ci/changelog.py cut 0.1.0 2026-11-29      gives what is unreleased this version and day, in CHANGELOG.md
python .ci/changelog.py notes 0.1.0               prints the section of a version, or what is unreleased if it has none
python .ci/changelog.py check 0.1.0               fails unless the version has a section of its own, above all others
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"
UNRELEASED = "## [Unreleased]\n"
HEADING = re.compile(r"^## \[(?P<version>[^]]+)\](?: - (?P<day>\d{4}-\d\d-\d\d))?\n", re.MULTILINE)
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Mistake(Exception):
    """What was asked for cannot be done; the text says why."""


def sections(text: str) -> dict[str, str]:
    """Return the text of each version, the newest first, without its heading; "Unreleased" is one of them."""
    found = [*HEADING.finditer(text)]
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {
        match["version"]: text[match.end() : end].strip("\n") + "\n" for match, end in zip(found, ends, strict=True)
    }


def cut(text: str, version: str, day: str) -> str:
    """Return the changelog with a heading for this version and day over what is unreleased."""
    if not VERSION.fullmatch(version):
        raise Mistake(f"{version!r} is not a version such as 0.1.0")
    date.fromisoformat(day)
    old = sections(text)
    if version in old:
        raise Mistake(f"{version} has a section already")
    if text.count(UNRELEASED) != 1 or not old.get("Unreleased", "").strip():
        raise Mistake(f"there is nothing under {UNRELEASED.strip()!r}")
    return text.replace(UNRELEASED, f"{UNRELEASED}\n## [{version}] - {day}\n")


def notes(text: str, version: str) -> str:
    """Return what is new in a version."""
    old = sections(text)
    return old.get(version) or old.get("Unreleased", "")


def check(text: str, version: str) -> None:
    """Raise a Mistake unless a version is the newest, and nothing is unreleased above it."""
    newest = [name for name in sections(text) if name != "Unreleased"][:1]
    if newest != [version]:
        raise Mistake(f"the newest section is {newest[0] if newest else 'none'}, not {version}: cut it first")
    if sections(text).get("Unreleased", "").strip():
        raise Mistake("something is unreleased above it")


def main(arguments: list[str]) -> None:
    text = CHANGELOG.read_text(encoding="utf-8")
    match arguments:
        case ["cut", version, day]:
            CHANGELOG.write_text(cut(text, version, day), encoding="utf-8")
        case ["notes", version]:
            print(notes(text, version), end="")
        case ["check", version]:
            check(text, version)
        case _:
            raise Mistake(__doc__ or "")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Mistake, ValueError) as mistake:
        sys.exit(str(mistake))
