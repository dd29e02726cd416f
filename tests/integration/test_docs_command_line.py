"""docs/command-line.md and the help of all commands: each example runs, and prints what the page says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from restli_core.command_line.command import Command
from restli_core.command_line.entry import COMMANDS as COMMANDS_OF_THE_CORE
from restli_transports.command_line.entry import COMMANDS
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.sample import sample_handlers
from tests.support.pages import names_in_rows, table_of, text_of
from tests.support.shell_sessions import Shell, sessions_in

PAGE = text_of("docs/command-line.md")

# What asks a member, or runs until it is stopped; of these only the arguments are looked at.
NOT_RUN = {"login", "serve"}
# Examples that show what does not succeed.
STATUS_1 = {"verify-webhook @body.json --signature hmacsha256=0123456789abcdef"}


@pytest.fixture(autouse=True)
def sample(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Answer all calls in memory, in a folder that is empty."""
    fake = FakeTransport(sample_handlers())
    monkeypatch.setattr("restli_transports.command_line.senders.open_transport", lambda _: fake)
    monkeypatch.chdir(tmp_path)


def without_version(text: str) -> str:
    return re.sub(r"restli-core/[\w.]+", "restli-core/0", text)


def test_the_sessions_of_the_page() -> None:
    shell = Shell(COMMANDS, {})
    sessions = [*sessions_in(PAGE)]
    assert len(sessions) > 30
    for command, printed in sessions:
        assert without_version(shell.run(command)) == without_version(printed), command


SHOWN = re.findall(r"^restli .*$", "".join(re.findall(r"```sh\n.*?```", PAGE, re.DOTALL)), re.MULTILINE)


@pytest.mark.parametrize("line", SHOWN, ids=SHOWN)
def test_what_is_shown_without_its_output_can_be_run(line: str) -> None:
    words = shlex.split(line.partition(">")[0], comments=True)
    if words == ["restli", "--help"]:
        return
    command = next(command for command in COMMANDS if command.name == words[1])
    command.parser("restli").parse(words[2:])


def examples_of(commands: Sequence[Command], prog: str) -> list[str]:
    helps = [command.parser(prog).format_help().partition("\nexamples:\n")[2] for command in commands]
    return [line.strip() for text in helps for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("commands", "line"),
    [
        *[(COMMANDS, line) for line in examples_of(COMMANDS, "restli")],
        *[(COMMANDS_OF_THE_CORE, line) for line in examples_of(COMMANDS_OF_THE_CORE, "python -m restli_core")],
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_example_of_the_help(commands: Sequence[Command], line: str) -> None:
    Path("upload.json").write_text(
        json.dumps({"initializeUploadRequest": {"owner": "urn:li:person:1"}}), encoding="utf-8"
    )
    Path("body.json").write_text("{}", encoding="utf-8")
    Path("report.py").write_text("import linkedin_api\n", encoding="utf-8")
    shell = Shell(commands, {"LINKEDIN_ACCESS_TOKEN": "made-up-token", "LINKEDIN_CLIENT_SECRET": "made-up-secret"})
    name = line.removeprefix("python -m restli_core ").removeprefix("restli ").split()[0]
    if name in NOT_RUN:
        command = next(command for command in commands if command.name == name)
        command.parser("restli").parse(shlex.split(line)[2:])
        return
    assert shell.run(line) != ""
    ends = [one for one in STATUS_1 if line.endswith(one)]
    assert shell.status == (1 if ends else 0)


def test_the_table_has_all_commands() -> None:
    cells = re.findall(r"^\| \[(`.*?)\]\(#", table_of(PAGE, "command"), re.MULTILINE)
    assert [name for cell in cells for name in re.findall(r"`(.*?)`", cell)] == [
        "call", "curl", "explain", "encode", "decode", "untunnel", "versions", "verify-webhook",
            "migrate", "login", "serve",
        "completion",
    ]  # fmt: skip
    assert {*re.findall(r"`([a-z-]+)`", " ".join(cells))} == {command.name for command in COMMANDS}


def test_the_page_tells_of_all_options_of_call() -> None:
    (call,) = [command for command in COMMANDS if command.name == "call"]
    options = {*re.findall(r"--[a-z-]+", call.parser("restli").format_help())}
    assert options - {*re.findall(r"--[a-z-]+", PAGE)} - {"--help"} == set()
    told = {name for cell in names_in_rows(table_of(PAGE, "option")) for name in re.findall(r"--[a-z-]+", cell)}
    assert told <= options
