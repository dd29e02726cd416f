"""Sending: the bytes of an upload on their way, and what may be wrong with the answers.

    put ── 200 to 299 ──────────────────────────────────────────────> the answer
     └──── anything else, after the tries of the client's policy ───> a ServiceError, or ExpiredError

A put of the same bytes to the same URL may be repeated at will, and so it counts as safe. Its URL is shown nowhere, and
taken out of what the server says.

A URL has expired where LinkedIn says so (EXPIRED_UPLOAD_URL, or 410), or where it refuses it at a time, by the answer's
own Date, after which it said it would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from restli_core.base_errors import InvalidCallError
from restli_core.errors import InvalidResponseError, ServiceError
from restli_core.flows.steps import Flow, Raw, Read, step
from restli_core.http_dates import read_http_date
from restli_core.linkedin.uploads.sources import Media  # noqa: TC001 - for typing.get_type_hints
from restli_core.messages import Headers, HttpRequest, HttpResponse, tried, tries_of
from restli_core.responses.causes import codes_of
from restli_core.responses.parsing import service_error, strict_loads

__all__ = ["ExpiredError", "etag_of", "put"]

BYTES: Final = {"Content-Type": "application/octet-stream"}

_EXPIRED: Final = "EXPIRED_UPLOAD_URL"
_REFUSED: Final = frozenset({400, 401, 403, 404, 410})
_PASSING: Final = frozenset({408, 500, 502, 503, 504})  # which policies repeat, and so does a run with the journal
_ADVICE: Final = (
    "the upload's URL was refused: it may have expired, or have been used; upload the file again from the start, with "
    "another journal where there is one"
)
_AGAIN: Final = (
    "the bytes may be sent again at will: run the upload once more, with its journal where there is one, which sends "
    "only what is missing"
)


class ExpiredError(Exception):
    """The URLs of an upload have expired: for its flow, which begins once more.

    Attributes:
        error: the error, for the caller where that does not help.
    """

    error: ServiceError

    def __init__(self, error: ServiceError) -> None:
        super().__init__()
        self.error = error


def put(
    url: str,
    media: Media,
    start: int,
    size: int,
    *,
    headers: Mapping[str, str] | None = None,
    authorize: bool,
    expires: int | None,
) -> Flow[tuple[Raw, HttpResponse]]:
    """Put bytes of a file to a URL, and return what was sent, and the answer.

    Args:
        url: where they go.
        media: the file.
        start: the index of the first byte.
        size: how many.
        headers: further headers, which go before those of any upload.
        authorize: whether the client's token goes with them.
        expires: when the URL ends, in milliseconds since 1970; None where nobody knows.

    Raises:
        ServiceError: the server refused them.
        ExpiredError: the URL has expired.
        InvalidCallError: the file ends before the last byte.
    """
    body = Read(media.source, start, size)
    raw = Raw(HttpRequest("PUT", url, _headers(headers)), authorize=authorize, kind="safe", body=body)
    try:
        response = yield from step(raw)
    except InvalidCallError as error:
        if error.argument != "source":  # it is about the client, such as its token
            raise
        raise InvalidCallError(media.argument, error.reason) from error
    if 200 <= response.status_code < 300:
        return raw, response
    # The URL that answered is the secret, too, and so is another one that it leads to.
    shown = HttpResponse(response.status_code, response.headers.without("Location"), response.body)
    shown = tried(shown, *tries_of(response))
    refusal = service_error(raw.request, shown, strict_loads)
    is_expired = _is_expired(refusal, expires)
    is_about_token = authorize and refusal.status_code == 401  # which has a hint of its own
    if is_expired or (refusal.status_code in _REFUSED and not is_about_token):
        refusal.hint = _ADVICE
    elif refusal.status_code in _PASSING:
        refusal.hint = _AGAIN
    elif response.status_code < 400:
        refusal.hint = "no redirect is followed with the bytes of an upload"
    if is_expired:
        raise ExpiredError(refusal)
    raise refusal


def _headers(given: Mapping[str, str] | None) -> Headers:
    further = Headers(given or {})
    return Headers([*[field for field in BYTES.items() if field[0] not in further], *further.items()])


def _is_expired(error: ServiceError, expires: int | None) -> bool:
    codes = codes_of(error.code, error.service_error_code, error.error_details)
    if error.status_code == 410 or _EXPIRED in codes or _EXPIRED in (error.message or ""):
        return True
    now = read_http_date(error.response.headers.get("Date", ""))
    is_over = expires is not None and now is not None and now.timestamp() * 1000 >= expires
    return is_over and error.status_code in _REFUSED


def etag_of(raw: Raw, response: HttpResponse, *, keep_quotes: bool) -> str:
    """Return the id of a part that was put: the ETag of the answer.

    Its quotes are taken off, and the W/ of a weak one with them, which a proxy may have added: nearly all clients that
    are known do so.

    Args:
        raw: what was sent.
        response: the answer.
        keep_quotes: whether it is returned as it came.

    Raises:
        InvalidResponseError: there is none.
    """
    given = response.headers.get("ETag", "").strip()
    bare = given.removeprefix("W/").removeprefix("w/")
    bare = bare[1:-1] if len(bare) >= 2 and bare[0] == bare[-1] == '"' else given
    if not bare:
        shown = HttpResponse(response.status_code, response.headers)
        raise InvalidResponseError("it has no ETag, without which the upload cannot be ended", shown, raw.request)
    return given if keep_quotes else bare
