"""Calls that are repeated: what their errors tell of the tries, and which token each try has."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    ConnectError,
    HttpRequest,
    HttpResponse,
    OAuthError,
    ProtocolError,
    RetryPolicy,
    TransportTimeout,
    UnauthorizedError,
)
from tests.support.played_tries import KINDS, OK, Outcome, client_over, do, failure, refused
from tests.support.samples import call

# -- tries -------------------------------------------------------------------------------------------------------------

SECRET = "a-secret-of-the-caller"


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_that_passes_is_not_seen(kind: str) -> None:
    client, transport = client_over(kind, ConnectError("refused"), refused(500), refused(429), OK, random=lambda: 0.5)
    assert do(client, restli.get("/me")).status_code == 200
    assert transport.waits == [0.125, 0.25, 1.0]
    assert [request == restli.get("/me").request for request in transport.requests] == [True] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_error_has_all_tries(kind: str) -> None:
    outcomes: list[Outcome] = [ConnectError("refused"), refused(429), refused(503, "later")]
    client, _ = client_over(kind, *outcomes, seconds=0.5, random=lambda: 0.5)
    error = failure(client, restli.get("/me"), retry=RetryPolicy(tries=3))
    assert isinstance(error, restli.ServerError)
    assert [(one.number, type(one.error), one.seconds) for one in error.attempts] == [
        (1, ConnectError, 0.5),
        (2, restli.RateLimitError, 0.5),
        (3, restli.ServerError, 0.5),
    ]
    assert str(error.attempts[0].error) == "refused"
    assert str(error.attempts[2].error) == str(error).partition("; after")[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("headers", "end"),
    [
        ({"Retry-After": "9"}, "; after 2 tries in 10 s"),
        ({"Retry-After": "8"}, "; after 2 tries in 9.0 s"),
        ({"Retry-After": "90"}, "; after 2 tries in 91 s"),
    ],
)
def test_the_text_ends_with_how_often_and_how_long(kind: str, headers: dict[str, str], end: str) -> None:
    client, _ = client_over(kind, refused(429, headers=headers), refused(503, "later"), seconds=0.5)
    error = failure(client, restli.get("/me"), retry=RetryPolicy(tries=2))
    expected = str(error.attempts[-1].error) + end
    assert str(error) == expected
    assert expected.startswith("GET https://api.linkedin.com/v2/me: 503: later")
    assert repr(error) == f"ServerError({expected!r})"
    assert str(pickle.loads(pickle.dumps(error))) == str(copy.copy(error)) == expected
    assert pickle.loads(pickle.dumps(error)).attempts[0].seconds == 0.5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("retry", [RetryPolicy(), None], ids=["policy", "none"])
def test_one_try_is_not_spoken_of(kind: str, retry: RetryPolicy | None) -> None:
    client, _ = client_over(kind, refused(404, "no post"), retry=retry)
    error = failure(client, restli.get("/me"))
    assert (len(error.attempts), "after 1" in str(error)) == (1, False)
    assert restli.NotFoundError(HttpResponse(404)).attempts == ()  # of one that no client has raised


@pytest.mark.parametrize("kind", KINDS)
def test_tries_keep_neither_bodies_nor_secrets_nor_tracebacks(kind: str) -> None:
    body = f'{{"message": "no", "errorDetails": {{"x": "{SECRET}"}}, "stackTrace": "{SECRET}", "x": "{SECRET}"}}'
    client, _ = client_over(
        kind,
        HttpResponse(500, {"X-A": "b"}, body.encode(), native=object()),
        ProtocolError(f"it said {SECRET}", HttpRequest("POST", "http://h/r", {}, SECRET.encode())),
        access_token=SECRET,
        retry=RetryPolicy(tries=2, repeat="all"),
    )
    error = failure(client, restli.create("/r", {"a": SECRET}))
    first, last = error.attempts
    assert (first.error.response.body, first.error.document, first.error.error_details) == (b"", None, None)
    assert (first.error.response.headers, first.error.response.native) == ({"X-A": "b"}, None)
    assert (first.error.request.body, last.error.request.body) == (b"", b"")
    assert first.error.message == "no"
    assert [one.error.__traceback__ or one.error.__cause__ for one in error.attempts] == [None, None]
    assert [one.error.attempts for one in error.attempts] == [(), ()]
    assert SECRET.encode() not in pickle.dumps(first)
    # The error itself has what it had.
    assert error.request.body == SECRET.encode()


def test_an_error_that_is_raised_twice_has_the_tries_of_its_last_call() -> None:
    planned = ConnectError("refused")
    client, _ = client_over("blocking", planned)
    for _ in range(3):
        assert failure(client, restli.get("/me"), retry=RetryPolicy(tries=2)) is planned
        assert len(planned.attempts) == 2
        assert [one.error.attempts for one in planned.attempts] == [(), ()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["delete", "batch_delete"])
def test_a_delete_that_was_done_by_the_try_before_says_so(kind: str, method: str) -> None:
    client, _ = client_over(kind, TransportTimeout("read timed out"), refused(404, "no post"))
    error = failure(client, call(method), retry=RetryPolicy(repeat="idempotent"))
    assert isinstance(error, restli.NotFoundError)
    assert [type(one.error) for one in error.attempts] == [TransportTimeout, restli.NotFoundError]


@pytest.mark.parametrize("kind", KINDS)
def test_the_errors_of_other_tries_are_not_the_context_of_the_last(kind: str) -> None:
    client, _ = client_over(kind, refused(500), refused(400))
    assert failure(client, restli.get("/me")).__context__ is None


@pytest.mark.parametrize("kind", KINDS)
def test_an_exception_that_is_not_ours_is_raised_as_it_is(kind: str) -> None:
    wrong = LookupError("a bug of a transport's")
    client, transport = client_over(kind, wrong)
    assert failure(client, restli.get("/me")) is wrong
    assert len(transport.requests) == 1


# -- tries and tokens --------------------------------------------------------------------------------------------------


class Aged:
    """A source whose tokens are so old, and which numbers those that it gives."""

    def __init__(self, age: float | None = None, *, has_others: bool = True, fails: Exception | None = None) -> None:
        self.seconds = age
        self.has_others = has_others
        self.fails = fails
        self.asked: list[str | None] = []

    def token(self, *, rejected: str | None = None) -> Any:
        self.asked.append(rejected)
        if self.fails is not None:
            raise self.fails
        return f"t{len(self.asked) if self.has_others else 1}"

    def age(self, token: str) -> float | None:
        return self.seconds


class AsyncAged(Aged):
    async def token(self, *, rejected: str | None = None) -> Any:
        return super().token(rejected=rejected)


def aged(kind: str, *arguments: Any, **options: Any) -> Aged:
    return (Aged if kind == "blocking" else AsyncAged)(*arguments, **options)


def tokens_of(transport: Any) -> list[str]:
    return [request.headers["Authorization"].removeprefix("Bearer ") for request in transport.requests]


@pytest.mark.parametrize("kind", KINDS)
def test_each_try_asks_the_source_anew(kind: str) -> None:
    source = aged(kind)
    client, transport = client_over(kind, refused(500), refused(429), OK, access_token=source)
    do(client, restli.get("/me"))
    assert (source.asked, tokens_of(transport)) == ([None] * 3, ["t1", "t2", "t3"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_token_is_replaced_besides_the_tries(kind: str) -> None:
    source = aged(kind)
    client, transport = client_over(kind, refused(401), refused(500), OK, access_token=source)
    do(client, restli.get("/me"), retry=RetryPolicy(tries=2))
    assert (source.asked, tokens_of(transport)) == ([None, "t1", None], ["t1", "t2", "t3"])
    client, transport = client_over(kind, refused(401), OK, access_token=aged(kind), retry=None)
    do(client, restli.create("/r", {}))
    assert tokens_of(transport) == ["t1", "t2"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("retry", [RetryPolicy(), None], ids=["policy", "none"])
@pytest.mark.parametrize("age", [0, 29.9])
def test_a_new_token_is_tried_once_more_before_the_source_is_asked(
    kind: str, retry: RetryPolicy | None, age: float
) -> None:
    source = aged(kind, age)
    client, transport = client_over(kind, refused(401), OK, access_token=source, retry=retry)
    do(client, restli.create("/r", {}))
    assert (source.asked, tokens_of(transport), transport.waits) == ([None], ["t1", "t1"], [5.0])
    source = aged(kind, age)
    client, transport = client_over(kind, refused(401), refused(401), OK, access_token=source, retry=retry)
    do(client, restli.create("/r", {}))
    assert (source.asked, tokens_of(transport), transport.waits) == ([None, "t1"], ["t1", "t1", "t2"], [5.0])
    client, transport = client_over(kind, refused(401), access_token=aged(kind, age), retry=retry)
    error = failure(client, restli.create("/r", {}))
    assert (tokens_of(transport), transport.waits) == (["t1", "t1", "t2"], [5.0])
    assert [type(one.error) for one in error.attempts] == [UnauthorizedError] * 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("age", [30, 3600, None, "new"])  # what is no number says nothing
def test_an_old_token_is_not_tried_again(kind: str, age: Any) -> None:
    client, transport = client_over(kind, refused(401), OK, access_token=aged(kind, age))
    do(client, restli.get("/me"))
    assert (tokens_of(transport), transport.waits) == (["t1", "t2"], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_that_has_just_replaced_another_is_new(kind: str) -> None:
    class Fresh(Aged):
        def age(self, token: str) -> float | None:
            return None if token == "t1" else 0.1

    class AsyncFresh(AsyncAged, Fresh):
        pass

    source = (Fresh if kind == "blocking" else AsyncFresh)()
    client, transport = client_over(kind, refused(401), refused(401), OK, access_token=source)
    do(client, restli.get("/me"))
    assert (source.asked, tokens_of(transport), transport.waits) == ([None, "t1"], ["t1", "t2", "t2"], [5.0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_token_is_not_waited_for_where_that_does_not_fit(kind: str) -> None:
    client, transport = client_over(kind, refused(401), OK, access_token=aged(kind, 1), retry=RetryPolicy(total=5))
    do(client, restli.get("/me"))
    assert (tokens_of(transport), transport.waits) == (["t1", "t2"], [])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "fails", [ConnectError("refused"), TransportTimeout("timed out"), OAuthError("invalid_grant")], ids=str
)
def test_what_a_source_raises_is_not_repeated(kind: str, fails: Exception) -> None:
    source = aged(kind, fails=fails)
    client, transport = client_over(kind, OK, access_token=source, retry=RetryPolicy(repeat="all"))
    assert failure(client, restli.get("/me")) is fails
    assert (source.asked, transport.requests, transport.waits) == ([None], [], [])


@pytest.mark.parametrize("kind", KINDS)
def test_the_time_that_a_source_takes_is_of_the_total(kind: str) -> None:
    client, transport = client_over(kind, OK, retry=RetryPolicy(total=100))

    class Slow(Aged):
        def token(self, *, rejected: str | None = None) -> Any:
            transport.clock.move(30)
            return super().token(rejected=rejected)

    class AsyncSlow(Slow):
        async def token(self, *, rejected: str | None = None) -> Any:
            return super().token(rejected=rejected)

    slow = (Slow if kind == "blocking" else AsyncSlow)()
    do(client.with_options(access_token=slow), restli.get("/me"))
    assert [limits.total for limits in transport.limits] == [70]
