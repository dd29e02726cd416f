"""LinkedIn's images, documents, videos and assets, for tests: what an upload meets, from its start to its status.

    media = MediaUploads(part_size=1000, faults=Faults(seed=1, rate=0.1))
    media.add_to(server)                    a RestliServer, a FakeTransport or Handlers
    ...                                     your program uploads
    media[urn].content                      the bytes that came
    media[urn].parts[2].stored              how often the third part came in
    media.refused                           what was refused, in words

            | start: POST                        | bytes                        | answer       | end: POST
/images     | ?action=initializeUpload           | PUT of all, with a token     | 201          |
/documents  | ?action=initializeUpload           | likewise                     | 201          |
/videos     | ?action=initializeUpload           | PUT of a part, without one   | 200, an ETag | ?action=finalizeUpload
/assets     | ?action=registerUpload             | PUT or POST, with a token    | 201          |

Then GET of the entity says WAITING_UPLOAD, PROCESSING, and AVAILABLE or PROCESSING_FAILED: of an asset, its recipe.
What is checked as LinkedIn's pages say: the fields of the start; that an upload URL comes back byte for byte; who must
send a token and who must not; that a part has the bytes that it was asked for; the headers that an asset wants; that
finalizeUpload has the upload's token, and the id of each part in order.

Source: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api, .../documents-api,
.../videos-api and .../vector-asset-api. What is not documented, and chosen here: the statuses of refused bytes, and
that finalizeUpload may come twice.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpResponse
from restli_core.numbers import is_number
from restli_core.server import Invocation, Refusal
from restli_transports.testing.faults import NO_FAULT, Fault, Faults
from restli_transports.testing.handlers import Handlers, HasHandlers, target_of

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest

__all__ = ["MediaUploads", "Upload", "UploadPart"]

PART_SIZE: Final = 1 << 22  # 4 MiB, as LinkedIn cuts
MAX_VIDEO: Final = 5 * 1024**3  # the most that fileSizeBytes may say
LIFETIME: Final = 30 * 86400.0
LINKEDIN: Final = "https://www.linkedin.com"  # where upload URLs lead in memory

_UNVERSIONED: Final = "/v2"
_PREFIX: Final = "/dms-uploads/"
_MECHANISM: Final = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest"
_ASSET_HEADERS: Final = {"media-type-family": "STILLIMAGE"}


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one of the four is uploaded.

    Attributes:
        collection: the name of the resource.
        entity_type: the type of its URNs.
        verbs: the HTTP methods that bring bytes.
        token: whether a token must come with the bytes; False where it must not.
        headers: the headers that must come with them.
    """

    collection: str
    entity_type: str
    verbs: tuple[str, ...]
    token: bool
    headers: Mapping[str, str] = field(default_factory=dict)


_KINDS: Final = {
    "image": _Kind("images", "image", ("PUT",), token=True),
    "document": _Kind("documents", "document", ("PUT",), token=True),
    "video": _Kind("videos", "video", ("PUT",), token=False),
    "asset": _Kind("assets", "digitalmediaAsset", ("PUT", "POST"), token=True, headers=_ASSET_HEADERS),
}


@dataclass(slots=True, repr=False, eq=False)
class UploadPart:
    """What is sent to one upload URL: all of a file, one part of a video, its captions, or its thumbnail.

    Attributes:
        name: ``"0"``, ``"1"`` and so on; or ``"captions"``, ``"thumbnail"``.
        first: the index of its first byte in the file.
        size: how many bytes it was asked for; None where any number may come.
        length: how many came; 0 before.
        stored: how often its bytes came in and were taken.
        tries: how often a request for it came, those that failed on purpose or were refused included.
        etags: the ids that it was given, one each time, without quotes.
    """

    name: str
    first: int = 0
    size: int | None = None
    length: int = 0
    stored: int = 0
    tries: int = 0
    etags: list[str] = field(default_factory=list)
    body: bytes | None = None
    """Its bytes, where they are not in a file."""

    def __repr__(self) -> str:
        return f"<UploadPart {self.name}, stored {self.stored} times>"


class Upload:
    """One upload, as the server knows it.

    Attributes:
        urn: the URN that it was given.
        kind: ``"image"``, ``"document"``, ``"video"`` or ``"asset"``.
        owner: the owner's URN.
        fields: all that was said at its start.
        parts: what its file is sent in, in order: one for all but videos.
        captions: where captions go; None where none were announced.
        thumbnail: where a thumbnail goes, likewise.
        is_finalized: whether finalizeUpload has come.
        polls: how often its status was asked for.
        path: the file that its bytes are in; None where they are in memory.
    """

    urn: str
    kind: str
    owner: str
    fields: Mapping[str, Any]
    parts: tuple[UploadPart, ...]
    captions: UploadPart | None
    thumbnail: UploadPart | None
    is_finalized: bool
    polls: int
    path: Path | None

    def __init__(
        self, urn: str, kind: str, fields: Mapping[str, Any], parts: Sequence[UploadPart], path: Path | None
    ) -> None:
        self.urn = urn
        self.kind = kind
        self.owner = fields["owner"]
        self.fields = fields
        self.parts = tuple(parts)
        self.captions = UploadPart("captions") if fields.get("uploadCaptions") else None
        self.thumbnail = UploadPart("thumbnail") if fields.get("uploadThumbnail") else None
        self.is_finalized = False
        self.polls = 0
        self.path = path

    @property
    def every_part(self) -> tuple[UploadPart, ...]:
        """The parts, and captions and thumbnail where they were announced."""
        further = (self.captions, self.thumbnail)
        return (*self.parts, *[part for part in further if part is not None])

    @property
    def has_arrived(self) -> bool:
        """True when every part of the file has come in."""
        return all(part.stored for part in self.parts)

    @property
    def is_delivered(self) -> bool:
        """True when nothing more is to come: all bytes, and for a video its finalizeUpload."""
        return self.has_arrived and (self.kind != "video" or self.is_finalized)

    @property
    def content(self) -> bytes:
        """The bytes of the file; a RuntimeError while some are missing."""
        return b"".join(self._pieces())

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file in hexadecimal, read piece by piece; a RuntimeError while bytes are missing."""
        digest = hashlib.sha256()
        for piece in self._pieces():
            digest.update(piece)
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """The number of bytes that have come, each counted once."""
        return sum(part.length for part in self.parts)

    def _pieces(self) -> Iterator[bytes]:
        missing = [part.name for part in self.parts if not part.stored]
        if missing:
            raise RuntimeError(f"{len(missing)} of {len(self.parts)} parts have not come, the first is {missing[0]}")
        if self.path is None:
            for part in self.parts:
                yield part.body or b""
            return
        with self.path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece

    def store(self, part: UploadPart, body: bytes) -> None:
        """Keep the bytes of a part: in the file where there is one, if they are the file's."""
        if self.path is None or part not in self.parts:
            part.body = body
        else:
            with self.path.open("r+b") as file:
                file.seek(part.first)
                file.write(body)
                if part.size is None:
                    file.truncate()
        part.stored += 1
        part.length = len(body)

    def __repr__(self) -> str:
        return f"<Upload {self.urn}, {sum(1 for part in self.parts if part.stored)} of {len(self.parts)} parts>"


class MediaUploads(Mapping[str, Upload]):
    """The uploads of images, documents, videos and assets, by their URNs. It may be used from several threads.

    Args:
        part_size: how many bytes the parts of a video have, the last one excepted.
        waiting_polls: how often the status is still WAITING_UPLOAD when everything has come.
        processing_polls: how often it is PROCESSING after that.
        failure: why the media cannot be processed, such as ``"FILE_CORRUPTED"``: their last status is then
            PROCESSING_FAILED. None for AVAILABLE.
        may_read: whether the caller may ask for the status. False answers 403, as with a token that may only write.
        faults: which of the requests that bring bytes fail, by a schedule; None for none. It is drawn for each part and
            try, so that it does not depend on the order in which they come.
        seed: what ids and the secrets in URLs are made of.
        quoted_etags: whether an ETag has the quotes of HTTP around it.
        quoted_ids: whether finalizeUpload wants the ids with these quotes. LinkedIn takes them without.
        upload_token: the `uploadToken` of videos, which is often empty.
        check_tokens: whether bytes are refused that come without a token where LinkedIn's pages have one, and with one
            where they say that there is none: LinkedIn itself has been seen to be less strict.
        upload_origin: scheme, host and port of upload URLs, or a function that returns them. None for those of the
            server, over http; in memory for ``https://www.linkedin.com``, as LinkedIn has it.
        directory: where files are made, one for each upload: for uploads that are not to be held in memory. None for
            memory.
        on_stored: called when the bytes of a part have been taken, before that is answered: to end a program at a
            certain place, say. None for nothing.
        lifetime: for how many seconds an upload URL is good.
        clock: returns the time in epoch seconds.

    Raises:
        InvalidCallError: one of these is not what it should be; names it.

    Attributes:
        refused: what was refused, in words and without a secret, in the order in which it came.
    """

    refused: list[str]

    def __init__(
        self,
        *,
        part_size: int = PART_SIZE,
        waiting_polls: int = 0,
        processing_polls: int = 1,
        failure: str | None = None,
        may_read: bool = True,
        faults: Faults | None = None,
        seed: int | str = 1,
        quoted_etags: bool = True,
        quoted_ids: bool = False,
        upload_token: str = "",
        check_tokens: bool = True,
        upload_origin: str | Callable[[], str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        on_stored: Callable[[Upload, UploadPart], object] | None = None,
        lifetime: float = LIFETIME,
        clock: Callable[[], float] = time.time,
    ) -> None:
        numbers = {"part_size": (part_size, 1), "waiting_polls": (waiting_polls, 0)}
        for name, (number, least) in {**numbers, "processing_polls": (processing_polls, 0)}.items():
            if not isinstance(number, int) or isinstance(number, bool) or number < least:
                raise InvalidCallError(name, f"must be a number, {least} or above")
        if not is_number(lifetime) or lifetime <= 0:
            raise InvalidCallError("lifetime", "must be a number of seconds above 0")
        if faults is not None and not isinstance(faults, Faults):
            raise InvalidCallError("faults", "must be a schedule, as Faults(seed=1, rate=0.1); or None")
        if directory is not None and not Path(directory).is_dir():
            raise InvalidCallError("directory", "must be a directory that is there")
        if not (upload_origin is None or isinstance(upload_origin, str) or callable(upload_origin)):
            raise InvalidCallError("upload_origin", "must be text, a function that returns it, or None")
        self._part_size = part_size
        self._waiting_polls = waiting_polls
        self._processing_polls = processing_polls
        self._failure = failure
        self._may_read = may_read
        self._faults = faults
        self._seed = seed
        self._quoted_etags = quoted_etags
        self._quoted_ids = quoted_ids
        self._upload_token = upload_token
        self._check_tokens = check_tokens
        self._upload_origin = upload_origin
        self._directory = None if directory is None else Path(directory)
        self._on_stored = on_stored
        self._lifetime = lifetime
        self._clock = clock
        self._lock = threading.Lock()
        self._uploads: dict[str, Upload] = {}
        self._targets: dict[str, tuple[Upload, UploadPart, float]] = {}  # each with the time when it ends
        self.refused = []

    def add_to(self, server: HasHandlers) -> None:
        """Register the four resources, and where bytes come in, at a server, a fake or handlers."""
        for kind, how in _KINDS.items():
            resource = f"/{how.collection}/{{urn}}"
            server.on(resource, "get", self._on_get(kind))
            if kind == "asset":
                server.on(resource, "action", self._register, name="registerUpload")
            else:
                server.on(resource, "action", self._on_initialize(kind), name="initializeUpload")
        server.on("/videos/{urn}", "action", self._finalize, name="finalizeUpload")
        # Assets are not versioned: they are under /v2 also where all others are under /rest.
        server.on_raw(f"{_UNVERSIONED}/assets", partial(_answer_unversioned, server.handlers))
        self.receive_at(server)

    def receive_at(self, server: HasHandlers) -> None:
        """Register only where bytes come in: at another server than the resources', which `upload_origin` names."""
        server.on_raw(_PREFIX, self._receive, fault=self._next_fault)

    def begin(self, kind: str, fields: Mapping[str, Any]) -> Upload:
        """Begin an upload as its first call does, and return it: nobody has an upload URL for it.

        Args:
            kind: ``"image"``, ``"document"``, ``"video"`` or ``"asset"``.
            fields: what that call says, such as ``{"owner": "urn:li:organization:5"}``; for a video `fileSizeBytes`,
                too.

        Raises:
            InvalidCallError: there is no such kind, or a field is missing.
        """
        if kind not in _KINDS:
            raise InvalidCallError("kind", f"must be one of {', '.join(_KINDS)}")
        for name in ("owner", "fileSizeBytes") if kind == "video" else ("owner",):
            if name not in fields:
                raise InvalidCallError("fields", f"must have {name}")
        size = fields["fileSizeBytes"] if kind == "video" else 0
        starts = range(0, size, self._part_size)
        parts = [UploadPart(str(at), one, min(self._part_size, size - one)) for at, one in enumerate(starts)]
        with self._lock:
            name = f"D4E10AQ{self._secret(f'upload {len(self._uploads)}', 9)}"
            path = None if self._directory is None else self._directory / name
            if path is not None:
                path.touch()
            urn = f"urn:li:{_KINDS[kind].entity_type}:{name}"
            upload = self._uploads[urn] = Upload(urn, kind, fields, parts or [UploadPart("0")], path)
        return upload

    # -- what a test asks --------------------------------------------------------------------------------------------

    def __getitem__(self, urn: str) -> Upload:
        return self._uploads[str(urn)]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._uploads])

    def __len__(self) -> int:
        return len(self._uploads)

    def status(self, urn: str) -> str:
        """Return the status of an upload, as its next GET will say it; a KeyError where there is no such upload."""
        upload = self[urn]
        if not upload.is_delivered or upload.polls < self._waiting_polls:
            return "WAITING_UPLOAD"
        if upload.polls < self._waiting_polls + self._processing_polls:
            return "PROCESSING"
        return "AVAILABLE" if self._failure is None else "PROCESSING_FAILED"

    def __repr__(self) -> str:
        return f"<MediaUploads, {len(self)} uploads, {len(self.refused)} refusals>"

    # -- the start ---------------------------------------------------------------------------------------------------

    def _on_initialize(self, kind: str) -> Callable[[Invocation], Mapping[str, Any]]:
        def initialize(invocation: Invocation) -> Mapping[str, Any]:
            fields = self._fields(invocation, "initializeUploadRequest")
            if kind == "video":
                return self._initialize_video(invocation, fields)
            upload = self.begin(kind, fields)
            url, ends = self._url(invocation, upload, upload.parts[0])
            return {"uploadUrl": url, "uploadUrlExpiresAt": ends, kind: upload.urn}

        return initialize

    def _initialize_video(self, invocation: Invocation, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        size = fields.get("fileSizeBytes")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MAX_VIDEO:
            self._refuse(400, f"fileSizeBytes from 1 to {MAX_VIDEO} is required", code="INVALID_VALUE_FOR_FIELD")
        for name in ("uploadCaptions", "uploadThumbnail"):
            if not isinstance(fields.get(name, False), bool):
                self._refuse(400, f"{name} must be a boolean", code="INVALID_VALUE_FOR_FIELD")
        upload = self.begin("video", fields)
        instructions, ends = [], 0
        for part in upload.parts:
            url, ends = self._url(invocation, upload, part)
            last = min(part.first + self._part_size, size) - 1
            instructions.append({"uploadUrl": url, "firstByte": part.first, "lastByte": last})
        value = {
            "uploadUrlsExpireAt": ends,
            "video": upload.urn,
            "uploadInstructions": instructions,
            "uploadToken": self._upload_token,
        }
        for name, further in (("captionsUploadUrl", upload.captions), ("thumbnailUploadUrl", upload.thumbnail)):
            if further is not None:
                value[name], _ = self._url(invocation, upload, further)
        return value

    def _register(self, invocation: Invocation) -> Mapping[str, Any]:
        fields = self._fields(invocation, "registerUploadRequest")
        for name in ("recipes", "serviceRelationships"):
            if not isinstance(fields.get(name), list) or not fields[name]:
                self._refuse(400, f"registerUploadRequest needs {name}", code="MISSING_REQUIRED_FIELD")
        upload = self.begin("asset", fields)
        url, _ = self._url(invocation, upload, upload.parts[0])
        mechanism = {"uploadUrl": url, "headers": _KINDS["asset"].headers}
        return {"asset": upload.urn, "uploadMechanism": {_MECHANISM: mechanism}}

    def _url(self, invocation: Invocation, upload: Upload, part: UploadPart) -> tuple[str, int]:
        """Return the URL that a part goes to, and when it ends, in epoch milliseconds."""
        name = upload.urn.rpartition(":")[2]
        key = self._secret(f"{upload.urn} {part.name}", 32)
        # It must come back as it is: who decodes and encodes it sends another one.
        query = f"m={key}%253D%253D&app=1&sync=0&v=beta&ut={self._secret(key, 12)}%2F"
        target = f"{_PREFIX}sp/{name}/uploaded-{upload.kind}/{part.name}?{query}"
        ends = self._clock() + self._lifetime
        with self._lock:
            self._targets[target] = (upload, part, ends)
        return self._origin(invocation) + target, int(ends * 1000)

    def _origin(self, invocation: Invocation) -> str:
        if isinstance(self._upload_origin, str):
            return self._upload_origin
        if self._upload_origin is not None:
            return self._upload_origin()
        host = invocation.headers.get("Host")
        return LINKEDIN if host is None else f"http://{host}"

    def _secret(self, text: str, size: int) -> str:
        digest = hashlib.sha256(f"{self._seed} {text}".encode()).digest()
        return urlsafe_b64encode(digest[:size]).decode().rstrip("=")

    # -- the bytes ---------------------------------------------------------------------------------------------------

    def _next_fault(self, request: HttpRequest) -> Fault:
        found = self._targets.get(target_of(request))
        if found is None:
            return NO_FAULT
        upload, part, _ = found
        with self._lock:
            part.tries += 1
            tries = part.tries
        if self._faults is None:
            return NO_FAULT
        number = [*self._uploads].index(upload.urn)
        return replace(self._faults, seed=f"{self._faults.seed}/{number}/{part.name}").fault(tries)

    def _receive(self, request: HttpRequest) -> HttpResponse:
        """Take the bytes of a part."""
        found = self._targets.get(target_of(request))
        if found is None:
            # Not the target: it may be that of an upload but for a letter, and so a secret.
            self._refuse(403, "an upload URL that was never given, or did not come back byte for byte")
        upload, part, ends = found
        what = f"{request.method} of part {part.name} of {upload.urn}"
        how = _KINDS[upload.kind]
        if request.method not in how.verbs:
            self._refuse(405, f"{what}: bytes are sent by {' or '.join(how.verbs)}")
        self._check_token(request, part, how, what)
        if self._clock() > ends:
            self._refuse(400, f"{what}: the upload URL has expired", code="EXPIRED_UPLOAD_URL")
        for name, value in how.headers.items():
            if request.headers.get(name) != value:
                self._refuse(400, f"{what}: the header {name} must be {value}")
        if not request.body:
            self._refuse(400, f"{what}: it has no bytes")
        return self._take(request, upload, part, what)

    def _take(self, request: HttpRequest, upload: Upload, part: UploadPart, what: str) -> HttpResponse:
        is_part = upload.kind == "video" and part in upload.parts
        if is_part and len(request.body) != part.size:
            self._refuse(400, f"{what}: it has {len(request.body)} bytes, and must have {part.size}")
        if upload.is_finalized:
            self._refuse(400, f"{what}: the upload has been finalized")
        with self._lock:
            upload.store(part, request.body)
            etag = f"/ambry-video/signedId/{self._secret(f'{upload.urn} {part.name} {part.stored}', 24)}"
            if is_part:
                part.etags.append(etag)
        if self._on_stored is not None:
            self._on_stored(upload, part)
        if not is_part:
            return HttpResponse(201, {}, b"")
        return HttpResponse(200, {"ETag": f'"{etag}"' if self._quoted_etags else etag}, b"")

    def _check_token(self, request: HttpRequest, part: UploadPart, how: _Kind, what: str) -> None:
        # Of captions and thumbnails LinkedIn's pages do not say it.
        if not self._check_tokens or part.name in {"captions", "thumbnail"}:
            return
        given = request.headers.get("Authorization", "")
        if how.token and not given.startswith("Bearer "):
            self._refuse(401, f"{what}: a token is needed", code="EMPTY_ACCESS_TOKEN")
        if not how.token and given:
            self._refuse(400, f"{what}: a token must not be sent")

    # -- the end -----------------------------------------------------------------------------------------------------

    def _finalize(self, invocation: Invocation) -> None:
        fields = invocation.entity.get("finalizeUploadRequest")
        if not isinstance(fields, Mapping):
            self._refuse(400, "finalizeUploadRequest is required", code="MISSING_REQUIRED_FIELD")
        upload = self._find("video", fields.get("video"))
        what = f"finalizeUpload of {upload.urn}"
        if fields.get("uploadToken") != self._upload_token:
            self._refuse(400, f"{what}: uploadToken is not that of the upload")
        ids = fields.get("uploadedPartIds")
        if not isinstance(ids, list) or len(ids) != len(upload.parts):
            self._refuse(400, f"{what}: uploadedPartIds must be a list of {len(upload.parts)} ids")
        for index, (given, part) in enumerate(zip(ids, upload.parts, strict=True)):
            # Any that it was given: where two tries cross, nobody knows which of them came last.
            known = [f'"{etag}"' if self._quoted_ids else etag for etag in part.etags]
            if given not in known:
                self._refuse(400, f"{what}: uploadedPartIds[{index}] is not the id of that part")
        upload.is_finalized = True

    def _on_get(self, kind: str) -> Callable[[Invocation], Mapping[str, Any]]:
        def get(invocation: Invocation) -> Mapping[str, Any]:
            if not self._may_read:
                reason = f"Not enough permissions to access: {_KINDS[kind].collection}.GET.NO_VERSION"
                self._refuse(403, reason, serviceErrorCode=100, code="ACCESS_DENIED")
            upload = self._find(kind, invocation.key)
            with self._lock:
                status = self.status(upload.urn)
                upload.polls += upload.is_delivered
            if kind == "asset":
                return _asset(upload, status)
            entity = {"id": upload.urn, "owner": upload.owner, "status": status}
            if status == "PROCESSING_FAILED" and kind == "video":
                entity["processingFailureReason"] = str(self._failure)
            return entity

        return get

    def _find(self, kind: str, key: object) -> Upload:
        """Return the upload of a kind that a key names: a URN, or for an asset the id in it, too."""
        entity_type = _KINDS[kind].entity_type
        named = str(key)
        urn = f"urn:li:{entity_type}:{named}" if kind == "asset" and not named.startswith("urn:") else named
        found = self._uploads.get(urn)
        if found is None or found.kind != kind:
            self._refuse(404, f"There is no such {kind}", code="NOT_FOUND")
        return found

    def _fields(self, invocation: Invocation, name: str) -> Mapping[str, Any]:
        """Return what the start of an upload says, with its owner."""
        fields = invocation.entity.get(name)
        if not isinstance(fields, Mapping) or not isinstance(fields.get("owner"), str):
            self._refuse(400, f"{name} with an owner is required", code="MISSING_REQUIRED_FIELD")
        return fields

    def _refuse(self, status: int, reason: str, **fields: Any) -> NoReturn:
        self.refused.append(reason)
        raise Refusal(status, reason, **fields)


def _answer_unversioned(handlers: Handlers, request: HttpRequest) -> HttpResponse:
    return handlers.respond(handlers.read(request, base_path=_UNVERSIONED))


def _asset(upload: Upload, status: str) -> dict[str, Any]:
    recipes = [{"recipe": recipe, "status": status} for recipe in upload.fields["recipes"]]
    relationships = upload.fields["serviceRelationships"]
    return {
        "id": upload.urn.rpartition(":")[2],
        "mediaTypeFamily": "STILLIMAGE",
        "recipes": recipes,
        "serviceRelationships": relationships,
        "status": "ALLOWED",
    }
