"""The suites hold together: composed of all subjects, over any transport, in an environment without surprises."""

from __future__ import annotations

import os
import pkgutil
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from restli_core.messages import HttpRequest
from restli_transports.testing import compliance
from restli_transports.testing.compliance import (
    AsyncTransportCompliance,
    ExactCompliance,
    GivenCompliance,
    TransportCompliance,
)
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.compliance.suite import AsyncSuite, Suite
from restli_transports.testing.compliance.surroundings import authority
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport

SUITES = (GivenCompliance, ExactCompliance, TransportCompliance, AsyncTransportCompliance)
MODULES = [
    import_module(f"{compliance.__name__}.{module.name}") for module in pkgutil.iter_modules(compliance.__path__)
]


def list_tests(suite: type[Any]) -> set[str]:
    """Return the names of the tests of a suite."""
    return {name for name in dir(suite) if name.startswith("test_")}


def test_each_suite_has_the_list_tests_the_one_before_and_more() -> None:
    for before, after in pairwise(SUITES):
        assert list_tests(before) < list_tests(after)
        assert issubclass(after, before)


def test_no_subject_is_left_out_and_no_test_stands_twice() -> None:
    subjects = {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Suite) and value not in {Suite, AsyncSuite}
    }
    assert subjects <= set(AsyncTransportCompliance.__mro__)
    names = [name for subject in subjects for name in vars(subject) if name.startswith("test_")]
    assert len(names) == len(set(names))
    assert set(names) == list_tests(AsyncTransportCompliance)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_pytest_explains_what_fails_in_each_module(module: Any) -> None:
    # What tests/conftest.py registers for the package goes for its modules.
    assert "@pytest_ar" in vars(module)


def test_a_suite_needs_a_transport() -> None:
    with pytest.raises(NotImplementedError), GivenCompliance().opened():
        pass


def test_a_promise_is_taken_back_by_name() -> None:
    class Taken(GivenCompliance):
        test_ipv6 = None  # type: ignore[assignment]

    assert Taken().test_ipv6 is None
    assert list_tests(Taken) == list_tests(GivenCompliance)


def test_a_transport_gets_the_options_and_is_closed_and_released() -> None:
    class Over(Suite):
        made: Any = None
        released = False

        def transport(self, **options: Any) -> Any:
            assert options == {"max_body": 5}
            self.made = FakeTransport()
            return self.made

        def release(self, transport: Any) -> None:
            self.released = transport.closed

    suite = Over()
    with suite.opened(max_body=5) as sender:
        assert sender.send(HttpRequest("GET", "http://h/me"), timeout=QUICK).status_code == 400
    assert suite.made.closed
    assert suite.released


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_runs_in_a_loop_of_its_own_is_closed_there(backend: str) -> None:
    made = FakeAsyncTransport()
    over: Any = type("Over", (AsyncSuite,), {"backend": backend, "transport": lambda _: made})()

    async def main(transport: FakeAsyncTransport) -> None:
        assert transport is made
        await transport.send(HttpRequest("GET", "http://h/me"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        over.run(main)
    assert (made.closed, len(made.requests)) == (True, 1)


class TestItsFixtures(Suite):
    """As any class of tests over a suite has them."""

    def test_nobody_is_trusted(self, tmp_path: Path) -> None:
        assert os.environ["HOME"] == str(tmp_path)
        assert Path(os.environ["SSL_CERT_FILE"]).read_bytes() != authority().cert_pem.bytes()

    @pytest.mark.usefixtures("trusted")
    def test_the_servers_are_trusted(self) -> None:
        assert Path(os.environ["SSL_CERT_FILE"]).read_bytes() == authority().cert_pem.bytes()
