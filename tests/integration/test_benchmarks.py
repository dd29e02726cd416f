"""The benchmarks run; what they measure is theirs to print, and nobody's to assert."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks import __main__ as everything
from benchmarks import (
    calls,
    client,
    codec,
    figures,
    import_time,
    instructions,
    memory,
    results,
    sending,
    transports,
    whole_calls,
)
from restli_transports.testing import RestliServer


@pytest.fixture(autouse=True)
def _without_valgrind(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Instructions take minutes to count."""
    if request.node.get_closest_marker("deep") is None:
        monkeypatch.setattr(instructions, "is_there", lambda: False)


def test_import_time(capsys: pytest.CaptureFixture[str]) -> None:
    import_time.main(["--runs", "1"])
    printed = capsys.readouterr().out
    assert all(statement in printed for statement in (import_time.BASELINE, *import_time.STATEMENTS))


def test_codec(capsys: pytest.CaptureFixture[str]) -> None:
    codec.main(["--rounds", "1", "--seconds", "0"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in codec.VALUES)


def test_the_growth_of_the_codec(capsys: pytest.CaptureFixture[str]) -> None:
    codec.print_growth(items=(1, 2), levels=(1, 2))
    printed = capsys.readouterr().out
    assert all(name in printed for name in (*codec.GROWING, *codec.DEEP))


@pytest.mark.deep
@pytest.mark.skipif(not instructions.is_there(), reason="needs valgrind")
def test_counting_instructions() -> None:
    few, many = instructions.counts("benchmarks.codec", "encode/small/ours", "encode/500 URNs/ours").values()
    assert 0 < few < many
    for module in ("benchmarks.calls", "benchmarks.client"):
        assert all(count > 1000 for count in instructions.counts(module).values())
    assert instructions.of_statement("import json") > instructions.of_statement("pass")


def test_calls(capsys: pytest.CaptureFixture[str]) -> None:
    calls.main(["--rounds", "1", "--seconds", "0"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in calls.CALLS)


@pytest.mark.parametrize("name", calls.CALLS)
def test_what_is_counted_beside_building(name: str) -> None:
    method, arguments, _ = calls.CALLS[name]
    beside = calls.beside_building(name)
    assert ("dumps" in beside) == ("entity" in arguments or "patch_set_objects" in arguments)
    assert ("theirs" in beside) == (calls.theirs(method, b"{}") is not None)
    for act in beside.values():
        act()


def test_instructions_of_building_stand_beside_those_of_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def counts(module: str) -> dict[str, float]:
        assert module == "benchmarks.calls"
        return {name: 1000.0 * number for number, name in enumerate(calls.operations(), 1)}

    monkeypatch.setattr(instructions, "is_there", lambda: True)
    monkeypatch.setattr(instructions, "counts", counts)
    calls.main(["--rounds", "1", "--seconds", "0"])
    table = capsys.readouterr().out.partition("thousands of instructions")[2]
    assert all(name in table for name in ("json.dumps", "theirs", *calls.CALLS))


def test_client(capsys: pytest.CaptureFixture[str]) -> None:
    client.main(["--functions", "--rounds", "1", "--seconds", "0"])
    printed = capsys.readouterr().out
    assert "microseconds of CPU time" in printed
    assert all(name in printed for name in client.CALLS)
    assert "restli_transports._clients.flow.call_flow" in printed
    for name in client.CALLS:
        client.main(["--run", name, "--times", "2"])
    assert capsys.readouterr().out == ""


@pytest.mark.sockets
def test_transports(capsys: pytest.CaptureFixture[str]) -> None:
    transports.main(["--rounds", "1", "--seconds", "0.02", "--no-instructions"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in (*transports.TRANSPORTS, *whole_calls.KINDS))


@pytest.mark.sockets
def test_what_is_counted_of_whole_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    with RestliServer() as server, ExitStack() as closing:
        server.collection("/accounts/{id:long}", [{"id": 1, "name": "Summer"}])
        monkeypatch.setenv("RESTLI_BENCHMARKS_URL", f"{server.base_url}/accounts/1")
        counted = whole_calls.operations(closing)
        assert [*counted] == [" ".join(which) for which in whole_calls.contenders()]
        answers = [call() for call in counted.values()]
    account = {"id": 1, "name": "Summer"}
    assert [getattr(answer, "entity", answer) for answer in answers] == [account] * len(answers)


def test_memory(capsys: pytest.CaptureFixture[str]) -> None:
    memory.main()
    printed = capsys.readouterr().out
    assert all(name in printed for name in memory.NAMES)


def test_the_peak_of_memory_is_what_is_there_at_once() -> None:
    assert 100_000 <= memory.peak(lambda: [bytes(100_000) for _ in range(1)]) < 110_000
    assert 200_000 <= memory.peak(lambda: [bytes(100_000) for _ in range(2)]) < 210_000


@pytest.mark.sockets
def test_the_figures_for_readers(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results.main([str(file), "--rounds", "1", "--seconds", "0"])
    measured = results.load(file)
    assert measured["made"]["unit"] == "microseconds"
    assert measured["made"]["command"] == f"python -m benchmarks.results {file}"
    assert [*measured["awaited"]] == ["httpx-async", "aiohttp", "h11-async"]
    libraries = ["h11", "urllib3", "aiohttp", "httpx", "requests"]
    assert {name: [*taken] for name, taken in measured["calls"].items()} == {
        **{name: ["bare", "client"] for name in libraries},
        "official": ["client"],
    }
    shown = [bar for panel in figures.panels(measured) for group in panel.groups for bar in group.bars]
    assert len(shown) == 6 + 6 + 11
    assert all(bar.figure > 0 for bar in shown)


def test_one_command_prints_them_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ran: list[str] = []
    for module in (calls, client, codec, import_time, memory, transports, results):
        monkeypatch.setattr(module, "main", lambda *_, name=module.__name__: ran.append(name))
    everything.main(["--quick"])
    printed = capsys.readouterr().out
    order = ("codec", "calls", "client", "memory", "import_time", "transports")
    assert ran == [f"benchmarks.{name}" for name in order]
    assert re.findall("^-- (.*)", printed, re.MULTILINE)[-1] == "growth of the codec"
    monkeypatch.setattr(codec, "print_growth", lambda **_: None)  # it was seen to run
    everything.main(["--quick", "--json", str(tmp_path / "results.json")])
    assert ran[6:] == [f"benchmarks.{name}" for name in (*order, "results")]
    assert "python -m benchmarks.chart" in capsys.readouterr().out


@pytest.mark.sockets
def test_sending(capsys: pytest.CaptureFixture[str]) -> None:
    sending.main(["--calls", "40", "--at-once", "4", "--runs", "3"])
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == 5
    assert "median of the ratios: " in printed
