"""What is skipped where a library or a system has less, and what is not skipped for that."""

from __future__ import annotations

import os
import sys

import pytest

from tests.support.libraries import OPTIONAL, what_is_missing

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
    "code", ["import nothing_of_that_name", "from h11 import nothing", "1 / 0", "import os; os.nothing"]
)
def test_any_other_fault_is_a_fault(code: str) -> None:
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
        test_wrong="def test_typo():\n    import nothing_of_that_name\n",
    )
    result = pytester.runpytest_inprocess(*PLUGINS, "-rs", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1, failed=1, skipped=2)
    result.stdout.fnmatch_lines(["*needs not_there, which is not installed (extra dev)*"])
