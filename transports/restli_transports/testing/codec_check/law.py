"""What a law is, what it is tried on, and how values are shown, copied and compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from restli_core.values import Value
from restli_transports.testing.codec_check.watch import Ended
from restli_transports.testing.vectors import load, untagged

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = [
    "GRAMMAR",
    "MAX_TOLD",
    "QUERY_GRAMMAR",
    "Input",
    "Law",
    "any_end",
    "cases",
    "end",
    "fresh",
    "plain",
    "show",
    "text_of",
]

GRAMMAR: Final = 'element = "(" [name ":" element ...] ")" / "List(" [element ...] ")" / "\'\'" / 1*char'
QUERY_GRAMMAR: Final = 'query = [name "=" element *("&" name "=" element)]'
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")  # which differs from run to run
MAX_SHOWN: Final = 200  # characters of a value
MAX_TOLD: Final = 500  # characters of what is wrong


class Input(Value):
    """An input of a law that is not drawn, but stands in a list.

    Attributes:
        value: what the law is tried on.
        shown: what stands for it in a report.
        source: where it comes from.
    """

    value: Any
    shown: str
    source: str


class Law(Value):
    """A law of a function.

    Attributes:
        function: the function's name among the arguments of `check_codec`.
        sentence: the law.
        inputs: a strategy, or a function that lists inputs.
        expect: an input's value -> what is expected of it, for a report.
        check: calls functions, the first of which is the law's own, on an input's value, of which each call is given a
            copy; returns what is wrong with the result, or None. What a function raises may pass through: it is wrong.
        source: the rule behind it, for inputs that are drawn.
        partner: the name of a second function that `check` is given; None for most laws.
    """

    function: str
    sentence: str
    inputs: SearchStrategy[Any] | Callable[[], Iterator[Input]]
    expect: Callable[[Any], str]
    check: Callable[..., str | None]
    source: str
    partner: str | None = None

    @property
    def called(self) -> tuple[str, ...]:
        """The names of the functions that `check` calls."""
        return (self.function,) if self.partner is None else (self.function, self.partner)


def show(value: object) -> str:
    """Return a value as Python writes it, in ASCII and on one line, cut to a decent length."""
    try:
        text = _ADDRESS.sub("", plain(ascii(value)))
    except RecursionError:
        return "a value that is nested too deep to show"
    except Exception as error:  # noqa: BLE001 - whatever a class of others raises in its repr
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text)} characters)"


def plain(text: str) -> str:
    """Return a text in ASCII and on one line, so that every terminal shows it."""
    return "".join([mark if " " <= mark <= "~" else ascii(mark)[1:-1] for mark in text])


def fresh(value: Any) -> Any:
    """Return a copy, so that a function which changes its argument changes nobody else's; not of what is deep."""
    try:
        return _copied(value)
    except RecursionError:
        return value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):  # of a decoder's own class, too
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def text_of(result: Any) -> str:
    """Return the text that a function gave.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(result, str):
        raise ValueError(f"it is {type(result).__name__}, and not text")  # noqa: TRY004 - a finding, as others are
    return str.__str__(result)  # of a subclass, too: the text that it is


def cases(name: str, member: str) -> Iterator[Input]:
    """List the cases of a file of vectors."""
    for index, case in enumerate(load(name)):
        yield Input(case, show(untagged(case["in"][member])), f"{name}.json, case {index}")


def end(function: Callable[[Any], Any], value: Any) -> str | None:
    """Check that a call ends: any result is right, and any error but those which the function does not raise itself."""
    try:
        function(fresh(value))
    except (Ended, RecursionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - an error is an end, too
        return None
    return None


def any_end(_value: Any) -> str:
    """Return what `end` expects."""
    return "a result, or an error of the function's own"
