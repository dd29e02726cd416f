"""The laws of a function that builds URLs, one by one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

import restli_core as restli
from restli_transports.testing.codec_check.law import Law
from restli_transports.testing.codec_check.urls import url_laws

READ, CASES, LEFT, AGAIN = url_laws()
ASKED: Any = (("/r/{id}", {"id": "a b"}), {"p": "x"})


def test_the_base_of_a_url_is_its_builders() -> None:
    for base in ("", "https://h", "https://h:8080/rest", "https://api.linkedin.com/v2"):
        assert READ.check(lambda path, keys, params, base=base: f"{base}/r/a%20b?p=x", ASKED) is None


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("/r/a%20b", "in which it reads"),
        ("/r/a+b?p=x", "in which it reads"),
        ("/s/a%20b?p=x", "404"),
        ("/r/a%20b?p=(x", "400"),
        ("http://[", "Invalid IPv6 URL"),
        (None, "it is NoneType, and not text"),
    ],
)
def test_what_a_server_does_not_find_is_wrong(url: Any, wrong: str) -> None:
    found = READ.check(lambda path, keys, params: url, ASKED)
    assert found is not None
    assert wrong in found


def built(path: str, keys: dict[str, Any], encode: Any) -> str:
    for name, key in keys.items():
        path = path.replace(f"{{{name}}}", encode(key))
    return path


def test_vectors_are_compared_by_what_they_mean() -> None:
    inputs: Any = CASES.inputs
    cases = [one.value for one in inputs()]
    assert len(cases) > 300
    assert all(CASES.check(lambda path, keys, params: built(path, keys, restli.encode), case) is None for case in cases)
    wrong = [case for case in cases if CASES.check(lambda path, keys, params: built(path, keys, quote_all), case)]
    assert any(isinstance(value, dict) for _, keys, _ in wrong for value in keys.values())
    assert CASES.check(lambda path, keys, params: None, cases[0]) == "None: it is NoneType, and not text"


def quote_all(key: Any) -> str:
    return quote(str(key), safe="")


def test_arguments_are_left_and_results_repeat() -> None:
    laws: list[Law] = [LEFT, AGAIN]
    assert [law.check(lambda path, keys, params: "/r/a", ASKED) for law in laws] == [None, None]
    assert LEFT.check(lambda path, keys, params: keys.clear(), ASKED) == "they became ({}, {'p': 'x'})"
    urls = iter(["/r/a", "/r/b"])
    assert AGAIN.check(lambda path, keys, params: next(urls), ASKED) == "'/r/a', then '/r/b'"
