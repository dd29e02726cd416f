"""The benchmarks run; what they measure is theirs to print, and nobody's to assert."""

from __future__ import annotations

import pytest

from benchmarks import calls, client, codec, import_time, instructions, sending, transports


@pytest.fixture(autouse=True)
def _without_valgrind(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Instructions take a minute to count."""
    if request.node.get_closest_marker("deep") is None:
        monkeypatch.setattr(instructions, "is_available", lambda: False)


@pytest.mark.deep
@pytest.mark.skipif(not instructions.is_available(), reason="needs valgrind")
@pytest.mark.parametrize("module", ["benchmarks.calls", "benchmarks.client"])
def test_instructions(module: str) -> None:
    counted = instructions.of_functions(module)
    assert all(count > 1000 for count in counted.values())
    assert instructions.of_statement("import json") > instructions.of_statement("pass")


def test_import_time(capsys: pytest.CaptureFixture[str]) -> None:
    import_time.main(["--runs", "1"])
    printed = capsys.readouterr().out
    assert all(statement in printed for statement in (import_time.BASELINE, *import_time.STATEMENTS))


def test_codec(capsys: pytest.CaptureFixture[str]) -> None:
    codec.main(["--rounds", "1", "--seconds", "0"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in codec.VALUES)


def test_calls(capsys: pytest.CaptureFixture[str]) -> None:
    calls.main(["--rounds", "1", "--seconds", "0"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in calls.CALLS)


def test_client(capsys: pytest.CaptureFixture[str]) -> None:
    client.main(["--functions"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in client.CALLS)
    assert "restli_transports._clients.flow.call_flow" in printed
    for name in client.CALLS:
        client.main(["--run", name, "--times", "2"])
    assert capsys.readouterr().out == ""


@pytest.mark.sockets
def test_transports(capsys: pytest.CaptureFixture[str]) -> None:
    transports.main(["--rounds", "1", "--seconds", "0.02"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in transports.TRANSPORTS)


@pytest.mark.sockets
def test_sending(capsys: pytest.CaptureFixture[str]) -> None:
    sending.main(["--calls", "40", "--at-once", "4", "--runs", "3"])
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == 5
    assert "median of the ratios: " in printed
