"""Files: bytes of whatever a flow may read from."""

from __future__ import annotations

import io
import mmap
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from restli_core import InvalidCallError
from restli_core.flows import Read
from restli_transports._clients.files import EDGE_SIZE, count_bytes, edges_of, read_bytes, read_whole

CONTENT = bytes(range(256)) * 4


@pytest.fixture(params=["bytes", "path", "text of a path", "file", "in memory"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    path = tmp_path / "cat.mp4"
    path.write_bytes(CONTENT)
    if request.param == "file":
        file = path.open("rb")
        request.addfinalizer(file.close)  # noqa: PT021 - only this one has something to close
        return file
    return {"bytes": CONTENT, "path": path, "text of a path": str(path), "in memory": io.BytesIO(CONTENT)}[
        request.param
    ]


@pytest.mark.parametrize(("start", "size"), [(0, 1024), (0, 10), (100, 300), (1000, 100), (2000, 5), (5, 0)])
def test_the_bytes_are_those_of_the_file(source: Any, start: int, size: int) -> None:
    for _ in range(2):  # wherever a file stands
        assert read_bytes(source, start, size) == CONTENT[start : start + size]


def test_counting_leaves_a_file_where_it_stood(source: Any) -> None:
    if hasattr(source, "seek"):
        source.seek(7)
    assert count_bytes(source) == len(CONTENT)
    if hasattr(source, "seek"):
        assert source.tell() == 7


class Slow(io.BytesIO):
    """A raw file, which gives as many bytes as it has at hand."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(3, size or 0))


def test_a_file_that_gives_few_bytes_at_a_time_is_read_on() -> None:
    assert read_bytes(Slow(b"0123456789"), 2, 7) == b"2345678"


class Generous(io.BytesIO):
    """A file that gives more bytes than it is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read((size or 0) + 1)


def test_a_file_that_gives_more_than_it_is_asked_for_is_refused() -> None:
    with pytest.raises(InvalidCallError, match=r"^source: must be a binary file: it gave 8 bytes in place of 7$"):
        read_bytes(Generous(b"0123456789"), 2, 7)


def test_a_file_need_not_say_where_it_stands_after_a_move(tmp_path: Path) -> None:
    (tmp_path / "cat.mp4").write_bytes(CONTENT)
    with (
        (tmp_path / "cat.mp4").open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        source: Any = mapped
        assert count_bytes(source) == 1024
        assert read_bytes(source, 100, 300) == CONTENT[100:400]


def test_a_file_that_is_closed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cat.mp4").write_bytes(CONTENT)
    with (tmp_path / "cat.mp4").open("rb") as file:
        pass
    with pytest.raises(InvalidCallError, match=r"^source: cannot be read: it is closed$"):
        count_bytes(file)
    with pytest.raises(InvalidCallError, match="it is closed"):
        read_whole(Read(file, 0, 5))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no such pipes")
def test_a_pipe_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for work in (lambda: count_bytes(path), lambda: read_bytes(path, 0, 1)):
        with pytest.raises(InvalidCallError, match=r"^source: must be a file, not a pipe or a device$"):
            work()


class Moved(io.BytesIO):
    """A file that is given to two readers: after each move it waits for the other one, if that may come."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.both = threading.Barrier(2)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        place = super().seek(offset, whence)
        try:
            self.both.wait(0.05)
        except threading.BrokenBarrierError:
            self.both.reset()
        return place


def test_two_that_read_one_file_do_not_move_it_for_one_another() -> None:
    file = Moved(CONTENT)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(read_bytes, file, 0, 10), pool.submit(read_bytes, file, 500, 10)
        assert (first.result(), second.result()) == (CONTENT[:10], CONTENT[500:510])
        counted, third = pool.submit(count_bytes, file), pool.submit(read_bytes, file, 300, 10)
        assert (counted.result(), third.result()) == (1024, CONTENT[300:310])


class Inner(io.BytesIO):
    """A file that reads from itself by the same way."""

    is_inside = False

    def read(self, size: int | None = -1, /) -> bytes:
        if self.is_inside:
            return super().read(size)
        self.is_inside = True
        return read_bytes(self, self.tell(), size or 0)


def test_a_file_may_read_from_itself() -> None:
    assert read_bytes(Inner(b"0123456789"), 2, 7) == b"2345678"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no forks")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # of Python 3.12 and later, in threads
def test_a_child_does_not_wait_for_a_reader_of_its_parents() -> None:
    is_reading, may_end = threading.Event(), threading.Event()

    class Waiting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            is_reading.set()
            may_end.wait(60)
            return super().read(size)

    file = Waiting(CONTENT)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(read_bytes, file, 0, 5)
        assert is_reading.wait(60)
        child = os.fork()
        if not child:
            may_end.set()
            os._exit(0 if read_bytes(file, 0, 5) == CONTENT[:5] else 1)
        may_end.set()
        assert found.result() == CONTENT[:5]
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_file_of_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text", encoding="utf-8")
    with (tmp_path / "notes.txt").open(encoding="utf-8") as file, pytest.raises(InvalidCallError, match="binary file"):
        read_bytes(file, 0, 4)  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_bytes(tmp_path / "none", 0, 1)
    with pytest.raises(FileNotFoundError):
        count_bytes(str(tmp_path / "none"))


def test_a_directory_has_no_bytes(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"directory|denied"):
        read_bytes(tmp_path, 0, 1)
    with pytest.raises(OSError, match=r"directory|denied"):
        count_bytes(tmp_path)


def test_a_body_is_read_whole_or_not_at_all(source: Any) -> None:
    assert read_whole(Read(source, 100, 924)) == CONTENT[100:]
    assert read_whole(Read(source, 2000, 0)) == b""
    with pytest.raises(InvalidCallError, match=r"^source: has changed .* up to 1025 .* none from 1024 on$"):
        read_whole(Read(source, 100, 925))
    with pytest.raises(InvalidCallError, match="none from"):
        edges_of(Read(source, 100, 925))


def test_a_body_is_known_by_its_place_and_its_edges() -> None:
    content = bytes(3 * EDGE_SIZE)
    known = {edges_of(Read(content, start, size)) for start in (0, 1, 5) for size in (0, 1, EDGE_SIZE, 2 * EDGE_SIZE)}
    assert len(known) == 12
    for index, is_seen in ((0, True), (EDGE_SIZE - 1, True), (EDGE_SIZE, False), (len(content) - 1, True)):
        other = content[:index] + b"x" + content[index + 1 :]
        whole = len(content)
        assert (edges_of(Read(other, 0, whole)) != edges_of(Read(content, 0, whole))) is is_seen


def test_a_small_body_is_known_by_all_of_it() -> None:
    for index in range(10):
        other = bytes(index) + b"x" + bytes(9 - index)
        assert edges_of(Read(other, 0, 10)) != edges_of(Read(bytes(10), 0, 10))
