"""Media: the four uploads as flows.

    check the file ──> initialize ──> put the bytes ──> [ finalize ] ──> poll until AVAILABLE ──> the URN
                           ^              │
                           └── once: the URLs have expired, as those of a journal may have

what          first call                              bytes                     token with them   last call
image         POST /images?action=initializeUpload    PUT, all at once          yes               none
document      POST /documents?action=...              PUT, all at once          yes               none
video         POST /videos?action=...                 PUT, one part at a time   no                finalizeUpload
asset         POST /v2/assets?action=registerUpload   PUT, all at once          yes               none

(https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api, .../documents-api,
.../videos-api, .../vector-asset-api.)

A flow that takes up a journal does again what it did, up to the first request that is missing there. Two things are
left to it. Whether the initialize of a run that was killed was done, nobody knows; but all it does is to set aside a
URN, and so it is sent again. Whether a finalize was done whose answer is missing, the video's status tells. What is
sent again so may be repeated at will from then on, and is sent as a raw request that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.bound_calls import Calls
from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
from restli_core.errors import (
    ForbiddenError,
    OutcomeUnknownError,
    ProtocolError,
    ServiceError,
    TransportTimeout,
)
from restli_core.flows.steps import Flow, Progress, Raw, Source, step
from restli_core.linkedin.uploads.instructions import (
    Target,
    VideoTarget,
    read_asset,
    read_target,
    read_video,
)
from restli_core.linkedin.uploads.processing import Waiting, status_of
from restli_core.linkedin.uploads.sending import ExpiredError, etag_of, put
from restli_core.linkedin.uploads.sources import MAX_API_VIDEO, MAX_POSTED_VIDEO, Media
from restli_core.responses import ActionResponse, GetResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.urn import Urn, read_urn

__all__ = ["asset", "document", "image", "video"]

WITHIN: Final = 600.0  # seconds

_OWNERS: Final = ("person", "organization")
_THUMBNAIL: Final = {"media-type-family": "STILLIMAGE"}


def image(
    calls: Calls, owner: str, source: Source, *, wait: str | None = "available", within: float = WITHIN
) -> Flow[Urn]:
    """Return a flow that uploads an image and returns its URN: ``client.run(image(client.calls, owner, "cat.jpg"))``.

    A JPG, PNG or GIF of less than 36,152,320 pixels; a GIF of at most 250 frames. It is sent in one piece, which is in
    memory meanwhile.

    Args:
        calls: the functions with the client's settings: ``client.calls``.
        owner: the person or organization that it will belong to, as a URN.
        source: the bytes, the path of a file, or a binary file that can seek.
        wait: ``"available"``: return when the image may be used in a post, or when the token may not know (403); None:
            return when all bytes were sent.
        within: seconds that may be spent on waits for that.

    Raises:
        InvalidCallError: an argument is not what it should be; raised at once. In the flow, before anything is sent:
            the file cannot be read, or is one that LinkedIn refuses; later: it has changed meanwhile.
        InvalidResponseError: in the flow, as all that follow: LinkedIn's answer does not say where the bytes go.
        ServiceError: the bytes, or a call, were refused.
        ProcessingFailedError: LinkedIn could not process it.
        PollTimeoutError: it was not available in time.
    """
    return _whole(_Subject("image", calls, owner, Waiting(wait, within)), Media("source", source), Media.image)


def document(
    calls: Calls, owner: str, source: Source, *, wait: str | None = "available", within: float = WITHIN
) -> Flow[Urn]:
    """Return a flow that uploads a document and returns its URN.

    A PDF, PPT, PPTX, DOC or DOCX of at most 100 MB (and 300 pages, which are not counted here). It is sent in one
    piece, which is in memory meanwhile. Arguments and errors are those of `image`.
    """
    subject = _Subject("document", calls, owner, Waiting(wait, within))
    return _whole(subject, Media("source", source), Media.document)


def video(  # noqa: PLR0917 - what else goes with a video, in the order in which it is needed
    calls: Calls,
    owner: str,
    source: Source,
    captions: Source | None = None,
    thumbnail: Source | None = None,
    posts: bool = True,
    *,
    wait: str | None = "available",
    within: float = WITHIN,
    keep_quotes: bool = False,
) -> Flow[Urn]:
    """Return a flow that uploads a video and returns its URN.

    An MP4 of 75 KB at least (and 3 seconds to 30 minutes, which are not counted here). It is read and sent part by
    part, and one of them, 4 MiB as a rule, is in memory at a time. Each part is repeated on its own, as the client's
    policy says for what only reads. With ``client.run(flow, journal=path)`` an upload that was cut is taken up where it
    was: parts that were sent are neither sent nor read again, but for their edges.

    Further arguments and errors are those of `image`.

    Args:
        calls: as for `image`.
        owner: likewise.
        source: likewise.
        captions: subtitles in SRT; None for none.
        thumbnail: an image, as for `image`; None for LinkedIn's choice.
        posts: whether it is for a post or an ad, which take 500 MB at most; False: 5 GB.
        wait: likewise.
        within: likewise.
        keep_quotes: whether the ids of the parts keep the quotes that their ETags come in.

    Raises:
        InvalidResponseError: in the flow: as for `image`; the parts do not make up the file; a part has no ETag.
    """
    for name, given in (("posts", posts), ("keep_quotes", keep_quotes)):
        if not isinstance(given, bool):
            raise InvalidCallError(name, "must be True or False")
    return _VideoUpload(
        _Subject("video", calls, owner, Waiting(wait, within)),
        Media("source", source),
        None if captions is None else Media("captions", captions),
        None if thumbnail is None else Media("thumbnail", thumbnail),
        most=MAX_POSTED_VIDEO if posts else MAX_API_VIDEO,
        keep_quotes=keep_quotes,
    ).run()


def asset(
    calls: Calls,
    owner: str,
    source: Source,
    *,
    recipe: str = "feedshare-image",
    wait: str | None = "available",
    within: float = WITHIN,
) -> Flow[Urn]:
    """Return a flow that uploads an image or a video by the older API of assets, and returns its URN.

    The URN, a ``urn:li:digitalmediaAsset:...``, is for ``/v2/ugcPosts``. Its calls go to ``/v2`` without a version,
    whatever the client's is; a base URL of one's own that ends in ``/rest`` ends in ``/v2`` for them. All is sent in
    one piece. Further arguments and errors are those of `image`.

    Args:
        calls: as for `image`.
        owner: likewise.
        source: likewise.
        recipe: what it is for: ``"feedshare-image"``, ``"feedshare-video"`` or another word of LinkedIn's, or a
            ``urn:li:digitalmediaRecipe:...``. A file for one that ends in ``image`` or ``video`` is checked as such.
        wait: likewise.
        within: likewise.
    """
    urn = _check_recipe(recipe)
    checks = {"image": Media.image, "video": _posted_video}
    check = next((check for end, check in checks.items() if urn.endswith(end)), Media.of_any_type)
    subject = _AssetSubject(calls, owner, Waiting(wait, within), urn)
    return _whole(subject, Media("source", source), check)


def _check_recipe(recipe: Any) -> Urn:
    try:
        if isinstance(recipe, str) and recipe:
            return Urn(recipe) if recipe.startswith("urn:") else Urn.of("digitalmediaRecipe", recipe)
    except InvalidCallError:
        pass
    raise InvalidCallError("recipe", "must be a word such as 'feedshare-image', or a urn:li:digitalmediaRecipe:...")


def _posted_video(media: Media) -> Flow[int]:
    return (yield from media.video(MAX_POSTED_VIDEO))


class _Subject:
    """What is uploaded: its calls, for whom it is, and how long to wait for it.

    Attributes:
        is_versioned: whether its calls are those of a version of LinkedIn's API.
    """

    is_versioned: ClassVar[bool] = True

    def __init__(self, name: str, calls: Calls, owner: str, waiting: Waiting) -> None:
        if not isinstance(calls, Calls):
            raise InvalidCallError("calls", "must be a Calls, such as client.calls")
        if self.is_versioned and calls.base_url is None and calls.version_string is None:
            reason = (
                "have no version, without which LinkedIn has no such resource: set version_string, such as '202609'"
            )
            raise InvalidCallError("calls", reason)
        self.name = name
        self.calls = calls
        self.owner = _check_owner(owner)
        self.waiting = waiting

    @property
    def path(self) -> str:
        """The path of its resource."""
        return f"/{self.name}s"

    def start(self, **further: Any) -> Call[ActionResponse]:
        """Return the call that begins the upload."""
        params = {"initializeUploadRequest": {"owner": self.owner, **further}}
        return self.calls.action(self.path, "initializeUpload", params)

    def read(self, answer: ActionResponse) -> Target:
        """Return where the bytes go."""
        return read_target(answer, self.name)

    def get(self, urn: Urn) -> Call[GetResponse]:
        """Return the call that gets what was uploaded."""
        return self.calls.get(f"{self.path}/{{urn}}", path_keys={"urn": urn})


class _AssetSubject(_Subject):
    """An asset of the older API.

    Args:
        recipe: the URN of what it is for.
    """

    is_versioned = False

    def __init__(self, calls: Calls, owner: str, waiting: Waiting, recipe: Urn) -> None:
        super().__init__("asset", calls, owner, waiting)
        base = calls.base_url
        if base is not None and base.endswith("/rest"):
            base = base.removesuffix("rest") + "v2"
        self.calls = Calls(None, base, calls.headers, calls.dumps)
        self._recipe = recipe

    def start(self, **_further: Any) -> Call[ActionResponse]:
        relation = {"relationshipType": "OWNER", "identifier": "urn:li:userGeneratedContent"}
        request = {"owner": self.owner, "recipes": [self._recipe], "serviceRelationships": [relation]}
        return self.calls.action(self.path, "registerUpload", {"registerUploadRequest": request})

    def read(self, answer: ActionResponse) -> Target:
        return read_asset(answer)

    def get(self, urn: Urn) -> Call[GetResponse]:
        return self.calls.get(f"{self.path}/{{id}}", path_keys={"id": urn.id})


def _check_owner(owner: Any) -> Urn:
    if not isinstance(owner, str):
        raise InvalidCallError("owner", f"must be the URN of a person or an organization, not {type(owner).__name__}")
    urn = read_urn(owner)
    if urn is None or urn.namespace != "li" or urn.entity_type not in _OWNERS:
        raise InvalidCallError("owner", "must be a urn:li:person:... or a urn:li:organization:...")
    return urn


def _begun(call: Call[ActionResponse]) -> Flow[ActionResponse]:
    """Send the call that begins an upload, and return its answer."""
    try:
        return (yield from step(call))
    except OutcomeUnknownError:
        pass
    # An earlier run was killed in it. If it was done, its URN is never used.
    return call.parse((yield from step(_repeatable(call))))


def _repeatable(call: Call[Any]) -> Raw:
    """Return a call as a request that policy and journal may repeat at will."""
    return Raw(call.request, authorize=True, kind="safe")


def _once_more(upload: Callable[[], Flow[Urn]]) -> Flow[Urn]:
    """Upload, from the start once more where the URLs have expired."""
    try:
        return (yield from upload())
    except ExpiredError:
        pass
    try:
        return (yield from upload())
    except ExpiredError as expired:
        error = expired.error
    raise error


# -- in one piece ------------------------------------------------------------------------------------------------------


def _whole(subject: _Subject, media: Media, check: Callable[[Media], Flow[int]]) -> Flow[Urn]:
    """Return a flow that uploads a file in one piece."""
    call = subject.start()  # here, so that what cannot be sent is refused at once

    def upload(size: int) -> Flow[Urn]:
        target = subject.read((yield from _begun(call)))
        yield from media.unchanged(size)
        yield Progress(0, size, "bytes")
        yield from put(target.url, media, 0, size, headers=target.headers, authorize=True, expires=target.expires)
        yield Progress(size, size, "bytes")
        return target.urn

    def run() -> Flow[Urn]:
        size = yield from check(media)
        urn = yield from _once_more(lambda: upload(size))
        return (yield from subject.waiting.available(urn, subject.get(urn)))

    return run()


# -- part by part ------------------------------------------------------------------------------------------------------


class _VideoUpload:
    """The flow of one video, in its pieces."""

    def __init__(
        self,
        subject: _Subject,
        media: Media,
        captions: Media | None,
        thumbnail: Media | None,
        *,
        most: int,
        keep_quotes: bool,
    ) -> None:
        self._subject = subject
        self._media = media
        self._captions = captions
        self._thumbnail = thumbnail
        self._most = most
        self._keep_quotes = keep_quotes

    def run(self) -> Flow[Urn]:
        """Check all files, upload them, and wait for the video."""
        size = yield from self._media.video(self._most)
        captions = 0 if self._captions is None else (yield from self._captions.subtitles())
        thumbnail = 0 if self._thumbnail is None else (yield from self._thumbnail.image())
        urn = yield from _once_more(lambda: self._upload(size, captions, thumbnail))
        return (yield from self._subject.waiting.available(urn, self._subject.get(urn)))

    def _upload(self, size: int, captions: int, thumbnail: int) -> Flow[Urn]:
        """Upload the files, of so many bytes each; 0 for one that is not there."""
        further = {"fileSizeBytes": size, "uploadCaptions": captions > 0, "uploadThumbnail": thumbnail > 0}
        answer = yield from _begun(self._subject.start(**further))
        target = read_video(answer, size, captions=captions > 0, thumbnail=thumbnail > 0)
        yield Progress(0, size, "bytes")
        etags: list[str] = []
        for part in target.parts:
            raw, response = yield from put(
                part.url, self._media, part.start, part.size, authorize=False, expires=target.expires
            )
            etags.append(etag_of(raw, response, keep_quotes=self._keep_quotes))
            yield Progress(part.start + part.size, size, "bytes")
        for media, further_size, url, headers in (
            (self._captions, captions, target.captions_url, None),
            (self._thumbnail, thumbnail, target.thumbnail_url, _THUMBNAIL),
        ):
            if media is not None and url is not None:
                yield from media.unchanged(further_size)
                yield from put(url, media, 0, further_size, headers=headers, authorize=False, expires=target.expires)
        # A part that is missing is noticed where it is read; but nobody reads on where the file has grown.
        yield from self._media.unchanged(size)
        yield from self._finalize(target, etags)
        return target.urn

    def _finalize(self, target: VideoTarget, etags: list[str]) -> Flow[None]:
        """End the upload. Where its answer is lost, look whether it was done before it is sent again."""
        subject = self._subject
        params = {"video": target.urn, "uploadToken": target.token, "uploadedPartIds": etags}
        call = subject.calls.action(subject.path, "finalizeUpload", {"finalizeUploadRequest": params})
        try:
            yield from step(call)
        except RestliError as error:
            if not _is_doubtful(error):
                raise
        else:
            return
        if (yield from self._is_finalized(target.urn)):
            return
        response = yield from step(_repeatable(call))
        # A refusal may be that of a second one, where the answer to the first was lost after all.
        if 400 <= response.status_code < 500 and (yield from self._is_finalized(target.urn)):
            return
        call.parse(response)

    def _is_finalized(self, urn: Urn) -> Flow[bool]:
        """Return whether LinkedIn has begun with the video, or is done; False too where the token may not know."""
        try:
            answer = yield from step(self._subject.get(urn))
        except ForbiddenError:
            return False
        return status_of(answer.entity) not in {None, "WAITING_UPLOAD"}


def _is_doubtful(error: RestliError) -> bool:
    """Return whether a call that failed so may have been done."""
    if isinstance(error, ServiceError):
        return error.status_code == 408 or error.status_code >= 500
    return isinstance(error, OutcomeUnknownError | TransportTimeout | ProtocolError)
