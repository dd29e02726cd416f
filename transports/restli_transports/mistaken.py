"""Mistaken: what blocks, used as if it were asynchronous, or the other way round, says what to write instead.

    if not TYPE_CHECKING:
        __iter__ = refusing("is asynchronous: write `async for`, not `for`")

Type checkers must not see such a method. It would tell them that `list(...)` may be given the object, and after a
method that never returns they look at nothing more; where it is missing, they report the mistake by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["refusing"]


def refusing(cure: str) -> Callable[..., NoReturn]:
    """Return a method for a protocol that a class does not have: a TypeError with the class's name, and with the cure.

    `with` and `async with` look for ``__exit__`` and ``__aexit__`` before they enter: there it is for being found.

    Args:
        cure: what is said after the name of the class.
    """

    def refuse(self: Any, *_arguments: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} {cure}")

    return refuse
