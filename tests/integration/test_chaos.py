"""A short form of tests/deep/chaos.py: what a server that fails by chance does to calls, over every transport."""

from __future__ import annotations

import re

import pytest

from restli_core import RetryPolicy
from tests.deep import chaos as program
from tests.support import chaos
from tests.support.chaos import AWAITED, BLOCKING, FAKES, TRANSPORTS, play

NAMES = [*FAKES, *(pytest.param(name, marks=pytest.mark.sockets) for name in (*BLOCKING, *AWAITED))]


@pytest.mark.parametrize("name", NAMES)
def test_the_two_accounts_agree(name: str) -> None:
    result = play(name, seed=2, size=120, rate=0.3)
    assert result.faults == []
    assert {*result.kinds} == {"none", "reset_before", "reset_after", "truncate", "delay", "429", "500", "502", "503"}
    assert result.outcomes.keys() > {"ProtocolError", "ServerError", "CreateResponse", "ActionResponse"}


def test_work_that_is_done_twice_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaos, "POLICY", RetryPolicy(total=None, repeat="all"))
    # Which call gets which fault is up to the threads: of a hundred writes more than half get one.
    faults = play("fake", seed=2, size=150, rate=0.6).faults
    assert any(re.search("done [2-4] times", fault) for fault in faults)


def test_the_program_says_what_came_of_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert program.main(["--size", "40", "--transport", "fake"]) == 0
    assert capsys.readouterr().out.startswith("fake: 40 calls from seed 1 in ")
    monkeypatch.setattr(chaos, "POLICY", RetryPolicy(total=None, repeat="all"))
    assert program.main(["--size", "200", "--transport", "fake", "--seed", "2"]) == 1
    assert re.search("done [2-4] times", capsys.readouterr().out)


def test_each_transport_has_its_chaos() -> None:
    assert len(TRANSPORTS) == len({*TRANSPORTS}) == len(BLOCKING) + len(AWAITED) + 2
