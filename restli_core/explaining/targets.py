"""Where a request goes: the host, LinkedIn's prefix, and which segments of the path are names and which are keys.

    target = [ scheme "://" host ] [ "/rest" / "/v2" ] "/" name *( "/" ( name / key ) ) [ "?" query ]

Without the server's resources nothing but its looks tells a key: names are words that begin with a small letter, and a
key comes after a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from restli_core.base_errors import DecodeError
from restli_core.explaining.mending import flaw_of
from restli_core.messages import HttpRequest  # noqa: TC001 - for typing.get_type_hints
from restli_core.patterns import lazy_pattern
from restli_core.percent import quote_all, unquote
from restli_core.responses.parsing import strict_loads
from restli_core.server import Invocation, Refusal, Resource, read
from restli_core.tunnelling import untunnel
from restli_core.values import Value

__all__ = ["DECORATION", "Target", "is_key", "json_document", "split_target", "understood", "without_decoration"]

DECORATION: Final = "projection"
"""A parameter of LinkedIn's own, in a grammar of its own, which looks like Rest.li's and is not."""

_HOST: Final = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")
_LINKEDIN: Final = lazy_pattern(r"https?://(?:[A-Za-z0-9-]+\.)*linkedin\.com(?::[0-9]+)?", re.IGNORECASE)
_PREFIX: Final = lazy_pattern(r"/(?:rest|v2)(?=[/?]|\Z)")
_NAME: Final = lazy_pattern(r"[a-z][A-Za-z0-9]*")
_NUMBER: Final = lazy_pattern(r"[0-9]+")


class Target(Value):
    """A request's target.

    Attributes:
        host: scheme and host, such as ``https://api.linkedin.com``; empty where there are none.
        prefix: ``/rest``, ``/v2``, or empty.
        path: the path after the prefix, encoded.
        query: the query, encoded.
    """

    host: str
    prefix: str
    path: str
    query: str

    @property
    def is_linkedin(self) -> bool:
        """Whether the request goes to LinkedIn, which a path without a host does."""
        return not self.host or _LINKEDIN.fullmatch(self.host) is not None

    @property
    def is_versioned(self) -> bool:
        """Whether the request is for LinkedIn's versioned API."""
        return self.is_linkedin and self.prefix == "/rest"

    @property
    def url(self) -> str:
        """The whole of it."""
        return f"{self.host}{self.prefix}{self.path}{'?' if self.query else ''}{self.query}"


def split_target(url: str) -> Target:
    """Return the parts of a target, whole or a path."""
    address, _, query = url.partition("?")
    found = _HOST.match(address)
    host = found[0] if found else ""
    path = address[len(host) :]
    prefix = _PREFIX.match(path)
    length = prefix.end() if prefix else 0
    return Target(host, path[:length], path[length:], query)


def is_key(segment: str, before: str | None) -> bool:
    """Return whether a segment of a path looks like a key.

    Args:
        segment: the segment, encoded.
        before: the one before it; None for the first, which is a name.
    """
    return bool(segment) and before is not None and not _NAME.fullmatch(segment) and _NAME.fullmatch(before) is not None


def without_decoration(target: Target) -> Target:
    """Return a target whose decoration is read as a text, as LinkedIn takes it; of other hosts, it as it is."""
    if f"{DECORATION}=" not in target.query or not target.is_linkedin:
        return target
    pieces = target.query.split("&")
    for place, piece in enumerate(pieces):
        name, _, value = piece.partition("=")
        if name == DECORATION and value and flaw_of(value) is not None:
            pieces[place] = f"{name}={quote_all(unquote(value))}"
    return target.__replace__(query="&".join(pieces))


def understood(request: HttpRequest, resources: Iterable[str | Resource] | None) -> Invocation:
    """Return what a server reads in a request, and where the method is open, what is probably meant.

    Raises:
        Refusal: a server would refuse the request.
        InvalidCallError: a declaration in `resources` is malformed.
    """
    try:
        plain = untunnel(request)
    except DecodeError as error:
        raise Refusal(400, str(error)) from error
    target = without_decoration(split_target(plain.url))
    plain = plain.__replace__(url=target.url)
    declared = None if resources is None else [*resources]
    guess = "" if "X-RestLi-Method" in plain.headers else _guessed_method(plain, target)
    if guess:
        with suppress(Refusal):
            return read(plain.with_header("X-RestLi-Method", guess), declared, base_path=target.prefix)
    return read(plain, declared, base_path=target.prefix)


def _guessed_method(request: HttpRequest, target: Target) -> str:
    """Return the method that a request without X-RestLi-Method probably means; empty where there is nothing to guess.

    A server knows its resources, and needs no guess for most of them.
    """
    marks = {piece.partition("=")[0] for piece in target.query.split("&")}
    if not marks.isdisjoint({"q", "bq", "ids", "action"}):
        return ""
    *_, before, last = ("", *target.path.rstrip("/").split("/"))
    if request.method == "GET":
        return "get" if is_key(last, before) or not last.endswith(("s", "S")) else "get_all"
    if request.method != "POST":
        return ""
    document = json_document(request.body)
    if isinstance(document, dict) and len(document) == 1:
        if isinstance(document.get("elements"), list):
            return "batch_create"
        if isinstance(document.get("patch"), dict):
            return "partial_update"
    return ""


def json_document(body: bytes) -> Any:
    """Return what a body has; None where it is not JSON."""
    try:
        return strict_loads(body)
    except (ValueError, RecursionError):
        return None
