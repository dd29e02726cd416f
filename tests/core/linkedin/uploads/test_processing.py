"""Processing: how long to wait for what was uploaded, and what may come of it."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from restli_core import (
    Calls,
    HttpResponse,
    InvalidCallError,
    NotFoundError,
    PollTimeoutError,
    Urn,
)
from restli_core.flows import Wait, run
from restli_core.linkedin.uploads.processing import ProcessingFailedError, Waiting, status_of

URN = Urn("urn:li:video:C5")
GET = Calls(version_string="202609").get("/videos/{urn}", path_keys={"urn": URN})


def waited(waiting: Waiting, *answers: Any) -> tuple[Urn, list[float], int]:
    """What a wait returns, its waits, and how often it asked; the last answer comes for ever."""
    waits: list[float] = []
    coming = [*answers]
    asked = 0

    def perform(step: Any) -> Any:
        nonlocal asked
        if isinstance(step, Wait):
            return waits.append(step.seconds)
        asked += 1
        answer = coming.pop(0) if len(coming) > 1 else coming[0]
        if isinstance(answer, int):
            return GET.parse(HttpResponse(answer))
        return GET.parse(HttpResponse(200, {}, json.dumps(answer).encode()))

    return run(waiting.available(URN, GET), perform), waits, asked


AT_WORK = ({"status": "WAITING_UPLOAD"}, {"status": "PROCESSING"})
DONE = {"status": "AVAILABLE"}


def test_it_is_waited_for() -> None:
    assert waited(Waiting("available", 60), *AT_WORK, None, [], {}, DONE) == (URN, [0.25, 0.5, 1, 2, 4], 6)


def test_or_not() -> None:
    assert waited(Waiting(None, 60), 500) == (URN, [], 0)


def test_a_token_that_may_not_look_ends_the_wait() -> None:
    assert waited(Waiting("available", 60), 403) == (URN, [], 1)
    assert waited(Waiting("available", 60), *AT_WORK, 403) == (URN, [0.25, 0.5], 3)


def test_any_other_failure_is_one() -> None:
    with pytest.raises(NotFoundError, match="urn%3Ali%3Avideo%3AC5"):
        waited(Waiting("available", 60), 404)


@pytest.mark.parametrize(
    ("given", "reason", "said"),
    [
        ("too dark", "too dark", "too dark"),
        (None, None, "it does not say why"),
        ({"why": 1}, None, "it does not say why"),
        ("\x1b[31mred\n", "\x1b[31mred\n", "\\x1b[31mred "),
        ("x" * 1000, "x" * 1000, "x" * 449 + "…"),
    ],
    ids=["text", "none", "object", "control", "long"],
)
def test_what_cannot_be_processed(given: Any, reason: str | None, said: str) -> None:
    with pytest.raises(ProcessingFailedError) as caught:
        waited(Waiting("available", 60), {"status": "PROCESSING_FAILED", "processingFailureReason": given})
    error = pickle.loads(pickle.dumps(caught.value))
    assert str(error) == f"urn:li:video:C5 was uploaded, and LinkedIn could not process it: {said}"
    assert (error.urn, error.reason, error.answer.entity["status"]) == (URN, reason, "PROCESSING_FAILED")


@pytest.mark.parametrize(("answer", "said"), [(AT_WORK[1], "PROCESSING"), ({}, "without a status"), (None, "without")])
def test_what_takes_too_long(answer: Any, said: str) -> None:
    with pytest.raises(PollTimeoutError, match=f"^urn:li:video:C5 was uploaded, and was still {said}.* after 1.5 s"):
        waited(Waiting("available", 1.5), answer)


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        (("AVAILABLE", 60), "wait"),
        ((True, 60), "wait"),
        (("available", -1), "within"),
        (("available", "60"), "within"),
        ((None, float("nan")), "within"),
        (("available", 10**9), "within"),
    ],
)
def test_odd_waits_are_refused(given: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as refused:
        Waiting(*given)
    assert refused.value.argument == argument


@pytest.mark.parametrize(
    ("entity", "status"),
    [
        (None, None),
        ([], None),
        ({}, None),
        ({"status": 5}, None),
        (DONE, "AVAILABLE"),
        ({"status": "ALLOWED", "recipes": [{"status": "PROCESSING"}]}, "PROCESSING"),
        ({"recipes": [DONE, {"status": "SERVER_ERROR"}]}, "SERVER_ERROR"),
        ({"recipes": [DONE, {"status": "PROCESSING"}, DONE]}, "PROCESSING"),
        ({"recipes": [DONE, DONE]}, "AVAILABLE"),
        ({"recipes": [None, {"status": 5}, DONE]}, "AVAILABLE"),
        ({"recipes": [], "status": "ALLOWED"}, None),
        ({"recipes": "none", "status": "AVAILABLE"}, "AVAILABLE"),
    ],
)
def test_statuses(entity: Any, status: str | None) -> None:
    assert status_of(entity) == status


@pytest.mark.parametrize("status", ["PROCESSING_FAILED", "CLIENT_ERROR", "SERVER_ERROR"])
def test_an_asset_that_failed(status: str) -> None:
    with pytest.raises(ProcessingFailedError, match="does not say why"):
        waited(Waiting("available", 60), {"recipes": [{"status": status}]})
