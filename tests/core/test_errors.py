"""The tree of errors: what each says and carries, that it travels, and that it tells no secret."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest

from restli_core import errors
from restli_core.base_errors import Attempt
from restli_core.errors import (
    DecodeError,
    InvalidCallError,
    InvalidResponseError,
    JournalError,
    LimitError,
    OAuthError,
    OutcomeUnknownError,
    PagingError,
    PollTimeoutError,
    ProtocolError,
    RateLimitError,
    RestliError,
    ServiceError,
    TransportError,
    UnauthorizedError,
    VersionNotActiveError,
)
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.urn import Urn

TOKEN = "s3cret-token"
REQUEST = HttpRequest(
    "GET", f"http://u:{TOKEN}@h/r?a={TOKEN}", {"Authorization": f"Bearer {TOKEN}", "LinkedIn-Version": "202609"}
)
RESPONSE = HttpResponse(400, {"X": "1"}, b"body", "http://h/r", native=lambda: None)
FIELDS: dict[str, Any] = {
    "document": {"a": [1]},
    "message": "words",
    "service_error_code": 7,
    "code": "C",
    "error_details": {"b": 1},
    "error_detail_type": "T",
    "exception_class": "E",
    "stack_trace": "at",
    "doc_url": "http://d",
    "request_id": "id",
}

DETAILS = {
    "inputErrors": [
        {
            "description": "Invalid argument",
            "input": {"inputPath": {"fieldPath": "search/account/values/0"}},
            "code": "PARAM_INVALID",
        },
        {"code": "FIELD", "input": {"inputPath": None}, "description": 5},
        {"description": "only words", "input": "x"},
        {},
        None,
        "x",
    ],
    "conditionalInputErrors": [{"input": {"inputPath": {"fieldPath": "/b"}}, "code": "X"}],
    "others": [{"code": "not read"}],
}

ADVICE = "set version_string to a version that is active"

EXAMPLES: list[RestliError] = [
    RestliError("plain"),
    InvalidCallError("ids[0]", "is None"),
    DecodeError("(a:b", 4, "unexpected end of input"),
    InvalidResponseError("its body is not JSON", RESPONSE, REQUEST),
    InvalidResponseError("its body is not JSON", RESPONSE),
    *(
        kind(RESPONSE, request=REQUEST, **FIELDS)
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, ServiceError)
    ),
    ServiceError(RESPONSE),
    RateLimitError(RESPONSE, retry_after=1.5),
    OAuthError("invalid_grant", "expired", RESPONSE),
    OAuthError("invalid_grant"),
    LimitError("adAnalytics: 3 in 60 s", 12.25),
    PagingError("the server repeats itself", REQUEST),
    PollTimeoutError("not as wanted within 60 s", {"status": "DRAFT"}),
    JournalError("run.jsonl is in use"),
    OutcomeUnknownError("create /posts was sent by an earlier run"),
    *(
        kind("refused", REQUEST)
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, TransportError)
    ),
    TransportError("refused"),
]


def test_every_error_has_an_example() -> None:
    assert {type(error).__name__ for error in EXAMPLES} == set(errors.__all__)


def test_the_tree_is_the_one_in_the_docstring() -> None:
    drawn = re.findall(r"^ {4}[│├└─ ]*(\w+Error|TransportTimeout)\b(?: \((\w+)\))?", errors.__doc__ or "", re.MULTILINE)
    assert {name for name, _ in drawn} == set(errors.__all__)
    assert {name for name, base in drawn if base} == {"InvalidCallError", "DecodeError"}
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, RestliError)
        assert issubclass(kind, ValueError) == (name in {"InvalidCallError", "DecodeError"})


def members(error: RestliError) -> dict[str, Any]:
    return {**vars(error), "args": error.args, "type": type(error)}


@pytest.mark.parametrize(
    "again",
    [
        *(lambda error, level=level: pickle.loads(pickle.dumps(error, level)) for level in range(6)),
        copy.copy,
        copy.deepcopy,
    ],
)
@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_errors_pickle_and_copy(error: RestliError, again: Callable[[Any], Any]) -> None:
    other = again(error)
    assert members(other) == members(error)
    assert (str(other), repr(other)) == (str(error), repr(error))


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_errors_tell_no_secret(error: RestliError) -> None:
    assert TOKEN not in f"{error}{error!r}{error.args}"
    request = getattr(error, "request", None)
    if request is not None:
        assert request == REQUEST.redacted()
        assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InvalidResponseError("it is odd", HttpResponse(204)), "204, but it is odd"),
        (
            InvalidResponseError("it is odd", RESPONSE, REQUEST),
            "GET http://h/r?a=…: 400, but it is odd; its body is 4 bytes with no Content-Type: body",
        ),
        (
            InvalidResponseError(
                "it is odd", HttpResponse(200, {"Content-Type": "text/html"}, b"<html><h1>Sign in</h1>")
            ),
            "200, but it is odd; its body is 22 bytes of text/html: Sign in",
        ),
        (
            InvalidResponseError(
                "it is odd", HttpResponse(200, {"Content-Type": "application/json"}, b' {"private": 1')
            ),
            "200, but it is odd; its body is 14 bytes of application/json",
        ),
        (ServiceError(HttpResponse(503)), "503: the server gave no message"),
        (
            ServiceError(HttpResponse(503, {"Content-Type": "text/html"}, b"<html>")),
            "503: the server gave no message, but 6 bytes of text/html",
        ),
        (
            ServiceError(HttpResponse(503, {}, b"<html>"), message=""),
            "503: the server gave no message, but 6 bytes with no Content-Type",
        ),
        (ServiceError(RESPONSE, request=REQUEST, message="words"), "GET http://h/r?a=…: 400: words"),
        (
            ServiceError(RESPONSE, message="m", service_error_code=0, code="C", request_id="r"),
            "400: m (serviceErrorCode 0, code C, request id r)",
        ),
        (ServiceError(RESPONSE, message="m", service_error_code=10**5000), "400: m (serviceErrorCode …)"),
        (RateLimitError(RESPONSE, message="m", retry_after=0.0), "400: m; retry after 0 s"),
        (RateLimitError(RESPONSE, message="m", retry_after=90.0, code="C"), "400: m (code C); retry after 90 s"),
        (
            VersionNotActiveError(RESPONSE, message="m", request=REQUEST),
            f"GET http://h/r?a=…: 400: m; LinkedIn-Version 202609 was sent: {ADVICE}",
        ),
        (
            VersionNotActiveError(RESPONSE, message="m", request=HttpRequest("GET", "/r")),
            f"GET /r: 400: m; no LinkedIn-Version was sent: {ADVICE}",
        ),
        (VersionNotActiveError(RESPONSE, message="m"), "400: m"),
        (OAuthError("invalid_grant"), "invalid_grant"),
        (OAuthError("invalid_grant", "expired"), "invalid_grant: expired"),
        (PagingError("the server never ends"), "the server never ends"),
        (PagingError("it repeats itself", REQUEST), "GET http://h/r?a=…: it repeats itself"),
        (TransportError("refused"), "refused"),
        (TransportError("refused", REQUEST), "GET http://h/r?a=…: refused"),
        (TransportError("odd: \r\n Bearer sesame\n", HttpRequest("GET", "/r")), "GET /r: odd: Bearer sesame"),
        (
            TransportError("odd: open sesame\n", HttpRequest("GET", "/r", {"Authorization": "Bearer open%20sesame"})),
            "GET /r: odd: open sesame",
        ),
        (
            TransportError("odd: open-sesame\n", HttpRequest("GET", "/r", {"Authorization": "Bearer open-sesame"})),
            "GET /r: odd: …",
        ),
        (
            ServiceError(HttpResponse(502, {"Content-Type": "text/plain"}, b"no healthy\n upstream\n")),
            "502: the server gave no message, but 21 bytes of text/plain: no healthy upstream",
        ),
        (
            ServiceError(HttpResponse(302, {"Location": "https://u:p@www.example.com/login?next=/me&s3cret#s3cret"})),
            (
                "302: the server gave no message; it redirects to https://www.example.com/login?next=…&…, "
                "and no redirect is followed"
            ),
        ),
        (
            ServiceError(HttpResponse(422), message="m", code="C", error_details=DETAILS, hint="do this"),
            (
                "422: m (code C); search/account/values/0: PARAM_INVALID: Invalid argument; FIELD; only words; /b: X; "
                "do this"
            ),
        ),
    ],
)
def test_what_errors_say(error: RestliError, text: str) -> None:
    assert str(error) == text
    assert repr(error) == f"{type(error).__name__}({text!r})"


def test_what_errors_carry() -> None:
    refusal = InvalidCallError("ids[0]", "is None")
    assert (refusal.argument, refusal.reason) == ("ids[0]", "is None")
    flaw = DecodeError("(a", 2, "odd")
    assert (flaw.text, flaw.position, flaw.reason) == ("(a", 2, "odd")
    unread = InvalidResponseError("it is odd", RESPONSE, REQUEST)
    assert (unread.reason, unread.response, unread.request) == ("it is odd", RESPONSE, REQUEST.redacted())
    told = ServiceError(RESPONSE, request=REQUEST, **FIELDS)
    assert {name: getattr(told, name) for name in FIELDS} == FIELDS
    assert (told.status_code, told.response) == (400, RESPONSE)
    refused = OAuthError("invalid_grant", "expired", RESPONSE)
    assert (refused.error, refused.error_description) == ("invalid_grant", "expired")
    assert refused.response == HttpResponse(RESPONSE.status_code, RESPONSE.headers, b"", RESPONSE.url)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (
        TransportError("sent code=c0de-c0de", HttpRequest("POST", "/t", form, b"code=c0de-c0de")).reason
        == "sent code=…"
    )
    lost = TransportError("refused", REQUEST)
    assert (lost.reason, lost.request) == ("refused", REQUEST.redacted())


def test_the_version_is_the_one_sent() -> None:
    assert VersionNotActiveError(RESPONSE, request=REQUEST).version == "202609"
    assert VersionNotActiveError(RESPONSE, request=HttpRequest("GET", "/r")).version is None
    assert VersionNotActiveError(RESPONSE).version is None


@pytest.mark.parametrize(
    ("message", "scope"),
    [
        ("Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached.", "day"),
        ("Resource level throttle APPLICATION DAY limit for calls to this resource is reached.", "day"),
        ("You have exceeded your daily quota", "day"),
        ("Only 100 calls Per Day", "day"),
        ("Comment create throttled: creation rate limit exceeded for member", "minute"),
        ("Resource level throttle MEMBER MINUTE limit for calls to this resource is reached.", "minute"),
        ("Only 100 calls per minute", "minute"),
        (
            "The data request limit has been exceeded. More than 45 million metric values were requested in 5 minutes.",
            "metrics",
        ),
        ("Data request limit exceeded: 45 million per day", "metrics"),
        ("More than 45 million metric values", "metrics"),
        ("You asked for more than 45 million values in 5 minutes", "metrics"),
        ("Try again in a minute", None),
        ("Too many requests, try another day", None),
        ("Throttle limit for calls to this resource is reached.", None),
        ("", None),
        (None, None),
    ],
)
def test_the_scope_of_a_rate_limit(message: str | None, scope: str | None) -> None:
    assert RateLimitError(RESPONSE, message=message).scope == scope


def test_notes_and_causes_are_pythons_own() -> None:
    error = ServiceError(RESPONSE)
    error.add_note("while paging")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["while paging"]


def test_what_came_over_the_wire_cannot_move_the_cursor() -> None:
    assert str(ProtocolError("a \x1b[31mred\x07 \u202e word")) == r"a \x1b[31mred\x07 \u202e word"
    assert str(OAuthError("x\x1b[2J", "a\nb\x07")) == r"x\x1b[2J: a b\x07"


NASTY = "n\x1b[2J\u0085\u2028\u202e\x07\ud800 "


@pytest.mark.parametrize("many", [1, 2000])
def test_every_error_is_one_printable_line_however_much_the_server_says(many: int) -> None:
    text = NASTY * many
    response = HttpResponse(300, {"Content-Type": text, "Location": text}, text.encode("utf-8", "replace"))
    details = {"inputErrors": [{"code": text, "description": text, "input": {"inputPath": {"fieldPath": text}}}] * many}
    fields: dict[str, Any] = {**FIELDS, "message": text, "code": text, "request_id": text, "error_details": details}
    request = HttpRequest("GET", "http://h/" + "p" * many + "?" + "&".join(["q" * many] * 10), {"X": "1"})
    found = [
        InvalidResponseError(text, response, request),
        ServiceError(response, request=request),
        VersionNotActiveError(response, request=request, **fields),
        RateLimitError(response, request=request, retry_after=5, **fields),
        ServiceError(response, request=request, hint=text, **fields),
        OAuthError(text, text),
        TransportError(text, request),
    ]
    for error in found:
        assert str(error).isprintable()
        assert repr(error).isprintable()
        assert len(str(error)) <= 2000
    assert "retry after 5 s" in str(found[3])
    assert ADVICE in str(found[2])


SECRET_TOKEN = "s3cret-" + "x" * 500


@pytest.mark.parametrize("before", [*range(90, 110), *range(480, 510), *range(1900, 2010, 10)])
def test_secrets_are_taken_out_before_anything_is_cut(before: int) -> None:
    text = "w" * before + SECRET_TOKEN
    request = HttpRequest("GET", "http://h/r", {"Authorization": f"Bearer {SECRET_TOKEN}"})
    response = HttpResponse(302, {"Location": f"http://h/{text}"}, text.encode())
    details = {"inputErrors": [{"code": text}]}
    found = [
        InvalidResponseError("odd", response, request),
        ServiceError(response, request=request),
        ServiceError(response, request=request, message="m", code=text, error_details=details, request_id=text),
        TransportError(text, request),
    ]
    for error in found:
        assert "s3cret" not in f"{error}{error!r}"


# What LinkedIn's own texts say


@pytest.mark.parametrize(
    ("status", "message", "urn"),
    [
        (
            422,
            "com.linkedin...BadRequestResponseException: Content is a duplicate of urn:li:ugcPost:71",
            "urn:li:ugcPost:71",
        ),
        (422, "Content is a duplicate of urn:li:share:7470.", "urn:li:share:7470"),
        (422, "Content is a duplicate of urn:li:x:(urn:li:y:1,2), they say", "urn:li:x:(urn:li:y:1,2)"),
        (409, "Content is a duplicate of urn:li:share:1", "urn:li:share:1"),
        (400, "Duplicate of urn:li:share:1", "urn:li:share:1"),
        (422, "Content is a duplicate of urn:li:share:7470...", "urn:li:share:7470"),
        (422, "Content is a duplicate of urn:li:share:.a.b.", "urn:li:share:.a.b"),
        (422, "Content is a duplicate of urn:li:share:...", None),
        (422, "Content is a duplicate of urn:li:share: 1", None),
        (422, "Content is a duplicate", None),
        (422, "urn:li:share:1 is wrong", None),
        (422, None, None),
        (403, "Content is a duplicate of urn:li:share:1", None),
        (500, "Content is a duplicate of urn:li:share:1", None),
    ],
)
def test_the_post_that_this_one_is_a_duplicate_of(status: int, message: str | None, urn: str | None) -> None:
    found = ServiceError(HttpResponse(status), message=message).duplicate_of
    assert found == urn
    assert found is None or isinstance(found, Urn)


def test_a_duplicate_may_be_told_in_the_details() -> None:
    details = {
        "inputErrors": [{"code": "DUPLICATE_POST", "description": "Content is a duplicate of urn:li:ugcPost:71"}]
    }
    assert ServiceError(HttpResponse(422), error_details=details).duplicate_of == "urn:li:ugcPost:71"


@pytest.mark.parametrize(
    ("reason", "advised"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate", True),
        ("certificate verify failed: self-signed certificate in certificate chain", True),
        ("certificate verify failed: self signed certificate", True),
        ("unable to get local issuer certificate; SSL_CERT_FILE names no such file", False),
        ("certificate has expired", False),
        ("connection refused", False),
    ],
)
def test_where_tls_trusts_nobody_the_setting_is_named(reason: str, advised: bool) -> None:
    error = errors.ConnectError(reason)
    assert ("name a file with the authorities to trust in SSL_CERT_FILE" in str(error)) is advised
    assert error.reason == reason


def test_a_refused_token_comes_with_what_to_do_where_that_is_known() -> None:
    error = UnauthorizedError(HttpResponse(401), message="expired")
    assert str(error) == "401: expired"
    error.hint = "the member must sign in (again)"
    assert str(error) == "401: expired; the member must sign in (again)"


def test_a_redirect_without_a_target_names_none() -> None:
    error = ServiceError(HttpResponse(308, {"Location": ""}, b""))
    assert error.location is None
    assert "redirects" not in str(error)


# -- the tries of a call -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_says_at_its_end_how_often_its_call_was_tried(error: RestliError) -> None:
    tried, alone = copy.copy(error), str(error)
    assert tried.attempts == ()
    once = (Attempt(1, errors.without_body(error), 0.5),)
    tried.note_attempts(once, 0.5)
    assert str(tried) == alone
    assert [*tried.attempts] == [*once]
    twice = (*once, Attempt(2, errors.without_body(error), 0.25))
    for seconds, end in ((0.75, "; after 2 tries in 0.8 s"), (9.94, "; after 2 tries in 9.9 s"), (330.6, " in 331 s")):
        tried.note_attempts(twice, seconds)
        assert str(tried).startswith(alone)
        assert str(tried).endswith(end)
        assert end in repr(tried)
        assert str(pickle.loads(pickle.dumps(tried))) == str(copy.deepcopy(tried)) == str(tried)
    assert pickle.loads(pickle.dumps(tried)).attempts[1].seconds == 0.25
    assert str(error) == alone  # which it was copied of


def test_the_end_is_there_however_long_the_text_is() -> None:
    error = RestliError("x" * 5000)
    error.note_attempts((Attempt(1, error, 1.0),) * 3, 3.0)
    assert len(str(error)) == 2000
    assert str(error).endswith("x…; after 3 tries in 3.0 s")


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_a_record_of_an_error_has_no_part_of_a_body(error: RestliError) -> None:
    try:
        raise error from ValueError("a cause")
    except RestliError as caught:
        record = errors.without_body(caught)
    assert (type(record), record.args) == (type(error), error.args)
    assert (record.__traceback__, record.__cause__, record.__context__, record.attempts) == (None, None, None, ())
    shown = {name: value for name, value in vars(record).items() if name in {"response", "request"} and value}
    assert [value.body for value in shown.values()] == [b""] * len(shown)
    for name in ("document", "error_details", "stack_trace"):
        assert getattr(record, name, None) is None
    if isinstance(error, ServiceError):
        assert (record.status_code, record.message, record.code) == (error.status_code, error.message, error.code)  # type: ignore[attr-defined]
        assert error.response.body == b"body"


def test_a_record_has_what_is_not_of_a_body() -> None:
    request = HttpRequest("POST", "http://h/r", {"X-A": "b"}, b"secret")
    record: Any = errors.without_body(errors.ConflictError(RESPONSE, request=request, message="m", document={"a": 1}))
    assert record.request == HttpRequest("POST", "http://h/r", {"X-A": "b"})
    assert record.response.headers == {"X": "1"}
    assert str(record) == "POST http://h/r: 400: m"
    again: Any = errors.without_body(record)
    assert vars(again) == vars(record)
