"""The arguments of OAuth's calls: which are refused, and how the others are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from restli_core import oauth
from restli_core.errors import InvalidCallError
from restli_core.oauth.arguments import check_auth_base_url, check_client, split_scopes, write_form
from tests.support.token_calls import BACK


@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("client_id", lambda bad: oauth.client_credentials(bad, "s")),
        ("client_secret", lambda bad: oauth.client_credentials("app", bad)),
        ("client_secret", lambda bad: oauth.introspect("t", "app", bad)),
        ("client_secret", lambda bad: oauth.refresh("r", "app", bad or "")),
        ("code", lambda bad: oauth.authorization_code(bad, BACK, "app", "s")),
        ("redirect_url", lambda bad: oauth.authorization_code("c", bad, "app", "s")),
        ("code_verifier", lambda bad: oauth.authorization_code("c", BACK, "app", code_verifier=bad or "")),
        ("refresh_token", lambda bad: oauth.refresh(bad, "app", "s")),
        ("access_token", lambda bad: oauth.introspect(bad, "app", "s")),
        ("access_token", lambda bad: oauth.revoke(bad, "app")),
        ("base_url", lambda bad: oauth.revoke("t", "app", base_url=bad or "")),
        ("client_id", lambda bad: oauth.generate_member_auth_url(bad, BACK, "r")),
        ("redirect_url", lambda bad: oauth.generate_member_auth_url("app", bad, "r")),
        ("state", lambda bad: oauth.generate_member_auth_url("app", BACK, "r", bad or "")),
        ("code_challenge", lambda bad: oauth.generate_member_auth_url("app", BACK, "r", code_challenge=bad or "")),
        ("verifier", oauth.code_challenge),
        ("state", lambda bad: oauth.read_redirect("?code=1", bad)),
    ],
)
@pytest.mark.parametrize("bad", [None, "", "s3cr\r\nt", "s3cr\x00t", "s3cr\ud800t", 1, b"s3crt"])
def test_the_callers_mistakes(argument: str, make: Callable[[Any], object], bad: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        make(bad)
    assert caught.value.argument == argument
    assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize("bad", ["/back", "app.example/back", "https://h/#f", "https://h/a b", "https:", "//h/a"])
def test_redirect_urls_are_whole(bad: str) -> None:
    with pytest.raises(InvalidCallError, match=r"^redirect_url: "):
        oauth.authorization_code("c", bad, "app", "s")


def test_the_secret_is_looked_at_before_the_id() -> None:
    with pytest.raises(InvalidCallError, match=r"^client_secret: "):
        check_client("", "")
    assert check_client("app", None) == {"client_id": "app", "client_secret": None}


@pytest.mark.parametrize(
    ("base_url", "normal"),
    [(None, oauth.BASE_URL), ("http://h/oauth/v2/", "http://h/oauth/v2"), ("https://h:1", "https://h:1")],
)
def test_base_urls_come_out_in_normal_form(base_url: str | None, normal: str) -> None:
    assert check_auth_base_url(base_url) == normal


@pytest.mark.parametrize(
    ("text", "scopes"), [("", ()), (" , ", ()), ("a", ("a",)), ("a b", ("a", "b")), ("a,b, c\n", ("a", "b", "c"))]
)
def test_scopes_are_parted_by_spaces_or_commas(text: str, scopes: tuple[str, ...]) -> None:
    assert split_scopes(text) == scopes


def test_a_form_is_a_query_too() -> None:
    assert (
        write_form({"a b": "c+d", "none": None, "empty": "", "e": "é/&=~"}) == "a%20b=c%2Bd&empty=&e=%C3%A9%2F%26%3D~"
    )
