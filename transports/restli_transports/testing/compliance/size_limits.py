"""Limits on the size of a body: as many bytes as the limit are read and unpacked, and no more."""

from __future__ import annotations

import contextlib
import gzip
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache
from typing import Final

import pytest

from restli_core.errors import ProtocolError
from restli_transports.testing.compliance.scripts import after_request, bomb, chunked
from restli_transports.testing.compliance.senders import get, receive
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.scripted_server import Connection, ScriptedServer, response

__all__ = ["GivenSizeLimits"]


@cache
def members(count: int) -> bytes:
    """Return so many members of gzip with nothing in them, in gzip: a thousandth of their own size."""
    return gzip.compress(gzip.compress(b"") * count)


# Content-Encoding, and a small body that unfolds to millions of bytes of which nothing comes.
NOTHING: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "members in gzip": ("gzip, gzip", lambda: members(500_000)),
    "members in gzip, in gzip and deflate": (
        "gzip, gzip, gzip, deflate",
        lambda: zlib.compress(gzip.compress(members(500_000))),
    ),
    "members": ("gzip", lambda: gzip.compress(b"") * 20_000),
}


class GivenSizeLimits(Suite):
    """What every transport keeps to."""

    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_a_body_may_have_as_many_bytes_as_the_limit_and_no_more(self, framing: str) -> None:
        def data(size: int) -> bytes:
            head = ["Transfer-Encoding: chunked"] if framing == "chunked" else []
            body = chunked(b"x" * size) if framing == "chunked" else b"x" * size
            return response("200 OK", body, *head, length=framing == "length")

        with self.opened(max_body=200_000) as sender:
            assert len(receive(sender, data(200_000)).body) == 200_000
            with pytest.raises(ProtocolError, match="200000"):
                receive(sender, data(200_001))

    def test_a_bomb_is_not_unpacked(self) -> None:
        data = response("200 OK", bomb(2**26), "Content-Encoding: gzip")
        with self.opened(max_body=2**20) as sender, ScriptedServer(after_request(data)) as server:
            tracemalloc.start()
            try:
                with pytest.raises(ProtocolError):
                    get(sender, server.url)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert peak < 2**23

    def test_a_bomb_in_a_bomb_is_not_unpacked(self) -> None:
        data = response("200 OK", gzip.compress(bomb(2**26)), "Content-Encoding: gzip, gzip")
        with self.opened(max_body=2**20) as sender, pytest.raises(ProtocolError):
            receive(sender, data)

    @pytest.mark.parametrize(("coding", "data"), NOTHING.values(), ids=NOTHING)
    def test_what_unfolds_to_nothing_is_not_unfolded_for_ever(self, coding: str, data: Callable[[], bytes]) -> None:
        with self.opened() as sender, pytest.raises(ProtocolError, match="members"):
            receive(sender, response("200 OK", data(), f"Content-Encoding: {coding}"))

    def test_beyond_the_limit_nothing_is_read(self) -> None:
        broken_off = threading.Event()

        def endless(connection: Connection) -> None:
            connection.request()
            connection.send(response("200 OK", length=False))
            with contextlib.suppress(OSError):
                for _ in range(2**10):  # 64 MiB: enough to show it, on any machine
                    connection.send(bytes(2**16))
                return
            broken_off.set()

        with ScriptedServer(endless) as server, self.opened(max_body=2**20) as sender:
            with pytest.raises(ProtocolError):
                get(sender, server.url)
            assert broken_off.wait(60)

    def test_the_body_of_a_redirect_has_the_same_limit(self) -> None:
        data = response("302 Found", bytes(5000), "Location: /b")
        with self.opened(max_body=1000) as sender, pytest.raises(ProtocolError):
            receive(sender, data)

    def test_no_limit(self) -> None:
        with self.opened(max_body=None) as sender:
            assert len(receive(sender, response("200 OK", bytes(2**20))).body) == 2**20
