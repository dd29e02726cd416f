"""The command, and what stands around the targets: a law that is broken is seen, in vain or in time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from restli_core import DecodeError, decode
from tests.fuzz import __main__ as command
from tests.fuzz import corpora, target
from tests.fuzz.corpora import Kept, kept, minimised, write
from tests.fuzz.target import Target, TooSlow, attempt, grown, is_grown
from tests.fuzz.targets import TARGETS

GROWN = next(data for number in range(1000) if is_grown(data := b"%d" % number))
"""An input that the law about time is tried with."""


def wrong(data: bytes) -> None:
    """Stand in for a law that one input breaks."""
    assert data != b"bug"


def planted(check: Callable[[bytes], Any] = wrong, read: Callable[[bytes], Any] = bytes) -> Target:
    return Target("no input is the word", read, check, ("bug",), lambda: [b"b", b"bu"])


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder to work in, and one for what is kept."""
    monkeypatch.setattr(command, "WORK", tmp_path / "work")
    monkeypatch.setattr(corpora, "CORPUS", tmp_path)
    return tmp_path


# -- targets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_has_seeds_that_keep_its_law(name: str) -> None:
    seeds = [*TARGETS[name].seeds()]
    assert len(seeds) > 20
    for data in seeds[::20]:
        TARGETS[name].check(data)


@pytest.mark.parametrize("name", TARGETS)
def test_an_empty_input_keeps_each_law(name: str) -> None:
    attempt(TARGETS[name], b"")


def test_an_input_that_breaks_the_law_is_seen() -> None:
    with pytest.raises(AssertionError):
        attempt(planted(), b"bug")


def test_a_reader_that_takes_too_long_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "MAX_SECONDS", -1.0)
    with pytest.raises(TooSlow, match="s for 1000"):
        attempt(planted(), GROWN)


def test_an_error_that_is_not_documented_is_seen_in_a_large_input() -> None:
    def recursing(data: bytes) -> None:
        if len(data) > 1000:
            raise RecursionError

    with pytest.raises(RecursionError):
        attempt(planted(read=recursing), GROWN)


def test_one_that_is_documented_is_not() -> None:
    def refusing(data: bytes) -> None:
        raise DecodeError(data.decode("latin-1"), 0, "no")

    attempt(planted(read=refusing), GROWN)


def test_a_grown_input_is_large_and_always_the_same() -> None:
    data = b"List(a,b)"
    assert grown(data) == grown(data)
    assert target.GROWN_SIZE * 0.9 < len(grown(data)) < target.GROWN_SIZE * 1.1
    assert len({grown(b"%d" % number)[:9] for number in range(20)}) > 10


# -- what is kept ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("work")
def test_what_is_kept_is_read_as_it_was() -> None:
    of_target = Kept([b"\x00\xff\n", b""], [(b'"\\', "a fault")])
    write("x", of_target)
    assert kept("x") == of_target
    assert of_target.inputs == [b"\x00\xff\n", b"", b'"\\']


@pytest.mark.usefixtures("work")
def test_nothing_is_kept_of_a_new_target() -> None:
    assert kept("new") == Kept([], [])


def test_the_smallest_inputs_that_reach_all_are_kept() -> None:
    def check(data: bytes) -> None:
        if data != b"fault":
            decode(data.decode())

    assert minimised(planted(check), [b"abcdef", b"xyz", b"x", b"x" * 90, b"List(a)", b"List(abc)", b"x"]) == [
        b"x",
        b"List(a)",
    ]


# -- the command -------------------------------------------------------------------------------------------------------


def test_it_lists_the_targets(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown] == [*TARGETS]


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["decode", "--seconds", "x"]], ids=["none", "unknown", "time"])
def test_it_refuses_what_it_does_not_know(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(arguments)


def test_it_says_that_atheris_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    assert command.main(["decode", "--seconds", "1"]) == 2
    assert "pip install" in capsys.readouterr().err


def test_it_tries_one_input(work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "TARGETS", {"decode": planted()})
    path = work / "input"
    path.write_bytes(b"bug")
    assert command.main(["decode", "--try", str(path)]) == 1
    assert "assert data != b" in capsys.readouterr().err
    path.write_bytes(b"b")
    assert command.main(["decode", "--try", str(path)]) == 0
    assert "The law holds" in capsys.readouterr().out
    assert kept("decode") == Kept([], [])


def test_it_keeps_an_input_with_its_fault(work: Path) -> None:
    path = work / "input"
    path.write_bytes(b"List(\xff")
    assert command.main(["decode", "--try", str(path), "--fault", "was read"]) == 0
    assert kept("decode") == Kept([], [(b"List(\xff", "was read")])


def test_it_keeps_what_reaches_more(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("decode", Kept([b"List(a,b,c)"], [(b"x", "was wrong")]))
    inputs = work / "work" / "decode" / "inputs"
    inputs.mkdir(parents=True)
    (inputs / "a").write_bytes(b"'")
    assert command.main(["decode", "--keep"]) == 0
    after = kept("decode")
    assert after.found == [(b"x", "was wrong")]
    assert b"'" in after.corpus
    assert len(after.corpus) < 100
    assert f"{len(after.corpus)} of 1 inputs" in capsys.readouterr().out


@pytest.mark.deep  # atheris takes seconds to instrument what it imports
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed, which has wheels for Linux alone")
def test_it_fuzzes(work: Path) -> None:
    # In a process of its own, since libFuzzer ends the one that it runs in, and writes to its output past Python.
    program = f"""
import sys
from pathlib import Path
from tests.fuzz import __main__ as command
command.WORK = Path({str(work)!r})
sys.exit(command.main(["oauth", "--seconds", "1", "--seed", "2"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "DONE" in done.stderr
    assert [*(work / "oauth" / "inputs").iterdir()]
    assert [*(work / "oauth" / "found").iterdir()] == []
