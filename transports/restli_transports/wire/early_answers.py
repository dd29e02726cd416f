"""Answers that come while their request is still being sent, such as a 413 or a 401 before a large body.

A server that refuses a request need not read the rest of it (RFC 9112 section 9.3): it may close, and then what is sent
meets a reset, or just read no more, and then sending never ends. So a connection is watched while a large body is
sent. What comes is kept for the reader of the answer, and

    an interim answer (1xx)     sending goes on
    success (2xx)               sending goes on: the server may well read the rest
    anything else, or the end   sending ends; the connection is not used again after the answer
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from restli_core.patterns import lazy_pattern

if TYPE_CHECKING:
    import socket

    from restli_transports.wire.second_handle import SecondHandle

__all__ = ["EarlyAnswer", "send_watching"]

_CHUNK_SIZE: Final = 65536
_MAX_KEPT: Final = 1 << 20  # bytes that are read ahead; the rest waits for the reader
_INTERIM: Final = lazy_pattern(rb"HTTP/1\.[0-9] 1[0-9][0-9](?: [^\n]*)?\r?\n(?:[^\r\n][^\n]*\n)*\r?\n")
_STATUS: Final = lazy_pattern(rb"HTTP/1\.[0-9] ([12])")
_STATUS_SIZE: Final = len(b"HTTP/1.1 2")


class EarlyAnswer:
    """What has come of an answer while its request was being sent.

    Attributes:
        data: the bytes that have come, for the reader of the answer.
        has_ended: whether the stream has ended after them.
        is_cut: whether sending was ended, so that the connection cannot carry another request.
        is_awaited: whether a library is sending a body now whose connection is to be watched.
        handle: a second handle of the connection, where an event loop may close the first with all that has come.
    """

    data: bytearray
    has_ended: bool
    is_cut: bool
    is_awaited: bool
    handle: SecondHandle | None = None

    def __init__(self) -> None:
        self.data = bytearray()
        self.has_ended = self.is_cut = self.is_awaited = False
        self._interim = 0  # bytes of interim answers, which stand first

    def feed(self, data: bytes) -> None:
        """Take what has come, empty at the end of the stream."""
        self.data += data
        self.has_ended = self.has_ended or not data

    def close(self) -> None:
        """Close the second handle: the exchange is over."""
        if self.handle is not None:
            self.handle.close()
            self.handle = None

    @property
    def is_full(self) -> bool:
        """True where nothing more is to be read ahead."""
        return self.has_ended or len(self.data) >= _MAX_KEPT

    @property
    def ends_sending(self) -> bool:
        """True once a final answer has begun that is not a success, or nothing more will come."""
        while (interim := _INTERIM.match(self.data, self._interim)) is not None:
            self._interim = interim.end()
        if self.has_ended:
            return True
        if len(self.data) - self._interim < _STATUS_SIZE:
            return False
        # What is not HTTP is for the reader to refuse.
        return _STATUS.match(self.data, self._interim) is None

    def take(self, size: int) -> bytes:
        """Return so many of the bytes that have come, or all of them, and forget these; the reader takes them first."""
        taken = bytes(self.data[:size])
        del self.data[:size]
        return taken


def send_watching(
    sock: socket.socket, data: bytes | memoryview, seconds_left: Callable[[], float | None], early: EarlyAnswer
) -> bool:
    """Send bytes, unless an answer comes that ends this; return whether all were sent.

    Args:
        sock: a socket, with TLS or without; its timeout is changed.
        data: the bytes.
        seconds_left: returns how long the next wait may last; None for no limit.
        early: takes what comes meanwhile.

    Raises:
        TimeoutError: a wait lasted too long.
        OSError: the connection broke, and no answer had come.
    """
    left = memoryview(data)
    must_read = False  # TLS has to read before it can write
    while left:
        readable, writable = _wait(sock, seconds_left(), reading=must_read or not early.is_full, writing=not must_read)
        sock.settimeout(0)
        if readable:
            must_read = False
            _read_ahead(sock, early)
            if early.ends_sending:
                early.is_cut = True
                return False
        if writable:
            try:
                left = left[sock.send(left[:_CHUNK_SIZE]) :]
            except OSError as error:
                if _is_waiting(error):
                    must_read = type(error).__name__ == "SSLWantReadError"
                    continue
                # The server has closed; what it said before that can still be read.
                early.is_cut = True
                _read_ahead(sock, early)
                if not early.data:
                    raise
                return False
    return True


def _read_ahead(sock: socket.socket, early: EarlyAnswer) -> None:
    """Read what has come, without waiting."""
    while not early.is_full:
        try:
            early.feed(sock.recv(_CHUNK_SIZE))
        except OSError as error:
            if not _is_waiting(error):
                early.feed(b"")  # the reader will meet the same
            return


def _is_waiting(error: OSError) -> bool:
    """Return whether a socket that does not block would have to wait."""
    # By name: a program that never speaks TLS has not imported ssl.
    return isinstance(error, BlockingIOError) or type(error).__name__ in {"SSLWantReadError", "SSLWantWriteError"}


def _wait(sock: socket.socket, seconds: float | None, *, reading: bool, writing: bool) -> tuple[bool, bool]:
    """Wait until a socket can be read or written; return which.

    Raises:
        TimeoutError: the time has passed.
    """
    import select  # whoever has a socket has it, and the clients import this module for its value alone

    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, (select.POLLIN if reading else 0) | (select.POLLOUT if writing else 0))
        events = sum(event for _, event in poll.poll(None if seconds is None else seconds * 1000))
        # A connection that is broken is neither, and shows by reading or writing all the same.
        broken = events & ~(select.POLLIN | select.POLLOUT)
        readable = reading and bool(events & select.POLLIN or broken)
        writable = writing and bool(events & select.POLLOUT or broken)
    else:  # Windows, whose select takes sockets of any number
        found = select.select([sock] if reading else [], [sock] if writing else [], [], seconds)
        readable, writable = bool(found[0]), bool(found[1])
    if not readable and not writable:
        raise TimeoutError("nothing could be sent")
    return readable, writable
