"""A copy of the process that tries inputs first, so that what it meets does not happen here.

An exception ends a function that hangs in Python code. One that hangs in C cannot be ended, and mostly does worse: a
regular expression that backtracks for ever holds the interpreter, so that no other thread of the process runs again,
and a recursion in C takes the whole process down. The copy is a process that can be killed:

    it comes to an end           the input is tried here as well, by the guard
    it is busy beyond the limit  the copy is killed, and the input not tried here
    it waits beyond the limit    likewise killed; but what waits holds nothing, so the input is tried here by the guard
                                 (the copy has no threads, and whoever needs one of them would wait in vain there)
    it dies                      the input is not tried here

Of many inputs at once the copy tries as many as it can in the time of one, and ends between two calls: who asks another
process, over pipes that both copies have, would find the answer of a call that was ended amid it.

A copy is made by fork, so that lambdas and all that they know are in it: on Linux, and nowhere else.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, TypeAlias

from restli_transports.testing.codec_check.watch import Ended, OverLimit

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["Beat", "Crashed", "Scout", "Work"]

CAN_COPY: Final = sys.platform == "linux"  # elsewhere its own libraries or the clocks of other processes are in doubt
MAX_SENT: Final = 32 * 1024  # bytes that a pipe surely takes at once; what is larger, a new copy has from the start
MAX_WAITS: Final = 2  # after so many, copies are no use: they lack what the functions wait for
BUSY: Final = 0.02  # seconds of the processor that a copy has used for a call, if it does not only wait
PATIENCE: Final = 1.0  # seconds in which a copy that is busy surely gets so much, however many others want it


OWN_TIME: Final = 60.0  # seconds for what is done with the result of a call, which the function does not answer for


class Beat(Protocol):
    """Tells that a call of a function begins, or has ended."""

    def __call__(self, *, begins: bool = False) -> None: ...


Work: TypeAlias = "Callable[[Any, Beat], None]"


class Crashed(Ended):
    """A call ended the process that it was made in."""


class Scout:
    """Does work in a copy of the process before it is done here.

    Args:
        work: does what a message says, and calls its second argument when a call of a function begins and when it has
            ended; the first call begins with the message.
        limit: how long one call may take, in seconds.
    """

    def __init__(self, work: Work, limit: float) -> None:
        self._work = work
        self._limit = limit
        self._waits = 0
        self._copy: _Copy | None = None

    def survives(self, message: Any) -> bool:
        """Return whether the copy does all of some work within the limit of a single call."""
        copy = self._send(message, quiet=True)
        # A call that begins within the limit has it for itself.
        if copy is None or self._heard_end(copy, self._limit * 2):
            return True
        self._end(copy)
        return False

    def go_ahead(self, message: Any) -> None:
        """Return where the work may be done here.

        Raises:
            OverLimit: the copy was busy with one call beyond the limit.
            Crashed: a call ended the copy.
        """
        copy = self._send(message, quiet=False)
        while copy is not None:
            if not copy.answers.poll(self._limit if copy.is_calling else max(self._limit, OWN_TIME)):
                was_busy = self._is_busy(copy)
                self._end(copy)
                if was_busy:
                    raise OverLimit(f"no result after {self._limit:g} s")
                self._waits += 1
                return
            if self._heard_end(copy, self._limit):
                return
            if copy.is_dead:
                raise Crashed(f"it ended the process, with {self._end(copy)}")

    def close(self) -> None:
        """End the copy."""
        if self._copy is not None:
            self._end(self._copy)

    def _heard_end(self, copy: _Copy, seconds: float) -> bool:
        """Return whether the copy says, within some time, that it has done all; it may say what a call does."""
        if copy.answers.poll(seconds):
            try:
                copy.used, copy.is_calling, is_end = pickle.loads(copy.answers.recv_bytes())  # noqa: S301 - it is our own
            except (EOFError, OSError):
                copy.is_dead = True
            else:
                return bool(is_end)
        return False

    def _is_busy(self, copy: _Copy) -> bool:
        """Return whether a copy that is over the limit computes, or comes to an end late, and does not only wait."""
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            if copy.answers.poll(PATIENCE / 50) or copy.seconds() - copy.used >= BUSY:
                return True
        return False

    def _send(self, message: Any, *, quiet: bool) -> _Copy | None:
        """Give work to a copy: to the one there is, or to a new one; return None where there can be none."""
        if not CAN_COPY or self._waits == MAX_WAITS:
            return None
        sent: bytes | None = None
        with suppress(Exception):  # whatever a value that cannot be pickled raises; a deep one a RecursionError
            sent = pickle.dumps((message, quiet))
        try:
            if sent is None or len(sent) > MAX_SENT:
                self.close()
                return self._start((message, quiet))
            copy = self._copy or self._start(None)
            with suppress(BrokenPipeError):  # it is dead, and so its answers end
                copy.calls.send_bytes(sent)
        except OSError:  # there is no process or pipe left to be had
            self.close()
            return None
        return copy

    def _start(self, first: tuple[Any, bool] | None) -> _Copy:
        from multiprocessing.connection import Pipe

        calls_end, calls = Pipe(duplex=False)
        answers, answers_end = Pipe(duplex=False)
        process = os.fork()
        if process == 0:
            calls.close()  # so that it sees the end, should this process die
            self._be_the_copy(first, calls_end, answers_end)
        calls_end.close()
        answers_end.close()
        self._copy = _Copy(process, calls, answers)
        return self._copy

    def _be_the_copy(self, first: tuple[Any, bool] | None, calls: Connection, answers: Connection) -> NoReturn:
        """Do what comes, until nothing comes any more."""

        def say(*, begins: bool = False, is_end: bool = False) -> None:
            answers.send_bytes(pickle.dumps((time.process_time(), begins, is_end)))

        def beat(*, begins: bool = False) -> None:
            if not quiet:
                say(begins=begins)
            elif not begins and time.monotonic() > due:
                os._exit(0)

        try:
            faulthandler.disable()  # what ends the copy stands in the report
            nowhere = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):  # what a function prints, it prints here again
                os.dup2(nowhere, descriptor)
            sys.stdout = sys.stderr = os.fdopen(nowhere, "w")
            while True:
                message, quiet = first or pickle.loads(calls.recv_bytes())  # noqa: S301 - it is our own
                first, due = None, time.monotonic() + self._limit
                beat(begins=True)  # from here on its time counts
                with suppress(BaseException):  # what comes of it is seen when it is done here
                    self._work(message, beat)
                say(is_end=True)
        finally:
            os._exit(0)

    def _end(self, copy: _Copy) -> str:
        """End a copy; return how it ended."""
        self._copy = None
        with suppress(ProcessLookupError):
            os.kill(copy.process, signal.SIGKILL)
        copy.calls.close()
        copy.answers.close()
        try:
            _, status = os.waitpid(copy.process, 0)
        except ChildProcessError:  # somebody else has waited for it
            return "nobody knows what"
        code = os.waitstatus_to_exitcode(status)
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


class _Copy:
    """A copy that runs.

    Args:
        process: its id.
        calls: where calls are sent to it.
        answers: where its answers come from; each is how long it has been busy in all, in seconds.
    """

    def __init__(self, process: int, calls: Connection, answers: Connection) -> None:
        self.process = process
        self.calls = calls
        self.answers = answers
        self.used = 0.0
        self.is_calling = True
        self.is_dead = False

    def seconds(self) -> float:
        """Return for how long it has used the processor in all."""
        return time.clock_gettime(~self.process << 3 | 2)  # as clock_getcpuclockid(3) makes the clock of a process
