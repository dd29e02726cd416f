"""Every error of the package. The type of an error says whose fault it was.

    RestliError
    ├── InvalidCallError (ValueError)    the caller: wrong arguments; raised before anything is sent
    ├── DecodeError (ValueError)         the text: not in Rest.li's grammar
    ├── InvalidResponseError             the server: a 2xx answer that cannot be read
    ├── ServiceError                     the server: it answered with an error
    │   ├── BadRequestError              400
    │   ├── UnauthorizedError            401
    │   ├── ForbiddenError               403
    │   ├── NotFoundError                404
    │   ├── ConflictError                409
    │   ├── URITooLongError              414
    │   ├── UnprocessableEntityError     422
    │   ├── VersionNotActiveError        426
    │   ├── RateLimitError               429
    │   └── ServerError                  500 to 599
    ├── OAuthError                       the authorization server refused
    ├── TransportError                   the wire
    │   ├── ConnectError                 no byte of the request was sent
    │   ├── TransportTimeout             a time limit passed; the server may have done the work
    │   └── ProtocolError                the connection broke, or did not carry HTTP; the server may have done the work
    ├── PagingError                      the server: it repeats a page of a collection, or never ends
    ├── PollTimeoutError                 the server: an answer was not as wanted within the time to wait for it
    ├── JournalError                     the caller: a journal cannot be used, or is that of another run
    ├── OutcomeUnknownError              an earlier run, or a worker that died, may have done the work
    └── LimitError                       a limit of the client's own: there is no room for the call; nothing was sent

Where a value is only probably wrong, the call is made, and a warning says so (`restli_core.base_errors`):

    RestliWarning (UserWarning)
    ├── SuspiciousValueWarning           the caller: encoded already, Rest.li text, a name of protocol 1.0, and the like
    └── VersionSunsetWarning             the version of LinkedIn's API that is asked for will end soon

Every error can be pickled and copied. What it says is one printable line of at most 2,000 characters. A request inside
an error is redacted: it has neither its Authorization header nor the body of a form. The answer to a token call is
inside an error without its body, which consists of secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from restli_core.base_errors import DecodeError, InvalidCallError, RestliError, printable, shorten
from restli_core.excerpts import describe_body, excerpt
from restli_core.messages import HttpRequest, HttpResponse, shown_url
from restli_core.patterns import lazy_pattern
from restli_core.urn import Urn

__all__ = [
    "BadRequestError",
    "ConflictError",
    "ConnectError",
    "DecodeError",
    "ForbiddenError",
    "InvalidCallError",
    "InvalidResponseError",
    "JournalError",
    "LimitError",
    "NotFoundError",
    "OAuthError",
    "OutcomeUnknownError",
    "PagingError",
    "PollTimeoutError",
    "ProtocolError",
    "RateLimitError",
    "RestliError",
    "ServerError",
    "ServiceError",
    "TransportError",
    "TransportTimeout",
    "URITooLongError",
    "UnauthorizedError",
    "UnprocessableEntityError",
    "VersionNotActiveError",
]


class InvalidResponseError(RestliError):
    """The server answered with success (2xx), but the answer cannot be read: the work may have been done.

    Attributes:
        reason: what is wrong with it.
        response: the answer as it came; the answer to a token call is without its body.
        request: the request that it answers, redacted; None if it is not known.
    """

    reason: str
    response: HttpResponse
    request: HttpRequest | None

    def __init__(self, reason: str, response: HttpResponse, request: HttpRequest | None = None) -> None:
        text = f"{_line(request)}{response.status_code}, but {printable(reason, MAX_WORDS)}"
        if response.body:
            text += f"; its body is {describe_body(response)}"
            # JSON is data, of which the reason has said what is wrong; anything else may say why it came.
            if not response.body.lstrip().startswith((b"{", b"[", b'"')):
                words = excerpt(response, _redaction(request), MAX_WORDS)
                text += f": {words}" if words else ""
        super().__init__(printable(text))
        self.reason = reason
        self.response = response
        self.request = request and request.redacted()


class ServiceError(RestliError):
    """The server answered with an error: any status outside 200 to 299, whatever its body is.

    The attributes after `message` are the fields of Rest.li's ErrorResponse, None where the body does not have them.

    Attributes:
        status_code: the HTTP status.
        message: the server's words; None if it gave none (an HTML page of a gateway is not a message).
        service_error_code: `serviceErrorCode`, a number of the service's own.
        code: `code`, a name of the service's own.
        error_details: `errorDetails`, as sent.
        error_detail_type: `errorDetailType`.
        exception_class: `exceptionClass`.
        stack_trace: `stackTrace`.
        doc_url: `docUrl`.
        request_id: `requestId`, or else the header X-LI-UUID: what LinkedIn's support asks for.
        document: the parsed JSON body; None where it is not JSON, or answers a token call.
        response: the answer as it came; the answer to a token call is without its body.
        request: the request that it answers, redacted; None if it is not known.
        words: what the body says to people where it has no message, such as the title of a gateway's page, without
            secrets and on one line; None where it says nothing, or answers a token call.
        input_errors: what `errorDetails` says of single fields, each as ``"path: CODE: description"``, without secrets
            and on one line.
        location: where a redirect leads, without secrets; None for any other answer.
        hint: what to do about it, where the request or the answer shows that; empty where they do not.
    """

    status_code: int
    message: str | None
    service_error_code: int | None
    code: str | None
    error_details: Any
    error_detail_type: str | None
    exception_class: str | None
    stack_trace: str | None
    doc_url: str | None
    request_id: str | None
    document: Any
    response: HttpResponse
    request: HttpRequest | None
    words: str | None
    input_errors: tuple[str, ...]
    location: str | None
    hint: str

    def __init__(
        self,
        response: HttpResponse,
        *,
        request: HttpRequest | None = None,
        document: Any = None,
        message: str | None = None,
        service_error_code: int | None = None,
        code: str | None = None,
        error_details: Any = None,
        error_detail_type: str | None = None,
        exception_class: str | None = None,
        stack_trace: str | None = None,
        doc_url: str | None = None,
        request_id: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__()
        without_secrets = _redaction(request)
        self.response = response
        self.status_code = response.status_code
        self.request = request and request.redacted()
        self.document = document
        self.message = message
        self.service_error_code = service_error_code
        self.code = code
        self.error_details = error_details
        self.error_detail_type = error_detail_type
        self.exception_class = exception_class
        self.stack_trace = stack_trace
        self.doc_url = doc_url
        self.request_id = request_id
        # Here, where the request still has its secrets, and so they can be taken out.
        self.words = None if message else excerpt(response, without_secrets, MAX_WORDS) or None
        self.input_errors = tuple(
            [printable(without_secrets(text), MAX_INPUT_ERROR) for text in _input_errors(error_details)]
        )
        target = response.headers.get("Location") if 300 <= response.status_code < 400 else None
        self.location = without_secrets(shown_url(target)) if target else None
        self.hint = hint
        codes = {"serviceErrorCode": service_error_code, "code": code, "request id": self.request_id}
        # The codes themselves stay as they are: programs compare them.
        shown = {name: _text_of(value) for name, value in codes.items() if value is not None}
        self._codes = ", ".join(
            [f"{name} {printable(without_secrets(text), MAX_CODE)}" for name, text in shown.items()]
        )

    @property
    def duplicate_of(self) -> Urn | None:
        """The URN of the earlier post, where the server refused this one for being the same; else None.

        LinkedIn has no field for it: it is in the message of a 422 (of a 409 until 2020).
        """
        if self.status_code not in {400, 409, 422}:
            return None
        found = _DUPLICATE.search("\n".join([self.message or "", *self.input_errors]))
        return None if found is None else Urn(found[1].rstrip(".:"))

    def __str__(self) -> str:
        text = printable(self.message or "", MAX_WORDS)
        if not text:
            text = "the server gave no message"
            if self.response.body:
                text += f", but {describe_body(self.response)}"
            if self.words:
                text += f": {self.words}"
        if self._codes:
            text += f" ({self._codes})"
        if self.input_errors:
            text += f"; {printable('; '.join(self.input_errors), MAX_DETAILS)}"
        if self.location is not None:
            text += f"; it redirects to {printable(self.location, MAX_LOCATION)}, and no redirect is followed"
        return self._with_attempts(f"{_line(self.request)}{self.status_code}: {text}{self._hint()}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def _hint(self) -> str:
        """Return advice to end the message with; empty for most errors."""
        return f"; {printable(self.hint, MAX_HINT)}" if self.hint else ""


# Characters of the parts of what an error says, in all less than 2,000 with the line of the request.
MAX_WORDS: Final = 450
MAX_CODE: Final = 80
MAX_INPUT_ERROR: Final = 300
MAX_DETAILS: Final = 600
MAX_LOCATION: Final = 250
MAX_HINT: Final = 400

# At least one character of the id is none of those that end a sentence.
_DUPLICATE: Final = lazy_pattern(
    r"\bduplicate of (urn:\w+:\w+:(?:\(\S+\)|[.:]*[^\s,;()\"'.:][^\s,;()\"']*))", re.IGNORECASE
)


class BadRequestError(ServiceError):
    """400: a parameter or the body is wrong; `code` or `message` says which. Repeating it does not help."""


class UnauthorizedError(ServiceError):
    """401: the access token is missing, invalid, revoked or expired.

    Where a client's source of tokens had no other token, `hint` says what to do.
    """


class ForbiddenError(ServiceError):
    """403: the token is valid, but it lacks the scope, or the member lacks the role."""


class NotFoundError(ServiceError):
    """404: no such resource or entity."""


class ConflictError(ServiceError):
    """409: the entity was changed meanwhile, or exists already."""


class URITooLongError(ServiceError):
    """414: the URL is too long and was not tunnelled, or one segment of its path is."""


class UnprocessableEntityError(ServiceError):
    """422: the entity is well formed but not acceptable."""


class VersionNotActiveError(ServiceError):
    """426: the API version asked for is not active (any more); repeating it does not help.

    Attributes:
        version: the LinkedIn-Version that was sent; None if none was, or if the request is not known.
    """

    @property
    def version(self) -> str | None:
        return self.request.headers.get("LinkedIn-Version") if self.request else None

    def _hint(self) -> str:
        if self.request is None:
            return super()._hint()
        sent = "no LinkedIn-Version" if self.version is None else f"LinkedIn-Version {self.version}"
        return f"; {sent} was sent: set version_string to a version that is active{super()._hint()}"


class RateLimitError(ServiceError):
    """429: too many calls.

    Attributes:
        retry_after: seconds to wait, as the server says; None if it does not. A date counts from the server's own Date.
        window: seconds until the limit has room again, as far as the message tells: 330 for adAnalytics' limit on
            metric values (five minutes and a little), 60 for comments that are created too quickly; else None.
        scope: what the limit is on, as far as the message tells: "day" for a daily limit (it ends at midnight UTC),
            "minute" for one on calls in a minute, "metrics" for adAnalytics' limit on metric values in five minutes;
            else None.
    """

    retry_after: float | None
    window: float | None
    scope: str | None

    def __init__(self, response: HttpResponse, *, retry_after: float | None = None, **fields: Any) -> None:
        super().__init__(response, **fields)
        self.retry_after = retry_after
        words = self.message or ""
        self.scope = next((scope for scope, pattern in _SCOPES.items() if pattern.search(words)), None)
        self.window = _WINDOWS.get(self.scope or "")

    def _hint(self) -> str:
        if self.retry_after is not None:
            return f"; retry after {self.retry_after:g} s"
        return f"; {_ADVICE.get(self.scope, 'the limit is not named: wait, longer each time')}{super()._hint()}"


# In this order: the message of the limit on metrics speaks of minutes, and now and then of a day.
_SCOPES: Final[Mapping[str, re.Pattern[str]]] = {
    "metrics": lazy_pattern(r"data request limit|45 million|million metric values", re.IGNORECASE),
    "day": lazy_pattern(r"(?-i:\bDAY\b)|\bdaily\b|\bday limit|\bper day\b", re.IGNORECASE),
    "minute": lazy_pattern(r"(?-i:\bMINUTE\b)|\bminute limit|\bper[ -]minute\b|\bcreate throttled", re.IGNORECASE),
}

# Scope -> seconds. LinkedIn counts metric values over five minutes, and a little is for its clocks; creating comments
# is limited by the minute (`https://learn.microsoft.com/linkedin/marketing/integrations/ads-reporting/ads-reporting`).
_WINDOWS: Final[Mapping[str, float]] = {"metrics": 330.0, "minute": 60.0}


_ADVICE: Final[Mapping[str | None, str]] = {
    "day": "the day's quota is used up: it is whole again at midnight UTC",
    "metrics": "wait 330 s: adAnalytics counts metric values over five minutes, fields times rows",
    "minute": "wait a minute",
}


class ServerError(ServiceError):
    """500 to 599: the server, or a gateway in front of it, failed; the work may have been done."""


class OAuthError(RestliError):
    """The authorization server refused, or the member did.

    Attributes:
        error: the code of RFC 6749 section 4.1.2.1 or 5.2, such as ``invalid_grant``.
        error_description: the server's words; None if it gave none.
        response: the answer as it came, without its body; None where a redirect brought the error.
    """

    error: str
    error_description: str | None
    response: HttpResponse | None

    def __init__(self, error: str, error_description: str | None = None, response: HttpResponse | None = None) -> None:
        super().__init__(printable(error if error_description is None else f"{error}: {error_description}"))
        self.error = error
        self.error_description = error_description
        # The body of a token call is nothing but secrets.
        self.response = response and HttpResponse(response.status_code, response.headers, b"", response.url)


class TransportError(RestliError):
    """The request could not be sent, or its answer not be received. Raised ``from`` the library's own error.

    Attributes:
        reason: what happened.
        request: the request, redacted; None if it is not known.
    """

    reason: str
    request: HttpRequest | None

    def __init__(self, reason: str, request: HttpRequest | None = None) -> None:
        # A library's message may quote what it sent or received.
        self.reason = printable(_redaction(request)(reason), MAX_REASON).strip()
        # Where nobody is trusted, the reason of the TLS library says only that this server is not.
        advice = f"; {_TRUST_ADVICE}" if _UNTRUSTED.search(reason) and "SSL_CERT_FILE" not in reason else ""
        super().__init__(printable(f"{_line(request)}{self.reason}{advice}"))
        self.request = request and request.redacted()


class ConnectError(TransportError):
    """No byte of the request was sent: refused, no such host, TLS, connect timeout, a stale connection."""


class TransportTimeout(TransportError):
    """A time limit passed after sending had begun: the server may have done the work."""


class ProtocolError(TransportError):
    """The connection broke, or the other end did not speak HTTP: the server may have done the work."""


class LimitError(RestliError):
    """A limit of the client's own has no room for the call within the time that a call may wait; nothing was sent.

    Attributes:
        reason: which limit, and why.
        retry_after: seconds until there is room for it.
    """

    reason: str
    retry_after: float

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(f"{reason}; retry after {retry_after:.1f} s")
        self.reason = reason
        self.retry_after = retry_after


class PagingError(RestliError):
    """The pages of a collection cannot be gone through to their end: the server repeats one, or never ends.

    Attributes:
        reason: what it does.
        request: the request for the page that shows it, redacted; None if it is not known.
    """

    reason: str
    request: HttpRequest | None

    def __init__(self, reason: str, request: HttpRequest | None = None) -> None:
        super().__init__(printable(f"{_line(request)}{printable(reason, MAX_REASON)}"))
        self.reason = reason
        self.request = request and request.redacted()


class PollTimeoutError(RestliError):
    """An answer was not as wanted within the time to wait for it.

    Attributes:
        answer: the last one.
    """

    answer: Any

    def __init__(self, reason: str, answer: Any) -> None:
        super().__init__(reason)
        self.answer = answer


class JournalError(RestliError):
    """A journal cannot be used: it is another run's, is in use, or cannot be read or written."""


class OutcomeUnknownError(RestliError):
    """An earlier run sent the call, or a worker that died, and nobody knows what became of it: it may have been done.

    It is not sent again by itself, since it would perhaps be done twice.
    """


MAX_REASON: Final = 1000  # characters

# What OpenSSL says of a chain whose end it does not know.
_UNTRUSTED: Final = lazy_pattern(
    r"unable to get (?:local )?issuer certificate|self[- ]signed certificate", re.IGNORECASE
)
_TRUST_ADVICE: Final = (
    "whoever signed its certificate is not trusted here: name a file with the authorities to trust in SSL_CERT_FILE, "
    "such as the one of certifi"
)


def without_body(error: RestliError) -> RestliError:
    """Return a copy of an error without a traceback, causes, tries and bodies, for records of it."""
    # Slow to import, and needed where a call is sent several times.
    from copy import copy  # noqa: PLC0415

    copied = copy(error)
    attributes = vars(copied)
    response, request = attributes.get("response"), attributes.get("request")
    if isinstance(response, HttpResponse):
        attributes["response"] = HttpResponse(response.status_code, response.headers, b"", response.url)
    if isinstance(request, HttpRequest) and request.body:
        attributes["request"] = HttpRequest(request.method, request.url, request.headers)
    for name in _PARTS_OF_BODIES & attributes.keys():
        attributes[name] = None
    # A transport may raise one error several times, such as a test's.
    attributes.pop("attempts", None)
    return copied


# Of a ServiceError; what its text says stays.
_PARTS_OF_BODIES: Final = frozenset({"document", "error_details", "stack_trace"})


SERVICE_ERRORS: Final[Mapping[int, type[ServiceError]]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    414: URITooLongError,
    422: UnprocessableEntityError,
    426: VersionNotActiveError,
    429: RateLimitError,
    **dict.fromkeys(range(500, 600), ServerError),
}


def _line(request: HttpRequest | None) -> str:
    """Return the request line, for a message to begin with; empty where the request is not known."""
    return "" if request is None else f"{shorten(request.line, MAX_LINE)}: "


MAX_LINE: Final = 250  # characters


def _redaction(request: HttpRequest | None) -> Callable[[str], str]:
    """Return what takes the request's secrets out of a text."""
    return str if request is None else request.without_secrets


def field_errors(error_details: Any) -> Iterator[list[Any]]:
    """Yield what errorDetails says of single fields (com.linkedin.common.error.BadRequest): two lists at the most."""
    details: Mapping[str, Any] = error_details if isinstance(error_details, dict) else {}
    for name in ("inputErrors", "conditionalInputErrors"):
        errors = details.get(name)
        if isinstance(errors, list):
            yield errors


def _input_errors(error_details: Any) -> Iterator[str]:
    """Yield what errorDetails says of single fields as texts, the first of them."""
    for errors in field_errors(error_details):
        for error in errors[:MAX_INPUT_ERRORS]:
            if isinstance(error, dict):
                path = _at(error, "input", "inputPath", "fieldPath")
                parts = [path, _at(error, "code"), _at(error, "description")]
                text = ": ".join([part for part in parts if isinstance(part, str) and part])
                if text:
                    yield text


MAX_INPUT_ERRORS: Final = 20


def _text_of(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # an int of more digits than Python converts, from a caller's own `loads`
        return "…"


def _at(value: Any, *names: str) -> Any:
    """Return what stands at the end of these names; None where one is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
