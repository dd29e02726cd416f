"""The entry of the whole command line: all commands, by whichever name it is called."""

from __future__ import annotations

import sys
import tomllib

import pytest

from restli_core.command_line.entry import COMMANDS as COMMANDS_OF_THE_CORE
from restli_transports.command_line.entry import COMMANDS, main
from tests.support.source_tree import ROOT


def test_it_has_all_commands_of_the_core_and_its_own() -> None:
    names = [command.name for command in COMMANDS]
    assert len({*names}) == len(names)
    assert {*names} == {command.name for command in COMMANDS_OF_THE_CORE} | {"call", "login", "serve", "completion"}


@pytest.mark.parametrize(
    ("path", "prog"),
    [("/usr/bin/restli", "restli"), ("restli.exe", "restli"), ("/x/__main__.py", "python -m restli_transports")],
)
def test_it_is_called_by_its_name(
    path: str, prog: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [path, "encode", "x"])
    assert main() == 2
    assert capsys.readouterr().err.startswith(f"{prog} encode: ")


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_each_command_has_help_with_examples(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["restli"])
    assert main([name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert f" {name} " in out.partition("\nexamples:\n")[2]
    assert max(map(len, out.splitlines())) <= 120


def test_the_script_is_this() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert config["project"]["scripts"] == {"restli": "restli_command:main"}
