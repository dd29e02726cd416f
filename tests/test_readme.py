"""What the README shows: its Python compiles, and what can run by itself does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import restli_core
from restli_core.methods import METHODS
from restli_transports import RestliClient
from restli_transports.server import RestliServer

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def block(part: str) -> str:
    (found,) = [code for code in BLOCKS if part in code]
    return found


@pytest.mark.parametrize("code", BLOCKS)
def test_each_block_is_python(code: str) -> None:
    compile(code, "README.md", "exec")


def test_the_fake_transport_answers() -> None:
    exec(block("FakeTransport"), {})


def test_the_server_answers() -> None:
    context: dict[str, Any] = {"RestliServer": RestliServer, "RestliClient": RestliClient}
    exec(block("with RestliServer()") + "    name = client.get_all('/adAccounts').elements[0]['name']", context)
    assert context["name"] == "Summer"


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
