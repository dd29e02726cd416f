"""Percent-escapes: those of `urllib.parse`, without its import."""

from __future__ import annotations

import subprocess
import sys
from urllib import parse

import pytest

from restli_core.percent import quote_all, unquote, unquote_plus

TEXTS = ["", "a", "a/b c+d", "é\U0001f600", "%41%2b+%zz%", "%ff%C3%A9", "~-_.!*'(),:"]

WITHOUT_ESCAPES = """
import restli_core as restli
call = restli.get("/adAccounts/{id}", path_keys={"id": "urn:li:x:é"}, query_params={"names": ["a b", 1]})
call.parse(restli.HttpResponse(200, {}, b'{"id": 1}'))
restli.decode("List(a%20b,(c:%C3%A9))")
print(*{"urllib.parse", "ipaddress"} & {*sys.modules})
"""


@pytest.mark.parametrize("text", TEXTS)
def test_escapes_are_those_of_urllib(text: str) -> None:
    assert quote_all(text) == parse.quote(text, safe="")
    assert unquote(text) == parse.unquote(text)
    assert unquote_plus(text) == parse.unquote_plus(text)


def test_a_call_is_made_and_answered_without_urllib() -> None:
    program = f"import sys; sys.path[:] = {sys.path!r}{WITHOUT_ESCAPES}"
    run = subprocess.run([sys.executable, "-S", "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.split() == []
