"""Forks: a child begins without connections and with free locks, and the parent's connections go on.

Programs fork here, and not the process of the tests. They talk to servers in that process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from restli_transports.testing.compliance.scripts import echo
from restli_transports.testing.compliance.surroundings import authority, plain_environment, speaking_tls, trust
from restli_transports.testing.compliance.wire_view import request_target
from restli_transports.testing.scripted_server import Connection, ScriptedServer, response
from tests.support.libraries import need
from tests.support.source_tree import ROOT

pytestmark = [pytest.mark.sockets, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")]

# The module of restli_transports, what else is to be imported, and the transport.
BLOCKING = {
    "urllib3": ("urllib3", "", "Urllib3Transport()"),
    "urllib3, given": ("urllib3", "urllib3", "Urllib3Transport(urllib3.PoolManager())"),
    "urllib3, given a host's pool": ("urllib3", "urllib3", "Urllib3Transport(urllib3.connection_from_url(url))"),
    "requests": ("requests", "", "RequestsTransport()"),
    "requests, given": ("requests", "requests", "RequestsTransport(requests.Session())"),
    "requests, given an adapter": ("requests", "requests", "RequestsTransport(exact_session())"),
    "httpx": ("httpx", "", "HttpxTransport()"),
    "httpx, given": ("httpx", "httpx", "HttpxTransport(httpx.Client())"),
    "httpx2, given": ("httpx", "httpx2", "HttpxTransport(httpx2.Client())"),
    "h11": ("h11", "", "H11Transport()"),
}
ASYNC = {
    "httpx": ("httpx", "", "HttpxAsyncTransport()"),
    "httpx, given": ("httpx", "httpx", "HttpxAsyncTransport(httpx.AsyncClient())"),
    "h11": ("h11", "", "H11AsyncTransport()"),
    "aiohttp": ("aiohttp", "", "AiohttpTransport()"),
}

COMMON = """
import asyncio, json, os, sys, threading
from restli_core import HttpRequest
from restli_transports import Timeout
from restli_transports.{module} import *
{imports}

def exact_session():
    from restli_transports.requests import ExactAdapter
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, ExactAdapter())
    return session

url = sys.argv[1]
transport = {transport}
limits = Timeout(connect=20, read=20, total=40)

def call(number):
    request = HttpRequest("GET", f"{{url}}/{{number}}")
    if {asynchronous}:
        answer = asyncio.run(transport.send(request, timeout=limits))
    else:
        answer = transport.send(request, timeout=limits)
    assert json.loads(answer.body) == {{"target": f"/{{number}}"}}, (number, answer.body)

def child(function):
    "Run a function in a child; return its id."
    sys.stdout.flush()
    made = os.fork()
    if made == 0:
        status = 1
        try:
            function()
            status = 0
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return made

def wait(*children):
    assert [os.waitpid(made, 0)[1] for made in children] == [0] * len(children)
"""

THREADS = """
stop, wrong = threading.Event(), []

def go_on(name):
    number = 0
    try:
        while not stop.is_set():
            call(f"{name}/{number}")
            number += 1
    except BaseException as error:
        wrong.append(repr(error))

threads = [threading.Thread(target=go_on, args=[f"thread{number}"]) for number in range(4)]
for thread in threads:
    thread.start()
try:
    for turn in range(4):
        wait(child(lambda: [call(f"child{turn}/{number}") for number in range(3)]))
finally:
    stop.set()
    for thread in threads:
        thread.join()
assert not wrong, wrong
print("done")
"""

# What the parent has opened is used by it alone, before and after, and is closed when the parent closes it, even while
# the child lives.
ONE_EACH = """
call("parent")
for turn in range(2):
    reader, writer = os.pipe()
    def work():
        os.close(writer)
        call("child")
        os.read(reader, 1)          # until the parent is done
    made = child(work)
    os.close(reader)
    if turn == 0:
        call("parent-again")
    else:
        transport.close()
        print("closed", flush=True)
        sys.stdin.readline()        # until the server has seen it
    os.close(writer)
    wait(made)
"""

LOOPS = """
async def forks():
    await transport.send(HttpRequest("GET", f"{url}/inside"), timeout=limits)
    made = child(lambda: threaded(lambda: call("child-of-a-loop")))
    await asyncio.to_thread(wait, made)
    answer = await transport.send(HttpRequest("GET", f"{url}/inside-again"), timeout=limits)
    assert json.loads(answer.body) == {"target": "/inside-again"}

def threaded(function):
    failures = []
    def run():
        try:
            function()
        except BaseException as error:
            failures.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]

asyncio.run(forks())
if "(httpx" not in sys.argv[2]:     # a given client belongs to one event loop
    call("parent")
    wait(child(lambda: [call(f"child/{number}") for number in range(3)]))
    call("parent-again")
print("done")
"""


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)
    trust(authority(), monkeypatch, tmp_path)


def start(of: tuple[str, str, str], program: str, url: str, *, asynchronous: bool = False) -> subprocess.Popen[str]:
    module, imported, transport = of
    need(f"restli_transports.{module}", *imported.split())
    imports = f"import {imported}" if imported else ""
    text = COMMON.format(module=module, imports=imports, transport=transport, asynchronous=asynchronous) + program
    path = os.pathsep.join([str(ROOT), str(ROOT / "transports")])
    return subprocess.Popen(
        # Python warns of threads beside a fork from 3.12 on; that is what is tried here.
        [sys.executable, "-W", "ignore:.*fork:DeprecationWarning", "-c", text, url, transport],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


def check_done(running: subprocess.Popen[str]) -> None:
    try:
        printed, failures = running.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)  # its children, too
        pytest.fail(f"it hangs: {running.communicate()}")
    assert (printed, failures) == ("done\n", "")


class Recorder:
    """A script that records by connection what is asked for, and when the client has closed."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.ended: list[threading.Event] = []

    def __call__(self, connection: Connection) -> None:
        asked: list[str] = []
        ended = threading.Event()
        self.asked.append(asked)
        self.ended.append(ended)
        try:
            while request := connection.request():
                asked.append(request_target(request))
                connection.send(response("200 OK", json.dumps({"target": asked[-1]}).encode()))
        finally:
            ended.set()


# Each takes seconds of processors; that a given session begins anew is tested beside its module, too.
KINDS = [
    pytest.param(of, id=name, marks=[pytest.mark.deep] if "given" in name else []) for name, of in BLOCKING.items()
]


@pytest.mark.parametrize("of", KINDS)
def test_parent_and_children_have_connections_of_their_own(of: tuple[str, str, str]) -> None:
    recorder = Recorder()
    own = of[2].endswith("Transport()")
    with ScriptedServer(recorder, tls=speaking_tls() if own else None) as server:
        running = start(of, ONE_EACH + THREADS, server.url)
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stdout.readline() == "closed\n"
        if own:  # a given session stays open
            assert recorder.ended[0].wait(30)
        check_done(running)
    assert recorder.asked[0][:2] == ["/parent", "/parent-again"]
    assert recorder.asked[1:3] == [["/child"], ["/child"]]


@pytest.mark.parametrize("of", ASYNC.values(), ids=ASYNC)
def test_event_loops_in_children(of: tuple[str, str, str]) -> None:
    with ScriptedServer(echo) as server:
        check_done(start(of, LOOPS, server.url, asynchronous=True))
