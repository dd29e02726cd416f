"""The authorization URL, the challenge of PKCE, and the redirect."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from restli_core import oauth
from restli_core.errors import InvalidCallError, OAuthError
from tests.support.token_calls import BACK, CHALLENGE, VERIFIER


def test_the_authorization_url() -> None:
    url = oauth.generate_member_auth_url("app", BACK, ["r_ads", "w_ads"], "st&te é")
    assert url == (
        "https://www.linkedin.com/oauth/v2/authorization?response_type=code&client_id=app"
        "&redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fa%3Db%26c&state=st%26te%20%C3%A9&scope=r_ads%20w_ads"
    )


def test_a_state_may_be_left_out() -> None:
    assert "state" not in oauth.generate_member_auth_url("app", BACK, "r_ads")


@pytest.mark.parametrize(
    ("base_url", "endpoint"),
    [
        (None, "https://www.linkedin.com/oauth/native-pkce/authorization"),
        ("http://h:1/oauth/v2/", "http://h:1/oauth/native-pkce/authorization"),
        ("http://h:1/v2", "http://h:1/native-pkce/authorization"),
        ("http://h:1", "http://h:1/native-pkce/authorization"),
    ],
)
def test_the_native_flow(base_url: str | None, endpoint: str) -> None:
    url = oauth.generate_member_auth_url(
        "app", "http://[::1]:80/", "r", "s", code_challenge=CHALLENGE, base_url=base_url
    )
    assert url.partition("?")[0] == endpoint
    query = parse_qs(urlsplit(url).query)
    assert (query["code_challenge"], query["code_challenge_method"]) == ([CHALLENGE], ["S256"])


@pytest.mark.parametrize("challenge", [None, CHALLENGE], ids=["web", "native"])
def test_further_parameters_come_last(challenge: str | None) -> None:
    extra = {"prompt": "login consent", "enable_extended_login": True, "show": False, "max_age": 5, "ü": "&="}
    back = BACK if challenge is None else "http://127.0.0.1:8080/"
    url = oauth.generate_member_auth_url("app", back, "r", "s", code_challenge=challenge, extra_params=extra)
    plain = oauth.generate_member_auth_url("app", back, "r", "s", code_challenge=challenge, extra_params={})
    assert plain == oauth.generate_member_auth_url("app", back, "r", "s", code_challenge=challenge)
    assert url == (f"{plain}&prompt=login%20consent&enable_extended_login=true&show=false&max_age=5&%C3%BC=%26%3D")


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"state": "x"}, "extra_params['state']: is not a further one: give state"),
        ({"redirect_uri": BACK}, "extra_params['redirect_uri']: is not a further one: give redirect_url"),
        ({"client_secret": "sesame"}, "extra_params['client_secret']: is not a further one: it is a secret, "),
        ({"prompt": ""}, "extra_params['prompt']: must be text, and not empty"),
        ({"prompt": None}, "extra_params['prompt']: must be text, and not empty"),
        ({"prompt": "a\n"}, "extra_params['prompt']: holds control characters"),
        ({"": "x"}, "extra_params: must be text, and not empty"),
        ({5: "x"}, "extra_params: must be text, and not empty"),
        ([("prompt", "login")], "extra_params: must be a mapping, not list"),
        ("prompt=login", "extra_params: must be a mapping, not str"),
    ],
)
def test_further_parameters_that_cannot_be_sent(extra: Any, told: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        oauth.generate_member_auth_url("app", BACK, "r", extra_params=extra)
    assert str(caught.value).startswith(told)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("scopes", ["a b c", "a,b, c", ["a", "b", "c"], ("a b", "c"), iter(["a", "b,c"])])
def test_scopes_in_every_form(scopes: Any) -> None:
    assert oauth.generate_member_auth_url("app", BACK, scopes).endswith("&scope=a%20b%20c")


@pytest.mark.parametrize("scopes", ["", [], " ", ",", None, 5, b"a", {"a": 1}, [None], ["a", ""], "a\nb", 'a"', "é"])
def test_scopes_that_are_none(scopes: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^scopes(\[[01]\])?: "):
        oauth.generate_member_auth_url("app", BACK, scopes)


def test_the_challenge_of_rfc_7636() -> None:
    assert oauth.code_challenge(VERIFIER) == CHALLENGE


@pytest.mark.parametrize("verifier", ["a" * 42, "a" * 129, "a" * 42 + "+", "é" * 43, "a" * 43 + "\n"])
def test_what_is_not_a_verifier(verifier: str) -> None:
    with pytest.raises(InvalidCallError, match=r"^verifier: must be 43 to 128"):
        oauth.code_challenge(verifier)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example/back?code=c%20d%2B&state=%C3%A9",
        "https://app.example/back?state=%C3%A9&code=c+d%2B#_=_",
        "com.example.app:/back?code=c+d%2B&state=%C3%A9",
        "/back?code=c%20d%2B&state=%C3%A9",
        "?code=c%20d%2B&state=%C3%A9",
        "code=c%20d%2B&state=%C3%A9",
        "code=c%20d%2B&state=%C3%A9#f",
        "code=c%20d%2B&state=%C3%A9&error=",
    ],
)
def test_redirects_with_a_code(url: str) -> None:
    assert oauth.read_redirect(url, "é") == "c d+"


@pytest.mark.parametrize(
    ("query", "error", "description"),
    [
        (
            "error=user_cancelled_authorize&error_description=The+user+x&state=s",
            "user_cancelled_authorize",
            "The user x",
        ),
        ("error=access_denied&state=s&code=1", "access_denied", None),
        ("state=s", "invalid_redirect", "the redirect has neither"),
        ("state=s&code=", "invalid_redirect", "the redirect has neither"),
        ("state=s&code=1&code=1", "invalid_redirect", "the redirect has neither"),
        ("", "state_mismatch", "the redirect does not"),
        ("code=1", "state_mismatch", "the redirect does not"),
        ("code=1&state=", "state_mismatch", "the redirect does not"),
        ("code=1&state=S", "state_mismatch", "the redirect does not"),
        ("code=1&state=s&state=s", "state_mismatch", "the redirect does not"),
        ("error=access_denied&state=other", "state_mismatch", "the redirect does not"),
        ("code=1&state=\ud800", "state_mismatch", "the redirect does not"),
    ],
)
def test_redirects_without_one(query: str, error: str, description: str | None) -> None:
    with pytest.raises(OAuthError) as caught:
        oauth.read_redirect(f"/back?{query}", "s")
    assert caught.value.error == error
    assert (caught.value.error_description or "").startswith(description or "")
    assert (caught.value.error_description is None) == (description is None)
    assert caught.value.response is None


@pytest.mark.parametrize("url", [None, b"/?code=1&state=s", 5])
def test_what_is_not_a_redirect(url: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^url: must be text"):
        oauth.read_redirect(url, "s")
