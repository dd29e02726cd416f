"""What is skipped where a library or a system has less, and what is not skipped for that."""

from __future__ import annotations

import ast
import os
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.support.libraries import OPTIONAL, optional_imports, what_is_missing
from tests.support.source_tree import ROOT

PLUGINS = tuple(f"-pno:{name}" for name in ("cacheprovider", "cov", "xdist", "asyncio", "recording", "pytest_httpx"))


def raised(code: str) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is
        exec(code)
    return caught.value


@pytest.mark.parametrize("library", OPTIONAL)
def test_a_library_that_is_missing_is_the_reason(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:2])  # what is built in, and none that finds files
    monkeypatch.setattr(sys, "path_importer_cache", {})
    reason = f"needs {library}, which is not installed (extra {OPTIONAL[library]})"
    assert what_is_missing(raised(f"import {library}")) == reason
    through = f"try:\n    import {library}.inside\nexcept ImportError:\n    raise RuntimeError from None"
    assert what_is_missing(raised(through)) == reason


@pytest.mark.parametrize(
    "code", ["import nothing_of_that_name", "from pytest import nothing", "1 / 0", "import os; os.nothing"]
)
def test_any_other_fault_is_a_fault(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIONAL, "pytest", "dev")  # one that is there
    assert what_is_missing(raised(code)) is None


def test_on_windows_what_only_posix_has_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.delattr(os, "fork")
    for code, name in {"import fcntl": "fcntl", "import os; os.fork()": "os.fork"}.items():
        assert what_is_missing(raised(code), is_windows=False) is None
        assert what_is_missing(raised(code), is_windows=True) == f"needs {name}, which this system does not have"
    assert what_is_missing(raised("(1).fork"), is_windows=True) is None


def test_tests_and_whole_modules_are_skipped_and_say_why(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIONAL, "not_there", "dev")  # in this process, where the inner tests run too
    pytester.makeconftest(
        "from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport\n"
        "__all__ = ['pytest_make_collect_report', 'pytest_runtest_makereport']\n"
    )
    pytester.makepyfile(
        test_module="import not_there\ndef test(): pass\n",
        test_late="def test_one():\n    import not_there\ndef test_other():\n    pass\n",
        test_some=(
            "from tests.support.libraries import optional_imports\n"
            "with optional_imports():\n"
            "    import not_there\n"
            "    import not_there.inside\n"
            "    from not_there.inside import Thing\n"
            "    import json\n"
            "EACH = {'a': Thing, 'b': lambda: not_there.Thing()}\n"
            "def test_a(): EACH['a']()\n"
            "def test_b(): EACH['b']()\n"
            "def test_c(): not_there.inside.Thing(1)\n"
            "def test_none(): assert json.loads('1') == 1 and not isinstance(1, Thing)\n"
        ),
        test_wrong="def test_typo():\n    import nothing_of_that_name\n",
    )
    result = pytester.runpytest_inprocess(*PLUGINS, "-rs", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=2, failed=1, skipped=5)
    result.stdout.fnmatch_lines(["*needs not_there, which is not installed (extra dev)*"])


def test_only_what_may_be_missing_may_be_imported_optionally() -> None:
    with pytest.raises(ModuleNotFoundError, match="nothing_of_that_name"), optional_imports():
        exec("import nothing_of_that_name", globals())


def test_imports_of_others_are_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIONAL, "not_there", "dev")
    inner: dict[str, object] = {"__name__": "another"}
    with optional_imports():
        exec("try:\n    import not_there\nexcept ImportError:\n    found = False", inner)
    assert inner["found"] is False
    with pytest.raises(ImportError):
        exec("import not_there")


OURS = {
    "benchmarks",
    "docs",
    "restli_command",
    "restli_core",
    "restli_hypothesis",
    "restli_pytest",
    "restli_transports",
    "tests",
}
OTHERS = {"_pytest", "hypothesis", "pytest", "distributed"}  # the last is an example's, whose tests look for it


def imported(path: Path) -> set[str]:
    """Return the top-level modules that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            found.add(node.module.partition(".")[0])
    return found


def test_each_library_that_tests_import_is_known_to_be_optional() -> None:
    examples = {path.stem for path in (ROOT / "examples").rglob("*.py")}
    for folder in ("tests", "docs", "benchmarks", "examples"):
        for path in (ROOT / folder).rglob("*.py"):
            unknown = imported(path) - sys.stdlib_module_names - OURS - OTHERS - set(OPTIONAL) - examples
            assert not unknown, f"{path} imports {', '.join(sorted(unknown))}"


PAIR = """
import socket as sockets

def {name}():
    with sockets.socket() as listener, sockets.socket() as one:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        one.connect(listener.getsockname())
        other, _ = listener.accept()
        other.close()
"""


@pytest.mark.parametrize(
    ("name", "where", "is_refused"),
    [
        ("socketpair", socket.__file__, False),
        ("_fallback_socketpair", socket.__file__, False),  # from Python 3.12 on
        ("another", socket.__file__, True),
        ("socketpair", __file__, True),
    ],
)
def test_the_pair_of_each_event_loop_is_no_socket_that_a_test_opens(name: str, where: str, is_refused: bool) -> None:
    made: dict[str, Any] = {}
    exec(compile(PAIR.format(name=name), where, "exec"), made)  # as on Windows, which has no pairs of its own
    with pytest.raises(pytest.fail.Exception, match="opens a socket") if is_refused else nullcontext():
        made[name]()
