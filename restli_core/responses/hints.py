"""Hints: what to do about an error, where the request shows what is probably wrong with it.

    401                  no Authorization was sent
    414                  the query could travel in the body
    400                  a parameter or a key went out as text that looks like a list or a map, or was escaped before
    400, 403, 404        LinkedIn's API, and no LinkedIn-Version was sent

A hint names settings and parameters, never their values. What the answer itself says to be wrong is looked up in the
table of `restli_core.responses.causes`.
"""

from __future__ import annotations

import json
import re
from typing import Final

from restli_core.base_errors import DecodeError, InvalidCallError, printable
from restli_core.encoding import decode
from restli_core.encoding.queries import PROJECTIONS
from restli_core.messages import HttpRequest  # noqa: TC001 - for typing.get_type_hints
from restli_core.patterns import lazy_pattern
from restli_core.percent import unquote
from restli_core.tunnelling import is_tunnelled, untunnel

__all__ = ["find_hint"]


def find_hint(request: HttpRequest, status_code: int, message: str) -> str:
    """Return what to do about an error; empty where the request does not show it.

    Args:
        request: the request that was answered with the error.
        status_code: the HTTP status.
        message: the code and the words of the server.
    """
    headers = request.headers
    hints: list[str] = []
    if status_code == 401 and "Authorization" not in headers:
        hints.append("no access token was sent: set access_token")
    if status_code == 414:
        hints.append(_too_long(request))
    if status_code == 400:
        hints += _went_out_as_text(request)
    if status_code in {400, 403, 404} and "LinkedIn-Version" not in headers:
        # The address is LinkedIn's, or that of something in front of it; other servers of Rest.li know no version.
        is_asked_for = _VERSION.search(message) is not None or _VERSIONED_PATH.match(request.url) is not None
        if is_asked_for:
            hints.append("no LinkedIn-Version was sent: set version_string")
        elif request.url.startswith(_UNVERSIONED):
            hints.append("no LinkedIn-Version was sent: if the resource has versions, set version_string")
    return "; ".join(hints)


_UNVERSIONED: Final = "https://api.linkedin.com/v2/"
_VERSIONED_PATH: Final = lazy_pattern(r"https?://[^/?#]*/rest/")
_VERSION: Final = lazy_pattern(r"LinkedIn-Version|VERSION_MISSING|\bversion must be present", re.IGNORECASE)


def _too_long(request: HttpRequest) -> str:
    query = request.url.partition("?")[2]
    if query and not is_tunnelled(request):
        return f"its query has {len(query)} characters: set tunnel_above to less, and it travels in the body"
    return "its path is too long: a key in it, or the base URL"


def _went_out_as_text(request: HttpRequest) -> list[str]:
    """Return hints for the parameters, or keys of the path, that are text and were hardly meant as that."""
    try:
        url = untunnel(request).url
    except (DecodeError, InvalidCallError):  # not one of ours
        url = request.url
    path, _, query = url.partition("?")
    parts = [("a key of its path", segment) for segment in path.split("/")]
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        if name not in PROJECTIONS:
            parts.append((printable(unquote(name), 60), value))
    hints: list[str] = []
    for place, encoded in parts:
        if _looks_structured(encoded):
            hints.append(f"{place} went out as text: if a list or a map was meant, give a list or a dict")
        elif "%253A" in encoded:
            hints.append(f"{place} was escaped before it was given: give it as it is")
    return hints[:3]


def _looks_structured(encoded: str) -> bool:
    """Return whether a text in it reads as a list or a map, of Rest.li or of JSON."""
    return any(map(_is_structured, map(unquote, filter(_OPENING.match, _LEAF.findall(encoded)))))


# What the structure leaves as text, and how one must begin that has a structure of its own, of which nothing is raw.
_LEAF: Final = lazy_pattern(r"(?<![^(),:])[^(),:]++(?=[,)]|\Z)")
_OPENING: Final = lazy_pattern(r"(?:List)?%28|%5B|%7B", re.IGNORECASE)


def _is_structured(text: str) -> bool:
    try:
        return bool(json.loads(text) if text.startswith(("[", "{")) else not isinstance(decode(text), str))
    except (ValueError, RecursionError):  # DecodeError is a ValueError
        return False
