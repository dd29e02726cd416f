"""The core as a zip, from which the box of from-linkedin.md has Python import in the reader's browser."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Final

from docs.site.navigation import ROOT

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CORE", "write_core"]

CORE: Final = "assets/restli_core.zip"
"""Where it is on the site."""


def write_core(path: Path) -> None:
    """Write all modules of restli_core into a zip, which is the same for the same modules."""
    with zipfile.ZipFile(path, "w") as archive:
        for module in sorted((ROOT / "restli_core").rglob("*.py")):
            place = zipfile.ZipInfo(module.relative_to(ROOT).as_posix())
            archive.writestr(place, module.read_bytes(), zipfile.ZIP_DEFLATED, 9)
