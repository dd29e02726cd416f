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
from types import MappingProxyType
from typing import Final

from restli_core.base_errors import DecodeError, InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.encoding import Encodable, decode
from restli_core.encoding.writing import encode_entry
from restli_core.patterns import lazy_pattern
from restli_core.suspicions import is_compound_key_1_0, may_hold_key, may_hold_keys, no_value_reason, warn_of_key

__all__ = ["format_path"]

VERSIONED_BASE_URL: Final = "https://api.linkedin.com/rest"
UNVERSIONED_BASE_URL: Final = "https://api.linkedin.com/v2"
LINKEDIN_PREFIXES: Final = ("/rest", "/v2")
"""How a path begins that `check_repeated_base` may refuse where the base URL is one of the two."""

_LITERAL: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*"
_PLACEHOLDER: Final = lazy_pattern(r"\{([A-Za-z0-9_-]+)\}")
# The fast path: a template whose segments are words and whole placeholders, as nearly all are. No word is among those
# that other libraries write for no value (`restli_core.suspicions`).
_USUAL: Final = lazy_pattern(r"(?:/(?:(?!(?:[nN]a[nN]|NaT|None)(?:/|\Z))[A-Za-z0-9_-]+|\{[A-Za-z0-9_-]+\}))+")
_TEMPLATE: Final = lazy_pattern(_LITERAL)  # with a literal in the place of each placeholder
# RFC 3986 section 3, without user information, query and fragment
_BASE_URL: Final = lazy_pattern(rf"https?://(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?(?:/{_LITERAL})?")
_ESCAPE: Final = lazy_pattern(r"%[0-9A-Fa-f]{2}")
MAX_SHOWN: Final = 100  # characters of a segment in an error


def format_path(template: str, keys: Mapping[str, Encodable] | None = None) -> str:
    """Return the path that a template and its keys make.

    Args:
        template: such as ``/adAccounts/{id}`` or ``/people/(id:{id})``.
        keys: a key for each placeholder: text, a number, a Urn, or a mapping for a complex or association key.

    Raises:
        InvalidCallError: the template is not a path; keys and placeholders differ; a key cannot be encoded; or a
            segment comes out as one that cannot be sent.
    """
    is_usual = type(template) is str and _USUAL.fullmatch(template) is not None
    if not is_usual:
        template = _checked_template(template)
    elif keys is None and "{" not in template:
        return template
    keys = {} if keys is None else keys
    if type(keys) is not dict or any([type(name) is not str for name in keys]):  # noqa: C419 - faster than a generator
        keys = _checked_keys(keys)
    if not is_usual:
        _check_literals(_PLACEHOLDER.sub("~", template))
    placeholders = {*_PLACEHOLDER.findall(template)}
    if placeholders != keys.keys():
        raise InvalidCallError("path_keys", _difference(template, placeholders, keys))
    encoded = _encode_keys(keys)
    if is_usual and _ODD_SEGMENTS.isdisjoint(encoded.values()):
        for name, text in encoded.items():
            template = template.replace(f"{{{name}}}", text)
        return template
    return _filled(template, encoded)


def _filled(template: str, encoded: Mapping[str, str]) -> str:
    """Return a template with its keys, by the general path; raise an InvalidCallError for what cannot be a segment."""
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


def _checked_template(template: str) -> str:
    """Return a template, if it is a path; of a subclass the text alone."""
    if not isinstance(template, str) or not template.startswith("/"):
        raise InvalidCallError("resource_path", "must be text that begins with /")
    template = str.__str__(template)
    # A placeholder may not stand inside an escape: %4{k} becomes %4~, which is not one.
    if not _TEMPLATE.fullmatch(_PLACEHOLDER.sub("~", template)):
        raise InvalidCallError("resource_path", f"{template!r} holds what a path cannot: {_path_cure(template)}")
    return template


def _checked_keys(keys: Mapping[str, Encodable]) -> dict[str, Encodable]:
    """Return the keys, if they have names; of subclasses of text the text alone."""
    if not isinstance(keys, Mapping) or not all(isinstance(name, str) for name in keys):
        raise InvalidCallError("path_keys", "must be a mapping of names to keys")
    return {str.__str__(name): key for name, key in keys.items()}


def _difference(template: str, placeholders: set[str], keys: Mapping[str, Encodable]) -> str:
    """Return how the placeholders of a template and the keys differ."""
    wanted, given = (", ".join(sorted(names)) or "none" for names in (placeholders, keys))
    reason = f"the path has the placeholders: {wanted}; the keys given are: {given}"
    collection, _, last = template.rpartition("/")
    missing = placeholders - keys.keys()
    if missing and missing == {*_PLACEHOLDER.findall(last)} and collection:
        reason += f"; of the whole collection, as for batches and finders, the path is {collection!r}"
    return reason


# Of a key that is a segment: the empty text, and what `check_segment` refuses.
_ODD_SEGMENTS: Final = frozenset({"''", ".", ".."})


def _encode_keys(keys: Mapping[str, Encodable]) -> dict[str, str]:
    """Return the keys of a path, encoded; warn of one that is probably wrong."""
    encoded: dict[str, str] = {}
    for name, key in keys.items():
        text = encode_entry(key, "path_keys", name)
        encoded[name] = text
        if type(key) is not int and may_hold_key(text):
            warn_of_key(f"path_keys[{name!r}]", key)
    return encoded


def _check_literals(path: str) -> None:
    """Refuse a key in the text of a path that is not in Rest.li's grammar; warn of one that is probably wrong.

    To a URN that is not encoded LinkedIn answers "Syntax exception in path variables". ``(id:{id})`` is in the grammar,
    and so is a key that was encoded by the caller.

    Args:
        path: the path, with something in the place of each placeholder.
    """
    if "%25" in path and re.search("%25[0-9A-Fa-f]{2}", path):
        reason = "has an escape that is escaped once more: write the key as {name}, and give its plain text"
        warn(f"resource_path: {reason}", SuspiciousValueWarning)
    segments = path.split("/")
    if "&" in path and any(map(is_compound_key_1_0, segments)):
        reason = "has a compound key of protocol 1.0: write it as {name}, and give a dict of its names and values"
        warn(f"resource_path: {reason}", SuspiciousValueWarning)
    if may_hold_keys(segments):
        no_value = next(filter(None, map(no_value_reason, segments)), None)
        if no_value is not None:
            advice = f"has a segment that {no_value}, as {{name}}, in path_keys"
            warn(f"resource_path: {advice}", SuspiciousValueWarning)
    if ":" not in path and "(" not in path and "," not in path and ")" not in path:
        return
    for segment in segments:
        if not re.search("[(),:]", segment):
            continue
        try:
            decode(segment)
        except DecodeError:
            kind = "URN" if "urn:" in segment else "key"
            shown = segment if len(segment) <= MAX_SHOWN else f"{segment[:MAX_SHOWN]}…"
            reason = f"has a {kind} in its text that is not encoded, {shown!r}: write the key as {{name}}"
            raise InvalidCallError("resource_path", f"{reason}, and give it in path_keys") from None


def _path_cure(template: str) -> str:
    """Return what to write in place of a path that is not one."""
    if "?" in template:
        return "parameters go into query_params"
    return "write keys as {name}, and give them in path_keys"


def check_repeated_base(path: str, base: str) -> None:
    """Refuse a path that begins with what the base URL ends with, or with the other of LinkedIn's two prefixes.

    Args:
        path: the path of a resource.
        base: the base URL.

    Raises:
        InvalidCallError: it does.
    """
    first = path.split("/", 2)[1]
    usual = _LINKEDIN.get(base)
    if usual is not None:
        if first not in _LINKEDIN.values():
            return
        if first == usual:
            reason = f"begins with /{first}, which stands before it already: leave it out"
        elif first == "rest":
            reason = "begins with /rest, the versioned API: leave it out, and give version_string"
        else:
            reason = f"begins with /{first}, the API without versions: leave it out, and version_string as well"
        raise InvalidCallError("resource_path", reason)
    if not first or f"/{first}" not in base:
        return
    ends, begins = base.split("/")[3:], path.split("/")[1:]
    for count in range(1, len(ends) + 1):
        if ends[-count:] == begins[:count]:
            shown = "/".join(begins[:count])
            raise InvalidCallError("resource_path", f"begins with /{shown}, which base_url ends with: leave it out")


_LINKEDIN: Final[Mapping[str, str]] = MappingProxyType({VERSIONED_BASE_URL: "rest", UNVERSIONED_BASE_URL: "v2"})


def check_base_url(given: str) -> str:
    """Return a base URL in normal form, without a slash at its end.

    Raises:
        InvalidCallError: it does not have the form of `base` above, or has a segment that cannot be sent.
    """
    if not isinstance(given, str) or not _BASE_URL.fullmatch(given):
        raise InvalidCallError("base_url", "must be http:// or https://, a host, and perhaps a path; no query, no user")
    base = normalize_escapes(str.__str__(given).rstrip("/"))
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
