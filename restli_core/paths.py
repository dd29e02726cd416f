"""Resource paths: templates whose placeholders take keys, one URL segment each or a part of one.

    path      = 1*( "/" *( literal / "{" name "}" ) )
    literal   = what RFC 3986 section 3.3 lets a path hold: unreserved, sub-delims, ":", "@", "%" HEX HEX

Literal escapes come out in normal form (RFC 3986 section 6.2.2), as HTTP libraries would rewrite them otherwise.
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

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z0-9_-]+)\}")
_LITERAL: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9\-._~]")


def format_path(template: str, keys: Mapping[str, Encodable] | None = None) -> str:
    """The path that a template and its keys make.

    Args:
        template: such as ``/adAccounts/{id}`` or ``/people/(id:{id})``.
        keys: a key for each placeholder: text, a number, a Urn, or a mapping for a complex or association key.

    Raises:
        InvalidCallError: the template is no path; keys and placeholders differ; a key cannot be encoded; or a segment
            comes out as one that cannot be sent.
    """
    keys = {} if keys is None else keys
    if not isinstance(template, str) or not template.startswith("/"):
        raise InvalidCallError("resource_path", "must be text that begins with /")
    if not _LITERAL.fullmatch(_PLACEHOLDER.sub("~", template)):
        raise InvalidCallError("resource_path", f"{template!r} holds what a path cannot: write keys as {{name}}")
    if not isinstance(keys, Mapping) or not all(isinstance(name, str) for name in keys):
        raise InvalidCallError("path_keys", "must be a mapping of names to keys")
    _check_names(_PLACEHOLDER.findall(template), keys)
    encoded = {name: encode(key, f"path_keys[{name!r}]") for name, key in keys.items()}
    return "/".join(_segment(segment, encoded) for segment in template.split("/"))


def _check_names(placeholders: list[str], keys: Mapping[str, Encodable]) -> None:
    if set(placeholders) != set(keys):
        wanted, given = (", ".join(sorted(names)) or "none" for names in (set(placeholders), keys))
        raise InvalidCallError("path_keys", f"the path has the placeholders: {wanted}; the keys given are: {given}")


def _segment(template: str, encoded: Mapping[str, str]) -> str:
    for name in _PLACEHOLDER.findall(template):
        # In a map or a list '' is the empty string, in a simple key it is two apostrophes.
        if encoded[name] == "''" and not template.startswith(("(", "List(")):
            raise InvalidCallError(
                f"path_keys[{name!r}]", "is empty: Rest.li cannot express an empty simple key in a path"
            )
    whole = _PLACEHOLDER.fullmatch(template)
    segment = _PLACEHOLDER.sub(lambda placeholder: encoded[placeholder[1]], normalize_escapes(template))
    check_segment(f"path_keys[{whole[1]!r}]" if whole else "resource_path", segment)
    return segment


def check_segment(argument: str, segment: str) -> None:
    """Refuses a path segment that no HTTP library carries."""
    if segment in {".", ".."}:
        raise InvalidCallError(argument, f"the path segment {segment!r} means another path to every HTTP library")


def normalize_escapes(text: str) -> str:
    """Path text with its escapes in normal form: none of what may stand bare, and upper-case digits."""
    return _ESCAPE.sub(_normal_escape, text)


def _normal_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if _UNRESERVED.match(character) else escape[0].upper()


def check_base_url(given: str) -> str:
    """A base URL in normal form, without a slash at its end.

    Raises:
        InvalidCallError: it is none.
    """
    if not isinstance(given, str) or not _BASE_URL.fullmatch(given):
        raise InvalidCallError("base_url", "must be http:// or https://, a host, and perhaps a path; no query, no user")
    base = normalize_escapes(given.rstrip("/"))
    for segment in base.split("/"):
        check_segment("base_url", segment)
    return base


# RFC 3986 section 3, less user information, query and fragment
_BASE_URL: Final = re.compile(
    r"https?://(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*)?"
)
