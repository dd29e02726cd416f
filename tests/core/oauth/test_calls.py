"""The token calls as they go out."""

from __future__ import annotations

import inspect
import pickle
from urllib.parse import parse_qsl

import pytest

from restli_core import Authorization, oauth
from restli_core.errors import InvalidCallError
from tests.support.token_calls import BACK, NAMES, SECRETS, VERIFIER, calls

CLIENT = {"client_id": "app", "client_secret": "s3cr+t/1"}


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


# -- who a member is ---------------------------------------------------------------------------------------------------


def test_userinfo_goes_to_the_resources_with_the_token_in_the_header() -> None:
    made = oauth.userinfo("acc3ss-token")
    assert made.request.line == "GET https://api.linkedin.com/v2/userinfo"
    assert made.request.headers["Authorization"] == "Bearer acc3ss-token"
    assert "LinkedIn-Version" not in made.request.headers
    assert (made.method, made.resource_path, made.name, made.request.body) == ("userinfo", "/userinfo", None, b"")
    assert made == oauth.userinfo("acc3ss-token") == pickle.loads(pickle.dumps(made))
    assert "acc3ss" not in f"{made!r}{made.request!r}{made.request.headers!r}{made.curl()}"
    assert '"Authorization: Bearer $LINKEDIN_ACCESS_TOKEN"' in made.curl()


def test_userinfo_can_be_elsewhere_and_with_another_authorization() -> None:
    made = oauth.userinfo(Authorization("Token acc3ss"), base_url="http://127.0.0.1:1/v2/")
    assert made.request.url == "http://127.0.0.1:1/v2/userinfo"
    assert made.request.headers["Authorization"] == "Token acc3ss"


@pytest.mark.parametrize(
    ("token", "base_url", "argument"),
    [("", None, "access_token"), ("Bearer acc3ss", None, "access_token"), ("acc3ss", "/v2", "base_url")],
)
def test_userinfo_refuses_what_cannot_be_sent(token: str, base_url: str | None, argument: str) -> None:
    with pytest.raises(InvalidCallError) as refused:
        oauth.userinfo(token, base_url=base_url)
    assert refused.value.argument == argument
    assert "acc3ss" not in str(refused.value)
