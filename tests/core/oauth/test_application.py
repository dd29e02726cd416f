"""An application makes the token calls with what it knows of itself."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from restli_core import oauth
from restli_core.calls import Call
from restli_core.errors import InvalidCallError
from restli_core.oauth import Application
from tests.support.token_calls import BACK, CHALLENGE, VERIFIER

ELSEWHERE = "http://127.0.0.1:1/oauth/v2"
APPLICATION = Application("app", "s3cret", BACK, ELSEWHERE)
PUBLIC = Application("app")


@pytest.mark.parametrize(
    ("made", "call"),
    [
        pytest.param(
            APPLICATION.exchange_auth_code_for_access_token("c0de"),
            oauth.authorization_code("c0de", BACK, "app", "s3cret", base_url=ELSEWHERE),
            id="authorization_code",
        ),
        pytest.param(
            APPLICATION.exchange_auth_code_for_access_token("c0de", code_verifier=VERIFIER),
            oauth.authorization_code("c0de", BACK, "app", code_verifier=VERIFIER, base_url=ELSEWHERE),
            id="native_authorization_code",
        ),
        pytest.param(
            APPLICATION.exchange_refresh_token_for_access_token("refr3sh"),
            oauth.refresh("refr3sh", "app", "s3cret", base_url=ELSEWHERE),
            id="refresh",
        ),
        pytest.param(
            APPLICATION.get_two_legged_access_token(),
            oauth.client_credentials("app", "s3cret", base_url=ELSEWHERE),
            id="client_credentials",
        ),
        pytest.param(
            APPLICATION.introspect_access_token("acc3ss"),
            oauth.introspect("acc3ss", "app", "s3cret", base_url=ELSEWHERE),
            id="introspect",
        ),
        pytest.param(
            APPLICATION.revoke_access_token("acc3ss"),
            oauth.revoke("acc3ss", "app", "s3cret", base_url=ELSEWHERE),
            id="revoke",
        ),
        pytest.param(
            PUBLIC.exchange_refresh_token_for_access_token("r"), oauth.refresh("r", "app"), id="public_refresh"
        ),
        pytest.param(PUBLIC.revoke_access_token("t"), oauth.revoke("t", "app"), id="public_revoke"),
    ],
)
def test_the_calls_are_those_of_the_package(made: Call[Any], call: Call[Any]) -> None:
    assert made == call


def test_the_authorization_url_has_the_challenge_of_a_verifier() -> None:
    assert APPLICATION.generate_member_auth_url("r_ads", "state") == oauth.generate_member_auth_url(
        "app", BACK, "r_ads", "state", base_url=ELSEWHERE
    )
    assert APPLICATION.generate_member_auth_url(
        ["r_ads"], "state", code_verifier=VERIFIER
    ) == oauth.generate_member_auth_url("app", BACK, "r_ads", "state", code_challenge=CHALLENGE, base_url=ELSEWHERE)
    assert APPLICATION.generate_member_auth_url("r_ads", extra_params={"prompt": "login"}).endswith("&prompt=login")


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        ("client_id", {"client_id": ""}),
        ("client_id", {"client_id": None}),
        ("client_id", {"client_id": "s3cr\n"}),
        ("client_secret", {"client_secret": ""}),
        ("client_secret", {"client_secret": "s3cr\x00"}),
        ("client_secret", {"client_id": "", "client_secret": ""}),
        ("redirect_url", {"redirect_url": "/s3cr"}),
        ("redirect_url", {"redirect_url": ""}),
        ("redirect_url", {"redirect_url": 5}),
        ("base_url", {"base_url": "ftp://s3cr"}),
        ("base_url", {"base_url": "", "redirect_url": ""}),
    ],
)
def test_what_cannot_be_sent_is_refused_at_once(argument: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Application(**{"client_id": "app", **arguments})
    assert caught.value.argument == argument
    assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("client_secret", PUBLIC.get_two_legged_access_token),
        ("client_secret", lambda: PUBLIC.introspect_access_token("t")),
        ("redirect_url", lambda: PUBLIC.generate_member_auth_url("r_ads")),
        ("redirect_url", lambda: PUBLIC.exchange_auth_code_for_access_token("c", code_verifier=VERIFIER)),
    ],
    ids=["two_legged", "introspect", "authorization_url", "authorization_code"],
)
def test_what_an_application_lacks(argument: str, make: Callable[[], object]) -> None:
    with pytest.raises(InvalidCallError, match=f"^{argument}: is needed"):
        make()


def test_an_application_is_a_value() -> None:
    assert pickle.loads(pickle.dumps(APPLICATION)) == APPLICATION
    assert len({APPLICATION, Application("app", "s3cret", BACK, ELSEWHERE), PUBLIC}) == 2
    assert replace(PUBLIC, redirect_url=BACK).redirect_url == BACK
    with pytest.raises(InvalidCallError, match=r"^redirect_url: must be a whole URL"):
        replace(PUBLIC, redirect_url="/back")
    assert "s3cret" not in repr(APPLICATION)


@pytest.mark.parametrize(
    ("base_url", "given", "url"),
    [
        (None, None, "https://api.linkedin.com/v2/userinfo"),
        (oauth.BASE_URL + "/", None, "https://api.linkedin.com/v2/userinfo"),
        # A token of another server's goes to no other origin.
        ("http://127.0.0.1:8080/oauth/v2", None, "http://127.0.0.1:8080/v2/userinfo"),
        ("https://auth.example", None, "https://auth.example/v2/userinfo"),
        ("https://auth.example/a", "https://api.example/b", "https://api.example/b/userinfo"),
        (None, "https://api.example/b", "https://api.example/b/userinfo"),
    ],
)
def test_userinfo_is_asked_where_the_resources_are(base_url: str | None, given: str | None, url: str) -> None:
    made = Application("app", "s3cret", base_url=base_url).userinfo("acc3ss", base_url=given)
    assert made.request.url == url
    assert b"s3cret" not in pickle.dumps(made)
