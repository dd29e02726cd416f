"""Signatures: what decorators say of the functions that they make, without `inspect` while they make them.

To import `inspect` takes as long as to import a third of this package, and only people and editors ask for signatures.
So a signature is made when somebody asks: `inspect.signature` follows ``__wrapped__``, and what stands there has it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Signature

__all__ = ["clean_doc", "describe", "is_awaitable", "is_coroutine_function"]

# Of `inspect`: CO_COROUTINE and CO_ITERABLE_COROUTINE.
_COROUTINE: Final = 0x80
_ITERABLE_COROUTINE: Final = 0x100


class _Described:
    """What a function has as ``__wrapped__``: the function that it is made of, and the signature of its own."""

    __slots__ = ("__wrapped__", "_make")

    def __init__(self, wrapped: object, make: Callable[[], Signature]) -> None:
        self.__wrapped__ = wrapped  # which `typing.get_type_hints` looks for, to read annotations in its module
        self._make = make

    @property
    def __signature__(self) -> Signature:
        return self._make()


def describe(function: Callable[..., Any], wrapped: object, make: Callable[[], Signature]) -> None:
    """Give a function a signature of its own, for `help` and `inspect`.

    Args:
        function: the function.
        wrapped: the function that it is made of.
        make: makes the signature.
    """
    # Through `__dict__`, since to type checkers a function has no such attribute.
    function.__dict__["__wrapped__"] = _Described(wrapped, make)


def clean_doc(documentation: str | None) -> str:
    """Return documentation without the indentation of its source, as `inspect.cleandoc` does."""
    first, *others = (documentation or "").strip().split("\n")
    indentation = min([len(line) - len(line.lstrip()) for line in others if line.strip()], default=0)
    return "\n".join([first, *[line[indentation:] for line in others]])


def is_coroutine_function(function: object) -> bool:
    """Return whether a function is to be awaited, as `inspect.iscoroutinefunction` does."""
    plain = getattr(function, "__func__", function)
    if type(plain) is FunctionType and not plain.__dict__:  # as nearly all are; a mark would be in its dict
        return bool(plain.__code__.co_flags & _COROUTINE)
    from inspect import iscoroutinefunction  # noqa: PLC0415 - slow to import

    return iscoroutinefunction(function)


def is_awaitable(value: object) -> bool:
    """Return whether a value can be awaited, as `inspect.isawaitable` does."""
    if isinstance(value, GeneratorType):
        return bool(value.gi_code.co_flags & _ITERABLE_COROUTINE)
    return isinstance(value, Awaitable)
