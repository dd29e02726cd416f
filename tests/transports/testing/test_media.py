"""The uploads of images, documents, videos and assets that the embedded server takes, and what it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from restli_core import BadRequestError, ForbiddenError, InvalidCallError, NotFoundError, RestliError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports import RestliClient, Timeout
from restli_transports.testing import FakeTransport, Faults, MediaUploads, RestliServer

OWNER = "urn:li:organization:5"
TOKEN = {"Authorization": "Bearer a-token"}
ASSET = {
    "owner": OWNER,
    "recipes": ["urn:li:digitalmediaRecipe:feedshare-image"],
    "serviceRelationships": [{"relationshipType": "OWNER", "identifier": "urn:li:userGeneratedContent"}],
}
MECHANISM = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest"


class World:
    """A client of a fake that takes uploads."""

    def __init__(self, **options: Any) -> None:
        self.media = MediaUploads(**options)
        self.fake = FakeTransport()
        self.media.add_to(self.fake)
        self.client = RestliClient(self.fake, access_token="a-token", version_string="202609", retry=None)

    def start(self, kind: str, **fields: Any) -> Mapping[str, Any]:
        request = {"initializeUploadRequest": {"owner": OWNER, **fields}}
        value: Mapping[str, Any] = self.client.action(f"/{kind}", "initializeUpload", request).value
        return value

    def video(self, size: int, **fields: Any) -> Mapping[str, Any]:
        return self.start("videos", fileSizeBytes=size, **fields)

    def put(self, url: str, body: bytes, headers: Mapping[str, str] | None = None, verb: str = "PUT") -> HttpResponse:
        return self.fake.send(HttpRequest(verb, url, headers or {}, body))

    def parts(self, started: Mapping[str, Any], content: bytes) -> list[str]:
        """Send all parts of a video, and return their ids without quotes."""
        ids = []
        for one in started["uploadInstructions"]:
            answer = self.put(one["uploadUrl"], content[one["firstByte"] : one["lastByte"] + 1])
            assert answer.status_code == 200
            ids.append(answer.headers["ETag"].strip('"'))
        return ids

    def finalize(self, video: str, ids: Any, token: str = "", **fields: Any) -> None:
        request = {"video": video, "uploadToken": token, "uploadedPartIds": ids, **fields}
        self.client.action("/videos", "finalizeUpload", {"finalizeUploadRequest": request})

    def status(self, kind: str, urn: str) -> str:
        status: str = self.client.get(f"/{kind}/{{urn}}", path_keys={"urn": urn}).entity["status"]
        return status


@pytest.mark.parametrize(("kind", "field"), [("images", "image"), ("documents", "document")])
def test_one_body_is_taken_with_a_token(kind: str, field: str) -> None:
    world = World()
    started = world.start(kind)
    assert started.keys() == {field, "uploadUrl", "uploadUrlExpiresAt"}
    assert world.status(kind, started[field]) == "WAITING_UPLOAD"
    assert world.put(started["uploadUrl"], b"content").status_code == 401
    answer = world.put(started["uploadUrl"], b"content", TOKEN)
    assert (answer.status_code, answer.body) == (201, b"")
    assert [world.status(kind, started[field]) for _ in range(3)] == ["PROCESSING", "AVAILABLE", "AVAILABLE"]
    upload = world.media[started[field]]
    assert (upload.content, upload.owner, upload.size) == (b"content", OWNER, 7)
    assert upload.sha256 == hashlib.sha256(b"content").hexdigest()
    assert (upload.parts[0].stored, upload.parts[0].tries) == (1, 2)


def test_a_video_comes_part_by_part_in_any_order() -> None:
    world = World(part_size=4)
    started = world.video(10)
    cuts = [(one["firstByte"], one["lastByte"]) for one in started["uploadInstructions"]]
    assert cuts == [(0, 3), (4, 7), (8, 9)]
    last, *others = [one["uploadUrl"] for one in reversed(started["uploadInstructions"])]
    assert world.put(last, b"89").headers["ETag"][::-1][0] == '"'
    upload = world.media[started["video"]]
    with pytest.raises(RuntimeError, match="2 of 3 parts have not come, the first is 0"):
        _ = upload.content
    for url, piece in zip(others, (b"4567", b"0123"), strict=True):
        world.put(url, piece)
    assert world.status("videos", upload.urn) == "WAITING_UPLOAD"
    world.finalize(upload.urn, [part.etags[0] for part in upload.parts])
    assert upload.content == b"0123456789"
    assert [world.status("videos", upload.urn) for _ in range(2)] == ["PROCESSING", "AVAILABLE"]


@pytest.mark.parametrize("size", [1, 4, 5, 8])
def test_the_parts_are_the_whole(size: int) -> None:
    world = World(part_size=4)
    content = bytes(range(size))
    started = world.video(size)
    world.parts(started, content)
    assert world.media[started["video"]].content == content


def test_bytes_may_be_kept_in_files(tmp_path: Path) -> None:
    world = World(part_size=4, directory=tmp_path)
    started = world.video(10, uploadCaptions=True)
    world.parts(started, b"01234567XX")
    world.parts(started, b"0123456789")  # sent again
    world.put(started["captionsUploadUrl"], b"1")
    upload = world.media[started["video"]]
    assert upload.path is not None
    assert upload.path.read_bytes() == upload.content == b"0123456789"
    assert [part.body for part in upload.parts] == [None] * 3
    assert upload.captions is not None
    assert upload.captions.body == b"1"
    image = world.start("images")
    for body in (b"a longer one", b"short"):
        world.put(image["uploadUrl"], body, TOKEN)
    assert world.media[image["image"]].content == b"short"
    assert world.media[image["image"]].size == 5


def test_captions_and_a_thumbnail_go_to_urls_of_their_own() -> None:
    world = World()
    assert not {"captionsUploadUrl", "thumbnailUploadUrl"} & world.video(5).keys()
    started = world.video(5, uploadCaptions=True, uploadThumbnail=True)
    assert world.put(started["captionsUploadUrl"], b"1", TOKEN).status_code == 201
    assert world.put(started["thumbnailUploadUrl"], b"2").status_code == 201
    upload = world.media[started["video"]]
    assert [part.name for part in upload.every_part] == ["0", "captions", "thumbnail"]
    assert [part.body for part in upload.every_part] == [None, b"1", b"2"]


def test_an_asset_takes_its_headers_and_either_verb() -> None:
    world = World()
    value = world.client.action("/assets", "registerUpload", {"registerUploadRequest": ASSET}).value
    mechanism = value["uploadMechanism"][MECHANISM]
    assert world.put(mechanism["uploadUrl"], b"x", TOKEN).status_code == 400
    for verb in ("PUT", "POST"):
        answer = world.put(mechanism["uploadUrl"], b"content", {**TOKEN, **mechanism["headers"]}, verb)
        assert answer.status_code == 201
    key = value["asset"].rpartition(":")[2]
    statuses = []
    for one in (key, value["asset"]):
        entity = world.client.get("/assets/{id}", path_keys={"id": one}).entity
        statuses += [recipe["status"] for recipe in entity["recipes"]]
    assert statuses == ["PROCESSING", "AVAILABLE"]
    for name in ("owner", "recipes", "serviceRelationships"):
        less = {field: given for field, given in ASSET.items() if field != name}
        with pytest.raises(BadRequestError, match=name):
            world.client.action("/assets", "registerUpload", {"registerUploadRequest": less})


def test_an_upload_url_comes_back_byte_for_byte() -> None:
    world = World()
    url = world.start("images")["uploadUrl"]
    assert url.startswith("https://www.linkedin.com/dms-uploads/sp/")
    assert "%253D%253D" in url
    for other in (url.replace("%253D", "%3D"), url.replace("%2F", "%2f"), f"{url}&a=1", url.replace("m=", "m=x")):
        assert world.put(other, b"x", TOKEN).status_code == 403
    assert len(world.media.refused) == 4
    assert not any(part in refused for refused in world.media.refused for part in url.split("&"))
    assert world.put(url, b"x", TOKEN).status_code == 201


def test_a_part_is_refused_that_is_not_as_asked_for() -> None:
    world = World(part_size=4)
    started = world.video(8)
    url = started["uploadInstructions"][0]["uploadUrl"]
    for body, headers, verb, status in (
        (b"012", {}, "PUT", 400),
        (b"01234", {}, "PUT", 400),
        (b"", {}, "PUT", 400),
        (b"0123", TOKEN, "PUT", 400),
        (b"0123", {}, "POST", 405),
    ):
        assert world.put(url, body, headers, verb).status_code == status
    assert len(world.media.refused) == 5
    assert world.media[started["video"]].parts[0].stored == 0
    lenient = World(part_size=4, check_tokens=False)
    assert lenient.put(lenient.video(4)["uploadInstructions"][0]["uploadUrl"], b"0123", TOKEN).status_code == 200
    assert lenient.put(lenient.start("images")["uploadUrl"], b"0123").status_code == 201


def test_a_video_is_finalized_with_the_ids_of_its_parts_in_order() -> None:
    world = World(part_size=4, upload_token="token")
    started = world.video(8)
    video, ids = started["video"], world.parts(started, b"01234567")
    again = world.parts(started, b"01234567")
    assert not {*ids} & {*again}
    quoted = [f'"{one}"' for one in ids]
    for wrong in (ids[:1], [*ids, ids[0]], ids[::-1], quoted, None, [ids[0], "another"]):
        with pytest.raises(BadRequestError, match="uploadedPartIds"):
            world.finalize(video, wrong, "token")
    with pytest.raises(BadRequestError, match="uploadToken"):
        world.finalize(video, ids)
    with pytest.raises(NotFoundError):
        world.finalize("urn:li:video:another", ids, "token")
    with pytest.raises(BadRequestError, match="finalizeUploadRequest"):
        world.client.action("/videos", "finalizeUpload", {})
    assert not world.media[video].is_finalized
    world.finalize(video, [ids[0], again[1]], "token")
    world.finalize(video, ids, "token")  # whose first answer was lost
    late = world.put(started["uploadInstructions"][0]["uploadUrl"], b"0123")
    assert late.status_code == 400


@pytest.mark.parametrize("part", [0, 1])
def test_a_video_with_a_missing_part_is_not_finalized(part: int) -> None:
    world = World(part_size=4)
    started = world.video(8)
    one = started["uploadInstructions"][part]
    etag = world.put(one["uploadUrl"], b"0123").headers["ETag"].strip('"')
    with pytest.raises(BadRequestError, match="uploadedPartIds"):
        world.finalize(started["video"], [etag, etag])


def test_the_ids_may_be_wanted_with_their_quotes() -> None:
    world = World(quoted_ids=True)
    started = world.video(4)
    (plain,) = world.parts(started, b"0123")
    with pytest.raises(BadRequestError):
        world.finalize(started["video"], [plain])
    world.finalize(started["video"], [f'"{plain}"'])
    world = World(quoted_etags=False)
    answer = world.put(world.video(4)["uploadInstructions"][0]["uploadUrl"], b"0123")
    assert '"' not in answer.headers["ETag"]


@pytest.mark.parametrize("size", [0, -1, 5 * 1024**3 + 1, "5", True, None])
def test_a_video_has_a_size(size: Any) -> None:
    with pytest.raises(BadRequestError, match="fileSizeBytes"):
        World().video(size)


def test_a_start_says_whether_captions_come() -> None:
    with pytest.raises(BadRequestError, match="uploadCaptions must be a boolean"):
        World().video(5, uploadCaptions="yes")


def test_the_largest_video_is_cut_without_its_bytes() -> None:
    started = World().video(5 * 1024**3)
    assert len(started["uploadInstructions"]) == 1280
    assert started["uploadInstructions"][-1]["lastByte"] == 5 * 1024**3 - 1


def test_statuses_come_when_they_should() -> None:
    world = World(waiting_polls=2, processing_polls=0, failure="FILE_CORRUPTED")
    started = world.video(4)
    assert world.status("videos", started["video"]) == "WAITING_UPLOAD"
    world.finalize(started["video"], world.parts(started, b"0123"))
    seen = [world.status("videos", started["video"]) for _ in range(3)]
    assert seen == ["WAITING_UPLOAD", "WAITING_UPLOAD", "PROCESSING_FAILED"]
    assert world.media.status(started["video"]) == "PROCESSING_FAILED"
    entity = world.client.get("/videos/{urn}", path_keys={"urn": started["video"]}).entity
    assert entity["processingFailureReason"] == "FILE_CORRUPTED"
    found = world.client.batch_get("/videos", [started["video"], "urn:li:video:another"])
    assert found.results[started["video"]]["owner"] == OWNER
    assert [row.status for row in found.rows] == [200, 404]


def test_a_token_that_may_only_write_gets_no_status() -> None:
    world = World(may_read=False)
    with pytest.raises(ForbiddenError, match=r"images\.GET"):
        world.status("images", world.start("images")["image"])


def test_one_kind_is_not_another() -> None:
    world = World()
    with pytest.raises(NotFoundError):
        world.status("documents", world.start("images")["image"])


def test_a_url_ends_with_its_time() -> None:
    now = [1000.0]
    world = World(lifetime=60, clock=lambda: now[0])
    started = world.start("images")
    assert started["uploadUrlExpiresAt"] == 1_060_000
    assert world.put(started["uploadUrl"], b"x", TOKEN).status_code == 201
    now[0] += 61
    late = world.put(started["uploadUrl"], b"x", TOKEN)
    assert late.status_code == 400
    assert b"EXPIRED_UPLOAD_URL" in late.body


def outcomes(**options: Any) -> list[str]:
    """Return what becomes of the tries of twenty parts, sent in the order that is given."""
    order = options.pop("order")
    world = World(part_size=1, **options)
    started = world.video(20)
    seen: dict[int, list[str]] = {index: [] for index in range(20)}
    for index in order:
        for _ in range(3):
            try:
                seen[index].append(str(world.put(started["uploadInstructions"][index]["uploadUrl"], b"x").status_code))
            except RestliError as error:
                seen[index].append(type(error).__name__)
    return [" ".join(seen[index]) for index in range(20)]


def test_the_same_parts_fail_in_any_order() -> None:
    faults = Faults(seed=3, rate=0.3, kinds=["500", "reset_before", "reset_after"])
    forwards = outcomes(faults=faults, order=range(20))
    assert forwards == outcomes(faults=faults, order=range(19, -1, -1))
    assert {word for one in forwards for word in one.split()} == {"200", "500", "ProtocolError"}
    assert {*outcomes(faults=None, order=range(20))} == {"200 200 200"}
    assert forwards != outcomes(faults=Faults(seed=4, rate=0.3, kinds=["500", "reset_before"]), order=range(20))


def test_a_lost_answer_leaves_the_bytes() -> None:
    world = World(faults=Faults(rate=1, kinds=["reset_after"]))
    started = world.video(4)
    with pytest.raises(RestliError):
        world.put(started["uploadInstructions"][0]["uploadUrl"], b"0123")
    assert world.media[started["video"]].content == b"0123"
    world = World(faults=Faults(rate=1, kinds=["reset_before"]))
    started = world.video(4)
    with pytest.raises(RestliError):
        world.put(started["uploadInstructions"][0]["uploadUrl"], b"0123")
    assert not world.media[started["video"]].has_arrived
    assert world.media[started["video"]].parts[0].tries == 1


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("part_size", 0),
        ("part_size", True),
        ("waiting_polls", -1),
        ("processing_polls", 1.0),
        ("lifetime", 0),
        ("faults", 0.1),
        ("directory", "/no/such/directory"),
        ("upload_origin", 5),
    ],
)
def test_arguments_are_checked(argument: str, value: Any) -> None:
    with pytest.raises(InvalidCallError, match=argument):
        MediaUploads(**{argument: value})


def test_an_upload_may_begin_without_a_call() -> None:
    world = World(part_size=4)
    upload = world.media.begin("video", {"owner": OWNER, "fileSizeBytes": 6})
    assert [(part.first, part.size) for part in upload.parts] == [(0, 4), (4, 2)]
    assert world.status("videos", upload.urn) == "WAITING_UPLOAD"
    for kind, fields in (("film", {"owner": OWNER}), ("video", {"owner": OWNER}), ("image", {})):
        with pytest.raises(InvalidCallError, match="kind" if kind == "film" else "fields"):
            world.media.begin(kind, fields)


def test_it_is_a_mapping_of_uploads() -> None:
    world = World()
    urn = world.start("images")["image"]
    assert [*world.media] == [urn]
    assert len(world.media) == 1
    assert repr(world.media) == "<MediaUploads, 1 uploads, 0 refusals>"
    assert repr(world.media[urn]) == f"<Upload {urn}, 0 of 1 parts>"
    assert repr(world.media[urn].parts[0]) == "<UploadPart 0, stored 0 times>"


@pytest.mark.sockets
def test_urls_lead_to_the_server_or_to_another() -> None:
    request = {"initializeUploadRequest": {"owner": OWNER}}
    with RestliServer(base_path="/rest", versions=["202609"]) as server, RestliServer() as other:
        for origin, chosen in ((server.base_url.removesuffix("/rest"), None), (other.base_url, lambda: other.base_url)):
            media = MediaUploads(upload_origin=chosen)
            media.add_to(server)
            media.receive_at(other)
            with RestliClient(base_url=server.base_url, version_string="202609") as client:
                url = client.action("/images", "initializeUpload", request).value["uploadUrl"]
                assert url.startswith(f"{origin}/dms-uploads/")
                answer = client.transport.send(HttpRequest("PUT", url, TOKEN, b"content"), timeout=Timeout())
                assert answer.status_code == 201
    fixed = MediaUploads(upload_origin="https://media.example")
    fake = FakeTransport()
    fixed.add_to(fake)
    started = RestliClient(fake, access_token="a").action("/images", "initializeUpload", request)
    assert started.value["uploadUrl"].startswith("https://media.example/dms-uploads/")
