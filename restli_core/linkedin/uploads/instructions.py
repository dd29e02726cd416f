"""Instructions: where the bytes of an upload go, as LinkedIn's answer to its first call says.

initializeUpload    value = {"uploadUrl", "uploadUrlExpiresAt"?, "image" / "document": urn}
  of a video        value = {"uploadInstructions": [{"uploadUrl", "firstByte", "lastByte"}, ...], "uploadToken"?,
                             "uploadUrlsExpireAt"?, "video": urn, "captionsUploadUrl"?, "thumbnailUploadUrl"?}
registerUpload      value = {"asset": urn, "uploadMechanism": {"com.linkedin...MediaUploadHttpRequest":
                             {"uploadUrl", "headers"?}}}

lastByte is inclusive. The parts must cover the file, each byte once; they are taken in the order of their bytes, in
whatever order they come. Times are in milliseconds since 1970. (Pages as in `sources`.)

A server that says anything else is not obeyed: an upload that follows it would be another file's, or go elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from restli_core.base_errors import InvalidCallError
from restli_core.errors import InvalidResponseError
from restli_core.messages import Headers
from restli_core.messages import check_fields as check_headers
from restli_core.responses import ActionResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.urn import Urn, read_urn
from restli_core.values import Value

__all__ = ["Part", "Target", "VideoTarget", "read_asset", "read_target", "read_video"]


class Target(Value):
    """Where the bytes of a file go.

    Args:
        urn: what it will be.
        url: where they go, a secret.
        headers: the headers that the server asks for.
        expires: when the URL ends, in milliseconds since 1970; None where the server did not say.
    """

    urn: Urn
    url: str
    headers: Headers
    expires: int | None


class Part(Value):
    """A part of a video: its bytes, and where they go."""

    url: str
    start: int
    size: int


class VideoTarget(Value):
    """Where the bytes of a video go; the other fields are as for `Target`.

    Args:
        urn: likewise.
        parts: in the order of their bytes.
        token: what ends the upload, often empty.
        captions_url: where captions go; None where none were announced.
        thumbnail_url: likewise.
        expires: likewise.
    """

    urn: Urn
    parts: tuple[Part, ...]
    token: str
    captions_url: str | None
    thumbnail_url: str | None
    expires: int | None


def read_target(answer: ActionResponse, name: str) -> Target:
    """Return where an image or a document goes.

    Args:
        answer: that to initializeUpload.
        name: the field that has the URN.

    Raises:
        InvalidResponseError: the answer does not say it, as by the other functions.
    """
    value = _object(answer.value, "value", answer)
    return Target(_urn(value, name, answer), _url(value, "uploadUrl", answer), Headers(), _time(value))


def read_video(answer: ActionResponse, size: int, *, captions: bool, thumbnail: bool) -> VideoTarget:
    """Return where a video goes.

    Args:
        answer: that to initializeUpload.
        size: how many bytes the video has.
        captions: whether captions were announced.
        thumbnail: whether a thumbnail was.
    """
    value = _object(answer.value, "value", answer)
    token = value.get("uploadToken")
    if not isinstance(token, str | None):
        _fail("uploadToken is not text", answer)
    return VideoTarget(
        _urn(value, "video", answer),
        _parts(value.get("uploadInstructions"), size, answer),
        token or "",
        _url(value, "captionsUploadUrl", answer) if captions else None,
        _url(value, "thumbnailUploadUrl", answer) if thumbnail else None,
        _time(value),
    )


def read_asset(answer: ActionResponse) -> Target:
    """Return where an asset goes, by the answer to registerUpload."""
    value = _object(answer.value, "value", answer)
    mechanisms = _object(value.get("uploadMechanism"), "uploadMechanism", answer)
    if _MECHANISM not in mechanisms:
        _fail("uploadMechanism does not have the one request that was asked for", answer)
    mechanism = _object(mechanisms[_MECHANISM], "the upload's request", answer)
    asked = _object(mechanism.get("headers") or {}, "headers", answer)
    try:
        # Those of the message itself are for whoever sends it.
        fields = check_headers([(name, text) for name, text in asked.items() if name.lower() not in _OF_MESSAGES])
    except InvalidCallError:
        _fail("headers has what no request can carry", answer)
    return Target(_urn(value, "asset", answer), _url(mechanism, "uploadUrl", answer), Headers(fields), None)


_MECHANISM: Final = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest"
_OF_MESSAGES: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "authorization", "te"})


def _parts(given: Any, size: int, answer: ActionResponse) -> tuple[Part, ...]:
    """Return the parts of a video, in the order of their bytes."""
    if not isinstance(given, list) or not given:
        _fail("uploadInstructions is not a list of parts", answer)
    ranges: list[tuple[int, int, str]] = []
    for index, one in enumerate(given):
        part = _object(one, f"uploadInstructions[{index}]", answer)
        first, last = part.get("firstByte"), part.get("lastByte")
        if type(first) is not int or type(last) is not int:
            _fail(f"uploadInstructions[{index}] does not have the numbers of its first and last byte", answer)
        ranges.append((first, last, _url(part, "uploadUrl", answer)))
    ranges.sort()
    end = 0
    for first, last, _ in ranges:
        if first != end or not first <= last < size:
            _fail(f"uploadInstructions do not cover the {size} bytes of the file, each once and in one piece", answer)
        end = last + 1
    if end != size:
        _fail(f"uploadInstructions end before the {size} bytes of the file do", answer)
    return tuple([Part(url, first, last + 1 - first) for first, last, url in ranges])


def _urn(value: Mapping[str, Any], name: str, answer: ActionResponse) -> Urn:
    urn = read_urn(value.get(name))
    if urn is None:
        _fail(f"{name} is not a URN", answer)
    return urn


def _url(value: Mapping[str, Any], name: str, answer: ActionResponse) -> str:
    """Return the URL of an upload."""
    url = value.get(name)
    found = _URL.fullmatch(url) if isinstance(url, str) else None
    if found is None or int(found["port"] or 0) > MAX_PORT:
        _fail(f"{name} is not a URL", answer)
    if found["scheme"] == "http" and answer.request is not None and answer.request.url.startswith("https:"):
        _fail(f"{name} goes where everybody can read it, by http", answer)
    return found[0]


# RFC 3986, without user information and without a fragment, which no server would see.
_URL: Final = re.compile(
    r"""(?P<scheme>https?):// (?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\]) (?::(?P<port>[0-9]{1,5}))? (?:[/?][!"$-~]*)?""",
    re.VERBOSE,
)
MAX_PORT: Final = 65_535


def _time(value: Mapping[str, Any]) -> int | None:
    """Return when the URLs end; it is only for better words, and so may be anything."""
    given = value.get("uploadUrlExpiresAt", value.get("uploadUrlsExpireAt"))
    return given if type(given) is int else None


def _object(given: Any, name: str, answer: ActionResponse) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        _fail(f"{name} is not an object", answer)
    return given


def _fail(reason: str, answer: ActionResponse) -> NoReturn:
    raise InvalidResponseError(f"it does not say where the bytes go: {reason}", answer.response, answer.request)
