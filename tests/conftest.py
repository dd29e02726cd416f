"""How the tests run: the sizes of what is deep, and what the marker `sockets` promises."""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.support import profiles

# It tries a socket for IPv6 when it is first imported, for which no test is to blame.
with suppress(ImportError):
    import_module("urllib3")

pytest.register_assert_rewrite("restli_transports.testing.compliance")

profiles.register()


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
        if _sockets_are_forbidden and event == self._event:
            # Not an Exception, which the code under test would take for the network's.
            pytest.fail("the test opens a socket: give it pytest.mark.sockets, so that the fast loop leaves it out")
        return False


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
