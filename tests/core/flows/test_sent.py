"""Sent: what became of one call of many."""

from __future__ import annotations

import pickle

import pytest

import restli_core as restli
from restli_core import ConnectError, HttpResponse, Sent

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
