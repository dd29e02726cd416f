"""Interrupts: wherever Ctrl-C comes in a call, the next call is answered, and gets its own answer.

Programs are interrupted here, and not the process of the tests. That an interrupt comes after each line in turn, of
ours and of the libraries, is what tracing is used for.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from restli_transports.testing.compliance.scripts import echo
from restli_transports.testing.scripted_server import ScriptedServer
from tests.support.libraries import need
from tests.support.source_tree import ROOT

pytestmark = pytest.mark.sockets

TRANSPORTS = {
    "urllib3": "Urllib3Transport",
    "requests": "RequestsTransport",
    "httpx": "HttpxTransport",
    "h11": "H11Transport",
}

PROGRAM = """
import faulthandler, itertools, json, sys
faulthandler.dump_traceback_later(90, exit=True)
from restli_core import HttpRequest
from restli_transports import Timeout
from restli_transports.{module} import {transport}

transport = {transport}()
numbers = itertools.count()

def call():
    number = next(numbers)
    request = HttpRequest("GET", f"{{sys.argv[1]}}/{{number}}")
    answer = transport.send(request, timeout=Timeout(connect=20, read=20, total=40))
    assert json.loads(answer.body) == {{"target": f"/{{number}}"}}, answer.body

def unraisable(happened):
    # An interrupt that comes while Python itself removes a weak reference is ignored there, and shown.
    if happened.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(happened)

sys.unraisablehook = unraisable
lines = 0

def count(frame, event, argument):
    global lines
    lines += event == "line"
    return count

def interrupt(frame, event, argument):
    global left
    left -= 1 if event == "line" else 0
    if left < 0:
        sys.settrace(None)
        raise KeyboardInterrupt
    return interrupt

call()
sys.settrace(count)
call()
sys.settrace(None)
interrupted = 0
for left_at in range(0, lines, max(lines // int(sys.argv[2]), 1)):
    left = left_at
    sys.settrace(interrupt)
    try:
        call()
    except KeyboardInterrupt:
        interrupted += 1
    finally:
        sys.settrace(None)
    call()
assert interrupted >= int(sys.argv[2]) // 2, interrupted
print("done")
"""


@pytest.mark.parametrize(("module", "transport"), TRANSPORTS.items(), ids=TRANSPORTS)
@pytest.mark.parametrize("places", [50, pytest.param(1000, marks=pytest.mark.deep)])
def test_a_call_after_an_interrupted_one(module: str, transport: str, places: int) -> None:
    need(f"restli_transports.{module}")
    path = os.pathsep.join([str(ROOT), str(ROOT / "transports")])
    with ScriptedServer(echo) as server:
        done = subprocess.run(
            [
                sys.executable,
                "-W",
                "ignore",
                "-c",
                PROGRAM.format(module=module, transport=transport),
                server.url,
                str(places),
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": path, "NO_PROXY": "*"},
        )
    assert (done.stdout, done.stderr) == ("done\n", "")
