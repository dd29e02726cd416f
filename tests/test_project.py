"""What holds for the project as a whole: purity, exports, and a test file for each module.

What the wheel holds is checked by .ci/run, since building one takes seconds and an index.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import restli_core

ROOT = Path(__file__).parent.parent
SOURCES = {path.stem for path in (ROOT / "restli_core").glob("*.py")}

# `time` is no part of it: every interpreter has it loaded from the start.
IMPURE = {"socket", "ssl", "asyncio", "threading", "random", "secrets", "logging"}

UNTESTED_APART = {
    "__init__": "its exports are tested here",
    "_version": "one constant",
}

# Modules that __init__ exports whole: a name of theirs that it left out would be forgotten, not private.
EXPORTED_WHOLE = ("errors", "messages")


def modules_loaded_by(*names: str) -> set[str]:
    """The modules that a fresh interpreter without site-packages has loaded after importing these."""
    roots = [str(ROOT), str(ROOT / "transports")]
    program = f"import sys; sys.path[:0] = {roots}; import {', '.join(names)}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, capture_output=True, text=True)
    return set(answer.stdout.split())


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_the_core_is_pure() -> None:
    # strategies needs hypothesis, and nothing imports it; __main__ is the command line.
    names = [f"restli_core.{name}" for name in sorted(SOURCES - {"__init__", "__main__", "strategies"})]
    loaded = modules_loaded_by("restli_core", *names)
    assert set(names) <= loaded
    assert loaded & IMPURE == set()
    assert packages(loaded) - sys.stdlib_module_names - {"__main__"} == {"restli_core"}


def test_the_transports_import_no_http_library() -> None:
    loaded = packages(modules_loaded_by("restli_transports"))
    assert loaded - sys.stdlib_module_names - {"__main__"} <= {"restli_core", "restli_transports"}


def test_files_mirror_the_sources() -> None:
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "core").glob("test_*.py")}
    assert tested == {name.strip("_") for name in SOURCES - UNTESTED_APART.keys()}


def public_modules() -> list[ModuleType]:
    return [import_module(f"restli_core.{name}") for name in sorted(SOURCES) if not name.startswith("_")]


def test_exports_are_told_once() -> None:
    assert len(set(restli_core.__all__)) == len(restli_core.__all__)


@pytest.mark.parametrize("name", [name for name in restli_core.__all__ if name != "__version__"])
def test_every_export_is_promised_by_a_module(name: str) -> None:
    exported = getattr(restli_core, name)
    promising = [module for module in public_modules() if name in module.__all__]
    assert exported in public_modules() or any(getattr(module, name) is exported for module in promising)


@pytest.mark.parametrize("module", public_modules(), ids=lambda module: module.__name__)
def test_every_promise_is_kept(module: ModuleType) -> None:
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("name", EXPORTED_WHOLE)
def test_what_users_meet_is_exported_whole(name: str) -> None:
    assert set(import_module(f"restli_core.{name}").__all__) <= set(restli_core.__all__)
