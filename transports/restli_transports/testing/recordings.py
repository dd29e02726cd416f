"""Recordings of calls that hold no token: settings for vcrpy and pytest-recording, and `redacted` for other recorders.

    @pytest.fixture(scope="module")
    def vcr_config():                      # pytest-recording's name
        return vcr_settings()

Secrets stand in headers, in the forms of OAuth, in its answers, and, for who sends them so, in queries:

    request header    Authorization, Proxy-Authorization, Cookie       left out
    answer header     Set-Cookie                                       left out
    form, query       access_token, oauth2_access_token, client_secret, refresh_token;
                      and of OAuth's own endpoints code, code_verifier, token, client_assertion
    JSON              access_token, refresh_token, id_token, client_secret, also in JSON that is a text of JSON
    any text          what follows "Bearer", of 20 characters or more

Headers of answers are looked through as other texts, since one may be a URL. Their values become ``REDACTED``. What is
compared with a recording is redacted likewise, so that it is found whatever token it has. Nothing else of a text
changes.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, Final

__all__ = ["redacted", "vcr_settings"]

_REQUEST_HEADERS: Final = ("Authorization", "Proxy-Authorization", "Cookie")
_ANSWER_HEADERS: Final = frozenset({"set-cookie"})

_ANYWHERE: Final = "(?:oauth2_)?access_token|refresh_token|id_token|client_secret"
# Names that other resources use for other things.
_IN_OAUTH: Final = f"{_ANYWHERE}|code|code_verifier|token|client_assertion"

# A field of JSON as it is written, perhaps cut off. Each alternative of its text begins with another character, so that
# no text takes more than one way.
_FIELD: Final = re.compile(rf'("(?:{_ANYWHERE})"\s*:\s*)"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
# The same in a text of JSON, at any depth: all its quotes have equally many backslashes, which no token has in it.
_FIELD_IN_TEXT: Final = re.compile(rf'(?<!\\)((\\++)"(?:{_ANYWHERE})\2"\s*:\s*\2")[^"\\]*')
# A parameter of a query, fragment or form, also inside the parts of a tunnelled request; or of a URL that a text holds.
_PARAMETER: Final = re.compile(rf"((?:^|[?&#;\s])(?:{_ANYWHERE})=)[^&#\s\"\\]*")
_PARAMETER_IN_OAUTH: Final = re.compile(rf"((?:^|[?&#;\s])(?:{_IN_OAUTH})=)[^&#\s\"\\]*")
# A header that an error page shows.
_BEARER: Final = re.compile(r"(\b[Bb]earer )[\w.~+/=-]{20,}", re.ASCII)


def redacted(text: AnyStr, *, oauth: bool = False) -> AnyStr:
    """Return a text of a recording, such as a body or a URL, without the secrets in it.

    Args:
        text: JSON, a form, a URL or anything else; text or bytes, not compressed.
        oauth: whether it was sent to an endpoint of OAuth's, where a ``code`` and a ``token`` are secrets too.
    """
    if isinstance(text, bytes):
        # One character for each byte, so that what is not text stays as it is.
        return redacted(text.decode("latin-1"), oauth=oauth).encode("latin-1")
    found = _FIELD.sub(r'\1"REDACTED"', text)
    for pattern in (_FIELD_IN_TEXT, _PARAMETER_IN_OAUTH if oauth else _PARAMETER, _BEARER):
        found = pattern.sub(r"\1REDACTED", found)
    return found


def vcr_settings() -> dict[str, Any]:
    """Return settings for `vcr.VCR` (vcrpy 8.2 or later), or for the fixture `vcr_config` of pytest-recording.

    Requests are matched by their body as well, since that is where the query of a tunnelled call stands, and answers
    are recorded as they are when they are unpacked, so that they can be read, and redacted.
    """
    return {
        "filter_headers": [*_REQUEST_HEADERS],
        "decode_compressed_response": True,
        "before_record_request": _redact_request,
        "before_record_response": _redact_response,
        "match_on": ["method", "scheme", "host", "port", "path", "query", "body"],
    }


def _redact_request(request: Any) -> Any:
    """Return a request of vcrpy's, which is a copy of the one that is sent, without secrets."""
    oauth = "/oauth/" in request.uri.partition("?")[0]
    request.uri = redacted(request.uri, oauth=oauth)
    if type(request.body) in {str, bytes}:  # not pieces, of which no transport of ours sends any
        request.body = redacted(request.body, oauth=oauth)
    return request


def _redact_response(response: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of vcrpy's, which is a copy of the one that came, without secrets."""
    body = redacted(response["body"]["string"])
    headers = {
        name: [*map(redacted, values)] if isinstance(values, list) else values
        for name, values in response["headers"].items()
        if name.lower() not in _ANSWER_HEADERS
    }
    if body != response["body"]["string"]:
        headers = {
            name: [str(len(body))] if name.lower() == "content-length" else values for name, values in headers.items()
        }
    return {**response, "headers": headers, "body": {**response["body"], "string": body}}
