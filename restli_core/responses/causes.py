"""Causes: what the errors of LinkedIn's APIs mean, and what to do about each, as a table.

A row is for some statuses. It is the cause where the error has one of its codes, in ``code``, ``serviceErrorCode`` or
the details of single fields, or where the message has its words; the first row that fits counts, then the status alone.
LinkedIn asks not to parse messages, but often nothing else tells.

(https://learn.microsoft.com/en-us/linkedin/marketing/error-responses, .../shared/api-guide/concepts/error-handling, the
pages of single APIs, and bodies that several programs have recorded. docs/errors.md is the same table at length.) What
sources disagree on is not in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from restli_core.errors import field_errors
from restli_core.patterns import lazy_pattern

__all__ = ["codes_of", "find_cause"]

_UPLOAD_AGAIN: Final = "the media cannot be used: start its upload again"
_IN_THE_ENTITY: Final = (
    "the entity is not valid: input_errors and the message name the fields, and what is wrong with each"
)
_OF_THE_SERVER: Final = (
    "the server was too slow or not available: a read may be repeated after a wait, a write may be done"
)

# statuses; codes; words of the message, a pattern; what to do
_ROWS: Final[tuple[tuple[AbstractSet[int], AbstractSet[str], str, str], ...]] = (
    # -- the token
    (
        {401},
        {"65600", "INVALID_ACCESS_TOKEN"},
        "Invalid access token",
        "the token is malformed, or another app's: get a new one",
    ),
    (
        {401},
        {"65601", "REVOKED_ACCESS_TOKEN"},
        "has been revoked",
        (
            "the token was revoked, the app has asked for other scopes since, or it is only seconds old: if it was "
            "just issued, repeat once after some seconds; else have the member sign in again"
        ),
    ),
    (
        {401},
        {"65602", "EXPIRED_ACCESS_TOKEN"},
        "has expired",
        "the token's time is over: refresh it, or have the member sign in again",
    ),
    (
        {401},
        {"65604", "EMPTY_ACCESS_TOKEN"},
        "Empty oauth2 access token",
        "no token could be read in Authorization: set access_token to the token alone",
    ),
    # -- permissions
    (
        {403},
        {"NO_PERMISSION_ON_ENTITY", "NO_PERMISSION_ON_FIELD"},
        "",
        "the member does not have the role: give it to them on the ad account or the page",
    ),
    (
        {403},
        set(),
        "No ad accounts found",
        "the conversion rule does not exist, or is not one of yours: check its id",
    ),
    (
        {403},
        set(),
        "Accessing this image resource is forbidden",
        (
            "the image's owner is not the author, or the token may only post (w_member_social): upload for the same "
            "owner, and do not poll"
        ),
    ),
    ({403}, {"100", "ACCESS_DENIED"}, "Not enough permissions to access", ""),  # see `_denied`
    # -- the path and the version
    (
        {404},
        set(),
        "No virtual resource found",
        "LinkedIn has no such path, or no finder of that name, in this version, or not for this app: check both",
    ),
    ({404}, {"NOT_FOUND"}, "", "there is no such entity, or this token may not see it"),
    # -- posts and other writes
    (
        {400, 409, 422},
        {"DUPLICATE_POST"},
        r"\bduplicate of urn:",
        (
            "the same author posted the same text some minutes ago: duplicate_of names that post, which is yours "
            "where an earlier try lost its answer"
        ),
    ),
    (
        {409},
        {"CONFLICT"},
        "write conflict occurred",
        "another write came in between, and nothing was written: repeat it once after a second",
    ),
    # -- media
    (
        {400},
        {"MEDIA_ASSET_WAITING_UPLOAD"},
        "",
        "the media is not ready: wait until its status is AVAILABLE, then post",
    ),
    ({400}, {"MEDIA_ASSET_PROCESSING_FAILED", "INVALID_IMAGE_ID", "EXPIRED_UPLOAD_URL"}, "", _UPLOAD_AGAIN),
    # -- limits
    (
        {400},
        set(),
        "Request would return too many entities",
        "ask for pages: set pageSize in query_params, and pageToken for the next one",
    ),
    ({400}, set(), "Specified count is larger than", "set count in query_params to no more than that"),
    ({400}, {"MULTIPLE_ACCOUNTS_UNSUPPORTED"}, "", "give the ids of one account in a call"),
    (
        {400},
        set(),
        "Conversion time should be within 90 days",
        "conversionHappenedAt is in milliseconds since 1970, at most 90 days ago, and not in the future",
    ),
    # -- parameters and fields
    (
        {400},
        {"PARAM_INVALID", "QUERY_PARAM_NOT_ALLOWED", "FIELD_INVALID", "ILLEGAL_ARGUMENT"},
        "Invalid query parameters passed to request|Syntax exception in path variables",
        "a parameter or a key is unknown or malformed; where there are input_errors they name it: look at call.curl()",
    ),
    (
        {400},
        {
            "10007",
            "MULTIPLE_VALIDATIONS_FAILED",
            "MISSING_FIELD",
            "INVALID_VALUE_FOR_FIELD",
            "INVALID_VALUE_BLANK_FIELD",
            "FIELD_LENGTH_TOO_LONG",
            "INVALID_URN_TYPE",
            "INVALID_URN_ID",
            "MISSING_REQUIRED_FIELD_FOR_DSC",
        },
        "",
        _IN_THE_ENTITY,
    ),
    (
        {422},
        set(),
        "cannot be coerced to String",
        'a field is a text: give it as one, such as "50.0" for an amount',
    ),
    (
        {422},
        set(),
        "unrecognized field found but not allowed",
        "a field has no such name in this version: the message names it",
    ),
    ({422}, set(), "ERROR ::", _IN_THE_ENTITY),
    # -- the server
    ({500}, {"INTERNAL_ERROR"}, "", _OF_THE_SERVER),
)

_BY_STATUS: Final[Mapping[int, str]] = {
    405: "the resource does not have this method: check the path, and whether it needs a key",
    408: _OF_THE_SERVER,
    411: "the request did not say how long its body is: a proxy on the way may have removed Content-Length",
    412: "a condition of the request does not hold: read the entity again, and decide anew",
    413: "the body is too large: send less in one call",
    415: "the body's type is not taken: it must be application/json, or what the tunnel makes of it",
    503: _OF_THE_SERVER,
    504: _OF_THE_SERVER,
}


def codes_of(code: str | None, service_error_code: int | None, error_details: Any) -> frozenset[str]:
    """Return all codes of an error, those of single fields included, as texts.

    Args:
        code: `code`.
        service_error_code: `serviceErrorCode`.
        error_details: `errorDetails`, as sent.
    """
    is_number = service_error_code is not None and 0 <= service_error_code < 10**9  # it may be of any length
    found: list[Any] = [code, str(service_error_code) if is_number else None]
    for errors in field_errors(error_details):
        found += [error.get("code") for error in errors if isinstance(error, dict)]
    return frozenset([one for one in found if isinstance(one, str)])


def find_cause(status_code: int, codes: AbstractSet[str], message: str) -> str:
    """Return what to do about an error; empty where the table does not have it.

    Args:
        status_code: the HTTP status.
        codes: its codes, as `codes_of` gives them.
        message: the server's words, without secrets.
    """
    for statuses, known, words, advice in _ROWS:
        if status_code in statuses and (known & codes or (words and re.search(words, message, re.IGNORECASE))):
            return advice or _denied(message)
    return _BY_STATUS.get(status_code, "")


# "Not enough permissions to access: partnerApiPostsExternal.CREATE.20260401": resource, Rest.li method, version.
_DENIED: Final = lazy_pattern(
    r"permissions to access: ([A-Za-z0-9_.~/-]{1,80})\.([A-Z_]{1,40})\.(?:([0-9]{6})|NO_VERSION)"
)


def _denied(message: str) -> str:
    """Return what to do about a denied access, with what was denied where the message names it."""
    found = _DENIED.search(message)
    what = ""
    if found is not None:
        resource, method, version = found.groups()
        what = f" for {method} of {resource} " + ("without a version" if version is None else f"in version {version}")
    return f"the app lacks the product, or the token the scope{what}: add both, and have the member sign in again"
