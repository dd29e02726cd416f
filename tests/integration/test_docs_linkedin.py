"""docs/linkedin/: each documented call is shown once, as it is documented, and its Python sends that very request.

Entries are tied to the data by the id in a comment above them; the text of the request is compared with the data, and
what the Python sends by the judge that shares no code with ours. The other programs run as they stand.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import restli_transports
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports import RestliClient
from tests.support.documented import canonical, documented_meaning, meaning
from tests.support.independent_codec import Refused
from tests.support.pages import programs_in
from tests.vectors import load

FOLDER = Path(__file__).parents[2] / "docs" / "linkedin"
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in load("documented_calls")}
MARK = "<!-- call: "
FIRST = """from restli_transports import RestliClient

client = RestliClient(access_token="...", version_string="202609")
"""
UNVERSIONED = "unversioned = client.with_options(version_string=None)  # for what is under /v2\n"
"""The program that all examples of a page follow, and its last line, where a page needs it."""

FAULTS = {
    "protocol 1.0": "in the form of protocol 1.0",
    "not encoded": "with reserved characters that are not encoded",
    "value": "with a wrong value",
    "method": "with the wrong method in a header",
    "address": "with an address that has ended",
}
SHOWN_HEADERS = ("X-RestLi-Method", "X-HTTP-Method-Override")


@dataclass(frozen=True)
class Entry:
    """A call as a page shows it: what stands above its Python, and the Python."""

    page: str
    title: str
    id: str
    shown: str
    code: str


@cache
def text_of(page: str) -> str:
    return (FOLDER / page).read_text(encoding="utf-8")


PAGES = sorted(path.name for path in FOLDER.glob("*.md") if MARK in path.read_text(encoding="utf-8"))


def entries_of(page: str) -> list[Entry]:
    found = []
    for section in re.split(r"^(?=##)", text_of(page), flags=re.MULTILINE):
        if MARK in section:
            entry = re.fullmatch(
                r"### (.*)\n\n<!-- call: (\S+) -->\n\n(.*\n\n)```python\n(.*)```\n*", section, re.DOTALL
            )
            assert entry, section
            found.append(Entry(page, *entry.groups()))
    return found


ENTRIES = {entry.id: entry for page in PAGES for entry in entries_of(page)}


def programs_of(page: str) -> list[str]:
    """Return the programs of a page that are not entries, of which the first makes the client."""
    ours = {entry.code for entry in entries_of(page)}
    return [code for code in programs_in(text_of(page)) if code not in ours]


# -- what is shown is what is documented -------------------------------------------------------------------------------


def test_each_call_of_linkedins_is_shown_once() -> None:
    shown = Counter(entry.id for page in PAGES for entry in entries_of(page))
    assert shown == Counter(name for name, case in CASES.items() if case["api"] != "DataHub")
    assert sum(text_of(page).count(MARK) for page in PAGES) == len(ENTRIES) == 206


def body_shown(body: str) -> str:
    if not body.startswith("{"):
        return body
    line = json.dumps(json.loads(body), ensure_ascii=False)
    return line if len(line) <= 118 else json.dumps(json.loads(body), ensure_ascii=False, indent=2)


def expected(case: Mapping[str, Any]) -> str:
    """Return what a page has to show of a call: where it is from, what is printed, and the request."""
    request = case["ok"]
    note = f"; {case['note']}" if "note" in case else ""
    blocks = [f"From `{case['source']}` ({case['evidence']}){note}."]
    if "printed" in case:
        faults = "".join(f", {FAULTS[fault]}" for fault in case.get("misprints", ()))
        blocks += [f"As printed{faults}:", f"```text\n{request['method']} {case['printed']}\n```"]
        blocks += ["In the form of protocol 2.0.0:" if faults else "As it is sent:"]
    lines = [f"{request['method']} {request['uri']}"]
    if "X-HTTP-Method-Override" in request["headers"]:
        lines.append(f"Content-Type: {request['headers']['Content-Type']}")
    lines += [f"{name}: {request['headers'][name]}" for name in SHOWN_HEADERS if name in request["headers"]]
    if request["body"]:
        lines += ["", body_shown(request["body"])]
    return "\n\n".join([*blocks, "```http\n" + "\n".join(lines) + "\n```", ""])


@pytest.mark.parametrize("page", PAGES)
def test_each_entry_shows_what_is_documented(page: str) -> None:
    for entry in entries_of(page):
        assert entry.shown == expected(CASES[entry.id])


# -- the Python sends it -----------------------------------------------------------------------------------------------


class Recording:
    """A transport that keeps what is sent, and answers all methods alike."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest, *, timeout: Any) -> HttpResponse:
        self.requests.append(request)
        created = {"x-restli-id": "1"} if request.headers["X-RestLi-Method"] == "CREATE" else {}
        return HttpResponse(200, created, b'{"elements": [], "results": {}, "value": null}')


def sent_by(page: str) -> dict[str, list[HttpRequest]]:
    """Return what the examples of a page send, run in order after its first program."""
    transport = Recording()
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restli_transports, "RestliClient", lambda **options: RestliClient(transport, **options))
        exec(compile(programs_of(page)[0], page, "exec"), names)
    found = {}
    for entry in entries_of(page):
        transport.requests.clear()
        exec(compile(entry.code, f"{page}: {entry.id}", "exec"), names)
        found[entry.id] = [*transport.requests]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_each_example_sends_what_is_documented(page: str) -> None:
    for name, requests in sent_by(page).items():
        case = CASES[name]
        (request,) = requests
        theirs = documented_meaning(case)
        ours = meaning(request.method, request.url, request.headers, request.body)
        assert ours["headers"].pop("authorization") == "Bearer ..."
        assert ours["headers"].pop("accept") == "application/json"
        assert ours["headers"].pop("user-agent")
        method = ours["headers"].pop("x-restli-method")
        assert method == theirs["headers"].pop("x-restli-method", method) == case["in"]["function"].upper()
        assert ours == theirs
        assert canonical(ours["body"]) == canonical(theirs["body"])


# -- the rest of the pages ---------------------------------------------------------------------------------------------

PROGRAMS = [
    pytest.param(page, code, id=f"{page}-{place}")
    for page in PAGES
    for place, code in enumerate(programs_of(page)[1:], 1)
]


@pytest.mark.parametrize(("page", "code"), PROGRAMS)
def test_each_other_program_prints_what_it_says(page: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, page, "exec"), {"__name__": "__main__"})
    said = re.findall(r"print\(.*\)  # (.*)", code)
    assert said
    printed = capsys.readouterr().out.splitlines()
    assert [*dict.fromkeys(printed)] == said  # a loop prints some lines more than once


@pytest.mark.parametrize("page", PAGES)
def test_each_page_says_what_the_product_needs(page: str) -> None:
    rows = re.findall(r"^\| (\w+) \| (.*) \|$", text_of(page).partition("\n## ")[0], re.MULTILINE)
    assert {"product", "scopes", "version"} <= {name for name, _ in rows}
    assert "\n## Traps\n\n- **" in text_of(page)
    is_needed = any(entry.code.startswith("unversioned.") for entry in entries_of(page))
    assert programs_of(page)[0] == FIRST + (UNVERSIONED if is_needed else "")


def test_the_index_counts_right() -> None:
    rows = dict(re.findall(r"^\| \[.*?\]\(([\w-]+\.md)\) \| (\d+) \|$", text_of("README.md"), re.MULTILINE))
    assert {page: int(count) for page, count in rows.items()} == {page: len(entries_of(page)) for page in PAGES}
    assert {path.name for path in FOLDER.glob("*.md")} - {"README.md"} <= set(linked("README.md"))
    assert programs_of("README.md") == [FIRST + UNVERSIONED]
    for kind in {case["evidence"] for case in CASES.values()}:
        assert f"*{kind}*" in text_of("README.md")


HELPERS = {"posts.md", "uploads.md", "conversions.md", "webhooks.md"}
"""Pages with tests of their own, of what restli_core.linkedin has."""


def test_each_page_with_programs_is_run() -> None:
    others = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_docs_*.py")]
    run_elsewhere = {page for page in HELPERS if any(f'text_of("docs/linkedin/{page}")' in text for text in others)}
    pages = {path.name for path in FOLDER.glob("*.md") if "```python" in path.read_text(encoding="utf-8")}
    assert pages - {*PAGES, "README.md"} <= run_elsewhere


def linked(page: str) -> list[str]:
    return re.findall(r"\]\(([\w./-]+\.md)", text_of(page))


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(text: str) -> list[str]:
    return [anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]


@pytest.mark.parametrize("page", sorted(path.name for path in FOLDER.glob("*.md")))
def test_links_lead_somewhere(page: str) -> None:
    for target, _, place in re.findall(r"\]\(([\w./-]+\.md)(#([\w-]+))?\)", text_of(page)):
        found = (FOLDER / target).read_text(encoding="utf-8")
        assert not place or place in anchors(found), (target, place)


@pytest.mark.parametrize("page", PAGES)
def test_no_heading_comes_twice(page: str) -> None:
    assert [name for name, times in Counter(anchors(text_of(page))).items() if times > 1] == []


# -- what is printed wrongly -------------------------------------------------------------------------------------------


def fate(case: Mapping[str, Any]) -> str:
    """Return what a server of protocol 2.0.0 makes of what is printed."""
    if "printed" not in case:
        return "not known"
    try:
        found = documented_meaning(case, url=case["printed"])
    except Refused:
        return "refused"
    return "read all the same" if found == documented_meaning(case) else "read as something else"


def test_all_misprints_are_listed() -> None:
    rows = []
    for name, case in CASES.items():
        if "misprints" in case:
            entry = ENTRIES.get(name)
            link = f"[{name}]({entry.page}#{anchor(entry.title)})" if entry else name
            faults = ", ".join(FAULTS[fault] for fault in case["misprints"])
            rows.append(f"| {link} | {faults} | {fate(case)} | {case['note']} |")
    assert text_of("misprints.md").splitlines()[-len(rows) :] == rows
    assert len(rows) == text_of("misprints.md").count("\n| ") - 1
