"""Parsing: what LinkedIn's own client reads, ours exposes; whatever a server sends, only documented errors come out."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from restli_core import calls, responses
from restli_core.calls import Call
from restli_core.encoding import decode, encode
from restli_core.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    RestliError,
    ServerError,
    ServiceError,
    UnauthorizedError,
    UnprocessableEntityError,
    URITooLongError,
    VersionNotActiveError,
)
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_core.responses.parsing import strict_loads
from restli_core.urn import Urn
from tests.support.parsed import parsed, unreadable
from tests.support.samples import ANSWERS, answer, call
from tests.vectors import load, untagged

NAMES = list(METHODS)
BATCHES_OF_IDS = ["batch_get", "batch_update", "batch_partial_update", "batch_delete"]
READS_AN_OBJECT = ["get_all", "finder", *(name for name in NAMES if name.startswith("batch_"))]


def service_error(document: Any = b"", status: int = 400, headers: Any = (), **options: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        parsed(call("get", **options), document, status, headers)
    return caught.value


# Against what LinkedIn's own client reads

V1 = "the answer is in protocol 1.0.0, though a server answers in the version that it was asked in, 2.0.0 here"
TYPED_KEY = "the key's type is in the schema, which there is none of here: ids are text as sent"
TYPED_RESULT = "the type of an action's result is in the schema, which there is none of here: value is what was sent"
ERROR_FIELD = (
    "a field of another type: the reference's accessors throw a ClassCastException; here it is None or as sent"
)
BIG_INT = "an int of more than 64 bits: the reference drops it and adds a field **ERROR**; Python reads it"
SHOWN = "the reference throws, and so loses what the server did: here it is shown, and mismatch says what is odd"
OLD_HEADER = "the header of protocol 1.0, which some of LinkedIn's pages name: it counts where there is no other"
LEFT_OUT = {
    **dict.fromkeys([2, 3, 4, 5, 20, 21, 144, 167, 168, 171], SHOWN),
    **dict.fromkeys([115, 117, 122, 124, 127, 129, 131], OLD_HEADER),
    9: "a name comes twice, which RFC 8259 section 4 leaves open: the reference keeps the first, Python the last",
    10: BIG_INT,
    14: "text after the JSON value is no JSON (RFC 8259 section 2); the reference stops reading before it",
    17: BIG_INT,
    98: ERROR_FIELD,
    100: ERROR_FIELD,
    103: ERROR_FIELD,
    104: ERROR_FIELD,
    106: ERROR_FIELD,
    116: TYPED_KEY,
    118: TYPED_KEY,
    121: TYPED_KEY,
    141: TYPED_KEY,
    153: TYPED_KEY,
    176: TYPED_RESULT,
    177: TYPED_RESULT,
    179: TYPED_RESULT,
    181: TYPED_RESULT,
    185: "the schema says that the action returns nothing, so the reference passes over what it returned",
    186: TYPED_RESULT,
    190: V1,
}
CASES = list(enumerate(load("client_responses")))


def key(given: Any) -> Any:
    return {**given["key"], "$params": given["params"]} if isinstance(given, dict) and "key" in given else given


def call_of(case: dict[str, Any]) -> Call[Any]:
    given = untagged(case["in"])
    rest: dict[str, tuple[Any, ...]] = {
        "batch_get": (given.get("ids"),),
        "finder": (given.get("name"),),
        "create": (given.get("entity"),),
        "batch_create": (given.get("entities"),),
        "batch_update": (given.get("ids"), given.get("entities")),
        "partial_update": (None, given.get("patch")),
        "batch_partial_update": (given.get("ids"), None, given.get("patches")),
        "batch_delete": (given.get("ids"),),
        "action": (given.get("name"), given.get("action_params")),
    }
    function: Callable[..., Call[Any]] = getattr(calls, given["method"])
    return function(f"/{given['resource']}", *rest.get(given["method"], ()))


def response_of(case: dict[str, Any]) -> HttpResponse:
    given = case["in"]["response"]
    body = untagged(given.get("body", ""))
    return HttpResponse(given["status"], given["headers"], body if isinstance(body, bytes) else body.encode())


def key_text(given: Any) -> str:
    """What a key of the reference's means, whatever its types; it has no $params that are empty."""
    key = {**given["key"], **({"$params": given["params"]} if given["params"] else {})} if is_complex(given) else given
    return encode(key)


def is_complex(given: Any) -> bool:
    return isinstance(given, dict) and set(given) == {"key", "params"}


def wire_key_text(wire: str, *, simple: bool) -> str:
    return encode(wire if simple else decode(wire))


def read_id(response: Any) -> Any:
    return response.decoded_entity_id if str(response.entity_id).startswith("(") else response.entity_id


def kept(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def batch_get_result(response: Any, *, simple: bool) -> dict[str, Any]:
    keys = {**response.results, **response.statuses, **response.errors}
    told = {
        wire_key_text(wire, simple=simple): (
            response.statuses.get(wire),
            response.results.get(wire),
            response.errors.get(wire),
        )
        for wire in keys
    }
    return {
        "results": told,
        "errors": {wire_key_text(wire, simple=simple): error for wire, error in response.errors.items()},
    }


def batch_update_result(response: Any, *, simple: bool) -> dict[str, Any]:
    told = {
        wire_key_text(row.key, simple=simple): kept(status=row.status, error=row.error)
        for row in response.rows
        if row.key is not None
    }
    return {
        "results": told,
        "errors": {wire_key_text(wire, simple=simple): error for wire, error in response.errors.items()},
    }


def paging_of(paging: responses.Paging | None) -> dict[str, Any] | None:
    if paging is None:
        return None
    return kept(start=paging.start, count=paging.count, total=paging.total, links=paging.links)


def our_result(response: Any, *, simple: bool) -> dict[str, Any]:
    if isinstance(response, responses.BatchGetResponse):
        return batch_get_result(response, simple=simple)
    if isinstance(response, responses.BatchUpdateResponse | responses.BatchDeleteResponse):
        return batch_update_result(response, simple=simple)
    if isinstance(response, responses.BatchCreateResponse):
        elements = [
            kept(status=one.status, id=one.id, location=one.location, error=one.error, entity=one.entity)
            for one in response.elements
        ]
        return {"elements": elements}
    if isinstance(response, responses.CollectionResponse):
        return {"elements": response.elements, "paging": paging_of(response.paging), "metadata": response.metadata}
    if isinstance(response, responses.CreateResponse):
        return {"id": None if response.entity_id is None else encode(read_id(response))}
    return {"entity": getattr(response, "value", getattr(response, "entity", None))}


def their_result(result: dict[str, Any]) -> dict[str, Any]:
    kind = result["entity_class"]
    if kind == "BatchEntityResponse":
        told = {key_text(one["key"]): (one["status"], one["entity"], one["error"]) for one in result["results"]}
        return {"results": told, "errors": {key_text(one["key"]): one["error"] for one in result["errors"]}}
    if kind == "BatchKVResponse":
        told = {key_text(one["key"]): one["value"] for one in result["results"]}
        return {"results": told, "errors": {key_text(one["key"]): one["error"] for one in result["errors"]}}
    if kind == "BatchCreateIdResponse":
        return {"elements": [element["data"] for element in result["elements"]]}
    if kind == "CollectionResponse":
        paging = None if result["paging"] is None else {"links": [], **result["paging"]}
        return {"elements": result["elements"], "paging": paging, "metadata": result["metadata"]}
    if kind in ("IdResponse", "IdEntityResponse"):
        return {"id": None if result["id"] is None else key_text(result["id"])}
    return {"entity": result["entity"]}


FAILURE_FIELDS = {
    "service_error_message": "message",
    **{
        name: name
        for name in (
            *("service_error_code", "code", "doc_url", "request_id", "exception_class", "stack_trace"),
            *("error_detail_type", "error_details", "status"),
        )
    },
}


def tells_what_the_reference_tells(error: ServiceError, failure: dict[str, Any]) -> bool:
    """Ours may tell more: LinkedIn's own service answers without the header that the reference wants."""
    told = {**vars(error), "status": error.status_code}
    return all(failure.get(theirs) in (None, told[name]) for theirs, name in FAILURE_FIELDS.items())


def agrees(case: dict[str, Any]) -> bool:
    theirs = untagged(case.get("ok", {}))
    try:
        response = call_of(case).parse(response_of(case))
    except ServiceError as error:
        return "failure" in theirs and tells_what_the_reference_tells(error, theirs["failure"])
    except InvalidResponseError:
        return "result" not in theirs
    if "result" not in theirs:
        return False
    ours = our_result(response, simple="key_kind" not in case["in"])
    return response.status_code == theirs["result"]["status"] and ours == their_result(theirs["result"])


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=f"{index}-{case['in']['method']}") for index, case in CASES if index not in LEFT_OUT],
)
def test_exposes_what_linkedins_client_reads(case: dict[str, Any]) -> None:
    assert agrees(case)


@pytest.mark.parametrize("index", LEFT_OUT)
def test_what_is_left_out_does_differ(index: int) -> None:
    assert not agrees(CASES[index][1])


# By status first


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, ServiceError) for status in (100, 199, 300, 301, 302, 304, 307, 402, 405, 410, 600, 999, 0, -1)),
        (400, BadRequestError),
        (401, UnauthorizedError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (409, ConflictError),
        (414, URITooLongError),
        (422, UnprocessableEntityError),
        (426, VersionNotActiveError),
        (429, RateLimitError),
        *((status, ServerError) for status in (500, 502, 503, 504, 599)),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"a":1}',
        b"<html>down</html>",
        b"[]",
        b"null",
        b'"x"',
        b"1",
        b"\xff",
        b"NaN",
        b"[" * 100_000,
        b'{"message":5}',
    ],
    ids=range(11),
)
def test_the_status_decides_whatever_the_body_is(status: int, kind: type[ServiceError], body: bytes) -> None:
    error = service_error(body, status)
    assert type(error) is kind
    assert (error.status_code, error.response.body, error.message) == (status, body, None)


@pytest.mark.parametrize("name", NAMES)
def test_an_error_never_comes_as_an_answer(name: str) -> None:
    response = HttpResponse(404, (), answer(name).body)
    with pytest.raises(NotFoundError) as caught:
        call(name).parse(response)
    assert caught.value.document == ANSWERS[name]
    assert caught.value.response is response


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206, 226, 299])
@pytest.mark.parametrize("name", NAMES)
def test_any_2xx_is_an_answer(name: str, status: int) -> None:
    response = call(name).parse(HttpResponse(status, (), answer(name).body))
    assert response.status_code == status
    assert response.document == ANSWERS[name]


def test_all_fields_of_an_error_are_read() -> None:
    body = {
        "status": 999,
        "message": "words",
        "serviceErrorCode": 65600,
        "code": "C",
        "errorDetails": {"a": [1]},
        "errorDetailType": "T",
        "exceptionClass": "E",
        "stackTrace": "at",
        "docUrl": "http://d",
        "requestId": "id",
        "inputErrors": [1],
    }
    error = service_error(body, 422)
    assert (error.status_code, error.message, error.service_error_code, error.code) == (422, "words", 65600, "C")
    assert (error.error_details, error.error_detail_type, error.exception_class) == ({"a": [1]}, "T", "E")
    assert (error.stack_trace, error.doc_url, error.request_id) == ("at", "http://d", "id")
    assert error.document == body


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        *(("message", "message", value) for value in (None, 5, ["m"], {"m": 1}, True)),
        *(("serviceErrorCode", "service_error_code", value) for value in (None, "65600", 1.5, True, [1])),
        ("code", "code", 5),
        ("errorDetailType", "error_detail_type", 5),
        ("exceptionClass", "exception_class", {}),
        ("stackTrace", "stack_trace", ["at"]),
        ("docUrl", "doc_url", 5),
        ("requestId", "request_id", 5),
    ],
)
def test_fields_of_another_type_are_none(field: str, name: str, value: Any) -> None:
    error = service_error({field: value})
    assert getattr(error, name) is None
    assert error.document == {field: value}


@pytest.mark.parametrize("details", [None, "str", [], [1], {"a": 1}, 5, True])
def test_error_details_are_as_sent(details: Any) -> None:
    assert service_error({"errorDetails": details}).error_details == details


def test_the_request_id_is_in_the_body_or_else_in_a_header() -> None:
    assert service_error({"requestId": "a"}, headers={"x-li-uuid": "b"}).request_id == "a"
    assert service_error({"requestId": 5}, headers={"x-li-uuid": "b"}).request_id == "b"
    assert service_error(b"<html>", headers={"X-LI-UUID": "b"}).request_id == "b"
    assert service_error().request_id is None


# Rate limits

DATE = {"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "0"}, 0.0),
        ({"retry-after": "120"}, 120.0),
        ({"Retry-After": " 7\t"}, 7.0),
        ({"Retry-After": "9999999999"}, 9999999999.0),
        ({**DATE, "Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT"}, 60.0),
        ({**DATE, "Retry-After": "Sunday, 06-Nov-94 08:49:38 GMT"}, 1.0),
        ({**DATE, "Retry-After": "Sun Nov  6 09:49:37 1994"}, 3600.0),
        ({"Date": "Sunday, 06-Nov-94 08:49:37 GMT", "Retry-After": "Sun Nov  6 08:49:37 1994"}, 0.0),
        ({**DATE, "Retry-After": "Sat, 05 Nov 1994 08:49:37 GMT"}, 0.0),
        ({"Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT"}, None),
        ({"Date": "now", "Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT"}, None),
        *(
            ({**DATE, "Retry-After": value}, None)
            for value in ("", "soon", "-1", "+1", "1.5", "1e3", "0x10", "10000000000", "12 s", "\u0661", "1, 2", "\0")
        ),
        ([("Retry-After", "1"), ("Retry-After", "2")], None),
    ],
)
@pytest.mark.parametrize("body", [b"<html>Too many</html>", b"", b'{"message":"m"}'])
def test_retry_after(headers: Any, seconds: float | None, body: bytes) -> None:
    error = service_error(body, 429, headers)
    assert isinstance(error, RateLimitError)
    assert error.retry_after == seconds
    assert ("retry after" in str(error)) == (seconds is not None)


def test_a_create_takes_the_id_from_the_old_header_where_there_is_no_other() -> None:
    assert parsed(call("create"), b"", 201, {"X-LinkedIn-Id": "urn:li:share:1"}).entity_id == "urn:li:share:1"
    both = {"x-linkedin-id": "1", "x-restli-id": "(a:2)"}
    assert parsed(call("create"), b"", 201, both).decoded_entity_id == {"a": "2"}


def test_the_scope_of_a_limit_is_in_the_message() -> None:
    error = service_error({"message": "Resource level throttle MEMBER DAY limit reached"}, 429)
    assert isinstance(error, RateLimitError)
    assert error.scope == "day"


def test_a_version_that_is_not_active_is_named() -> None:
    error = service_error({"code": "NONEXISTENT_VERSION"}, 426, version_string="202301")
    assert isinstance(error, VersionNotActiveError)
    assert error.version == "202301"
    assert "LinkedIn-Version 202301 was sent: set version_string" in str(error)
    assert "no LinkedIn-Version was sent: set version_string" in str(service_error(status=426))


# Secrets

TOKEN = "AQX.s3cret/token+=="


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("message", "message"),
        ("requestId", "request_id"),
        ("stackTrace", "stack_trace"),
        ("docUrl", "doc_url"),
        ("code", None),
        ("exceptionClass", None),
        ("errorDetailType", None),
    ],
)
def test_a_token_that_is_sent_back_is_taken_out(field: str, name: str | None) -> None:
    error = service_error({field: f"Bearer {TOKEN} is no good"}, 401, access_token=TOKEN)
    assert TOKEN not in f"{error}{error!r}"
    assert "s3cret" not in f"{error}{error!r}"
    if name is not None:
        assert getattr(error, name) == "Bearer … is no good"


@pytest.mark.parametrize("token", ["INVALID_ACCESS_TOKEN", "com.linkedin.common.error.BadRequest", "65600", "message"])
def test_what_programs_compare_is_left_as_it_is(token: str) -> None:
    body = {
        "message": "Invalid message",
        "code": "INVALID_ACCESS_TOKEN",
        "serviceErrorCode": 65600,
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "exceptionClass": "com.linkedin.common.error.BadRequest",
    }
    error = service_error(body, 401, access_token=token)
    assert (error.code, error.service_error_code, error.message) == ("INVALID_ACCESS_TOKEN", 65600, "Invalid message")
    assert error.error_detail_type == error.exception_class == "com.linkedin.common.error.BadRequest"


@pytest.mark.parametrize("token", ["token", "t", "Invalid", "1234567"])
def test_a_short_token_is_a_word_like_others(token: str) -> None:
    error = service_error({"message": "Invalid token_type 1234567"}, 401, access_token=token)
    assert str(error).endswith("401: Invalid token_type 1234567")


def test_a_token_in_a_header_or_a_key_is_taken_out() -> None:
    assert TOKEN not in str(service_error(headers={"X-LI-UUID": TOKEN}, access_token=TOKEN))
    answered = parsed(call("batch_get", access_token=TOKEN), {"results": {TOKEN: TOKEN}})
    assert answered.mismatch.startswith("results['…'] is a string ('…'), not an object")
    error = unreadable(call("batch_get", access_token=TOKEN), TOKEN.encode())
    assert str(error).endswith(
        " 200, but its body is not JSON (Expecting value, at character 0); its body is 19 bytes with no Content-Type: …"
    )


def test_without_a_token_nothing_is_taken_out() -> None:
    assert service_error({"message": "Bearer x"}).message == "Bearer x"
    made = call("get").with_request(HttpRequest("GET", "/r", {"Authorization": "odd"}))
    with pytest.raises(ServiceError, match="odd request"):
        parsed(made, {"message": "odd request"}, 400)


@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("status", [200, 400, 426, 429, 500])
@pytest.mark.parametrize("name", READS_AN_OBJECT)
def test_errors_travel_without_the_token(name: str, status: int, again: Callable[[Any], Any]) -> None:
    made = call(name, access_token=TOKEN, headers={"Cookie": TOKEN}, version_string="202609")
    with pytest.raises(RestliError) as caught:
        made.parse(HttpResponse(status, {}, b"<html>", native=lambda: None))
    error = again(caught.value)
    assert str(error) == str(caught.value)
    assert error.request == made.request.redacted()
    assert TOKEN.encode() not in pickle.dumps(error)
    assert type(error) is type(caught.value)
    assert vars(error)["response"] == HttpResponse(status, {}, b"<html>")


def test_an_error_of_a_tunnelled_call_has_no_query() -> None:
    with pytest.raises(ServiceError) as caught:
        parsed(call("get_all", query_params={"p": "private"}, tunnel_above=0), b"", 500)
    assert caught.value.request is not None
    assert caught.value.request.body == b""


# What cannot be read

UNREADABLE = [
    b"<html>x</html>",
    b"{",
    b'{"a":',
    b'{"a":1}x',
    b"{'a':1}",
    b"NaN",
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":[-Infinity]}',
    b'{"a":"\xc3',
    b'{"a":"\xff"}',
    b"\xff\xfe",
    b"\0",
    b" ",
    b'{"a":' + b"9" * 5000 + b"}",
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b"\x8b" * 5_000_000,
    b"[" * 5_000_000,
    b'{"elements":[1}',
]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"elements": [1}', "its body is not JSON (Expecting ',' delimiter, at character 15)"),
        (b'{"elements": [{"id": 1', "its body is not JSON (Expecting ',' delimiter, at character 22)"),
        (b'{"a": NaN}', "its body is not JSON (NaN is not JSON)"),
        (b'{"a": -Infinity}', "its body is not JSON (-Infinity is not JSON)"),
    ],
)
def test_what_is_no_json_says_where(body: bytes, reason: str) -> None:
    assert unreadable(call("get"), body).reason == reason


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_json_is_refused(name: str, body: bytes) -> None:
    error = unreadable(call(name), body)
    assert error.reason.startswith("its body is not JSON")
    assert error.response.body is body
    assert isinstance(error.__cause__, (ValueError, RecursionError))
    assert f"its body is {len(body)} bytes" in str(error)
    assert len(str(error)) < 1000


@pytest.mark.parametrize(
    "raised", [KeyError("x"), RecursionError(), MemoryError(), UnicodeError(), StopIteration(), Exception()]
)
@pytest.mark.parametrize("name", NAMES)
def test_whatever_loads_raises_the_answer_cannot_be_read(name: str, raised: Exception) -> None:
    def loads(_: bytes) -> Any:
        raise raised

    with pytest.raises(InvalidResponseError, match="not JSON") as caught:
        call(name).parse(answer(name), loads=loads)
    assert caught.value.__cause__ is raised
    with pytest.raises(ServerError):
        call(name).parse(HttpResponse(500, {}, b"{}"), loads=loads)


def test_loads_reads_the_bytes() -> None:
    entity = (
        calls.get("/r")
        .parse(HttpResponse(200, {}, b'{"a":1.10}'), loads=lambda body: json.loads(body, parse_float=Decimal))
        .entity
    )
    assert str(entity["a"]) == "1.10"
    with pytest.raises(InvalidResponseError, match="its body is of type Decimal, not an object"):
        calls.get_all("/r").parse(HttpResponse(200, {}, b"1"), loads=lambda _: Decimal(1))
    batch = call("batch_get").parse(HttpResponse(200, {}, b"-"), loads=lambda _: {"results": {1: {}, (2,): {}}})
    assert batch.results == {"1": {}}
    assert batch.mismatch.startswith(
        "a key of results is an integer, not a string; a key of results is of type tuple, not a string"
    )


def test_keys_may_be_of_a_kind_of_text() -> None:
    key = Urn("urn:li:x:1")
    made = calls.batch_get("/r", [key])
    answered = made.parse(HttpResponse(200, {}, b"-"), loads=lambda _: {"results": {key: {"n": 1}}})
    assert answered.rows[0].entity == answered.results[key] == {"n": 1}


@pytest.mark.parametrize(
    ("body", "value"), [(b'{"a":[1.5,null,true]}', {"a": [1.5, None, True]}), (b' "x" ', "x"), (b"0", 0)]
)
def test_strict_loads_reads_json(body: bytes, value: Any) -> None:
    assert strict_loads(body) == value


def test_strict_loads_reads_an_object_once_whatever_white_space_is_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("json.detect_encoding", lambda _: pytest.fail("this is the general path"))
    assert strict_loads(b'{"a": 1} \t\r\n') == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [b"NaN", b'{"a":Infinity}', b"[-Infinity]", b"", b"{'a':1}", b"\xff", b"{}{}", b"{} x", b"{}\xc2\xa0", b"{}\x0c"],
)
def test_strict_loads_reads_nothing_else(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        strict_loads(body)


@pytest.mark.parametrize("document", [[], [1], "s", 1, 1.5, True, None])
@pytest.mark.parametrize("name", READS_AN_OBJECT)
def test_a_collection_or_batch_that_is_no_object_is_refused(name: str, document: Any) -> None:
    assert unreadable(call(name), document).reason.startswith("its body is ")


@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize("name", READS_AN_OBJECT)
def test_an_empty_body_is_refused_where_an_object_is_due(name: str, status: int) -> None:
    error = unreadable(call(name), b"", status=status)
    assert error.reason == "its body is nothing, not an object"
    assert str(error).endswith(f"{status}, but its body is nothing, not an object")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in READS_AN_OBJECT])
def test_an_empty_body_is_an_answer_where_nothing_else_is_due(name: str, status: int) -> None:
    response = parsed(call(name), b"", status)
    assert response.document is None
    assert getattr(response, "entity", None) is None
    assert getattr(response, "value", None) is None
    assert response.mismatch == ("its body is empty, where an entity was asked for" if name == "get" else None)


@pytest.mark.parametrize("document", [[], [1], "s", 1, 1.5, True, {}, {"a": 1}])
def test_a_get_has_whatever_the_body_is(document: Any) -> None:
    response = parsed(call("get"), document)
    assert (response.entity, response.document, response.mismatch) == (document, document, None)


def test_a_get_of_null_has_nothing() -> None:
    response = parsed(call("get"), None)
    assert (response.entity, response.mismatch) == (None, "its body is null, where an entity was asked for")


@pytest.mark.parametrize("document", [[1], "s", 1, True])
@pytest.mark.parametrize("name", ["create", "update", "partial_update", "action", "delete"])
def test_an_odd_body_after_a_change_is_shown(name: str, document: Any) -> None:
    response = parsed(call(name), document, 201, {"X-RestLi-Id": "5"})
    assert response.document == document
    if name == "delete":  # its body means nothing
        assert response.mismatch is None
    else:
        assert response.mismatch.startswith("its body is ")
        assert getattr(response, "value" if name == "action" else "entity") == document
    if name == "create":
        assert response.entity_id == "5"


# Nothing can be shown of these.
WRONG: list[tuple[str, Any, str]] = [
    *((name, {"elements": {}}, "elements of its body is an object, not an array") for name in ("get_all", "finder")),
    ("batch_finder", {"elements": "x"}, "elements of its body is a string, not an array"),
    ("batch_finder", {"elements": [{}, {"elements": {}}]}, "elements of elements[1] is an object, not an array"),
    ("batch_get", {"results": []}, "results of its body is an array, not an object"),
]


@pytest.mark.parametrize(("name", "document", "reason"), WRONG)
def test_a_read_without_what_was_asked_for_is_refused(name: str, document: Any, reason: str) -> None:
    assert unreadable(call(name), document).reason == reason


ODD_ITEMS: list[tuple[Any, str]] = [
    (1, "an integer (1)"),
    (None, "nothing"),
    ("x", "a string ('x')"),
    ([], "an array"),
]
CHANGES = ["batch_update", "batch_partial_update", "batch_delete"]
ODD: list[tuple[str, Any, str]] = [
    ("get_all", {"elements": None}, "elements of its body is nothing, not an array"),
    ("get_all", {"elements": [{}, 1]}, "elements[1] is an integer (1), not an object"),
    ("get_all", {"paging": []}, "paging of its body is an array, not an object"),
    ("get_all", {"paging": {"start": "0"}}, "start of its paging is a string ('0'), not an integer"),
    ("get_all", {"paging": {"count": 1.0}}, "count of its paging is a number (1.0), not an integer"),
    ("get_all", {"paging": {"total": True}}, "total of its paging is a boolean, not an integer"),
    ("get_all", {"paging": {"links": {}}}, "links of its paging is an object, not an array"),
    ("get_all", {"paging": {"links": ["next"]}}, "links[0] is a string ('next'), not an object"),
    ("finder", {"metadata": []}, "metadata of its body is an array, not an object"),
    *(
        (name, {member: {"1": value, "2": {}}}, f"{member}['1'] is {told}, not an object")
        for name in BATCHES_OF_IDS
        for member in ("results", "errors")
        for value, told in ODD_ITEMS
    ),
    *((name, {"results": []}, "results of its body is an array, not an object") for name in CHANGES),
    *((name, {"errors": []}, "errors of its body is an array, not an object") for name in BATCHES_OF_IDS),
    *((name, {"results": None}, "results of its body is nothing, not an object") for name in BATCHES_OF_IDS),
    ("batch_get", {"statuses": {"1": "200", "2": 200}}, "statuses['1'] is a string ('200'), not an integer"),
    ("batch_get", {"statuses": {"1": True, "2": 200}}, "statuses['1'] is a boolean, not an integer"),
    ("batch_get", {"statuses": None}, "statuses of its body is nothing, not an object"),
    *(
        (
            name,
            {"results": {"1": {"status": "200"}, "2": {}}},
            "status of results['1'] is a string ('200'), not an integer",
        )
        for name in CHANGES
    ),
    ("batch_update", {"results": {"1": {"entity": []}, "2": {}}}, "entity of results['1'] is an array, not an object"),
    (
        "batch_delete",
        {"results": {"1": {"error": "x"}, "2": {}}},
        "error of results['1'] is a string ('x'), not an object",
    ),
    *(
        (name, {"elements": [{}] * count}, f"it has {count} elements where 2 were asked for")
        for name in ("batch_create", "batch_finder")
        for count in (0, 1, 3)
    ),
    *((name, {}, "it has 0 elements where 2 were asked for") for name in ("batch_create", "batch_finder")),
    ("batch_create", {"elements": {}}, "elements of its body is an object, not an array; it has 0 elements where 2 "),
    *(
        (name, {"elements": [{}, value]}, f"elements[1] is {told}, not an object")
        for name in ("batch_create", "batch_finder")
        for value, told in ODD_ITEMS
    ),
    (
        "batch_create",
        {"elements": [{}, {"status": "201"}]},
        "status of elements[1] is a string ('201'), not an integer",
    ),
    ("batch_create", {"elements": [{}, {"id": 5}]}, "id of elements[1] is an integer (5), not a string"),
    ("batch_create", {"elements": [{}, {"error": "x"}]}, "error of elements[1] is a string ('x'), not an object"),
    ("batch_create", {"elements": [{}, {"entity": 5}]}, "entity of elements[1] is an integer (5), not an object"),
    ("batch_create", {"elements": [{}, {"location": []}]}, "location of elements[1] is an array, not a string"),
    ("batch_finder", {"elements": [{}, {"paging": []}]}, "paging of elements[1] is an array, not an object"),
    ("batch_finder", {"elements": [{}, {"elements": [5]}]}, "elements[1].elements[0] is an integer (5), not an object"),
    (
        "batch_finder",
        {"elements": [{}, {"paging": {"start": "0"}}]},
        "start of paging of elements[1] is a string ('0'), not an integer",
    ),
    ("batch_finder", {"elements": [{"paging": {"links": [1]}}, {}]}, "elements[0].links[0] is an integer (1)"),
    ("batch_finder", {"elements": [{}, {"error": "x"}]}, "error of elements[1] is a string ('x'), not an object"),
    ("batch_finder", {"elements": [{}, {"isError": 1}]}, "isError of elements[1] is an integer (1), not a boolean"),
]


@pytest.mark.parametrize(("name", "document", "mismatch"), ODD)
def test_an_odd_answer_is_shown_and_says_what_is_odd(name: str, document: Any, mismatch: str) -> None:
    response = parsed(call(name), document)
    assert response.mismatch.startswith(mismatch)
    assert response.document == document
    assert repr(response) == f"<{type(response).__name__} 200, mismatch>"
    assert pickle.loads(pickle.dumps(response)) == response


@pytest.mark.parametrize("name", NAMES)
def test_a_good_answer_has_no_mismatch(name: str) -> None:
    assert call(name).parse(answer(name)).mismatch is None


def test_what_is_there_of_odd_elements() -> None:
    elements = [{"status": "201", "id": 5}, None, "x", {"id": {"a": 1}, "status": 201.0, "entity": [1], "error": "no"}]
    created = parsed(calls.batch_create("/r", [{}] * 3), {"elements": elements}).elements
    assert [(one.status, one.id, one.error, one.entity) for one in created] == [
        (201, "5", None, None),
        (None, None, None, None),
        (None, None, "x", None),
        (201, "(a:1)", "no", [1]),
    ]
    found = parsed(
        call("batch_finder"), {"elements": [{"elements": [1, None]}, None, "x", {"isError": "TRUE"}]}
    ).results
    assert [(one.elements, one.error, one.is_error) for one in found] == [
        ([1, None], None, False),
        ([], None, True),
        ([], "x", True),
        ([], None, True),
    ]
    page = parsed(call("get_all"), {"elements": ["a", None], "paging": {"start": "10", "count": 5.0, "total": "x"}})
    assert (page.elements, page.paging) == (["a", None], responses.Paging(10, 5, None, []))


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_there_of_odd_results(name: str) -> None:
    document = {"results": {"1": None, "2": "gone"}, "errors": {"3": "no"}}
    rows = parsed(calls.batch_delete("/r", [1, 2, 3]), document).rows
    assert [(row.key, row.status, row.error) for row in rows] == [
        ("1", None, None),
        ("2", None, "gone"),
        ("3", None, "no"),
    ]
    rows = parsed(call(name), {"results": {"1": {"status": "204"}, "2": {"status": 404.0, "error": "x"}}}).rows
    assert [(row.status, row.error) for row in rows] == [(204, None), (404, "x")]


def test_rows_that_may_have_been_meant_are_named() -> None:
    made = calls.batch_get("/r", ["+1", "01", 3])
    answered = parsed(made, {"results": {"1": {"n": 1}, "3": {}, "k" * 100: {}}})
    assert [row.key for row in answered.rows] == [None, None, "3"]
    assert answered.mismatch == "the row['1'] belongs to none of the ids; the row[…] belongs to none of the ids"
    assert parsed(calls.batch_get("/r", [3]), {"results": {"3": {}, "4": {}}}).mismatch is None
    assert parsed(calls.batch_get("/r", [3, 4]), {"results": {"3": {}}}).mismatch is None


# What is read of each method's answer


def test_get_and_update_have_the_entity() -> None:
    entity = {"id": 1, "unknown": {"deep": [None]}}
    assert parsed(call("get"), entity).entity == entity
    assert parsed(call("update"), entity).entity == entity
    assert parsed(call("partial_update"), entity).entity == entity
    assert parsed(call("get"), {}).entity == {}


def test_an_action_has_its_value() -> None:
    for value in (1, "x", None, [1], {"a": 1}, True, 1.5):
        assert parsed(call("action"), {"value": value}).value == value
    assert parsed(call("action"), {}).value is None
    assert parsed(call("action"), {"other": 1}).document == {"other": 1}


def test_a_create_has_the_entity_where_it_was_returned() -> None:
    created = parsed(call("create", return_entity=True), {"id": 1}, 201)
    assert (created.entity, created.entity_id, created.location) == ({"id": 1}, None, None)


def test_a_batch_create_has_a_result_for_each_entity() -> None:
    document = {
        "elements": [
            {"status": 201, "id": "1", "location": "/r/1", "entity": {"a": 1}, "unknown": 1},
            {"status": 422, "error": {"message": "m", "unknown": 2}},
        ]
    }
    created = parsed(call("batch_create"), document)
    first, second = created.elements
    assert (first.status, first.id, first.location, first.entity, first.error) == (201, "1", "/r/1", {"a": 1}, None)
    assert (second.status, second.id, second.error) == (422, None, {"message": "m", "unknown": 2})
    assert created.document == document


def test_a_collection_has_elements_paging_and_metadata() -> None:
    links = [{"rel": "next", "type": "application/json", "href": "/r?start=10"}]
    document = {
        "elements": [{"a": 1}],
        "paging": {"start": 0, "count": 10, "total": 11, "links": links, "unknown": 1},
        "metadata": {"nextPageToken": "t"},
        "unknown": 2,
    }
    for name in ("get_all", "finder"):
        page = parsed(call(name), document)
        assert page.elements == [{"a": 1}]
        assert page.paging == responses.Paging(0, 10, 11, links)
        assert page.metadata == {"nextPageToken": "t"}
        assert page.document == document


def test_missing_collections_are_empty() -> None:
    page = parsed(call("get_all"), {})
    assert (page.elements, page.paging, page.metadata) == ([], None, None)
    assert parsed(call("get_all"), {"paging": {}}).paging == responses.Paging(None, None, None, [])
    found = parsed(call("batch_finder"), {"elements": [{}, {}]}).results[0]
    assert (found.elements, found.paging, found.metadata, found.error, found.is_error) == ([], None, None, None, False)
    batch = parsed(call("batch_get"), {})
    assert (batch.results, batch.statuses, batch.errors) == ({}, {}, {})
    for name in ("batch_update", "batch_partial_update", "batch_delete"):
        assert (parsed(call(name), {}).results, parsed(call(name), {}).errors) == ({}, {})


@pytest.mark.parametrize(
    ("element", "is_error"),
    [({}, False), ({"error": {}}, True), ({"isError": True}, True), ({"isError": False, "error": {"a": 1}}, False)],
)
def test_a_batch_finder_has_a_result_for_each_criteria(element: Any, is_error: bool) -> None:
    paging = {"start": 0, "count": 1, "links": []}
    document = {"elements": [{"elements": [{"a": 1}], "paging": paging, "metadata": {"m": 1}}, element]}
    first, second = parsed(call("batch_finder"), document).results
    assert (first.elements, first.paging, first.metadata) == ([{"a": 1}], responses.Paging(0, 1, None, []), {"m": 1})
    assert (second.is_error, second.error) == (is_error, element.get("error"))


def test_results_of_the_batches_that_change_have_the_keys_as_sent() -> None:
    document = {"results": {"1": {"status": 204, "entity": {"a": 1}}}, "errors": {"2": {"status": 404}}}
    updated = parsed(call("batch_update"), document)
    assert updated.results == {"1": responses.BatchUpdateResult(204, {"a": 1})}
    assert updated.errors == {"2": {"status": 404}}
    deleted = parsed(call("batch_delete"), document)
    assert deleted.results == {"1": responses.BatchDeleteResult(204)}
    assert deleted.errors == {"2": {"status": 404}}


def test_null_is_as_good_as_nothing_where_one_thing_may_be_missing() -> None:
    page = parsed(calls.get_all("/r"), {"elements": [], "paging": None, "metadata": None})
    assert (page.paging, page.metadata) == (None, None)
    paged = parsed(calls.get_all("/r"), {"paging": {"start": 0, "count": 10, "total": None}})
    assert paged.paging.total is None
    created = {"elements": [{"status": 201, "id": "1", "error": None, "entity": None, "location": None}]}
    (element,) = parsed(calls.batch_create("/r", [{}]), created).elements
    assert (element.error, element.entity, element.location) == (None, None, None)
