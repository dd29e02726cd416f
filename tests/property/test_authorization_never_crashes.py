"""The authorization server answers whatever it is asked, and gives out no code without consent."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from hypothesis import event, given
from hypothesis import strategies as st

from restli_core.messages import HttpRequest
from restli_core.oauth import code_challenge
from restli_transports.testing.authorization import AuthorizationServer

BACK = "http://127.0.0.1/back"
KNOWN = {
    "client_id": ["app", "native"],
    "client_secret": ["s3cret"],
    "redirect_uri": [BACK, "http://127.0.0.1:80/back"],
    "response_type": ["code"],
    "scope": ["a", "a b"],
    "state": ["s"],
    "code_challenge": [code_challenge("v" * 43)],
    "code_challenge_method": ["S256"],
    "code_verifier": ["v" * 43],
    "grant_type": ["authorization_code", "refresh_token", "client_credentials"],
    "code": ["c"],
    "refresh_token": ["r"],
    "token": ["t"],
    "member": ["urn:li:person:ada"],
}
paths = st.sampled_from(
    ["v2/authorization", "native-pkce/authorization", "v2/accessToken", "v2/introspectToken", "v2/revoke", "x"]
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
complete = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in KNOWN.items()})


def spoilt(fields: dict[str, str], left_out: set[str], changed: dict[str, str]) -> str:
    return urlencode({name: value for name, value in {**fields, **changed}.items() if name not in left_out})


forms = st.builds(
    spoilt,
    complete,
    st.just(set[str]()) | st.sets(st.sampled_from([*KNOWN]), max_size=8),
    st.just({}) | st.dictionaries(st.sampled_from([*KNOWN]), texts, max_size=2),
)
PKCE = {"code_challenge", "code_challenge_method"}
web_forms = complete.map(lambda fields: spoilt(fields, PKCE, {"client_id": "app", "redirect_uri": BACK}))
raws = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12)


def server() -> AuthorizationServer:
    authorization = AuthorizationServer(clock=lambda: 0)
    authorization.app("app", "s3cret", redirect_urls=BACK)
    authorization.app("native", redirect_urls=BACK, native=True)
    return authorization


def reads(body: bytes, content_type: str) -> Any:
    return json.loads(body) if content_type == "application/json" else body.decode()


@given(
    method=st.sampled_from(["POST", "GET", "HEAD", "PUT"]),
    path=paths,
    query=forms | web_forms | raws,
    body=(forms | web_forms | raws).map(str.encode) | st.binary(max_size=12),
    media_type=st.sampled_from(["application/x-www-form-urlencoded", "text/plain"]),
)
def test_on_anything(method: str, path: str, query: str, body: bytes, media_type: str) -> None:
    request = HttpRequest(method, f"http://h/oauth/{path}?{query}", {"Content-Type": media_type}, body)
    answer = server().answer(request)
    assert answer.status_code in {200, 302, 400, 401, 404, 405}
    assert reads(answer.body, answer.headers.get("Content-Type", "")) is not None
    if answer.status_code == 302:
        location = answer.headers["Location"]
        assert location.isascii()
        assert urlsplit(location).path == "/back"
        assert "code=" not in urlsplit(location).query.partition("error=")[0]
    event(f"{path} {answer.status_code}")
