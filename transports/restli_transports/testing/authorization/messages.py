"""The messages of an authorization server: the parameters of its requests, and the forms of its answers.

What it refuses is an `OAuthRefusal`: an error of OAuth, such as ``invalid_grant``, and a text for people who read it.
Each endpoint makes of it what its caller can read: a JSON document, a redirect, or a page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode

from restli_core.messages import HttpRequest, HttpResponse

__all__ = [
    "FORM_TYPE",
    "OAuthRefusal",
    "Parameters",
    "json_answer",
    "page_answer",
    "read_form",
    "read_parameters",
    "redirect_answer",
    "require",
    "split_target",
    "wrong_method_answer",
]

Parameters: TypeAlias = Mapping[str, str]

FORM_TYPE: Final = "application/x-www-form-urlencoded"

# RFC 6749 section 5.1
_NOT_STORED: Final = MappingProxyType({"Cache-Control": "no-store", "Pragma": "no-cache"})


class OAuthRefusal(Exception):
    """An error that the server answers with.

    Args:
        error: OAuth's word for it (RFC 6749 sections 4.1.2.1 and 5.2, or one of LinkedIn's).
        description: the words of the answer.
        status: the HTTP status where the answer is a document or a page.
    """

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status

    @property
    def document(self) -> dict[str, str]:
        """The parameters of the answer."""
        return {"error": self.error, "error_description": self.description}


def split_target(url: str) -> tuple[str, str]:
    """Return the path and the query of a URL, or of a request's target."""
    path, _, query = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", "", url).partition("#")[0].partition("?")
    return path, query


def read_parameters(query: str) -> Parameters:
    """Read a query or a form; each parameter may come once (RFC 6749 section 3.1).

    Raises:
        OAuthRefusal: one comes twice.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise OAuthRefusal("invalid_request", "A parameter comes twice")
    return found


def read_form(request: HttpRequest) -> Parameters:
    """Read the parameters in the body; those in the URL or in Authorization do not count.

    Raises:
        OAuthRefusal: the body is not a form, or a parameter comes twice.
    """
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != FORM_TYPE:
        raise OAuthRefusal("invalid_request", f"The body must be a form: {FORM_TYPE}")
    return read_parameters(request.body.decode("latin-1"))


def require(parameters: Parameters, name: str) -> str:
    """Return the value of a parameter that must be there.

    Raises:
        OAuthRefusal: it is missing or empty.
    """
    if not parameters.get(name):
        raise OAuthRefusal("invalid_request", f"The parameter {name} is missing")
    return parameters[name]


def json_answer(
    status: int, document: Mapping[str, Any], headers: Mapping[str, str] = MappingProxyType({})
) -> HttpResponse:
    """Return an answer with a document."""
    fields = {"Content-Type": "application/json", **_NOT_STORED, **headers}
    return HttpResponse(status, fields, json.dumps(document).encode())


def wrong_method_answer(allowed: str) -> HttpResponse:
    """Return the answer to a request with a method that its endpoint does not have."""
    refusal = OAuthRefusal("invalid_request", f"The method must be one of {allowed}")
    return json_answer(405, refusal.document, {"Allow": allowed})


def page_answer(status: int, page: str) -> HttpResponse:
    """Return an answer with a page for a browser, which is to load nothing else for it."""
    fields = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'"}
    # What UTF-8 has no bytes for, a lone surrogate out of a query, becomes a question mark.
    return HttpResponse(status, {**fields, **_NOT_STORED}, page.encode("utf-8", "replace"))


def redirect_answer(url: str, parameters: Parameters, state: str | None) -> HttpResponse:
    """Return the answer that sends the member back to the application (RFC 6749 section 4.1.2)."""
    query = urlencode({**parameters, **({} if state is None else {"state": state})}, quote_via=quote)
    # The redirect URL goes out as it was registered, except what no header can have: all that is not visible ASCII.
    visible = "".join(map(chr, range(0x21, 0x7F)))
    location = f"{quote(url, safe=visible)}{'&' if '?' in url else '?'}{query}"
    return HttpResponse(302, {"Location": location, **_NOT_STORED})
