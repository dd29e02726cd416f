"""Files: bytes of whatever a flow may read from."""

from __future__ import annotations

import io
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
