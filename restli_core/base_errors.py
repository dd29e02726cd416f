"""The base of all errors, the two that any module may raise, for a wrong argument and for a wrong text, and warnings.

What an error says may come from anywhere: a server, a library, the caller's own data. So every error says it on one
line and in 2,000 characters at most, and shows by its escape what would move a terminal's cursor or hide a part.

`restli_core.errors` draws the whole tree of errors. These stand apart from it because `restli_core.messages` raises
some of them, and the other errors hold messages. (Why it has no ``from __future__ import annotations``: see
`restli_core.options`.)
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from restli_core.patterns import lazy_pattern

__all__ = [
    "Attempt",
    "DecodeError",
    "InvalidCallError",
    "RestliError",
    "RestliWarning",
    "SuspiciousValueWarning",
    "VersionSunsetWarning",
]

MAX_TEXT: Final = 2000  # characters of what an error says

_BLANKS: Final = lazy_pattern(r"[ \t\n\v\f\r]+")
# The spaces of other alphabets, which Python calls unprintable: they are harmless in a line.
_SPACES: Final = frozenset(
    "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)


def printable(text: str, limit: int = MAX_TEXT) -> str:
    """Return the text on one line, cut at its end, with an escape for each unprintable character.

    Unprintable are controls, line breaks of other alphabets, marks of the direction of writing, and lone surrogates.
    Line breaks and tabs of ASCII become spaces.

    Args:
        text: the text, without secrets: a part of one that is cut could not be found.
        limit: characters at most.
    """
    line = _BLANKS.sub(" ", text)
    if not line.isprintable():
        # What is cut anyway is not escaped: the text may be of any length.
        line = "".join(
            [
                one if one.isprintable() or one in _SPACES else one.encode("unicode_escape").decode()
                for one in line[: limit + 1]
            ]
        )
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shorten(text: str, limit: int) -> str:
    """Return the text, cut in its middle where it is longer than so many characters."""
    half = limit // 2
    return text if len(text) <= limit else f"{text[:half]}…{text[half + 1 - limit :]}"


class RestliError(Exception):
    """The base of every error that this package raises.

    Attributes:
        attempts: the tries of the call that failed in the end, one for each, this error the last; empty where it was
            not sent by a client that counts them.
    """

    attempts: "tuple[Attempt, ...]" = ()

    def __str__(self) -> str:
        return self._with_attempts(super().__str__())

    def _with_attempts(self, text: str) -> str:
        """Return what the error says, on one line, with the number of tries at its end where there were several."""
        if len(self.attempts) < 2:
            return printable(text)
        seconds = self._elapsed
        took = f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}"
        end = f"; after {len(self.attempts)} tries in {took} s"
        return printable(text, MAX_TEXT - len(end)) + end

    _elapsed: float = 0.0  # seconds of the whole call, tries and waits

    def note_attempts(self, attempts: "tuple[Attempt, ...]", seconds: float) -> None:
        """Note the tries of the call that ends with this error.

        Args:
            attempts: one for each try.
            seconds: how long all of them took, with the waits between them.
        """
        self.attempts = attempts
        self._elapsed = seconds

    def noted_attempts(self) -> "tuple[tuple[Attempt, ...], float]":
        """Return the tries of the call, and how many seconds all of them took, as `note_attempts` takes them."""
        return self.attempts, self._elapsed

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call `type(self)(*self.args)`, but `args` is the message alone, whatever the arguments were.
        return _rebuild, (type(self), self.args, self.__dict__)


class Attempt(NamedTuple):
    """One try of a call, and how it failed.

    Attributes:
        number: which one, from 1 on.
        error: how it failed, without the body of the answer and without a traceback.
        seconds: how long it took, without the waits before and after it.
    """

    number: int
    error: RestliError
    seconds: float


def _rebuild(kind: type[RestliError], args: tuple[object, ...], state: Mapping[str, object]) -> RestliError:
    """Return an error made without its `__init__`, for pickle and copy."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


MAX_ARGUMENT: Final = 300  # characters of what an error says of a place


class InvalidCallError(RestliError, ValueError):
    """The call cannot be expressed in Rest.li; nothing was sent.

    Attributes:
        argument: the argument at fault, with the place inside it: ``query_params['search']['status'][2]``.
        reason: what is wrong with it.
    """

    argument: str
    reason: str

    def __init__(self, argument: str, reason: str) -> None:
        super().__init__(printable(f"{shorten(argument, MAX_ARGUMENT)}: {reason}"))
        self.argument = argument
        self.reason = reason


class DecodeError(RestliError, ValueError):
    """The text is not in Rest.li's grammar.

    Attributes:
        text: the whole text that was to be decoded.
        position: the index in it (characters, from 0) where it goes wrong; its length where the text ends too soon.
        reason: what was expected.
    """

    text: str
    position: int
    reason: str

    def __init__(self, text: str, position: int, reason: str) -> None:
        start, end = max(0, position - 40), position + 40  # enough to recognise the place in a text of any length
        shown = f"{'…' * (start > 0)}{text[start:end]!r}{'…' * (end < len(text))}"
        super().__init__(printable(f"{shorten(reason, MAX_TEXT - 700)}, at position {position} of {shown}"))
        self.text = text
        self.position = position
        self.reason = reason


class RestliWarning(UserWarning):
    """The base of every warning of this package; its place is the line of the program that calls the package."""


class SuspiciousValueWarning(RestliWarning):
    """A value that is sent as it is, and is probably not what was meant; the text names it and says what to give."""


class VersionSunsetWarning(RestliWarning):
    """The version of LinkedIn's API that calls ask for ends soon; the text says when, and which one is the newest."""
