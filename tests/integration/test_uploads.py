"""Uploads by every transport to the embedded server: what comes there, what fails, and what nobody may see."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import re
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from restli_core import HttpRequest, HttpResponse, RestliError, RetryPolicy, ServerError, Urn
from restli_core.flows import Flow, Raw, step
from restli_core.linkedin import uploads
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import FakeAsyncTransport, FakeTransport, Faults, MediaUploads, RestliServer
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock
from restli_transports.testing.faults import NO_FAULT, Fault
from tests.support.chaos import AWAITED, BLOCKING, FAKES
from tests.support.shown import revealed
from tests.support.uploaded import KINDS, OWNER, Generated

OVER_SOCKETS = [pytest.param(name, marks=pytest.mark.sockets) for name in (*BLOCKING, *AWAITED)]
EVERY = [*FAKES, *OVER_SOCKETS]

VIDEO: Final = Generated(100_000, 1).read()
PNG: Final = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0" + bytes(range(256)) * 20
PDF: Final = b"%PDF-1.7\n" + bytes(range(256)) * 20
SRT: Final = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"
TOKEN: Final = "Q7t0ken7Q"
POLICY: Final = RetryPolicy(tries=10, total=None)


class World:
    """A server or a fake that takes uploads, and a client of it over a transport.

    Args:
        name: that of the transport.
        client: further arguments of the client.
        media: those of `MediaUploads`.
    """

    def __init__(self, name: str, *, client: dict[str, Any] | None = None, **media: Any) -> None:
        media.setdefault("part_size", 16_384)
        self.media = MediaUploads(**media)
        self.is_blocking = name in BLOCKING or name == "fake"
        self.server: RestliServer | None = None
        self.fake: Any = None
        transport: Any
        if name in FAKES:
            self.fake = transport = FakeTransport() if self.is_blocking else FakeAsyncTransport()
            self.media.add_to(transport)
        else:
            self.server = RestliServer(base_path="/rest", versions=["202609"])
            self.media.add_to(self.server)
            transport = {**BLOCKING, **AWAITED}[name]()
            transport.clock = FakeClock() if self.is_blocking else AsyncFakeClock()
        self._transport = transport
        self._options = {"access_token": TOKEN, "version_string": "202609", "retry": POLICY, **(client or {})}

    def run(self, flow: Callable[..., Flow[Urn]], *arguments: Any, run: Any = None, **options: Any) -> Urn:
        """Run a flow of `uploads`; `run` has the arguments of the client's `run`."""
        base = {} if self.server is None else {"base_url": self.server.base_url}
        given: dict[str, Any] = {**self._options, **base}

        async def main() -> Urn:
            async with AsyncRestliClient(self._transport, **given) as client:
                return await client.run(flow(client.calls, OWNER, *arguments, **options), **run or {})

        if not self.is_blocking:
            return asyncio.run(main())
        with RestliClient(self._transport, **given) as client:
            return client.run(flow(client.calls, OWNER, *arguments, **options), **run or {})

    @property
    def requests(self) -> list[HttpRequest]:
        """The requests that have come."""
        if self.server is None:
            return [*self.fake.requests]
        return [one.request for one in self.server.received if one.request is not None]


@contextmanager
def world(name: str, **options: Any) -> Generator[World]:
    made = World(name, **options)
    if made.server is None:
        yield made
    else:
        with made.server:
            yield made


@pytest.mark.parametrize("name", EVERY)
def test_each_kind_comes_bit_for_bit(name: str, tmp_path: Path) -> None:
    path = tmp_path / "cat.mp4"
    path.write_bytes(VIDEO)
    with world(name) as there:
        sent = {
            there.run(uploads.image, io.BytesIO(PNG)): PNG,
            there.run(uploads.document, PDF): PDF,
            there.run(uploads.asset, PNG): PNG,
            (video := there.run(uploads.video, path, SRT, PNG)): VIDEO,
        }
        assert there.media.refused == []
        assert {urn: upload.content for urn, upload in there.media.items()} == sent
        assert [there.media.status(urn) for urn in sent] == ["AVAILABLE"] * 4
        further = [part.body for part in there.media[video].every_part[-2:]]
        assert further == [SRT, PNG]
        assert [urn.entity_type for urn in sent] == ["image", "document", "digitalmediaAsset", "video"]
        # No part is sent twice where nothing fails, and a token goes where it must and nowhere else.
        assert {part.tries for upload in there.media.values() for part in upload.every_part} == {1}


@pytest.mark.parametrize("name", EVERY)
def test_parts_that_fail_are_sent_again_on_their_own(name: str) -> None:
    seen: list[tuple[int, int | None, str]] = []
    with world(name, part_size=5000, faults=Faults(seed=2, rate=0.3, kinds=KINDS)) as there:
        urn = there.run(uploads.video, VIDEO, run={"progress": lambda *told: seen.append(told)})
        upload = there.media[urn]
        assert upload.content == VIDEO
        tries = [part.tries for part in upload.parts]
        assert tries.count(1) > 8  # those that did not fail
        assert max(tries) > 1
        assert there.media.refused == []
    assert [done for done, _, _ in seen] == [*range(0, 100_001, 5000)]
    assert {(total, label) for _, total, label in seen} == {(100_000, "bytes")}


@pytest.mark.parametrize("name", EVERY)
def test_no_body_waits_for_the_garbage_collector(name: str) -> None:
    """A part is 4 MiB as a rule: were each there until the collector comes, a whole video would be."""
    body = bytes(200_000)
    kinds = [NO_FAULT, Fault(response=HttpResponse(500, {}, b"")), Fault(reset=True), Fault(cut=0.5), NO_FAULT]
    faults = iter(kinds)

    def flow(calls: Any, _owner: str) -> Flow[Urn]:
        for _ in range(2):
            request = HttpRequest("PUT", f"{calls.base_url.removesuffix('/rest')}/bytes/1", {}, body)
            response = yield from step(Raw(request, kind="safe"))
            assert response.status_code == 201
        return Urn("urn:li:image:1")

    with world(name, client={"base_url": "https://api.linkedin.com/rest"}) as there:
        if there.server is not None:
            server: Any = there.server
            server._service.max_kept = 0
        else:
            server = there.fake
        server.on_raw("/bytes/", lambda _: HttpResponse(201, {}, b""), fault=lambda _: next(faults))
        gc.collect()
        gc.disable()
        try:
            before = sys.getrefcount(body)
            there.run(flow)
            if there.fake is not None:  # which keep what they have got
                there.fake.requests.clear()
                there.fake.journal._entries.clear()
            assert sys.getrefcount(body) == before
        finally:
            gc.enable()
    assert next(faults, None) is None


@pytest.mark.sockets
@pytest.mark.parametrize("name", [*BLOCKING, *AWAITED])
def test_a_token_goes_to_no_other_host(name: str) -> None:
    with RestliServer() as other, world(name, upload_origin=lambda: other.base_url, check_tokens=False) as there:
        there.media.receive_at(other)
        for flow, source in (
            (uploads.image, PNG),
            (uploads.document, PDF),
            (uploads.asset, PNG),
            (uploads.video, VIDEO),
        ):
            there.run(flow, source)
        came = [one.request for one in other.received]
        assert len(came) == 10
        assert not any(one is None or "Authorization" in one.headers for one in came)
        assert TOKEN not in repr([one.raw for one in other.received])
        assert all("Authorization" in one.headers for one in there.requests)


def everything_that_failed(there: World, **options: Any) -> Iterator[BaseException]:
    for flow, source in ((uploads.image, PNG), (uploads.video, VIDEO), (uploads.asset, PNG)):
        with pytest.raises(RestliError) as failed:
            there.run(flow, source, **options)
        yield failed.value


@pytest.mark.parametrize("kind", ["500", "reset_before", "truncate", "refused"])
@pytest.mark.parametrize("name", EVERY)
def test_an_upload_url_is_shown_nowhere(name: str, kind: str, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    events: list[object] = []
    options: dict[str, Any] = {"faults": Faults(rate=1, kinds=[kind])} if kind != "refused" else {"lifetime": 1e-9}
    client = {"on_event": events.append, "retry": RetryPolicy(tries=2, total=None)}
    with world(name, client=client, **options) as there:
        errors = [*everything_that_failed(there)]
        urls = [one.url for one in there.requests if "/dms-uploads/" in one.url]
        assert len(urls) >= 6
        secrets = [found for url in urls for found in re.findall(r"[?&](?:m|ut)=([\w-]+)", url)]
        assert min(map(len, secrets)) > 15
        shown = [found for error in errors for found in revealed(error, *secrets)]
        assert shown == []
        told = [repr(events), *[f"{event!r} {event}" for event in events], caplog.text]
        # The server is in this process, too, and its log has what its faults have.
        assert not any(secret in text for secret in secrets for text in told)
    assert {type(error).__name__ for error in errors} <= {"ServerError", "ProtocolError", "BadRequestError"}


@pytest.mark.parametrize("name", FAKES)
def test_a_token_that_may_not_read_uploads_all_the_same(name: str) -> None:
    with world(name, may_read=False) as there:
        urn = there.run(uploads.video, VIDEO)
        assert there.media[urn].content == VIDEO
        assert there.media.refused == ["Not enough permissions to access: videos.GET.NO_VERSION"]


@pytest.mark.parametrize("name", FAKES)
@pytest.mark.parametrize("waiting", [0, 2])
def test_the_urn_comes_when_the_media_is_available(name: str, waiting: int) -> None:
    with world(name, waiting_polls=waiting, processing_polls=3) as there:
        there.run(uploads.image, PNG)
        assert sum(one.method == "GET" for one in there.requests) == waiting + 4
        there.run(uploads.image, PNG, wait=None)
        assert sum(one.method == "GET" for one in there.requests) == waiting + 4


@pytest.mark.parametrize("name", FAKES)
def test_what_cannot_be_processed_says_why(name: str) -> None:
    with world(name, failure="AUDIO_FORMAT_UNSUPPORTED") as there:
        with pytest.raises(uploads.ProcessingFailedError, match="AUDIO_FORMAT_UNSUPPORTED"):
            there.run(uploads.video, VIDEO)
        with pytest.raises(uploads.ProcessingFailedError):
            there.run(uploads.asset, PNG)


@pytest.mark.parametrize("name", FAKES)
@pytest.mark.parametrize("keeps", [False, True])
def test_ids_are_sent_as_they_are_wanted(name: str, keeps: bool) -> None:
    with world(name, quoted_ids=keeps) as there:
        there.run(uploads.video, VIDEO, keep_quotes=keeps)
        assert there.media.refused == []
    with world(name, quoted_ids=not keeps) as there, pytest.raises(RestliError, match=r"uploadedPartIds\[0\]"):
        there.run(uploads.video, VIDEO, keep_quotes=keeps)


@pytest.mark.parametrize("name", FAKES)
def test_an_upload_that_is_cut_is_taken_up(name: str, tmp_path: Path) -> None:
    journal = {"journal": tmp_path / "upload.jsonl"}
    sent = 0

    def cut(_upload: object, _part: object) -> None:
        nonlocal sent
        sent += 1
        if sent == 4:
            raise KeyboardInterrupt

    with world(name, on_stored=cut) as there:
        with pytest.raises(KeyboardInterrupt):
            there.run(uploads.video, VIDEO, run=journal)
        urn = there.run(uploads.video, VIDEO, run=journal)
        assert [part.stored for part in there.media[urn].parts] == [1, 1, 1, 2, 1, 1, 1]
        assert there.media[urn].content == VIDEO
        assert len(there.media) == 1
        before = len(there.requests)
        assert there.run(uploads.video, VIDEO, run=journal) == urn
        assert len(there.requests) == before


@pytest.mark.parametrize("name", FAKES)
def test_urls_of_a_journal_that_have_expired_are_replaced(name: str, tmp_path: Path) -> None:
    journal = {"journal": tmp_path / "upload.jsonl"}
    now = [0.0]

    def cut(_upload: object, _part: object) -> None:
        if now[0] == 0:
            raise KeyboardInterrupt

    with world(name, on_stored=cut, lifetime=60, clock=lambda: now[0]) as there:
        with pytest.raises(KeyboardInterrupt):
            there.run(uploads.video, VIDEO, run=journal)
        now[0] = 61
        urn = there.run(uploads.video, VIDEO, run=journal)
        assert len(there.media) == 2
        assert there.media[urn].content == VIDEO


@pytest.mark.parametrize("name", FAKES)
def test_a_server_that_never_takes_a_part_ends_the_upload(name: str) -> None:
    with world(name, faults=Faults(rate=1, kinds=["500"])) as there:
        with pytest.raises(ServerError):
            there.run(uploads.video, VIDEO)
        (upload,) = there.media.values()
        assert [part.tries for part in upload.parts] == [POLICY.tries, *[0] * 6]
