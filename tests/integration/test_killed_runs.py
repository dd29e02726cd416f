"""A short form of tests/deep/journal.py: runs with a journal that are killed, over sockets and real processes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from restli_transports.testing import RestliServer
from tests.deep import journal as program
from tests.support import killed_runs
from tests.support.killed_runs import KINDS, Killed, World, check_calls, check_flow, play_killed

pytestmark = pytest.mark.sockets


@pytest.mark.parametrize(("kind", "size", "kills"), [("calls", 60, 2), ("flow", 9, 2)])
def test_what_a_killed_run_says_at_its_end_is_what_was_done(tmp_path: Path, kind: str, size: int, kills: int) -> None:
    result = play_killed(kind, tmp_path / "run.jsonl", seed=3, size=size, kills=kills)
    assert result.faults == []
    assert result.kills == kills


def test_what_is_done_twice_or_missing_is_seen() -> None:
    world = World(1, RestliServer())
    world.done = [(1, "thing 0"), (2, "thing 0"), (3, "thing 2")]
    said = [["done", 1], ["done", 2], ["done", 3]]
    faults: list[str] = []
    check_calls(world, said, 3, faults)  # the first two are equal, and each is made once
    assert faults == []
    for done, what in (
        ([*world.done, (4, "thing 2")], "made 2 times"),
        (world.done[:2], "which is None"),
        ([*world.done[:2], (3, "thing 4")], "which is 'thing 4'"),
    ):
        world.done, faults = done, []
        check_calls(world, said, 3, faults)
        assert any(what in fault for fault in faults)
    faults = []
    check_calls(world, [["done", 1], ["done", 1], ["failed", "no"]], 4, faults)
    assert {"3 of 4 calls came to an end", "two calls have the same id"} <= {*faults}
    faults = []
    world.done = [(1, "thing 0"), (2, "thing 0")]
    check_flow(world, [["done", 1], ["done", 2]], 2, faults)
    assert len(faults) == 2


def test_the_program_says_what_came_of_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    results = iter([Killed(20, 2000, 31), Killed(20, 200, 0, ["twice"])])
    monkeypatch.setattr(program, "play_killed", lambda *_, **__: next(results))
    assert program.main(["--seed", "4"]) == 1
    said = capsys.readouterr().out
    assert re.match(r"calls: 2000 creates from seed 4, killed 20 times in \d+ s: 31 unknown, 0 faults\n", said)
    assert said.endswith("0 unknown, 1 faults\n    twice\n")
    assert KINDS == ("calls", "flow")
    assert killed_runs.THREADS == 8
