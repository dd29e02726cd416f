"""How the tests run: the sizes of what is deep, and what the marker `sockets` promises."""

from __future__ import annotations

import gc
import inspect
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.support import profiles
from tests.support.libraries import what_is_missing

# It tries a socket for IPv6 when it is first imported, for which no test is to blame.
with suppress(ImportError):
    import_module("urllib3")

pytest.register_assert_rewrite("restli_transports.testing.compliance")

profiles.register()

# A shell that runs the tests in the background has them ignore interrupts, and what they start would do so, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from a million objects that live to the end, which it would look through often."""
    gc.disable()
    try:
        return (yield)
    finally:
        if hasattr(gc, "freeze"):  # not in PyPy
            gc.freeze()
        gc.enable()


@pytest.fixture(params=[2000, pytest.param(100_000, marks=pytest.mark.deep)])
def depth(request: pytest.FixtureRequest) -> int:
    """Levels of nesting: more than Python's recursion limit for the fast loop, and a hundred times that limit."""
    levels: int = request.param
    return levels


@pytest.fixture(params=[1000, pytest.param(100_000, marks=pytest.mark.deep)])
def many(request: pytest.FixtureRequest) -> int:
    """A number of items: some for the fast loop, and so many that anything quadratic would take hours."""
    items: int = request.param
    return items


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out a module all of whose tests open sockets without importing it, where no such test is to run.

    The suite for transports alone would cost the fast loop more to collect than the laws cost to try.
    """
    if collection_path.suffix != ".py" or "not sockets" not in config.option.markexpr:
        return None
    is_left_out = "\npytestmark = pytest.mark.sockets\n" in collection_path.read_text(encoding="utf-8")
    return True if is_left_out else None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, object]:
    """Skip a module that imports a library which is not installed."""
    report = yield
    call: pytest.CallInfo[object] | None = report.__dict__.get("call")
    if report.failed and call is not None and call.excinfo is not None:
        reason = what_is_missing(call.excinfo.value)
        if reason is not None:
            report.outcome = "skipped"
            report.longrepr = (str(collector.path), 0, f"Skipped: {reason}")
            del report.__dict__["call"]  # or pytest would still see the error
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Share the tests out as they are done, where pytest-xdist is there and is to run more than one at a time.

    The option itself cannot stand in pyproject.toml, since pytest alone does not know it.
    """
    if config.getoption("numprocesses", None) and config.getoption("dist") == "no":
        config.option.dist = "worksteal"


_sockets_are_forbidden = False


class _Refused:
    """A key of a dict that looks like the name of an event: whoever looks for that name meets it, and is refused.

    Args:
        event: the name of an event that Python tells of.
    """

    def __init__(self, event: str) -> None:
        self._event = event

    def __hash__(self) -> int:
        return hash(self._event)

    def __eq__(self, event: object) -> bool:
        if _sockets_are_forbidden and event == self._event and not _makes_a_pair(inspect.currentframe()):
            # Not an Exception, which the code under test would take for the network's.
            pytest.fail("the test opens a socket: give it pytest.mark.sockets, so that the fast loop leaves it out")
        return False


def _makes_a_pair(hook: FrameType | None) -> bool:
    """Return whether it is socketpair() that opens a socket, as Python does where the system makes no pairs."""
    opening = None if hook is None else hook.f_back
    if opening is None:
        return False
    code = opening.f_code
    return code.co_filename == socket.__file__ and code.co_name in {"socketpair", "_fallback_socketpair"}


# Python itself calls the hook, however the socket is opened; socketpair(), which every event loop needs, is neither.
# For all other events it runs nothing but C. At a function of Python's another thread may have its turn: and while one
# thread gets a tracer, which is an event, CPython 3.11 has none for another that begins under coverage, and ends that.
_look_up: Any = {_Refused("socket.bind"): None, _Refused("socket.connect"): None}.get
sys.addaudithook(_look_up)


@contextmanager
def _sockets_only_if_marked(item: pytest.Item) -> Generator[None]:
    global _sockets_are_forbidden  # noqa: PLW0603 - a hook for audits cannot be removed
    _sockets_are_forbidden = item.get_closest_marker("sockets") is None
    try:
        yield
    finally:
        _sockets_are_forbidden = False


# Setup and call, but not teardown: an unmarked test may be the last of a module whose server is stopped then.
@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with _sockets_only_if_marked(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with _sockets_only_if_marked(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Skip a test that comes to a library which is not installed."""
    report = yield
    reason = what_is_missing(call.excinfo.value) if report.failed and call.excinfo is not None else None
    if reason is not None:
        report.outcome = "skipped"
        report.longrepr = (str(report.location[0]), report.location[1] or 0, f"Skipped: {reason}")
    return report
