"""Forks: what a child process must not share with its parent, and begins anew.

    on_fork(thing)                  in each child its method `after_fork` is called, before anything else runs there
    close_in_children(sock)         each child closes its copy of the socket, and says nothing on it

A child has copies of all that its parent had: of connections, so that both would read one another's answers from them;
and of locks, held for ever where another thread of the parent held them at that moment. gunicorn's ``preload_app`` and
the ``fork`` of multiprocessing are how programs come to it.

Both hold what they are given weakly. Where a system has no forks, nothing is ever called.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

from restli_transports import system

if TYPE_CHECKING:
    import socket

__all__ = ["Forking", "close_copy", "close_in_children", "on_fork", "plain_socket"]


class Forking(Protocol):
    """What has something to begin anew in a child."""

    def after_fork(self) -> None:
        """Begin anew: forget connections, tasks and threads, without touching them, and make new locks.

        Nothing else runs in the child yet. No lock of before may be taken, since nobody would ever release it.
        """
        ...


# Names of this module, and not of whoever asks: a fork is an event of the process.
_things: WeakSet[Forking] = WeakSet()
_sockets: WeakSet[socket.socket] = WeakSet()


def on_fork(thing: Forking) -> None:
    """Let each child call the method `after_fork` of this, in no order that could be relied on.

    Args:
        thing: it is held weakly, and must be hashable by what it is.
    """
    _things.add(thing)


def plain_socket(sock: Any) -> socket.socket | None:
    """Return the socket in asyncio's wrapper of it, which cannot be closed; None where another loop has none to show.

    There is no public way to it.
    """
    import socket  # only here, since clients that never open one have something to begin anew, too

    inner = getattr(sock, "_sock", sock)
    return inner if isinstance(inner, socket.socket) else None


def close_in_children(sock: Any) -> None:
    """Let each child close its copy of a socket, so that what the parent closes is closed.

    The connection is not shut down, and TLS says no farewell on it: it goes on in the parent.

    Args:
        sock: a socket, or asyncio's wrapper of one. It is held weakly; one that was closed or has become another one
            meanwhile is left alone.
    """
    plain = plain_socket(sock)
    if plain is not None:
        _sockets.add(plain)


def close_copy(sock: socket.socket) -> None:
    """Close this process's copy of a socket, in a child; its connection goes on in the parent."""
    with suppress(OSError):
        # Not `close`, which waits for files that were made of the socket.
        descriptor = sock.detach()
        if descriptor >= 0:
            os.close(descriptor)


def _begin_anew() -> None:
    for sock in list(_sockets):
        close_copy(sock)
    _sockets.clear()
    for thing in list(_things):
        try:
            thing.after_fork()
        except Exception as error:  # noqa: BLE001 - the others are to begin anew all the same
            sys.excepthook(type(error), error, error.__traceback__)  # nobody is there to catch it


system.call_in_children(_begin_anew)
