"""docs/methods.md: each call is the documented one, is sent as shown, and its answer is read as the page says."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import pytest

import restli_core
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_transports import RestliClient
from tests.support.documented import documented_meaning, meaning
from tests.support.pages import programs_in, section_of, tables_in, text_of
from tests.vectors import load

PAGE = text_of("docs/methods.md")
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in load("documented_calls")}
UNDOCUMENTED = {"batch_finder"}
FIRST = (
    'from restli_transports import RestliClient\n\nclient = RestliClient(access_token="...", version_string="202609")\n'
)


class Shown(NamedTuple):
    """What the section of a method shows."""

    call: str
    documented: str
    wire: str
    program: str
    answer: HttpResponse


def answer_of(block: str) -> HttpResponse:
    head, _, body = block.partition("\n\n")
    first, *headers = head.strip().split("\n")
    return HttpResponse(int(first.split()[1]), dict(line.split(": ", 1) for line in headers), body.encode())


def shown_of(method: str) -> Shown:
    section = section_of(PAGE, method)
    blocks = re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)
    kinds = ["http", "text", "python", "http"][method in UNDOCUMENTED :]
    assert [kind for kind, _ in blocks] == kinds, "no block that nothing looks at"
    (call,) = re.findall(r"<!-- call: (\S+) -->", section) or [""]
    documented, wire, program, answer = [""] * (method in UNDOCUMENTED) + [text for _, text in blocks]
    return Shown(call, documented, wire.strip(), program, answer_of(answer))


class Answering:
    """A transport that keeps what is sent, and gives one answer."""

    def __init__(self, answer: HttpResponse) -> None:
        self.answer = answer
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest, *, timeout: Any) -> HttpResponse:
        self.requests.append(request)
        return self.answer


def run(shown: Shown) -> tuple[HttpRequest, Any]:
    """Run a method's program, and return what it sent, and the answer that it has."""
    transport = Answering(shown.answer)
    names: dict[str, Any] = {"client": RestliClient(transport, access_token="...", version_string="202609")}
    exec(compile(shown.program, "methods.md", "exec"), names)
    (request,) = transport.requests
    return request, names["answer"]


def test_each_method_has_a_section_in_the_order_of_the_table() -> None:
    assert [title for title in re.findall("^## (.*)$", PAGE, re.MULTILINE) if title in METHODS] == [*METHODS]
    (contents,) = [table for table in tables_in(PAGE) if table.columns == ("", "one", "several", "the answer")]
    linked = [name for row in contents.rows for cell in row for name in re.findall(r"\[`(\w+)`\]", cell)]
    assert sorted(linked) == sorted(METHODS)
    assert programs_in(PAGE)[0] == FIRST
    assert len(programs_in(PAGE)) == 1 + len(METHODS)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in UNDOCUMENTED])
def test_what_is_documented_is_shown(method: str) -> None:
    shown = shown_of(method)
    case = CASES[shown.call]
    assert case["in"]["function"] == method
    head, _, body = shown.documented.strip().partition("\n\n")
    first, *headers = head.split("\n")
    request = case["ok"]
    assert first == f"{request['method']} {case.get('printed', request['uri'])}"
    assert headers == [f"{name}: {value}" for name, value in request["headers"].items() if name == "X-RestLi-Method"]
    assert (json.loads(body) if body else None) == (json.loads(request["body"]) if request["body"] else None)
    assert ("printed wrongly" in section_of(PAGE, method)) == ("misprints" in case)


def test_what_is_not_documented_is_not_known() -> None:
    assert {case["in"]["function"] for case in CASES.values()} == {*METHODS} - UNDOCUMENTED


@pytest.mark.parametrize("method", METHODS)
def test_the_python_sends_it(method: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = shown_of(method)
    request, _ = run(shown)
    assert capsys.readouterr().out
    assert f"{request.method} {request.url}" == shown.wire
    assert request.headers["X-RestLi-Method"] == method.upper()
    if method not in UNDOCUMENTED:
        ours = meaning(request.method, request.url, request.headers, request.body)
        theirs = documented_meaning(CASES[shown.call])
        del ours["headers"], theirs["headers"]
        assert ours == theirs


@pytest.mark.parametrize("method", METHODS)
def test_the_python_prints_what_it_says(method: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = shown_of(method)
    run(shown)
    said = re.findall(r"(?:^ +|\)  )# (.*)$", shown.program, re.MULTILINE)
    assert capsys.readouterr().out.splitlines() == said


@pytest.mark.parametrize("method", METHODS)
def test_the_answer_has_what_is_said(method: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = run(shown_of(method))
    capsys.readouterr()
    (table,) = tables_in(section_of(PAGE, method))
    assert type(answer).__name__ == table.columns[0].strip("`")
    inherited = {*dir(restli_core.RestliResponse)}
    own = {name for name in dir(answer) if not name.startswith("_")} - inherited
    assert {name for name, _ in table.rows} == own or (method == "delete" and not own)
    for name, said in table.rows:
        for inner in re.findall(r"`([a-z]\w*)`", said):
            assert any(hasattr(one, inner) for one in (restli_core, *parts_of(getattr(answer, name)))), (name, inner)


def parts_of(value: Any) -> list[Any]:
    """Return a value, and what it holds."""
    return [value, *(value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ())]


def test_all_answers_have_what_is_said_of_all() -> None:
    (named,) = re.findall(r"\nEvery answer has (.*?) a\ntext|\nEvery answer has (.*?): a\s", PAGE, re.DOTALL)
    names = {*re.findall("`(.*?)`", "".join(named))}
    assert names == {name for name in dir(restli_core.RestliResponse) if not name.startswith("_")} - {"url"}
