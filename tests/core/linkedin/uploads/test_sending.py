"""Sending: bytes that are put, and what their answers say."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from restli_core import (
    Attempt,
    ForbiddenError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    InvalidResponseError,
    NotFoundError,
    RetryPolicy,
    ServerError,
    ServiceError,
    UnauthorizedError,
)
from restli_core.flows import Raw, run
from restli_core.flows.retry import would_repeat
from restli_core.linkedin.uploads.sending import ExpiredError, etag_of, put
from restli_core.linkedin.uploads.sources import Media
from restli_core.messages import tried

URL = "https://www.linkedin.com/dms-uploads/D4E%253Dpath?sig=s3cret-and-long"
EXPIRES = 1_800_000_000_000  # 2027-01-15 08:00:00 GMT
BEFORE = "Fri, 15 Jan 2027 07:59:59 GMT"
AFTER = "Fri, 15 Jan 2027 08:00:00 GMT"


def sent(answer: Any, **options: Any) -> tuple[Raw, HttpResponse, Raw]:
    """What a put returns, and the step that it yields."""
    steps: list[Raw] = []

    def perform(step: Any) -> Any:
        steps.append(step)
        if isinstance(answer, Exception):
            raise answer
        return answer

    given: dict[str, Any] = {"authorize": False, "expires": EXPIRES} | options
    raw, response = run(put(URL, Media("thumbnail", b"0123456789"), 3, 4, **given), perform)
    (step,) = steps
    return raw, response, step


@pytest.mark.parametrize("authorize", [True, False])
def test_what_is_sent(authorize: bool) -> None:
    raw, response, step = sent(HttpResponse(201), authorize=authorize)
    assert response.status_code == 201
    assert raw is step
    assert (raw.request.method, raw.request.url, raw.request.body) == ("PUT", URL, b"")
    assert raw.request.headers.raw == (("Content-Type", "application/octet-stream"),)
    assert (raw.authorize, raw.repeats_as) == (authorize, "safe")
    assert raw.body is not None
    assert (raw.body.source, raw.body.start, raw.body.size) == (b"0123456789", 3, 4)


def test_other_headers_go_before_those_of_any_upload() -> None:
    raw, _, _ = sent(HttpResponse(200), headers={"content-type": "image/png", "media-type-family": "STILLIMAGE"})
    assert dict(raw.request.headers) == {"content-type": "image/png", "media-type-family": "STILLIMAGE"}


ADVICE = "the upload's URL was refused: it may have expired, or have been used"


@pytest.mark.parametrize(
    ("status", "kind", "advised"),
    [
        (302, ServiceError, False),
        (400, ServiceError, True),
        (403, ForbiddenError, True),
        (404, NotFoundError, True),
        (413, ServiceError, False),
        (503, ServerError, False),
    ],
)
def test_what_is_refused_is_an_error_without_its_url(status: int, kind: type[ServiceError], advised: bool) -> None:
    body = f'{{"message": "cannot write {URL}", "status": {status}}}'.encode()
    answer = HttpResponse(status, {"Location": "https://h/s3cret?sig=D4E", "Date": BEFORE}, body, URL)
    with pytest.raises(kind, match=r"^PUT https://www.linkedin.com/...: ") as caught:
        sent(answer)
    error = caught.value
    assert (ADVICE in str(error)) is advised
    assert ("no redirect is followed" in str(error)) is (status == 302)
    assert error.response.url == ""
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)["request"])
    assert "s3cret" not in shown
    assert "D4E" not in shown


@pytest.mark.parametrize("status", [408, 413, 422, 500, 501, 502, 503, 504])
def test_what_failed_for_the_moment_may_be_sent_again(status: int) -> None:
    with pytest.raises(ServiceError) as caught:
        sent(HttpResponse(status))
    # As a journal says, too: what it has of a failure that the policy repeats is sent again.
    said = "the bytes may be sent again at will: run the upload once more, with its journal" in str(caught.value)
    assert said is would_repeat(RetryPolicy(), caught.value, "safe")
    assert caught.value.attempts == ()


def test_the_tries_of_a_put_are_those_of_its_error() -> None:
    attempts = tuple([Attempt(number, ServiceError(HttpResponse(503)), 0.5) for number in (1, 2)])
    with pytest.raises(ServerError, match=r"; after 2 tries in 1.5 s$") as caught:
        sent(tried(HttpResponse(503, {"Location": "https://h/"}), attempts, 1.5))
    assert caught.value.attempts == attempts


@pytest.mark.parametrize("authorize", [True, False])
def test_a_token_that_was_refused_is_not_a_url_that_was(authorize: bool) -> None:
    expired = b'{"status": 401, "serviceErrorCode": 65602, "code": "EXPIRED_ACCESS_TOKEN"}'
    with pytest.raises(UnauthorizedError) as caught:
        sent(HttpResponse(401, {}, expired), authorize=authorize)
    assert (ADVICE in str(caught.value)) is not authorize
    assert ("token" in caught.value.hint) is authorize


DETAILED = b'{"errorDetails": {"inputErrors": [{"code": "EXPIRED_UPLOAD_URL"}]}, "status": 400}'


@pytest.mark.parametrize(
    ("answer", "expires", "expired"),
    [
        (HttpResponse(410), None, True),
        (HttpResponse(400, {}, b'{"code": "EXPIRED_UPLOAD_URL", "status": 400}'), None, True),
        (HttpResponse(400, {}, b'{"message": "it is EXPIRED_UPLOAD_URL", "status": 400}'), EXPIRES, True),
        (HttpResponse(400, {}, DETAILED), EXPIRES, True),
        (HttpResponse(403, {"Date": AFTER}), EXPIRES, True),
        (HttpResponse(403, {"Date": BEFORE}), EXPIRES, False),
        (HttpResponse(403, {"Date": AFTER}), None, False),
        (HttpResponse(403, {"Date": "now"}), EXPIRES, False),
        (HttpResponse(403), EXPIRES, False),
        (HttpResponse(403, {"Date": AFTER}), 10**400, False),
        (HttpResponse(404, {"Date": AFTER}), EXPIRES, True),
        (HttpResponse(413, {"Date": AFTER}), EXPIRES, False),
        (HttpResponse(503, {"Date": AFTER}), EXPIRES, False),
    ],
)
def test_what_has_expired(answer: HttpResponse, expires: int | None, expired: bool) -> None:
    with pytest.raises((ServiceError, ExpiredError)) as caught:
        sent(answer, expires=expires)
    assert isinstance(caught.value, ExpiredError) is expired
    if isinstance(caught.value, ExpiredError):
        assert ADVICE in str(caught.value.error)


def test_a_file_that_ends_too_early_names_its_argument() -> None:
    with pytest.raises(InvalidCallError, match=r"^thumbnail: ends after 5 bytes$"):
        sent(InvalidCallError("source", "ends after 5 bytes"))
    with pytest.raises(InvalidCallError, match=r"^access_token: is empty$"):
        sent(InvalidCallError("access_token", "is empty"))


# -- ETags -------------------------------------------------------------------------------------------------------------

RAW = Raw(HttpRequest("PUT", URL))


@pytest.mark.parametrize(
    ("given", "bare"),
    [
        ('"abc"', "abc"),
        ("abc", "abc"),
        ('W/"abc"', "abc"),
        ('w/"abc"', "abc"),
        ("W/abc", "W/abc"),  # not a weak one: it has no quotes
        ('"a"b"', 'a"b'),
        (' "abc" ', "abc"),
        ('"', '"'),
        ("/ambry-video/signedId/AAY=", "/ambry-video/signedId/AAY="),
    ],
)
def test_the_quotes_of_an_etag(given: str, bare: str) -> None:
    answer = HttpResponse(200, {"etag": given})
    assert etag_of(RAW, answer, keep_quotes=False) == bare
    assert etag_of(RAW, answer, keep_quotes=True) == given.strip()


@pytest.mark.parametrize("headers", [{}, {"ETag": ""}, {"ETag": '""'}, {"ETag": 'W/""'}])
def test_an_answer_without_an_etag(headers: dict[str, str]) -> None:
    for keep_quotes in (True, False):
        with pytest.raises(InvalidResponseError, match=r"^PUT https://www.linkedin.com/...: 200, but it has no ETag"):
            etag_of(RAW, HttpResponse(200, headers, b"s3cret", URL), keep_quotes=keep_quotes)
