from __future__ import annotations

import copy
import pickle
from datetime import date
from typing import Any

import pytest

from restli_core import create
from restli_core.errors import ConnectError, NotFoundError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.oauth import Application
from restli_transports import events
from restli_transports.events import (
    CallEnded,
    Event,
    RequestFailed,
    RequestSent,
    ResponseReceived,
    Retrying,
    TokenReplaced,
    VersionEnding,
    Waiting,
)
from tests.support.played_events import TOKEN, a_call

BODY = "a-text-of-a-body"
CALL: Any = create("/posts", {"commentary": BODY}, access_token=TOKEN, query_params={"q1": "a-value"})
ANSWER = HttpResponse(
    404, {"Set-Cookie": "session=s3cret-cookie"}, f'{{"message": "no post", "id": "{BODY}"}}'.encode()
)
REFUSED = NotFoundError(
    ANSWER, request=CALL.request, document={"id": BODY}, message="no post", error_details={"input": BODY}
)

EACH = [
    RequestSent(CALL, CALL.request, 1),
    ResponseReceived(CALL, CALL.request, 1, 404, 0.25, 27),
    RequestFailed(CALL, CALL.request, 2, ConnectError("refused", CALL.request), 0.5),
    CallEnded(CALL, REFUSED, 0.75),
    CallEnded(CALL, None, 0.75),
    Retrying(CALL, REFUSED, 1.5, 1),
    Waiting(CALL, "limit", 2.0),
    TokenReplaced(),
    VersionEnding("202511", date(2026, 11, 15), "202610"),
]
IDS = [f"{number} {type(event).__name__}" for number, event in enumerate(EACH)]


def test_all_are_here() -> None:
    assert {type(event).__name__ for event in EACH} == {*events.__all__} - {
        "Event",
        "HeaderListener",
        "Listener",
        "OnEvent",
        "OpenTelemetry",
    }


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (RequestSent, ("call", "request", "attempt")),
        (ResponseReceived, ("call", "request", "attempt", "status", "seconds", "size")),
        (RequestFailed, ("call", "request", "attempt", "error", "seconds")),
        (CallEnded, ("call", "error", "seconds")),
        (Retrying, ("call", "error", "wait", "attempt")),
        (Waiting, ("call", "limit", "seconds")),
        (TokenReplaced, ()),
        (VersionEnding, ("version", "ends", "newest")),
    ],
)
def test_fields_have_their_names_and_order(event: type[Event], fields: tuple[str, ...]) -> None:
    assert event.__match_args__ == fields


def test_fields_go_by_name_too() -> None:
    event = ResponseReceived(call=CALL, request=CALL.request, attempt=1, status=200, seconds=0.5, size=3)
    assert (event.attempt, event.status, event.seconds, event.size) == (1, 200, 0.5, 3)


@pytest.mark.parametrize("event", EACH, ids=IDS)
def test_nothing_changes(event: Event) -> None:
    for name in (*event.__match_args__, "another"):
        with pytest.raises(AttributeError):
            setattr(event, name, None)


@pytest.mark.parametrize("event", EACH[:3], ids=IDS[:3])
def test_a_request_is_without_authorization(event: Any) -> None:
    assert event.request == CALL.request.redacted()
    assert "Authorization" not in event.request.headers
    assert event.request.headers["X-RestLi-Method"] == "CREATE"
    assert event.call is CALL


@pytest.mark.parametrize("event", EACH, ids=IDS)
def test_a_text_shows_neither_a_secret_nor_a_body(event: Event) -> None:
    for text in (repr(event), str(event), f"{event}"):
        assert [secret for secret in (TOKEN, BODY, "a-value", "s3cret") if secret in text] == []


def test_a_text_shows_the_rest() -> None:
    line = "POST https://api.linkedin.com/v2/posts?q1=…"
    assert repr(Retrying(CALL, REFUSED, 1.5, 1)) == (
        f"Retrying(call=<Call create: {line}>, error=NotFoundError, wait=1.5, attempt=1)"
    )
    assert repr(TokenReplaced()) == "TokenReplaced()"
    assert repr(CallEnded(CALL, None, 0.75)) == f"CallEnded(call=<Call create: {line}>, error=None, seconds=0.75)"


@pytest.mark.parametrize("event", EACH, ids=IDS)
def test_a_pickle_has_neither_a_secret_nor_a_body(event: Event) -> None:
    dumped = pickle.dumps(event)
    assert [secret for secret in (TOKEN, "s3cret", BODY) if secret.encode() in dumped] == []
    loaded = pickle.loads(dumped)
    assert type(loaded) is type(event)
    assert repr(loaded) == repr(event).replace("33 bytes", "0 bytes")


def test_a_pickled_error_keeps_its_text_and_loses_the_answer() -> None:
    loaded = pickle.loads(pickle.dumps(CallEnded(CALL, REFUSED, 0.75)))
    assert str(loaded.error) == str(REFUSED)
    assert (loaded.error.response.body, loaded.error.response.headers) == (b"", {})
    assert (loaded.error.document, loaded.error.error_details, loaded.error.request.body) == (None, None, b"")
    # The event itself is as it was.
    assert (REFUSED.response, REFUSED.document) == (ANSWER, {"id": BODY})


def test_a_token_call_shows_nothing_of_its_form() -> None:
    application = Application("app", "s3cret-of-the-app")
    call = application.exchange_refresh_token_for_access_token("refresh-token-of-a-member")
    event = RequestSent(call, call.request, 1)
    assert event.request.body == b""
    assert b"s3cret-of-the-app" not in pickle.dumps(event)
    assert b"refresh-token-of-a-member" not in pickle.dumps(event)


def test_a_pickle_without_anything_to_hide_is_equal() -> None:
    call = a_call().with_request(HttpRequest("GET", "https://api.linkedin.com/v2/me", {"Accept": "application/json"}))
    event = ResponseReceived(call, call.request, 1, 200, 0.5, 3)
    assert pickle.loads(pickle.dumps(event)) == event


@pytest.mark.parametrize("event", EACH, ids=IDS)
def test_a_copy_is_the_event_itself(event: Event) -> None:
    assert copy.copy(event) is event
    assert copy.deepcopy([event])[0] is event
