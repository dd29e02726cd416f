"""The base of all errors, and the two that any module may raise: for a wrong argument and for a wrong text.

`restli_core.errors` draws the whole tree of errors. These three stand apart from it because `restli_core.messages`
raises them, and the other errors hold messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["DecodeError", "InvalidCallError", "RestliError", "RestliWarning"]


class RestliError(Exception):
    """The base of every error that this package raises."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call `type(self)(*self.args)`, but `args` is the message alone, whatever the arguments were.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[RestliError], args: tuple[object, ...], state: Mapping[str, object]) -> RestliError:
    """Return an error made without its `__init__`, for pickle and copy."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InvalidCallError(RestliError, ValueError):
    """The call cannot be expressed in Rest.li; nothing was sent.

    Attributes:
        argument: the argument at fault, with the place inside it: ``query_params['search']['status'][2]``.
        reason: what is wrong with it.
    """

    argument: str
    reason: str

    def __init__(self, argument: str, reason: str) -> None:
        super().__init__(f"{argument}: {reason}")
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
        super().__init__(f"{reason}, at position {position} of {shown}")
        self.text = text
        self.position = position
        self.reason = reason


class RestliWarning(UserWarning):
    """The base of every warning that this project gives: something is probably not as it was meant."""
