"""examples/members.py under load: two worker processes, each at an address of its own, over one SQLite database."""

from __future__ import annotations

import json
import multiprocessing
import socket
import sqlite3
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from http.cookiejar import CookieJar
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from flask.sessions import SecureCookieSessionInterface

from restli_core.oauth import Token
from restli_core.server import Invocation
from restli_transports import AuthClient, RestliClient
from restli_transports.testing import AuthorizationServer, RestliServer

pytestmark = pytest.mark.sockets

EXAMPLES = Path(__file__).parents[2] / "examples"
MEMBERS = ["urn:li:person:ada", "urn:li:person:bob", "urn:li:person:eve"]


@pytest.fixture
def server() -> Iterator[RestliServer]:
    authorization = AuthorizationServer(rotates=True)  # so that a refresh token that is used twice would be noticed

    def me(invocation: Invocation) -> dict[str, Any]:
        grant = authorization.grant(invocation.headers["Authorization"].removeprefix("Bearer "))
        assert grant is not None
        return {"localizedFirstName": grant.member}

    with RestliServer(base_path="/v2", authorization=authorization, requires_token=True) as running:
        running.on("/me", "get", me)
        yield running


class Application:
    """The application of the example, as it runs in two processes.

    Attributes:
        homes: the URL of each process.
    """

    def __init__(self, example: Any, server: RestliServer, path: Path, listeners: list[socket.socket]) -> None:
        self.homes = [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
        redirect_url = f"{self.homes[0]}/callback"
        authorization = server.authorization
        assert authorization is not None
        authorization.app("app", "s3cret", redirect_urls=redirect_url)
        there = import_module("connection").AuthPlace("app", "s3cret", server.auth_base_url, server.base_url)
        self._path = path
        database = example.Database(path)
        database.create()
        key = b"the key that signs the cookies"
        auth, api = AuthClient("app", "s3cret"), RestliClient(base_url=server.base_url)
        self._signing = SecureCookieSessionInterface().get_signing_serializer(
            example.web_application(auth, api, database, key)
        )
        processes = multiprocessing.get_context("spawn")
        self.workers = [
            processes.Process(target=example.work, args=(listener, there, redirect_url, database, key), daemon=True)
            for listener in listeners
        ]

    def get(self, worker: int, member: str) -> str:
        """Return what a worker shows to a member."""
        assert self._signing is not None
        cookie = f"session={self._signing.dumps({'member': member})}"
        with urlopen(Request(f"{self.homes[worker]}/", headers={"Cookie": cookie}), timeout=60) as page:
            return str(page.read().decode())

    @property
    def rows(self) -> dict[str, Token]:
        with closing(sqlite3.connect(self._path)) as connection:
            rows = connection.execute("SELECT member, token FROM tokens").fetchall()
        return {member: Token.from_dict(json.loads(token)) for member, token in rows}

    def put(self, member: str, token: Token) -> None:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("INSERT INTO tokens VALUES (?, ?)", [member, json.dumps(token.as_dict())])


@contextmanager
def running(example: Any, server: RestliServer, path: Path) -> Generator[Application]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        application = Application(example, server, path, [one, other])
        for worker in application.workers:
            worker.start()
        try:
            yield application
        finally:
            for worker in application.workers:
                worker.terminate()
                worker.join()


@pytest.fixture
def application(server: RestliServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    monkeypatch.syspath_prepend(str(EXAMPLES))  # which the processes have, too
    with running(import_module("members"), server, tmp_path / "tokens.db") as started:
        yield started


def refreshes(server: RestliServer) -> int:
    received = [one.request for one in server.received if one.request is not None]
    return sum(b"grant_type=refresh_token" in request.body for request in received)


def test_two_processes_use_each_refresh_token_once(server: RestliServer, application: Application) -> None:
    assert server.authorization is not None
    for member in MEMBERS:
        token = server.authorization.issue("app", "r_basicprofile", member=member)
        application.put(member, replace(token, expires_at=1.0))
    for worker in range(2):  # they have started once they answer
        assert "You are not signed in any more" in application.get(worker, "nobody")
    server.fail_next(delay=0.2, times=2 * len(MEMBERS))  # so that refreshes that take no turns do meet
    asked = [(worker, member) for worker in range(2) for member in MEMBERS] * 3
    together = threading.Barrier(len(asked))

    def ask(worker: int, member: str) -> bool:
        together.wait(60)
        return f"Hello, {member}!" in application.get(worker, member)

    with ThreadPoolExecutor(len(asked)) as pool:
        assert [*pool.map(ask, *zip(*asked, strict=True))] == [True] * len(asked)
        assert refreshes(server) == len(MEMBERS)
        assert [*pool.map(ask, *zip(*asked, strict=True))] == [True] * len(asked)
    assert refreshes(server) == len(MEMBERS)
    for member, token in application.rows.items():
        grant = server.authorization.grant(token.access_token)
        assert grant is not None
        assert grant.member == member


def test_who_signs_in_and_out_at_one_process_does_so_at_the_other(application: Application) -> None:
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))

    def read(url: str, form: bytes | None = None) -> str:
        with browser.open(url, form, timeout=60) as page:
            return str(page.read().decode())

    with browser.open(f"{application.homes[0]}/login", timeout=60) as consent:
        allow = f"decision=allow&member={MEMBERS[0]}".encode()
        assert f"Hello, {MEMBERS[0]}!" in read(consent.url, allow)
    assert f"Hello, {MEMBERS[0]}!" in read(application.homes[1])
    (member,) = application.rows
    assert "Sign in" in read(f"{application.homes[0]}/logout", b"")
    assert application.rows == {}
    # One who has kept the cookie has no more of it.
    assert "You are not signed in any more" in application.get(1, member)
