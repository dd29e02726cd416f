"""docs/sdk.md shows the examples of an SDK as they are, whole; the tests that it shows pass."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.pages import programs_in, text_of

EXAMPLES = Path(__file__).parents[2] / "examples"
BLOCKS = programs_in(text_of("docs/sdk.md"))
SHOWN = ("sdk_ad_accounts", "sdk_msgspec", "sdk_pydantic", "sdk_test")
TESTS = (
    "an_account_comes_back_as_it_was_made",
    "those_that_are_missing_are_left_out",
    "a_search_goes_through_all_pages",
    "only_what_a_model_has_is_asked_for",
    "a_deleted_account_is_not_found",
    "an_error_of_the_server_comes_through",
    "both_clients_do_the_same",
)


def lines(code: str) -> list[str]:
    return [line for line in code.splitlines() if line]


def test_the_page_shows_the_examples_whole_and_in_their_order() -> None:
    files = [line for name in SHOWN for line in lines((EXAMPLES / f"{name}.py").read_text(encoding="utf-8"))]
    assert [line for block in BLOCKS for line in lines(block)] == files


def test_each_test_of_the_example_is_known() -> None:
    code = (EXAMPLES / "sdk_test.py").read_text(encoding="utf-8")
    assert code.count("\ndef test_") == len(TESTS)


@pytest.mark.parametrize("name", TESTS)
def test_the_tests_that_the_page_shows_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    test: Callable[[], None] = getattr(import_module("sdk_test"), f"test_{name}")
    test()


def test_a_model_refuses_what_is_not_one(monkeypatch: pytest.MonkeyPatch) -> None:
    msgspec = pytest.importorskip("msgspec", reason="msgspec is not installed")
    pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")
    monkeypatch.syspath_prepend(str(EXAMPLES))
    for name, error in (("sdk_msgspec", msgspec.ValidationError), ("sdk_pydantic", pydantic.ValidationError)):
        with pytest.raises(error):
            import_module(name).AD_ACCOUNT.read({"name": 5, "currency": "EUR", "reference": "urn:li:organization:5"})


def test_an_answer_without_an_id_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from restli_core import Calls, HttpResponse, InvalidResponseError

    monkeypatch.syspath_prepend(str(EXAMPLES))
    example = import_module("sdk_ad_accounts")
    call = example.AdAccountCalls(Calls(), example.AD_ACCOUNT).create(example.AdAccount("x", "EUR", "urn:li:a:1"))
    with pytest.raises(InvalidResponseError, match="no id of the new account"):
        call.parse(HttpResponse(201, {}, b""))
