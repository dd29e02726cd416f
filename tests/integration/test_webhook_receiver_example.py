"""examples/webhook_receiver.py: its receivers, in Flask and in ASGI, get what LinkedIn sends, and what others do."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SECRET = "made-up"
CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
BODY = json.dumps({"notifications": [{"notificationId": 1, "action": "LIKE"}, {"notificationId": 2}]}).encode()

Ask = Callable[..., tuple[int, Any]]


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), b"hmacsha256=" + body, hashlib.sha256).hexdigest()


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("flask", reason="flask is not installed")
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return import_module("webhook_receiver")


@pytest.fixture
def inbox(example: Any, tmp_path: Path) -> Any:
    return example.Inbox(tmp_path / "inbox.db")


@pytest.fixture(params=["flask", "asgi"])
def ask(request: pytest.FixtureRequest, example: Any, inbox: Any) -> Ask:
    """What sends a request to a receiver: method, body, signature and query."""
    if request.param == "flask":
        client = example.flask_application(inbox, SECRET).test_client()

        def ask_flask(
            method: str, body: bytes = b"", signature: str | None = None, path: str = "/linkedin", **query: str
        ) -> tuple[int, Any]:
            headers = {} if signature is None else {"X-LI-Signature": signature}
            answer = client.open(path, method=method, data=body, headers=headers, query_string=query)
            return answer.status_code, answer.json if answer.is_json else None

        return ask_flask
    application = example.asgi_application(inbox, SECRET)

    def ask_asgi(
        method: str, body: bytes = b"", signature: str | None = None, path: str = "/linkedin", **query: str
    ) -> tuple[int, Any]:
        headers = [] if signature is None else [(b"x-li-signature", signature.encode())]
        half = len(body) // 2
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": body[:half], "more_body": True},
            {"type": "http.request", "body": body[half:]},
        ]
        return run_asgi(application, scope_of(method, headers, path, **query), messages)

    return ask_asgi


def scope_of(method: str, headers: list[Any], path: str = "/linkedin", **query: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": urlencode(query).encode(),
        "headers": headers,
    }


def run_asgi(application: Any, scope: dict[str, Any], messages: list[dict[str, Any]]) -> tuple[int, Any]:
    waiting = iter(messages)
    sent: list[Any] = []

    async def receive() -> Any:
        return next(waiting)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    start, body = sent
    assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
    return start["status"], json.loads(body["body"])


def test_a_challenge_is_answered(ask: Ask) -> None:
    right = hmac.new(SECRET.encode(), CODE.encode(), hashlib.sha256).hexdigest()
    expected = 200, {"challengeCode": CODE, "challengeResponse": right}
    assert ask("GET", challengeCode=CODE) == expected
    assert ask("GET", challengeCode=CODE, applicationId="7") == expected


@pytest.mark.parametrize("query", [{}, {"challengeCode": ""}, {"challengeCode": f"hmacsha256={BODY.decode()}"}])
def test_a_challenge_that_is_none_is_refused(ask: Ask, query: dict[str, str]) -> None:
    assert ask("GET", **query) == (400, {})


@pytest.mark.parametrize("prefix", ["", "hmacsha256="])
def test_a_delivery_is_kept_once(ask: Ask, inbox: Any, prefix: str) -> None:
    assert ask("POST", BODY, prefix + signed(BODY)) == (200, {"new": 2})
    assert ask("POST", BODY, prefix + signed(BODY)) == (200, {"new": 0})
    more = json.dumps({"notifications": [{"notificationId": 2}, {"notificationId": 3}]}).encode()
    assert ask("POST", more, prefix + signed(more)) == (200, {"new": 1})
    assert len(inbox) == 3


def test_a_lead_is_known_by_itself_and_what_happened_to_it(ask: Ask, inbox: Any) -> None:
    lead = {"leadGenFormResponse": "urn:li:leadGenFormResponse:7", "leadAction": "CREATED"}
    for document, new in ((lead, 1), (lead, 0), ({**lead, "leadAction": "DELETED"}, 1)):
        body = json.dumps(document).encode()
        assert ask("POST", body, signed(body)) == (200, {"new": new})
    assert len(inbox) == 2


@pytest.mark.parametrize(
    "signature", [None, "", "x", signed(BODY, "another"), signed(BODY).upper(), signed(BODY[:-1])], ids=range(6)
)
def test_what_linkedin_has_not_signed_is_refused(ask: Ask, inbox: Any, signature: str | None) -> None:
    assert ask("POST", BODY, signature) == (401, {})
    assert len(inbox) == 0


@pytest.mark.parametrize(
    "body",
    [
        *(b"[]", b"7", b"{", b"{}", b'{"notifications": [{"notificationId": 1}, {}]}'),
        *(b'{"notifications": {}}', b'{"notifications": null}', b'{"notifications": ["leadGenFormResponse"]}'),
        # With one key for all that have no id, all but the first would be lost.
        *(b'{"notificationId": null}', b'{"notificationId": ""}', b'{"leadGenFormResponse": null}'),
        b"[" * 100_000,
    ],
    ids=range(12),
)
def test_what_is_not_understood_is_not_acknowledged(ask: Ask, inbox: Any, body: bytes) -> None:
    assert ask("POST", body, signed(body)) == (500, {})
    assert len(inbox) == 0


def test_a_delivery_without_an_end_is_refused(ask: Ask, example: Any) -> None:
    body = b" " * (example.MAX_BODY + 1)
    assert ask("POST", body, signed(body))[0] == 413


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/other", 404), ("PUT", "/linkedin", 405)])
def test_all_else_is_refused(ask: Ask, method: str, path: str, status: int) -> None:
    assert ask(method, BODY, signed(BODY), path)[0] == status


def test_a_delivery_that_breaks_off_is_not_kept(example: Any, inbox: Any) -> None:
    application = example.asgi_application(inbox, SECRET)
    headers = [(b"x-li-signature", signed(BODY).encode())]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": BODY, "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert run_asgi(application, scope_of("POST", headers), messages) == (400, {})
    assert len(inbox) == 0


def test_what_is_not_http_is_not_spoken(example: Any, inbox: Any) -> None:
    with pytest.raises(NotImplementedError, match="lifespan"):
        run_asgi(example.asgi_application(inbox, SECRET), {"type": "lifespan"}, [])
