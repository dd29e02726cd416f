"""call: what is sent, what is printed, and the exit status."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

import restli_core as restli
from restli_core.command_line.command import run_command
from restli_core.errors import ConnectError
from restli_core.messages import HttpResponse
from restli_transports.command_line.call_command import CALL
from restli_transports.command_line.entry import COMMANDS
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.sample import sample_handlers
from tests.support.command_lines import Ran, Terminal, console_of, run_line

ENVIRON = {"LINKEDIN_ACCESS_TOKEN": "AQXhwW8wQ9sdAQXhwW8wQ9sd", "LINKEDIN_VERSION": "202609"}


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    fake = FakeTransport(sample_handlers())
    monkeypatch.setattr("restli_transports.command_line.senders.open_transport", lambda _: fake)
    return fake


def run(line: str, stdin: bytes = b"", stdout: Terminal | None = None) -> Ran:
    ran = run_line(f"call {line}", stdin, ENVIRON, commands=COMMANDS, stdout=stdout)
    assert ENVIRON["LINKEDIN_ACCESS_TOKEN"] not in ran.out + ran.err
    return ran


def values_of(ran: Ran) -> list[Any]:
    return [json.loads(line) for line in ran.out.splitlines()]


def test_the_call_is_sent_as_the_function_makes_it(fake: FakeTransport) -> None:
    ran = run("get '/adAccounts/{id}' --key id=5001 --fields id,name")
    assert ran == Ran(0, '{"id": 5001, "name": "Account 1"}\n', "")
    call = restli.get("/adAccounts/{id}", path_keys={"id": 5001}, fields="id,name", version_string="202609")
    sent = fake.requests[-1]
    assert (sent.url, sent.headers["LinkedIn-Version"]) == (call.request.url, "202609")


def test_raw_is_the_whole_document() -> None:
    (document,) = values_of(run("get_all /adAccounts --param count=2 --fields id --raw"))
    assert document["elements"] == [{"id": 5001}, {"id": 5002}]
    assert document["paging"]["total"] == 25


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("get_all /adAccounts --param count=10 --all", [*range(5001, 5026)]),
        ("get_all /adAccounts --param count=10 --limit 12", [*range(5001, 5013)]),
        ("get_all /adAccounts --limit 0", []),
        ("finder /adAccounts search --param pageSize=2 --param 'search:=(status:(values:List(DRAFT)))' --all", [
            5005, 5010, 5015, 5020, 5025
        ]),
    ],
)  # fmt: skip
def test_all_pages(line: str, ids: list[int]) -> None:
    ran = run(f"{line} --fields id")
    assert (ran.status, ran.err) == (0, "")
    assert [value["id"] for value in values_of(ran)] == ids


def test_all_raw_pages() -> None:
    ran = run("get_all /adAccounts --param count=10 --all --raw")
    assert [len(page["elements"]) for page in values_of(ran)] == [10, 10, 5]


@pytest.mark.parametrize("raw", ["", " --raw"])
def test_what_has_come_is_written_before_more_is_asked_for(raw: str, fake: FakeTransport) -> None:
    seen: list[int] = []

    class Pipe(io.StringIO):
        def flush(self) -> None:
            seen.append(len(fake.requests))

    run_line(f"call get_all /adAccounts --param count=10 --all{raw}", b"", ENVIRON, commands=COMMANDS, stdout=Pipe())
    assert {*seen} == {1, 2, 3}


def test_that_there_may_be_more_is_noted() -> None:
    ran = run("get_all /adAccounts --param count=2 --fields id")
    assert ran == Ran(0, '{"id": 5001}\n{"id": 5002}\n', "note: there may be more pages: --all gets them all, --limit N"
                      " some\n")  # fmt: skip
    assert run("get_all /adAccounts --param count=26 --fields id").err == ""


def test_a_page_whose_paging_is_odd_is_printed_all_the_same(fake: FakeTransport) -> None:
    body = {
        "elements": [1],
        "paging": {"start": 0, "count": 1, "links": [{"rel": "next", "href": "/x?start=0&count=1"}]},
    }
    fake.fail_next(HttpResponse(200, {}, json.dumps(body).encode()))
    ran = run("get_all /x --param start=0 --param count=1")
    assert (ran.status, ran.out.splitlines()[0]) == (0, "1")


def test_a_part_of_a_batch_that_fails_is_status_1() -> None:
    ran = run("batch_get /adAccounts --ids 5001 7 --fields id")
    assert ran.status == 1
    assert ran.err == "1 of 2 failed: see their errors\n"
    assert [value["status"] for value in values_of(ran)] == [200, 404]
    assert run("batch_get /adAccounts --ids 5001").status == 0


def test_lines_go_in_and_come_out() -> None:
    entities = b'{"name": "a"}\n{"name": "b"}\n'
    created = values_of(run("batch_create /adCampaigns --body -", entities))
    assert [value["status"] for value in created] == [201, 201]
    ran = run("batch_get /adCampaigns --ids - --fields name", b"700000001\n700000002\n")
    assert [value["entity"]["name"] for value in values_of(ran)] == ["Campaign 1", "Campaign 2"]


def test_an_error_of_the_server_is_one_line_with_its_hint() -> None:
    ran = run("get '/adAccounts/{id}' --key id=7")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert ran.err.startswith(
        "restli call: GET https://api.linkedin.com/rest/adAccounts/7: 404: Requested entity not f"
    )


def test_a_hint_names_options(fake: FakeTransport) -> None:
    body = b'{"status": 400, "code": "VERSION_MISSING", "message": "A version must be present"}'
    fake.fail_next(HttpResponse(400, {}, body))
    ran = run_line("call get /me", environ={"LINKEDIN_ACCESS_TOKEN": "AQX"}, commands=COMMANDS)
    assert ran.status == 1
    assert "set --version" in ran.err
    assert "version_string" not in ran.err


def test_what_fails_is_sent_again_unless_it_is_not_to(fake: FakeTransport) -> None:
    fake.fail_next(ConnectError("refused"))
    assert run("get /me").status == 0
    fake.fail_next(ConnectError("refused"))
    ran = run("get /me --no-retry")
    assert (ran.status, ran.err) == (1, "restli call: refused\n")


def test_an_odd_answer_is_printed_and_noted(fake: FakeTransport) -> None:
    fake.fail_next(HttpResponse(200, {}, b'{"elements": [1]}'))
    ran = run("get_all /adAccounts")
    assert ran.out == "1\n"
    assert ran.err.startswith("warning: the answer is odd: ")


def test_a_dry_run_sends_nothing(fake: FakeTransport) -> None:
    line = "delete '/adAccounts/{id}' --key id=5025"
    assert run(f"{line} --dry-run") == run_line(f"curl {line}", environ=ENVIRON, commands=COMMANDS)
    assert fake.requests == []


def test_a_terminal_gets_indented_json_unless_lines_are_wanted() -> None:
    line = "get '/adAccounts/{id}' --key id=5001 --fields id"
    assert run(line, stdout=Terminal()).out == '{\n  \x1b[34m"id"\x1b[0m: 5001\n}\n'
    assert run(f"{line} --lines", stdout=Terminal()).out == '{"id": 5001}\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("get /me --all", "--all and --limit: get has no pages: they are for get_all and finder"),
        ("get_all /x --raw --limit 1", "--limit: counts elements, and --raw prints pages: give one of them"),
        ("get_all /x --limit -1", "--limit: must be a number of elements, 0 or above"),
        ("get /me --timeout 0", "--timeout: must be a number of seconds above 0"),
        ("get /me --timeout x", "argument --timeout: invalid float value: 'x'"),
        ("get /me --transport x", "argument --transport: invalid choice: 'x'"),
        ("get /me --header 'Authorization: AQX'", "--header Authorization: goes into LINKEDIN_ACCESS_TOKEN or --store"),
    ],
)
def test_what_cannot_be_sent_is_refused(line: str, said: str, fake: FakeTransport) -> None:
    ran = run(line)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"restli call: {said}")
    assert fake.requests == []


# -- the progress bar --------------------------------------------------------------------------------------------------


def shown_by(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what a terminal shows that standard error is, while the results go into a file."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)  # in the test itself, since pytest sets another before it
    console = console_of(environ=ENVIRON, stderr=screen)
    assert run_command([CALL], ["call", *line.split()], console, prog="restli", about="") == 0
    return screen.getvalue()


def test_a_bar_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = shown_by("get_all /adAccounts --param count=10 --all", monkeypatch)
    assert "elements: 100%" in shown
    assert "25/25" in shown


def test_no_bar_is_shown_to_who_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_by("get_all /adAccounts --param count=10 --all --no-progress", monkeypatch) == ""


def test_no_bar_is_shown_where_nothing_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert shown_by("get_all /adAccounts --param count=10 --all", monkeypatch) == ""
