"""The endpoint that says who a member is."""

from __future__ import annotations

from typing import Any

import pytest

from restli_core import oauth
from restli_core.errors import ForbiddenError, UnauthorizedError
from restli_core.messages import HttpRequest
from restli_transports import AuthClient
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeTransport
from tests.support.oauth_flows import DAY, Send, in_memory, made


@pytest.mark.parametrize(
    ("scopes", "claims"),
    [
        ("openid", {"sub"}),
        ("openid profile", {"sub", "name", "given_name", "family_name", "picture", "locale"}),
        ("openid email r_ads", {"sub", "email", "email_verified"}),
    ],
)
def test_the_scopes_say_what_is_told(
    scopes: str, claims: set[str], authorization: AuthorizationServer, send: Send
) -> None:
    token = authorization.issue("app", scopes)
    answer = send(oauth.userinfo(token.access_token))
    assert {*answer.document} == claims
    assert answer.urn == "urn:li:person:ada"
    assert answer.mismatch is None


def test_claims_of_a_tests_own() -> None:
    claims = {"urn:li:person:bob": {"email": "bob@corp.example", "email_verified": False, "department": "x"}}
    authorization = made(members=["urn:li:person:ada", "urn:li:person:bob"], claims=claims)
    with AuthClient("app", "s3cret", transport=FakeTransport(authorization=authorization)) as auth:
        bob = auth.userinfo(authorization.issue("app", "openid email", member="urn:li:person:bob").access_token)
        ada = auth.userinfo(authorization.issue("app", "openid email").access_token)
    assert (bob.sub, bob.email, bob.email_verified, bob.document["department"]) == (
        "bob",
        "bob@corp.example",
        False,
        "x",
    )
    assert (ada.email, ada.email_verified) == ("ada@example.com", True)


@pytest.mark.parametrize("scopes", ["", "profile email"])
def test_a_token_without_openid_is_denied(scopes: str, authorization: AuthorizationServer, send: Send) -> None:
    token = authorization.issue("app", scopes).access_token
    with pytest.raises(ForbiddenError) as refused:
        send(oauth.userinfo(token))
    assert (refused.value.service_error_code, refused.value.code) == (100, "ACCESS_DENIED")
    assert "GET of userinfo" in refused.value.hint


def test_an_applications_own_token_is_no_members(send: Send) -> None:
    token = send(oauth.client_credentials("app", "s3cret")).access_token
    with pytest.raises(ForbiddenError):
        send(oauth.userinfo(token))


def test_a_token_that_is_not_good_is_refused(authorization: AuthorizationServer, send: Send) -> None:
    token = authorization.issue("app", "openid")
    for wrong in ("unknown", token.refresh_token or ""):
        with pytest.raises(UnauthorizedError, match="65600"):
            send(oauth.userinfo(wrong))
    authorization.advance(61 * DAY)
    with pytest.raises(UnauthorizedError, match="65602"):
        send(oauth.userinfo(token.access_token))
    assert authorization.answer(HttpRequest("GET", "/v2/userinfo")).status_code == 401


def test_other_methods_are_not_allowed(authorization: AuthorizationServer) -> None:
    token = authorization.issue("app", "openid").access_token
    request = HttpRequest("POST", "http://h/v2/userinfo?a=b", {"Authorization": f"Bearer {token}"})
    answer = authorization.answer(request)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize("path", ["/v2/userinfo/", "/v2/userinfos", "/rest/userinfo", "/v2/me"])
def test_other_paths_are_the_resources(path: str, authorization: AuthorizationServer) -> None:
    assert not authorization.serves(HttpRequest("GET", path))
    assert authorization.serves(HttpRequest("GET", "/v2/userinfo"))


def test_it_is_answered_in_memory_as_over_sockets() -> None:
    authorization: Any = made()
    assert in_memory(authorization)(oauth.userinfo(authorization.issue("app", "openid").access_token)).sub == "ada"
