"""docs/coming-from-requests.md: each program runs as it stands, and prints what the comments beside its lines say."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import restli_core
import restli_transports
from restli_transports import RestliClient
from restli_transports.testing import AuthorizationServer, RestliServer, offset_pages
from restli_transports.testing.sample import sample_handlers
from tests.support.pages import programs_in, section_of, text_of
from tests.support.redirected import redirect

pytestmark = pytest.mark.sockets

PAGE = text_of("docs/coming-from-requests.md")
MISTAKES = section_of(PAGE, "Mistakes, and what to write instead").split("\n### ")
SECTIONS = {text.partition("\n")[0].removeprefix("### "): programs_in(text) for text in MISTAKES if text.strip()}
DAYS = 86_400


@contextmanager
def linkedin(title: str, monkeypatch: pytest.MonkeyPatch) -> Generator[RestliServer]:
    """Yield a server in LinkedIn's place, which does what the section tells of."""
    authorization = AuthorizationServer()
    authorization.app("app", "secret")
    token = authorization.issue("app", "r_ads")
    with (
        RestliServer(
            sample_handlers(), base_path="/rest", authorization=authorization, requires_token=True, max_head=8192
        ) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        creatives = [{"id": number, "name": f"Creative {number}"} for number in range(1, 26)]
        server.on("/adCreatives/{id:long}", "get_all", offset_pages(creatives, shown=lambda one: one["id"] % 7 != 0))
        if title == "Once more":
            server.fail_next(truncate=5)
        if title == "A token that has ended":
            authorization.advance(61 * DAYS)
        redirect(patch, server)
        values = {
            "ACCESS_TOKEN": token.access_token,
            "REFRESH_TOKEN": token.refresh_token or "",
            "CLIENT_ID": "app",
            "CLIENT_SECRET": "secret",
            "VERSION": "202609",
        }
        for name, value in values.items():
            monkeypatch.setenv(f"LINKEDIN_{name}", value)
        yield server


def run(code: str) -> None:
    context: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "docs/coming-from-requests.md", "exec", dont_inherit=True), context)
    for name in ("client", "auth", "session"):
        if name in context:
            context[name].close()


def lines_of(code: str) -> list[str]:
    found = re.findall(r"print\(.*\)  # (.*)$", code, re.MULTILINE)
    return [line for comment in found for line in (comment.split(", ") if ", " in comment else [comment])]


@pytest.mark.parametrize("which", ["before", "after"])
@pytest.mark.parametrize("title", SECTIONS)
def test_each_program_prints_what_the_page_says(
    title: str, which: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before, after = SECTIONS[title]
    code = before if which == "before" else after
    monkeypatch.chdir(tmp_path)
    with linkedin(title, monkeypatch):
        run(code)
    assert capsys.readouterr().out.splitlines() == lines_of(code) != []


def test_what_a_program_prints_differs_from_what_its_mistake_prints() -> None:
    assert len(SECTIONS) == 12
    assert [title for title, (before, after) in SECTIONS.items() if lines_of(before) == lines_of(after)] == []


def test_a_session_of_ones_own_sends_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = programs_in(section_of(PAGE, "Keeping your session"))
    with linkedin("", monkeypatch) as server:
        run(code)
        target = server.received[-1].raw.split(b" ")[1]
    assert capsys.readouterr().out.splitlines() == lines_of(code)
    pair = {"campaign": "urn:li:sponsoredCampaign:700000001", "conversion": "urn:lla:llaPartnerConversion:1001"}
    url = restli_core.get("/campaignConversions/{pair}", path_keys={"pair": pair}, version_string="202609").request.url
    assert url == "https://api.linkedin.com" + target.decode()


def test_what_the_table_names_is_there() -> None:
    table = PAGE.partition("| what you have |")[2].partition("\n\n")[0]
    right = [line.rpartition(" | ")[2] for line in table.splitlines()]
    methods = {name for cell in right for name in re.findall(r"client\.(\w+)\(", cell)}
    assert methods == {"finder", "partial_update", "elements"}
    assert [name for name in methods if not hasattr(RestliClient, name)] == []
    names = {name for cell in right for name in re.findall(r"\b([A-Z]\w+)\(|`([A-Z]\w+)`|except (\w+)", cell)}
    found = {name for group in names for name in group if name}
    assert found == {"ServiceError", "RetryPolicy", "Timeout"}
    assert found <= {*restli_core.__all__, *restli_transports.__all__}
