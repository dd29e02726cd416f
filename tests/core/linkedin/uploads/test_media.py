"""Media: the four uploads, step by step, against a table of answers, and by clients that are cut and go on."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_type
from urllib.parse import unquote

import pytest

from restli_core import (
    BadRequestError,
    Calls,
    ForbiddenError,
    HttpResponse,
    InvalidCallError,
    InvalidResponseError,
    OutcomeUnknownError,
    PollTimeoutError,
    ProtocolError,
    RestliError,
    ServerError,
    ServiceError,
    TransportTimeout,
    Urn,
)
from restli_core.flows import Flow, Progress
from restli_core.linkedin import uploads
from restli_core.linkedin.uploads import ProcessingFailedError
from restli_transports import AsyncRestliClient, RestliClient
from tests.support.made_files import PDF, SRT, gif, jpeg, mp4, png
from tests.support.media_servers import AsyncMediaTransport, Killed, MediaServer, MediaTransport
from tests.support.shown import shown_by

CALLS = Calls(version_string="202609")
PERSON = "urn:li:person:Ab1-cD_2e"
PAGE = "urn:li:organization:9001001"
VIDEO = mp4(100_000)
PARTS = ["put 0", "put 1", "put 2", "put 3"]
MADE: Any = uploads  # without its types

# Each upload, with a file of its own.
MAKERS: dict[str, Callable[..., Flow[Urn]]] = {
    "image": lambda calls, **options: uploads.image(calls, PERSON, png(), **options),
    "document": lambda calls, **options: uploads.document(calls, PAGE, PDF, **options),
    "video": lambda calls, **options: uploads.video(calls, PAGE, VIDEO, **options),
    "asset": lambda calls, **options: uploads.asset(calls, PERSON, jpeg(), **options),
}
URNS = {
    "image": "urn:li:image:C1",
    "document": "urn:li:document:C1",
    "video": "urn:li:video:C1",
    "asset": "urn:li:digitalmediaAsset:A1",
}
ALL = pytest.mark.parametrize("kind", MAKERS)


def test_the_names_are_public() -> None:
    assert uploads.__all__ == ["ProcessingFailedError", "asset", "document", "image", "video"]


# -- what is sent ------------------------------------------------------------------------------------------------------


def bodies(server: MediaServer, name: str) -> list[Any]:
    return [json.loads(one.body) for said, one in zip(server.requests, server.sent, strict=True) if said == name]


def test_an_image() -> None:
    server = MediaServer()
    urn = server.run(uploads.image(CALLS, PERSON, png()))
    assert_type(urn, Urn)
    assert isinstance(urn, Urn)
    assert urn == "urn:li:image:C1"
    assert server.requests == ["initialize", "put 0", "get", "get"]
    begin, put, get, _ = server.sent
    assert (begin.method, begin.url) == ("POST", "https://api.linkedin.com/rest/images?action=initializeUpload")
    assert json.loads(begin.body) == {"initializeUploadRequest": {"owner": PERSON}}
    assert (put.method, put.body) == ("PUT", png())
    assert get.url == "https://api.linkedin.com/rest/images/urn%3Ali%3Aimage%3AC1"
    assert server.progress == [Progress(0, len(png()), "bytes"), Progress(len(png()), len(png()), "bytes")]


def test_a_document() -> None:
    server = MediaServer()
    assert server.run(uploads.document(CALLS, Urn(PAGE), PDF)) == "urn:li:document:C1"
    assert server.stored == {"put 0": PDF}
    assert server.sent[0].url == "https://api.linkedin.com/rest/documents?action=initializeUpload"
    assert bodies(server, "initialize") == [{"initializeUploadRequest": {"owner": PAGE}}]
    assert server.sent[2].url == "https://api.linkedin.com/rest/documents/urn%3Ali%3Adocument%3AC1"


def test_a_video() -> None:
    server = MediaServer()
    assert server.run(uploads.video(CALLS, PAGE, VIDEO)) == "urn:li:video:C1"
    assert server.requests == ["initialize", *PARTS, "finalize", "get", "get"]
    assert b"".join(server.stored.values()) == VIDEO
    request = {"owner": PAGE, "fileSizeBytes": 100_000, "uploadCaptions": False, "uploadThumbnail": False}
    assert bodies(server, "initialize") == [{"initializeUploadRequest": request}]
    assert server.finalized == [
        {"video": "urn:li:video:C1", "uploadToken": "", "uploadedPartIds": ["e0", "e1", "e2", "e3"]}
    ]
    assert {one.headers["Content-Type"] for one in server.sent[1:5]} == {"application/octet-stream"}
    assert [one.done for one in server.progress] == [0, 30_000, 60_000, 90_000, 100_000]
    assert {(one.total, one.label) for one in server.progress} == {(100_000, "bytes")}


def test_a_video_with_captions_and_a_thumbnail() -> None:
    server = MediaServer(uploadToken="token")
    server.run(uploads.video(CALLS, PAGE, io.BytesIO(VIDEO), SRT, gif(), keep_quotes=True))
    assert server.requests == ["initialize", *PARTS, "captions", "thumbnail", "finalize", "get", "get"]
    assert (server.stored["captions"], server.stored["thumbnail"]) == (SRT, gif())
    assert bodies(server, "initialize")[0]["initializeUploadRequest"]["uploadCaptions"] is True
    assert bodies(server, "initialize")[0]["initializeUploadRequest"]["uploadThumbnail"] is True
    assert server.finalized[0]["uploadedPartIds"] == ['"e0"', '"e1"', '"e2"', '"e3"']
    assert server.finalized[0]["uploadToken"] == "token"
    families = [one.headers.get("media-type-family") for one in server.sent]
    assert [*filter(None, families)] == ["STILLIMAGE"]
    assert families[server.requests.index("thumbnail")]


@pytest.mark.parametrize(
    ("calls", "base"),
    [
        (CALLS, "https://api.linkedin.com/v2"),
        (Calls(), "https://api.linkedin.com/v2"),
        (Calls("202609", "http://h:1/rest"), "http://h:1/v2"),
        (Calls("202609", "https://gateway.example/linkedin"), "https://gateway.example/linkedin"),
    ],
    ids=["LinkedIn's", "unversioned", "own", "gateway"],
)
def test_an_asset(calls: Calls, base: str) -> None:
    server = MediaServer()
    assert server.run(uploads.asset(calls, PERSON, jpeg())) == "urn:li:digitalmediaAsset:A1"
    begin, put, get, _ = server.sent
    assert begin.url == f"{base}/assets?action=registerUpload"
    assert json.loads(begin.body) == {
        "registerUploadRequest": {
            "owner": PERSON,
            "recipes": ["urn:li:digitalmediaRecipe:feedshare-image"],
            "serviceRelationships": [{"relationshipType": "OWNER", "identifier": "urn:li:userGeneratedContent"}],
        }
    }
    assert put.headers["media-type-family"] == "STILLIMAGE"
    assert get.url == f"{base}/assets/A1"
    assert not any("LinkedIn-Version" in one.headers for one in server.sent)


@pytest.mark.parametrize(
    ("recipe", "content", "said"),
    [
        ("feedshare-image", VIDEO, "must be a JPG, PNG or GIF"),
        ("urn:li:digitalmediaRecipe:ads-video", png(), "must be an MP4"),
        ("feedshare-video", VIDEO, None),
        ("urn:li:digitalmediaRecipe:companyUpdate-article-image", png(), None),
        ("feedshare-document", b"whatever", None),
    ],
)
def test_the_recipe_says_what_an_asset_is(recipe: str, content: bytes, said: str | None) -> None:
    server = MediaServer()
    flow = uploads.asset(CALLS, PERSON, content, recipe=recipe)
    if said is not None:
        with pytest.raises(InvalidCallError, match=said):
            server.run(flow)
        return
    server.run(flow)
    (recipes,) = [one["registerUploadRequest"]["recipes"] for one in bodies(server, "initialize")]
    assert recipes == [recipe if recipe.startswith("urn") else f"urn:li:digitalmediaRecipe:{recipe}"]


def test_the_calls_are_those_of_the_documentation() -> None:
    # As https://learn.microsoft.com/linkedin/marketing/community-management/shares/videos-api prints them.
    server = MediaServer()
    server.run(uploads.video(CALLS, PAGE, VIDEO, wait=None))
    assert server.sent[-1].url == "https://api.linkedin.com/rest/videos?action=finalizeUpload"
    assert server.sent[-1].headers["LinkedIn-Version"] == "202609"
    assert unquote(server.sent[1].url) != server.sent[1].url  # it is encoded twice, and goes back as it came
    assert server.sent[1].url == "https://www.linkedin.com/dms-uploads/s3cret%253Dpath/1?part=put+0"


# -- what is refused before anything is sent ---------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"calls": RestliClient}, "calls"),
        ({"owner": None}, "owner"),
        ({"owner": 5}, "owner"),
        ({"owner": "me"}, "owner"),
        ({"owner": "urn:li:company:5"}, "owner"),
        ({"owner": "urn:xy:person:5"}, "owner"),
        ({"source": 5}, "source"),
        ({"wait": "forever"}, "wait"),
        ({"within": -1}, "within"),
    ],
)
def test_odd_arguments_are_refused_at_once(kind: str, given: dict[str, Any], argument: str) -> None:
    options = {"calls": CALLS, "owner": PERSON, "source": b"x", **given}
    with pytest.raises(InvalidCallError) as refused:
        getattr(MADE, kind)(**options)
    assert refused.value.argument == argument


@pytest.mark.parametrize(
    ("kind", "given", "argument"),
    [
        ("video", {"posts": 1}, "posts"),
        ("video", {"keep_quotes": "no"}, "keep_quotes"),
        ("video", {"captions": 5}, "captions"),
        ("video", {"thumbnail": 5}, "thumbnail"),
        ("asset", {"recipe": ""}, "recipe"),
        ("asset", {"recipe": None}, "recipe"),
        ("asset", {"recipe": "urn:nothing"}, "recipe"),
    ],
)
def test_odd_arguments_of_its_own(kind: str, given: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as refused:
        getattr(MADE, kind)(CALLS, PERSON, b"x", **given)
    assert refused.value.argument == argument


@ALL
def test_a_client_without_a_version(kind: str) -> None:
    calls = RestliClient().calls
    assert kind == "asset" or calls.base_url is None
    if kind == "asset":
        MAKERS[kind](calls)
    else:
        with pytest.raises(InvalidCallError, match=r"^calls: have no version.*set version_string"):
            MAKERS[kind](calls)
    MAKERS[kind](RestliClient(base_url="http://127.0.0.1:1").calls)


@pytest.mark.parametrize(
    ("make", "argument", "said"),
    [
        (lambda: uploads.image(CALLS, PERSON, PDF), "source", "must be a JPG"),
        (lambda: uploads.document(CALLS, PERSON, png()), "source", "must be a PDF"),
        (lambda: uploads.video(CALLS, PERSON, png()), "source", "must be an MP4"),
        (lambda: uploads.video(CALLS, PERSON, mp4(1000)), "source", "75 KB"),
        (lambda: uploads.video(CALLS, PERSON, VIDEO, b"WEBVTT"), "captions", "WebVTT"),
        (lambda: uploads.video(CALLS, PERSON, VIDEO, SRT, SRT), "thumbnail", "must be a JPG"),
        (lambda: uploads.image(CALLS, PERSON, b""), "source", "is empty"),
    ],
)
def test_what_linkedin_refuses_is_never_sent(make: Callable[[], Any], argument: str, said: str) -> None:
    server = MediaServer()
    with pytest.raises(InvalidCallError, match=said) as refused:
        server.run(make())
    assert refused.value.argument == argument
    assert server.requests == []


def test_how_large_a_video_may_be() -> None:
    class Large(MediaServer):
        def perform(self, step: Any) -> Any:
            return 600 * 1024**2 if type(step).__name__ == "Size" else super().perform(step)

    with pytest.raises(InvalidCallError, match="posts=False"):
        Large().run(uploads.video(CALLS, PAGE, VIDEO))
    server = Large(part_size=10**9)
    server.run(uploads.video(CALLS, PAGE, VIDEO, posts=False, wait=None))
    assert bodies(server, "initialize")[0]["initializeUploadRequest"]["fileSizeBytes"] == 600 * 1024**2


@ALL
def test_a_text_that_is_not_a_path(kind: str) -> None:
    server = MediaTransport(MediaServer())
    client = RestliClient(server, version_string="202609")
    with pytest.raises(InvalidCallError, match=r"^source: cannot be read: No such file or directory: 'no such file'"):
        client.run(getattr(MADE, kind)(client.calls, PERSON, "no such file"))
    with pytest.raises(InvalidCallError, match=r"^source: cannot be read: Is a directory"):
        client.run(getattr(MADE, kind)(client.calls, PERSON, Path(tempfile.gettempdir())))
    assert server.server.requests == []


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@ALL
def test_without_a_wait_nothing_is_asked(kind: str) -> None:
    server = MediaServer()
    assert server.run(MAKERS[kind](CALLS, wait=None)) == URNS[kind]
    assert "get" not in server.requests


@ALL
def test_a_token_that_may_only_post(kind: str) -> None:
    server = MediaServer()
    server.planned = {"get": [HttpResponse(403, {}, b'{"message": "forbidden", "status": 403}')]}
    assert server.run(MAKERS[kind](CALLS)) == URNS[kind]


@ALL
def test_what_cannot_be_processed(kind: str) -> None:
    server = MediaServer(statuses=["PROCESSING", "PROCESSING_FAILED"])
    with pytest.raises(ProcessingFailedError) as caught:
        server.run(MAKERS[kind](CALLS))
    assert caught.value.urn == URNS[kind]
    assert caught.value.reason == (None if kind == "asset" else "too dark")


@ALL
def test_what_takes_too_long(kind: str) -> None:
    server = MediaServer(statuses=["PROCESSING"])
    with pytest.raises(PollTimeoutError, match=f"^{URNS[kind]} was uploaded"):
        server.run(MAKERS[kind](CALLS, within=10))
    assert sum(server.waits) == 10


@ALL
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 413, 422, 500, 503])
def test_bytes_that_are_refused(kind: str, status: int) -> None:
    server = MediaServer()
    server.planned = {"put 0": [HttpResponse(status, {}, b"<html>no</html>")]}
    with pytest.raises(ServiceError, match=r"^PUT https://www.linkedin.com/...: ") as caught:
        server.run(MAKERS[kind](CALLS))
    assert caught.value.status_code == status
    assert server.requests == ["initialize", "put 0"]


@ALL
@pytest.mark.parametrize("error", [TransportTimeout("slow"), OSError("gone")])
def test_bytes_that_are_not_sent(kind: str, error: Exception) -> None:
    server = MediaServer()
    server.planned = {"put 0": [error]}
    with pytest.raises(type(error)):
        server.run(MAKERS[kind](CALLS))


@ALL
def test_an_answer_that_says_nothing(kind: str) -> None:
    server = MediaServer()
    server.planned = {"initialize": [HttpResponse(200, {}, b"{}")]}
    with pytest.raises(InvalidResponseError, match="does not say where"):
        server.run(MAKERS[kind](CALLS))


def test_a_part_without_an_etag() -> None:
    server = MediaServer()
    server.planned = {"put 1": [HttpResponse(200, {}, b"")]}
    with pytest.raises(InvalidResponseError, match="no ETag"):
        server.run(uploads.video(CALLS, PAGE, VIDEO))
    assert server.requests == ["initialize", "put 0", "put 1"]


@ALL
def test_urls_that_have_expired_are_asked_for_once_more(kind: str) -> None:
    server = MediaServer()
    last = "put 3" if kind == "video" else "put 0"
    server.planned = {last: [HttpResponse(410)]}
    urn = server.run(MAKERS[kind](CALLS, wait=None))
    assert urn == URNS[kind].replace("C1", "C2").replace("A1", "A2")
    puts = PARTS if kind == "video" else ["put 0"]
    end = ["finalize"] if kind == "video" else []
    assert server.requests == ["initialize", *puts, "initialize", *puts, *end]


@ALL
def test_but_not_twice(kind: str) -> None:
    server = MediaServer()
    server.planned = {"put 0": [HttpResponse(410), HttpResponse(410), None]}
    with pytest.raises(ServiceError, match=r"410: .*upload the file again from the start") as caught:
        server.run(MAKERS[kind](CALLS))
    assert caught.value.__context__ is None
    assert server.requests == ["initialize", "put 0", "initialize", "put 0"]


class Changing(MediaServer):
    """A server that sees a file change while it is uploaded: after this request it has so many bytes."""

    def __init__(self, after: str, size: int) -> None:
        super().__init__()
        self.after, self.size = after, size

    def perform(self, step: Any) -> Any:
        has_changed = self.after in self.requests
        return self.size if has_changed and type(step).__name__ == "Size" else super().perform(step)


@ALL
@pytest.mark.parametrize("size", [5, 100_001])
def test_a_file_that_changes_is_no_upload(kind: str, size: int) -> None:
    server = Changing("initialize", size)
    with pytest.raises(InvalidCallError, match=rf"^source: had .* and has {size:,} now"):
        server.run(MAKERS[kind](CALLS))
    assert "finalize" not in server.requests
    assert kind == "video" or server.requests == ["initialize"]


@pytest.mark.parametrize("name", ["captions", "thumbnail"])
def test_captions_or_a_thumbnail_that_change_are_not_sent_in_part(name: str) -> None:
    server = Changing("put 3", 100_001)
    further: dict[str, Any] = {name: SRT if name == "captions" else gif()}
    with pytest.raises(InvalidCallError, match=rf"^{name}: had .* and has 100,001 now"):
        server.run(uploads.video(CALLS, PAGE, VIDEO, **further))
    assert server.requests == ["initialize", *PARTS]


def test_a_file_that_is_emptied() -> None:
    with pytest.raises(InvalidCallError, match=r"^source: had .* and has 0 now: upload it again"):
        Changing("initialize", 0).run(uploads.image(CALLS, PERSON, png()))


# -- the first call and the last ---------------------------------------------------------------------------------------


@ALL
def test_a_first_call_of_unknown_outcome_is_sent_again(kind: str) -> None:
    server = MediaServer()
    server.planned = {"initialize": [OutcomeUnknownError("of an earlier run")]}
    assert server.run(MAKERS[kind](CALLS, wait=None)) == URNS[kind]
    assert server.requests[:3] == ["initialize", "initialize", "put 0"]
    assert server.sent[0] == server.sent[1]
    server = MediaServer()
    server.planned = {"initialize": [OutcomeUnknownError("of an earlier run"), HttpResponse(403)]}
    with pytest.raises(ForbiddenError, match=r"^POST https://api\.linkedin\.com/"):
        server.run(MAKERS[kind](CALLS))


@ALL
@pytest.mark.parametrize("failure", [TransportTimeout("slow"), HttpResponse(503), HttpResponse(403)])
def test_any_other_failure_of_it_is_for_the_policy(kind: str, failure: Any) -> None:
    server = MediaServer()
    server.planned = {"initialize": [failure]}
    with pytest.raises(RestliError):
        server.run(MAKERS[kind](CALLS))
    assert server.requests == ["initialize"]


DOUBTFUL = [
    OutcomeUnknownError("of an earlier run"),
    TransportTimeout("slow"),
    ProtocolError("reset"),
    HttpResponse(408),
    HttpResponse(500),
    HttpResponse(504),
]


@pytest.mark.parametrize("failure", DOUBTFUL, ids=["unknown", "timeout", "reset", "408", "500", "504"])
def test_a_finalize_that_was_done_is_not_sent_again(failure: Any) -> None:
    server = MediaServer()
    server.planned = {"finalize": [(failure, True)]}
    assert server.run(uploads.video(CALLS, PAGE, VIDEO)) == "urn:li:video:C1"
    assert server.requests == ["initialize", *PARTS, "finalize", "get", "get"]
    assert len(server.finalized) == 1


@pytest.mark.parametrize("failure", DOUBTFUL, ids=["unknown", "timeout", "reset", "408", "500", "504"])
@pytest.mark.parametrize("status", ["WAITING_UPLOAD", 403])
def test_a_finalize_that_was_not_done_is(failure: Any, status: Any) -> None:
    server = MediaServer(statuses=["WAITING_UPLOAD", "AVAILABLE"])
    server.planned = {"finalize": [failure]}
    if status == 403:
        server.planned["get"] = [HttpResponse(403)] * 3
    assert server.run(uploads.video(CALLS, PAGE, VIDEO)) == "urn:li:video:C1"
    assert server.requests == ["initialize", *PARTS, *["finalize", "get"] * 2]
    assert server.sent[5] == server.sent[7]
    assert len(server.finalized) == 1


def test_a_second_finalize_that_is_refused() -> None:
    for statuses, is_done in ((["WAITING_UPLOAD", "PROCESSING", "AVAILABLE"], True), (["WAITING_UPLOAD"], False)):
        server = MediaServer(statuses=statuses)
        server.planned = {"finalize": [TransportTimeout("slow"), HttpResponse(400)]}
        flow = uploads.video(CALLS, PAGE, VIDEO)
        if is_done:
            assert server.run(flow) == "urn:li:video:C1"
        else:
            with pytest.raises(BadRequestError, match=r"^POST .*/rest/videos\?action="):
                server.run(flow)
        assert server.requests[5:9] == ["finalize", "get", "finalize", "get"]


def test_a_finalize_that_fails_for_good() -> None:
    server = MediaServer(statuses=["WAITING_UPLOAD"])
    server.planned = {"finalize": [HttpResponse(503)] * 2}
    with pytest.raises(ServerError, match=r"^POST .*/rest/videos\?action="):
        server.run(uploads.video(CALLS, PAGE, VIDEO))
    assert server.requests == ["initialize", *PARTS, "finalize", "get", "finalize"]
    server = MediaServer()
    server.planned = {"finalize": [HttpResponse(400)]}
    with pytest.raises(BadRequestError):
        server.run(uploads.video(CALLS, PAGE, VIDEO))
    assert server.requests == ["initialize", *PARTS, "finalize"]


def test_a_finalize_that_fails_today_is_taken_up_tomorrow(journal: Path) -> None:
    for failures in (
        {"finalize": [HttpResponse(503)] * 5},
        {"finalize": [HttpResponse(503)], "get": [HttpResponse(503)] * 4},
    ):
        journal.unlink(missing_ok=True)
        server = MediaServer(statuses=["WAITING_UPLOAD", "AVAILABLE"])
        server.planned = {name: [*planned] for name, planned in failures.items()}
        client = client_of(server)
        for _ in range(2):
            with pytest.raises(ServerError):
                client.run(uploads.video(client.calls, PAGE, VIDEO), journal=journal)
            server.planned = {name: [HttpResponse(503)] * 4 for name in server.requests[-1:]}
        server.planned = {}
        server.requests.clear()
        assert client.run(uploads.video(client.calls, PAGE, VIDEO), journal=journal) == "urn:li:video:C1"
        assert len(server.finalized) == 1
        assert "initialize" not in server.requests


def test_a_look_that_says_nothing() -> None:
    server = MediaServer()
    server.planned = {"finalize": [HttpResponse(503)], "get": [HttpResponse(200, {}, b"{}")]}
    server.run(uploads.video(CALLS, PAGE, VIDEO))
    assert server.requests[5:8] == ["finalize", "get", "finalize"]


def test_a_look_that_fails() -> None:
    server = MediaServer()
    server.planned = {"finalize": [HttpResponse(503)], "get": [HttpResponse(404)]}
    with pytest.raises(RestliError, match="404"):
        server.run(uploads.video(CALLS, PAGE, VIDEO))


# -- by clients --------------------------------------------------------------------------------------------------------


def client_of(server: MediaServer) -> RestliClient:
    return RestliClient(MediaTransport(server), access_token="a-token", version_string="202609", random=lambda: 0.5)


@ALL
def test_the_token_goes_with_all_but_parts(kind: str) -> None:
    server = MediaServer()
    client = client_of(server)
    assert client.run(MAKERS[kind](client.calls)) == URNS[kind]
    tokens = {name: one.headers.get("Authorization") for name, one in zip(server.requests, server.sent, strict=True)}
    with_token = {name for name, token in tokens.items() if token == "Bearer a-token"}
    assert {*tokens} - with_token == ({*PARTS} if kind == "video" else set())


@ALL
def test_a_client_that_is_awaited(kind: str) -> None:
    async def main() -> tuple[Urn, list[Any]]:
        shown: list[Any] = []
        transport = AsyncMediaTransport(server)
        async with AsyncRestliClient(transport, access_token="a-token", version_string="202609") as client:
            urn = await client.run(MAKERS[kind](client.calls), progress=lambda *given: shown.append(given))
        return urn, shown

    server = MediaServer()
    urn, shown = asyncio.run(main())
    assert urn == URNS[kind]
    assert shown[-1][0] == shown[-1][1] == sum(map(len, server.stored.values()))
    assert shown[-1][2] == "bytes"


def test_each_part_is_repeated_on_its_own() -> None:
    server = MediaServer()
    server.planned = {"put 1": [HttpResponse(503), TransportTimeout("slow")], "put 3": [ProtocolError("reset")]}
    client = client_of(server)
    assert client.run(uploads.video(client.calls, PAGE, VIDEO)) == "urn:li:video:C1"
    assert server.requests.count("initialize") == 1
    assert [server.requests.count(name) for name in PARTS] == [1, 3, 1, 2]
    assert b"".join(server.stored[name] for name in PARTS) == VIDEO


class Ending(io.BytesIO):
    """A file that is cut after its size was counted and its head read."""

    def __init__(self, content: bytes, after: int) -> None:
        super().__init__(content)
        self.after = after

    def read(self, size: int | None = -1, /) -> bytes:
        self.after -= 1
        if self.after == 0:
            self.truncate(50_000)
        return super().read(size)


def test_a_file_that_is_cut_is_never_sent_as_less() -> None:
    server = MediaServer()
    client = client_of(server)
    with pytest.raises(
        InvalidCallError, match=r"^source: has changed meanwhile: its bytes up to 60000 .* none from 50000 on"
    ):
        client.run(uploads.video(client.calls, PAGE, Ending(VIDEO, 3)))
    assert server.requests == ["initialize", "put 0"]


@pytest.mark.parametrize(
    "outcome", [HttpResponse(403), HttpResponse(410), TransportTimeout("slow"), ProtocolError("cut")]
)
@ALL
def test_no_error_shows_a_url_or_a_token(kind: str, outcome: Any) -> None:
    server = MediaServer()
    server.planned = {"put 0": [outcome] * 4}
    client = client_of(server)
    with pytest.raises(RestliError) as caught:
        client.run(MAKERS[kind](client.calls))
    shown = [(where, text) for where, text in shown_by(caught.value) if "s3cret" in text or "a-token" in text]
    assert shown == []


# -- journals ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "upload.jsonl"


class Counting(io.BytesIO):
    """A file that counts the bytes that are read of it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.count += len(content)
        return content


def video_of(client: RestliClient, source: Any, **options: Any) -> Flow[Urn]:
    return uploads.video(client.calls, PAGE, source, SRT, png(), **options)


WHOLE = ["initialize", *PARTS, "captions", "thumbnail", "finalize", "get", "get"]


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("number", range(len(WHOLE)), ids=lambda number: f"{number}-{WHOLE[number].replace(' ', '-')}")
def test_a_video_that_was_killed_is_taken_up(journal: Path, number: int, is_done: bool) -> None:
    name = WHOLE[number]
    server = MediaServer(
        statuses=["WAITING_UPLOAD" if name == "finalize" and not is_done else "PROCESSING", "AVAILABLE"]
    )
    before = WHOLE[:number].count(name)  # an earlier one of the same name
    server.planned = {name: [None] * before + [(Killed(), is_done)]}
    client = client_of(server)
    with pytest.raises(Killed):
        client.run(video_of(client, VIDEO), journal=journal)
    assert server.requests == WHOLE[: number + 1]
    seen = server.requests.copy()
    server.requests.clear()
    client = client_of(server)
    urn = client.run(video_of(client, VIDEO), journal=journal)
    # What was on its way is sent again; a first call for another URN; of finalize the status tells.
    assert urn == ("urn:li:video:C2" if name == "initialize" and is_done else "urn:li:video:C1")
    if name != "finalize":
        assert server.requests[:1] == [name]
        assert len(server.requests) <= len(WHOLE) - number
    elif is_done:
        assert server.requests == ["get", "get"]
    else:
        assert server.requests == ["get", "finalize", "get"]
    assert {*seen, *server.requests} == {*WHOLE}
    assert len(server.finalized) == 1
    assert b"".join(server.stored[part] for part in PARTS) == VIDEO
    assert server.finalized[0]["uploadedPartIds"] == ["e0", "e1", "e2", "e3"]
    # Once more: nothing is sent, and the result is the same.
    server.requests.clear()
    assert client.run(video_of(client, VIDEO), journal=journal) == urn
    assert server.requests == []


@ALL
def test_each_upload_is_taken_up(kind: str, journal: Path) -> None:
    server = MediaServer()
    server.planned = {"put 0": [Killed()]}
    client = client_of(server)
    with pytest.raises(Killed):
        client.run(MAKERS[kind](client.calls), journal=journal)
    server.requests.clear()
    assert client_of(server).run(MAKERS[kind](client.calls), journal=journal) == URNS[kind]
    assert "initialize" not in server.requests


def test_a_part_whose_tries_are_used_up_is_taken_up(journal: Path) -> None:
    for failures in ([HttpResponse(503)] * 4, [TransportTimeout("slow")] * 4):
        journal.unlink(missing_ok=True)
        server = MediaServer()
        server.planned = {"put 2": [*failures]}
        client = client_of(server)
        with pytest.raises((ServerError, TransportTimeout)):
            client.run(video_of(client, VIDEO), journal=journal)
        assert server.requests == ["initialize", "put 0", "put 1", *["put 2"] * 4]
        server.requests.clear()
        assert client.run(video_of(client, VIDEO), journal=journal) == "urn:li:video:C1"
        assert server.requests[:2] == ["put 2", "put 3"]


def test_parts_that_were_sent_are_not_read_again(journal: Path) -> None:
    content = mp4(1_000_000)
    server = MediaServer(part_size=200_000)
    server.planned = {"put 4": [Killed()]}
    client = client_of(server)
    first, second = Counting(content), Counting(content)
    with pytest.raises(Killed):
        client.run(uploads.video(client.calls, PAGE, first), journal=journal)
    client.run(uploads.video(client.calls, PAGE, second), journal=journal)
    assert server.requests.count("put 0") == 1
    assert first.count > 1_000_000
    # The head of the file, the edges of five parts, and the part that was missing.
    assert second.count == 65_536 + 5 * 2 * 4096 + 200_000


def test_another_file_is_not_the_same_upload(journal: Path) -> None:
    server = MediaServer()
    server.planned = {"put 2": [Killed()]}
    client = client_of(server)
    with pytest.raises(Killed):
        client.run(uploads.video(client.calls, PAGE, VIDEO), journal=journal)
    cut = VIDEO[:1000] + VIDEO[2000:] + VIDEO[:1000]  # as large as the other
    for other, said in ((VIDEO + b"x", "action /videos initializeUpload"), (cut, "raw PUT")):
        server.requests.clear()
        with pytest.raises(RestliError, match=f"is the journal of another flow.*{said}"):
            client.run(uploads.video(client.calls, PAGE, other), journal=journal)
        assert server.requests == []


def test_what_a_journal_has(journal: Path) -> None:
    server = MediaServer()
    client = client_of(server)
    client.run(uploads.video(client.calls, PAGE, VIDEO), journal=journal)
    text = journal.read_bytes()
    assert len(text) < 10_000  # the video has 100,000
    assert b"a-token" not in text
    assert text.count(b"s3cret") == len(PARTS)  # the URLs, in the answer to the first call
    assert journal.stat().st_mode & 0o777 == 0o600


def test_urls_that_have_expired_meanwhile(journal: Path) -> None:
    """An upload that is taken up after its URLs have expired is begun anew, and may be cut again."""
    server = MediaServer()
    server.planned = {"put 2": [Killed(), HttpResponse(403, {"Date": "Sat, 16 Jan 2027 00:00:00 GMT"})]}
    client = client_of(server)
    with pytest.raises(Killed):
        client.run(uploads.video(client.calls, PAGE, VIDEO), journal=journal)
    server.requests.clear()
    server.planned["put 1"] = [Killed()]
    with pytest.raises(Killed):
        client.run(uploads.video(client.calls, PAGE, VIDEO), journal=journal)
    assert server.requests == ["put 2", "initialize", "put 0", "put 1"]
    server.requests.clear()
    assert client.run(uploads.video(client.calls, PAGE, VIDEO), journal=journal) == "urn:li:video:C2"
    assert server.requests == ["put 1", "put 2", "put 3", "finalize", "get", "get"]
    assert server.finalized[0]["video"] == "urn:li:video:C2"


def test_a_wait_that_was_too_short_goes_on(journal: Path) -> None:
    server = MediaServer(statuses=["PROCESSING"])
    client = client_of(server)
    with pytest.raises(PollTimeoutError):
        client.run(uploads.image(client.calls, PERSON, png(), within=1), journal=journal)
    server.requests.clear()
    server.statuses = ["AVAILABLE"]
    assert client.run(uploads.image(client.calls, PERSON, png(), within=60), journal=journal) == "urn:li:image:C1"
    assert server.requests == ["get"]


def test_a_forbidden_look_is_replayed(journal: Path) -> None:
    server = MediaServer()
    server.planned = {"get": [HttpResponse(403)]}
    client = client_of(server)
    assert client.run(uploads.image(client.calls, PERSON, png()), journal=journal) == "urn:li:image:C1"
    server.requests.clear()
    assert client.run(uploads.image(client.calls, PERSON, png()), journal=journal) == "urn:li:image:C1"
    assert server.requests == []
