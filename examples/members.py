"""A web application for many members, in two worker processes over one database: http://127.0.0.1:8000/.

Each member signs in once. Their token is in SQLite, and is refreshed once, whichever worker needs it first. The
application's redirect URL must be http://127.0.0.1:8000/callback, and it must have the scope r_basicprofile. With
--local it plays a member too, who signs in, comes back and signs out.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import re
import secrets
import socket
import sqlite3
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from html import escape
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import HTTPCookieProcessor, build_opener

from connection import AuthPlace, auth_place
from flask import Flask, g, redirect, request, session
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from restli_core import OAuthError, RestliError, UnauthorizedError, oauth
from restli_core.oauth import Token
from restli_transports import AuthClient, RestliClient
from restli_transports.auth import new_state
from restli_transports.tokens import MemberTokens

WORKERS = 2
UNVERSIONED = "https://api.linkedin.com/v2"  # where the profile is
SIGN_IN = '<a href="/login">Sign in with LinkedIn</a>'


class Database:
    """The tokens of members, in SQLite: a connection for each request, which is in one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self) -> None:
        """Create the table, where there is none; the file should be the application's alone."""
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # so that who reads does not wait for who refreshes
            connection.execute("CREATE TABLE IF NOT EXISTS tokens (member TEXT PRIMARY KEY, token TEXT NOT NULL)")

    @property
    def connection(self) -> sqlite3.Connection:
        if "connection" not in g:
            g.connection = sqlite3.connect(self._path, timeout=120, isolation_level=None)
        found: sqlite3.Connection = g.connection
        return found

    def close(self, _: BaseException | None = None) -> None:
        if "connection" in g:
            g.pop("connection").close()

    def load(self, member: str) -> Token | None:
        row = self.connection.execute("SELECT token FROM tokens WHERE member = ?", [member]).fetchone()
        return None if row is None else Token.from_dict(json.loads(row[0]))

    def save(self, member: str, token: Token) -> None:
        row = [member, json.dumps(token.as_dict())]
        self.connection.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", row)

    def remove(self, member: str) -> Token | None:
        with self.lock(member):  # or another worker, which may be refreshing, would save its token afterwards
            token = self.load(member)
            self.connection.execute("DELETE FROM tokens WHERE member = ?", [member])
        return token

    @contextmanager
    def lock(self, _: str) -> Generator[None]:
        # SQLite locks all of its file, so that one member's refresh waits for another's. PostgreSQL locks a member's
        # row, which has to be there: SELECT ... FOR UPDATE; or a number: SELECT pg_advisory_xact_lock(...).
        self.connection.execute("BEGIN IMMEDIATE")
        with self.connection:  # commits, or rolls back where there is an exception
            yield


def web_application(auth: AuthClient, api: RestliClient, database: Database, secret_key: bytes) -> Flask:
    app = Flask(__name__)
    app.secret_key = secret_key  # the same for all workers; it signs the cookies, which hold no token
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"  # no other site's page can sign a member out
    app.teardown_appcontext(database.close)
    tokens = MemberTokens(auth, load=database.load, save=database.save, lock=database.lock)

    @app.get("/")
    def home() -> str:
        member = session.get("member")
        if member is None:
            return SIGN_IN
        try:
            me = api.with_options(access_token=tokens[member]).get("/me").entity
        except (UnauthorizedError, OAuthError):  # they have signed out elsewhere, or their refresh token has ended
            return f"You are not signed in any more. {SIGN_IN}"
        name = escape(me["localizedFirstName"])
        return f'Hello, {name}! <form method="post" action="/logout"><button>Sign out</button></form>'

    @app.get("/login")
    def sign_in() -> Response:
        session["state"] = new_state()
        return redirect(auth.generate_member_auth_url("r_basicprofile", session["state"]))

    @app.get("/callback")
    def come_back() -> Response | tuple[str, int]:
        state = session.pop("state", None)  # good for one redirect
        if state is None:
            return "Sign in first.", 400
        now = time.time()
        try:
            code = oauth.read_redirect(request.full_path, state)
            answer = auth.exchange_auth_code_for_access_token(code)
        except RestliError as error:
            return f"That did not work: {escape(str(error))}", 400
        # Who has accounts of their own takes the account's key for the member.
        session["member"] = new_state()
        tokens.add(session["member"], Token.received(answer, now))
        return redirect("/")

    @app.post("/logout")
    def sign_out() -> Response:
        member = session.pop("member", None)
        token = None if member is None else database.remove(member)
        if token is not None:
            with suppress(RestliError):  # they are signed out here, whatever LinkedIn says to it
                auth.revoke_access_token(token.refresh_token or token.access_token)
        return redirect("/")

    return app


def work(listener: socket.socket, there: AuthPlace, redirect_url: str, database: Database, secret_key: bytes) -> None:
    """Serve the application in this process, at a socket that other workers may have, too."""
    # Its log has whole URLs, and so the codes of members.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with (
        AuthClient(there.client_id, there.client_secret, redirect_url, base_url=there.auth_base_url) as auth,
        RestliClient(base_url=there.base_url or UNVERSIONED) as api,
    ):
        app = web_application(auth, api, database, secret_key)
        host, port = listener.getsockname()
        make_server(host, port, app, threaded=True, fd=listener.fileno()).serve_forever()


def play_the_member(home: str) -> None:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{home}/login") as consent:
        print(*re.findall("<h1>(.*)</h1>", consent.read().decode()))
    with browser.open(consent.url, b"decision=allow&member=urn:li:person:ada") as page:
        print(page.read().decode())
    for _ in range(2 * WORKERS):  # whichever worker it is
        with browser.open(f"{home}/") as page:
            print(page.read().decode().partition("!")[0])
    with browser.open(f"{home}/logout", b"") as page:
        print(page.read().decode())


def main(database: Database) -> None:
    is_local = "--local" in sys.argv
    with socket.create_server(("127.0.0.1", 0 if is_local else 8000)) as listener:
        home = f"http://127.0.0.1:{listener.getsockname()[1]}"
        redirect_url = f"{home}/callback"
        with auth_place(redirect_url) as there:
            database.create()
            # A new process for each, as gunicorn and others have them.
            processes = multiprocessing.get_context("spawn")
            arguments = (listener, there, redirect_url, database, secrets.token_bytes())
            workers = [processes.Process(target=work, args=arguments, daemon=True) for _ in range(WORKERS)]
            for worker in workers:
                worker.start()
            if is_local:
                play_the_member(home)
                for worker in workers:
                    worker.terminate()
            else:
                print(f"Open {home}/ in a browser.")
            with suppress(KeyboardInterrupt):
                for worker in workers:
                    worker.join()


if __name__ == "__main__":
    if "--local" in sys.argv:
        with TemporaryDirectory() as folder:
            main(Database(Path(folder, "tokens.db")))
    else:
        main(Database(Path("tokens.db")))
