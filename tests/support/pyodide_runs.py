"""Programs in Pyodide, CPython made for browsers, under node: where it comes from, and what became of them.

PYODIDE=FOLDER    the npm package `pyodide`, where it is there already; else npm installs it into pytest's cache
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.support.source_tree import PACKAGES, ROOT

__all__ = ["VERSION", "NotToBeHadError", "find_pyodide", "run_in_pyodide", "write_archive"]

VERSION: Final = "314.0.7"  # CPython 3.14
_OLDEST_NODE: Final = 18
_INSTALL_SECONDS: Final = 120
_RUN_SECONDS: Final = 300


class NotToBeHadError(Exception):
    """There is no Pyodide here, or nothing that runs it; says why."""


def find_pyodide(cache: Path) -> Path:
    """Return the folder of the npm package, which is installed below the cache where it is not there.

    Raises:
        NotToBeHadError: there is no node, or no npm, or npm cannot have the package.
    """
    _check_node()
    given = os.environ.get("PYODIDE")
    if given:
        return Path(given)
    installed = cache / VERSION / "node_modules" / "pyodide"
    if not installed.is_dir():
        npm = shutil.which("npm")
        if npm is None:
            raise NotToBeHadError("there is no npm here: set PYODIDE to the folder of the npm package pyodide")
        _install(npm, cache)
    return installed


def _check_node() -> None:
    try:
        version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise NotToBeHadError("there is no node here") from error
    if int(version.removeprefix("v").partition(".")[0]) < _OLDEST_NODE:
        raise NotToBeHadError(f"node {version.strip()} has no fetch")


def _install(npm: str, cache: Path) -> None:
    """Install the package aside, and put it in its place when it is whole, since other processes do the same."""
    cache.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=cache))
    try:
        (aside / "package.json").write_text("{}", encoding="utf-8")
        options = ["--prefix", str(aside), "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
        command = [npm, "install", *options, f"pyodide@{VERSION}"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
        if done.returncode:
            raise NotToBeHadError(f"npm cannot install pyodide: {done.stderr.strip()[:300]}")
        if not (cache / VERSION).exists():
            aside.rename(cache / VERSION)
    except subprocess.TimeoutExpired as error:
        raise NotToBeHadError("npm does not come to an end") from error
    except OSError:
        if not (cache / VERSION).exists():  # another process was quicker
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _files() -> Iterator[tuple[Path, str]]:
    """List what the wheel holds, and the run that is compared, with their places in site-packages."""
    for package, folder in PACKAGES.items():
        yield from ((path, f"{package}/{path.relative_to(folder).as_posix()}") for path in folder.rglob("*.py"))
    for path in (ROOT / "tests" / "vectors").glob("*.json"):
        yield path, f"restli_transports/testing/vector_files/{path.name}"
    yield ROOT / "tests" / "support" / "portable_run.py", "portable_run.py"


def write_archive(path: Path) -> None:
    """Write a zip of what `run_in_pyodide` installs."""
    with zipfile.ZipFile(path, "w") as archive:
        for file, place in _files():
            archive.write(file, place)


def run_in_pyodide(
    folder: Path, work: Path, programs: Mapping[str, str], given: Mapping[str, object]
) -> dict[str, Any]:
    """Run programs, each with these globals of its own; return ``{"python", "ran": {name: {"out", "error"}}}``.

    Args:
        folder: the npm package.
        work: a folder for files.
        programs: their texts, which may await at the top level.
        given: what JSON can carry.
    """
    archive, job, results = (work / name for name in ("site.zip", "job.json", "results.json"))
    write_archive(archive)
    job.write_text(json.dumps({"archive": str(archive), "programs": programs, "given": given}), encoding="utf-8")
    command = ["node", *map(str, (Path(__file__).with_name("in_pyodide.mjs"), folder, job, results))]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", timeout=_RUN_SECONDS)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return found
