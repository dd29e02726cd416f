"""docs/linkedin/webhooks.md: its programs run one after another, and print what their comments say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/linkedin/webhooks.md")
BLOCKS = programs_in(PAGE)


def test_each_program_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("flask", reason="flask is not installed")
    names: dict[str, Any] = {"__name__": "__main__"}
    for code in BLOCKS:
        exec(compile(code, "docs/linkedin/webhooks.md", "exec"), names)
        said = re.findall(r"^print\(.*\)  # (.*)", code, re.MULTILINE)
        assert said
        assert capsys.readouterr().out.splitlines() == said
    assert names["kept"] == [names["body"]] * 2


def test_the_calls_are_those_of_linkedins_documentation() -> None:
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[-1], "docs/linkedin/webhooks.md", "exec"), names)
    assert names["likes"].request.url == (
        "https://api.linkedin.com/rest/eventSubscriptions/(developerApplication:urn%3Ali%3AdeveloperApplication%3A7,"
        "entity:urn%3Ali%3Aorganization%3A9,eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS,"
        "user:urn%3Ali%3Aperson%3A8)"
    )
