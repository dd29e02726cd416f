"""docs/coming-from-linkedin-api-client.md: both programs of each pair run, send the same and print the same.

Theirs is run as a black box, where it is installed; what its tables have to name is found by introspection.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import pkgutil
import re
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import pytest

import restli_core
from restli_core import oauth
from restli_core.methods import METHODS
from restli_core.migrating import migrate
from restli_core.oauth import Application
from restli_transports import RestliClient
from restli_transports.testing import AuthorizationServer, RestliServer
from restli_transports.testing.sample import sample_handlers
from tests.support.pages import names_in_rows, programs_in, section_of, text_of
from tests.support.redirected import redirect

PAGE = text_of("docs/coming-from-linkedin-api-client.md")
REASON = "linkedin-api-client is not installed: it comes with the extra bench"
PAGING = "paging is None where the server gives none"
SECTIONS = ("The fourteen methods", "Tokens", "Beyond single calls")


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two programs that do the same, and the lines that the page says they print."""

    before: str
    after: str

    @property
    def lines(self) -> list[str]:
        """The comments after what prints, in both: each is what is printed there, line by line."""
        found = [re.findall(r"print\(.*\)  # (.*)$", code, re.MULTILINE) for code in (self.before, self.after)]
        return sorted({line for comments in found for comment in comments for line in comment.split(", ")})


def pairs_of(section: str) -> dict[str, Pair]:
    parts = section_of(PAGE, f"{section}, before and after").split("\n### ")[1:]
    return {part.partition("\n")[0]: Pair(*programs_in(part)) for part in parts}


PAIRS = {section: pairs_of(section) for section in SECTIONS}
ALL = {name: pair for pairs in PAIRS.values() for name, pair in pairs.items()}


# -- the programs ------------------------------------------------------------------------------------------------------


@contextmanager
def linkedin(monkeypatch: pytest.MonkeyPatch) -> Generator[RestliServer]:
    """Yield a server in LinkedIn's place, with an environment of a member who has signed in."""
    authorization = AuthorizationServer()
    authorization.app("app", "secret", redirect_urls="https://example.com/callback")
    token = authorization.issue("app", ["r_ads", "rw_ads"])
    handlers = sample_handlers()
    with (
        RestliServer(handlers, base_path="/rest", authorization=authorization) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        redirect(patch, server)
        for name, value in {
            "ACCESS_TOKEN": token.access_token,
            "REFRESH_TOKEN": token.refresh_token or "",
            "CLIENT_ID": "app",
            "CLIENT_SECRET": "secret",
            "AUTH_CODE": new_code(authorization),
        }.items():
            monkeypatch.setenv(f"LINKEDIN_{name}", value)
        yield server


def new_code(authorization: AuthorizationServer) -> str:
    application = Application("app", "secret", "https://example.com/callback")
    back = authorization.consent(application.generate_member_auth_url(["r_ads", "rw_ads"], "a1b2c3"))
    return dict(parse_qsl(urlsplit(back).query))["code"]


def run(code: str, server: RestliServer) -> list[Any]:
    """Run a program, and return what the server received: each request as what it means."""
    context: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(code, "a program of the page", "exec", dont_inherit=True), context)
    finally:
        for name in {"client", "auth"} & context.keys():
            (context[name] if hasattr(context[name], "close") else context[name].session).close()
    # A URL that a program makes is to be sent by a browser: its query means the same in any order.
    made = [sorted(parse_qsl(urlsplit(context["url"]).query))] if "url" in context else []
    return made + [meaning(received) for received in server.received]


def meaning(received: Any) -> Any:
    """Return what a request asks for: without the order of a query, spaces in JSON, and who asks."""
    head, _, body = received.raw.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    method, target, _ = lines[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    path, _, query = target.partition("?")
    said = {name: headers.get(name) for name in ("x-restli-protocol-version", "linkedin-version")}
    restli_method = headers.get("x-restli-method", "").lower()
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    content = sorted(parse_qsl(body.decode())) if form else json.loads(body or b"null")
    return method, path, sorted(query.split("&")), restli_method, said, content


@pytest.mark.sockets
@pytest.mark.parametrize("name", ALL)
def test_both_send_the_same_and_print_what_the_page_says(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = ALL[name]
    with linkedin(monkeypatch) as server:
        sent = run(pair.after, server)
    printed = capsys.readouterr().out
    assert printed
    assert {*printed.splitlines()} == {*pair.lines}
    pytest.importorskip("linkedin_api", reason=REASON)
    with linkedin(monkeypatch) as server:
        sent_before = run(pair.before, server)
    assert capsys.readouterr().out == printed
    assert without_secrets(sent_before) == without_secrets(sent)


@pytest.mark.sockets
@pytest.mark.parametrize("name", [name for name in ALL if name != "A call that fails"])
def test_the_mechanical_part_alone_does_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Theirs need not be installed: the page says what it prints.
    pair = ALL[name]
    migration = migrate(pair.before)
    assert "linkedin_api" not in migration.text
    assert [todo.words for todo in migration.todos] == [PAGING] * (name == "get_all")
    with linkedin(monkeypatch) as server:
        run(migration.text, server)
    assert {*capsys.readouterr().out.splitlines()} == {*pair.lines}


@pytest.mark.sockets
def test_where_errors_were_statuses_the_mechanical_part_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    migration = migrate(ALL["A call that fails"].before)
    (todo,) = migration.todos
    assert todo.words.startswith("error statuses are raised: except restli_core.ServiceError")
    with linkedin(monkeypatch) as server, pytest.raises(restli_core.NotFoundError):
        run(migration.text, server)


def without_secrets(requests: list[Any]) -> str:
    """Return requests without the codes and tokens that are others in each run."""
    return re.sub(r"AQ[\w-]{20,}", "...", repr(requests))


def test_there_is_a_pair_for_each_method_and_each_call_for_tokens() -> None:
    assert [*PAIRS["The fourteen methods"]] == [*METHODS]
    auth = pytest.importorskip("linkedin_api.clients.auth.client", reason=REASON).AuthClient
    assert [*PAIRS["Tokens"]] == [name for name in vars(auth) if not name.startswith("_")]


# -- the tables --------------------------------------------------------------------------------------------------------


def modules() -> list[Any]:
    package = pytest.importorskip("linkedin_api", reason=REASON)
    return [import_module(found.name) for found in pkgutil.walk_packages(package.__path__, "linkedin_api.")]


def made_in(module: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and (inspect.isclass(value) or inspect.isfunction(value))
        if value.__module__ == module.__name__
    }


def rows_of(title: str) -> set[str]:
    section = PAGE.partition(f"\n### {title}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
    return {name.removesuffix("()") for name in names_in_rows(section)}


CLIENTS = ("RestliClient", "AuthClient")


def clients() -> dict[str, Any]:
    return {name: value for module in modules() for name, value in made_in(module).items() if name in CLIENTS}


def test_the_table_has_each_class_and_function() -> None:
    found = {
        f"{module.__name__.removeprefix('linkedin_api.')}.{name}" for module in modules() for name in made_in(module)
    }
    assert len(found) > 50
    assert rows_of("Modules") == found


def test_the_table_has_each_call() -> None:
    calls = {
        f"{name}.{method}"
        for name, client in clients().items()
        for method in vars(client)
        if not method.startswith("_")
    }
    assert rows_of("Calls") == calls | {*CLIENTS}


def test_the_table_has_each_argument() -> None:
    functions = [
        function
        for client in clients().values()
        for name, function in vars(client).items()
        if inspect.isfunction(function) and (name == "__init__" or not name.startswith("_"))
    ]
    found = {name for function in functions for name in inspect.signature(function).parameters} - {"self"}
    assert rows_of("Arguments") == found


def test_the_table_has_each_attribute() -> None:
    found = {"RestliClient.session"} | {f"AuthClient.{name}" for name in vars(clients()["AuthClient"]("a", "b", "c"))}
    for module in modules():
        if module.__name__.rpartition(".")[2] != "response":
            continue
        for name, kind in made_in(module).items():
            needed = {one: mock.Mock() for one in inspect.signature(kind).parameters}
            found |= {f"{name}.{attribute}" for attribute in vars(kind(**needed))}
    # What all answers have is told once, of their base.
    common = {"status_code", "headers", "url", "response"}
    found = {one for one in found if one.partition(".")[2] not in common}
    assert rows_of("Attributes") == found | {f"BaseResponse.{name}" for name in common}


def test_the_names_of_this_project_are_there() -> None:
    section = section_of(PAGE, "Everything, name by name")
    rows = re.findall(r"^\| (.*) \| (.*) \|$", section, re.MULTILINE)
    for left, right in rows:
        if right.startswith("the same names in"):
            place = import_module(re.findall(r"`(restli_core[\w.]*)`", right)[0])
            assert [name for name in re.findall(r"(\w+)`", left) if not hasattr(place, name)] == []
    named = re.findall(r"`restli_core\.(oauth\.)?(\w+)", section)
    assert [name for within, name in named if not hasattr(oauth if within else restli_core, name)] == []
    for left, right in rows:
        for name, attribute in re.findall(r"`(\w+Res\w+|Paging)\.(\w+)`", left):
            if not right.startswith("the same"):
                continue
            kind = getattr(restli_core, name, None) or getattr(oauth, name, None) or restli_core.RestliResponse
            assert hasattr(kind, attribute), f"{name}.{attribute}"


def test_the_mechanical_part_of_the_page_is_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    section = section_of(PAGE, "The mechanical part")
    (code,) = programs_in(section)
    exec(compile(code, "a program of the page", "exec", dont_inherit=True), {"__name__": "__main__"})
    (printed,) = re.findall(r"```text\n(.*?)```", section, re.DOTALL)
    assert capsys.readouterr().out.strip() == printed.strip()


def test_arguments_have_the_same_names() -> None:
    pytest.importorskip("linkedin_api", reason=REASON)
    theirs = clients()["RestliClient"]
    for name in METHODS:
        taken = inspect.signature(getattr(RestliClient, name)).parameters
        wanted = {*inspect.signature(getattr(theirs, name)).parameters}
        assert wanted <= {*taken}, name
