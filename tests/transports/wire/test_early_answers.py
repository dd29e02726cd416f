"""What comes of an answer while its request is being sent, and when that ends the sending."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator

import pytest

from restli_transports.wire.early_answers import EarlyAnswer, send_watching

LARGE = bytes(2**23)  # more than the buffers of the system take

ENDS_SENDING: dict[bytes, bool] = {
    b"": False,
    b"HTTP/1.1 ": False,
    b"HTTP/1.1 2": False,
    b"HTTP/1.1 200 OK\r\n\r\n": False,
    b"HTTP/1.1 4": True,
    b"HTTP/1.0 503 ": True,
    b"HTTP/1.1 301 Moved": True,
    b"HTTP/1.1 100 Continue\r\n\r\n": False,
    b"HTTP/1.1 103 Early Hints\r\nA: b": False,
    b"HTTP/1.1 103 Early Hints\r\nA: b\r\nC: d\r\n\r\nHTTP/1.1 2": False,
    b"HTTP/1.1 103 Early Hints\r\nA: b\r\nC: d\r\n\r\nHTTP/1.1 4": True,
    b"HTTP/1.1 100\n\nHTTP/1.1 102 A\r\n\r\nHTTP/1.1 413": True,
    b"SSH-2.0-OpenSSH": True,
    b"HTTP/2.0 200 OK": True,
}


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def left() -> float | None:
    return 30


def silent_soon() -> float | None:
    return 0.01


@pytest.mark.parametrize(("data", "ends"), ENDS_SENDING.items())
def test_what_ends_the_sending(data: bytes, ends: bool) -> None:
    whole, in_pieces = EarlyAnswer(), EarlyAnswer()
    assert not whole.ends_sending
    if data:
        whole.feed(data)
    for octet in data:
        in_pieces.feed(bytes([octet]))
        in_pieces.ends_sending  # noqa: B018 - asked after each piece, it answers as for the whole
    assert whole.ends_sending is in_pieces.ends_sending is ends
    assert whole.data == in_pieces.data == data
    whole.feed(b"")
    assert whole.ends_sending


def test_the_reader_takes_what_has_come() -> None:
    early = EarlyAnswer()
    early.feed(b"abcde")
    assert [early.take(2), early.take(9), early.take(9)] == [b"ab", b"cde", b""]


def test_no_more_is_kept_than_there_is_room_for() -> None:
    early = EarlyAnswer()
    early.feed(b"HTTP/1.1 200 OK\r\n\r\n")
    assert not early.is_full
    early.feed(bytes(2**20))
    assert early.is_full


def test_interim_answers_without_end_are_read_in_linear_time() -> None:
    early = EarlyAnswer()
    for _ in range(20_000):
        early.feed(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert not early.ends_sending


def receiving(sock: socket.socket, answer: bytes) -> threading.Thread:
    """Start to answer at once, and then to read all."""

    def run() -> None:
        sock.sendall(answer)
        count = 0
        while count < len(LARGE):
            count += len(sock.recv(65536))

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_all_is_sent_to_a_server_that_reads_on(pair: tuple[socket.socket, socket.socket], answer: bytes) -> None:
    early = EarlyAnswer()
    thread = receiving(pair[1], answer)
    assert send_watching(pair[0], LARGE, left, early)
    thread.join()
    assert bytes(early.data) in {answer, b""}  # what had not come when all was sent is left to the reader
    assert not early.is_cut


@pytest.mark.parametrize("answer", [b"HTTP/1.1 413 Too Large\r\n\r\n", b"garbage, and more of it"])
def test_an_answer_ends_the_sending(pair: tuple[socket.socket, socket.socket], answer: bytes) -> None:
    early = EarlyAnswer()
    pair[1].sendall(answer)
    assert not send_watching(pair[0], LARGE, left, early)
    assert early.is_cut
    assert early.take(999) == answer


def test_an_answer_that_comes_while_nothing_can_be_sent(pair: tuple[socket.socket, socket.socket]) -> None:
    early, waiting = EarlyAnswer(), threading.Event()

    def seconds_left() -> float | None:
        if full(pair[0]):
            waiting.set()
        return 30

    def answer() -> None:
        waiting.wait(60)
        pair[1].sendall(b"HTTP/1.1 401 Unauthorized\r\n\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    assert not send_watching(pair[0], LARGE, seconds_left, early)
    thread.join()
    assert early.data.startswith(b"HTTP/1.1 401")


def full(sock: socket.socket) -> bool:
    """Return whether nothing more can be sent now."""
    return not select.select([], [sock], [], 0)[1]


def test_a_server_that_closes_with_an_answer(pair: tuple[socket.socket, socket.socket]) -> None:
    early = EarlyAnswer()
    pair[1].sendall(b"HTTP/1.1 413 Too Large\r\n\r\n")
    pair[1].close()
    assert not send_watching(pair[0], LARGE, left, early)
    assert early.data.startswith(b"HTTP/1.1 413")


def test_a_server_that_closes_without_one(pair: tuple[socket.socket, socket.socket]) -> None:
    early = EarlyAnswer()
    pair[1].close()
    try:
        assert not send_watching(pair[0], LARGE, left, early)
    except OSError:  # a reset, where the system says so first
        pass
    else:
        assert early.has_ended
    assert early.is_cut


def test_nobody_reads_and_nobody_answers(pair: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        send_watching(pair[0], LARGE, silent_soon, EarlyAnswer())


def test_without_poll_select_does(pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("select.poll")
    early = EarlyAnswer()
    pair[1].sendall(b"HTTP/1.1 413 Too Large\r\n\r\n")
    assert not send_watching(pair[0], LARGE, left, early)
    with pytest.raises(TimeoutError):
        send_watching(pair[1], LARGE, silent_soon, EarlyAnswer())
