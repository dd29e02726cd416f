"""What the core and the clients do, as JSON: so that one Python can be compared with another, to the letter.

It imports nothing but the two packages and the standard library: it is to run where there is nothing else, such as in
Pyodide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import restli_core as restli
from restli_core import ConnectError, HttpResponse, RestliError, ServiceError
from restli_core.methods import METHODS
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import FakeAsyncTransport, FakeTransport, vectors
from restli_transports.testing.sample import sample_handlers

__all__ = ["ARGUMENTS", "awaited", "blocking", "codec"]

_CODEC: Final[dict[str, tuple[Callable[[Any], Any], str]]] = {
    "encode_query": (restli.encode, "value"),
    "encode_header": (restli.reduced_encode, "value"),
    "query_string": (restli.param_encode, "params"),
    "decode": (restli.decode, "s"),
    "decode_fuzz": (restli.decode, "s"),
    "decode_query": (restli.param_decode, "q"),
    "decode_query_fuzz": (restli.param_decode, "q"),
}

_CAMPAIGN: Final = {
    "campaign": "urn:li:sponsoredCampaign:700000001",
    "conversion": "urn:lla:llaPartnerConversion:1001",
}
_ENTITY: Final = {"path_keys": {"id": 5001}}
ARGUMENTS: Final[dict[str, tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "get": (("/adAccounts/{id}",), {**_ENTITY, "fields": ["id", "name"]}),
    "batch_get": (("/adAccounts", [*range(5001, 6000)]), {}),  # long enough for the tunnel
    "get_all": (("/adAccounts",), {"query_params": {"start": 3, "count": 2}}),
    "finder": (("/adAccounts", "search"), {"query_params": {"search": {"status": {"values": ["DRAFT", ""]}}}}),
    "batch_finder": (("/adCampaigns", "searchCriteria", ("criteria", [{"status": "ACTIVE"}, {}])), {}),
    "create": (("/adAccounts", {"name": "(a,b:'c') é \u2028 \U0001f600"}), {}),
    "batch_create": (("/adAccounts", [{"name": "A", "part": 0.1}, {"name": "B", "amount": 10**20}]), {}),
    "update": (("/adAccounts/{id}", {"name": "B"}), _ENTITY),
    "batch_update": (("/campaignConversions", [_CAMPAIGN, {**_CAMPAIGN, "conversion": "'"}], [_CAMPAIGN, {}]), {}),
    "partial_update": (("/adAccounts/{id}", {"name": "C"}), _ENTITY),
    "batch_partial_update": (("/adAccounts", [5001, 1], [{"name": "D"}, {"name": "E"}]), {}),
    "delete": (("/adAccounts/{id}",), _ENTITY),
    "batch_delete": (("/adAccounts", [5002, 5003]), {}),
    "action": (("/images", "initializeUpload", {"initializeUploadRequest": {"owner": "urn:li:organization:1"}}), {}),
}
assert set(ARGUMENTS) == set(METHODS)


def _shown(value: Any) -> str:
    return f"{type(value).__name__}: {value}" if isinstance(value, Exception) else repr(value)


def codec() -> dict[str, list[str]]:
    """Return what the codec makes of each vector: a value, or an error with its text."""
    found: dict[str, list[str]] = {}
    for name, (function, member) in _CODEC.items():
        found[name] = results = []
        for case in vectors.load(name):
            try:
                results.append(_shown(function(vectors.untagged(case["in"][member]))))
            except (RestliError, TypeError) as error:
                results.append(_shown(error))
    return found


def _answer_of(answer: Any) -> list[Any]:
    document = answer.document
    if "value" in (document or {}):
        document = sorted(document["value"])  # of an upload: its URL and its end depend on the moment
    return [answer.status_code, sorted(answer.headers), document, answer.mismatch]


def _sent_by(fake: Any) -> list[list[Any]]:
    # Sorted, since threads have no order.
    return sorted([sent.method, sent.url, [*map(list, sent.headers.raw)], sent.body.decode()] for sent in fake.requests)


def _failing(fake: Any) -> None:
    """Plan failures: one that is repeated, and then one that is not."""
    fake.fail_next(ConnectError("refused"))
    fake.fail_next(HttpResponse(429, {"Retry-After": "7"}, b'{"message": "too many"}'))
    fake.fail_next(HttpResponse(403, {}, b'{"message": "no", "serviceErrorCode": 100}'))


def _ended(fake: Any, error: ServiceError | None, *results: Iterable[Any]) -> dict[str, Any]:
    return {"requests": _sent_by(fake), "results": results, "error": _shown(error), "waits": fake.waits}


def blocking() -> dict[str, Any]:
    """Return what a client that blocks does: each method, a failure, pages, many calls and a batch that is cut."""
    fake = FakeTransport(sample_handlers())
    client = RestliClient(fake, access_token="t", version_string="202609", random=lambda: 0.5)
    answers = {}
    for name, (arguments, options) in ARGUMENTS.items():
        answers[name] = _answer_of(getattr(client, name)(*arguments, **options))
    _failing(fake)
    failure: ServiceError | None = None
    try:
        client.get("/me")
    except ServiceError as error:
        failure = error
    calls = client.calls
    found = calls.finder("/adAccounts/{account}/adCampaigns", "search", path_keys={"account": 5001})
    pages = [element["id"] for element in client.elements(found)]
    with client.send_all([calls.get("/adAccounts/{id}", path_keys={"id": 5004 + n}) for n in range(30)]) as sending:
        many = [sent.answer.entity["id"] if sent.answer else _shown(sent.error) for sent in sending]
    with client.send_rows(calls.batch_get, "/adAccounts", range(5001, 5031), size=7) as rows:
        cut = [[row.id, row.status] for row in rows]
    return _ended(fake, failure, [answers], pages, many, cut)


async def awaited() -> dict[str, Any]:
    """Return what an asynchronous client does, which is the same."""
    fake = FakeAsyncTransport(sample_handlers())
    client = AsyncRestliClient(fake, access_token="t", version_string="202609", random=lambda: 0.5)
    answers = {}
    for name, (arguments, options) in ARGUMENTS.items():
        answers[name] = _answer_of(await getattr(client, name)(*arguments, **options))
    _failing(fake)
    failure: ServiceError | None = None
    try:
        await client.get("/me")
    except ServiceError as error:
        failure = error
    calls = client.calls
    found = calls.finder("/adAccounts/{account}/adCampaigns", "search", path_keys={"account": 5001})
    pages = [element["id"] async for element in client.elements(found)]
    gets = [calls.get("/adAccounts/{id}", path_keys={"id": 5004 + n}) for n in range(30)]
    async with client.send_all(gets) as sending:
        many = [sent.answer.entity["id"] if sent.answer else _shown(sent.error) async for sent in sending]
    async with client.send_rows(calls.batch_get, "/adAccounts", range(5001, 5031), size=7) as rows:
        cut = [[row.id, row.status] async for row in rows]
    return _ended(fake, failure, [answers], pages, many, cut)
