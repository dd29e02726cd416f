"""Printed answers: of each method's answer, what is printed."""

from __future__ import annotations

import json
from typing import Any

import pytest

import restli_core as restli
from restli_core.calls import Call
from restli_core.messages import HttpResponse
from restli_core.methods import METHODS
from restli_transports.command_line.printed_answers import count_failed, printed_values

ERROR = {"status": 404, "message": "not found"}

# A call, its answer -> what is printed of it, and how many parts failed.
ANSWERS: list[tuple[Call[Any], Any, list[Any], tuple[int, int]]] = [
    (restli.get("/x"), {"id": 1}, [{"id": 1}], (0, 1)),
    (restli.get_all("/x"), {"elements": [1, {"a": 2}]}, [1, {"a": 2}], (0, 1)),
    (restli.finder("/x", "y"), {"elements": []}, [], (0, 1)),
    (
        restli.batch_get("/x", [1, 2, 3]),
        {"results": {"1": {"a": 1}}, "errors": {"2": ERROR}, "statuses": {}},
        [{"id": 1, "status": 200, "entity": {"a": 1}}, {"id": 2, "status": 404, "error": ERROR}, {"id": 3}],
        (2, 3),
    ),
    (
        restli.batch_finder("/x", "y", ("c", [{}, {}])),
        {"elements": [{"elements": [1], "metadata": {"a": 1}}, {"isError": True, "error": ERROR}]},
        [{"elements": [1], "metadata": {"a": 1}}, {"error": ERROR}],
        (1, 2),
    ),
    (
        restli.batch_create("/x", [{}, {}]),
        {"elements": [{"status": 201, "id": "(a:1)"}, {"status": 404, "error": ERROR}]},
        [{"status": 201, "id": {"a": "1"}}, {"status": 404, "error": ERROR}],
        (1, 2),
    ),
    (restli.update("/x", {}), None, [{"status": 200}], (0, 1)),
    (restli.partial_update("/x", {}, return_entity=True), {"a": 1}, [{"status": 200, "entity": {"a": 1}}], (0, 1)),
    (
        restli.batch_update("/x", [1, 2], [{}, {}]),
        {"results": {"1": {"status": 204}}, "errors": {"2": ERROR}},
        [{"id": 1, "status": 204}, {"id": 2, "status": 404, "error": ERROR}],
        (1, 2),
    ),
    (
        restli.batch_partial_update("/x", [1], [{}]),
        {"results": {"1": {"status": 200, "entity": {"a": 1}}}, "errors": {}},
        [{"id": 1, "status": 200, "entity": {"a": 1}}],
        (0, 1),
    ),
    (restli.delete("/x"), None, [{"status": 200}], (0, 1)),
    (
        restli.batch_delete("/x", [1]),
        {"results": {"1": {"status": 204}}, "errors": {}},
        [{"id": 1, "status": 204}],
        (0, 1),
    ),
    (restli.action("/x", "y"), {"value": [1]}, [[1]], (0, 1)),
    (restli.action("/x", "y"), None, [None], (0, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("call", "document", "printed", "failed"), ANSWERS, ids=[case[0].method for case in ANSWERS])
def test_each_answer(call: Call[Any], document: Any, printed: list[Any], failed: tuple[int, int]) -> None:
    answer = call.parse(HttpResponse(200, {}, b"" if document is None else json.dumps(document).encode()))
    assert [*printed_values(answer)] == printed
    assert count_failed(answer) == failed


@pytest.mark.parametrize(
    ("headers", "body", "printed"),
    [
        ({"X-RestLi-Id": "7"}, b"", {"status": 201, "id": "7"}),
        ({"X-RestLi-Id": "(a:1)"}, b'{"b": 1}', {"status": 201, "id": {"a": "1"}, "entity": {"b": 1}}),
        ({}, b"", {"status": 201}),
    ],
)
def test_what_was_created(headers: dict[str, str], body: bytes, printed: dict[str, Any]) -> None:
    answer = restli.create("/x", {}, return_entity=True).parse(HttpResponse(201, headers, body))
    assert [*printed_values(answer)] == [printed]


def test_all_methods_are_tried() -> None:
    assert {case[0].method for case in ANSWERS} | {"create"} == {*METHODS}
