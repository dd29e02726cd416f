from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from restli_core.methods import METHODS
from restli_core.migrating.counterparts import ADVICE, ANSWERS, AUTH_CALLS, COUNTERPARTS, module_of

REASON = "linkedin-api-client is not installed: it comes with the extra bench"
NAMES = [(module, name) for module, names in COUNTERPARTS.items() for name in names]
CLIENT = "linkedin_api.clients.restli.client"


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[f"{module}.{name}" for module, name in NAMES])
def test_each_name_is_there_and_so_is_its_counterpart(module: str, name: str) -> None:
    place, ours = COUNTERPARTS[module][name]
    assert hasattr(import_module(place), ours)
    pytest.importorskip("linkedin_api", reason=REASON)
    assert getattr(import_module(module), name).__module__ == module


@pytest.mark.parametrize("module", COUNTERPARTS)
def test_the_names_of_a_module_have_theirs_in_one(module: str) -> None:
    assert {place for place, _ in COUNTERPARTS[module].values()} == {module_of(module)}


def test_the_methods_and_calls_are_all_that_there_are() -> None:
    pytest.importorskip("linkedin_api", reason=REASON)
    client = import_module(CLIENT).RestliClient
    assert {name for name in vars(client) if not name.startswith("_")} == {*METHODS}
    auth = import_module("linkedin_api.clients.auth.client").AuthClient
    sending = {name for name in vars(auth) if not name.startswith("_")} - {"generate_member_auth_url"}
    assert sending == AUTH_CALLS


def test_a_class_is_the_answer_of_a_method_that_returns_it() -> None:
    pytest.importorskip("linkedin_api", reason=REASON)
    client = import_module(CLIENT).RestliClient
    for name, method in ANSWERS.items():
        if method in METHODS and not name.startswith("Base"):
            returned = inspect.signature(getattr(client, method)).return_annotation
            assert getattr(returned, "__name__", returned) == name


def test_what_has_advice_has_no_counterpart() -> None:
    assert {name for _, name in NAMES}.isdisjoint(ADVICE)
