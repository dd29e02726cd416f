"""Bodies: codings are undone piece by piece, and never beyond the limit."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterable

import pytest

from restli_transports.wire.body import DEFAULT_MAX_BODY, Body, UnreadableError, can_decode, limited

PLAIN = b'{"elements": [' + b"1, " * 1_000 + b"2]}"


def bare(data: bytes) -> bytes:
    """Return deflate without zlib's header, as some servers send it."""
    return zlib.compress(data, wbits=-15)


def read(coding: str, pieces: Iterable[bytes], limit: int | None = DEFAULT_MAX_BODY) -> bytes:
    body = Body(coding, limit)
    for piece in pieces:
        body.feed(piece)
    return body.finish()


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


CODED: dict[str, tuple[str, bytes, bytes]] = {
    "none": ("", PLAIN, PLAIN),
    "identity": ("identity", PLAIN, PLAIN),
    "gzip": ("gzip", gzip.compress(PLAIN), PLAIN),
    "x-gzip in capitals": ("X-GZIP", gzip.compress(PLAIN), PLAIN),
    "members of gzip": ("gzip", gzip.compress(PLAIN) + gzip.compress(b"") + gzip.compress(b"!"), PLAIN + b"!"),
    "deflate": ("deflate", zlib.compress(PLAIN), PLAIN),
    "bare deflate": ("Deflate", bare(PLAIN), PLAIN),
    "bare deflate of one byte": ("deflate", bare(b"x"), b"x"),
    "two": ("deflate, gzip", gzip.compress(zlib.compress(PLAIN)), PLAIN),
    "empty members of the list": (", gzip ,", gzip.compress(PLAIN), PLAIN),
    "a coding and no bytes": ("gzip", b"", b""),
    "deflate and no bytes": ("deflate", b"", b""),
    "an unknown one stays": ("br", b"\x00\x01", b"\x00\x01"),
    "so does what is inside it": ("gzip, br", gzip.compress(PLAIN), gzip.compress(PLAIN)),
    "but not what is around it": ("br, identity, gzip", gzip.compress(b"\x00\x01"), b"\x00\x01"),
}


@pytest.mark.parametrize("size", [1, 2, 1000, 10**6])
@pytest.mark.parametrize(("coding", "data", "plain"), CODED.values(), ids=CODED.keys())
def test_codings_are_undone_however_they_come_in(coding: str, data: bytes, plain: bytes, size: int) -> None:
    assert read(coding, cut(data, size)) == plain


GZIPPED = gzip.compress(b"x" * 1000)
BROKEN: dict[str, tuple[str, bytes, str]] = {
    "not gzip": ("gzip", b"hello", "the body is not gzip"),
    "a wrong checksum": ("gzip", GZIPPED[:-8] + bytes(8), "the body is not gzip"),
    "half a gzip": ("gzip", GZIPPED[:-9], "the body ends in the middle of its gzip"),
    "gzip and more": ("gzip", GZIPPED + b"more", "the body is not gzip"),
    "not deflate": ("deflate", b"\xff\xff\xff", "the body is not deflate"),
    "half a deflate": ("deflate", zlib.compress(b"abc")[:-1], "the body ends in the middle of its deflate"),
    "one byte of deflate": ("deflate", b"x", "the body ends in the middle of its deflate"),
    "deflate and more": ("deflate", zlib.compress(b"abc") * 2, "the body goes on after its deflate"),
    "deflate in gzip": ("gzip", zlib.compress(b"abc"), "the body is not gzip"),
}


@pytest.mark.parametrize("size", [1, 10**6])
@pytest.mark.parametrize(("coding", "data", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_not_of_its_coding_is_unreadable(coding: str, data: bytes, reason: str, size: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(coding, cut(data, size))
    assert str(caught.value) == reason


def test_six_codings_are_unreadable() -> None:
    Body("gzip, gzip, gzip, gzip, gzip", None)
    with pytest.raises(UnreadableError, match="the body has 6 codings"):
        Body("gzip, gzip, gzip, gzip, gzip, gzip", None)


@pytest.mark.parametrize("size", [1, 7, 10**6])
@pytest.mark.parametrize("coding", ["", "gzip", "deflate", "deflate, gzip"])
def test_a_body_may_have_as_many_bytes_as_the_limit_and_no_more(coding: str, size: int) -> None:
    def coded(data: bytes) -> bytes:
        for name in coding.split(", "):
            data = gzip.compress(data) if name == "gzip" else zlib.compress(data) if name == "deflate" else data
        return data

    assert read(coding, cut(coded(b"x" * 100), size), 100) == b"x" * 100
    assert read(coding, cut(coded(b"x" * 101), size), None) == b"x" * 101
    with pytest.raises(UnreadableError, match="the body is larger than 100 bytes"):
        read(coding, cut(coded(b"x" * 101), size), 100)


def test_the_limit_holds_for_all_members_of_gzip_together() -> None:
    with pytest.raises(UnreadableError, match="larger than 100 bytes"):
        read("gzip", [gzip.compress(b"x" * 60), gzip.compress(b"x" * 60)], 100)


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip"])
def test_what_would_unfold_without_bounds_is_not_unpacked(coding: str) -> None:
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(coder.compress(bytes(2**20)) for _ in range(32)) + coder.flush()
    data = gzip.compress(bomb) if coding == "gzip, gzip" else bomb
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableError, match="larger"):
            read(coding, [data], 2**16)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**21


EMPTY = gzip.compress(b"")
STORED = b"\x00\x00\x00\xff\xff"  # a block of deflate with nothing in it
SMALL: dict[str, tuple[str, bytes]] = {
    "members": ("gzip", EMPTY * 10_001),
    "members in gzip": ("gzip, gzip", gzip.compress(EMPTY * 200_000)),
    "members in gzip twice": ("x-gzip, gzip, gzip", gzip.compress(gzip.compress(EMPTY * 200_000))),
    "members in deflate": ("gzip, deflate", zlib.compress(EMPTY * 200_000)),
}


@pytest.mark.parametrize(("coding", "data"), SMALL.values(), ids=SMALL.keys())
@pytest.mark.parametrize("limit", [None, DEFAULT_MAX_BODY], ids=["no limit", "a limit"])
def test_what_unfolds_to_nothing_has_an_end(coding: str, data: bytes, limit: int | None) -> None:
    with pytest.raises(UnreadableError, match="the body has more than 10000 members of gzip"):
        read(coding, [data], limit)


def test_as_many_members_as_there_may_be() -> None:
    assert read("gzip", [gzip.compress(b"x") * 10_000]) == b"x" * 10_000


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("gzip", gzip.compress(bytes(2**22))),
        ("gzip", EMPTY * 1000),
        ("deflate, gzip", gzip.compress(STORED * 2**18)),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(2**22)))),
    ],
    ids=["zeros", "members", "blocks", "twice"],
)
def test_one_piece_is_undone_in_steps_with_a_check_before_each(coding: str, data: bytes) -> None:
    checks = 0

    def check() -> None:
        nonlocal checks
        checks += 1
        if checks > 15:
            raise TimeoutError

    body = Body(coding, None, check)
    with pytest.raises(TimeoutError):
        body.feed(data)
    assert checks == 16


def test_what_zlib_holds_back_comes_out() -> None:
    # With two symbols of a bit each, one byte of input gives up to a thousand of output, more than a step has room for.
    for size in range(65536 * 3 - 300, 65536 * 3 + 300, 37):
        for coding, coded in (("deflate", zlib.compress(bytes(size), 9)), ("Deflate", bare(bytes(size)))):
            assert read(coding, [coded]) == bytes(size)
            assert read(coding, cut(coded, 1)) == bytes(size)


@pytest.mark.parametrize(
    ("coding", "known"),
    [
        ("", True),
        ("identity", True),
        ("gzip", True),
        ("X-Gzip, Deflate", True),
        ("br", False),
        ("gzip, br", False),
        ("zstd, gzip", False),
    ],
)
def test_which_codings_can_be_undone(coding: str, known: bool) -> None:
    assert can_decode(coding) is known


def test_content_that_a_library_has_read() -> None:
    assert limited(b"12345", 5) == b"12345"
    assert limited(b"12345", None) == b"12345"
    with pytest.raises(UnreadableError, match="the body is larger than 4 bytes"):
        limited(b"12345", 4)
