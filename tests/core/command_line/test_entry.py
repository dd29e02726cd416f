"""The entry: a command line of the process, with its arguments, streams and exit status."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence

import pytest

from restli_core.command_line.command import BROKEN_PIPE
from restli_core.command_line.console import Console
from restli_core.command_line.entry import COMMANDS, main, run_process


def test_it_takes_the_arguments_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["x", "encode", "1"])
    assert main() == 0
    assert capsys.readouterr() == ("1\n", "")


def test_it_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zzz"]) == 2
    assert capsys.readouterr().err.startswith("python -m restli_core: there is no command 'zzz'")
    assert main(["curl", "--help"]) == 0
    assert "\n  python -m restli_core curl get " in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS, ids=[command.name for command in COMMANDS])
def test_each_command_has_help_and_examples(command: object, capsys: pytest.CaptureFixture[str]) -> None:
    name = next(one.name for one in COMMANDS if one is command)
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert "\nexamples:\n" in out
    assert f"python -m restli_core {name} " in out.partition("\nexamples:\n")[2]


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_nothing_more_goes_into_a_pipe_that_is_closed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    monkeypatch.setattr(sys, name, stream)

    def run(_arguments: Sequence[str], _console: Console) -> int:
        stream.write("what is still buffered")
        return BROKEN_PIPE

    assert run_process(run, []) == BROKEN_PIPE
    stream.close()  # it raises nothing: what was left went nowhere


class Full(io.StringIO):
    """A stream that takes nothing, and has no descriptor."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("stream", [Full(), None], ids=["full", "none"])
def test_a_stream_without_a_file_is_left_alone(stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    assert run_process(lambda *_: 1, []) == 1


def test_a_stream_that_is_closed_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    assert run_process(lambda *_: 1, []) == 1
