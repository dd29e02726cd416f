"""Readiness: a socket with nothing to read, with something, at its end, and closed."""

from __future__ import annotations

import select
import socket

import pytest

from restli_transports.wire.readiness import has_input

pytestmark = pytest.mark.sockets


@pytest.mark.parametrize("polls", [True, False], ids=["poll", "select"])
def test_a_socket_has_input_once_something_has_come_or_it_has_ended(
    polls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not polls:  # as on Windows
        monkeypatch.delattr(select, "poll", raising=False)
    one, other = socket.socketpair()
    with one, other:
        assert not has_input(one)
        other.sendall(b"x")
        assert has_input(one)
        assert has_input(one)  # it has read nothing
        one.recv(1)
        assert not has_input(one)
        other.close()
        assert has_input(one)
    with pytest.raises((OSError, ValueError)):
        has_input(one)
