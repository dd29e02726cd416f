"""Progress: a bar on a terminal, a function that is told, or nothing."""

from __future__ import annotations

import io
import sys
import threading
from typing import Any

import pytest

from restli_core import InvalidCallError
from restli_transports.progress import progress_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("progress", [None, False])
def test_nothing_is_shown_unless_it_is_wanted(progress: bool | None) -> None:
    assert progress_of(progress, "calls") is None


def test_a_function_is_told() -> None:
    told: list[Any] = []
    progress = progress_of(lambda *happened: told.append(happened), "calls")
    assert progress is not None
    progress.update(1, None)
    progress.update(2, 3)
    progress.update(1, 2, "uploads")
    progress.close()
    progress.close()
    assert told == [(1, None, "calls"), (2, 3, "calls"), (1, 2, "uploads")]


def test_what_it_raises_is_raised() -> None:
    def failing(done: int, total: int | None, label: str) -> None:
        raise ZeroDivisionError

    progress = progress_of(failing, "calls")
    assert progress is not None
    with pytest.raises(ZeroDivisionError):
        progress.update(1, None)


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    threads = threading.enumerate()
    progress = progress_of(True, "calls")
    assert progress is not None
    assert screen.getvalue() == ""
    for done in range(1, 11):
        progress.update(done, 10)
    progress.close()
    progress.close()
    text = screen.getvalue()
    assert "calls: 100%" in text
    assert "10/10" in text
    assert text.endswith("\n")
    assert threading.enumerate() == threads


def test_a_bar_of_bytes_is_in_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = progress_of(True, "done")
    assert progress is not None
    progress.update(0, 30_000_000, "bytes")
    progress.update(30_000_000, 30_000_000, "bytes")
    progress.close()
    last = screen.getvalue().rpartition("\r")[2]
    assert "bytes: 100%" in last
    assert "30.0M/30.0M" in last


def test_a_bar_of_another_piece_of_work_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = progress_of(True, "parts")
    assert progress is not None
    progress.update(7, None)
    progress.update(3, 4, "thumbnails")
    progress.close()
    last = screen.getvalue().rpartition("\r")[2]
    assert "thumbnails:  75%" in last
    assert "3/4" in last


def test_a_bar_that_was_never_begun_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = progress_of(True, "calls")
    assert progress is not None
    progress.close()
    assert screen.getvalue() == ""


@pytest.mark.parametrize("stderr", [io.StringIO(), None], ids=["a pipe", "no console"])
def test_nothing_is_shown_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch, stderr: Any) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    assert progress_of(True, "calls") is None


def test_without_tqdm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r'pip install "restli-core\[progress\]"'):
        progress_of(True, "calls")


async def awaited(done: int, total: int | None, label: str) -> None: ...


@pytest.mark.parametrize("progress", [1, "yes", [], awaited], ids=["a number", "a text", "a list", "a coroutine"])
def test_what_is_none_of_these_is_refused(progress: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        progress_of(progress, "calls")
    assert caught.value.argument == "progress"
