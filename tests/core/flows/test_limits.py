"""`Limit`: its arguments, what it covers, and what a call costs."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import restli_core
from restli_core import InvalidCallError, Limit, get

CALL = get("/adAccounts/{id}", path_keys={"id": 5})


def rows(call: Any, answer: Any = None) -> float:
    return 2 if answer is None else 7


def test_it_is_exported() -> None:
    assert restli_core.Limit is Limit


@pytest.mark.parametrize(
    ("per", "wait", "expected"),
    [
        (60, ..., 60),
        (0.5, ..., 0.5),
        ("day", ..., 0),
        ("day", None, None),
        (60, None, None),
        (60, 0, 0),
        (60, 2.5, 2.5),
    ],
    ids=str,
)
def test_it_waits_one_window_unless_told_otherwise(per: Any, wait: Any, expected: Any) -> None:
    assert Limit(1, per, wait=wait).wait == expected


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("most", {"most": 0}),
        ("most", {"most": -1}),
        ("most", {"most": math.nan}),
        ("most", {"most": math.inf}),
        ("most", {"most": True}),
        ("most", {"most": "5"}),
        ("most", {"most": 0.5}),
        ("per", {"per": 0}),
        ("per", {"per": -1}),
        ("per", {"per": "hour"}),
        ("per", {"per": math.inf}),
        ("per", {"per": None}),
        ("path", {"path": "adAccounts"}),
        ("path", {"path": ""}),
        ("path", {"path": "/a?b"}),
        ("path", {"path": None}),
        ("path", {"path": "/adAccounts/*"}),
        ("path", {"path": "/**"}),
        ("cost", {"cost": 5}),
        ("each", {"each": "token"}),
        ("wait", {"wait": -1}),
        ("wait", {"wait": math.nan}),
        ("wait", {"wait": math.inf}),
        ("wait", {"wait": "day"}),
    ],
    ids=str,
)
def test_a_wrong_argument_is_named(argument: str, given: dict[str, Any]) -> None:
    arguments: Any = {"most": 5, "per": 60, **given}
    with pytest.raises(InvalidCallError) as caught:
        Limit(**arguments)
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    "limit",
    [
        Limit(5, 60),
        Limit(0.5, "day", path="/posts", cost=rows, each="member", wait=None),
        Limit(5, "day", wait=10),
    ],
    ids=str,
)
def test_it_is_a_value(limit: Limit) -> None:
    for other in (pickle.loads(pickle.dumps(limit)), copy.copy(limit), copy.deepcopy(limit)):
        assert other == limit
        assert hash(other) == hash(limit)
    with pytest.raises(AttributeError):
        limit.most = 7  # type: ignore[misc]


def test_it_says_what_it_is() -> None:
    assert repr(Limit(100, 60)) == "<Limit: the limit of 100 calls in 60 s>"
    limit = Limit(45e6, "day", path="/adAnalytics", cost=rows, each="member")
    assert str(limit) == "the limit of 45,000,000 in cost a day for each member on /adAnalytics"


@pytest.mark.parametrize(
    ("path", "resource_path", "expected"),
    [
        ("/", "/adAccounts", True),
        ("/", "", True),
        ("/adAccounts", "/adAccounts", True),
        ("/adAccounts/", "/adAccounts/{id}", True),
        ("/adAccounts", "/adAccounts/{id}/adCampaigns/{campaign}", True),
        ("/adAccounts", "/adAccountsX", False),
        ("/adAccounts", "/adAccountUsers", False),
        ("/adAccounts", "/", False),
        ("/adAccounts", "", False),
        ("/adAccounts/{id}", "/adAccounts", False),
        ("/adAccounts/{id}/adCampaigns", "/adAccounts/{account}/adCampaigns/{id}", True),
        ("/adAccounts/{id}/adCampaigns", "/adAccounts/5/adCampaigns", True),
        ("/adAccounts/{id}/adCampaigns", "/adAccounts/5/adCreatives", False),
        ("/campaigns", "/adAccounts/{id}/campaigns", False),
    ],
)
def test_it_covers_whole_segments(path: str, resource_path: str, expected: bool) -> None:
    assert Limit(1, 1, path=path).covers(resource_path) is expected


def test_a_call_costs_one_or_what_the_function_says() -> None:
    assert Limit(5, 60).cost_of(CALL, None, "limits[0]") == 1
    assert Limit(5, 60, cost=rows).cost_of(CALL, None, "limits[0]") == 2
    assert Limit(5, 60, cost=rows).cost_of(CALL, object(), "limits[0]") == 7  # the truth may be more than there is
    of_numpy: Any = np.int64(3)
    assert Limit(5, 60, cost=lambda *_: of_numpy).cost_of(CALL, None, "limits[0]") == 3
    assert Limit(5, 60, cost=lambda *_: np.float64(0.5)).cost_of(CALL, None, "limits[0]") == 0.5


@pytest.mark.parametrize("cost", [None, "1", -1, math.nan, math.inf, True, 1j, -0.1, [1]], ids=str)
def test_what_is_not_a_cost_names_the_function(cost: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Limit(5, 60, cost=lambda *_: cost).cost_of(CALL, None, "limits[3]")
    assert caught.value.argument == "limits[3].cost"


def test_a_function_that_fails_is_named_with_its_error() -> None:
    def fails(call: Any, answer: Any) -> float:
        raise KeyError("metrics")

    with pytest.raises(InvalidCallError, match="KeyError") as caught:
        Limit(5, 60, cost=fails).cost_of(CALL, None, "limits[0]")
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_call_that_could_never_go_is_refused() -> None:
    with pytest.raises(InvalidCallError, match="make several calls of it") as caught:
        Limit(5, 60, cost=lambda *_: 5.5).cost_of(CALL, None, "limits[0]")
    assert caught.value.argument == "limits[0]"


@pytest.mark.parametrize("name", ["most", "per", "wait"])
def test_an_int_that_is_larger_than_any_float_is_refused(name: str) -> None:
    options: dict[str, Any] = {"most": 1, "per": 1, "wait": 1, name: 10**400}
    with pytest.raises(InvalidCallError, match=name):
        Limit(options["most"], options["per"], wait=options["wait"])
    with pytest.raises(InvalidCallError, match="a number from 0 on"):
        Limit(1, 1, cost=lambda call, answer: 10**400).cost_of(CALL, None, "limits[0]")


def test_a_limit_of_less_than_the_unit_of_costs_is_refused() -> None:
    with pytest.raises(InvalidCallError, match="most"):
        Limit(5e-324, 1, cost=rows)


def test_a_cost_without_a_hash_is_refused() -> None:
    class Unhashed:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, call: Any, answer: Any) -> float:
            raise NotImplementedError

    with pytest.raises(InvalidCallError, match="cost: must have a hash"):
        Limit(1, 1, cost=Unhashed())
