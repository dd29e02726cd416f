"""Links: connections with the conversations on them, how one is found for a request, and how an exchange goes over it.

All of this is written once, as coroutines over a `Stream`. A transport for asyncio awaits them; for one over blocking
sockets, whose streams never suspend, `at_once` runs them to their end.

A link is taken from those at rest, if one is left that the server has not closed meanwhile, or else opened. It goes
back to them only after a complete exchange that the server keeps alive; after anything else, a cancellation too, it is
closed.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from restli_core.messages import HttpResponse
    from restli_transports.h11.conversation import Conversation
    from restli_transports.wire.exchange import Exchange
    from restli_transports.wire.urls import Origin

__all__ = ["AT_ONCE", "Links", "Stream", "at_once"]

T = TypeVar("T")

AT_ONCE: Final = 65536
"""Bytes written or read in one step."""

_REST: Final = 60.0  # seconds; gateways forget a silent connection after minutes, some without telling


class Stream(Protocol):
    """The bytes of one connection. The methods raise TimeoutError after so many seconds; None for no limit."""

    async def send(self, data: bytes, seconds: float | None) -> None: ...

    async def receive(self, seconds: float | None) -> bytes:
        """What came, empty at the end."""
        ...

    def is_quiet(self) -> bool:
        """Whether nothing has come and the other end has not closed."""
        ...

    async def close(self) -> None:
        """Closes at once, whatever is under way; raises nothing."""
        ...


Connect = Callable[["Exchange"], Awaitable[Stream]]
"""Opens a connection for an exchange, TLS included, within what it has left for that."""


class Link:
    """A connection and the conversation on it.

    Args:
        address: what it leads to.
        stream: its bytes.
        conversation: its exchanges.
        failures: what the stream raises when it breaks.
        generation: of the pool, when it was opened.
    """

    rested: float
    """When it was laid to rest."""

    def __init__(
        self,
        address: Origin,
        stream: Stream,
        conversation: Conversation,
        failures: tuple[type[Exception], ...],
        generation: int,
    ) -> None:
        self.address = address
        self.stream = stream
        self.generation = generation
        self._conversation = conversation
        self._failures = failures
        self._broken = False

    @property
    def reusable(self) -> bool:
        """Whether it can carry another request, as far as its exchanges tell."""
        return self._conversation.reusable and not self._broken

    async def carry(self, exchange: Exchange) -> HttpResponse:
        """The answer to a request.

        Raises:
            InvalidCallError: the request cannot be said in HTTP/1.1.
            ProtocolError: the answer is no HTTP, or larger than the limits.
            Exception: what the stream raises.
        """
        data = self._conversation.send(exchange.request)
        exchange.note_sending()
        await self._write(data, exchange)
        return await self._read(exchange)

    async def _write(self, data: bytes, exchange: Exchange) -> None:
        try:
            for start in range(0, len(data), AT_ONCE):
                await self.stream.send(data[start : start + AT_ONCE], exchange.wait())
        except TimeoutError:
            raise
        except self._failures:
            # A server may answer and close before it has read everything (RFC 9112 section 9.6). Reading will tell.
            self._broken = True

    async def _read(self, exchange: Exchange) -> HttpResponse:
        response = None
        while response is None:
            response = self._conversation.receive(await self.stream.receive(exchange.wait()))
        return response


class Pool:
    """Links at rest. The one that was used last is taken first, so that those needed no more grow old.

    Args:
        kept: how many are kept for one address.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._resting: dict[Origin, deque[Link]] = {}
        self._generation = 0
        self._lock = threading.Lock()

    @property
    def generation(self) -> int:
        """Which links are taken: those of the generation that was last, when they were opened, no more after it."""
        return self._generation

    def take(self, address: Origin) -> Link | None:
        """A link to the address that rests no longer; None if there is none."""
        with self._lock:
            links = self._resting.get(address)
            return links.pop() if links else None

    def take_old(self) -> Link | None:
        """A link that has rested too long or is of an earlier generation, and rests no longer; None if there is none.

        One by one, so that none is lost where closing one is cut short.
        """
        since = time.monotonic() - _REST
        with self._lock:
            for links in self._resting.values():
                if links and (links[0].rested < since or links[0].generation < self._generation):
                    return links.popleft()
        return None

    def put(self, link: Link) -> bool:
        """Lays a link to rest; false if the pool does not take it."""
        with self._lock:
            links = self._resting.setdefault(link.address, deque())
            taken = link.generation == self._generation and len(links) < self._kept
            if taken:
                link.rested = time.monotonic()
                links.append(link)
        return taken

    def retire(self) -> None:
        """Makes all links old, those at work too."""
        with self._lock:
            self._generation += 1


class Links:
    """The links of a transport, at rest and at work.

    Args:
        connect: opens a stream.
        converse: makes the conversation for it.
        failures: what `connect` and the streams raise.
        kept: how many links rest for one address.
    """

    def __init__(
        self,
        connect: Connect,
        converse: Callable[[], Conversation],
        failures: tuple[type[Exception], ...],
        kept: int,
    ) -> None:
        self._connect = connect
        self._converse = converse
        self._failures = failures
        self._pool = Pool(kept)

    async def carry(self, exchange: Exchange) -> HttpResponse:
        """The answer to a request; raises what `Transport.send` does."""
        try:
            return await self._carried(exchange)
        except self._failures as error:
            raise exchange.error(error) from error

    async def _carried(self, exchange: Exchange) -> HttpResponse:
        link = await self._resting(exchange.url.origin) or await self._opened(exchange)
        try:
            response = await link.carry(exchange)
        except BaseException:
            await link.stream.close()
            raise
        if not (link.reusable and self._pool.put(link)):
            await link.stream.close()
        return response

    async def close(self) -> None:
        """Closes the links at rest, and those at work when their exchange is over."""
        self._pool.retire()
        await self._drop_old()

    async def _drop_old(self) -> None:
        while (link := self._pool.take_old()) is not None:
            await link.stream.close()

    async def _resting(self, address: Origin) -> Link | None:
        await self._drop_old()
        while (link := self._pool.take(address)) is not None:
            if link.stream.is_quiet():
                return link
            await link.stream.close()
        return None

    async def _opened(self, exchange: Exchange) -> Link:
        generation = self._pool.generation
        with exchange.opening():
            stream = await self._connect(exchange)
        return Link(exchange.url.origin, stream, self._converse(), self._failures, generation)


def at_once(steps: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never suspends, which is so over streams that block."""
    try:
        steps.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    steps.close()
    raise RuntimeError("the coroutine suspended")
