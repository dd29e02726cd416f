"""A short form of tests/deep/uploads.py: uploads in processes of their own, which are measured, and killed."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deep import uploads as program
from tests.support.uploaded import BLOCK, HEAD, Generated, Report, Uploading, generated_sha256, play

SIZE = 24_000_000
PART = 500_000


@pytest.mark.sockets
@pytest.mark.parametrize("transport", ["urllib3", "httpx async"])
def test_a_killed_upload_is_taken_up(tmp_path: Path, transport: str) -> None:
    uploading = Uploading(tmp_path, transport, SIZE, 5, rate=0.25, part_size=PART)
    report = play(uploading, kill_after=5)
    assert uploading.faults == []
    assert len(uploading.upload.parts) == SIZE // PART
    # What was left to send is 20 MB: no more than some parts of it were in memory at a time.
    assert report.memory < 8_000_000


def test_a_generated_file_is_the_same_wherever_it_is_read() -> None:
    size = 3 * BLOCK + 5
    whole = Generated(size, 1).read()
    assert len(whole) == size
    assert whole.startswith(HEAD)
    file = io.BufferedReader(Generated(size, 1))
    for start, length in ((0, 10), (BLOCK - 3, 7), (size - 4, 100), (size, 1), (5, BLOCK)):
        file.seek(start)
        assert file.read(length) == whole[start : start + length]
    assert Generated(size, 1).seek(0, io.SEEK_END) == size
    assert generated_sha256(size, 1) == hashlib.sha256(whole).hexdigest()
    assert generated_sha256(size, 2) != generated_sha256(size, 1)
    blocks = [whole[start : start + BLOCK] for start in range(0, 3 * BLOCK, BLOCK)]
    assert len({*blocks}) == 3


@pytest.fixture
def done(tmp_path: Path) -> Uploading:
    """Return an upload of two parts that has come to its end, though nobody has sent it."""
    uploading = Uploading(tmp_path, "urllib3", 100_000, 1, rate=0, part_size=60_000)
    fields = {"owner": "urn:li:organization:5", "fileSizeBytes": 100_000}
    upload = uploading.media.begin("video", fields)
    for part in upload.parts:
        upload.store(part, Generated(100_000, 1).read()[part.first : part.first + 60_000])
        part.tries = 1
    upload.is_finalized = True
    uploading.tries, uploading.killed_at = {"0": 1}, "0"
    return uploading


def test_an_upload_that_has_come_has_no_fault(done: Uploading) -> None:
    done.check(Report(done.upload.urn, 0))
    done.check_taken_up()
    assert done.faults == []


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda done: done.upload.store(done.upload.parts[1], b"x" * 40_000), "not all bytes came as they were"),
        (lambda done: setattr(done.upload, "is_finalized", False), "not all bytes came as they were"),
        (lambda done: setattr(done.upload.parts[0], "stored", 0), "not all bytes came as they were"),
        (lambda done: done.media.refused.append("a part"), "the server has refused: a part"),
        (lambda done: setattr(done, "rate", 10), "no part has failed"),
        (lambda done: setattr(done, "killed_at", "1"), None),
        (lambda done: setattr(done, "tries", {"0": 1, "1": 1}), "it was not killed in the middle"),
        (lambda done: setattr(done, "tries", {}), "it was not killed in the middle"),
    ],
)
def test_what_is_wrong_is_seen(done: Uploading, spoil: Callable[[Any], object], fault: str | None) -> None:
    urn = done.upload.urn
    spoil(done)
    done.check(Report(urn, 0))
    done.check_taken_up()
    assert done.faults == ([] if fault is None else [fault])


def test_a_part_that_is_sent_twice_is_seen(done: Uploading) -> None:
    done.killed_at = "1"
    done.upload.parts[0].tries = 2
    done.check(None)
    done.check_taken_up()
    assert done.faults == ["it does not say which video it was", "1 of 1 parts were sent again, the first is 0"]


def test_the_program_says_what_came_of_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    reports = iter([Report("", 1_000_000), Report("", 65_000_000)])
    asked: list[tuple[int, bool, int | None]] = []

    def play_(uploading: Uploading, *, kill_after: int | None = None) -> Report:
        asked.append((uploading.size, uploading.posts, kill_after))
        uploading.media.begin("video", {"owner": "urn:li:organization:5", "fileSizeBytes": uploading.size})
        return next(reports, Report("", 0))

    monkeypatch.setattr(program, "play", play_)
    assert program.main(["--size", "100", "--seed", "4"]) == 1
    said = capsys.readouterr().out
    first = r"urllib3, whole: 100 MB from seed 4 in 0 s, 24 parts sent 0 times, 1.0 MB of memory and 0 faults\n"
    assert re.match(first, said)
    assert "65.0 MB of memory and 1 faults\n    it took more than 64 MB\n" in said
    sizes = [(size, posts) for size, posts, _ in asked]
    assert sizes == [(100_000_000, True), (200_000_000, False), (100_000_000, True)] * 2
    assert [kill is None for _, _, kill in asked] == [True, True, False] * 2
    assert all(0 < kill < 24 for _, _, kill in asked if kill is not None)
