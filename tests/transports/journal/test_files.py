"""The file of a journal: who may open it, what is read of it, and what is on the disk when `note` returns."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import restli_core as restli
from restli_core import HttpResponse, InvalidCallError, JournalError
from restli_core.errors import ConnectError, TransportTimeout
from restli_transports import system
from restli_transports.journal import Identity, Journal, identify
from restli_transports.journal.lines import write_header

REQUEST = restli.create("/adAccounts", {"name": "Summer"}).request
ONE = identify(REQUEST, 1, "create /adAccounts")
TWO = identify(REQUEST, 2, "create /adAccounts")
ANSWER = HttpResponse(201, {"X-RestLi-Id": "5"}, b"{}", REQUEST.url)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def events(path: Path, *identities: Identity, kind: str = "calls") -> list[str | None]:
    with Journal(path, kind) as journal:
        lines = [journal.find(identity, REQUEST.url) for identity in identities]
    return [line and line.event for line in lines]


# -- what it keeps -----------------------------------------------------------------------------------------------------


def test_the_last_line_on_a_request_counts(path: Path) -> None:
    with Journal(path) as journal:
        assert not journal.knows(ONE)
        assert journal.find(ONE) is None
        journal.note("intent", ONE, durable=True)
        journal.note("outcome", ONE, response=ANSWER, request=REQUEST, durable=True)
        journal.note("intent", TWO)
    assert events(path, ONE, TWO) == ["outcome", "intent"]
    with Journal(path) as journal:
        assert journal.knows(ONE)
        line = journal.find(ONE, REQUEST.url)
        assert line is not None
        assert line.response == ANSWER
        assert [one.identity for one in journal.unknown()] == [TWO]
        journal.note("unsent", TWO, error=ConnectError("refused"))
    assert events(path, ONE, TWO) == ["outcome", "unsent"]
    with Journal(path) as journal:
        assert [*journal.unknown()] == []


def test_a_flow_counts_its_requests(path: Path) -> None:
    first, second = identify(REQUEST, 0, "a"), identify(restli.get("/me").request, 1, "b")
    with Journal(path, "flow") as journal:
        assert journal.end == 0
        journal.note("intent", second)  # of several at the same time one may be the first
        journal.note("outcome", first, response=ANSWER, request=REQUEST)
    with Journal(path, "flow") as journal:
        assert journal.end == 2
        assert [journal.has_outcome(number) for number in range(3)] == [True, False, False]
        found = journal.find(identify(REQUEST, 1, "c"))
        assert found is not None
        assert found.identity == second


def test_why_it_was_lost_is_kept_but_no_words_of_another(path: Path) -> None:
    with Journal(path) as journal:
        journal.note("lost", ONE, error=TransportTimeout("read timed out"))
        journal.note("lost", TWO, error=ValueError("s3cret"))
        journal.note("lost", TWO._replace(number=3), error=TransportTimeout("s3cret"), keeps_url=False)
    with Journal(path) as journal:
        said = [(line.error, line.reason) for line in journal.unknown()]
    assert said == [("TransportTimeout", "read timed out"), ("ValueError", ""), ("TransportTimeout", "")]


def test_an_answer_of_many_pieces_is_found(path: Path) -> None:
    response = HttpResponse(200, {}, b"x" * 100_000, REQUEST.url)
    with Journal(path) as journal:
        journal.note("outcome", ONE, response=response, request=REQUEST)
        journal.note("outcome", TWO, response=ANSWER, request=REQUEST)
    with Journal(path) as journal:
        found = journal.find(ONE, REQUEST.url)
        assert found is not None
        assert found.response == response


# -- who may open it ---------------------------------------------------------------------------------------------------


def test_it_is_its_owners_alone(path: Path) -> None:
    mask = os.umask(0)
    try:
        with Journal(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(mask)


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o602], ids=oct)
def test_one_that_others_can_use_is_refused(path: Path, mode: int) -> None:
    path.write_bytes(b"")
    path.chmod(mode)
    with pytest.raises(JournalError, match="by others"):
        Journal(path).open()
    assert path.read_bytes() == b""


def test_one_run_at_a_time_has_it(path: Path) -> None:
    with Journal(path) as journal:
        for other in (Journal(path), Journal(path, "flow")):
            with pytest.raises(JournalError, match="is in use"):
                other.open()
        journal.note("intent", ONE)
    assert events(path, ONE) == ["intent"]


def test_of_many_threads_one_has_it(path: Path) -> None:
    gate, got = threading.Barrier(8), []
    leave = threading.Event()

    def run() -> None:
        gate.wait(60)
        try:
            with Journal(path):
                got.append("in")
                leave.wait(60)
        except JournalError:
            got.append("refused")
            if got.count("refused") == 7:
                leave.set()

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(run) for _ in range(8)]:
            future.result()
    assert sorted(got) == ["in", *["refused"] * 7]


HOLDING = """
import sys, time
from restli_transports.journal import Journal
journal = Journal(sys.argv[1]).open()
print("held", flush=True)
time.sleep(60)
"""


def test_a_killed_run_leaves_it_to_the_next(path: Path) -> None:
    roots = [str(Path(__file__).parents[3] / part) for part in ("", "transports")]
    program = [sys.executable, "-c", f"import sys; sys.path[:0] = {roots}{HOLDING}", str(path)]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"held\n"
            with pytest.raises(JournalError, match="is in use"):
                Journal(path).open()
        finally:
            child.kill()
        child.wait()
        with Journal(path):
            pass


def test_a_child_writes_nothing_and_keeps_nothing(path: Path) -> None:
    # As `os.fork` does it, which threads of other tests make a warning of.
    journal: Any
    with Journal(path) as journal:
        copy: Any = Journal(path)
        copy._descriptor = os.dup(journal._descriptor)
        copy.after_fork()
        with pytest.raises(JournalError, match="is closed"):
            copy.note("intent", ONE)
        copy._places[copy._slot(ONE.key, 1)] = 5
        with pytest.raises(JournalError, match="is closed"):
            copy.find(ONE)
        with pytest.raises(JournalError, match="is in use"):
            Journal(path).open()
        journal.note("intent", ONE)


def test_a_file_that_was_moved_while_it_was_opened_is_made_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = path.with_name("moved")

    def moving(descriptor: int) -> bool:
        if not moved.exists():
            path.rename(moved)
        return system.take_lock(descriptor)

    monkeypatch.setattr("restli_transports.journal.files.take_lock", moving)
    with Journal(path) as journal:
        journal.note("intent", ONE)
    assert moved.read_bytes() == b""
    assert path.read_bytes().count(b"\n") == 2


def test_where_files_cannot_be_locked_there_is_no_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int) -> bool:
        raise OSError(errno.ENOLCK, "none here")

    monkeypatch.setattr("restli_transports.journal.files.take_lock", refused)
    with pytest.raises(JournalError, match="put it where files can be locked"):
        Journal(path).open()


@pytest.mark.parametrize("path", [None, 5, b"x", ["x"], ""], ids=repr)
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(InvalidCallError, match="journal: must be the path"):
        Journal(path)


def test_what_is_no_kind_is_refused(path: Path) -> None:
    with pytest.raises(InvalidCallError, match="kind: must be one of 'calls', 'flow'"):
        Journal(path, "other")


def test_where_it_cannot_be_it_says_why(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="its directory is not there"):
        Journal(tmp_path / "none" / "run.jsonl").open()
    with pytest.raises(JournalError, match="directory"):
        Journal(tmp_path).open()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match="symbolic link"):
        Journal(link).open()
    assert not (tmp_path / "elsewhere").exists()


def test_where_nobody_may_write_it_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> int:  # the administrator, as whom tests may run, may write anywhere
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("restli_transports.journal.files.open_private", refused)
    with pytest.raises(JournalError, match="Permission denied"):
        Journal(path).open()


def test_it_is_opened_once(path: Path) -> None:
    journal = Journal(path)
    with journal, pytest.raises(JournalError, match="opened once"):
        journal.open()
    with pytest.raises(JournalError, match="opened once"):
        journal.open()
    with pytest.raises(JournalError, match="is closed"):
        journal.note("intent", ONE)
    journal.close()


def test_one_that_was_closed_first_is_not_opened_later(path: Path) -> None:
    # A cancelled run closes it while a thread is about to open it.
    journal = Journal(path)
    journal.close()
    with pytest.raises(JournalError):
        journal.open()
    with Journal(path):
        pass


# -- what is not whole -------------------------------------------------------------------------------------------------


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def test_a_last_line_is_dropped_wherever_it_is_cut(path: Path) -> None:
    with Journal(path) as journal:
        journal.note("intent", ONE)
        before = path.stat().st_size
        journal.note("outcome", ONE, response=ANSWER, request=REQUEST)
    whole = path.read_bytes()
    for end in range(before, len(whole)):
        write(path, whole[:end])
        assert events(path, ONE) == ["intent"]
        assert path.read_bytes() == whole[:before]
        with Journal(path) as journal:
            journal.note("outcome", ONE, response=ANSWER, request=REQUEST)
        assert events(path, ONE) == ["outcome"]


def test_a_cut_first_line_is_written_anew(path: Path) -> None:
    header = write_header("flow")
    for end in range(len(header)):
        write(path, header[:end])
        with Journal(path, "flow"):
            pass
        assert path.read_bytes() == header


@pytest.mark.parametrize("content", [b"a,b", b"a,b\nc,d", b"{}\n", b"\n", b'{"restli_journal":2', b"\x00\n"], ids=repr)
def test_what_is_no_journal_is_left_as_it_is(path: Path, content: bytes) -> None:
    write(path, content)
    with pytest.raises(JournalError, match="is not a journal"):
        Journal(path).open()
    assert path.read_bytes() == content


def test_one_of_another_version_or_kind_is_refused(path: Path) -> None:
    write(path, b'{"restli_journal":2,"kind":"calls"}\n')
    with pytest.raises(JournalError, match="version 2, and this is version 1"):
        Journal(path).open()
    write(path, write_header("flow"))
    with pytest.raises(JournalError, match="of kind 'flow', and not 'calls'"):
        Journal(path).open()


@pytest.mark.parametrize("line", [b"", b"x", b"{}", b'{"line":"intent"}', b"\x00\x00"], ids=repr)
def test_any_other_line_is_named(path: Path, line: bytes) -> None:
    with Journal(path) as journal:
        journal.note("intent", ONE)
    whole = path.read_bytes()
    for content in (whole + line + b"\n", whole + line + b"\n" + whole.splitlines(keepends=True)[1]):
        write(path, content)
        with pytest.raises(JournalError, match="line 3"):
            Journal(path).open()
        assert path.read_bytes() == content
        with pytest.raises(JournalError, match="line 3"):  # it is not left locked
            Journal(path).open()


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_a_change_while_it_is_used_is_noticed(path: Path, content: bytes) -> None:
    with Journal(path) as journal:
        journal.note("intent", ONE)
    with Journal(path) as journal:
        path.write_bytes(content)
        with pytest.raises(JournalError, match="changed while"):
            journal.find(ONE)


# -- disks -------------------------------------------------------------------------------------------------------------


@contextmanager
def largest_file(size: int) -> Generator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)


def test_a_line_that_does_not_fit_is_not_there_in_part(path: Path) -> None:
    with Journal(path) as journal:
        journal.note("intent", ONE)
        size = path.stat().st_size
        with largest_file(size + 20), pytest.raises(JournalError, match="File too large"):
            journal.note("intent", TWO)
        assert path.stat().st_size == size
        journal.note("intent", TWO)  # there is room again
    assert events(path, ONE, TWO) == ["intent", "intent"]


def test_after_a_part_of_a_line_nothing_is_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with Journal(path) as journal:
        with monkeypatch.context() as patch, largest_file(path.stat().st_size + 20):
            patch.setattr(os, "ftruncate", refused)
            with pytest.raises(JournalError):
                journal.note("intent", ONE)
        with pytest.raises(JournalError, match="a part of a line"):
            journal.note("intent", TWO)
    assert events(path, ONE, TWO) == [None, None]  # the next run cuts it off


def test_a_journal_on_a_full_disk_is_not_made(tmp_path: Path) -> None:
    with largest_file(10), pytest.raises(JournalError, match="File too large"):
        Journal(tmp_path / "run.jsonl").open()
    with Journal(tmp_path / "run.jsonl"):
        pass


def test_after_a_disk_that_failed_nothing_is_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with Journal(path) as journal:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refused)
            with pytest.raises(JournalError, match="Input/output error"):
                journal.note("intent", ONE, durable=True)
        for durable in (True, False):
            with pytest.raises(JournalError, match="Input/output error"):
                journal.note("intent", TWO, durable=durable)


def test_what_is_durable_is_synced_before_it_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    with Journal(path) as journal:
        assert len(synced) == 2  # the file, and the directory that names it
        journal.note("intent", ONE)
        assert len(synced) == 2
        journal.note("intent", TWO, durable=True)
        assert synced[2:] == [path.stat().st_size]
    with Journal(path):
        assert len(synced) == 3


def test_threads_wait_for_one_sync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    syncing, go_on, syncs = threading.Event(), threading.Event(), []

    def slow(descriptor: int) -> None:
        syncs.append(os.fstat(descriptor).st_size)
        syncing.set()
        assert go_on.wait(60)

    with Journal(path) as journal, ThreadPoolExecutor(9) as pool:
        monkeypatch.setattr(os, "fsync", slow)
        first = pool.submit(journal.note, "intent", ONE, durable=True)
        assert syncing.wait(60)
        others = [pool.submit(journal.note, "intent", ONE._replace(number=n), durable=True) for n in range(2, 10)]
        for _ in range(60_000):  # until all are written, and wait
            if path.read_bytes().count(b"\n") == 10 or go_on.wait(0.001):
                break
        go_on.set()
        for future in [first, *others]:
            future.result(60)
        assert len(syncs) == 2
        assert syncs[1] == path.stat().st_size


def test_threads_write_whole_lines(path: Path) -> None:
    identities = [ONE._replace(number=number) for number in range(1, 201)]
    with Journal(path) as journal, ThreadPoolExecutor(8) as pool:
        for identity in identities:
            pool.submit(journal.note, "outcome", identity, response=ANSWER, request=REQUEST, durable=True)
    assert events(path, *identities) == ["outcome"] * 200


def test_a_repr_names_it(path: Path) -> None:
    assert repr(Journal(path, "flow")) == f"<Journal {path} of flow>"
