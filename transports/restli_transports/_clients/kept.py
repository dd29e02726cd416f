"""KEPT: what stands for an argument that was left out, where None is a value of its own.

    client.with_options(timeout=...)        all but the time limits stay as they are
    client.with_options(access_token=None)  the other client has no token

It is private: users leave the argument out.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias

__all__ = ["KEPT", "Kept"]


class _Kept(Enum):
    KEPT = "kept"

    def __repr__(self) -> str:
        return "KEPT"  # in signatures, as `help` shows them


Kept: TypeAlias = Literal[_Kept.KEPT]
KEPT: Final = _Kept.KEPT
