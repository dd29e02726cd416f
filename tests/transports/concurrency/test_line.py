"""The line of jobs: which is given next, in order or as they are done."""

from __future__ import annotations

import pytest

from restli_core import InvalidCallError
from restli_transports.concurrency.line import Job, Line, check_whole
from tests.support.flows_of_steps import value


def done(line: Line, job: Job) -> None:
    job.is_done = True
    line.note(job)


@pytest.mark.parametrize("ordered", [True, False])
def test_whose_turn_it_is(ordered: bool) -> None:
    line, jobs = Line(ordered=ordered), [Job(value(number)) for number in range(3)]
    for job in jobs:
        line.add(job)
    assert (len(line), line.pop()) == (3, None)
    done(line, jobs[1])
    assert line.pop() is (None if ordered else jobs[1])
    done(line, jobs[2])
    done(line, jobs[0])
    assert [line.pop() for _ in range(len(line))] == (jobs if ordered else [jobs[2], jobs[0]])
    assert (len(line), line.pop()) == (0, None)


@pytest.mark.parametrize("ordered", [True, False])
def test_a_failure_is_known_before_its_turn(ordered: bool) -> None:
    line, jobs = Line(ordered=ordered), [Job(value(number)) for number in range(2)]
    for job in jobs:
        line.add(job)
    assert not line.has_failed
    jobs[1].error = ZeroDivisionError()
    done(line, jobs[1])
    assert line.has_failed


@pytest.mark.parametrize("at_once", [1, 8, 10**9])
def test_how_many_at_once(at_once: int) -> None:
    assert check_whole("at_once", at_once) == at_once


@pytest.mark.parametrize("at_once", [0, -8, True, 1.5, "8", None], ids=repr)
def test_how_many_at_once_is_a_whole_number(at_once: int) -> None:
    with pytest.raises(InvalidCallError) as caught:
        check_whole("at_once", at_once)
    assert str(caught.value) == "at_once: must be a whole number, 1 or above"
