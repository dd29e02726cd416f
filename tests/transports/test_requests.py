"""What only the transport over requests promises: sessions with auth, hooks, adapters and mocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
import responses
import responses.matchers
from requests.adapters import HTTPAdapter

from restli_core import ConnectError, HttpRequest, InvalidCallError, ProtocolError
from restli_transports import AuthClient, RestliClient, Timeout
from restli_transports.requests import ExactAdapter, RequestsTransport
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK, failing, get, sending
from restli_transports.testing.compliance.surroundings import (
    authority,
    plain_environment,
    refusing_port,
    speaking_tls,
)
from restli_transports.testing.compliance.wire_view import request_target, values_of
from restli_transports.testing.scripted_server import ScriptedServer, answer, response


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


def test_the_session_of_its_own() -> None:
    session = RequestsTransport().session
    assert session.verify is True
    assert all(isinstance(session.get_adapter(url), ExactAdapter) for url in ("http://a.test/", "https://a.test/"))


@pytest.mark.sockets
def test_the_session_of_its_own_trusts_whom_its_user_says(tmp_path: Path) -> None:
    trusted = tmp_path / "trusted.pem"
    authority().cert_pem.write_to_path(str(trusted))
    with ScriptedServer(answer(OK), tls=speaking_tls()) as server, sending(RequestsTransport()) as sender:
        failing(sender, server.url, ConnectError)
        sender.session.verify = str(trusted)
        assert get(sender, server.url).status_code == 200
        sender.session.verify = True
        failing(sender, server.url, ConnectError)


class Reading(requests.Session):
    """A session whose user reads the environment in a way of their own, as many do."""

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        return {"proxies": {}, "stream": True, "verify": False, "cert": None}


@pytest.mark.sockets
def test_a_users_own_reading_of_the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", f"http://127.0.0.1:{refusing_port()}")
    with ScriptedServer(answer(OK)) as server, Reading() as session, sending(RequestsTransport(session)) as sender:
        assert get(sender, server.url).status_code == 200


@pytest.mark.sockets
def test_a_session_that_does_not_read_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://nobody")
    monkeypatch.setenv("no_proxy", "[::1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/thing")
    with ScriptedServer(answer(OK)) as server, requests.Session() as session:
        session.trust_env = False
        with sending(RequestsTransport(session)) as sender:
            assert get(sender, server.url).status_code == 200


@pytest.mark.sockets
def test_a_sessions_auth_cannot_replace_the_authorization() -> None:
    with ScriptedServer(answer(OK)) as server, requests.Session() as session:
        session.auth = ("user", "password")
        with sending(RequestsTransport(session)) as sender:
            get(sender, server.url, Authorization="Bearer t")
    assert values_of(server.received[0], "authorization") == ["Bearer t"]


def read_at_once(got: requests.Response, **_: Any) -> None:
    assert got.content


@pytest.mark.sockets
def test_a_hook_of_requests_may_read_the_answer() -> None:
    with ScriptedServer(answer(response("200 OK", b"12345"))) as server, requests.Session() as session:
        session.hooks["response"].append(read_at_once)
        request = HttpRequest("GET", server.url)
        assert RequestsTransport(session).send(request, timeout=QUICK).body == b"12345"
        with pytest.raises(ProtocolError, match="4 bytes"):
            RequestsTransport(session, max_body=4).send(request, timeout=QUICK)


@responses.activate
def test_requests_mocked_by_responses() -> None:
    responses.get("https://api.linkedin.com/v2/me", json={"id": "x"})
    with RestliClient(RequestsTransport()) as client:
        assert client.get("/me").entity == {"id": "x"}


@responses.activate
def test_forms_are_text_for_mocks_and_hooks_as_those_of_requests_itself_are() -> None:
    form = responses.matchers.urlencoded_params_matcher({"ids": "List(1,2)"})
    responses.post("https://api.linkedin.com/v2/things", json={"results": {}}, match=[form])
    application = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "secret"}
    form = responses.matchers.urlencoded_params_matcher(application)
    url = "https://www.linkedin.com/oauth/v2/accessToken"
    responses.post(url, json={"access_token": "x", "expires_in": 1800}, match=[form])
    with RestliClient(RequestsTransport()) as client, AuthClient("app", "secret", transport=client.transport) as auth:
        assert client.batch_get("/things", [1, 2], tunnel_above=0).results == {}
        assert auth.get_two_legged_access_token().access_token == "x"
    assert [type(call.request.body) for call in responses.calls] == [str, str]


@pytest.mark.sockets
@pytest.mark.parametrize("body", [b"a=b&c=%28", b"a=\xc3\xa9", b"a=\xff", b"a=" + b"b" * 200_000, b""])
@pytest.mark.parametrize("session", [None, requests.Session])
def test_forms_are_on_the_wire_as_they_are(body: bytes, session: Any) -> None:
    fields = {"Content-Type": "Application/x-www-form-urlencoded; charset=utf-8"}
    transport = RequestsTransport(session and session())
    with ScriptedServer(answer(OK)) as server:
        assert transport.send(HttpRequest("POST", server.url, fields, body), timeout=QUICK).status_code == 200
        transport.session.close()
    head, _, sent = server.received[0].partition(b"\r\n\r\n")
    assert sent == body
    assert values_of(server.received[0], "content-length") == [str(len(body))]
    assert b"chunked" not in head.lower()


@pytest.mark.sockets
def test_an_exact_adapter_keeps_the_target_outside_a_transport_too() -> None:
    prepared = requests.Request("GET", "http://a.test/").prepare()
    with ScriptedServer(answer(OK)) as server, requests.Session() as session:
        session.mount("http://", ExactAdapter())
        prepared.url = f"{server.url}/a/../b?%c3[]"
        assert session.send(prepared, timeout=60).json() == {}
    assert request_target(server.received[0]) == "/a/../b?%c3[]"


@pytest.mark.sockets
def test_a_hook_may_send_other_requests_through_such_an_adapter_meanwhile() -> None:
    def fetching_token(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["X-Token"] = other.get(f"{server.url}/token?a=1", timeout=60).text
        return request

    def asking_again(_got: requests.Response, **_: Any) -> None:
        other.get(f"{server.url}/again", timeout=60)

    with ScriptedServer(answer(OK)) as server, requests.Session() as session, requests.Session() as other:
        session.mount("http://", ExactAdapter())
        other.mount("http://", ExactAdapter())
        session.auth = fetching_token
        session.hooks["response"].append(asking_again)
        RequestsTransport(session).send(HttpRequest("GET", f"{server.url}/a/./b?%c3"), timeout=QUICK)
    assert [request_target(request) for request in server.received] == ["/token?a=1", "/a/./b?%c3", "/again"]
    assert values_of(server.received[1], "x-token") == ["{}"]


@pytest.mark.sockets
def test_a_header_that_the_session_takes_back_is_not_sent() -> None:
    with ScriptedServer(answer(OK)) as server, requests.Session() as session:
        session.headers["Accept"] = None  # type: ignore[assignment]
        RequestsTransport(session).send(HttpRequest("GET", server.url), timeout=QUICK)
    assert values_of(server.received[0], "accept") == []


@pytest.mark.sockets
def test_a_hook_of_the_session_sees_where_a_redirect_leads() -> None:
    seen: list[str] = []
    with (
        ScriptedServer(answer(response("302 Found", b"moved", "Location: /b"))) as server,
        requests.Session() as session,
    ):
        session.hooks["response"].append(lambda got, **_: seen.append(got.headers["Location"]))
        got = RequestsTransport(session).send(HttpRequest("GET", server.url), timeout=QUICK)
    assert (seen, got.status_code, got.headers["Location"], got.body) == (["/b"], 302, "/b", b"moved")


@pytest.mark.sockets
def test_a_hook_that_raises_on_status_is_heard() -> None:
    with ScriptedServer(answer(response("404 Not Found"))) as server, requests.Session() as session:
        session.hooks["response"].append(lambda got, **_: got.raise_for_status())
        with pytest.raises(requests.HTTPError):
            RequestsTransport(session).send(HttpRequest("GET", server.url), timeout=QUICK)


class Recording(HTTPAdapter):
    """A user's adapter, which sees the limits that it is given."""

    limits: Any = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.limits = kwargs["timeout"]
        return super().send(request, *args, **kwargs)


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("timeout", "limits"),
    [
        (Timeout(connect=3, read=4, total=30), (3, 4)),
        (Timeout(connect=3, read=40, total=30), (3, 30)),
        (Timeout(connect=None, read=None, total=30), (30, 30)),
        (Timeout(connect=3, read=None, total=None), (3, None)),
    ],
    ids=["below the total", "above it", "only the total", "no total"],
)
def test_an_adapter_of_requests_is_given_what_it_can_keep(timeout: Timeout, limits: tuple[Any, ...]) -> None:
    with ScriptedServer(answer(OK)) as server, requests.Session() as session:
        adapter = Recording()
        session.mount("http://", adapter)
        RequestsTransport(session).send(HttpRequest("GET", server.url), timeout=timeout)
    assert adapter.limits == limits


def test_a_path_that_requests_would_change_is_refused() -> None:
    with requests.Session() as session, pytest.raises(InvalidCallError, match="begins with //"):
        RequestsTransport(session).send(HttpRequest("GET", "http://a.test//b"), timeout=QUICK)


@pytest.mark.sockets
def test_close_leaves_a_given_session_open() -> None:
    with ScriptedServer(answer(OK)) as server, requests.Session() as session:
        with sending(RequestsTransport(session)) as sender:
            get(sender, server.url)
        assert session.get(server.url, timeout=60).json() == {}
    assert server.connections == 1
