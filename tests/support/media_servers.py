"""Media servers in memory: what LinkedIn answers to uploads, request by request, with failures that a test plans.

A `MediaServer` is a table of answers: it performs the steps of a flow by itself, and is a transport for clients.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

from restli_core import Call, HttpRequest, HttpResponse
from restli_core.flows import Progress, Raw, Read, Size, Source, Wait, run
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock

__all__ = ["AsyncMediaTransport", "Killed", "MediaServer", "MediaTransport", "read"]

T = TypeVar("T")

UPLOADS: Final = "https://www.linkedin.com/dms-uploads/s3cret%253Dpath"
MECHANISM: Final = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest"


class Killed(BaseException):
    """The program was killed."""


def read(source: Source, start: int = 0, size: int | None = None) -> bytes:
    """Return bytes of a source, all by default."""
    if isinstance(source, bytes):
        content = source
    elif isinstance(source, str | os.PathLike):
        content = Path(source).read_bytes()
    else:
        source.seek(0)
        content = source.read()
    return content[start : None if size is None else start + size]


class MediaServer:
    """LinkedIn's end of uploads.

    Args:
        part_size: how many bytes the parts of videos have.
        statuses: what gets say, the last of them for ever.
        changes: what the value of the first answer has otherwise; a field that is ... is missing.

    Attributes:
        requests: what came: "initialize", "put 0", "put 1", "captions", "thumbnail", "finalize", "get".
        sent: each request, as it came.
        stored: what each put brought, by its name.
        finalized: the parameters of each finalize that was done.
        planned: by the name of a request, outcomes of the next ones: answers, or exceptions to raise. A tuple of
            either and True: the request is done all the same.
        waits, progress, reads: what the flow yielded of these, where it is run here.
    """

    def __init__(
        self, part_size: int = 30_000, statuses: Iterable[str] = ("PROCESSING", "AVAILABLE"), **changes: Any
    ) -> None:
        self.part_size = part_size
        self.statuses = [*statuses]
        self.changes = changes
        self.requests: list[str] = []
        self.sent: list[HttpRequest] = []
        self.stored: dict[str, bytes] = {}
        self.finalized: list[dict[str, Any]] = []
        self.planned: dict[str, list[Any]] = {}
        self.waits: list[float] = []
        self.progress: list[Progress] = []
        self.reads: list[Read] = []
        self._uploads = 0

    # -- as what performs the steps of a flow ----------------------------------------------------------------------

    def run(self, flow: Generator[Any, Any, T]) -> T:
        """Run a flow to its end."""
        return run(flow, self.perform)

    def perform(self, step: Any) -> Any:
        """Perform a step."""
        if isinstance(step, Call):
            return step.parse(self.respond(step.request))
        if isinstance(step, Raw):
            request = step.request
            if step.body is not None:
                body = read(step.body.source, step.body.start, step.body.size)
                request = HttpRequest(request.method, request.url, request.headers, body)
            return self.respond(request)
        if isinstance(step, Read):
            self.reads.append(step)
            return read(step.source, step.start, step.size)
        if isinstance(step, Size):
            return len(read(step.source))
        if isinstance(step, Wait):
            return self.waits.append(step.seconds)
        assert isinstance(step, Progress)
        return self.progress.append(step)

    # -- as a server -----------------------------------------------------------------------------------------------

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to a request, or raise what is planned for it."""
        name = self._name(request)
        self.requests.append(name)
        self.sent.append(request)
        planned = self.planned.get(name) or [None]
        outcome = planned.pop(0)
        outcome, is_done = outcome if isinstance(outcome, tuple) else (outcome, outcome is None)
        answer: Any = getattr(self, f"_{name.partition(' ')[0]}")(request, name) if is_done else None
        if isinstance(outcome, BaseException):
            raise outcome
        response: HttpResponse = answer if outcome is None else outcome
        return response

    def _name(self, request: HttpRequest) -> str:
        if request.url.startswith(UPLOADS):
            return request.url.partition("?part=")[2].replace("+", " ")
        if request.method == "GET":
            return "get"
        return "finalize" if "finalizeUpload" in request.url else "initialize"

    def _initialize(self, request: HttpRequest, _name: str) -> HttpResponse:
        self._uploads += 1
        (given,) = json.loads(request.body).values()
        if "registerUpload" in request.url:
            mechanism = {"uploadUrl": self._url("put+0"), "headers": {"media-type-family": "STILLIMAGE"}}
            value: dict[str, Any] = {
                "asset": f"urn:li:digitalmediaAsset:A{self._uploads}",
                "uploadMechanism": {MECHANISM: mechanism},
            }
        else:
            kind = request.url.partition("?")[0].rpartition("/")[2].removesuffix("s")
            value = {kind: f"urn:li:{kind}:C{self._uploads}", "uploadUrlExpiresAt": 1_800_000_000_000}
            if kind != "video":
                value["uploadUrl"] = self._url("put+0")
            else:
                value |= self._of_video(given)
        value = {name: one for name, one in {**value, **self.changes}.items() if one is not ...}
        return HttpResponse(200, {}, json.dumps({"value": value}).encode())

    def _of_video(self, given: dict[str, Any]) -> dict[str, Any]:
        size = given["fileSizeBytes"]
        starts = range(0, size, self.part_size)
        parts = [
            {
                "uploadUrl": self._url(f"put+{number}"),
                "firstByte": start,
                "lastByte": min(start + self.part_size, size) - 1,
            }
            for number, start in enumerate(starts)
        ]
        value = {"uploadInstructions": parts, "uploadToken": "", "uploadUrlsExpireAt": 1_800_000_000_000}
        for name in ("captions", "thumbnail"):
            if given[f"upload{name.capitalize()}"]:
                value[f"{name}UploadUrl"] = self._url(name)
        return value

    def _url(self, name: str) -> str:
        return f"{UPLOADS}/{self._uploads}?part={name}"

    def _put(self, request: HttpRequest, name: str) -> HttpResponse:
        self.stored[name] = request.body
        return HttpResponse(200, {"ETag": f'"e{name.partition(" ")[2]}"'}, b"", request.url)

    _captions = _thumbnail = _put

    def _finalize(self, request: HttpRequest, _name: str) -> HttpResponse:
        self.finalized.append(json.loads(request.body)["finalizeUploadRequest"])
        return HttpResponse(200, {}, b"")

    def _get(self, request: HttpRequest, _name: str) -> HttpResponse:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        entity: dict[str, Any] = {"status": status, "processingFailureReason": "too dark"}
        if "/assets/" in request.url:
            entity = {"recipes": [{"recipe": "urn:li:digitalmediaRecipe:feedshare-image", "status": status}]}
        return HttpResponse(200, {}, json.dumps(entity).encode())


class MediaTransport:
    """A transport to a media server, for a client that blocks."""

    def __init__(self, server: MediaServer) -> None:
        self.server = server
        self.clock = FakeClock()

    def send(self, request: HttpRequest, *, timeout: Any = None) -> HttpResponse:
        """Return the answer."""
        return self.server.respond(request)


class AsyncMediaTransport:
    """A transport to a media server, for a client that is awaited."""

    def __init__(self, server: MediaServer) -> None:
        self.server = server
        self.clock = AsyncFakeClock()

    async def send(self, request: HttpRequest, *, timeout: Any = None) -> HttpResponse:
        """Return the answer."""
        return self.server.respond(request)
