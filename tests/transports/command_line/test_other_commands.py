"""login and serve: the same programs as the modules of that purpose."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from restli_core.command_line.command import Command, Parser
from restli_core.oauth import Token
from restli_transports.command_line.entry import COMMANDS
from restli_transports.command_line.other_commands import LOGIN, SERVE
from restli_transports.testing import server
from restli_transports.tokens import login
from restli_transports.tokens.stores import FileStore
from tests.support.command_lines import run_line


@pytest.mark.parametrize(
    ("command", "declare"), [(LOGIN, login.add_login_arguments), (SERVE, server.add_server_arguments)]
)
def test_they_take_the_arguments_of_the_module(
    command: Command, declare: Callable[[argparse.ArgumentParser], None]
) -> None:
    own, other = Parser(prog="x"), argparse.ArgumentParser(prog="x", add_help=False)
    command.add_arguments(own)
    declare(other)
    assert own.format_usage().replace(" [-h]", "").split() == other.format_usage().split()


def test_login_stores_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def signed_in(auth: object, scopes: str, *, store: FileStore, **_: object) -> Token:
        token = Token("AQXhwW8wQ9sd", scope=scopes)
        store.save(token)
        return token

    monkeypatch.setattr(login, "sign_in", signed_in)
    path = tmp_path / "token.json"
    ran = run_line(f"login --client-id x --native --scopes r_ads --store {path}", commands=COMMANDS)
    assert (ran.status, ran.err) == (0, "")
    told = capsys.readouterr()
    assert told.out == f"Signed in, for: r_ads. The token is in {path}.\n"
    assert FileStore(path).load() == Token("AQXhwW8wQ9sd", scope="r_ads")


def test_login_refuses_as_all_commands_do() -> None:
    ran = run_line("login --client-id x", commands=COMMANDS)
    assert (ran.status, ran.err) == (2, "restli login: the following arguments are required: --scopes (see --help)\n")


@pytest.mark.sockets
def test_serve_says_where_it_cannot_listen() -> None:
    with server.RestliServer() as running:
        ran = run_line(f"serve --port {running.port}", commands=COMMANDS)
        assert (ran.status, ran.out) == (1, "")
        assert ran.err.startswith(f"restli serve: Cannot listen on port {running.port} of 127.0.0.1: ")


@pytest.mark.parametrize("line", ["serve --port x", "serve --host"])
def test_serve_refuses_as_all_commands_do(line: str) -> None:
    ran = run_line(line, commands=COMMANDS)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
