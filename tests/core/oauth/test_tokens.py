"""Tokens as values: from answers, refreshed, expired, stored."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from restli_core import oauth
from restli_core.errors import InvalidCallError
from tests.support.token_calls import TOKENS, answered, calls


def test_tokens_from_answers() -> None:
    member = calls()["authorization_code"].parse(answered(TOKENS))
    assert oauth.Token.received(member, 1000.0) == oauth.Token("AQV", 5185000, "AQR", 31537000, "r_ads,w_ads")
    own = calls()["client_credentials"].parse(answered({"access_token": "AQV", "expires_in": 1800, "refresh_token": 1}))
    assert oauth.Token.received(own, 1000) == oauth.Token("AQV", 2800)
    bare = calls()["refresh"].parse(answered({"access_token": "AQV"}))
    assert oauth.Token.received(bare, 1000) == oauth.Token("AQV")


@pytest.mark.parametrize(
    ("answer", "token"),
    [
        ({}, oauth.Token("new", None, "old", 5, "a")),
        ({"refresh_token": "old", "expires_in": 1}, oauth.Token("new", 101, "old", 5, "a")),
        ({"refresh_token": "old", "refresh_token_expires_in": 7}, oauth.Token("new", None, "old", 107, "a")),
        ({"refresh_token": "newer", "scope": "b"}, oauth.Token("new", None, "newer", None, "b")),
    ],
)
def test_refreshed_tokens_keep_what_is_not_sent_anew(answer: dict[str, Any], token: oauth.Token) -> None:
    read = oauth.refresh("old", "app").parse(answered({"access_token": "new", **answer}))
    assert oauth.Token("past", 3, "old", 5, "a").refreshed(read, 100) == token


@pytest.mark.parametrize(
    ("now", "leeway", "expires"), [(99.9, 0, False), (100, 0, True), (90, 10, True), (89, 10, False), (101, 0, True)]
)
def test_expiry(now: float, leeway: float, expires: bool) -> None:
    assert oauth.Token("AQV", 100).expires(now, leeway) is expires


def test_nobody_knows_when_it_expires() -> None:
    assert not oauth.Token("AQV").expires(1e12, 1e6)


@pytest.mark.parametrize("token", [oauth.Token("AQV"), oauth.Token("AQV", 1.5, "AQR", 10, "a b")])
def test_tokens_travel(token: oauth.Token) -> None:
    assert oauth.Token.from_dict(json.loads(json.dumps(token.as_dict()))) == token
    assert oauth.Token.from_dict({**token.as_dict(), "unknown": 1}) == token
    assert pickle.loads(pickle.dumps(token)) == token
    assert len({token, copy.copy(token)}) == 1
    assert "AQ" not in repr(token)
    assert None not in token.as_dict().values()


def test_scopes_of_a_token() -> None:
    assert oauth.Token("AQV", scope="a,b").scopes == ("a", "b")
    assert oauth.Token("AQV").scopes == ()


@pytest.mark.parametrize(
    ("fields", "argument"),
    [
        ({}, "access_token"),
        ({"access_token": ""}, "access_token"),
        ({"access_token": "AQV\n"}, "access_token"),
        ({"access_token": "AQV", "refresh_token": 5}, "refresh_token"),
        ({"access_token": "AQV", "refresh_token": ""}, "refresh_token"),
        ({"access_token": "AQV", "scope": ["a"]}, "scope"),
        ({"access_token": "AQV", "expires_at": "5"}, "expires_at"),
        ({"access_token": "AQV", "expires_at": True}, "expires_at"),
        ({"access_token": "AQV", "refresh_token_expires_at": float("nan")}, "refresh_token_expires_at"),
        ([("access_token", "AQV")], "fields"),
        (None, "fields"),
    ],
)
def test_what_is_not_a_token(fields: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        oauth.Token.from_dict(fields)
    assert caught.value.argument == argument
    assert "AQV" not in str(caught.value)


def test_the_time_is_a_number() -> None:
    answer = oauth.client_credentials("app", "s").parse(answered({"access_token": "AQV", "expires_in": 1}))
    with pytest.raises(InvalidCallError, match=r"^now: "):
        oauth.Token.received(answer, "now")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
