"""The authorization server over sockets, as a browser and a client meet it, and as docs/auth.md shows it."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest

from restli_core import oauth
from restli_core.errors import OAuthError, ServiceError, UnauthorizedError
from restli_transports import RestliClient
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.server import RestliServer
from tests.support.oauth_flows import (
    BACK,
    CHALLENGE,
    LOCAL,
    STATE,
    VERIFIER,
    Form,
    made,
)
from tests.support.pages import programs_in, section_of, text_of

pytestmark = pytest.mark.sockets


@pytest.fixture
def authorization() -> AuthorizationServer:
    return made()


@pytest.fixture
def server(authorization: AuthorizationServer) -> Iterator[RestliServer]:
    with RestliServer(base_path="/rest", authorization=authorization, requires_token=True) as server:
        server.simple("/me", {"name": "Ada"})
        yield server


def browsed(url: str, decision: dict[str, str]) -> str:
    """Do what a browser does: open the page, send the form, and be redirected."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        form = Form(connection.getresponse().read().decode())
        member = {"member": form.options[-1], **decision}
        connection.request(
            "POST", form.action, urlencode(member), {"Content-Type": "application/x-www-form-urlencoded"}
        )
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 302
        return answer.headers["Location"]
    finally:
        connection.close()


def test_every_call_over_sockets(server: RestliServer) -> None:
    base_url = server.auth_base_url
    url = oauth.generate_member_auth_url("app", BACK, ["r_ads"], STATE, base_url=base_url)
    code = oauth.read_redirect(browsed(url, {"decision": "allow"}), STATE)
    with RestliClient(base_url=server.base_url) as client:
        token = client.send(oauth.authorization_code(code, BACK, "app", "s3cret", base_url=base_url))
        assert client.with_options(access_token=token.access_token).get("/me").entity == {"name": "Ada"}
        refreshed = client.send(oauth.refresh(token.refresh_token or "", "app", "s3cret", base_url=base_url))
        known = client.send(oauth.introspect(refreshed.access_token, "app", "s3cret", base_url=base_url))
        assert (known.active, known.scopes) == (True, ("r_ads",))
        client.send(oauth.revoke(refreshed.access_token, "app", "s3cret", base_url=base_url))
        with pytest.raises(UnauthorizedError, match="65601"):
            client.with_options(access_token=refreshed.access_token).get("/me")
        own = client.send(oauth.client_credentials("app", "s3cret", base_url=base_url))
        assert client.with_options(access_token=own.access_token).get("/me").entity == {"name": "Ada"}
        with pytest.raises(OAuthError, match=r"^invalid_client: "):
            client.send(oauth.client_credentials("app", "wrong", base_url=base_url))
    assert not [one for one in server.received if b"s3cret" in one.head]


def test_the_native_flow_over_sockets(server: RestliServer) -> None:
    base_url = server.auth_base_url
    url = oauth.generate_member_auth_url("native", LOCAL, "r", STATE, code_challenge=CHALLENGE, base_url=base_url)
    code = oauth.read_redirect(browsed(url, {"decision": "allow"}), STATE)
    with RestliClient() as client:
        call = oauth.authorization_code(code, LOCAL, "native", code_verifier=VERIFIER, base_url=base_url)
        assert client.send(call).access_token
    with pytest.raises(OAuthError, match=r"^user_cancelled_authorize: "):
        oauth.read_redirect(browsed(url, {"decision": "cancel"}), STATE)


def test_faults_come_before_answers(server: RestliServer, authorization: AuthorizationServer) -> None:
    assert server.authorization is authorization
    server.fail_next(status=503, body=b"<html>")
    with RestliClient() as client, pytest.raises(ServiceError) as caught:
        client.send(oauth.client_credentials("app", "s3cret", base_url=server.auth_base_url))
    assert (caught.value.status_code, caught.value.response.body) == (503, b"")


def test_the_documentation_runs(capsys: pytest.CaptureFixture[str]) -> None:
    section = section_of(text_of("docs/auth.md"), "The authorization server")
    exec("\n".join(programs_in(section)), {})
    assert capsys.readouterr().out == "{'name': 'Ada'}\n"
