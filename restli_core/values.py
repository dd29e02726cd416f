"""Frozen, slotted values: what `dataclasses` makes, without the code that it writes and compiles for each class.

    class Created(Value):
        id: str
        status: int = 201

This is the one way in which the core makes its values: requests, calls, answers, and what its modules hand to one
another. There are some forty of these classes. As a dataclass each would take thirteen times as long to import, and all
of them together longer than the rest of the package (`python -m benchmarks.import_time`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

__all__ = ["HashableValue", "Value"]


@dataclass_transform(frozen_default=True)
class _ValueType(type):
    """Make slots of the annotations of a class, and fields of them and those of its bases, in their order."""

    __fields__: tuple[str, ...]
    __setters__: tuple[Callable[[Any, Any], None], ...]  # of the slots: a value itself lets nothing be set
    __defaults__: Mapping[str, Any]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _ValueType:
        # From Python 3.14 on they are here only where a module has `from __future__ import annotations`, as all have.
        own = tuple(field for field in namespace.get("__annotations__", ()) if not field.startswith("__"))
        base = next((base for base in bases if isinstance(base, _ValueType)), None)
        fields = own if base is None else (*base.__fields__, *own)
        # They must go: no class variable can have the name of a slot.
        defaults = {field: namespace.pop(field) for field in own if field in namespace}
        namespace.update(__slots__=own, __match_args__=fields)
        made = super().__new__(mcs, name, bases, namespace)
        made.__fields__ = fields
        made.__setters__ = tuple(getattr(made, field).__set__ for field in fields)
        made.__defaults__ = defaults if base is None else {**base.__defaults__, **defaults}
        return made

    @property
    def __signature__(cls) -> Signature | None:
        """The fields, for `help` and `inspect`; None where these are to look at an `__init__` of the class's own."""
        if cls.__init__ is not Value.__init__:  # type: ignore[misc]  # it is not called
            return None
        fields = [
            Parameter(field, Parameter.POSITIONAL_OR_KEYWORD, default=cls.__defaults__.get(field, Parameter.empty))
            for field in cls.__fields__
        ]
        return Signature(fields)


class Value(metaclass=_ValueType):
    """A value: two of one class are equal when their fields are. It cannot be changed, and has no hash.

    A subclass names its fields by annotations, as for `dataclasses`; they are its arguments, by position or keyword.
    One that checks its arguments has an ``__init__`` of its own, which hands them on to this one.
    """

    __match_args__: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, **keywords: Any) -> None:
        kind = type(self)
        setters = kind.__setters__
        if keywords or len(args) != len(setters):
            rest = kind.__fields__[len(args) :]
            values = {**kind.__defaults__, **keywords}
            # Each field once: no keyword for one that was given by position, and a value for all of the rest.
            if len(args) > len(setters) or not keywords.keys() <= {*rest} <= values.keys():
                raise TypeError(f"{kind.__name__} takes {', '.join(kind.__fields__)}")
            args += tuple([values[field] for field in rest])
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

    # Most hold JSON, which has none; and an answer that happens to hold none should not have one now and then.
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._fields()

    def __replace__(self, **changes: Any) -> Self:
        # For `copy.replace`, from Python 3.13 on.
        return type(self)(**{**{field: getattr(self, field) for field in type(self).__fields__}, **changes})

    def _fields(self) -> tuple[Any, ...]:
        """Return what the value consists of, for ``==``, pickle and copy."""
        return tuple([getattr(self, field) for field in type(self).__fields__])


class HashableValue(Value):
    """A value whose fields all have a hash, and so has it."""

    if TYPE_CHECKING:
        # They would make one without arguments, to which no subclass could hand its own on.
        def __init__(self, *args: Any, **keywords: Any) -> None: ...

    def __hash__(self) -> int:  # type: ignore[override]  # a value in general has none
        return hash(self._fields())
