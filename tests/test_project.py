"""What holds for the project as a whole: purity, exports, names, words, and a test file for each module.

What the wheel holds is checked by .ci/run, since building one takes seconds and an index.
"""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import restli_core
from tests.support.profiles import examples
from tests.support.source_tree import MODULES, PACKAGES, ROOT, Module, circles

# `time` is not among them: every interpreter has it loaded from the start.
IMPURE = {"socket", "ssl", "asyncio", "threading", "random", "secrets", "logging"}

# Modules that __init__ exports whole: a name of theirs that it left out would be forgotten, not private.
EXPORTED_WHOLE = ("errors", "messages")

TESTS = {"restli_core": ROOT / "tests" / "core", "restli_transports": ROOT / "tests" / "transports"}

UNTESTED_APART = {
    "__init__": "a package re-exports, which is tested here; a test of the package as a whole has its name",
    "_version": "one constant",
}

NO_VERBS = {"The", "A", "An", "What", "Whether", "Who", "Which", "As"}

PUBLIC = [module for module in MODULES if module.is_public and not module.name.endswith(".__main__")]
IDS_OF_PUBLIC = [module.name for module in PUBLIC]


# -- what is loaded ----------------------------------------------------------------------------------------------------


def modules_loaded_by(*names: str) -> set[str]:
    """Return the modules that a fresh interpreter without site-packages has loaded after importing these."""
    roots = [str(ROOT), str(ROOT / "transports")]
    program = f"import sys; sys.path[:0] = {roots}; import {', '.join(names)}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, capture_output=True, text=True)
    return set(answer.stdout.split())


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_the_core_is_pure() -> None:
    # __main__ is the command line.
    names = [
        module.name
        for module in MODULES
        if module.name.startswith("restli_core") and not module.name.endswith("__main__")
    ]
    loaded = modules_loaded_by(*names)
    assert set(names) <= loaded
    assert loaded & IMPURE == set()
    assert packages(loaded) - sys.stdlib_module_names - {"__main__"} == {"restli_core"}


def test_the_transports_import_no_http_library() -> None:
    loaded = packages(modules_loaded_by("restli_transports"))
    assert loaded - sys.stdlib_module_names - {"__main__"} <= {"restli_core", "restli_transports"}


def test_a_program_that_sends_single_calls_loads_nothing_for_many() -> None:
    loaded = modules_loaded_by("restli_transports")
    assert packages(loaded).isdisjoint({"asyncio", "concurrent", "multiprocessing", "pickle", "queue", "tqdm"})
    private = {f"restli_transports._clients.{name}" for name in ("jobs", "many", "recording", "rows", "running")}
    public = {"restli_core.linkedin.analytics", "restli_transports.journal", "restli_transports.sending"}
    assert loaded.isdisjoint({*private, *public, "restli_transports.concurrency.threads"})


# -- tests mirror the sources ------------------------------------------------------------------------------------------


def parts_of_test_of(module: Module, package: str) -> tuple[str, ...]:
    """Return the folders and the name of the test file of a module, without ``test_`` and leading underscores."""
    *folders, name = module.path.relative_to(PACKAGES[package]).with_suffix("").parts
    if name == "__init__":
        return (*(folder.lstrip("_") for folder in folders), *folders[-1:])
    return (*(folder.lstrip("_") for folder in folders), name.strip("_"))


def parts_of_test_files(package: str) -> set[tuple[str, ...]]:
    files = (path.relative_to(TESTS[package]) for path in TESTS[package].rglob("test_*.py"))
    return {(*path.parent.parts, path.stem.removeprefix("test_")) for path in files}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_module_has_a_test_file_of_its_name(package: str) -> None:
    wanted = {
        parts_of_test_of(module, package)
        for module in MODULES
        if module.name.partition(".")[0] == package and module.path.stem not in UNTESTED_APART
    }
    assert sorted(wanted - parts_of_test_files(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_test_file_has_a_module_of_its_name(package: str) -> None:
    there = {parts_of_test_of(module, package) for module in MODULES if module.name.partition(".")[0] == package}
    assert sorted(parts_of_test_files(package) - there) == []


def test_ids_are_the_same_in_every_process(request: pytest.FixtureRequest) -> None:
    # pytest-xdist compares them; a repr of an object has its address.
    assert [item.nodeid for item in request.session.items if " at 0x" in item.nodeid] == []


# -- exports -----------------------------------------------------------------------------------------------------------


def public_modules_of_the_core() -> list[ModuleType]:
    return [import_module(module.name) for module in PUBLIC if module.name.startswith("restli_core.")]


def test_exports_are_named_once() -> None:
    assert len(set(restli_core.__all__)) == len(restli_core.__all__)


@pytest.mark.parametrize("name", [name for name in restli_core.__all__ if name != "__version__"])
def test_every_export_is_promised_by_a_module(name: str) -> None:
    exported = getattr(restli_core, name)
    promising = [module for module in public_modules_of_the_core() if name in module.__all__]
    assert exported in public_modules_of_the_core() or any(getattr(module, name) is exported for module in promising)


@pytest.mark.parametrize("module", PUBLIC, ids=IDS_OF_PUBLIC)
def test_every_promise_is_kept(module: Module) -> None:
    imported = import_module(module.name)
    assert [name for name in imported.__all__ if not hasattr(imported, name)] == []


@pytest.mark.parametrize("package", ["restli_core", "restli_transports"])
def test_dir_has_all_exports_before_they_are_used(package: str) -> None:
    exporting = import_module(package)
    assert {*exporting.__all__} <= {*dir(exporting)}
    # Here they have been used.
    program = f"import {package}; print({{*{package}.__all__}} - {{*dir({package})}})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
    assert subprocess.check_output([sys.executable, "-c", program], text=True, env=environment).strip() == "set()"


def test_a_name_of_the_other_end_replaces_no_other_that_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restli_core, "respond", "mine")
    monkeypatch.delitem(vars(restli_core), "read", raising=False)
    assert restli_core.read is import_module("restli_core.server").read
    assert vars(restli_core)["respond"] == "mine"


@pytest.mark.parametrize("name", EXPORTED_WHOLE)
def test_what_users_meet_is_exported_whole(name: str) -> None:
    assert set(import_module(f"restli_core.{name}").__all__) <= set(restli_core.__all__)


# -- names -------------------------------------------------------------------------------------------------------------


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_no_module_uses_a_name_with_an_underscore_of_another() -> None:
    names = {module.name for module in MODULES}
    used = [
        f"{module.name} imports {name} from {origin}"
        for module in MODULES
        for origin, name in module.imported_names()
        if is_private(name) and f"{origin}.{name}" not in names
    ]
    for module in MODULES:
        aliases = {name for origin, name in module.imported_names() if f"{origin}.{name}" in names}
        used += [
            f"{module.name} uses {ast.unparse(node)}"
            for node in module.nodes
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in aliases
            and is_private(node.attr)
        ]
    assert used == []


def test_each_public_module_says_what_is_public() -> None:
    assert [module.name for module in PUBLIC if not hasattr(import_module(module.name), "__all__")] == []


def test_no_exported_function_has_the_name_of_a_module() -> None:
    names_of_modules = {part for module in MODULES for part in module.name.split(".")}
    exported = {(module.name, name) for module in PUBLIC for name in import_module(module.name).__all__}
    assert [
        f"{module}.{name}"
        for module, name in sorted(exported)
        if name in names_of_modules
        and inspect.isfunction(getattr(import_module(module), name))
        # A strategy is called after what it generates, as all of Hypothesis' own are.
        and not module.startswith("restli_transports.testing.strategies")
        # The suite's name is what users of it write; the package of that name is about another thing.
        and (name != "sending" or not module.startswith("restli_transports.testing.compliance"))
    ] == []


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings_of_functions_open_with_a_verb(package: str) -> None:
    # Properties are left out: theirs name a thing.
    assert [
        f"{module.name}:{function.lineno} {function.name}: {docstring.partition('.')[0]}"
        for module in MODULES
        if module.name.partition(".")[0] == package
        for function in module.functions()
        if (docstring := ast.get_docstring(function)) and docstring.split(maxsplit=1)[0].strip(",.:") in NO_VERBS
    ] == []


# -- imports -----------------------------------------------------------------------------------------------------------


def test_no_modules_import_one_another() -> None:
    # Not for the sake of types either, nor in functions.
    assert circles({module.name: module.imported_modules() for module in MODULES}) == []


def test_the_gate_for_imports_leaves_out_none() -> None:
    config: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert config["tool"]["importlinter"].get("exclude_type_checking_imports", False) is False


# -- tests on a busy machine -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["dev", "ci"])
def test_no_law_fails_by_the_clock_or_by_chance(profile: str) -> None:
    # A deadline is checked on the slowest of many examples, and its failure would show values too deep for any repr.
    chosen = settings.get_profile(profile)
    assert chosen.deadline is None
    assert {HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much} <= {
        *chosen.suppress_health_check
    }
    assert settings().deadline is examples(quick=1).deadline is None
