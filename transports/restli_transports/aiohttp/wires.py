"""Wire: the bytes of one exchange on a connection of asyncio's, in the place of the protocol that made it.

    its owner's     idle; the library has it
    attached        this reads and writes
    detached        its owner's again, after a complete exchange or at its end

A connection belongs to one exchange at a time, and the owner sees nothing of that but the end of the connection. What
comes is kept for the reader. What is large is sent in pieces, while the connection is watched for an answer that ends
the sending (`restli_transports.wire.early_answers`).
"""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from restli_transports.wire.forks import plain_socket
from restli_transports.wire.second_handle import open_second

if TYPE_CHECKING:
    import socket

    from restli_transports.wire import Exchange

__all__ = ["Bound", "Wire"]

_CHUNK_SIZE: Final = 65536


class Bound:
    """The limit on what an exchange waits for: within it waits end when its deadline says so.

    A call waits several times, and each wait would have a timer of its own. So there is one, which goes off where the
    first of them may end, and looks then whether there is still time.

    Args:
        exchange: whose deadline holds.
        timeout: asyncio's, entered around the whole exchange, which nobody else sets.
    """

    def __init__(self, exchange: Exchange, timeout: asyncio.Timeout) -> None:
        self._exchange = exchange
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._due = math.inf  # of the loop's clock
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Let the total alone hold, until the exchange knows what it waits for.

        Raises:
            TimeoutError: no time is left.
        """
        self._end_after(self._exchange.deadline.left("total"))
        limits = self._exchange.deadline.timeout
        first = min(limits.connect or math.inf, limits.read or math.inf) + self._loop.time()
        self._look_by(min(first, self._due))

    def check(self) -> None:
        """Raise an error where the time is over, without a wait.

        Raises:
            TimeoutError: it is.
        """
        self._exchange.seconds_left()

    def restart(self) -> None:
        """Let the limit of the exchange's phase run anew, for the next wait.

        Raises:
            TimeoutError: no time is left.
        """
        self._end_after(self._exchange.seconds_left())
        self._look_by(self._due)

    def end(self) -> None:
        """Limit nothing any more: the exchange is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_after(self, seconds: float | None) -> None:
        self._due = math.inf if seconds is None else self._loop.time() + seconds

    def _look_by(self, moment: float) -> None:
        """Look no later than at this moment."""
        if moment < (math.inf if self._timer is None else self._timer.when()):
            self.end()
            self._timer = self._loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._due <= self._loop.time():
            self._timeout.reschedule(self._due)  # which is now
        else:
            self._look_by(self._due)


class Wire(asyncio.Protocol):
    """The bytes of one exchange.

    Args:
        transport: asyncio's, of a connection that is open and carries nothing.
        owner: the protocol that has it; it has it again after `detach`.
        exchange: whose `early` takes what comes.
        bound: the limit on its waits.
    """

    def __init__(
        self, transport: asyncio.Transport, owner: asyncio.BaseProtocol, exchange: Exchange, bound: Bound
    ) -> None:
        self._transport = transport
        self._owner = owner
        self._early = exchange.early
        self._bound = bound
        self._tls: Any = transport.get_extra_info("ssl_object")
        self._handle: socket.socket | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._failure: Exception | None = None
        self._is_paused = self._must_wait = False
        transport.set_protocol(self)

    async def send(self, data: bytes) -> bool:
        """Send bytes, unless an answer comes that ends this; return whether all were sent.

        Raises:
            TimeoutError: a wait lasted too long.
        """
        if len(data) <= _CHUNK_SIZE:  # as much as the system takes at once
            self._transport.write(data)
            return True
        plain = plain_socket(self._transport.get_extra_info("socket"))
        self._handle = None if plain is None else open_second(plain)
        for start in range(0, len(data), _CHUNK_SIZE):
            await asyncio.sleep(0)  # what has come is read before something is sent that may fail
            while self._must_wait and not self._early.ends_sending:
                await self._wait()
            if self._early.ends_sending:
                return False
            self._transport.write(data[start : start + _CHUNK_SIZE])
        return True

    async def receive(self) -> bytes:
        """Return what came, empty at the end.

        Raises:
            TimeoutError: it lasted too long.
            OSError: the connection broke.
        """
        while not self._early.data:
            failure, self._failure = self._failure, None
            if failure is not None:
                try:
                    raise failure
                finally:
                    del failure  # it knows this frame, which would be there until the garbage collector came
            if self._early.has_ended:
                return b""
            await self._wait()
        self._bound.check()  # what comes without a pause may come without an end
        data = self._early.take(len(self._early.data))
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        return data

    async def hears_the_end(self) -> bool:
        """Return whether nothing more comes, of what has come already; before anything is sent."""
        for _ in range(2):  # the event loop reads it in the second round
            await asyncio.sleep(0)
        return self._early.has_ended and not self._early.data

    @property
    def is_quiet(self) -> bool:
        """True while the connection is open, all was sent that was to be sent, and nothing more has come."""
        is_open = not (self._early.has_ended or self._transport.is_closing())
        return is_open and not self._early.data and not self._transport.get_write_buffer_size()

    def detach(self) -> None:
        """Give the connection back to its owner."""
        self._close_handle()
        if not self._early.has_ended:
            self._transport.set_protocol(self._owner)

    def abort(self) -> None:
        """Close the connection at once, whatever is under way."""
        self._transport.abort()
        self.detach()

    # What asyncio calls

    def data_received(self, data: bytes) -> None:
        self._early.feed(data)
        if self._early.is_full and not self._is_paused:  # the other end has to wait
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._end(None)  # and asyncio closes, since this returns nothing

    def connection_lost(self, exc: Exception | None) -> None:
        self._read_rest()
        self._end(exc)
        self._close_handle()
        self._owner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._must_wait = True

    def resume_writing(self) -> None:
        self._must_wait = False
        self._wake()

    # And what that means

    def _end(self, error: Exception | None) -> None:
        if not self._early.has_ended:
            self._early.feed(b"")
            self._failure = error
            if error is None and not _said_farewell(self._tls):
                self._failure = ConnectionAbortedError("TLS ends without saying so")
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        """Wait until something has happened."""
        self._bound.restart()
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _read_rest(self) -> None:
        """Read what had come before the connection broke: asyncio has not, once something could not be sent."""
        if self._handle is None:
            return
        with suppress(OSError, ValueError):  # nothing more has come, or that is all; TLS cannot read it
            while data := self._handle.recv(_CHUNK_SIZE):
                if found := data if self._tls is None else self._decrypted(data):
                    self._early.feed(found)

    def _decrypted(self, data: bytes) -> bytes:
        """Return what TLS makes of bytes; nothing, where the event loop does not show what its TLS reads from."""
        # There is no public way to it.
        incoming = getattr(getattr(self._transport, "_ssl_protocol", None), "_incoming", None)
        found = bytearray()
        if incoming is not None:
            incoming.write(data)
            with suppress(OSError):  # an SSLError: that is all
                while piece := self._tls.read(_CHUNK_SIZE):
                    found += piece
        return bytes(found)

    def _close_handle(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


def _said_farewell(tls: Any) -> bool:
    """Return whether a stream that has ended was ended by the other end, and not by somebody on the way."""
    if tls is None:
        return True
    try:
        return not tls.read(1)
    except OSError as error:  # an SSLError, of a module that whoever speaks TLS has imported
        return type(error).__name__ == "SSLZeroReturnError"
