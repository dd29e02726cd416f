"""Login from a terminal: the whole way through redirects and the consent form, over sockets, and once in a browser."""

from __future__ import annotations

import http.client
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from restli_core import InvalidCallError, OAuthError
from restli_core.oauth import Token
from restli_transports import AuthClient
from restli_transports.system import LOOK_UP_SECONDS
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.server import RestliServer
from restli_transports.tokens.login import main, sign_in
from restli_transports.tokens.stores import FileStore
from tests.support.chromium import CHROMIUM, browser

pytestmark = pytest.mark.sockets

SCOPES = "r_ads,w_ads"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def back() -> str:
    return f"http://127.0.0.1:{free_port()}/back?a=b"


@pytest.fixture
def authorization(back: str) -> AuthorizationServer:
    authorization = AuthorizationServer(members=["urn:li:person:ada", "urn:li:person:bob"])
    authorization.app("web", "s3same", redirect_urls=[back])
    authorization.app("native", redirect_urls=["http://127.0.0.1/callback", "http://127.0.0.1/mine"], native=True)
    return authorization


@pytest.fixture
def server(authorization: AuthorizationServer) -> Iterator[RestliServer]:
    with RestliServer(authorization=authorization) as running:
        yield running


def auth(server: RestliServer, client_id: str = "native", *args: str | None) -> AuthClient:
    return AuthClient(client_id, *args, base_url=server.auth_base_url)


class Form(HTMLParser):
    """The form of a page: where it goes, and its buttons and choices."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.buttons: list[str] = []
        self.members: list[str] = []
        self._is_member = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.action = found.get("action") or self.action if tag == "form" else self.action
        self._is_member = tag == "option"
        if tag == "button":
            self.buttons.append(found["value"] or "")

    def handle_data(self, data: str) -> None:
        if self._is_member:
            self.members.append(data)


class Member:
    """Who signs in: opens the URL, submits the form, and follows the redirect."""

    def __init__(self, decision: str = "allow", member: int = 0, spoil: Callable[[str], str] = str) -> None:
        self.decision = decision
        self.member = member
        self.spoil = spoil
        self.url = ""
        self.page = ""
        self.status = 0
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._sign_in)

    def __call__(self, url: str) -> bool:
        self.url = url
        self._thread.start()
        return True

    def _sign_in(self) -> None:
        try:
            self.sign_in(self.url)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the test shall fail of it
            self.failure = failure

    def sign_in(self, url: str) -> None:
        with urllib.request.urlopen(url) as consent:
            form = Form(consent.read().decode())
        assert self.decision in form.buttons
        body = urlencode({"decision": self.decision, "member": form.members[self.member]})
        redirect = location(urljoin(url, form.action), body)
        self.status, self.page = fetch(self.spoil(redirect))

    def join(self) -> None:
        self._thread.join()
        assert self.failure is None, self.failure


def location(url: str, body: str) -> str:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"{parts.path}?{parts.query}", body, headers)
    answer = connection.getresponse()
    assert answer.status == 302
    connection.close()
    return answer.headers["Location"]


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def silent(line: str) -> None:
    """Tells nobody."""


def title(page: str) -> str:
    (found,) = re.findall("<title>(.*)</title>", page)
    return str(found)


# -- the two flows -----------------------------------------------------------------------------------------------------


def test_the_native_flow(server: RestliServer, authorization: AuthorizationServer, tmp_path: Path) -> None:
    member, store, told = Member(member=1), FileStore(tmp_path / "token.json"), list[str]()
    token = sign_in(auth(server), SCOPES, store=store, open_url=member, output=told.append)
    member.join()
    grant = authorization.grant(token.access_token)
    assert grant is not None
    assert (grant.client_id, grant.member, grant.scopes) == ("native", "urn:li:person:bob", ("r_ads", "w_ads"))
    assert store.load() == token
    assert (member.status, title(member.page)) == (200, "You are signed in")
    assert "/oauth/native-pkce/authorization?" in member.url
    assert told[-1] == member.url
    (exchanged,) = [one.body for one in server.received if b"accessToken" in one.head]
    assert b"code_verifier=" in exchanged
    assert b"client_secret=" not in exchanged


def test_the_web_flow(server: RestliServer, authorization: AuthorizationServer, back: str) -> None:
    member = Member()
    token = sign_in(auth(server, "web", "s3same", back), SCOPES, open_url=member, output=silent)
    member.join()
    assert authorization.grant(token.access_token) is not None
    assert token.expires_at == pytest.approx(time.time() + 60 * 86400, abs=60)
    assert parse_qs(urlsplit(member.url).query)["redirect_uri"] == [back]
    assert "code_challenge" not in member.url
    assert (member.status, title(member.page)) == (200, "You are signed in")


def test_a_native_application_may_name_its_path_and_its_port(server: RestliServer) -> None:
    port = free_port()
    for client, options in list[tuple[AuthClient, dict[str, Any]]](
        (
            (auth(server, "native", None, "http://127.0.0.1/mine"), {"port": port}),
            (auth(server, "native", None, f"http://127.0.0.1:{port}/mine"), {}),
        )
    ):
        member = Member()
        sign_in(client, SCOPES, open_url=member, output=silent, **options)
        member.join()
        assert parse_qs(urlsplit(member.url).query)["redirect_uri"] == [f"http://127.0.0.1:{port}/mine"]


def test_an_application_with_a_secret_may_use_the_native_flow(
    server: RestliServer, authorization: AuthorizationServer
) -> None:
    authorization.app("both", "s3same", redirect_urls=["http://127.0.0.1/callback"], native=True)
    member = Member()
    sign_in(auth(server, "both", "s3same"), SCOPES, native=True, open_url=member, output=silent)
    member.join()
    assert b"s3same" not in b"".join(one.raw for one in server.received)


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def refusal(server: RestliServer, member: Member) -> OAuthError:
    with pytest.raises(OAuthError) as caught:
        sign_in(auth(server), SCOPES, open_url=member, output=silent)
    member.join()
    assert (member.status, title(member.page)) == (400, "Signing in failed")
    return caught.value


def test_a_member_who_clicks_on_cancel(server: RestliServer) -> None:
    member = Member("cancel")
    assert refusal(server, member).error == "user_cancelled_authorize"
    assert "user_cancelled_authorize: The member did not consent" in member.page


FORGED = ["state=forged&code=1", "code=1", "state=&code=1", "state=forged&error=access_denied", "x"]


def test_redirects_with_another_state_are_refused_and_the_wait_goes_on(server: RestliServer) -> None:
    answers: list[tuple[int, str]] = []

    class AfterOthers(Member):
        def sign_in(self, url: str) -> None:
            redirect_url = parse_qs(urlsplit(url).query)["redirect_uri"][0]
            answers.extend(fetch(f"{redirect_url}?{query}") for query in FORGED)
            state = parse_qs(urlsplit(url).query)["state"][0]
            answers.append(fetch(f"{redirect_url}?state={state}&code=1&state={state}"))
            super().sign_in(url)

    member = AfterOthers()
    token = sign_in(auth(server), SCOPES, open_url=member, output=silent)
    member.join()
    assert [status for status, _ in answers] == [400] * 6
    assert {title(page) for _, page in answers} == {"This is not the login that is waited for"}
    assert (member.status, title(member.page)) == (200, "You are signed in")
    assert token.access_token
    assert sum(b"accessToken" in one.head for one in server.received) == 1


def test_where_only_others_came_back_that_is_told(server: RestliServer) -> None:
    def output(line: str) -> None:
        if line.startswith("http"):  # it is shown before the wait begins
            redirect_url = parse_qs(urlsplit(line).query)["redirect_uri"][0]
            assert [fetch(f"{redirect_url}?{query}")[0] for query in FORGED[:2]] == [400, 400]

    with pytest.raises(TimeoutError, match=r"nobody came back within 0\.05 s, but 2 with the state of another login"):
        sign_in(auth(server), SCOPES, open_url=lambda _: True, output=output, timeout=0.05)


def test_the_url_has_further_parameters(server: RestliServer) -> None:
    member = Member()
    extra = {"prompt": "login", "enable_extended_login": True}
    sign_in(auth(server), SCOPES, extra_params=extra, open_url=member, output=silent)
    member.join()
    assert member.url.endswith("&prompt=login&enable_extended_login=true")


def test_a_code_that_the_server_refuses(server: RestliServer) -> None:
    assert refusal(server, Member(spoil=lambda url: re.sub("code=[^&]*", "code=forged", url))).error == "invalid_grant"


def test_what_the_page_shows_is_escaped(server: RestliServer) -> None:
    words = urlencode({"error": "<script>alert(1)</script>", "error_description": '"&<b>'})
    member = Member(spoil=lambda url: re.sub("code=[^&]*", words, url))
    refusal(server, member)
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;: &quot;&amp;&lt;b&gt;</p>" in member.page


def test_a_store_that_fails_is_told_of(server: RestliServer, tmp_path: Path) -> None:
    member = Member()
    with pytest.raises(IsADirectoryError):
        sign_in(auth(server), SCOPES, store=FileStore(tmp_path), open_url=member, output=silent)
    member.join()
    assert title(member.page) == "Signing in failed"


def elsewhere(host: str, port: int) -> int:
    """The status that a page gets whose name has come to lead to this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/callback?code=1&state=x", headers={"Host": host})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_browser_that_does_not_let_go_holds_nothing_up(server: RestliServer) -> None:
    over = threading.Event()

    def stays_open(_: str) -> bool:
        return over.wait(30)

    with pytest.raises(TimeoutError):
        sign_in(auth(server), SCOPES, open_url=stays_open, output=silent, timeout=0.05)
    over.set()


def test_without_a_terminal_a_secret_is_not_asked_for(
    server: RestliServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LINKEDIN_CLIENT_SECRET", raising=False)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    assert run(server, "--store", str(tmp_path / "token.json")) == 2
    assert "LINKEDIN_CLIENT_SECRET in the environment: is missing" in capsys.readouterr().err


def test_stray_requests_get_404_and_end_nothing(server: RestliServer) -> None:
    class Straying(Member):
        def sign_in(self, url: str) -> None:
            redirect_url = parse_qs(urlsplit(url).query)["redirect_uri"][0]
            port = urlsplit(redirect_url).port
            self.idle = socket.create_connection(("127.0.0.1", port or 0))  # as browsers do ahead of time
            for path in ("/favicon.ico", "/", "/callback", "/callback/x?code=1", "/x?/callback"):
                assert fetch(f"http://127.0.0.1:{port}{path}")[0] == 404
            assert elsewhere("evil.example", port or 0) == elsewhere(f"evil.example:{port}", port or 0) == 404
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("POST", "/callback?code=1")
            assert connection.getresponse().status == 501
            connection.close()
            super().sign_in(url)
            self.idle.close()

    member = Straying()
    assert sign_in(auth(server), SCOPES, open_url=member, output=silent).access_token
    member.join()


def test_only_the_first_redirect_counts(server: RestliServer, tmp_path: Path) -> None:
    second: list[int] = []

    class Slow(FileStore):
        def save(self, token: Token) -> None:
            second.append(fetch(parse_qs(urlsplit(member.url).query)["redirect_uri"][0] + "?code=1")[0])

    member = Member()
    sign_in(auth(server), SCOPES, store=Slow(tmp_path), open_url=member, output=silent)
    member.join()
    assert second == [404]


def test_nobody_comes_back(server: RestliServer) -> None:
    with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
        sign_in(auth(server), SCOPES, open_url=lambda _: True, output=silent, timeout=0.05)


def test_it_listens_on_loopback_alone_and_no_longer_than_it_must(server: RestliServer) -> None:
    def output(line: str) -> None:
        redirect_urls = parse_qs(urlsplit(line).query).get("redirect_uri")
        if redirect_urls:  # of the URL; the listener has begun to listen
            ports.append(urlsplit(redirect_urls[0]).port or 0)
            with pytest.raises(OSError):  # noqa: PT011 - refused, or no such address
                socket.create_connection(("127.0.0.2", ports[0]), timeout=5)

    ports: list[int] = []
    with pytest.raises(TimeoutError):
        sign_in(auth(server), SCOPES, open_url=lambda _: True, output=output, timeout=0.05)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", ports[0]))


@pytest.mark.parametrize("failure", [None, webbrowser.Error("none"), OSError("none")])
def test_where_no_browser_opens_the_url_is_told(server: RestliServer, failure: Exception | None) -> None:
    def open_url(url: str) -> bool:
        if failure is not None:
            raise failure
        return False

    told: list[str] = []
    with pytest.raises(TimeoutError):
        sign_in(auth(server), SCOPES, open_url=open_url, output=told.append, timeout=0.05)
    assert told[0].startswith("Open this URL in a browser")
    assert told[1].startswith(server.auth_base_url.removesuffix("/v2"))


@pytest.mark.parametrize(
    ("argument", "redirect_url", "options"),
    [
        ("redirect_url", None, {"native": False}),
        ("redirect_url", "https://app.example/back", {}),
        ("redirect_url", "https://127.0.0.1/back", {}),
        ("redirect_url", "http://127.0.0.1.evil.example/back", {}),
        ("redirect_url", "http://127.0.0.1:99999/back", {}),
        ("redirect_url", "http://127.0.0.1:0/back", {}),
        ("redirect_url", "http://user@127.0.0.1/back", {}),
        ("redirect_url", "http://0.0.0.0:8000/back", {}),
        ("port", None, {"port": 70000}),
        ("port", None, {"port": -1}),
        ("timeout", None, {"timeout": 0}),
        ("timeout", None, {"timeout": float("nan")}),
        ("timeout", None, {"timeout": float("inf")}),
        ("scopes", None, {"scopes": ""}),
        ("extra_params", None, {"extra_params": {"scope": "r_ads"}}),
    ],
)
def test_what_cannot_be_meant_is_refused(
    server: RestliServer, argument: str, redirect_url: str | None, options: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"scopes": SCOPES, "output": silent, **options}
    with pytest.raises(InvalidCallError) as caught:
        sign_in(auth(server, "native", None, redirect_url), **given)
    assert caught.value.argument.startswith(argument)


def test_a_web_application_needs_its_redirect_url(server: RestliServer) -> None:
    with pytest.raises(InvalidCallError, match="redirect_url: is needed by a web application"):
        sign_in(auth(server, "web", "s3same"), SCOPES, output=silent)


@pytest.mark.parametrize("argument", ["auth", "store"])
def test_what_is_neither_a_client_nor_a_store_is_named(server: RestliServer, argument: str) -> None:
    wrong: Any = 5
    given: dict[str, Any] = {"auth": auth(server), "scopes": SCOPES, "output": silent, argument: wrong}
    with pytest.raises(InvalidCallError, match=f"{argument}: must be an? .*, not int"):
        sign_in(**given)


def test_a_port_that_is_taken(server: RestliServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):  # noqa: PT011 - the system's words
        sign_in(auth(server), SCOPES, port=taken.getsockname()[1], output=silent)


# -- the command -------------------------------------------------------------------------------------------------------


class Started:
    """The command, as users start it."""

    def __init__(self, server: RestliServer, *arguments: str, **environment: str) -> None:
        command = [
            sys.executable,
            "-m",
            "restli_transports.tokens.login",
            "--auth-base-url",
            server.auth_base_url,
            *arguments,
        ]
        self.process = subprocess.Popen(
            [*command, "--no-browser", "--scopes", SCOPES],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("Open this URL in a browser")
        return self.process.stdout.readline().strip()

    def ended(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


def check_nothing_told(texts: str, token: Token | None) -> None:
    secrets = ["s3same", *([token.access_token, token.refresh_token or "-----"] if token else [])]
    assert [secret for secret in secrets if secret in texts] == []


def test_the_command_signs_in_by_the_native_flow(server: RestliServer, tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    arguments = ("--param", "prompt=login", "--param", "enable_extended_login=true")
    started = Started(
        server, "--client-id", "native", "--native", "--store", str(path), *arguments, LINKEDIN_CLIENT_SECRET="s3same"
    )
    member = Member()
    url = started.url()
    assert url.endswith("&prompt=login&enable_extended_login=true")
    member.sign_in(url)
    status, out, err = started.ended()
    assert (status, err) == (0, "")
    assert out == f"Signed in, for: r_ads, w_ads. The token is in {path}.\n"
    token = FileStore(path).load()
    assert token is not None
    check_nothing_told(out + member.page, token)
    assert b"s3same" not in b"".join(one.raw for one in server.received)


def test_the_command_signs_in_by_the_web_flow(server: RestliServer, back: str, tmp_path: Path) -> None:
    path = str(tmp_path / "token.json")
    started = Started(
        server, "--client-id", "web", "--redirect-url", back, "--store", path, LINKEDIN_CLIENT_SECRET="s3same"
    )
    member = Member()
    member.sign_in(started.url())
    status, out, err = started.ended()
    assert (status, err) == (0, "")
    check_nothing_told(out + member.page, FileStore(path).load())


@pytest.mark.parametrize(
    ("decision", "secret", "told"),
    [("cancel", "s3same", "user_cancelled_authorize"), ("allow", "wr0ng", "invalid_client")],
)
def test_the_command_fails(
    server: RestliServer, back: str, tmp_path: Path, *, decision: str, secret: str, told: str
) -> None:
    path = tmp_path / "token.json"
    arguments = ("--client-id", "web", "--redirect-url", back, "--store", str(path))
    started = Started(server, *arguments, LINKEDIN_CLIENT_SECRET=secret)
    Member(decision).sign_in(started.url())
    status, out, err = started.ended()
    assert status == 1
    assert err.startswith(f"Signing in failed: {told}")
    assert secret not in out + err
    assert not path.exists()


def run(server: RestliServer, *arguments: str) -> int:
    return main(["--client-id", "native", "--scopes", SCOPES, "--auth-base-url", server.auth_base_url, *arguments])


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    monkeypatch.delenv("LINKEDIN_CLIENT_SECRET", raising=False)


@pytest.mark.usefixtures("no_browser")
@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["--timeout", "0.05"], 1, "nobody came back within 0.05 s"),
        (["--timeout", "0"], 2, "timeout: "),
        (["--redirect-url", "https://app.example/back"], 2, "redirect_url: "),
        (["--port", "70000"], 2, "port: "),
        (["--param", "prompt="], 2, "extra_params['prompt']: "),
        (["--param", "state=x"], 2, "extra_params['state']: "),
    ],
)
def test_exit_statuses(
    server: RestliServer,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    *,
    arguments: list[str],
    status: int,
    told: str,
) -> None:
    assert run(server, "--native", "--store", str(tmp_path / "token.json"), *arguments) == status
    assert f"Signing in failed: {told}" in capsys.readouterr().err


def test_a_parameter_without_a_value_is_named(server: RestliServer, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(server, "--native", "--param", "prompt")
    assert "'prompt' is not NAME=VALUE" in capsys.readouterr().err


@pytest.mark.usefixtures("no_browser")
def test_a_store_that_is_spoilt_is_told_of_before_the_member_signs_in(
    server: RestliServer, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "token.json").touch(mode=0o600)
    (tmp_path / "token.json").write_text("a diary")
    assert run(server, "--native", "--store", str(tmp_path / "token.json")) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "holds no token" in told.err
    assert (tmp_path / "token.json").read_text() == "a diary"


@pytest.mark.usefixtures("no_browser")
def test_without_a_file_the_keyring_is_asked_for(
    server: RestliServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert run(server, "--native") == 1
    assert "restli-core[keyring]" in capsys.readouterr().err


@pytest.mark.usefixtures("no_browser")
@pytest.mark.parametrize(("typed", "path"), [("s3same", "/oauth/v2/"), ("", "/oauth/native-pkce/")])
def test_the_secret_is_asked_for_at_a_terminal(
    server: RestliServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    typed: str,
    path: str,
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("restli_transports.tokens.login.getpass", lambda _: typed)
    url = f"http://127.0.0.1:{free_port()}/callback"
    arguments = ["--timeout", "0.05", "--redirect-url", url, "--store", str(tmp_path / "t")]
    assert run(server, *arguments) == 1
    told = capsys.readouterr()
    assert path in told.out
    check_nothing_told(told.out + told.err, None)


@pytest.mark.usefixtures("no_browser")
def test_an_interruption(
    server: RestliServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: object, **__: object) -> Token:
        raise KeyboardInterrupt

    monkeypatch.setattr("restli_transports.tokens.login.sign_in", interrupted)
    assert run(server, "--native", "--store", str(tmp_path / "token.json")) == 130
    assert capsys.readouterr().err == "Signing in failed: interrupted\n"


def test_an_interrupt_that_ends_no_wait_is_soon_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    class Uninterrupted:
        """A queue of Windows, where Ctrl-C does not end a wait, but comes after it; here after the third."""

        def get(self, *, timeout: float = 0) -> str:
            waits.append(timeout)
            if len(waits) == 3:
                raise KeyboardInterrupt
            raise queue.Empty

        def put(self, item: object) -> None:
            """Nobody gets it."""

    monkeypatch.setattr("restli_transports.tokens.login.queue.SimpleQueue", Uninterrupted)
    with AuthClient("an-id", base_url="http://127.0.0.1:9") as auth, pytest.raises(KeyboardInterrupt):
        sign_in(auth, "r_ads", open_url=lambda _: None, output=lambda _: None)
    assert waits == [LOOK_UP_SECONDS] * 3


# -- a browser ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
@pytest.mark.parametrize("button", ["Allow", "Cancel"])
def test_a_click_in_a_real_browser(
    server: RestliServer, authorization: AuthorizationServer, tmp_path: Path, button: str
) -> None:
    title = "You are signed in" if button == "Allow" else "Signing in failed"
    with browser(tmp_path / "profile") as page:

        class Clicking(Member):
            def sign_in(self, url: str) -> None:
                page.open(url, "Allow native?")
                page.click(button)
                page.wait_for(title)

        member = Clicking()
        if button == "Allow":
            token = sign_in(auth(server), SCOPES, open_url=member, output=silent)
            assert authorization.grant(token.access_token) is not None
        else:
            with pytest.raises(OAuthError, match="user_cancelled_authorize"):
                sign_in(auth(server), SCOPES, open_url=member, output=silent)
        member.join()
