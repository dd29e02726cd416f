"""From the arguments of a call to its request: what the fourteen methods have in common.

    url       = base_url path [ "?" query ]
    query     = param *( "&" param )           sorted by name
    param     = the method's own (methods.py) / $returnEntity / fields / one of query_params
    headers   = Accept, User-Agent, X-RestLi-Protocol-Version, X-RestLi-Method, then as they apply Content-Type,
                LinkedIn-Version and Authorization, then those of the caller, who may replace the first two

A query that is longer than tunnel_above travels in a tunnel, and so does one that makes a URL too long for a server.
What cannot be sent raises an InvalidCallError, which names the argument and the place in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from restli_core._version import USER_AGENT
from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.bodies import json_body, strict_dumps
from restli_core.callers import warn
from restli_core.encoding import decode, encode
from restli_core.encoding.queries import PROJECTIONS, encoded_params
from restli_core.messages import Headers, HttpRequest, bearer, check_fields, checked_request, folded_headers
from restli_core.methods import METHODS, RESERVED_PARAMETERS, RETURN_ENTITY, Method
from restli_core.paths import (
    LINKEDIN_PREFIXES,
    UNVERSIONED_BASE_URL,
    VERSIONED_BASE_URL,
    check_base_url,
    check_repeated_base,
    format_path,
)
from restli_core.patterns import lazy_pattern
from restli_core.places import format_place
from restli_core.projection import format_projection
from restli_core.suspicions import may_hold, warn_of_name, warn_of_value
from restli_core.tunnelling import carry

__all__ = [
    "build_request",
    "check_headers",
    "check_list",
    "check_mapping",
    "check_mappings",
    "check_version",
    "encode_name",
    "iterator_over",
    "write_body",
]

T = TypeVar("T")

DEFAULT_TUNNEL_ABOVE: Final = 4000  # characters of the query: LinkedIn takes 4 KB
MAX_URL: Final = 8000  # characters: what RFC 9110 section 4.1 asks everybody on the way to take


def build_request(
    method: Method, resource_path: str, options: Mapping[str, Any], own: Mapping[str, str] | None, body: bytes
) -> HttpRequest:
    """Return the request of a call.

    Args:
        method: the resource method.
        resource_path: the path, with a placeholder for each key.
        options: the common keywords (`restli_core.options.CallOptions`), where they were given.
        own: the method's own query parameters: names and values, both encoded; None for none.
        body: the body, empty for none.

    Raises:
        InvalidCallError: one of these cannot be sent as it is.
    """
    given = options.get
    base_url, limit = given("base_url"), given("tunnel_above")
    if base_url is not None:
        base = check_base_url(base_url)
    else:
        base = UNVERSIONED_BASE_URL if given("version_string") is None else VERSIONED_BASE_URL
    path = format_path(resource_path, given("path_keys"))
    if base_url is not None or path.startswith(LINKEDIN_PREFIXES):
        check_repeated_base(path, base)
    url = base + path
    has_query = own or "query_params" in options or "fields" in options or "return_entity" in options
    query = _query(method, options, own or {}) if has_query else ""
    # What is made here needs no check: it is of pieces that each were checked, or encoded.
    request = checked_request(method.verb, f"{url}?{query}" if query else url, _headers(method, options, body), body)
    if limit is None:
        limit = DEFAULT_TUNNEL_ABOVE
    elif not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise InvalidCallError("tunnel_above", "must be a number of characters, 0 or more")
    # A URL that is too long by its path alone gains nothing in a tunnel.
    return carry(request, url, query) if query and (len(query) > limit or len(request.url) > MAX_URL) else request


def _query(method: Method, options: Mapping[str, Any], own: Mapping[str, str]) -> str:
    """Return the query: the method's own parameters and those of the caller, none of them twice.

    The caller may say what an argument says once more, as LinkedIn's client wants it, if both say the same.
    """
    params = {**own}
    return_entity, fields = options.get("return_entity"), options.get("fields")
    if return_entity is not None:
        if not isinstance(return_entity, bool):
            raise InvalidCallError("return_entity", "must be True or False")
        params[_RETURN_ENTITY] = encode(return_entity)
    if fields is not None:
        params["fields"] = format_projection(fields)
    given = options.get("query_params")
    if given is not None:
        said, claimed = {**params}, method.claimed
        present = {name: value for name, value in check_mapping("query_params", given).items() if value is not None}
        for name, encoded, value in encoded_params(present, "query_params"):
            if encoded in said or encoded in claimed or encoded == "''":
                if encoded in said and _says_the_same(encoded, present[name], value, said[encoded]):
                    continue
                raise InvalidCallError(f"query_params[{name!r}]", _refusal(encoded, said))
            params[encoded] = value
            if not name.isalnum() and ("." in name or "[" in name or "%" in name):
                warn_of_name(format_place("query_params", [name]), name)
            if "%" in value and may_hold(value) and name not in _NOT_ENCODED:
                warn_of_value(f"query_params[{name!r}]", present[name])
    return "&".join([f"{name}={params[name]}" for name in sorted(params)])


def _refusal(name: str, said: Mapping[str, str]) -> str:
    """Return why the caller cannot give a parameter of this encoded name.

    Args:
        name: the name, encoded: an empty one, one of `said`, or one of Rest.li's own.
        said: the parameters that other arguments give.
    """
    if name == "''":
        return "has no name: Rest.li cannot express an empty one"
    if name in said:
        return f"is another than {_ARGUMENTS.get(name, 'finder_criteria')} says: leave it out"
    return f"is Rest.li's own: it carries {RESERVED_PARAMETERS[name]}"


def _says_the_same(name: str, given: Any, value: str, own: str) -> bool:
    """Return whether a parameter says what an argument says that gives it, too; ids may stand in any order.

    Args:
        name: the name, encoded.
        given: the value as the caller gave it.
        value: the same, encoded.
        own: the argument's value, encoded.
    """
    if value == own or name != "ids" or not isinstance(given, list | tuple):
        return value == own
    asked: Any = decode(own)
    return {*map(encode, given)} == {*map(encode, asked)}


_RETURN_ENTITY: Final = encode(RETURN_ENTITY)

# The argument that gives a parameter; any other is the criteria of a batch finder.
_ARGUMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ids": "ids",
        "q": "finder_name",
        "bq": "finder_name",
        "action": "action_name",
        "fields": "fields",
        _RETURN_ENTITY: "return_entity",
    }
)
# Masks, which are sent raw, and LinkedIn's older decorations, which look like Rest.li text and are none.
_NOT_ENCODED: Final = PROJECTIONS | {"projection"}


# A month, with a revision or a day where LinkedIn prints one; it goes out as it is written.
VERSION: Final = lazy_pattern(r"[0-9]{4}(?:0[1-9]|1[0-2])(?:\.[0-9]{2}|0[1-9]|[12][0-9]|3[01])?")

_MONTHS: Final = frozenset([f"{month:02}" for month in range(1, 13)])

# Headers that the caller cannot set -> why
_TAKEN_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "x-restli-protocol-version": "is the protocol's: only version 2.0.0 is supported",
        "x-restli-method": "is the protocol's: it follows from the function that is called",
        "x-http-method-override": "is the tunnel's: see tunnel_above",
        "content-type": "is the body's: application/json",
        "linkedin-version": "goes into version_string",
        "authorization": "goes into access_token",
        "host": "is the transport's: it follows from the URL",
        "content-length": "is the transport's: it follows from the body",
        "transfer-encoding": "is the transport's",
    }
)


_SAME_HEADERS: Final = (
    ("Accept", "application/json"),
    ("User-Agent", USER_AGENT),
    ("X-RestLi-Protocol-Version", "2.0.0"),
)
# The header fields that all requests of a method have; and their values by the names in lower case.
_FIXED_HEADERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    name: (*_SAME_HEADERS, ("X-RestLi-Method", method.header)) for name, method in METHODS.items()
}
_FOLDED_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    method: {name.lower(): value for name, value in fields} for method, fields in _FIXED_HEADERS.items()
}


def _headers(method: Method, options: Mapping[str, Any], body: bytes) -> Headers:
    """Return the header fields in the order above."""
    token, version, given = options.get("access_token"), options.get("version_string"), options.get("headers")
    raw, folded = _FIXED_HEADERS[method.name], {**_FOLDED_HEADERS[method.name]}
    if body:
        folded["content-type"] = "application/json"
        raw += (("Content-Type", "application/json"),)
    if version is not None:
        version = folded["linkedin-version"] = check_version(version)
        raw += (("LinkedIn-Version", version),)
    if token is not None:
        token = folded["authorization"] = bearer(token)
        raw += (("Authorization", token),)
    if given is not None:
        extra = check_headers(given)
        own = [(name, value) for name, value in raw if name.lower() not in extra]
        return Headers([*own, *check_fields(extra.values())])
    return folded_headers(raw, folded)


def check_headers(given: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the caller's headers as pairs, by their names in lower case.

    Raises:
        InvalidCallError: one cannot be sent, or is not the caller's to set; names it.
    """
    extra: dict[str, tuple[str, str]] = {}
    for name, value in check_mapping("headers", given).items():
        if not isinstance(name, str):
            raise InvalidCallError("headers", f"names must be text, not {type(name).__name__}")
        plain = str.__str__(name)  # of a subclass the text alone
        folded = plain.lower()
        # Of two that differ in case alone a server would see one.
        if folded in extra or folded in _TAKEN_HEADERS:
            raise InvalidCallError(f"headers[{plain!r}]", _TAKEN_HEADERS.get(folded, "is given twice"))
        extra[folded] = (plain, value)
    return extra


# -- the arguments of single methods ----------------------------------------------------------------------------------


def check_version(version_string: str, argument: str = "version_string") -> str:
    """Return the version, if LinkedIn could have one of that form."""
    # A plain month without the pattern, which takes three times as long.
    is_plain = type(version_string) is str and len(version_string) == 6 and version_string.isascii()
    if is_plain and version_string.isdigit() and version_string[4:] in _MONTHS:
        return version_string
    if not isinstance(version_string, str) or not VERSION.fullmatch(version_string):
        raise InvalidCallError(argument, 'must be "YYYYMM", "YYYYMM.RR" or "YYYYMMDD", such as "202601"')
    return str.__str__(version_string)


def encode_name(argument: str, name: str) -> str:
    """Return the encoded name of a finder, an action or a parameter, which must not be empty."""
    if not isinstance(name, str) or not name:
        raise InvalidCallError(argument, "must be text, and not empty")
    before, equals, after = str.__str__(name).rpartition("=")
    if equals and re.fullmatch(r"[?&]?(?:q|bq|action)", before):
        warn(f"{argument}: has the parameter before it: give {after!r} alone", SuspiciousValueWarning)
    return encode(name, argument)


def write_body(
    argument: str,
    given: object,
    value: Mapping[str, Any],
    options: Mapping[str, Any],
    own: Collection[str] = (),
) -> bytes:
    """Return the body of a request, as the caller's `dumps` writes it.

    Args:
        argument: how an error names what the caller gave.
        given: what the caller gave.
        value: the body that it is part of.
        options: the common keywords.
        own: names in it that the library has made, of ids.
    """
    dumps = options.get("dumps")
    return json_body(value, argument, strict_dumps if dumps is None else dumps, given, own)


def check_mapping(argument: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the value, which must be a mapping."""
    if not isinstance(value, (dict, Mapping)):  # dict first, since `isinstance` with Mapping is slow
        raise InvalidCallError(argument, f"must be a mapping, not {type(value).__name__}")
    return value


def iterator_over(values: Iterable[T]) -> Iterator[T] | None:
    """Return an iterator over a list or the like; None for what is not one."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return None
    try:
        return iter(values)
    except TypeError:  # numpy's array of no dimensions has the method, and nothing to iterate over
        return None


def check_list(argument: str, values: Iterable[T], *, empty: bool = True) -> tuple[T, ...]:
    """Return the values, which must be a list or the like; `empty`: whether there may be none."""
    iterator = iterator_over(values)
    if iterator is None:
        raise InvalidCallError(argument, f"must be a list, not {type(values).__name__}")
    listed = tuple(iterator)
    if not listed and not empty:
        raise InvalidCallError(argument, "is empty")
    return listed


def check_mappings(
    argument: str, values: Iterable[Mapping[str, Any]], *, empty: bool = True
) -> list[Mapping[str, Any]]:
    """Return the values, which must be a list of mappings; `empty`: whether there may be none."""
    listed = [*check_list(argument, values, empty=empty)]
    for index, value in enumerate(listed):
        if not isinstance(value, dict):  # as nearly all are
            check_mapping(f"{argument}[{index}]", value)
    return listed
