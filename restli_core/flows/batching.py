"""Batching: any number of ids become batch calls, each within a count and a number of bytes.

    for call in batches(calls.batch_get, "/adCampaigns", ids, fields="id,name"):     Calls or the functions themselves
        client.send(call)

| function               | after the path                    | by keyword instead                |
|------------------------|-----------------------------------|-----------------------------------|
| `batch_get`            | ids                               |                                   |
| `batch_delete`         | ids                               |                                   |
| `batch_create`         | entities                          |                                   |
| `batch_update`         | ids, entities                     | `entities`                        |
| `batch_partial_update` | ids, patch_set_objects            | `patch_set_objects` or `patches`  |

All of them may be of any length, and endless: no more than `size` items are held at a time. Each item is written twice
at most. As many as are allowed by their count are made one call. Where that is too large, it is cut by the bytes that
each item takes in it (`restli_core.splitting`), and those of the last part come first in the next call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeVar

from restli_core import calls
from restli_core.base_errors import InvalidCallError
from restli_core.bound_calls import Calls
from restli_core.building import iterator_over
from restli_core.calls import Call, batch_request, subset
from restli_core.frames import concealing
from restli_core.patterns import lazy_pattern
from restli_core.splitting import BatchRequest  # noqa: TC001 - for typing.get_type_hints

__all__ = ["MOST_BYTES", "batches"]

T = TypeVar("T")

MOST_BYTES: Final = 1_000_000
"""The bytes of a request's URL and body: below 1 MiB, the least that usual servers and gateways take (nginx)."""

# By method, the arguments that have an item for each id, in their order; of batch_create the entities are the ids.
_LISTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "batch_get": (),
        "batch_delete": (),
        "batch_create": (),
        "batch_update": ("entities",),
        "batch_partial_update": ("patch_set_objects", "patches"),
    }
)
_CURE: Final = f"must be one of {', '.join(_LISTS)}: restli_core.batch_get, or client.calls.batch_get"

# How an error names an item: the argument and the item's place in the call.
_PLACE: Final = lazy_pattern(r"(ids|entities|patch_set_objects|patches)\[([0-9]+)\]")


@concealing
def batches(
    function: Callable[..., Call[T]],
    resource_path: str,
    ids: Iterable[Any],
    *lists: Iterable[Any] | None,
    size: int = 100,
    most_bytes: int = MOST_BYTES,
    **options: Any,
) -> Iterator[Call[T]]:
    """Return the batch calls for any number of ids, in their order: an iterator that makes each when it is asked for.

    What is wrong with an id or an entity is raised in the place of its call; the error names its place among all:
    ``ids[1204]``. Two ids that mean one key are refused where they would be in one call.

    Args:
        function: `batch_get`, `batch_create`, `batch_update`, `batch_partial_update` or `batch_delete`, or the method
            of a `Calls`, such as ``client.calls.batch_get``.
        resource_path: as for the function.
        ids: the ids; for `batch_create` the entities.
        lists: what the function takes after the ids, an item for each: the entities of `batch_update`, the
            patch_set_objects of `batch_partial_update`. All of them may be given by keyword, too.
        size: how many ids a call has at most.
        most_bytes: how many bytes the URL and the body of a call have at most. An item that is larger goes alone.
        options: the further keywords of the function, for each call.

    Raises:
        InvalidCallError: the function is not one of these; the lists are not what it takes; a number is not one. Later:
            a list is longer or shorter than the ids; or as the function raises it.
        TypeError: the function has no such keyword.
    """
    method = _method_of(function)
    for argument, number in (("size", size), ("most_bytes", most_bytes)):
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise InvalidCallError(argument, "must be a number, 1 or above")
    first = "entities" if method == "batch_create" else "ids"
    columns = {first: _iterator(first, ids), **_columns(method, lists, options)}
    return _Batches(_batches(partial(function, resource_path, **options), columns, size, most_bytes))


class _Batches(Iterator[Call[T]]):
    """An iterator over calls: what it raises shows no token, which is among the options of each."""

    def __init__(self, made: Iterator[Call[T]]) -> None:
        self._made = made

    @concealing
    def __next__(self) -> Call[T]:
        return next(self._made)

    def __repr__(self) -> str:
        return "<batches>"


def _method_of(function: object) -> str:
    """Return which of the batch methods a function is."""
    name = getattr(function, "__name__", "")
    owner = getattr(function, "__self__", None)
    if name not in _LISTS or not (isinstance(owner, Calls) or function is getattr(calls, name)):
        shown = name or type(function).__name__
        sends = ", which a client of yours has: it would send the call" if name in _LISTS else ""
        raise InvalidCallError("function", f"{_CURE}, not {shown}{sends}")
    return str(name)


def _columns(method: str, lists: tuple[Iterable[Any] | None, ...], options: dict[str, Any]) -> dict[str, Iterator[Any]]:
    """Return what has an item for each id, by the names of the arguments; those by keyword leave the options."""
    names = _LISTS[method]
    if len(lists) > len(names):
        taken = f"{', '.join(names)} after the ids" if names else "nothing after them but keywords"
        raise InvalidCallError("lists", f"are {len(lists)}, and {method} takes {taken}")
    given = {name: one for name, one in zip(names, lists, strict=False) if one is not None}
    for name in names:
        named = options.pop(name, None)
        if named is not None and name in given:
            raise InvalidCallError(name, "are given twice, by position and by keyword")
        if named is not None:
            given[name] = named
    if names and len(given) != 1:
        reason = "are both given: one of them has the changes" if given else f"must be given: {method} takes them"
        raise InvalidCallError(" and ".join(names) if given else " or ".join(names), reason)
    return {name: _iterator(name, one) for name, one in given.items()}


def _iterator(argument: str, values: Iterable[Any]) -> Iterator[Any]:
    """Return an iterator over the values, which must be a list or the like."""
    iterator = iterator_over(values)
    if iterator is None:
        cure = ""
        if isinstance(values, Mapping):
            cure = ": the ids are its keys" if argument == "ids" else ": one for each, in a list"
        raise InvalidCallError(argument, f"must be a list or the like, not {type(values).__name__}{cure}")
    return iterator


def _batches(
    make: Callable[..., Call[T]], columns: Mapping[str, Iterator[Any]], size: int, most_bytes: int
) -> Iterator[Call[T]]:
    """Yield the calls that a function of the columns makes."""
    items = _items(columns)
    held: list[tuple[Any, ...]] = []
    sent = 0  # items of the calls before
    goes_on = True
    while True:
        while goes_on and len(held) < size:
            item = next(items, None)
            goes_on = item is not None
            if item is not None:
                held.append(item)
        if not held:
            return
        named = dict(zip(columns, map(list, zip(*held, strict=True)), strict=True))
        call = _made(make, named, sent)
        if len(call.request.url) + len(call.request.body) <= most_bytes or len(held) == 1:
            yield call
            sent += len(held)
            held = []
            continue
        request = batch_request(call)
        groups = _groups(request, most_bytes)
        # The last one may have room for more.
        whole = groups[:-1] if goes_on and len(groups) > 1 else groups
        for places in whole:
            yield subset(call, request, places)
        done = whole[-1].stop
        sent += done
        held = held[done:]


def _items(columns: Mapping[str, Iterator[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield an item of each column at a time; they must end together."""
    (first, ids), *others = columns.items()
    count = 0
    for one in ids:
        item = [one]
        for name, column in others:
            try:
                item.append(next(column))
            except StopIteration:
                raise InvalidCallError(name, f"end after {count}, and {first} go on") from None
        count += 1
        yield tuple(item)
    for name, column in others:
        for _ in column:
            raise InvalidCallError(name, f"go on after {count}, where {first} end")


def _made(make: Callable[..., Call[T]], named: Mapping[str, list[Any]], before: int) -> Call[T]:
    """Return a call of some items; an error of it names the place of an item among all.

    Args:
        make: makes the call.
        named: the items, by the names of the arguments.
        before: how many items are in the calls before.
    """
    try:
        return make(**named)
    except InvalidCallError as error:
        place = _PLACE.match(error.argument)
        if place is None or before == 0:
            raise
        argument = f"{place[1]}[{int(place[2]) + before}]{error.argument[place.end() :]}"
        refusal = InvalidCallError(argument, error.reason)
        refusal.__cause__ = error.__cause__
    raise refusal


def _groups(request: BatchRequest, most_bytes: int) -> list[range]:
    """Return the places of a call's items in groups that are small enough, each as large as it can be."""
    groups: list[range] = []
    start, room = 0, most_bytes - request.fixed_size
    for place, taken in enumerate(request.sizes):
        if taken > room and place > start:
            groups.append(range(start, place))
            start, room = place, most_bytes - request.fixed_size
        room -= taken
    return [*groups, range(start, len(request.sizes))]
