"""Crews of threads: at the end of a program, in a child that was forked, and by Ctrl-C. Programs show these."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from restli_transports.concurrency.threads import Crew
from tests.support.flows_of_steps import open_threads, perform, steps, value
from tests.support.source_tree import ROOT

COMMON = """
import atexit, itertools, os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have what runs in the background ignore it
from restli_transports.concurrency import Sending

def sending(flows, **options):
    return Sending(flows, lambda flow: flow, lambda step: step(), **{"at_once": 4, **options})

def value(number):
    return (yield lambda: number)

def steps(*functions):
    for function in functions:
        yield function

def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("restli")]
"""


def result_of(program: str) -> tuple[int, str, str]:
    """Run a program; return its status, what it printed, and the last line of what went wrong."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "transports")])
    done = subprocess.run(
        [sys.executable, "-W", "ignore:This process:DeprecationWarning", "-c", COMMON + program],  # of forks
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path},
    )
    return done.returncode, done.stdout, done.stderr.strip().rpartition("\n")[2]


def test_a_job_runs_in_a_thread() -> None:
    crew = Crew(perform, None)
    seen: list[int] = []
    job = crew.start(steps(lambda: seen.append(threading.get_ident()), lambda: 5), 1)
    assert crew.done.get(timeout=60) is job
    assert (job.result, job.error, job.is_done) == (5, None, True)
    assert seen != [threading.get_ident()]
    crew.end()
    assert open_threads() == []


def test_once_stopped_nothing_begins() -> None:
    crew = Crew(perform, None)
    crew.stop()
    crew.stop()
    job = crew.start(value(5), 1)
    crew.end()
    assert [crew.done.get(timeout=60) for _ in range(2)] == [None, job]
    assert job.result is None
    assert open_threads() == []


def test_threads_end_early_once_there_is_nothing_more() -> None:
    crew = Crew(perform, None)
    crew.start(value(5), 1)
    crew.end_early()
    for thread in threading.enumerate():
        if thread.name.startswith("restli-sending"):
            thread.join(60)
    assert open_threads() == []
    crew.end()


def test_a_program_ends_while_one_is_in_the_midst() -> None:
    program = """
gate, begun, order = threading.Event(), threading.Event(), []

def ending():
    begun.set()
    gate.wait(60)
    order.append("ended")

def flows():
    yield steps(ending, lambda: order.append("next step"))
    begun.wait(60)
    while True:
        yield value(1)

atexit.register(lambda: print(order, len(threads())))  # after that of the crews, which is registered later
kept = sending(flows(), ordered=False, wake=gate.set)
print(next(kept))
"""
    assert result_of(program) == (0, "1\n['ended'] 0\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
def test_a_child_has_none_of_the_threads() -> None:
    program = """
gate = threading.Event()
results = sending([steps(lambda: gate.wait(60)), value(1), value(1)], ordered=False)
print(next(results), flush=True)
child = os.fork()
if not child:
    try:
        next(results)
    except ValueError as error:
        print(error, flush=True)
    results.close()
    print(list(sending(map(value, range(3)))), flush=True)
    del results
    sys.exit(0)  # at whose end nothing is waited for
status = os.waitpid(child, 0)[1]
gate.set()
print(status, sorted(map(str, results)), threads())
"""
    refused = "sending: is another process's, where its calls are on their way: make one here"
    assert result_of(program) == (0, f"1\n{refused}\n[0, 1, 2]\n0 ['1', 'None'] []\n", "")


# One thread, so that the interrupt does not come in the midst of the start of another one.
INTERRUPTED = """
gate, begun, order = threading.Event(), threading.Event(), []

def ending():
    begun.set()
    gate.wait(60)
    order.append("ended")

def interrupt():
    begun.wait(60)
    os.kill(os.getpid(), signal.SIGINT)

def flows():
    yield steps(ending, lambda: order.append("next step"))
    yield from (value(number) for number in itertools.count())

threading.Thread(target=interrupt).start()
"""


@pytest.mark.skipif(os.name == "nt", reason="needs signals to oneself")
@pytest.mark.parametrize("ordered", [True, False])
def test_an_interrupt_leaves_nothing_running(ordered: bool) -> None:
    program = f"""
results = sending(flows(), wake=gate.set, ordered={ordered}, at_once=1)
try:
    with results:
        for result in results:
            pass
except KeyboardInterrupt:
    print(order, threads())
"""
    assert result_of(INTERRUPTED + program) == (0, "['ended'] []\n", "")


@pytest.mark.skipif(os.name == "nt", reason="needs signals to oneself")
def test_a_second_interrupt_does_not_wait() -> None:
    program = """
stopped = threading.Event()

def interrupt_again():
    stopped.wait(60)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt_again).start()
try:
    with sending(flows(), wake=stopped.set, at_once=1) as results:
        list(results)
except KeyboardInterrupt as error:
    print(order, isinstance(error.__context__, KeyboardInterrupt))
# The gate is closed, but the end of the program does not wait either.
"""
    assert result_of(INTERRUPTED + program) == (0, "[] True\n", "")


@pytest.mark.skipif(os.name == "nt", reason="needs signals to oneself")
def test_an_interrupt_that_nobody_catches_ends_the_program() -> None:
    program = """
for result in sending(flows(), wake=gate.set, at_once=1):
    pass
"""
    status, printed, error = result_of(INTERRUPTED + program)
    assert (status, printed, error) == (-signal.SIGINT, "", "KeyboardInterrupt")
