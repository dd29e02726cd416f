"""Batching: any number of ids, lazily, within a count and a number of bytes."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

import restli_core as restli
from restli_core import Call, Calls, InvalidCallError, batches
from restli_core.calls import batch_items
from restli_transports import RestliClient
from restli_transports.testing import FakeTransport

CALLS = Calls(base_url="http://h", headers={"X-Own": "1"})


def size_of(call: Call[Any]) -> int:
    return len(call.request.url) + len(call.request.body)


def test_calls_are_those_of_the_function() -> None:
    made = [*batches(restli.batch_get, "/r/{a}/s", range(5), size=2, path_keys={"a": 7}, fields="id")]
    assert made == [restli.batch_get("/r/{a}/s", ids, path_keys={"a": 7}, fields="id") for ids in ([0, 1], [2, 3], [4])]
    assert [*batches(CALLS.batch_delete, "/r", iter("abc"), size=2)] == [
        CALLS.batch_delete("/r", ["a", "b"]),
        CALLS.batch_delete("/r", ["c"]),
    ]
    created = batches(CALLS.batch_create, "/r", ({"n": n} for n in range(3)), size=2, return_entity=True)
    assert [*created] == [CALLS.batch_create("/r", [{"n": n} for n in ns], return_entity=True) for ns in ((0, 1), (2,))]


def test_lists_go_along() -> None:
    entities = [{"n": n} for n in range(3)]
    wanted = [restli.batch_update("/r", [0, 1], entities[:2]), restli.batch_update("/r", [2], entities[2:])]
    assert [*batches(restli.batch_update, "/r", range(3), entities, size=2)] == wanted
    assert [*batches(restli.batch_update, "/r", range(3), size=2, entities=iter(entities))] == wanted
    set_objects = [restli.batch_partial_update("/r", [n], [{"n": n}]) for n in range(3)]
    change = partial(batches, restli.batch_partial_update, "/r", range(3), size=1)
    assert [*change(entities)] == [*change(patch_set_objects=entities)] == set_objects
    patches = [{"$set": entity} for entity in entities]
    assert [*change(None, patches)] == [*change(patches=iter(patches))] == set_objects


def test_nothing_is_no_call() -> None:
    assert [*batches(restli.batch_get, "/r", [])] == []
    assert [*batches(restli.batch_update, "/r", [], [])] == []


def test_endless_iterables_are_read_in_step() -> None:
    pulled: dict[str, int] = {"ids": 0, "entities": 0}

    def endless(name: str) -> Iterator[Any]:
        for number in itertools.count():
            pulled[name] += 1
            yield number if name == "ids" else {"n": number}

    made = batches(restli.batch_update, "/r", endless("ids"), endless("entities"), size=10)
    assert pulled == {"ids": 0, "entities": 0}
    next(made)
    assert pulled == {"ids": 10, "entities": 10}
    next(made)
    assert pulled == {"ids": 20, "entities": 20}


@pytest.mark.parametrize(
    ("ids", "entities", "said"),
    [
        (5, 3, "entities: end after 3, and ids go on"),
        (3, 5, "entities: go on after 3, where ids end"),
        (4, 5, "entities: go on after 4, where ids end"),
    ],
)
def test_lists_of_other_lengths_are_refused_where_it_is_noticed(ids: int, entities: int, said: str) -> None:
    made = batches(restli.batch_update, "/r", range(ids), [{}] * entities, size=2)
    assert batch_items(next(made)) == (0, 1)
    with pytest.raises(InvalidCallError, match=said):
        list(made)
    assert [*made] == []


# -- bytes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"tunnel_above": 0}], ids=["plain", "tunnelled"])
def test_calls_are_as_large_as_they_may_be(options: dict[str, Any]) -> None:
    entities = [{"t": "x" * (40 * (n % 7))} for n in range(200)]
    most = 900
    made = [*batches(restli.batch_update, "/r", range(200), entities, size=30, most_bytes=most, **options)]
    assert [one for call in made for one in batch_items(call)] == [*range(200)]
    assert all(size_of(call) <= most for call in made)
    for call, after in itertools.pairwise(made):
        start, count = batch_items(call)[0], len(batch_items(call))
        assert count <= 30
        larger = restli.batch_update(
            "/r", range(start, start + count + 1), entities[start : start + count + 1], **options
        )
        assert count == 30 or size_of(larger) > most - 20, (call, after)


def test_what_is_too_large_by_itself_goes_alone() -> None:
    entities = [{"t": "x" * size} for size in (10, 5000, 10, 10, 5000)]
    made = [*batches(restli.batch_create, "/r", entities, most_bytes=300)]
    assert [len(batch_items(call)) for call in made] == [1, 1, 2, 1]
    alone = [*batches(restli.batch_create, "/r", entities, size=1, most_bytes=1)]
    assert [len(batch_items(call)) for call in alone] == [1] * 5


def test_the_default_is_below_a_mebibyte() -> None:
    made = [*batches(restli.batch_create, "/r", [{"t": "x" * 100_000}] * 12)]
    assert [len(batch_items(call)) for call in made] == [9, 3]


def test_each_item_is_written_twice_at_most() -> None:
    written = 0

    def dumps(value: Any) -> bytes:
        nonlocal written
        written += len(value["elements"])
        return restli.batch_create("/r", value["elements"]).request.body

    entities = [{"t": "x" * 1000}] * 3000
    assert sum(1 for _ in batches(restli.batch_create, "/r", entities, size=100, most_bytes=2500, dumps=dumps)) == 1500
    assert written <= 6000


# -- mistakes ----------------------------------------------------------------------------------------------------------


class Client:
    def batch_get(self) -> None: ...


@pytest.mark.parametrize(
    "function",
    [
        restli.get,
        restli.batch_finder,
        CALLS.batch_finder,
        CALLS.update,
        Client().batch_get,
        len,
        partial(restli.batch_get),
        5,
    ],
    ids=range(8),
)
def test_only_batch_methods_are_taken(function: Any) -> None:
    cure = r"function: must be one of batch_get, .*: restli_core.batch_get, or client.calls.batch_get, not"
    with pytest.raises(InvalidCallError, match=cure):
        batches(function, "/r", [1])


def test_a_method_that_sends_is_not_taken() -> None:
    client: Any = RestliClient(FakeTransport())
    with pytest.raises(InvalidCallError, match=r"not batch_get, which a client of yours has: it would send the call$"):
        batches(client.batch_get, "/r", [1])


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ((restli.batch_get, "/r", "abc"), {}, "ids: must be a list or the like, not str"),
        ((restli.batch_get, "/r", 5), {}, "ids: must be a list or the like, not int"),
        (
            (restli.batch_get, "/r", {5: {"a": 1}}),
            {},
            "ids: must be a list or the like, not dict: the ids are its keys",
        ),
        (
            (restli.batch_create, "/r", {"a": 1}),
            {},
            "entities: must be a list or the like, not dict: one for each, in a",
        ),
        ((restli.batch_update, "/r", [1], {"a": 1}), {}, "entities: must be a list or the like, not dict"),
        ((restli.batch_update, "/r", [1]), {}, "entities: must be given: batch_update takes them"),
        ((restli.batch_update, "/r", [1], [{}]), {"entities": [{}]}, "entities: are given twice"),
        (
            (restli.batch_update, "/r", [1], [{}], [{}]),
            {},
            "lists: are 2, and batch_update takes entities after the ids",
        ),
        ((restli.batch_get, "/r", [1], [{}]), {}, "lists: are 1, and batch_get takes nothing after them but keywords"),
        ((restli.batch_partial_update, "/r", [1]), {}, "patch_set_objects or patches: must be given"),
        ((restli.batch_partial_update, "/r", [1], [{}], [{}]), {}, "patch_set_objects and patches: are both given"),
        ((restli.batch_get, "/r", [1]), {"size": 0}, "size: must be a number, 1 or above"),
        ((restli.batch_get, "/r", [1]), {"size": True}, "size: must be a number, 1 or above"),
        ((restli.batch_get, "/r", [1]), {"most_bytes": 1.5}, "most_bytes: must be a number, 1 or above"),
    ],
    ids=range(14),
)
def test_mistakes_are_told_at_once(arguments: tuple[Any, ...], options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidCallError, match=said):
        batches(*arguments, **options)


NAN = {"a": float("nan")}
LARGE = [{"t": "x" * 500}] * 3


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: batches(restli.batch_get, "/r", [1, 2, 3, None], size=2), "ids[3]: "),
        (lambda: batches(restli.batch_get, "/r", [None], size=2), "ids[0]: "),
        (lambda: batches(restli.batch_create, "/r", [{}, {}, NAN], size=2), "entities[2]['a']: "),
        (lambda: batches(restli.batch_create, "/r", [{}, {}, 5], size=2), "entities[2]: must be a mapping"),
        (lambda: batches(restli.batch_update, "/r", [1, 2, 3, 3], [{}] * 4, size=2), "ids[3]: means the same key"),
        (lambda: batches(restli.batch_partial_update, "/r", [1, 2, 3], [{}, {}, NAN], size=2), "patch_set_objects[2]"),
        (lambda: batches(restli.batch_partial_update, "/r", [1, 2, 3], patches=[{}, {}, NAN], size=2), "patches[2]"),
        (lambda: batches(restli.batch_create, "/r", [*LARGE, NAN], size=3, most_bytes=500), "entities[3]['a']"),
        (lambda: batches(restli.batch_get, "no slash", [1, 2, 3], size=2), "resource_path"),
    ],
    ids=range(9),
)  # fmt: skip
def test_an_error_names_the_place_among_all(made: Any, said: str) -> None:
    with pytest.raises(InvalidCallError) as raised:
        list(made())
    assert str(raised.value).startswith(said)


def test_an_unknown_keyword_is_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'filter'"):
        next(batches(restli.batch_get, "/r", [1], filter=1))


def test_no_token_is_in_a_traceback() -> None:
    made = batches(restli.batch_create, "/r", [{}, NAN], size=1, access_token="s3cret-token")
    assert repr(made) == "<batches>"
    next(made)
    with pytest.raises(InvalidCallError) as raised:
        next(made)
    lines = traceback.TracebackException.from_exception(raised.value, capture_locals=True).format()
    assert "s3cret-token" not in "".join(line for line in lines if "test_batching" not in line)
