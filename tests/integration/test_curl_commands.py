"""The commands that calls give, in real shells, with the real curl, against the embedded server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

import restli_core
import restli_core.oauth
from restli_core import HttpResponse
from restli_core.calls import Call
from restli_core.methods import METHODS
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.server import RestliServer
from tests.support.samples import call
from tests.support.shells import SHELLS

pytestmark = [
    pytest.mark.sockets,
    pytest.mark.skipif(which("curl") is None, reason="there is no curl on this machine"),
]

TEXT = 'it\'s "é" $HOME `id` \\ !x [1-3] {a,b} 100%'
ACCOUNTS = "/adAccounts"


def calls(key: int = 5001, **options: Any) -> dict[str, Call[Any]]:
    """Return a call of each method that the sample has resources for."""
    entity = {"name": TEXT}
    one: dict[str, Any] = {**options, "path_keys": {"id": key}}
    return {
        "get": restli_core.get("/adAccounts/{id}", **one),
        "batch_get": restli_core.batch_get(ACCOUNTS, [5001, 5002], **options),
        "get_all": restli_core.get_all(ACCOUNTS, **options),
        "finder": restli_core.finder(ACCOUNTS, "search", **options),
        "batch_finder": restli_core.batch_finder(
            "/adCampaigns", "searchCriteria", ("criteria", [{"status": "ACTIVE"}, {"status": TEXT}]), **options
        ),
        "create": restli_core.create(ACCOUNTS, entity, **options),
        "batch_create": restli_core.batch_create(ACCOUNTS, [entity, entity], **options),
        "update": restli_core.update("/adAccounts/{id}", entity, **one),
        "batch_update": restli_core.batch_update(ACCOUNTS, [5001, 5002], [entity, entity], **options),
        "partial_update": restli_core.partial_update("/adAccounts/{id}", entity, **one),
        "batch_partial_update": restli_core.batch_partial_update(ACCOUNTS, [5001], [entity], **options),
        "delete": restli_core.delete("/adAccounts/{id}", **one),
        "batch_delete": restli_core.batch_delete(ACCOUNTS, [5001, 5002], **options),
        "action": restli_core.action(
            "/images", "initializeUpload", {"initializeUploadRequest": {"owner": TEXT}}, **options
        ),
    }


@pytest.fixture
def server() -> Iterator[RestliServer]:
    authorization = AuthorizationServer()
    authorization.app("app", "s3cr+t/1 é")
    with RestliServer(
        sample_handlers(), authorization=authorization, requires_token=True, raise_errors=False
    ) as running:
        yield running


def ran(shell: str, command: str, folder: Path, **environment: str) -> HttpResponse:
    """Run a command as it stands, in a script with options of curl's that show status and head."""
    (folder / ".curlrc").write_text('write-out = "\\n%{http_code}"\nsilent\nnoproxy = "*"\n')
    script = folder / "script"
    script.write_text(command, encoding="utf-8")
    found = subprocess.run(
        [shell, str(script)],
        check=True,
        capture_output=True,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), **environment},
        timeout=60,
    )
    body, _, status = found.stdout.rpartition(b"\n")
    return HttpResponse(int(status), {"X-RestLi-Id": "1"}, body)


def test_every_method_is_tried() -> None:
    assert [*calls()] == [*METHODS]


@pytest.mark.parametrize("tunnelled", [False, True], ids=["plain", "tunnelled"])
@pytest.mark.parametrize("name", METHODS)
def test_a_command_asks_what_its_call_asks(name: str, tunnelled: bool, server: RestliServer, tmp_path: Path) -> None:
    assert server.authorization is not None
    token = server.authorization.issue("app").access_token
    params = {"note": TEXT, "tags": ["a", TEXT]}
    options: dict[str, Any] = {
        "base_url": server.base_url,
        "query_params": params,
        "tunnel_above": 0 if tunnelled else None,
    }
    made = calls(**options)[name]
    assert ("X-HTTP-Method-Override" in made.request.headers) == tunnelled
    # In one shell the call has no token, in the other one of its own.
    own = calls(5002, access_token=token, **options)[name]
    for shell, sent in [("bash", made), ("sh", own)]:
        if which(shell) is None:
            continue
        command = sent.curl()
        assert token not in command
        sent.parse(ran(shell, command, tmp_path, LINKEDIN_ACCESS_TOKEN=token))
        received = server.received[-1].request
        assert received is not None
        target = sent.request.url.removeprefix(server.base_url)
        assert (received.method, received.url, received.body) == (sent.request.method, target, sent.request.body)
        assert received.headers.without("Host", "Content-Length") == own.request.headers
        assert ("Content-Length" in received.headers) == (sent.request.method in {"POST", "PUT"})


@pytest.mark.parametrize("shell", SHELLS)
def test_any_octets_arrive(shell: str, server: RestliServer, tmp_path: Path) -> None:
    body = bytes(range(256)) * 1024  # more than an argument can have
    made = call("create", base_url=server.base_url, dumps=lambda _: body)
    ran(shell, made.curl(None), tmp_path)
    received = server.received[-1].request
    assert received is not None
    assert received.body == body


def test_a_call_without_a_body_says_that_it_has_none(server: RestliServer, tmp_path: Path) -> None:
    # LinkedIn answers 411 to a POST without Content-Length.
    request = restli_core.HttpRequest("POST", f"{server.base_url}/images?action=x", {"X-RestLi-Method": "ACTION"})
    ran("sh", call("action").with_request(request).curl(None), tmp_path)
    received = server.received[-1].request
    assert received is not None
    assert received.headers["Content-Length"] == "0"
    assert "Content-Type" not in received.headers


@pytest.mark.parametrize("name", ["client_credentials", "introspect", "revoke"])
def test_token_calls(name: str, server: RestliServer, tmp_path: Path) -> None:
    assert server.authorization is not None
    token = server.authorization.issue("app").access_token
    arguments = () if name == "client_credentials" else (token,)
    made = getattr(restli_core.oauth, name)(*arguments, "app", "s3cr+t/1 é", base_url=server.auth_base_url)
    assert token not in made.curl()
    assert "s3cr" not in made.curl()
    environment = {"LINKEDIN_ACCESS_TOKEN": token, "LINKEDIN_CLIENT_SECRET": "s3cr+t/1 é"}
    answer = made.parse(ran("sh", made.curl(), tmp_path, **environment))
    assert answer.status_code == 200
    received = server.received[-1].request
    assert received is not None
    assert "Authorization" not in received.headers
    assert getattr(answer, "active", True)
