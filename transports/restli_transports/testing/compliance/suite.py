"""`Suite`: where the tests of all subjects get their transport from.

A subject is a module with a class for each suite that it has tests for: `GivenRequests`, `ExactRequests`, ... The
suites in the package's `__init__` are composed of them.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
import pytest

from restli_transports.testing.compliance.senders import Sender, sending
from restli_transports.testing.compliance.surroundings import authority, plain_environment, trust

if TYPE_CHECKING:
    from restli_transports.transport import AsyncTransport, Transport

__all__ = ["AsyncSuite", "Suite"]


class Suite:
    """The base of all suites: makes and opens transports, in an environment without surprises."""

    backend: ClassVar[str] = "asyncio"
    """The event loop that an asynchronous transport runs in: ``asyncio`` or ``trio``."""

    def transport(self, **options: Any) -> Transport | AsyncTransport:
        """Return a new transport; a class of tests must have this.

        Args:
            options: ``max_body``: the most bytes that the body of an answer may have, decoded; None for no limit.
        """
        raise NotImplementedError

    def release(self, transport: Any) -> Any:
        """Close what the transport was given, after its own closing; to be awaited, if it is asynchronous."""

    @contextlib.contextmanager
    def opened(self, **options: Any) -> Generator[Sender]:
        """Return a transport as one that blocks, closed in the end."""
        transport = self.transport(**options)
        with sending(transport, backend=self.backend, release=self.release) as sender:
            yield sender

    @pytest.fixture(autouse=True)
    def _plain_environment(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        plain_environment(monkeypatch, tmp_path)

    @pytest.fixture
    def trusted(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Let the environment trust the authority of the servers here."""
        trust(authority(), monkeypatch, tmp_path)


class AsyncSuite(Suite):
    """The base of suites for asynchronous transports, which run in the test's own event loop."""

    def run(self, function: Callable[[Any], Awaitable[Any]]) -> None:
        """Run a function of a transport in an event loop of its own; what is left open then is an error."""

        async def main() -> None:
            transport: Any = self.transport()
            try:
                await function(transport)
            finally:
                close = getattr(transport, "close", None)
                if close is not None:
                    await close()

        anyio.run(main, backend=self.backend)
        # What was left open warns when it is collected, and a warning fails the test.
        gc.collect()
