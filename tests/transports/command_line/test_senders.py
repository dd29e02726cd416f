"""Senders: which token goes out, and over which library."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from restli_core.oauth import Token
from restli_transports.command_line.entry import COMMANDS
from restli_transports.command_line.senders import TRANSPORTS, open_transport
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.sample import sample_handlers
from restli_transports.tokens import FileStore
from restli_transports.tokens.stores import LOGIN_SERVICE
from tests.support.command_lines import Ran, run_line

SECRET = "AQXhwW8wQ9sdAQXhwW8wQ9sd"
ELSEWHERE = "http://127.0.0.1:1/rest"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    fake = FakeTransport(sample_handlers(), authorization=AuthorizationServer())
    monkeypatch.setattr("restli_transports.command_line.senders.open_transport", lambda _: fake)
    return fake


def run(line: str, **environ: str) -> Ran:
    return run_line(line, environ=environ, commands=COMMANDS)


def refusal(line: str, **environ: str) -> str:
    ran = run(line, **environ)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert SECRET not in ran.err
    return ran.err


@pytest.mark.parametrize(
    ("options", "environ", "sent"),
    [
        ("", {"LINKEDIN_ACCESS_TOKEN": SECRET}, f"Bearer {SECRET}"),
        ("--no-token", {"LINKEDIN_ACCESS_TOKEN": SECRET}, None),
        ("--no-token", {}, None),
        (f"--base-url {ELSEWHERE}", {}, None),
        ("", {"LINKEDIN_BASE_URL": ELSEWHERE}, None),
        ("", {"LINKEDIN_BASE_URL": ELSEWHERE, "LINKEDIN_ACCESS_TOKEN": SECRET}, f"Bearer {SECRET}"),
    ],
)
def test_the_token(options: str, environ: dict[str, str], sent: str | None, fake: FakeTransport) -> None:
    assert run(f"call get /me {options}", **environ).status == 0
    assert fake.requests[-1].headers.get("Authorization") == sent
    assert fake.closed


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "a token is missing: set the variable LINKEDIN_ACCESS_TOKEN, or sign in with `login --store FILE`"),
        ({"LINKEDIN_ACCESS_TOKEN": ""}, "a token is missing"),
        ({"LINKEDIN_ACCESS_TOKEN": f"{SECRET}\n"}, "LINKEDIN_ACCESS_TOKEN: "),
    ],
)
def test_a_token_that_is_missing_or_wrong(environ: dict[str, str], said: str, fake: FakeTransport) -> None:
    assert refusal("call get /me", **environ).startswith(f"restli call: {said}")
    assert fake.requests == []
    assert fake.closed


def test_a_token_in_a_file(tmp_path: Path, fake: FakeTransport) -> None:
    path = tmp_path / "token.json"
    FileStore(path).save(Token(SECRET, time.time() + 1000))
    assert run(f"call get /me --store {path}", LINKEDIN_ACCESS_TOKEN="another").status == 0
    assert fake.requests[-1].headers["Authorization"] == f"Bearer {SECRET}"


def test_a_token_in_a_file_that_has_ended(tmp_path: Path, fake: FakeTransport) -> None:
    path = tmp_path / "token.json"
    FileStore(path).save(Token(SECRET, 1.0))
    said = refusal(f"call get /me --store {path}")
    assert "has ended: sign in again with `login`, or set LINKEDIN_CLIENT_ID" in said
    assert fake.requests == []


def test_it_is_refreshed_for_an_application_that_is_known(tmp_path: Path, fake: FakeTransport) -> None:
    assert fake.authorization is not None
    fake.authorization.app("web", "s3same-s3same", redirect_urls=["http://127.0.0.1/back"])
    path = tmp_path / "token.json"
    FileStore(path).save(Token(SECRET, 1.0, "no refresh token of this server", time.time() + 1e6))
    ran = run(f"call get /me --store {path}", LINKEDIN_CLIENT_ID="web", LINKEDIN_CLIENT_SECRET="s3same-s3same")
    # It asks for another one, which this server has not given to anybody.
    assert ran.status == 1
    assert [request.url.rpartition("/")[2] for request in fake.requests] == ["accessToken"]
    assert ran.err.startswith("restli call: invalid_grant: ")
    assert "s3same" not in ran.err


def test_a_token_in_the_keyring(fake: FakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {(LOGIN_SERVICE, "my-id"): json.dumps({"kind": "token of restli_core", **Token(SECRET).as_dict()})}
    keyring = SimpleNamespace(get_password=lambda *entry: kept.get(entry))
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert run("call get /me --store keyring:my-id").status == 0
    assert fake.requests[-1].headers["Authorization"] == f"Bearer {SECRET}"
    assert "there is no token in 'keyring:other'" in refusal("call get /me --store keyring:other")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no token in"), (b"{}", "holds no token that a FileStore has saved"), ("folder", "")],
    ids=["none", "other", "folder"],
)
def test_a_file_without_a_token(content: bytes | str | None, said: str, tmp_path: Path, fake: FakeTransport) -> None:
    path = tmp_path / "token.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
        path.chmod(0o600)
    elif content is not None:
        path.mkdir()
    err = refusal(f"call get /me --store {path}")
    assert err.startswith("restli call: --store: ")
    assert said in err
    assert fake.requests == []


@pytest.mark.parametrize("name", TRANSPORTS)
def test_each_library_can_be_chosen(name: str) -> None:
    transport = open_transport(name)
    assert type(transport).__name__ == TRANSPORTS[name]
    getattr(transport, "close")()  # noqa: B009 - the protocol does not have it


def test_the_first_that_is_installed_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "restli_transports.urllib3", None)
    transport = open_transport(None)
    assert type(transport).__name__ == "HttpxTransport"
    getattr(transport, "close")()  # noqa: B009 - likewise


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (None, 'an HTTP library is missing: pip install "restli-core[urllib3]"'),
        ("h11", 'h11 is missing: pip install "restli-core[h11]"'),
    ],
)
def test_what_to_install_is_said_in_a_line(name: str | None, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in TRANSPORTS:
        monkeypatch.setitem(sys.modules, f"restli_transports.{library}", None)
    option = f"--transport {name}" if name else ""
    assert refusal(f"call get /me --no-token {option}") == f"restli call: {said}\n"
