"""Target: a reader under test, its law, and the law of all readers about time.

The time is the processor's, and the input a large one: a piece of a small input, repeated. A reader that is linear in
its input takes a tenth of a second for it; one that is quadratic takes longer than `MAX_SECONDS`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple
from zlib import crc32

from restli_core import RestliError
from restli_core.server import Refusal

__all__ = ["DOCUMENTED", "MAX_SECONDS", "Target", "TooSlow", "attempt", "grown", "is_grown"]

DOCUMENTED = (RestliError, Refusal)
"""What a reader may raise. Which of them, the law of each target says."""

GROWN_SIZE = 100_000
MAX_SECONDS = 3.0
_ONE_IN = 64


class TooSlow(AssertionError):
    """A reader takes more time than its input is worth."""


class Target(NamedTuple):
    """A target.

    Attributes:
        law: what holds for any input, in a line.
        read: what is under test: it gives the input to the reader, and raises what that raises.
        check: holds an input to the law: an AssertionError, or any other exception, is a finding.
        words: what inputs are made of, for the fuzzer to put in.
        seeds: makes inputs to begin with.
    """

    law: str
    read: Callable[[bytes], object]
    check: Callable[[bytes], object]
    words: tuple[str, ...]
    seeds: Callable[[], Iterable[bytes]]


def attempt(target: Target, data: bytes) -> None:
    """Hold an input to the target's law, and some inputs to the law about time as well."""
    target.check(data)
    if is_grown(data):
        check_time(target, grown(data))


def check_time(target: Target, data: bytes) -> None:
    """Raise TooSlow where the reader takes too long over an input."""
    began = time.process_time()
    with suppress(*DOCUMENTED):
        target.read(data)
    seconds = time.process_time() - began
    if seconds > MAX_SECONDS:
        raise TooSlow(f"{seconds:.1f} s for {len(data)} bytes: {data[:200]!r}...")


def is_grown(data: bytes) -> bool:
    """Return whether the law about time is tried with this input: it costs as much as a hundred small ones."""
    return bool(data) and crc32(data) % _ONE_IN == 0


def grown(data: bytes) -> bytes:
    """Return the input with a piece of it repeated; which piece depends on the input alone."""
    source = random.Random(crc32(data) // _ONE_IN)
    start = source.randrange(len(data))
    piece = data[start : start + source.choice((1, 1, 2, 3, 5, 8, 20))]
    return data[:start] + piece * (GROWN_SIZE // len(piece)) + data[start + len(piece) :]
