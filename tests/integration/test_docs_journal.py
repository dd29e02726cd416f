"""docs/journal.md: each program runs as it stands and prints what its comments say; what it shows of the file is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import restli_core as restli
from restli_core import HttpResponse
from restli_transports.journal import Journal, identify
from restli_transports.journal.lines import EVENTS
from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/journal.md")
BLOCKS = programs_in(PAGE)


@pytest.mark.sockets
@pytest.mark.parametrize("code", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_each_program_does_what_it_says(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "journal.md", "exec"), {})
    said = [comment.partition(": ")[0] for comment in re.findall(r"print\(.*\)  # (.*)", code)]
    assert capsys.readouterr().out.splitlines() == said


def test_the_lines_are_as_shown(tmp_path: Path) -> None:
    request = restli.create("/adCampaigns", {"name": "Summer"}).request
    identity = identify(request, 1, "create /adCampaigns")
    with Journal(tmp_path / "run.jsonl") as journal:
        journal.note("intent", identity)
        answer = HttpResponse(201, {"X-RestLi-Id": "5"}, b"", request.url)
        journal.note("outcome", identity, response=answer, request=request)
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    written = (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()
    assert written[0] == shown.splitlines()[0]
    for ours, theirs in zip(written[1:], shown.splitlines()[1:], strict=True):
        one, other = json.loads(ours), json.loads(theirs)
        assert [*one] == [*other]
        own = {"key": identity.key, "at": one["at"]}
        assert one == {**other, **own}


def test_each_event_has_a_row() -> None:
    assert {*re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)} == EVENTS
