"""The table of methods, against LinkedIn's ResourceMethod.java and the protocol page."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import restli_core
from restli_core.methods import METHODS, RESERVED_PARAMETERS, Method
from tests.vectors import load


def test_there_are_fourteen_in_the_order_of_the_design() -> None:
    assert list(METHODS) == [
        *("get", "batch_get", "get_all", "finder", "batch_finder", "create", "batch_create", "update", "batch_update"),
        *("partial_update", "batch_partial_update", "delete", "batch_delete", "action"),
    ]


@pytest.mark.parametrize("name", METHODS)
def test_each_has_a_function(name: str) -> None:
    assert METHODS[name].name == name
    assert METHODS[name].header == name.upper()
    assert getattr(restli_core, name).__name__ == name


def test_verbs_are_what_linkedins_client_sends() -> None:
    seen = {(case["in"]["method"], case["ok"]["request"]["method"]) for case in load("client_requests")}
    assert {(method.name, method.verb) for method in METHODS.values()} == seen - {("options", "OPTIONS")}


def test_parameters_are_those_that_a_server_routes_by() -> None:
    assert {method.parameter for method in METHODS.values()} == {None, *RESERVED_PARAMETERS}
    assert {name for name, method in METHODS.items() if method.parameter == "ids"} == {
        *("batch_get", "batch_update", "batch_partial_update", "batch_delete")
    }


@pytest.mark.parametrize("name", METHODS)
def test_only_what_sends_an_entity_or_parameters_has_a_body(name: str) -> None:
    assert (METHODS[name].body is None) == (METHODS[name].verb in {"GET", "DELETE"})


@pytest.mark.parametrize("name", METHODS)
def test_what_is_safe_is_idempotent_and_a_get(name: str) -> None:
    method = METHODS[name]
    assert method.safe == (method.verb == "GET")
    assert method.idempotent == (method.verb in {"GET", "PUT", "DELETE"})


def test_entities_are_returned_by_what_creates_or_patches() -> None:
    assert {name for name, method in METHODS.items() if method.returns_entity} == {
        *("create", "batch_create", "partial_update", "batch_partial_update")
    }


def test_the_tables_are_immutable() -> None:
    tables: list[Any] = [METHODS, RESERVED_PARAMETERS]
    for table in tables:
        with pytest.raises(TypeError):
            table["get"] = None
    with pytest.raises(AttributeError, match="frozen"):
        METHODS["get"].safe = False  # type: ignore[misc]
    assert not hasattr(METHODS["get"], "__dict__")


def test_methods_are_values() -> None:
    assert pickle.loads(pickle.dumps(METHODS["get"])) == METHODS["get"]
    assert len({*METHODS.values(), Method("get", "GET", None, None, False, True, True)}) == 14
