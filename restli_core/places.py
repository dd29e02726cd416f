"""The walk through nested values, and how an error names a place in one.

Callers nest their values as deep as they like, but Python's own stack ends at about a thousand levels. So a function
that goes through a nested value, to copy, check or write it, does not call itself. It is a generator, a *visit* of one
container, and yields where a recursive function would call itself. The walk then runs the inner visit to its end, and
goes on with the outer one after the ``yield``::

    def flatten(items: list[Any], found: list[Any]) -> Visit:
        for index, item in enumerate(items):
            if isinstance(item, list):
                yield index, item, flatten(item, found)
            else:
                found.append(item)

    Walk("items").through(items, flatten(items, found))

Since the walk has all the visits that have begun, it knows where it is: a visit that refuses a value raises
``InvalidCallError(walk.place(index), reason)``. The walk itself refuses a container that contains itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from restli_core.base_errors import InvalidCallError

__all__ = ["Visit", "Walk", "format_place"]

# What a visit yields: the key or index at which the inner container stands, that container, and the visit of it.
Visit: TypeAlias = Iterator[tuple[object, object, "Visit"]]

MAX_PLACE: Final = 200


class Walk:
    """A walk through one nested value.

    Args:
        argument: how an error names the value.
        once: whether to visit each container only once, in however many places it stands. Cycles are then allowed.
    """

    __slots__ = ("_argument", "_keys", "_once")

    def __init__(self, argument: str, *, once: bool = False) -> None:
        self._argument = argument
        self._once = once
        self._keys: list[object] = []

    def through(self, container: object, visit: Visit) -> None:
        """Run the visit of a container to its end, and with it all the visits that it yields.

        Raises:
            InvalidCallError: a container contains itself. What a visit raises comes out as it is.
        """
        keys, once = self._keys, self._once
        # The containers being visited; with `once`, all that have been. By id, since containers have no hash; held as
        # values, so that none of them is freed and another object gets its id.
        met = {id(container): container}
        around: list[Visit] = []  # the outer visits, which wait for `visit`
        while True:
            for key, inner, inner_visit in visit:
                if id(inner) not in met:
                    met[id(inner)] = inner
                    keys.append(key)
                    around.append(visit)
                    visit = inner_visit  # the outer one is an iterator: it will go on where it has stopped
                    break
                if not once:
                    raise InvalidCallError(self.place(key), "contains itself")
            else:
                if not around:
                    return
                visit = around.pop()
                keys.pop()
                if not once:
                    met.popitem()  # the last, which is the one that the visit was of

    def place(self, *keys: object) -> str:
        """Return how an error names the container being visited, or the place that these keys lead to from there."""
        return format_place(self._argument, (*self._keys, *keys))


def format_place(argument: str, keys: Iterable[object]) -> str:
    """Return how an error names a place: ``query_params['search']['status'][2]``, cut in the middle where it is long.

    Args:
        argument: how the whole value is named.
        keys: the keys and indexes that lead from there to the place.
    """
    shown = [argument]
    for key in keys:
        try:
            shown.append(f"[{key!r}]")
        except Exception:  # noqa: BLE001 - repr fails: too many digits, a deep tuple, or a class of the caller's
            shown.append(f"[{type(key).__name__}]")
    place = "".join(shown)
    half = MAX_PLACE // 2
    return place if len(place) <= MAX_PLACE else f"{place[:half]}…{place[1 - half :]}"
