"""What begins anew in a child process. Programs fork here, and not the process of the tests, which has threads."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.support.source_tree import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")

PRELUDE = """
import os, socket, sys, threading
from restli_transports.wire.forks import close_in_children, on_fork

class Thing:
    def __init__(self):
        self.lock = threading.Lock()
        self.forks = 0
    def after_fork(self):
        self.lock = threading.Lock()
        self.forks += 1

def in_child(function):
    "What the function returns in a child, as text."
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(function()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text
"""


def output_of(program: str) -> str:
    """Return what a program prints, which has the prelude before it."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + dedent(program)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])},
    )
    return done.stdout + done.stderr


def test_each_child_begins_anew_and_the_parent_does_not() -> None:
    program = """
        thing = Thing()
        on_fork(thing)
        thing.lock.acquire()
        print(in_child(lambda: (thing.forks, thing.lock.acquire(timeout=10))))
        print(in_child(lambda: (thing.forks, in_child(lambda: thing.forks))))
        print(thing.forks, thing.lock.locked())
    """
    assert output_of(program) == "(1, True)\n(1, '2')\n0 True\n"


def test_nothing_is_kept_alive() -> None:
    program = """
        import gc, weakref
        thing, (sock, other) = Thing(), socket.socketpair()
        on_fork(thing)
        close_in_children(sock)
        held = [weakref.ref(thing), weakref.ref(sock)]
        sock.close()
        other.close()
        del thing, sock
        gc.collect()
        print([ref() for ref in held], in_child(lambda: "alive"))
    """
    assert output_of(program) == "[None, None] alive\n"


@pytest.mark.sockets
def test_a_child_closes_its_copy_of_a_second_handle() -> None:
    program = """
        import anyio
        from restli_transports.wire.second_handle import SecondHandle
        async def main():
            listener = socket.create_server(("127.0.0.1", 0))
            async with await anyio.connect_tcp("127.0.0.1", listener.getsockname()[1]) as stream:
                handle = SecondHandle(stream)
                print(in_child(lambda: handle._sock.fileno()), handle._sock.fileno() > 0)
                handle.close()
            listener.close()
        anyio.run(main)
    """
    assert output_of(program) == "-1 True\n"


def test_one_that_fails_leaves_the_others_their_turn_and_is_reported() -> None:
    program = """
        class Broken(Thing):
            def after_fork(self):
                raise ValueError("broken thing")
        things = [Broken(), Thing(), Broken(), Thing()]
        for thing in things:
            on_fork(thing)
        print(in_child(lambda: [thing.forks for thing in things]))
    """
    printed = output_of(program)
    assert printed.startswith("[0, 1, 0, 1]\n")
    assert printed.count("ValueError: broken thing") == 2


@pytest.mark.sockets
def test_a_child_closes_its_copy_of_a_socket_and_the_parent_keeps_it() -> None:
    program = """
        here, there = socket.socketpair()
        file = here.makefile("rb")      # which keeps a closed socket open
        close_in_children(here)
        closed = socket.socket()
        close_in_children(closed)
        closed.close()
        def child():
            there.close()
            try:
                os.fstat(number)
            except OSError:
                return here.fileno(), "closed"
        number = here.fileno()
        print(in_child(child))
        here.send(b"x")
        print(there.recv(1), here.fileno() == number)
        there.send(b"y")
        print(file.read(1))
        # Only the parent has it now: what it closes is closed.
        file.close()
        here.close()
        print(there.recv(1))
        there.close()
    """
    assert output_of(program) == "(-1, 'closed')\nb'x' True\nb'y'\nb''\n"
