"""What the README shows: each piece of Python runs as it is pasted, in a process without anything else."""

from __future__ import annotations

import ast
import builtins
import re
from pathlib import Path
from typing import Any

import pytest

import restli_core
from restli_core.methods import METHODS
from tests.support.pages import programs_in, text_of

README = text_of("README.md")
BLOCKS = programs_in(README)

# A line of each block -> what the block prints, as a pattern.
PRINTED = {
    'print(account["name"])': r"Account 1",
    "for row in client.batch_get": r"5001 \S+ \{.*'Account 1'.*\}\n5002 .*\n7 404 .*",
    "from restli_core import Urn, patch": "",
    "RefreshingSource": "",
    "import http.client": r"\{.*'Account 1'.*\}",
    "class AdAccount": "",
    "except RateLimitError": r"422 Content is a duplicate of urn:li:share:\d+ .*",
    "limits=[Limit(": r"(?s)RequestSent\(.*ResponseReceived\(.*status=200.*CallEnded\(.*",
    "client.send_rows(": r"Account 1\nAccount 2\nAccount 3\n(50\d\d False\n){20}(Account \d+\n){19}Account 20",
    "little_text.mention(": r"urn:li:share:7000000000000000001",
    "RequestsTransport(requests.Session())": r"\['Account 1', 'Account 2'\]",
    'assert client.get("/adAccounts/{id}"': "",
    "fake.fail_next": r"unplugged; after 4 tries in \S+ s",
    "server.fail_next": r"(?s).*503.*GET /adAccounts HTTP/1\.1.*",
}


def test_each_block_is_known() -> None:
    assert [[line for line in PRINTED if line in code][:1] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.sockets
@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED.values(), strict=True)], ids=PRINTED)
def test_each_block_runs_as_it_is_pasted(
    code: str, printed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # where a program may keep its token
    context: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "README.md", "exec"), context)
    for name in ("client", "auth"):
        if name in context:
            context[name].close()
    assert re.fullmatch(printed, capsys.readouterr().out.strip())


def bound_by(node: ast.AST) -> set[str]:
    """Return the names that a statement, an argument or an assignment binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
        return {node.name or ""}
    if isinstance(node, ast.arg):
        return {node.arg}
    return {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()


@pytest.mark.parametrize("code", BLOCKS, ids=PRINTED)
def test_each_block_says_all_that_it_uses(code: str) -> None:
    # A name that is never bound may stand where a run does not come by.
    nodes = [*ast.walk(ast.parse(code))]
    bound = set(dir(builtins)).union(*map(bound_by, nodes))
    assert {node.id for node in nodes if isinstance(node, ast.Name)} <= bound


def test_keys_parameters_and_bodies_are_sent_as_the_text_says() -> None:
    (code,) = [code for code in BLOCKS if "from restli_core import Urn, patch" in code]
    context: dict[str, Any] = {}
    exec(code, context)
    requests = context["client"].transport.requests
    urls = [request.url.removeprefix("https://api.linkedin.com/v2") for request in requests]
    campaign, conversion = "urn%3Ali%3AsponsoredCampaign%3A700000001", "urn%3Alla%3AllaPartnerConversion%3A1001"
    assert urls[1].startswith("/posts/urn%3Ali%3Ashare%3A")
    assert urls[2:6] == [
        f"/campaignConversions/(campaign:{campaign},conversion:{conversion})",
        "/adAccounts?q=search&search=(status:(values:List(ACTIVE,DRAFT)))",
        "/adCampaigns?bq=searchCriteria&criteria=List((status:ACTIVE),(status:PAUSED))",
        "/images?action=initializeUpload",
    ]
    assert requests[-1].body == b'{"patch":{"$set":{"name":"Winter"}}}'


def test_the_table_has_every_method() -> None:
    rows = re.findall(r"^\| `(\w+)\(", README, re.MULTILINE)
    assert rows[: len(METHODS)] == list(METHODS)


def test_every_error_that_is_told_of_is_there() -> None:
    named = set(re.findall(r"`(\w+(?:Error|Timeout))`", README)) - {"ResponseFormattingError"}
    assert [name for name in named if not hasattr(restli_core, name)] == []
