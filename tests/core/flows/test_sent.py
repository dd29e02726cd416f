"""Sent: what became of one call of many."""

from __future__ import annotations

import pickle

import pytest

import restli_core as restli
from restli_core import ConnectError, HttpResponse, InvalidCallError, Sent
from tests.support.samples import answer, call, document_of

CALL = restli.get("/adAccounts/{id}", path_keys={"id": 5}, access_token="hidden")


def test_the_result_is_the_answer_or_the_error_raised() -> None:
    answer = CALL.parse(HttpResponse(200, {}, b'{"id": 5}'))
    assert Sent(CALL, answer, None).result() is answer
    error = ConnectError("refused")
    with pytest.raises(ConnectError) as raised:
        Sent(CALL, None, error).result()
    assert raised.value is error


def test_it_pickles_and_its_text_has_no_secret() -> None:
    sent = Sent(CALL, CALL.parse(HttpResponse(200, {}, b'{"id": 5}')), None)
    assert pickle.loads(pickle.dumps(sent)) == sent
    assert repr(sent).endswith("answered>")
    failed = repr(Sent(CALL, None, ConnectError("refused")))
    assert failed.endswith("ConnectError>")
    assert "hidden" not in failed + repr(sent)


ROWS = ["batch_get", "batch_update", "batch_partial_update", "batch_delete"]


@pytest.mark.parametrize("name", ROWS)
def test_the_rows_of_a_batch_are_those_of_its_answer(name: str) -> None:
    one = call(name)
    answered = one.parse(answer(name))
    assert Sent(one, answered, None).rows is answered.rows


def test_the_rows_of_a_batch_create_are_counted() -> None:
    one = call("batch_create")
    first, second = Sent(one, one.parse(answer("batch_create")), None).rows
    assert (first.id, first.key, first.status, first.failed) == (0, "1", 201, False)
    assert (second.id, second.key, second.error, second.failed) == (1, None, {"message": "m"}, True)


@pytest.mark.parametrize("name", [*ROWS, "batch_create"])
def test_a_call_that_failed_has_a_row_for_each_id(name: str) -> None:
    error = ConnectError("refused")
    rows = Sent(call(name).map(document_of), None, error).rows
    assert [row.id for row in rows] == ([0, 1] if name == "batch_create" else [1, 2])
    assert all(row.exception is error and row.failed and row.key is None for row in rows)


@pytest.mark.parametrize("name", ["get", "finder", "action", "batch_finder"])
def test_what_has_no_ids_has_no_rows(name: str) -> None:
    for sent in (
        Sent(call(name), call(name).parse(answer(name)), None),
        Sent(call(name), None, ConnectError("refused")),
    ):
        with pytest.raises(InvalidCallError, match="has no ids"):
            _ = sent.rows


def test_a_mapped_answer_has_none_but_where_it_is_an_answer_still() -> None:
    one = call("batch_get")
    answered = one.parse(answer("batch_get"))
    with pytest.raises(InvalidCallError, match="call: is mapped, and a dict has no rows: send the call that is not"):
        _ = Sent(one.map(document_of), answered.document, None).rows
    assert Sent(one.map(lambda same: same), answered, None).rows == answered.rows
