"""The pages that newcomers read first: each of their programs runs as it stands, and prints what it says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.pages import programs_in, text_of

PAGES = ("index", "quick-start", "how-do-i", "why", "security", "versioning")

PROGRAMS = [
    pytest.param(page, code, id=f"{page}-{place}")
    for page in PAGES
    for place, code in enumerate(programs_in(text_of(f"docs/{page}.md")))
]


def said_by(code: str) -> list[str]:
    """Return the lines that a program says it prints: behind its prints, or below them in comments of their own."""
    return [
        line
        for below, behind in re.findall(r"^# (.*)$|print\(.*\)  # (.*)$", code, re.MULTILINE)
        for line in ([below] if below else behind.split(", "))
    ]


@pytest.mark.sockets
@pytest.mark.parametrize(("page", "code"), PROGRAMS)
def test_each_program_prints_what_it_says(
    page: str, code: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "LINKEDIN_ACCESS_TOKEN" in code:
        from restli_transports import RestliClient
        from restli_transports.testing import FakeTransport
        from restli_transports.testing.sample import sample_handlers

        # The one program that is for LinkedIn itself gets the sample in its place.
        monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", "made-up")
        monkeypatch.setattr(
            "restli_transports.RestliClient",
            lambda **options: RestliClient(FakeTransport(sample_handlers()), **options),
        )
        exec(compile(code, page, "exec"), {"__name__": "__main__"})
        assert capsys.readouterr().out.splitlines()[0] == "5001 Account 1"
        return
    context: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, page, "exec"), context)
    assert capsys.readouterr().out.splitlines() == said_by(code)


def test_what_newcomers_ask_first_has_a_heading() -> None:
    headings = re.findall(r"^## (.*)$", text_of("docs/how-do-i.md"), re.MULTILINE)
    for words in (
        "`List(...)` parameters",
        '"Syntax exception in path variables"',
        "post with an image",
        "test without a network",
        "plug in aiohttp",
    ):
        assert [heading for heading in headings if words in heading] != []
