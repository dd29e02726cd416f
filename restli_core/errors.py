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
    └── TransportError                   the wire
        ├── ConnectError                 no byte of the request was sent
        ├── TransportTimeout             a time limit passed; the server may have done the work
        └── ProtocolError                the connection broke, or did not carry HTTP; the server may have done the work

Every error can be pickled and copied. A request inside an error is redacted: it has neither its Authorization header
nor the body of a form. The answer to a token call is inside an error without its body, which consists of secrets.
"""

from __future__ import annotations

from typing import Any

from restli_core.base_errors import DecodeError, InvalidCallError, RestliError
from restli_core.messages import HttpRequest, HttpResponse

__all__ = [
    "BadRequestError",
    "ConflictError",
    "ConnectError",
    "DecodeError",
    "ForbiddenError",
    "InvalidCallError",
    "InvalidResponseError",
    "NotFoundError",
    "OAuthError",
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
        super().__init__(f"{_line(request)}{response.status_code}, but {reason}")
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
    ) -> None:
        super().__init__()
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

    def __str__(self) -> str:
        text = self.message
        if not text:
            text = "the server gave no message"
            if self.response.body:
                kind = self.response.headers.get("Content-Type")
                text += f", but {len(self.response.body)} bytes " + (f"of {kind}" if kind else "with no Content-Type")
        codes = {"serviceErrorCode": self.service_error_code, "code": self.code, "request id": self.request_id}
        known = ", ".join(f"{name} {value}" for name, value in codes.items() if value is not None)
        if known:
            text += f" ({known})"
        return f"{_line(self.request)}{self.status_code}: {text}{self._hint()}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def _hint(self) -> str:
        """Return advice to end the message with; empty for most errors."""
        return ""


class BadRequestError(ServiceError):
    """400: a parameter or the body is wrong; `code` or `message` says which. Repeating it does not help."""


class UnauthorizedError(ServiceError):
    """401: the access token is missing, invalid, revoked or expired.

    Attributes:
        advice: what to do, where a client's source of tokens had no other token and said so; else None.
    """

    advice: str | None = None

    def _hint(self) -> str:
        return "" if self.advice is None else f"; {self.advice}"


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
            return ""
        if self.version is None:
            return "; no LinkedIn-Version was sent: set version_string to a version that is active"
        return f"; LinkedIn-Version {self.version} was sent: set version_string to a version that is active"


class RateLimitError(ServiceError):
    """429: too many calls.

    Attributes:
        retry_after: seconds to wait, as the server says; None if it does not. A date counts from the server's own Date.
        scope: "day" where the message speaks of a daily limit (it ends at midnight UTC), else None.
    """

    retry_after: float | None
    scope: str | None

    def __init__(self, response: HttpResponse, *, retry_after: float | None = None, **fields: Any) -> None:
        super().__init__(response, **fields)
        self.retry_after = retry_after
        words = (self.message or "").lower()
        self.scope = "day" if "daily" in words or "day limit" in words or "per day" in words else None

    def _hint(self) -> str:
        return "" if self.retry_after is None else f"; retry after {self.retry_after:g} s"


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
        super().__init__(_printable(error if error_description is None else f"{error}: {error_description}"))
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
        self.reason = _printable(reason if request is None else request.without_secrets(reason))
        super().__init__(f"{_line(request)}{self.reason}")
        self.request = request and request.redacted()


class ConnectError(TransportError):
    """No byte of the request was sent: refused, no such host, TLS, connect timeout, a stale connection."""


class TransportTimeout(TransportError):
    """A time limit passed after sending had begun: the server may have done the work."""


class ProtocolError(TransportError):
    """The connection broke, or the other end did not speak HTTP: the server may have done the work."""


def _printable(text: str) -> str:
    """Return the text on one line, without what would move a terminal's cursor."""
    return "".join([one if one.isprintable() else "\ufffd" for one in " ".join(text.split())])


def _line(request: HttpRequest | None) -> str:
    """Return the request line, for a message to begin with; empty where the request is not known."""
    return "" if request is None else f"{request.line}: "
