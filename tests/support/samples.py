"""A call of each resource method and an answer to it, for what holds for all fourteen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import restli_core
from restli_core.calls import Call
from restli_core.messages import HttpResponse

ARGUMENTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "get": ("/r",),
    "batch_get": ("/r", [1, 2]),
    "get_all": ("/r",),
    "finder": ("/r", "search"),
    "batch_finder": ("/r", "search", ("criteria", [{"a": 1}, {"a": 2}])),
    "create": ("/r", {"a": 1}),
    "batch_create": ("/r", [{"a": 1}, {"a": 2}]),
    "update": ("/r", {"a": 1}),
    "batch_update": ("/r", [1, 2], [{"a": 1}, {"a": 2}]),
    "partial_update": ("/r", {"a": 1}),
    "batch_partial_update": ("/r", [1, 2], [{"a": 1}, {"a": 2}]),
    "delete": ("/r",),
    "batch_delete": ("/r", [1, 2]),
    "action": ("/r", "act", {"a": 1}),
}

ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "get": {"a": 1},
    "batch_get": {"results": {"1": {"a": 1}}, "statuses": {"1": 200}, "errors": {"2": {"status": 404}}},
    "get_all": {"elements": [{"a": 1}], "paging": {"start": 0, "count": 10, "links": []}},
    "finder": {"elements": [{"a": 1}], "metadata": {"nextPageToken": "t"}},
    "batch_finder": {"elements": [{"elements": [{"a": 1}]}, {"elements": [], "isError": True, "error": {}}]},
    "create": {"a": 1},
    "batch_create": {"elements": [{"status": 201, "id": "1"}, {"status": 400, "error": {"message": "m"}}]},
    "update": {"a": 1},
    "batch_update": {"results": {"1": {"status": 204}}, "errors": {"2": {"status": 404}}},
    "partial_update": {"a": 1},
    "batch_partial_update": {"results": {"1": {"status": 200, "entity": {"a": 1}}}, "errors": {}},
    "delete": {},
    "batch_delete": {"results": {"1": {"status": 204}}, "errors": {"2": {"status": 404}}},
    "action": {"value": 1},
}


def call(name: str, **options: Any) -> Call[Any]:
    """A call of the method with this name."""
    made: Call[Any] = getattr(restli_core, name)(*ARGUMENTS[name], **options)
    return made


def answer(name: str) -> HttpResponse:
    """A good answer to `call(name)`."""
    return HttpResponse(200, {"X-RestLi-Id": "1"}, json.dumps(ANSWERS[name]).encode(), "http://h/r")


def document_of(response: restli_core.RestliResponse) -> Any:
    """Something to map a call with, that pickles."""
    return response.document
