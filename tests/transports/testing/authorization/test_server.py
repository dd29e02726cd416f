from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

import pytest

from restli_core import oauth
from restli_core.errors import InvalidCallError, OAuthError
from restli_core.messages import HttpRequest
from restli_transports.testing.authorization import AuthorizationServer
from tests.support.oauth_flows import (
    BACK,
    DAY,
    LOCAL,
    STATE,
    VERIFIER,
    WEB,
    Send,
    native_code,
    web_code,
)


def test_the_web_flow(authorization: AuthorizationServer, send: Send) -> None:
    answer = send(oauth.authorization_code(web_code(authorization), BACK, "app", "s3cret"))
    assert (answer.expires_in, answer.refresh_token_expires_in) == (60 * DAY, 365 * DAY)
    assert answer.scopes == ("r_ads", "w_ads")
    assert answer.headers["Cache-Control"] == "no-store"
    grant = authorization.grant(answer.access_token)
    assert grant is not None
    assert (grant.client_id, grant.member, grant.scopes) == ("app", "urn:li:person:ada", ("r_ads", "w_ads"))


def test_the_native_flow(authorization: AuthorizationServer, send: Send) -> None:
    code = native_code(authorization)
    answer = send(oauth.authorization_code(code, LOCAL, "native", code_verifier=VERIFIER))
    refreshed = send(oauth.refresh(answer.refresh_token, "native"))
    assert authorization.grant(refreshed.access_token) == authorization.grant(answer.access_token)
    send(oauth.revoke(refreshed.access_token, "native"))
    assert authorization.grant(refreshed.access_token) is None


def test_tokens_without_the_flow(authorization: AuthorizationServer, send: Send) -> None:
    token = authorization.issue("app", "r_ads", member="urn:li:person:bob")
    assert token.expires_at == 1_700_000_000 + 60 * DAY
    assert token.refresh_token_expires_at == 1_700_000_000 + 365 * DAY
    assert token.scopes == ("r_ads",)
    grant = authorization.grant(send(oauth.refresh(token.refresh_token or "", "app", "s3cret")).access_token)
    assert grant is not None
    assert grant.member == "urn:li:person:bob"
    bare = authorization.issue("other", ["a", "b"])
    assert (bare.refresh_token, bare.refresh_token_expires_at, bare.scopes) == (None, None, ("a", "b"))
    with pytest.raises(InvalidCallError, match=r"^client_id: is not registered"):
        authorization.issue("nobody")


def test_revoked_from_outside(authorization: AuthorizationServer) -> None:
    token = authorization.issue("app")
    authorization.revoke("unknown")
    authorization.revoke(token.access_token)
    assert authorization.grant(token.access_token) is None
    assert authorization.grant(token.refresh_token or "") is None


def test_cancelling_by_name(authorization: AuthorizationServer) -> None:
    url = oauth.generate_member_auth_url("app", BACK, "r_ads", STATE)
    with pytest.raises(OAuthError, match=r"^user_cancelled_authorize: "):
        oauth.read_redirect(authorization.consent(url, allow=False), STATE)
    with pytest.raises(InvalidCallError, match=r"^url: the server answers with 400"):
        authorization.consent(url.replace("client_id=app", "client_id=nobody"))


def test_an_application_needs_a_secret_or_the_native_flow(authorization: AuthorizationServer) -> None:
    with pytest.raises(InvalidCallError, match=r"^client_secret: "):
        authorization.app("public")
    with pytest.raises(InvalidCallError, match=r"^members: is empty"):
        AuthorizationServer(members=[])
    assert authorization.app("app", "s3cret", redirect_urls=BACK).redirect_urls == (BACK,)
    assert repr(authorization.app("app", "s3cret")) == "<App app>"
    assert repr(authorization) == "<AuthorizationServer, 3 applications>"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/oauth/v2/authorization", "GET, HEAD, POST"),
        ("GET", "/oauth/v2/accessToken", "POST"),
        ("GET", "/oauth/v2/introspectToken?token=t", "POST"),
        ("DELETE", "/oauth/v2/revoke", "POST"),
    ],
)
def test_methods(authorization: AuthorizationServer, method: str, path: str, allowed: str) -> None:
    answer = authorization.answer(HttpRequest(method, path))
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/oauth/v2/token", "/oauth/", "/oauth/v2/accessToken/", "/", ""])
def test_other_paths(authorization: AuthorizationServer, path: str) -> None:
    assert authorization.answer(HttpRequest("GET", f"http://h{path}")).status_code == 404


def test_a_code_buys_one_token_however_many_ask_at_once(authorization: AuthorizationServer) -> None:
    call = oauth.authorization_code(web_code(authorization), BACK, "app", "s3cret")
    together = threading.Barrier(8)

    def exchange(_: int) -> int:
        together.wait()
        return authorization.answer(call.request).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(exchange, range(8))) == [200] + [400] * 7


@pytest.mark.parametrize(
    "target",
    [
        "/oauth/v2/authorization",
        "/oauth/v2/authorization?client_id=%ff&client_id=%00",
        f"/oauth/v2/authorization?{urlencode(WEB)}&scope=" + quote("\ud800", errors="surrogatepass"),
        "http://[/oauth/v2/accessToken",
        "/oauth/v2/accessToken?%",
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"\xff=%ff&grant_type=%00", b"&&&=", b"grant_type=refresh_token&refresh_token=%ff"]
)
def test_what_is_no_oauth(authorization: AuthorizationServer, target: str, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for method in ("GET", "POST"):
        assert authorization.answer(HttpRequest(method, target, headers, body)).status_code in {302, 400, 404, 405}
