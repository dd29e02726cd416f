"""The answers to token calls: by status first, leniently where servers differ, and without secrets in errors."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from restli_core import oauth
from restli_core.errors import (
    InvalidResponseError,
    OAuthError,
    RateLimitError,
    ServerError,
    ServiceError,
    UnauthorizedError,
)
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.oauth.answers import AuthReader
from restli_core.urn import Urn
from tests.support.token_calls import NAMES, SECRETS, TOKENS, answered, calls

# -- success -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("authorization_code", oauth.AccessToken3LResponse),
        ("refresh", oauth.RefreshTokenExchangeResponse),
    ],
)
def test_member_tokens(name: str, kind: type[oauth.AccessToken3LResponse | oauth.RefreshTokenExchangeResponse]) -> None:
    response = answered(TOKENS, 200, {"X-LI-UUID": "u"})
    answer = calls()[name].parse(response)
    assert type(answer) is kind
    assert (answer.access_token, answer.expires_in) == ("AQV", 5184000)
    assert (answer.refresh_token, answer.refresh_token_expires_in) == ("AQR", 31536000)
    assert (answer.scope, answer.scopes) == ("r_ads,w_ads", ("r_ads", "w_ads"))
    assert answer.document == TOKENS
    assert (answer.status_code, answer.url, answer.headers["x-li-uuid"]) == (200, "https://h/oauth", "u")
    assert answer.response is response
    assert repr(answer) == f"<{kind.__name__} 200>"
    assert pickle.loads(pickle.dumps(answer)) == copy.deepcopy(answer) == answer


def test_application_tokens() -> None:
    answer = oauth.client_credentials("app", "s").parse(answered({"access_token": "AQV", "expires_in": "1800"}))
    assert (answer.access_token, answer.expires_in) == ("AQV", 1800)


def test_introspection() -> None:
    sent = {
        "active": True,
        "auth_type": "3L",
        "authorized_at": 1493055596,
        "client_id": "app",
        "created_at": "1493055596",
        "expires_at": 1497497620.0,
        "scope": "r_ads, w_ads",
        "status": "active",
    }
    answer = oauth.introspect("t", "app", "s").parse(answered(sent))
    assert (answer.active, answer.auth_type, answer.client_id, answer.status) == (True, "3L", "app", "active")
    assert (answer.authorized_at, answer.created_at, answer.expires_at) == (1493055596, 1493055596, 1497497620)
    assert answer.scopes == ("r_ads", "w_ads")


def test_introspection_of_what_nobody_knows() -> None:
    answer = oauth.introspect("t", "app", "s").parse(answered({"active": False}))
    assert (answer.active, answer.status, answer.expires_at, answer.scope, answer.scopes) == (
        False,
        None,
        None,
        None,
        (),
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"OK", b"\xff"])
def test_a_revocation_has_any_body(body: bytes) -> None:
    answer = oauth.revoke("t", "app", "s").parse(answered(body))
    assert type(answer) is oauth.AuthResponse
    assert answer.document == ({} if body == b"{}" else None)


def test_what_a_token_answer_may_leave_out() -> None:
    answer = oauth.refresh("r", "app").parse(answered({"access_token": "AQV"}))
    assert (answer.expires_in, answer.refresh_token, answer.refresh_token_expires_in) == (None, None, None)
    assert (answer.scope, answer.scopes) == (None, ())


@pytest.mark.parametrize(
    ("sent", "read"),
    [(1800, 1800), ("1800", 1800), (" 1800\n", 1800), (1800.9, 1800), ("-5", -5), (0, 0), (None, None)],
)
def test_numbers_are_read_leniently(sent: Any, read: int | None) -> None:
    answer = oauth.client_credentials("app", "s").parse(answered({"access_token": "AQV", "expires_in": sent}))
    assert answer.expires_in == read
    assert not isinstance(answer.expires_in, float)


@pytest.mark.parametrize("sent", [True, "soon", "", "1e3", "٣", [1800], {}, "9" * 5000, 10**12, 1e300])
def test_what_is_not_a_number_of_seconds(sent: Any) -> None:
    with pytest.raises(InvalidResponseError, match="expires_in of its body is not a number of seconds"):
        oauth.client_credentials("app", "s").parse(answered({"access_token": "AQV", "expires_in": sent}))


@pytest.mark.parametrize(
    ("sent", "scope", "scopes"),
    [
        (["r_ads", "w_ads"], "r_ads w_ads", ("r_ads", "w_ads")),
        ([], "", ()),
        ("r_ads w_ads", "r_ads w_ads", ("r_ads", "w_ads")),
        ("r_ads,w_ads", "r_ads,w_ads", ("r_ads", "w_ads")),
    ],
)
def test_scopes_as_text_and_as_lists(sent: Any, scope: str, scopes: tuple[str, ...]) -> None:
    answer = oauth.refresh("r", "app").parse(answered({"access_token": "AQV", "scope": sent}))
    assert (answer.scope, answer.scopes) == (scope, scopes)


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        *((name, body, "its body is not a JSON object") for name in NAMES[:4] for body in (b"", b"<html>", b"[]")),
        *((name, {"expires_in": 1}, "its body has no access_token") for name in NAMES[:3]),
        ("refresh", {"access_token": None}, "its body has no access_token"),
        ("refresh", {"access_token": 5}, "access_token of its body is not a string"),
        ("refresh", {"access_token": ""}, "access_token of its body is not visible ASCII"),
        ("refresh", {"access_token": "a b"}, "access_token of its body is not visible ASCII"),
        ("refresh", {"access_token": "AQV", "refresh_token": "é"}, "refresh_token of its body is not visible ASCII"),
        ("refresh", {"access_token": "AQV", "scope": 5}, "scope of its body is not a string"),
        ("refresh", {"access_token": "AQV", "scope": [5]}, "scope of its body is not a string"),
        ("introspect", {}, "active of its body is not a boolean"),
        ("introspect", {"active": "true"}, "active of its body is not a boolean"),
        ("introspect", {"active": True, "status": 1}, "status of its body is not a string"),
    ],
)
def test_success_that_cannot_be_read(name: str, body: Any, reason: str) -> None:
    with pytest.raises(InvalidResponseError) as caught:
        calls()[name].parse(answered(body, 200, {"X-Echo": "s3cr+t/1"}))
    assert caught.value.reason == reason
    assert caught.value.response == HttpResponse(200, {"X-Echo": "…"}, b"", "https://h/oauth")
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert caught.value.request is not None
    assert caught.value.request.body == b""


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [302, 400, 401, 503])
def test_refusals_of_the_authorization_server(name: str, status: int) -> None:
    sent = {"error": "invalid_client", "error_description": "s3cr+t/1 or s3cr%2Bt%2F1 is wrong", "more": 1}
    with pytest.raises(OAuthError) as caught:
        calls()[name].parse(answered(sent, status, {"X-LI-UUID": "u"}))
    assert (caught.value.error, caught.value.error_description) == ("invalid_client", "… or … is wrong")
    assert caught.value.response == HttpResponse(status, {"X-LI-UUID": "u"}, b"", "https://h/oauth")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(("error", "shown"), [("invalid_client", "invalid_client"), ("not the_clients", "not …")])
def test_a_secret_does_not_spoil_a_known_code(error: str, shown: str) -> None:
    secret = "invalid_client" if error == "invalid_client" else "the_clients"
    with pytest.raises(OAuthError) as caught:
        oauth.refresh(secret, "app").parse(answered({"error": error, "error_description": f"a {secret}"}, 400))
    assert (caught.value.error, caught.value.error_description) == (shown, "a …")


@pytest.mark.parametrize("status", [400, 401, 414, 503])
def test_an_error_of_another_server_has_neither_its_words_nor_hints_for_other_calls(status: int) -> None:
    with pytest.raises(ServiceError) as caught:
        oauth.refresh("r3fresh-token", "app").parse(answered(b"<html><title>access_token: AQX</title>", status))
    assert (caught.value.words, caught.value.hint) == (None, "")
    assert "AQX" not in str(caught.value)


def test_a_short_secret_is_a_word_like_others() -> None:
    with pytest.raises(OAuthError) as caught:
        oauth.refresh("client", "app").parse(answered({"error": "not a client", "error_description": "a client"}, 400))
    assert str(caught.value) == "not a client: a client"


@pytest.mark.parametrize("description", [None, 5, ["a"], ""])
def test_refusals_without_words(description: Any) -> None:
    with pytest.raises(OAuthError) as caught:
        oauth.refresh("r3fresh", "app").parse(answered({"error": "e", "error_description": description}, 400))
    assert caught.value.error_description is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (503, b"<html>s3cr+t/1</html>", ServerError, None),
        (429, {"message": "Too many: s3cr+t/1"}, RateLimitError, "Too many: …"),
        (401, {"message": "No", "serviceErrorCode": 65600, "errorDetails": "s3cr+t/1"}, UnauthorizedError, "No"),
        (400, {"error": ""}, ServiceError, None),
        (400, {"error": {"code": 1}}, ServiceError, None),
        (302, b"", ServiceError, None),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_refusals_of_others(name: str, status: int, body: Any, kind: type[ServiceError], message: str | None) -> None:
    with pytest.raises(kind) as caught:
        calls()[name].parse(answered(body, status, {"Retry-After": "5"}))
    assert caught.value.message == message
    assert (caught.value.response.body, caught.value.document, caught.value.error_details) == (b"", None, None)
    assert caught.value.response.headers["Retry-After"] == "5"
    assert getattr(caught.value, "retry_after", 5) == 5
    assert "s3cr+t/1" not in f"{caught.value}{caught.value!r}{vars(caught.value)}"


def test_a_loads_of_ones_own() -> None:
    def loads(body: bytes) -> Any:
        raise RuntimeError(body)

    with pytest.raises(InvalidResponseError, match="not a JSON object") as caught:
        oauth.refresh("r", "app").parse(answered(TOKENS), loads=loads)
    assert caught.value.__context__ is None
    with pytest.raises(ServerError):
        oauth.refresh("r", "app").parse(answered(TOKENS, 500), loads=loads)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_has_its_request_without_the_form(name: str) -> None:
    made = calls()[name]
    found = made.parse(answered({**TOKENS, "active": True}))
    assert found.request == made.request.redacted()
    assert found.request.body == b""
    assert not [secret for secret in SECRETS if secret in repr(pickle.loads(pickle.dumps(found)).request)]


def test_a_parser_may_return_what_it_likes() -> None:
    assert AuthReader(lambda response, document: document)(HttpRequest("GET", "/"), answered([1]), json.loads) == [1]


# -- who a member is ---------------------------------------------------------------------------------------------------

CLAIMS = {
    "sub": "782bbtaQ",
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "picture": "https://media.licdn.com/1",
    "locale": {"country": "US", "language": "en"},
    "email": "ada@example.com",
    "email_verified": True,
    "extra": [1],
}


def told(body: Any, status: int = 200) -> oauth.UserinfoResponse:
    return oauth.userinfo("acc3ss-token").parse(answered(body, status))


def test_userinfo_says_who_a_member_is() -> None:
    answer = told(CLAIMS)
    assert {name: getattr(answer, name, None) for name in CLAIMS} == {**CLAIMS, "extra": None}
    assert answer.document == CLAIMS
    assert answer.mismatch is None
    assert answer.urn == "urn:li:person:782bbtaQ"
    assert isinstance(answer.urn, Urn)
    assert repr(answer) == "<UserinfoResponse 200>"
    assert pickle.loads(pickle.dumps(answer)) == answer
    assert answer.request is not None
    assert "Authorization" not in answer.request.headers


def test_userinfo_may_say_no_more_than_the_id() -> None:
    answer = told({"sub": "7"})
    assert [getattr(answer, name) for name in CLAIMS if name not in {"sub", "extra"}] == [None] * 7


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ({"email_verified": "true"}, {"email_verified": True}),
        ({"email_verified": "False"}, {"email_verified": False}),
        ({"email_verified": "perhaps"}, {"email_verified": None}),
        ({"name": 5}, {"name": None}),
        ({"email": ["a"]}, {"email": None}),
        ({"locale": ["en"]}, {"locale": None}),
    ],
)
def test_a_claim_of_another_type_is_noted(claims: dict[str, Any], found: dict[str, Any]) -> None:
    answer = told({"sub": "7", **claims})
    assert {name: getattr(answer, name) for name in found} == found
    assert answer.mismatch is not None
    assert answer.document == {"sub": "7", **claims}


def test_a_locale_may_be_a_text() -> None:
    answer = told({"sub": "7", "locale": "en-US"})
    assert (answer.locale, answer.mismatch) == ("en-US", None)


@pytest.mark.parametrize("body", [b"", b"<html>", [], {}, {"sub": ""}, {"sub": 7}, {"sub": None}])
def test_nobody_is_nobody(body: Any) -> None:
    with pytest.raises(InvalidResponseError) as caught:
        told(body)
    assert caught.value.response.body == b""


def test_what_userinfo_refuses_says_what_to_do_and_repeats_no_token() -> None:
    echo = {"serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN", "message": "acc3ss-token has been revoked"}
    with pytest.raises(UnauthorizedError) as caught:
        told(echo, 401)
    assert "seconds old" in caught.value.hint
    denied = {"serviceErrorCode": 100, "message": "Not enough permissions to access: userinfo.GET.NO_VERSION"}
    with pytest.raises(ServiceError, match="for GET of userinfo without a version"):
        told(denied, 403)
    with pytest.raises(OAuthError):
        told({"error": "invalid_token"}, 401)
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert "acc3ss" not in f"{error}{error!r}{error.response.body!r}{error.document}"
    assert told({"sub": "7", "email_verified": "acc3ss-token"}).mismatch is not None
    assert "acc3ss" not in str(told({"sub": "7", "email_verified": "acc3ss-token"}).mismatch)
