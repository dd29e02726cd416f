"""A receiver of LinkedIn's notifications: http://127.0.0.1:8000/linkedin, in Flask; the same in plain ASGI beside it.

LINKEDIN_CLIENT_SECRET has the application's client secret. LinkedIn sends by HTTPS alone, so that a proxy stands before
it. With --local it plays LinkedIn too, which asks a challenge and delivers, to both.

For any ASGI server there is `asgi_application(Inbox(...), secret)`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import Request, build_opener

from connection import free_port
from flask import Flask, request
from werkzeug.serving import make_server

from restli_core import InvalidCallError
from restli_core.linkedin import webhooks

PATH = "/linkedin"
MAX_BODY = 1024 * 1024

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Asgi = Callable[[Any, Receive, Send], Coroutine[Any, Any, None]]


# -- what is done with notifications, whatever the framework -----------------------------------------------------------


class Inbox:
    """The notifications that came, each once: LinkedIn sends some of them again, also to another process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS inbox (key TEXT PRIMARY KEY, notification TEXT NOT NULL)")

    def put(self, body: bytes) -> int:
        """Keep what is new of a delivery, and return how many that are. What takes long is done later, by others."""
        rows = [(key, json.dumps(one)) for key, one in notifications(json.loads(body))]
        # All of it or nothing: if this fails, the delivery is not acknowledged, and comes again.
        with closing(sqlite3.connect(self._path, timeout=30)) as database, database:
            return database.executemany("INSERT OR IGNORE INTO inbox VALUES (?, ?)", rows).rowcount

    def __len__(self) -> int:
        with closing(sqlite3.connect(self._path)) as database:
            count: int = database.execute("SELECT count(*) FROM inbox").fetchone()[0]
            return count


def notifications(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield each notification of a delivery, and the key by which it is known when it comes again."""
    found = document.get("notifications", [document])
    if not isinstance(found, list):
        raise TypeError("the notifications are not a list")
    for one in found:
        if "leadGenFormResponse" in one:
            yield f"{id_of(one, 'leadGenFormResponse')} {one.get('leadAction')}", one
        else:
            yield id_of(one, "notificationId"), one


def id_of(notification: Any, name: str) -> str:
    found = notification[name]
    # All that have no id would have the same key, and only the first of them would be kept.
    if not isinstance(found, str | int) or found == "":
        raise TypeError(f"{name} is not an id")
    return str(found)


class Answer(NamedTuple):
    """An answer: its status, and what it has as JSON."""

    status: int
    document: dict[str, Any]


def answer_challenge(code: str, secret: str) -> Answer:
    try:
        return Answer(200, webhooks.challenge_answer(code, secret))
    except InvalidCallError:  # there is no code, or one that LinkedIn has not sent
        return Answer(400, {})


def answer_delivery(body: bytes, signature: str | bytes | None, secret: str, inbox: Inbox) -> Answer:
    if not webhooks.verify(body, signature, secret):
        return Answer(401, {})
    try:
        return Answer(200, {"new": inbox.put(body)})
    # LinkedIn has sent it, but it is not understood here.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        logging.exception("A delivery cannot be read")
        return Answer(500, {})


# -- in Flask ----------------------------------------------------------------------------------------------------------


def flask_application(inbox: Inbox, secret: str) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @app.get(PATH)
    def challenge() -> tuple[dict[str, Any], int]:
        answer = answer_challenge(request.args.get("challengeCode", ""), secret)
        return answer.document, answer.status

    @app.post(PATH)
    def deliver() -> tuple[dict[str, Any], int]:
        # The bytes as they came: of `request.json`, written again, the signature would be another one.
        body = request.get_data(cache=False)
        answer = answer_delivery(body, request.headers.get(webhooks.SIGNATURE_HEADER), secret, inbox)
        return answer.document, answer.status

    return app


# -- in plain ASGI -----------------------------------------------------------------------------------------------------


def asgi_application(inbox: Inbox, secret: str) -> Asgi:
    async def answered(scope: Any, receive: Receive) -> Answer:
        if scope["path"] != PATH:
            return Answer(404, {})
        if scope["method"] == "GET":
            codes = parse_qs(scope["query_string"].decode("latin-1")).get("challengeCode", [""])
            return answer_challenge(codes[0], secret)
        if scope["method"] != "POST":
            return Answer(405, {})
        body = bytearray()
        goes_on = True
        while goes_on:
            message = await receive()
            if message["type"] == "http.disconnect":
                return Answer(400, {})
            body += message.get("body", b"")
            if len(body) > MAX_BODY:
                return Answer(413, {})
            goes_on = message.get("more_body", False)
        signature = dict(scope["headers"]).get(webhooks.SIGNATURE_HEADER.lower().encode())
        # In a thread, since a database is waited for.
        return await asyncio.to_thread(answer_delivery, bytes(body), signature, secret, inbox)

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"this application does not speak {scope['type']}")
        answer = await answered(scope, receive)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer.document).encode()})

    return application


# -- LinkedIn, for --local ---------------------------------------------------------------------------------------------

LIKES = {
    "type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS",
    "notifications": [
        {"notificationId": number, "action": "LIKE", "organizationalEntity": "urn:li:organization:2414183"}
        for number in (1, 2)
    ],
}


def signed(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), b"hmacsha256=" + body, hashlib.sha256).hexdigest()


def play_linkedin(ask: Callable[[str, str, bytes, str], tuple[int, str]], secret: str) -> None:
    """Ask a challenge and deliver.

    Args:
        ask: sends a method, a query, a body and a signature, and returns status and body of the answer.
        secret: the secret.
    """
    code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    status, text = ask("GET", f"challengeCode={code}", b"", "")
    right = hmac.new(secret.encode(), code.encode(), hashlib.sha256).hexdigest()
    print("challenge", status, json.loads(text)["challengeResponse"] == right)
    body = json.dumps(LIKES).encode()
    print("delivered", *ask("POST", "", body, signed(body, secret)))
    print("again    ", *ask("POST", "", body, signed(body, secret)))
    print("forged   ", *ask("POST", "", body, signed(body, "another secret")))


def ask_flask(home: str, method: str, query: str, body: bytes, signature: str) -> tuple[int, str]:
    headers = {webhooks.SIGNATURE_HEADER: signature} if signature else {}
    try:
        with build_opener().open(Request(f"{home}?{query}", body or None, headers, method=method)) as page:  # noqa: S310 - it is our own
            return page.status, page.read().decode().strip()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode().strip()


def ask_asgi(application: Asgi, method: str, query: str, body: bytes, signature: str) -> tuple[int, str]:
    """Call an ASGI application as a server does."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(webhooks.SIGNATURE_HEADER.lower().encode(), signature.encode())]
    scope = {"type": "http", "method": method, "path": PATH, "query_string": query.encode(), "headers": headers}
    asyncio.run(application(scope, receive, send))
    return sent[0]["status"], sent[1]["body"].decode()


def main_local(folder: Path) -> None:
    secret = "made-up"
    with make_server("127.0.0.1", free_port(), flask_application(Inbox(folder / "flask.db"), secret)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{server.server_port}{PATH}"
        play_linkedin(lambda *asked: ask_flask(home, *asked), secret)
        server.shutdown()
    inbox = Inbox(folder / "asgi.db")
    application = asgi_application(inbox, secret)
    play_linkedin(lambda *asked: ask_asgi(application, *asked), secret)
    print(len(inbox), "notifications are in the inbox")


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    if "--local" in sys.argv:
        with TemporaryDirectory() as folder:
            main_local(Path(folder))
    elif "LINKEDIN_CLIENT_SECRET" in os.environ:
        app = flask_application(Inbox(Path("notifications.db")), os.environ["LINKEDIN_CLIENT_SECRET"])
        make_server("127.0.0.1", 8000, app, threaded=True).serve_forever()
    else:
        sys.exit("Set LINKEDIN_CLIENT_SECRET, or run this with --local.")
