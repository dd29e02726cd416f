"""KEPT: what stands for an argument that was left out, and is none of the values that may be given."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest

from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient
from restli_transports._clients.kept import KEPT


def test_it_is_shown_by_its_name() -> None:
    assert repr(KEPT) == "KEPT"
    assert "access_token: 'str | " in str(inspect.signature(RestliClient.with_options))
    assert "= KEPT" in str(inspect.signature(RestliClient.with_options))


def test_there_is_one_of_it() -> None:
    assert copy.deepcopy(KEPT) is KEPT
    assert pickle.loads(pickle.dumps(KEPT)) is KEPT
    assert KEPT not in {None, "kept", False}


@pytest.mark.parametrize("client", [RestliClient, AsyncRestliClient])
def test_every_option_may_be_left_out_and_all_of_a_client_are_options(client: Any) -> None:
    options = inspect.signature(client.with_options).parameters
    assert {name for name, one in options.items() if one.default is KEPT} == {*options} - {"self"}
    assert {*options} - {"self"} == {*inspect.signature(client).parameters} - {"transport"}


@pytest.mark.parametrize("client", [RestliClient, AsyncRestliClient, AuthClient, AsyncAuthClient])
def test_what_send_takes_may_be_left_out(client: Any) -> None:
    parameters = inspect.signature(client.send).parameters
    assert {name for name, one in parameters.items() if one.default is KEPT} == {"timeout", "retry"}
