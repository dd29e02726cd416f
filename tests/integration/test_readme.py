"""What the README shows: its Python compiles, and what can run by itself does."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import restli_core
from restli_core.methods import METHODS
from restli_transports import RestliClient, Timeout
from restli_transports.testing.server import RestliServer

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def block(part: str) -> str:
    (found,) = [code for code in BLOCKS if part in code]
    return found


@pytest.mark.parametrize("code", BLOCKS)
def test_each_block_is_python(code: str) -> None:
    compile(code, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_the_fake_transport_answers() -> None:
    context: dict[str, Any] = {"restli_core": restli_core, "accounts": [{"name": "Summer"}, {"name": "Autumn"}]}
    exec(block("import FakeTransport"), context)
    exec(block("fake.fail_next"), context)
    client = context["client"]
    with pytest.raises(restli_core.ConnectError, match="unplugged"):
        client.get_all("/adAccounts")
    assert client.finder("/adAccounts", "search", query_params={"name": "Autumn"}).elements == [{"name": "Autumn"}]


@pytest.mark.sockets
def test_the_server_answers(capsys: pytest.CaptureFixture[str]) -> None:
    context: dict[str, Any] = {"RestliServer": RestliServer, "RestliClient": RestliClient}
    code = block("with RestliServer()")
    assert "    client.get_all" in code
    with pytest.raises(restli_core.ServerError):
        exec(code, context)
    exec(code.replace("    server.fail_next", "    # "), context)
    assert "GET /adAccounts HTTP/1.1" in capsys.readouterr().out


def test_keys_parameters_and_bodies() -> None:
    requests: list[restli_core.HttpRequest] = []

    class Kept:
        def send(self, request: restli_core.HttpRequest, *, timeout: Timeout) -> restli_core.HttpResponse:
            requests.append(request)
            return restli_core.HttpResponse(201, {"X-RestLi-Id": "5"}, b'{"elements": [{}, {}]}')

    context = {
        "client": RestliClient(Kept()),
        "campaign": "urn:li:c:1",
        "conversion": "urn:lla:d:2",
        "owner": "urn:li:o:3",
    }
    exec(block("from restli_core import Urn, patch"), {**context, "before": {"a": 1}, "after": {"a": 2}})
    assert [request.url.removeprefix("https://api.linkedin.com/v2") for request in requests] == [
        "/posts/urn%3Ali%3Ashare%3A1",
        "/campaignConversions/(campaign:urn%3Ali%3Ac%3A1,conversion:urn%3Alla%3Ad%3A2)",
        "/adAccounts?q=search&search=(status:(values:List(ACTIVE,DRAFT)))",
        "/adCampaigns?bq=searchCriteria&criteria=List((status:ACTIVE),(status:PAUSED))",
        "/images?action=initializeUpload",
        "/adAccounts",
        "/adAccounts/5",
        "/adAccounts/5",
    ]
    assert requests[-1].body == b'{"patch":{"$set":{"a":2}}}'


@pytest.mark.sockets
def test_your_own_io_reads_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with RestliServer(base_path="/rest") as server:
        server.collection("/adAccounts/{id:long}", {123: {"name": "Summer"}})
        code = block("import http.client").replace("https://api.linkedin.com/rest", server.base_url)
        code = code.replace("HTTPSConnection", "HTTPConnection")
        code = code.replace('version_string="202609"', f'version_string="202609", base_url="{server.base_url}"')
        context: dict[str, Any] = {}
        exec(code + "\nname = call.parse(response).entity['name']\nconnection.close()", context)
    assert context["name"] == "Summer"


def test_the_table_has_every_method() -> None:
    rows = re.findall(r"^\| `(\w+)\(", README, re.MULTILINE)
    assert rows[: len(METHODS)] == list(METHODS)


def test_every_error_that_is_told_of_is_there() -> None:
    named = set(re.findall(r"`(\w+(?:Error|Timeout))`", README)) - {"ResponseFormattingError"}
    assert [name for name in named if not hasattr(restli_core, name)] == []
