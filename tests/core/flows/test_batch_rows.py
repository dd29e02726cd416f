"""Rows of batch calls: which are sent again, after how long, and when a call is cut in two."""

from __future__ import annotations

from typing import Any

import pytest

import restli_core as restli
from restli_core import BatchRow, ConnectError, HttpResponse, RateLimitError, RetryPolicy, ServiceError
from restli_core.flows.batch_rows import RowRetries, RowsAgain, row_error, rows_of, too_much
from restli_core.flows.retry import Backoff
from restli_core.responses.parsing import service_error
from tests.support.samples import call

GET = call("batch_get")


def failure(status: int, document: Any = None, headers: dict[str, str] | None = None) -> ServiceError:
    return service_error(GET.request, HttpResponse(status, headers or {}, b"{}"), lambda _: document)


# -- rows --------------------------------------------------------------------------------------------------------------


def test_the_status_of_a_created_row_may_be_that_of_its_error() -> None:
    create = restli.batch_create("/r", [{}] * 4)
    body = b'{"elements": [{"error": {"status": 503}}, {"error": "x"}, {"error": {"status": "x"}}]}'
    rows = rows_of(create, create.parse(HttpResponse(200, {}, body)))
    assert [(row.id, row.status, row.key, row.failed) for row in rows] == [
        (0, 503, None, True),
        (1, None, None, True),
        (2, None, None, True),
        (3, None, None, True),  # the answer says nothing of it
    ]
    assert rows[3].error is None


def test_more_elements_than_entities_make_no_rows() -> None:
    create = restli.batch_create("/r", [{}])
    answer = create.parse(HttpResponse(200, {}, b'{"elements": [{"id": "1"}, {"id": "2"}]}'))
    assert [row.key for row in rows_of(create, answer)] == ["1"]


def test_the_error_of_a_row_is_that_of_a_call() -> None:
    error = row_error(GET, BatchRow(1, "1", 429, None, {"message": "DAY limit"}), {"Retry-After": "7"})
    assert isinstance(error, RateLimitError)
    assert (error.message, error.retry_after, error.scope) == ("DAY limit", 7.0, "day")
    odd = row_error(GET, BatchRow(1, "1", 503, None, "down"), {})
    assert odd is not None
    assert odd.status_code == 503
    for row in (BatchRow(1, "1", 200, {}, None), BatchRow(1, "1", None, None, {}), BatchRow(1, "1", 399, None, {})):
        assert row_error(GET, row, {}) is None


# -- too much ----------------------------------------------------------------------------------------------------------

TOO_MUCH = [
    (413, {}, "large"),
    (414, {"message": "URI Too Long"}, "large"),
    (400, {"message": "Request would return too many entities. "}, "many"),
    (400, {"message": "Specified count is larger than 1000"}, "many"),
    (400, {"message": "Too many ids: 100 at most"}, "many"),
    (400, {"message": "Batch size 200 exceeds 100"}, "many"),
    (400, {"code": "BATCH_SIZE_EXCEEDED"}, "many"),
    (400, {"message": "the maximum number of batch elements is 20"}, "many"),
    (400, {"message": "The number of ids (120) exceeds the limit of 100"}, "many"),
    (400, {"message": "more than 100 ids were given"}, "many"),
    (400, {"code": "TOO_MANY_KEYS"}, "many"),
    (400, {"message": "Request is too large"}, "large"),
    (400, {"code": "MULTIPLE_ACCOUNTS_UNSUPPORTED"}, "mixed"),
    (400, {"message": "The name has too many characters"}, None),
    (400, {"message": "Invalid param"}, None),
    (400, {}, None),
    (400, None, None),
    (422, {"message": "too many entities"}, None),
    (429, {"message": "too many requests"}, None),
    (500, {}, None),
]


@pytest.mark.parametrize(("status", "document", "why"), TOO_MUCH, ids=range(len(TOO_MUCH)))
def test_what_is_cut_in_two(status: int, document: Any, why: str | None) -> None:
    assert too_much(failure(status, document)) == why


def test_what_never_reached_the_server_was_not_too_much() -> None:
    assert too_much(ConnectError("too many entities")) is None


# -- retries -----------------------------------------------------------------------------------------------------------


def test_each_row_is_counted_by_itself() -> None:
    retries = RowRetries(RetryPolicy(3, backoff=Backoff(1.0, 2.0), throttled=Backoff(8.0, 2.0)), "safe")
    half = lambda: 0.5  # noqa: E731 - half of the longest wait
    assert retries.after({}, 0, half) is None
    assert retries.after({4: failure(503), 7: failure(429), 9: failure(404)}, 0, half) == RowsAgain([4, 7], 4.0, 14)
    assert retries.after({4: failure(503)}, 1, half) == RowsAgain([4], 1.0, 14)
    assert retries.after({4: failure(503), 7: failure(429)}, 2, half) == RowsAgain([7], 8.0, 5)
    assert retries.after({7: failure(429)}, 3, half) is None
    assert retries.after({1: failure(503)}, 119.9, half) is None  # the total


@pytest.mark.parametrize(
    ("kind", "repeat", "again"),
    [("safe", "safe", True), ("unsafe", "safe", False), ("idempotent", "idempotent", True), ("unsafe", "all", True)],
)
def test_what_is_perhaps_done_is_the_policys(kind: str, repeat: str, again: bool) -> None:
    policy = RetryPolicy(repeat=repeat)
    for status in (408, 500, 502, 503, 504):
        assert (RowRetries(policy, kind).after({0: failure(status)}, 0, lambda: 0.0) is not None) is again
    conflict = RowRetries(policy, kind)
    errors = {0: failure(409, {"message": "Write conflict, retry the request"})}
    assert conflict.after(errors, 0, lambda: 0.0) == RowsAgain([0], 1.0, 14)
    assert conflict.after(errors, 0, lambda: 0.0) is None
