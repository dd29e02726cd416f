from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from restli_core import finder
from restli_core.errors import ConnectError, LimitError
from restli_transports.events import (
    CallEnded,
    Event,
    RequestSent,
    ResponseReceived,
    Retrying,
    TokenReplaced,
    VersionEnding,
    Waiting,
)
from restli_transports.events.listeners import Listeners
from tests.support.played_events import TOKEN, a_call, failure, play, steps
from tests.support.source_tree import ROOT

LINE = "get /adAccounts/{id}: GET https://api.linkedin.com/rest/adAccounts/5?note=…: "
CALL = a_call()


@pytest.fixture(autouse=True)
def debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "restli_transports")


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return the level and the text of each line, which all have the one logger."""
    assert {record.name for record in caplog.records} <= {"restli_transports"}
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_call_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    play(Listeners().emit, CALL, 200)
    assert logged(caplog) == [("DEBUG", LINE + "200 in 20 ms, 120 bytes, try 1")]


def test_a_finder_has_its_resource_and_its_verb(caplog: pytest.LogCaptureFixture) -> None:
    call = finder("/adAccounts/{id}/adCampaigns", "search", path_keys={"id": 5}, tunnel_above=0)
    play(Listeners().emit, call, 200)
    ((_, line),) = logged(caplog)
    assert line.startswith(
        "finder /adAccounts/{id}/adCampaigns: POST https://api.linkedin.com/v2/adAccounts/5/adCampaigns: 200 in"
    )


def test_a_line_tells_of_the_last_try_and_a_retry_has_its_own(caplog: pytest.LogCaptureFixture) -> None:
    play(Listeners().emit, CALL, 503, ConnectError("refused"), 200)
    assert logged(caplog) == [
        ("WARNING", "get /adAccounts/{id}: try 1 failed with ServerError (503), the next one is in 0.5 s"),
        ("WARNING", "get /adAccounts/{id}: try 2 failed with ConnectError, the next one is in 0.5 s"),
        ("DEBUG", LINE + "200 in 60 ms, 120 bytes, try 3"),
    ]


@pytest.mark.parametrize(
    ("outcomes", "text"),
    [
        ((404,), "404 in 20 ms, 120 bytes, try 1: ServerError"),
        ((ConnectError("no such host"),), "no answer in 20 ms, try 1: ConnectError"),
        ((503, ConnectError("refused")), "no answer in 40 ms, try 2: ConnectError"),
        ((KeyboardInterrupt(),), "no answer in 20 ms, try 1: KeyboardInterrupt"),
    ],
    ids=range(4),
)
def test_a_call_that_fails(outcomes: Any, text: str, caplog: pytest.LogCaptureFixture) -> None:
    play(Listeners().emit, CALL, *outcomes)
    assert logged(caplog)[-1] == ("DEBUG", LINE + text)


def test_a_call_that_was_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    Listeners().emit(CallEnded(CALL, LimitError("full", 60.0), 0.0))
    assert logged(caplog) == [("DEBUG", LINE + "not sent in 0 ms, try 0: LimitError")]


@pytest.mark.parametrize(("seconds", "level"), [(0.2, "DEBUG"), (1.0, "DEBUG"), (1.1, "WARNING"), (330.0, "WARNING")])
def test_a_wait_over_a_second_is_a_warning(seconds: float, level: str, caplog: pytest.LogCaptureFixture) -> None:
    Listeners().emit(Waiting(CALL, "Limit(100, 60)", seconds))
    text = f"get /adAccounts/{{id}}: waits {seconds} s for room within 'Limit(100, 60)'"
    assert logged(caplog) == [(level, text)]


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (TokenReplaced(), "a token was refused, and the source gave another one"),
        (
            VersionEnding("202511", date(2026, 11, 15), "202610"),
            "version 202511 ends on 2026-11-15; the newest is 202610",
        ),
    ],
    ids=["token", "version"],
)
def test_what_is_a_clients(event: Event, text: str, caplog: pytest.LogCaptureFixture) -> None:
    Listeners().emit(event)
    assert logged(caplog) == [("DEBUG", text)]


def test_without_debug_only_warnings_are_written(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "restli_transports")
    play(Listeners(print).emit, CALL, 503, 200)
    assert [level for level, _ in logged(caplog)] == ["WARNING"]


def test_debug_may_be_switched_on_and_off_within_a_call(caplog: pytest.LogCaptureFixture) -> None:
    for at_first in (logging.DEBUG, logging.WARNING):
        caplog.set_level(at_first, "restli_transports")
        for number, _ in enumerate(steps(Listeners(print).emit, CALL, 200)):
            if number == 0:
                caplog.set_level(logging.DEBUG + logging.WARNING - at_first, "restli_transports")
    # Nothing was remembered of the second, and nothing is left of the first.
    assert logged(caplog) == [("DEBUG", LINE + "not sent in 20 ms, try 0")]


def test_no_secret_is_written(caplog: pytest.LogCaptureFixture) -> None:
    play(Listeners().emit, CALL, failure(500), 503, 200)
    assert [secret for secret in (TOKEN, "private", "a body") if secret in caplog.text] == []


def test_a_call_within_a_call_has_its_own_line(caplog: pytest.LogCaptureFixture) -> None:
    def sending(event: Event) -> None:
        if isinstance(event, ResponseReceived) and event.status == 200:
            play(listeners.emit, event.call, 404)  # the very same call

    listeners = Listeners(sending)
    play(listeners.emit, CALL, 200)
    assert [line.removeprefix(LINE) for _, line in logged(caplog)] == [
        "404 in 20 ms, 120 bytes, try 1: ServerError",
        "200 in 20 ms, 120 bytes, try 1",
    ]


def test_tasks_do_not_mix_their_calls(caplog: pytest.LogCaptureFixture) -> None:
    async def one(status: int) -> None:
        for _ in steps(emit, CALL, 503, status):
            await asyncio.sleep(0)

    async def all_at_once() -> None:
        await asyncio.gather(*[one(status) for status in range(200, 210)])

    emit = Listeners().emit
    asyncio.run(all_at_once())
    lines = [line for level, line in logged(caplog) if level == "DEBUG"]
    assert lines == [f"{LINE}{status} in 40 ms, 120 bytes, try 2" for status in range(200, 210)]


PROGRAM = """
import sys
sys.path[:0] = {roots}
import restli_transports.events
assert "logging" not in sys.modules, "slow to import"
from restli_transports.events.listeners import Listeners
listeners = Listeners(lambda event: 1 / 0)
listeners.emit(restli_transports.events.TokenReplaced())
"""


def test_a_program_that_has_not_configured_logging_sees_nothing() -> None:
    program = PROGRAM.format(roots=[str(ROOT), str(ROOT / "transports")])
    run = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")


def test_events_of_a_call_that_began_unseen_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    emit = Listeners().emit
    emit(ResponseReceived(CALL, CALL.request, 1, 200, 0.1, 5))
    emit(RequestSent(CALL, CALL.request, 2))
    emit(Retrying(CALL, failure(500), 0.1, 2))
    emit(CallEnded(CALL, None, 0.3))
    assert [level for level, _ in logged(caplog)] == ["WARNING", "DEBUG"]
    assert logged(caplog)[-1][1].endswith("no answer in 300 ms, try 2")
