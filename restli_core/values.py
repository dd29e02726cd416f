"""Frozen, slotted values: what `dataclasses` makes, without the code that it writes and compiles for every class.

A package with some thirty of them would spend a third of its import on that.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any, ClassVar, dataclass_transform

__all__ = ["Value"]


@dataclass_transform(frozen_default=True)
class _ValueType(type):
    """Makes slots of the annotations of a class, and fields of them and those of its bases, in their order."""

    __setters__: tuple[Callable[[Any, Any], None], ...]  # of the slots: a value itself lets nothing be set

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _ValueType:
        own = tuple(field for field in namespace.get("__annotations__", ()) if not field.startswith("__"))
        inherited = next((base.__match_args__ for base in bases if hasattr(base, "__match_args__")), ())
        namespace.update(__slots__=own, __match_args__=(*inherited, *own))
        made = super().__new__(mcs, name, bases, namespace)
        made.__setters__ = tuple(getattr(made, field).__set__ for field in (*inherited, *own))
        return made

    @property
    def __signature__(cls) -> Signature:
        """For `help` and `inspect`."""
        fields: tuple[str, ...] = getattr(cls, "__match_args__", ())
        return Signature([Parameter(field, Parameter.POSITIONAL_OR_KEYWORD) for field in fields])


class Value(metaclass=_ValueType):
    """A value: two of one class are equal when their fields are. It cannot be changed, and has no hash.

    A subclass names its fields by annotations; they are its arguments, by position or keyword, and all of them are
    needed.
    """

    __match_args__: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, **keywords: Any) -> None:
        setters = type(self).__setters__
        if keywords:
            args += tuple(keywords.pop(field) for field in self.__match_args__[len(args) :] if field in keywords)
        if keywords or len(args) != len(setters):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.__match_args__)}")
        for set_field, value in zip(setters, args, strict=True):
            set_field(self, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot delete {name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value) or type(self) is not type(other):
            return NotImplemented
        return self._fields() == other._fields()

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # its fields are JSON, as a rule

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._fields()

    def _fields(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field) for field in self.__match_args__)
