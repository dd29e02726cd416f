"""OAuth: the calls as they go out, the answers by status, the URL and the redirect, PKCE, and tokens as values."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from restli_core import oauth
from restli_core.calls import Call
from restli_core.errors import (
    InvalidCallError,
    InvalidResponseError,
    OAuthError,
    RateLimitError,
    ServerError,
    ServiceError,
    UnauthorizedError,
)
from restli_core.messages import HttpResponse

# RFC 7636 appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

BACK = "https://app.example/back?a=b&c"
SECRETS = {"s3cr+t/1", "c0de&x=y", "refr3sh", "acc3ss"}


def calls(**options: Any) -> dict[str, Call[Any]]:
    return {
        "authorization_code": oauth.authorization_code("c0de&x=y", BACK, "app", "s3cr+t/1", **options),
        "refresh": oauth.refresh("refr3sh", "app", "s3cr+t/1", **options),
        "client_credentials": oauth.client_credentials("app", "s3cr+t/1", **options),
        "introspect": oauth.introspect("acc3ss", "app", "s3cr+t/1", **options),
        "revoke": oauth.revoke("acc3ss", "app", "s3cr+t/1", **options),
    }


NAMES = list(calls())
CLIENT = {"client_id": "app", "client_secret": "s3cr+t/1"}


def answered(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, headers or {}, content, "https://h/oauth", native=object())


# -- what goes out -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path", "form"),
    [
        (
            "authorization_code",
            "/accessToken",
            {"grant_type": "authorization_code", "code": "c0de&x=y", "redirect_uri": BACK},
        ),
        ("refresh", "/accessToken", {"grant_type": "refresh_token", "refresh_token": "refr3sh"}),
        ("client_credentials", "/accessToken", {"grant_type": "client_credentials"}),
        ("introspect", "/introspectToken", {"token": "acc3ss"}),
        ("revoke", "/revoke", {"token": "acc3ss"}),
    ],
)
def test_requests(name: str, path: str, form: dict[str, str]) -> None:
    request = calls()[name].request
    assert request.method == "POST"
    assert request.url == f"https://www.linkedin.com/oauth/v2{path}"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Accept"] == "application/json"
    assert "Authorization" not in request.headers
    assert dict(parse_qsl(request.body.decode("ascii"), strict_parsing=True)) == {**form, **CLIENT}


@pytest.mark.parametrize("name", NAMES)
def test_calls_are_values(name: str) -> None:
    call = calls()[name]
    assert call == calls()[name]
    assert pickle.loads(pickle.dumps(call)) == call
    assert call.method == name
    assert not [secret for secret in SECRETS if secret in f"{call!r}{call.request!r}{call.reader!r}"]
    assert call.request.redacted().body == b""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1/oauth/v2", "http://127.0.0.1:1/oauth/v2/"])
def test_endpoints_can_be_elsewhere(name: str, base_url: str) -> None:
    assert calls(base_url=base_url)[name].request.url.startswith("http://127.0.0.1:1/oauth/v2/")


def test_public_clients_have_no_secret() -> None:
    by_code = oauth.authorization_code("c", BACK, "app", code_verifier=VERIFIER)
    assert dict(parse_qsl(by_code.request.body.decode()))["code_verifier"] == VERIFIER
    for call in (by_code, oauth.refresh("r", "app"), oauth.revoke("t", "app")):
        assert b"client_secret" not in call.request.body


def test_form_values_are_utf_8_with_spaces_as_escapes() -> None:
    assert oauth.client_credentials("a b", "é+~").request.body.endswith(b"client_id=a%20b&client_secret=%C3%A9%2B~")


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


def test_a_code_needs_a_secret_or_a_verifier() -> None:
    with pytest.raises(InvalidCallError, match=r"^client_secret: or code_verifier must be given"):
        oauth.authorization_code("c", BACK, "app")


@pytest.mark.parametrize("name", NAMES)
def test_keywords_are_the_documented_ones(name: str) -> None:
    function = getattr(oauth, name)
    assert set(inspect.signature(function).parameters) <= {
        *("code", "redirect_url", "client_id", "client_secret", "code_verifier", "base_url"),
        *("refresh_token", "access_token"),
    }


def test_what_is_undocumented_says_so() -> None:
    assert "does not document" in (oauth.revoke.__doc__ or "")


# -- answers -----------------------------------------------------------------------------------------------------------

TOKENS = {
    "access_token": "AQV",
    "expires_in": 5184000,
    "refresh_token": "AQR",
    "refresh_token_expires_in": 31536000,
    "scope": "r_ads,w_ads",
    "token_type": "Bearer",
}


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
    told = {
        "active": True,
        "auth_type": "3L",
        "authorized_at": 1493055596,
        "client_id": "app",
        "created_at": "1493055596",
        "expires_at": 1497497620.0,
        "scope": "r_ads, w_ads",
        "status": "active",
    }
    answer = oauth.introspect("t", "app", "s").parse(answered(told))
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
def test_what_is_no_number_of_seconds(sent: Any) -> None:
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


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [302, 400, 401, 503])
def test_refusals_of_the_authorization_server(name: str, status: int) -> None:
    told = {"error": "invalid_client", "error_description": "s3cr+t/1 or s3cr%2Bt%2F1 is wrong", "more": 1}
    with pytest.raises(OAuthError) as caught:
        calls()[name].parse(answered(told, status, {"X-LI-UUID": "u"}))
    assert (caught.value.error, caught.value.error_description) == ("invalid_client", "… or … is wrong")
    assert caught.value.response == HttpResponse(status, {"X-LI-UUID": "u"}, b"", "https://h/oauth")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(("error", "shown"), [("invalid_client", "invalid_client"), ("not a client", "not a …")])
def test_a_short_secret_does_not_spoil_the_code(error: str, shown: str) -> None:
    with pytest.raises(OAuthError) as caught:
        oauth.refresh("client", "app").parse(answered({"error": error, "error_description": "a client"}, 400))
    assert (caught.value.error, caught.value.error_description) == (shown, "a …")


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


# -- the authorization URL, the redirect, PKCE -------------------------------------------------------------------------


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
def test_what_is_no_verifier(verifier: str) -> None:
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
def test_what_is_no_redirect(url: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^url: must be text"):
        oauth.read_redirect(url, "s")


# -- tokens ------------------------------------------------------------------------------------------------------------


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
def test_refreshed_tokens_keep_what_is_not_told_anew(answer: dict[str, Any], token: oauth.Token) -> None:
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
def test_what_is_no_token(fields: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        oauth.Token.from_dict(fields)
    assert caught.value.argument == argument
    assert "AQV" not in str(caught.value)


def test_the_time_is_a_number() -> None:
    answer = oauth.client_credentials("app", "s").parse(answered({"access_token": "AQV", "expires_in": 1}))
    with pytest.raises(InvalidCallError, match=r"^now: "):
        oauth.Token.received(answer, "now")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
