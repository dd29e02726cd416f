"""docs/errors.md: its programs run, each as it is pasted, and it has every error that is known."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.linkedin_errors import RECORDED
from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/errors.md")
BLOCKS = programs_in(PAGE)
URL = r"http://127\.0\.0\.1:\d+"
PRINTED = [
    "\n".join(
        [
            rf"POST {URL}/posts: 422: Content is a duplicate of urn:li:share:\d+ .*; .*duplicate_of names that post.*",
            "True",
            "the app lacks the product, or the token the scope for GET of posts in version 202609: .*",
            r"403 ACCESS_DENIED Not enough permissions to access: posts\.GET\.20260901 None",
            rf"<HttpRequest GET {URL}/adAccounts/5001, 0 bytes>",
            rf'curl -g .* "Authorization: Bearer \$LINKEDIN_ACCESS_TOKEN" {URL}/adAccounts/5001',
            rf"<HttpRequest GET {URL}/adAccounts/5001, 0 bytes>\n",
        ]
    ),
    r"2026-11-16\n202609\nversion 202511 of LinkedIn's marketing APIs ends on 2026-11-16, in 15 days; .*202609.*\n",
    r"GET https://api\.linkedin\.com/rest/adAccounts/5001: 426: .* ended on 2026-04-15; the newest known here is .*\n",
]


@pytest.mark.sockets
@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED, strict=True)], ids=range(len(PRINTED)))
def test_each_program_runs_as_it_is_pasted(code: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert PAGE.startswith("# Errors, and what to do about them\n\n```python\n")
    context: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "docs/errors.md", "exec"), context)
    assert re.fullmatch(printed, capsys.readouterr().out)


@pytest.mark.parametrize("case", RECORDED, ids=range(len(RECORDED)))
def test_every_error_that_is_known_is_told_of(case: dict[str, Any]) -> None:
    body = case["in"]["body"] or {}
    assert str(case["in"]["status"]) in PAGE or case["in"]["status"] in range(500, 505)
    for name in ("code", "serviceErrorCode"):
        assert str(body.get(name, "")) in PAGE


def test_links_lead_somewhere() -> None:
    for target, _, anchor in re.findall(r"\]\(([\w./]+)(#([\w-]+))?\)", PAGE):
        text = text_of(f"docs/{target}")
        headings = {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in text.splitlines()}
        assert anchor in headings
