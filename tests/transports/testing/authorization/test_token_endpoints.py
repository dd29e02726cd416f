from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from restli_core import oauth
from restli_core.calls import Call
from restli_core.messages import HttpRequest
from restli_transports.testing.authorization import AuthorizationServer
from tests.support.oauth_flows import (
    BACK,
    DAY,
    LOCAL,
    VERIFIER,
    Send,
    in_memory,
    made,
    native_code,
    outcome,
    posted,
    refusal,
    web_code,
    web_token,
)


def test_an_application_token(authorization: AuthorizationServer, send: Send) -> None:
    answer = send(oauth.client_credentials("app", "s3cret"))
    assert answer.expires_in == 1800
    known = send(oauth.introspect(answer.access_token, "app", "s3cret"))
    assert (known.active, known.auth_type, known.scopes) == (True, "2L", ())
    authorization.advance(1800)
    assert send(oauth.introspect(answer.access_token, "app", "s3cret")).status == "expired"


def test_introspection(authorization: AuthorizationServer, send: Send) -> None:
    token = web_token(authorization)
    known = send(oauth.introspect(token.access_token, "app", "s3cret"))
    assert (known.active, known.status, known.auth_type, known.client_id) == (True, "active", "3L", "app")
    assert known.scope == "r_ads,w_ads"
    assert known.created_at == known.authorized_at == 1_700_000_000
    assert known.expires_at == 1_700_000_000 + 60 * DAY
    assert send(oauth.introspect(token.refresh_token, "app", "s3cret")).expires_at == 1_700_000_000 + 365 * DAY


@pytest.mark.parametrize("whose", ["nobody's", "another's", "a code"])
def test_nobody_learns_of_what_is_not_theirs(authorization: AuthorizationServer, send: Send, whose: str) -> None:
    tokens = {"nobody's": "AQV", "another's": web_token(authorization).access_token, "a code": web_code(authorization)}
    client = ("app", "s3cret") if whose == "a code" else ("other", "0ther")
    assert send(oauth.introspect(tokens[whose], *client)).document == {"active": False}


def test_revocation(authorization: AuthorizationServer, send: Send) -> None:
    token = web_token(authorization)
    send(oauth.revoke(token.access_token, "other", "0ther"))
    send(oauth.revoke("AQV", "app", "s3cret"))
    assert send(oauth.introspect(token.access_token, "app", "s3cret")).active
    send(oauth.revoke(token.access_token, "app", "s3cret"))
    assert send(oauth.introspect(token.access_token, "app", "s3cret")).status == "revoked"
    assert send(oauth.refresh(token.refresh_token, "app", "s3cret")).access_token


def test_the_end_of_a_refresh_token_ends_all_that_it_gave(authorization: AuthorizationServer, send: Send) -> None:
    token, untouched = web_token(authorization), web_token(authorization)
    refreshed = send(oauth.refresh(token.refresh_token, "app", "s3cret"))
    send(oauth.revoke(token.refresh_token, "app", "s3cret"))
    tokens = (token.access_token, refreshed.access_token, untouched.access_token)
    assert [authorization.grant(one) is None for one in tokens] == [True, True, False]
    assert outcome(refusal(send, oauth.refresh(token.refresh_token, "app", "s3cret"))) == ("invalid_grant", 400)


def test_a_refresh_does_not_put_off_the_end(authorization: AuthorizationServer, send: Send) -> None:
    token = web_token(authorization)
    authorization.advance(364 * DAY)
    refreshed = send(oauth.refresh(token.refresh_token, "app", "s3cret"))
    assert refreshed.refresh_token == token.refresh_token
    assert (refreshed.expires_in, refreshed.refresh_token_expires_in) == (60 * DAY, DAY)
    assert authorization.grant(token.access_token) is None
    authorization.advance(DAY)
    error = refusal(send, oauth.refresh(token.refresh_token, "app", "s3cret"))
    assert (outcome(error), error.error_description) == (("invalid_grant", 400), "The refresh token is expired")


def test_rotation() -> None:
    authorization = made(rotates=True)
    send, token = in_memory(authorization), web_token(authorization)
    authorization.advance(DAY)
    refreshed = send(oauth.refresh(token.refresh_token, "app", "s3cret"))
    assert refreshed.refresh_token != token.refresh_token
    assert refreshed.refresh_token_expires_in == 364 * DAY
    assert outcome(refusal(send, oauth.refresh(token.refresh_token, "app", "s3cret"))) == ("invalid_grant", 400)
    assert send(oauth.refresh(refreshed.refresh_token, "app", "s3cret")).access_token


def test_numbers_as_text() -> None:
    authorization = made(numbers_as_text=True, access_lifetime=60)
    token = web_token(authorization)
    assert (token.document["expires_in"], token.expires_in) == ("60", 60)
    known = in_memory(authorization)(oauth.introspect(token.access_token, "app", "s3cret"))
    assert (known.document["active"], known.document["expires_at"]) == (True, "1700000060")


def test_applications_without_refresh_tokens(authorization: AuthorizationServer, send: Send) -> None:
    answer = send(oauth.authorization_code(web_code(authorization, "other"), BACK, "other", "0ther"))
    assert (answer.refresh_token, answer.refresh_token_expires_in) == (None, None)


# refusals


def test_codes_that_buy_nothing(authorization: AuthorizationServer, send: Send) -> None:
    code = web_code(authorization)
    wrong = [
        oauth.authorization_code("unknown", BACK, "app", "s3cret"),
        oauth.authorization_code(code, BACK, "other", "0ther"),
        oauth.authorization_code(code, "https://app.example/", "app", "s3cret"),
        oauth.authorization_code(authorization.issue("app").access_token, BACK, "app", "s3cret"),
    ]
    assert [outcome(refusal(send, call)) for call in wrong] == [("invalid_grant", 400)] * 4
    authorization.advance(1800)
    error = refusal(send, oauth.authorization_code(code, BACK, "app", "s3cret"))
    assert (outcome(error), "expired" in str(error)) == (("invalid_grant", 400), True)


def test_a_code_used_twice_ends_what_it_gave(authorization: AuthorizationServer, send: Send) -> None:
    call = oauth.authorization_code(web_code(authorization), BACK, "app", "s3cret")
    answer = send(call)
    assert outcome(refusal(send, call)) == ("invalid_grant", 400)
    assert authorization.grant(answer.access_token) is None
    assert outcome(refusal(send, oauth.refresh(answer.refresh_token, "app", "s3cret"))) == ("invalid_grant", 400)


def test_the_web_flow_takes_no_verifier(authorization: AuthorizationServer, send: Send) -> None:
    code = web_code(authorization)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "app"}
    wrong = posted(authorization, "/accessToken", {**form, "client_secret": "s3cret", "code_verifier": VERIFIER})
    assert (wrong.status_code, json.loads(wrong.body)["error"]) == (401, "invalid_client")
    assert send(oauth.authorization_code(code, BACK, "app", "s3cret")).access_token


def test_a_native_application_has_no_way_around_its_verifier(authorization: AuthorizationServer, send: Send) -> None:
    code = native_code(authorization)
    wrong = oauth.authorization_code(code, LOCAL, "native", code_verifier="w" * 64)
    assert outcome(refusal(send, wrong)) == ("invalid_grant", 400)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": LOCAL, "client_id": "native"}
    short = posted(authorization, "/accessToken", {**form, "code_verifier": "short"})
    missing = posted(authorization, "/accessToken", form)
    assert [json.loads(one.body)["error"] for one in (short, missing)] == ["invalid_grant", "invalid_request"]


def test_a_native_application_with_a_secret_needs_it_in_the_web_flow(send: Send) -> None:
    authorization = made()
    authorization.app("both", "s3cret", redirect_urls=[BACK], native=True)
    code = web_code(authorization, "both")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "both"}
    without = posted(authorization, "/accessToken", form)
    assert (without.status_code, json.loads(without.body)["error"]) == (401, "invalid_client")
    assert posted(authorization, "/accessToken", {**form, "client_secret": "s3cret"}).status_code == 200


@pytest.mark.parametrize(
    "make",
    [
        lambda app, secret: oauth.authorization_code("c", BACK, app, secret),
        lambda app, secret: oauth.refresh("r", app, secret),
        oauth.client_credentials,
        lambda app, secret: oauth.introspect("t", app, secret),
        lambda app, secret: oauth.revoke("t", app, secret),
    ],
    ids=["authorization_code", "refresh", "client_credentials", "introspect", "revoke"],
)
@pytest.mark.parametrize("client", [("app", "wrong"), ("nobody", "s3cret"), ("app", "é"), ("native", "s3cret")])
def test_wrong_clients(send: Send, make: Callable[[str, str], Call[Any]], client: tuple[str, str]) -> None:
    assert outcome(refusal(send, make(*client))) == ("invalid_client", 401)


def test_refresh_tokens_that_are_none(authorization: AuthorizationServer, send: Send) -> None:
    token = web_token(authorization)
    for wrong in (
        oauth.refresh("unknown", "app", "s3cret"),
        oauth.refresh(token.access_token, "app", "s3cret"),
        oauth.refresh(token.refresh_token, "other", "0ther"),
    ):
        assert outcome(refusal(send, wrong)) == ("invalid_grant", 400)


def test_applications_without_tokens_of_their_own(send: Send) -> None:
    assert outcome(refusal(send, oauth.client_credentials("other", "0ther"))) == ("access_denied", 401)


FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "code": (
        "/accessToken",
        {
            "grant_type": "authorization_code",
            "code": "c",
            "redirect_uri": BACK,
            "client_id": "app",
            "client_secret": "s3cret",
        },
    ),
    "refresh": (
        "/accessToken",
        {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "app", "client_secret": "s3cret"},
    ),
    "credentials": (
        "/accessToken",
        {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s3cret"},
    ),
    "introspection": ("/introspectToken", {"token": "t", "client_id": "app", "client_secret": "s3cret"}),
    "revocation": ("/revoke", {"token": "t", "client_id": "app", "client_secret": "s3cret"}),
}


@pytest.mark.parametrize(("kind", "missing"), [(kind, name) for kind, (_, form) in FORMS.items() for name in form])
@pytest.mark.parametrize("as_empty", [False, True])
def test_parameters_that_are_missing(
    authorization: AuthorizationServer, kind: str, missing: str, as_empty: bool
) -> None:
    path, form = FORMS[kind]
    given = {name: "" if name == missing else value for name, value in form.items() if as_empty or name != missing}
    answer = posted(authorization, path, given)
    document = json.loads(answer.body)
    assert (answer.status_code, document["error"]) == (400, "invalid_request")
    assert missing in document["error_description"]


@pytest.mark.parametrize(("grant_type", "error"), [("password", "unsupported_grant_type"), ("", "invalid_request")])
def test_grant_types(authorization: AuthorizationServer, grant_type: str, error: str) -> None:
    answer = posted(authorization, "/accessToken", {**FORMS["credentials"][1], "grant_type": grant_type})
    assert (answer.status_code, json.loads(answer.body)["error"]) == (400, error)


def test_only_the_body_counts(authorization: AuthorizationServer) -> None:
    form = FORMS["credentials"][1]
    in_url = posted(authorization, f"/accessToken?{urlencode(form)}", "")
    basic = posted(
        authorization, "/accessToken", {"grant_type": "client_credentials"}, Authorization="Basic YXBwOnMzY3JldA=="
    )
    as_json = authorization.answer(
        HttpRequest("POST", "/oauth/v2/accessToken", {"Content-Type": "application/json"}, json.dumps(form).encode())
    )
    assert {one.status_code for one in (in_url, basic, as_json)} == {400}
