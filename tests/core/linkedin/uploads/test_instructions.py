"""Instructions: what LinkedIn says of where the bytes go is obeyed where it makes sense, and only there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from restli_core import ActionResponse, Calls, HttpResponse, InvalidResponseError
from restli_core.linkedin.uploads.instructions import Part, read_asset, read_target, read_video

CALLS = Calls(version_string="202609")
URL = "https://www.linkedin.com/dms-uploads/sp/v2/D4E%253D?ca=vector_ads&sig=s3cret"


def answered(value: Any, calls: Calls = CALLS) -> ActionResponse:
    call = calls.action("/videos", "initializeUpload", {})
    return call.parse(HttpResponse(200, {}, json.dumps({"value": value}).encode()))


def part(first: Any, last: Any, url: Any = URL) -> dict[str, Any]:
    return {"uploadUrl": url, "firstByte": first, "lastByte": last}


def video(*parts: Any, **changes: Any) -> dict[str, Any]:
    value = {"video": "urn:li:video:C5", "uploadInstructions": [*parts], "uploadToken": "", **changes}
    return {name: one for name, one in value.items() if one is not ...}


def refused(function: Any, value: Any, *args: Any, **options: Any) -> str:
    with pytest.raises(InvalidResponseError) as caught:
        function(answered(value), *args, **options)
    text = str(caught.value)
    assert text.startswith("POST https://api.linkedin.com/rest/videos?action=…: 200, but it does not say where")
    assert "s3cret" not in text + repr(caught.value)
    return text


def test_a_target() -> None:
    value = {"image": "urn:li:image:C5", "uploadUrl": URL, "uploadUrlExpiresAt": 1_650_567_510_704}
    target = read_target(answered(value), "image")
    assert (target.urn, target.url, target.expires, dict(target.headers)) == (
        "urn:li:image:C5",
        URL,
        1_650_567_510_704,
        {},
    )
    assert "s3cret" not in repr(target)


@pytest.mark.parametrize("given", ["soon", None, 1.5, True])
def test_an_odd_time_is_none(given: Any) -> None:
    value = {"image": "urn:li:image:C5", "uploadUrl": URL, "uploadUrlExpiresAt": given}
    assert read_target(answered(value), "image").expires is None


@pytest.mark.parametrize("value", [None, [], "urn", 5, True])
def test_no_object_is_no_answer(value: Any) -> None:
    assert "value is not an object" in refused(read_target, value, "image")
    assert "value is not an object" in refused(read_asset, value)
    assert "value is not an object" in refused(read_video, value, 1, captions=False, thumbnail=False)


@pytest.mark.parametrize("urn", [..., None, 5, "", "image", ["urn:li:image:1"]])
def test_what_is_not_a_urn(urn: Any) -> None:
    value = {"uploadUrl": URL} | ({} if urn is ... else {"image": urn})
    assert "image is not a URN" in refused(read_target, value, "image")


@pytest.mark.parametrize(
    "url",
    [
        None,
        5,
        "",
        "/dms-uploads",
        "ftp://h/a",
        "https://",
        "https://user@h/a",
        "https://h:99999/a",
        "https://h/a#b",
        "https://h/a b",
        "https://h/ä",
        "https://[::1/a",
        "https://h\n/a",
        "https://h/a\n",
    ],
)
def test_what_is_not_a_url(url: Any) -> None:
    assert "uploadUrl is not a URL" in refused(read_target, {"image": "urn:li:image:1", "uploadUrl": url}, "image")


@pytest.mark.parametrize("url", ["https://h", "https://h?a=b", "https://h:8443/a%253Db?c#"[:-1], "https://[::1]:80/"])
def test_a_url_is_used_byte_for_byte(url: str) -> None:
    assert read_target(answered({"image": "urn:li:image:1", "uploadUrl": url}), "image").url == url


def test_nothing_goes_by_http_unless_all_does() -> None:
    value = {"image": "urn:li:image:1", "uploadUrl": "http://h/a"}
    assert "by http" in refused(read_target, value, "image")
    assert read_target(answered(value, Calls(base_url="http://127.0.0.1:1")), "image").url == "http://h/a"
    unknown = ActionResponse(HttpResponse(200, {}, b""), None, None, value)  # one that was made by hand
    assert read_target(unknown, "image").url == "http://h/a"


# -- videos ------------------------------------------------------------------------------------------------------------


def test_parts_are_taken_in_the_order_of_their_bytes() -> None:
    value = video(part(4, 7, "https://h/2"), part(8, 8, "https://h/3"), part(0, 3, "https://h/1"))
    target = read_video(answered(value), 9, captions=False, thumbnail=False)
    assert target.parts == (Part("https://h/1", 0, 4), Part("https://h/2", 4, 4), Part("https://h/3", 8, 1))
    assert (target.token, target.captions_url, target.thumbnail_url, target.expires) == ("", None, None, None)


def test_what_else_a_video_has() -> None:
    value = video(
        part(0, 3),
        uploadToken="token",
        captionsUploadUrl="https://h/c",
        thumbnailUploadUrl="https://h/t",
        uploadUrlsExpireAt=5,
    )
    target = read_video(answered(value), 4, captions=True, thumbnail=True)
    assert (target.token, target.captions_url, target.thumbnail_url, target.expires) == (
        "token",
        "https://h/c",
        "https://h/t",
        5,
    )
    target = read_video(answered(value), 4, captions=False, thumbnail=False)
    assert (target.captions_url, target.thumbnail_url) == (None, None)


@pytest.mark.parametrize("token", [..., None, ""])
def test_a_token_may_be_missing(token: Any) -> None:
    answer = answered(video(part(0, 3), uploadToken=token))
    assert read_video(answer, 4, captions=False, thumbnail=False).token == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (video(), "not a list of parts"),
        (video(uploadInstructions=...), "not a list of parts"),
        (video(uploadInstructions={"uploadUrl": URL}), "not a list of parts"),
        (video(None), "uploadInstructions[0] is not an object"),
        (video(part("0", 9)), "uploadInstructions[0] does not have the numbers"),
        (video(part(0, 4), part(5, None)), "uploadInstructions[1] does not have the numbers"),
        (video(part(False, 9)), "does not have the numbers"),
        (video(part(0, 9.0)), "does not have the numbers"),
        (video(part(0, 9, None)), "uploadUrl is not a URL"),
        (video(part(0, 4), part(6, 9)), "do not cover"),  # a gap
        (video(part(0, 5), part(5, 9)), "do not cover"),  # an overlap
        (video(part(0, 4), part(0, 9)), "do not cover"),
        (video(part(0, 4), part(0, 4), part(5, 9)), "do not cover"),
        (video(part(1, 9)), "do not cover"),
        (video(part(-1, 9)), "do not cover"),
        (video(part(0, 10)), "do not cover"),  # beyond the file
        (video(part(0, 4), part(5, 4), part(5, 9)), "do not cover"),  # a part of nothing
        (video(part(0, 10**400)), "do not cover"),
        (video(part(0, -(10**400))), "do not cover"),
        (video(part(0, 8)), "end before the 10 bytes"),
        (video(part(0, 9), uploadToken=5), "uploadToken is not text"),
        (video(part(0, 9), video=None), "video is not a URN"),
    ],
)
def test_odd_instructions_are_not_obeyed(value: Any, said: str) -> None:
    assert said in refused(read_video, value, 10, captions=False, thumbnail=False)


def test_what_was_announced_must_have_somewhere_to_go() -> None:
    value = video(part(0, 9))
    assert "captionsUploadUrl is not" in refused(read_video, value, 10, captions=True, thumbnail=False)
    assert "thumbnailUploadUrl is not" in refused(read_video, value, 10, captions=False, thumbnail=True)


# -- assets ------------------------------------------------------------------------------------------------------------

MECHANISM = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest"


def asset(mechanism: Any, name: str = MECHANISM) -> dict[str, Any]:
    return {"asset": "urn:li:digitalmediaAsset:C5", "uploadMechanism": {name: mechanism}}


def test_an_asset() -> None:
    headers = {"media-type-family": "STILLIMAGE", "Host": "h", "content-length": "5", "Authorization": "Bearer x"}
    target = read_asset(answered(asset({"uploadUrl": URL, "headers": headers})))
    assert (target.urn, target.url, target.expires) == ("urn:li:digitalmediaAsset:C5", URL, None)
    assert target.headers.raw == (("media-type-family", "STILLIMAGE"),)
    assert not read_asset(answered(asset({"uploadUrl": URL, "headers": {}}))).headers
    assert not read_asset(answered(asset({"uploadUrl": URL, "headers": None}))).headers


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"asset": "urn:li:digitalmediaAsset:C5"}, "uploadMechanism is not an object"),
        (asset({}, "com.linkedin.digitalmedia.uploading.MultipartUpload"), "does not have the one request"),
        (asset([]), "the upload's request is not an object"),
        (asset({"uploadUrl": 5}), "uploadUrl is not a URL"),
        (asset({"uploadUrl": URL, "headers": "a: b"}), "headers is not an object"),
        (asset({"uploadUrl": URL, "headers": {"a b": "c"}}), "no request can carry"),
        (asset({"uploadUrl": URL, "headers": {"a": "c\r\nd: e"}}), "no request can carry"),
        (asset({"uploadUrl": URL, "headers": {"a": 5}}), "no request can carry"),
        (asset({"uploadUrl": URL}) | {"asset": "C5"}, "asset is not a URN"),
    ],
)
def test_odd_mechanisms(value: Any, said: str) -> None:
    assert said in refused(read_asset, value)
