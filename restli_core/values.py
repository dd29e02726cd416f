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
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

if TYPE_CHECKING:
    from inspect import Signature

__all__ = ["HashableValue", "Value", "unfrozen"]


@dataclass_transform(frozen_default=True)
class _ValueType(type):
    """The metaclass of values: it makes a slot of each annotation; a class's fields are its base's and then its own."""

    __fields__: tuple[str, ...]
    __setters__: tuple[Callable[[Any, Any], None], ...]  # of the slots, since a value itself refuses `setattr`
    __defaults__: Mapping[str, Any]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _ValueType:
        # From Python 3.14 on, `__annotations__` is here only in modules with `from __future__ import annotations`: all.
        own = tuple(field for field in namespace.get("__annotations__", ()) if not field.startswith("__"))
        base = next((base for base in bases if isinstance(base, _ValueType)), None)
        fields = own if base is None else (*base.__fields__, *own)
        # The defaults leave the namespace, since no class variable can have the name of a slot.
        defaults = {field: namespace.pop(field) for field in own if field in namespace}
        beside = namespace.pop("__beside__", ())
        namespace.update(__slots__=(*own, *beside), __match_args__=fields)
        made = super().__new__(mcs, name, bases, namespace)
        made.__fields__ = fields
        made.__setters__ = tuple(getattr(made, field).__set__ for field in fields)
        made.__defaults__ = defaults if base is None else {**base.__defaults__, **defaults}
        return made

    @property
    def __signature__(cls) -> Signature | None:
        """The fields, for `help` and `inspect`; None for a class with its own `__init__`, which these show instead."""
        if cls.__init__ is not Value.__init__:  # type: ignore[misc]  # it is compared, not called
            return None
        # Slow to import, and needed for documentation alone.
        from inspect import Parameter, Signature  # noqa: PLC0415

        fields = [
            Parameter(field, Parameter.POSITIONAL_OR_KEYWORD, default=cls.__defaults__.get(field, Parameter.empty))
            for field in cls.__fields__
        ]
        return Signature(fields)


class Value(metaclass=_ValueType):
    """A value: two of one class are equal when their fields are. It cannot be changed, and has no hash.

    A subclass names its fields by annotations, as for `dataclasses`; they are its arguments, by position or keyword.
    A subclass that checks its arguments has its own ``__init__``, which passes the fields on to ``super().__init__``.
    What it keeps beside its fields, and is not part of the value, it names in ``__beside__``.
    """

    __match_args__: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, **keywords: Any) -> None:
        kind = type(self)
        setters = kind.__setters__
        if keywords or len(args) != len(setters):
            rest = kind.__fields__[len(args) :]
            values = {**kind.__defaults__, **keywords}
            # Each field once: no keyword for a field that was given by position, and a value for all of the rest.
            if len(args) > len(setters) or not keywords.keys() <= {*rest} <= values.keys():
                raise TypeError(f"{kind.__name__} takes {', '.join(kind.__fields__)}")
            args += tuple([values[field] for field in rest])
        for set_field, value in zip(setters, args):  # noqa: B905 - as many as the setters, by the lines above
            set_field(self, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot delete {name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value) or type(self) is not type(other):
            return NotImplemented
        return self._fields() == other._fields()

    # Most values hold JSON, which has no hash. With a hash of the fields, an answer would have one now and then: where
    # the server happened to leave the JSON out.
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._fields()

    def __replace__(self, **changes: Any) -> Self:
        # For `copy.replace`, from Python 3.13 on.
        return type(self)(**{**{field: getattr(self, field) for field in type(self).__fields__}, **changes})

    def _fields(self) -> tuple[Any, ...]:
        """Return the fields that count for ``==``, pickle and copy."""
        return tuple([getattr(self, field) for field in type(self).__fields__])


def unfrozen(kind: type) -> Any:
    """Return a class to make values of another class with, field by field, and without its `__init__` and its checks.

        request = OpenRequest()
        request.method = "GET"
        ...
        request.__class__ = HttpRequest

    Setting the class makes it a value like any other. This takes a fifth of the time that `__init__` takes, and is for
    what is made in every call, or for each row of an answer, of parts that are known to be right.

    Args:
        kind: the class of the value; any slotted class with a `__setattr__` of its own.
    """
    # All three are those of `object`, by which Python knows that plain attributes are set, and does so without a call.
    plain = {name: vars(object)[name] for name in ("__init__", "__setattr__", "__delattr__")}
    return type(kind)(f"Open{kind.__name__}", (kind,), {"__slots__": (), **plain})


class HashableValue(Value):
    """A value that has a hash, since all of its fields have one."""

    if TYPE_CHECKING:  # they would take it for a class without fields, which takes no arguments

        def __init__(self, *args: Any, **keywords: Any) -> None: ...

    def __hash__(self) -> int:  # type: ignore[override]  # a value in general has none
        return hash(self._fields())
