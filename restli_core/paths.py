"""Resource paths: templates whose placeholders take keys, one URL segment each or a part of one.

    path      = 1*( "/" *( literal / "{" name "}" ) )
    base      = ( "http" / "https" ) "://" host [ ":" port ] [ "/" *literal ]
    literal   = what RFC 3986 section 3.3 lets a path hold: unreserved, sub-delims, ":", "@", "/", "%" HEX HEX
    name      = 1*( ALPHA / DIGIT / "_" / "-" )

Escapes in literals come out in normal form (RFC 3986 section 6.2.2), since HTTP libraries would rewrite others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from restli_core.base_errors import InvalidCallError
from restli_core.encoding import Encodable, encode

__all__ = ["format_path"]

VERSIONED_BASE_URL: Final = "https://api.linkedin.com/rest"
UNVERSIONED_BASE_URL: Final = "https://api.linkedin.com/v2"

_LITERAL: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*"
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z0-9_-]+)\}")
_TEMPLATE: Final = re.compile(_LITERAL)  # with a literal in the place of each placeholder
# RFC 3986 section 3, without user information, query and fragment
_BASE_URL: Final = re.compile(rf"https?://(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?(?:/{_LITERAL})?")
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")


def format_path(template: str, keys: Mapping[str, Encodable] | None = None) -> str:
    """Return the path that a template and its keys make.

    Args:
        template: such as ``/adAccounts/{id}`` or ``/people/(id:{id})``.
        keys: a key for each placeholder: text, a number, a Urn, or a mapping for a complex or association key.

    Raises:
        InvalidCallError: the template is not a path; keys and placeholders differ; a key cannot be encoded; or a
            segment comes out as one that cannot be sent.
    """
    keys = {} if keys is None else keys
    if not isinstance(template, str) or not template.startswith("/"):
        raise InvalidCallError("resource_path", "must be text that begins with /")
    # A placeholder may not stand inside an escape: %4{k} becomes %4~, which is not one.
    if not _TEMPLATE.fullmatch(_PLACEHOLDER.sub("~", template)):
        raise InvalidCallError("resource_path", f"{template!r} holds what a path cannot: write keys as {{name}}")
    if not isinstance(keys, Mapping) or not all(isinstance(name, str) for name in keys):
        raise InvalidCallError("path_keys", "must be a mapping of names to keys")
    placeholders = {*_PLACEHOLDER.findall(template)}
    if placeholders != keys.keys():
        wanted, given = (", ".join(sorted(names)) or "none" for names in (placeholders, keys))
        raise InvalidCallError("path_keys", f"the path has the placeholders: {wanted}; the keys given are: {given}")
    encoded = {name: encode(key, f"path_keys[{name!r}]") for name, key in keys.items()}
    segments: list[str] = []
    for segment in template.split("/"):
        for name in _PLACEHOLDER.findall(segment):
            # In a map or a list '' is the empty string, in a simple key it is two apostrophes.
            if encoded[name] == "''" and not segment.startswith(("(", "List(")):
                reason = "is empty: Rest.li cannot express an empty simple key in a path"
                raise InvalidCallError(f"path_keys[{name!r}]", reason)
        whole = _PLACEHOLDER.fullmatch(segment)
        formatted = _PLACEHOLDER.sub(lambda placeholder: encoded[placeholder[1]], normalize_escapes(segment))
        check_segment(f"path_keys[{whole[1]!r}]" if whole else "resource_path", formatted)
        segments.append(formatted)
    return "/".join(segments)


def check_base_url(given: str) -> str:
    """Return a base URL in normal form, without a slash at its end.

    Raises:
        InvalidCallError: it does not have the form of `base` above, or has a segment that cannot be sent.
    """
    if not isinstance(given, str) or not _BASE_URL.fullmatch(given):
        raise InvalidCallError("base_url", "must be http:// or https://, a host, and perhaps a path; no query, no user")
    base = normalize_escapes(given.rstrip("/"))
    for segment in base.split("/"):
        check_segment("base_url", segment)
    return base


def check_segment(argument: str, segment: str) -> None:
    """Raise an InvalidCallError for a path segment that HTTP libraries remove (RFC 3986 section 5.2.4)."""
    if segment in {".", ".."}:
        raise InvalidCallError(argument, f"the path segment {segment!r} means another path to every HTTP library")


def normalize_escapes(text: str) -> str:
    """Return a path with its escapes in normal form: upper-case digits, and none for an unreserved character."""
    return _ESCAPE.sub(_normal_escape, text)


def _normal_escape(escape: re.Match[str]) -> str:
    """Return the normal form of one escape (RFC 3986 sections 6.2.2.1 and 6.2.2.2)."""
    character = chr(int(escape[0][1:], 16))
    is_unreserved = character.isascii() and (character.isalnum() or character in "-._~")
    return character if is_unreserved else escape[0].upper()
