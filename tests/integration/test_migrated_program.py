"""A program of some length, as its author has it: moved to this package, it prints the same and sends the same.

Theirs is run as a black box, where it is installed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from restli_core.migrating import migrate
from restli_core.migrating.positions import MARK
from restli_transports.testing import AuthorizationServer, RestliServer
from restli_transports.testing.sample import sample_handlers
from tests.support.redirected import redirect

pytestmark = pytest.mark.sockets

PROGRAM = (Path(__file__).parents[1] / "support" / "campaign_report.txt").read_text(encoding="utf-8")
ARGUMENTS = (
    ["report", "DRAFT", "ACTIVE"],
    ["rename", "5001", "5002", "5003", "7", "5004", "5005", "5006", "5007", "5008", "5009", "--prefix", "2026 "],
)

# What the comments ask for, done by hand: of the one place there is nothing to do, of the other an error to catch.
COMMENT = f"        {MARK}error statuses are raised: except restli_core.ServiceError (NotFoundError for 404)\n"
TODO = f"""\
{COMMENT}        if response.status_code == 404:
            return None
"""
CALL = 'response = self.restli.get(resource_path="/adAccounts/{id}", path_keys={"id": key}, **self.common)'
DONE = f"try:\n            {CALL}\n        except restli_core.NotFoundError:\n            return None"


def finished() -> str:
    text = migrate(PROGRAM).text
    assert text.count(MARK) == text.count(COMMENT) == 2
    assert text.count(TODO) == text.count(CALL) == 1
    return (
        text.replace(TODO, "")
        .replace(COMMENT, "")
        .replace(CALL, DONE)
        .replace("import requests\n", "import requests\nimport restli_core\n")
    )


def run(text: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run a program with these arguments, and return the lines and bodies of what it sent, without who asked."""
    authorization = AuthorizationServer()
    authorization.app("app", "secret")
    token = authorization.issue("app", "r_ads rw_ads")
    handlers = sample_handlers()
    with (
        RestliServer(handlers, base_path="/rest", authorization=authorization, requires_token=True) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        redirect(patch, server)
        for name, value in (("ACCESS", token.access_token), ("REFRESH", token.refresh_token or "")):
            monkeypatch.setenv(f"LINKEDIN_{name}_TOKEN", value)
        monkeypatch.setenv("LINKEDIN_CLIENT_ID", "app")
        monkeypatch.setenv("LINKEDIN_CLIENT_SECRET", "secret")
        module = ModuleType("campaign_report")  # where its dataclasses look for their types
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(text, "campaign_report.py", "exec", dont_inherit=True), vars(module))
        assert module.main(arguments) == 0
        return [told(received.raw) for received in server.received]


def told(raw: bytes) -> str:
    head, _, body = raw.decode().partition("\r\n\r\n")
    method, target, _ = head.partition("\r\n")[0].split(" ")
    path, _, query = target.partition("?")
    content = re.sub(r"AQ[\w-]{20,}", "", re.sub(r'(?<=[:,]) (?=["{\[])', "", body))
    return f"{method} {path} {sorted(query.split('&'))} {sorted(content.split('&'))}"


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=["report", "rename"])
def test_a_program_that_has_moved_does_the_same(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = run(finished(), arguments, monkeypatch)
    printed = capsys.readouterr().out
    assert printed.startswith("Ada Lovelace ['r_ads', 'rw_ads']\n(ids:List(1,2)) q=search ['a', {'b': 'c'}]\n")
    assert printed.endswith(" calls\n")
    pytest.importorskip("linkedin_api", reason="linkedin-api-client is not installed: it comes with the extra bench")
    assert run(PROGRAM, arguments, monkeypatch) == sent
    assert capsys.readouterr().out == printed
