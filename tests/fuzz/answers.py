"""Targets of answers: what each call makes of any answer, a good one or an error.

An input is an octet that chooses the call, one that chooses the status, the ids of a batch in Rest.li's grammar, a line
for each header field, an empty line, and the body.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from restli_core import (
    HttpResponse,
    InvalidCallError,
    InvalidResponseError,
    OAuthError,
    ServiceError,
    calls,
    decode,
    oauth,
)
from restli_core.base_errors import printable
from restli_core.calls import Call
from restli_core.keys import canonical_key
from restli_core.methods import METHODS
from restli_core.nesting import are_equal
from restli_core.responses import RestliResponse
from restli_core.responses.parsing import strict_loads
from tests.fuzz.codec import text_of
from tests.fuzz.target import Target
from tests.support import samples, token_calls
from tests.vectors import load

__all__ = ["TARGETS"]

NAMES = [*METHODS]
STATUSES = [
    *(200, 201, 204, 299, 200, 200, 200, 200),
    *(199, 301, 400, 401, 403, 404, 409, 414, 422, 426, 429, 500, 503, 599),
]
TOKEN = "Q7-token-of-fuzzing-7Q"
SECRET = "Q7-secret-of-fuzzing-7Q"
WORDS = (
    *('"results":{', '"errors":{', '"statuses":{', '"elements":[', '"paging":{"start":0,"links":[]}', '"metadata":{}'),
    *(
        '"status":404',
        '"message":"',
        '"serviceErrorCode":100',
        '"code":"',
        '"error":{}',
        '"isError":true',
        '"entity":{}',
    ),
    *('"id":"1"', '"location":"', '"value":', "null", "true", "1e999", "-0.0", "1.0E2", "NaN", '"\\ud800"', "[[", "{}"),
    *("List(1,2)", "(a:b,c:1)", "%28", "\n\n", "X-RestLi-Id: ", "Retry-After: ", "Date: ", "X-LI-UUID: ", TOKEN),
    *(
        '"errorDetails":{"inputErrors":[{"code":"',
        '"exceptionClass":"',
        '"stackTrace":"',
        "Sun, 06 Nov 1994 08:49:37 GMT",
    ),
)
OAUTH_WORDS = (
    *('"access_token":"', '"expires_in":', '"refresh_token":"', '"refresh_token_expires_in":', '"scope":["r","w"]'),
    *(
        '"error":"invalid_grant"',
        '"error_description":"',
        '"active":true',
        '"auth_type":"3L"',
        '"created_at":"',
        SECRET,
    ),
    *("\n\n", "null", "1e999", "-1", "99999999999999999999", '"scope":"r,w"', "[", "{}", "X-A: ", "Location: "),
)


def parts(data: bytes) -> tuple[int, int, str, HttpResponse] | None:
    """Return which call, which status, the text of the ids, and the answer; None for no answer."""
    head, _, body = data[2:].partition(b"\n\n")
    ids, *lines = text_of(head).split("\n")
    fields = [(name, value.strip(" ")) for name, _, value in (line.partition(":") for line in lines)]
    status = STATUSES[data[1] % len(STATUSES)] if len(data) > 1 else 200
    try:
        return data[0] if data else 0, status, ids, HttpResponse(status, fields, body, "http://h/r")
    except InvalidCallError:
        return None


def written(call: int, status: int, ids: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return the input that an answer is."""
    fields = "".join(f"\n{name}: {value}" for name, value in headers.items())
    return bytes([call, STATUSES.index(status)]) + f"{ids}{fields}\n\n".encode() + body


# -- calls of the fourteen methods -------------------------------------------------------------------------------------

BY_IDS = {"batch_get", "batch_update", "batch_partial_update", "batch_delete"}


@lru_cache(maxsize=256)
def call_of(name: str, ids: str) -> Call[Any]:
    """Return a call of a method; of a batch for these ids, where they are ids."""
    if name in BY_IDS:
        try:
            asked = decode(ids)
            lists = [[{"a": 1} for _ in asked]] if name in {"batch_update", "batch_partial_update"} else []
            if isinstance(asked, list) and asked:
                made: Call[Any] = getattr(calls, name)("/r", asked, *lists, access_token=TOKEN)
                return made
        except ValueError:  # a DecodeError, or an InvalidCallError: equal ids, or half a surrogate pair
            pass
    return samples.call(name, access_token=TOKEN)


def parse(data: bytes) -> object:
    asked = parts(data)
    if asked is None:
        return None
    number, _, ids, response = asked
    return call_of(NAMES[number % len(NAMES)], ids).parse(response)


def check_parse(data: bytes) -> None:
    asked = parts(data)
    if asked is None:
        return
    number, status, ids, response = asked
    made = call_of(NAMES[number % len(NAMES)], ids)
    succeeded = 200 <= status < 300
    try:
        answer = made.parse(response)
    except ServiceError as error:
        assert not succeeded
        assert error.response is response
        check_texts(str(error), repr(error), *map(repr, error.args))
    except InvalidResponseError as error:
        assert succeeded
        check_texts(str(error), repr(error))
    else:
        assert succeeded
        assert isinstance(answer, RestliResponse)
        assert repr(answer).isascii()
        check_texts(answer.mismatch or "")
        check_rows(answer)
        check_respelt(made, answer, response)


def check_texts(*texts: str) -> None:
    """Hold what an error says to its law: a line or some, all printable, without the token."""
    for text in texts:
        assert len(text) <= 4000
        assert printable(text) == text
        assert TOKEN not in text


def check_respelt(made: Call[Any], answer: RestliResponse, response: HttpResponse) -> None:
    """Hold an answer to that of the same JSON in another spelling."""
    try:
        body = json.dumps(answer.document, allow_nan=False).encode() if response.body else b""
    except (ValueError, RecursionError):  # 1e999 is infinity to Python
        return
    again = made.parse(HttpResponse(response.status_code, response.headers, body, response.url))
    try:
        assert again.__replace__(response=response) == answer
    except RecursionError:  # of Python's own ==
        return


def check_rows(answer: Any) -> None:
    """Hold rows to their keys: an id that is spelt as it was sent has its row, and no two ids share one."""
    names = ("results", "errors", "statuses") if hasattr(answer, "statuses") else ("results", "errors")
    owners: dict[str, str] = {}
    for row in getattr(answer, "rows", ()):
        columns = {name: column for name in names if isinstance(column := answer.document.get(name), dict)}
        text = canonical_key(row.id)
        if row.key is not None:
            assert any(row.key in column for column in columns.values())
            assert owners.setdefault(row.key, text) == text
        # A simple key is looked for as it is; a complex one may have another order in the answer. What is not a status
        # is not counted, and an error that is null is none.
        has_row = any(columns.get(name, {}).get(text) is not None for name in ("results", "errors"))
        if isinstance(row.id, str | int) and has_row:
            assert row.key == text


def parse_seeds() -> Iterable[bytes]:
    for number, name in enumerate(NAMES):
        good = samples.answer(name)
        yield written(number, 200, "List(1,2)", {"X-RestLi-Id": "1"}, good.body)
        yield written(number, 404, "List((a:1,b:2),(a:3,b:x))", {"X-LI-UUID": "x"}, b'{"status":404,"message":"m"}')
    for case in load("client_responses"):
        response, name = case["in"]["response"], case["in"]["method"]
        if name in NAMES and response["status"] in STATUSES:
            body = response.get("body", "").encode()
            yield written(NAMES.index(name), response["status"], "List(1,2)", response["headers"], body)


# -- token calls -------------------------------------------------------------------------------------------------------

TOKEN_CALLS = [
    oauth.authorization_code(SECRET, "http://127.0.0.1/", "app", SECRET),
    oauth.refresh(SECRET, "app", SECRET),
    oauth.client_credentials("app", SECRET),
    oauth.introspect(SECRET, "app", SECRET),
    oauth.revoke(SECRET, "app", SECRET),
]


def parse_token(data: bytes) -> object:
    asked = parts(data)
    return None if asked is None else TOKEN_CALLS[asked[0] % len(TOKEN_CALLS)].parse(asked[3])


def check_token(data: bytes) -> None:
    asked = parts(data)
    if asked is None:
        return
    number, status, _, response = asked
    made = TOKEN_CALLS[number % len(TOKEN_CALLS)]
    succeeded = 200 <= status < 300
    try:
        answer = made.parse(response)
    except (OAuthError, ServiceError, InvalidResponseError) as error:
        assert succeeded == isinstance(error, InvalidResponseError)
        shown = f"{error}{error!r}{error.args!r}{vars(error)!r}{error.__cause__!r}{error.__context__!r}"
        assert SECRET not in shown
        assert printable(str(error)) == str(error)
    else:
        assert succeeded
        assert SECRET not in repr(answer)
        document = strict_loads(response.body) if isinstance(answer.document, dict) else None
        assert document is None or are_equal(answer.document, document)
        check_fields(answer)


def check_fields(answer: Any) -> None:
    """Hold the fields of an answer to their types, whatever JSON has in their places."""
    for name in ("access_token", "refresh_token", "scope", "status", "client_id", "auth_type"):
        assert isinstance(getattr(answer, name, None), str | None)
    for name in ("expires_in", "refresh_token_expires_in", "authorized_at", "created_at", "expires_at"):
        value = getattr(answer, name, None)
        assert value is None or type(value) is int
    assert isinstance(getattr(answer, "scopes", ()), Sequence)


def token_seeds() -> Iterable[bytes]:
    bodies = [
        json.dumps(token_calls.TOKENS).encode(),
        b'{"active":true,"scope":"r,w","status":"active","created_at":1,"expires_at":"2","auth_type":"3L"}',
        b'{"error":"invalid_grant","error_description":"d"}',
        b"<html>",
        b"",
    ]
    for number in range(len(TOKEN_CALLS)):
        for status in (200, 400, 503):
            for body in bodies:
                yield written(number, status, "", {"X-A": "b"}, body)


TARGETS = {
    "parse": Target(
        "each of the fourteen gives an answer, a ServiceError or an InvalidResponseError; other spellings of the JSON "
        "change nothing, rows are their ids', and no text shows the token",
        parse,
        check_parse,
        WORDS,
        parse_seeds,
    ),
    "oauth": Target(
        "each token call gives an answer with fields of their types, or an OAuthError, a ServiceError or an "
        "InvalidResponseError that shows no secret",
        parse_token,
        check_token,
        OAUTH_WORDS,
        token_seeds,
    ),
}
