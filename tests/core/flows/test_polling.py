"""Polling: until an answer is as wanted, or the time to wait is over."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import restli_core as restli
from restli_core import Backoff, GetResponse, HttpResponse, InvalidCallError, PollTimeoutError, ServerError
from restli_core.flows import Wait, poll, run

CALL = restli.get("/adCampaigns/{id}", path_keys={"id": 5})
MADE: Any = poll  # without its types


def played(statuses: list[str], **options: Any) -> tuple[GetResponse, list[float]]:
    """What a poll returns where the answers have these statuses, the last of them for ever; and its waits."""
    waits: list[float] = []
    coming = iter(statuses)
    last = statuses[-1]

    def answer(step: Any) -> Any:
        if isinstance(step, Wait):
            return waits.append(step.seconds)
        assert step is CALL
        body = f'{{"status": "{next(coming, last)}"}}'
        return CALL.parse(HttpResponse(200, {}, body.encode()))

    try:
        return run(poll(CALL, until=lambda got: got.entity["status"] == "ACTIVE", **options), answer), waits
    except PollTimeoutError as error:
        error.waits = waits  # type: ignore[attr-defined]
        raise


def test_the_answer_that_is_as_wanted_is_returned() -> None:
    answer, waits = played(["DRAFT", "PENDING", "ACTIVE"], within=60)
    assert answer.entity == {"status": "ACTIVE"}
    assert waits == [0.25, 0.5]  # those of Backoff()


def test_it_may_be_so_at_once() -> None:
    assert played(["ACTIVE"], within=0)[1] == []


def test_the_waits_are_as_long_as_they_may_be_in_all() -> None:
    with pytest.raises(PollTimeoutError, match=r"^GET .*adCampaigns/5: .*within 10 s$") as raised:
        played(["DRAFT"], within=10, waits=Backoff(first=2, factor=2, most=5))
    waits: Any = vars(raised.value)["waits"]
    assert waits == [2, 4, 4]  # the last one is cut
    assert raised.value.answer.entity == {"status": "DRAFT"}
    assert pickle.loads(pickle.dumps(raised.value)).answer == raised.value.answer


def test_waits_of_no_time_end_all_the_same() -> None:
    with pytest.raises(PollTimeoutError):
        played(["DRAFT"], within=1, waits=Backoff(first=0))


def test_a_failure_ends_it() -> None:
    def fail(step: Any) -> Any:
        return step.parse(HttpResponse(503, {}, b""))

    with pytest.raises(ServerError):
        run(poll(CALL, until=bool, within=60), fail)


@pytest.mark.parametrize(
    ("call", "options", "argument"),
    [
        ("/me", {}, "call"),
        (restli.delete("/adCampaigns/5"), {}, "call"),
        (CALL, {"until": "ACTIVE"}, "until"),
        (CALL, {"within": -1}, "within"),
        (CALL, {"within": "60"}, "within"),
        (CALL, {"waits": 5}, "waits"),
    ],
)
def test_what_cannot_be_polled_is_refused_at_once(call: Any, options: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as refused:
        MADE(call, **{"until": bool, "within": 60, **options})
    assert refused.value.argument == argument
