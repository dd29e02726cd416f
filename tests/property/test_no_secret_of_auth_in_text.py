"""A secret or a token is in no text that auth clients, sources, stores and clients make: repr, str, logs, tracebacks.

Nor is it in a pickled error. What the core shows is the law of test_no_secret_of_oauth_in_text.py.
"""

from __future__ import annotations

import json
import logging
import pickle
import tempfile
import traceback
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import Call, HttpRequest, HttpResponse, ServiceError
from restli_core.errors import ConnectError, InvalidCallError, RestliError
from restli_core.flows import run
from restli_core.oauth import Token
from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.scripted_server import Connection, ScriptedServer
from restli_transports.tokens.cache import Step, TokenCache, check_store
from restli_transports.tokens.sources import (
    AsyncClientCredentialsSource,
    AsyncRefreshingSource,
    ClientCredentialsSource,
    FixedSource,
    RefreshingSource,
)
from restli_transports.tokens.stores import FileStore
from tests.support.auth_senders import KINDS, auth_clients
from tests.support.profiles import examples

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
tokens = st.text(VISIBLE, min_size=8, max_size=20).map("Q7{}7Q".format)
"""Secrets that are in no text by chance, and that a header can carry."""

BACK = "https://app.example/back"


def texts_of(value: Any) -> str:
    if not isinstance(value, BaseException):
        return f"{value}{value!r}{vars(value) if hasattr(value, '__dict__') else ''}"
    chain = "".join(traceback.format_exception(value))
    causes = f"{value.__cause__!r}{value.__context__!r}"
    pickled = pickle.dumps(value, 0).decode("latin-1") if isinstance(value, RestliError) else ""
    return f"{value}{value!r}{value.args!r}{vars(value)}{chain}{causes}{pickled}"


class Log(logging.Handler):
    """All that anybody logs."""

    def __init__(self) -> None:
        super().__init__(0)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Generator[Log]:
    log, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        root.setLevel(level)
        root.removeHandler(log)


def check(shown: str, *hidden: str) -> None:
    spelt = {
        *hidden,
        *map(quote_plus, hidden),
        *(json.dumps(one)[1:-1] for one in hidden),
        *(repr(one)[1:-1] for one in hidden),
    }
    assert [one for one in spelt if one in shown] == []


def failure_of(act: Callable[..., Any], *args: Any) -> BaseException | None:
    try:
        act(*args)
    except (RestliError, OSError) as error:
        return error
    return None


def failures_of(acts: Iterable[tuple[Any, ...]]) -> list[BaseException | None]:
    return [failure_of(*act) for act in acts]


def failures_awaited(acts: Iterable[tuple[Any, ...]]) -> list[BaseException | None]:
    """As `failures_of`, all in one event loop."""

    async def failures() -> list[BaseException | None]:
        found: list[BaseException | None] = []
        for method, *args in acts:
            try:
                await method(*args)
            except (RestliError, OSError) as error:
                found.append(error)
        return found

    return anyio.run(failures)


def answers(request: HttpRequest, new: str) -> list[HttpResponse | Exception]:
    """What a server, or the wire, may have to say to a token call, at its worst: it repeats what it was sent."""
    secret = " ".join(value for _, value in parse_qsl(request.body.decode()))
    words = f"{secret} {quote_plus(secret)} {new}"
    echo = {"error_description": f"no {secret}", "access_token": new, "message": secret, secret: new}
    return [
        HttpResponse(200, {}, json.dumps({"access_token": new, "expires_in": 60, "refresh_token": new}).encode()),
        HttpResponse(200, {}, json.dumps({"access_token": f"{new}\n"}).encode()),
        HttpResponse(200, {}, words.encode()),
        HttpResponse(400, {"X-LI-UUID": secret}, json.dumps({"error": "invalid_grant", **echo}).encode()),
        HttpResponse(401, {"Location": secret}, json.dumps(echo).encode()),
        HttpResponse(503, {"Content-Type": "text/html"}, words.encode()),
        ConnectError("could not connect"),
    ]


class Worst:
    """What a transport does that has the worst answer of this number for each token call."""

    worst: int
    new: str

    def _answer(self, request: HttpRequest) -> HttpResponse:
        answer = answers(request, self.new)[self.worst] if request.body else HttpResponse(200, {}, b"{}")
        if isinstance(answer, Exception):
            raise answer
        return answer


class Blocking(Worst, FakeTransport):
    """In memory."""


class Awaited(Worst, FakeAsyncTransport):
    """In memory."""


def worst_transport(kind: type[Any], worst: int, new: str) -> Any:
    made = kind()
    made.worst, made.new = worst, new
    return made


WORST = pytest.mark.parametrize("worst", range(7))


@WORST
@examples(30, quick=5)  # each starts an event loop
@given(secret=tokens, old=tokens, refreshing=tokens, new=tokens)
def test_auth_clients_and_sources(worst: int, secret: str, old: str, refreshing: str, new: str) -> None:
    hidden = (secret, old, refreshing, new)
    made: list[Any] = []
    for is_awaited in (False, True):
        fake = worst_transport(Awaited if is_awaited else Blocking, worst, new)
        auth: Any = (AsyncAuthClient if is_awaited else AuthClient)("app", secret, BACK, transport=fake)
        kept = Token(old, 5.0, refreshing)
        sources: list[Any] = [
            (AsyncRefreshingSource if is_awaited else RefreshingSource)(auth, kept, clock=lambda: 5.0),
            (AsyncClientCredentialsSource if is_awaited else ClientCredentialsSource)(auth, clock=lambda: 5.0),
        ]
        client: Any = (AsyncRestliClient if is_awaited else RestliClient)(fake, access_token=sources[0])
        acts = [
            (auth.exchange_auth_code_for_access_token, refreshing),
            (auth.exchange_refresh_token_for_access_token, refreshing),
            (auth.get_two_legged_access_token,),
            (auth.introspect_access_token, refreshing),
            (auth.revoke_access_token, refreshing),
            *((source.token,) for source in sources),
            (client.get, "/me"),
        ]
        with logged() as log:
            made += failures_awaited(acts) if is_awaited else failures_of(acts)
        failed = [one for one in made if one is not None]
        assert worst == 0 or len(failed) >= 7
        made += [auth, auth.application, *sources, *(source._cache for source in sources), client, *log.lines]
    check("".join(map(texts_of, made)), *hidden)


@given(secret=tokens, old=tokens, refreshing=tokens, new=tokens)
def test_what_threads_get_that_waited_for_a_failure(secret: str, old: str, refreshing: str, new: str) -> None:
    fake = worst_transport(Blocking, 3, new)
    auth = AuthClient("app", secret, transport=fake)
    cache = TokenCache(auth.application, check_store(Token(old, 5.0, refreshing)), 300.0, lambda: 5.0)

    def perform(step: Step) -> Any:
        return auth.send(step) if isinstance(step, Call) else step()

    # Both began to wait before the first attempt.
    first, waiting = (failure_of(run, cache.flow(None, 0), perform) for _ in range(2))
    assert first is not None
    assert waiting is not first
    check(texts_of(first) + texts_of(waiting), secret, old, refreshing, new)


@given(token=tokens, other=tokens, refreshing=tokens)
def test_clients_with_a_token_that_is_refused(token: str, other: str, refreshing: str) -> None:
    told = json.dumps({"serviceErrorCode": 65602, "message": f"{token} has expired", "code": token}).encode()
    for sources in ([token], [FixedSource(token)], [FixedSource(token), FixedSource(other)]):
        fake = FakeTransport()
        fake.fail_next(HttpResponse(401, {"X-LI-UUID": token}, told), times=2)
        client = RestliClient(fake, access_token=sources[0])
        with logged() as log, pytest.raises(ServiceError) as caught:
            client.get("/me")
        check(texts_of(client) + texts_of(client.settings.__repr__()) + "".join(log.lines), token, other)
        assert caught.value.request is not None
        check(repr(caught.value.request.headers.raw), token, other)
        # What the server said stays in response and document; what is told of it does not repeat the token.
        check("".join(traceback.format_exception(caught.value)) + repr(caught.value), token, other)


@given(spoilt=st.sampled_from(["{}\n", "{} x", "\ud800{}", "{}\u00e9", ""]), secret=tokens)
def test_refusals_of_the_secret_itself(spoilt: str, secret: str) -> None:
    text = spoilt.format(secret)
    made = [
        failure_of(lambda: AuthClient("app", text, transport=FakeTransport())),
        failure_of(lambda: AuthClient("app", "s", text, transport=FakeTransport())),
        failure_of(lambda: FixedSource(text)),
        failure_of(lambda: RefreshingSource(AuthClient("app", "s", transport=FakeTransport()), text)),  # type: ignore[arg-type]
        failure_of(lambda: RestliClient(FakeTransport(), access_token=text)),
    ]
    assert any(isinstance(one, InvalidCallError) for one in made)
    check("".join(map(texts_of, filter(None, made))), secret)


@given(token=tokens, refreshing=tokens, spoilt=st.sampled_from(['{"access_token": "%s"', '["%s"]', "%s", '"%s"']))
def test_stores(token: str, refreshing: str, spoilt: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = FileStore(Path(directory) / "token.json")
        store.save(Token(token, 5.0, refreshing))
        source = RefreshingSource(AuthClient("app", "s", transport=FakeTransport()), store)
        made: list[Any] = [store, source]
        store.path.write_text(spoilt.replace("%s", token))
        made += [failure_of(store.load), failure_of(source.token), failure_of(FileStore(store.path / token).load)]
        assert made[2] is not None
        check("".join(map(texts_of, made[:4])), token, refreshing)
        Path(directory, "taken").mkdir()
        made = [failure_of(FileStore(Path(directory) / "taken").save, Token(token, 5.0, refreshing))]
        assert made[0] is not None
        check(texts_of(made[0]), token, refreshing)


ENDS = {
    "closed": b"",
    "no HTTP": b"hello\r\n\r\n",
    "cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "gibberish": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
}


@pytest.mark.sockets
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", KINDS)
def test_errors_of_the_libraries(kind: str, end: str) -> None:
    """The library's own errors are in the chain: each is of another making, so each transport is tried, once."""
    secret, token = "Q7s3cret+/7Q", "Q7t0ken%7Q"

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(ENDS[end])

    with ScriptedServer(script) as server, auth_clients(kind, f"{server.url}/oauth/v2") as make, logged() as log:
        error = failure_of(make("app", secret).exchange_refresh_token_for_access_token, token)
    assert isinstance(error, RestliError)
    check(texts_of(error) + "".join(log.lines), secret, token)
