"""An Authorization in the place of a token: where it goes, where it does not, and that it is never shown."""

from __future__ import annotations

import pickle
from typing import Any

import anyio
import pytest

import restli_core
from restli_core import Authorization, UnauthorizedError
from restli_core.methods import METHODS
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import FakeAsyncTransport, FakeTransport, Handlers
from tests.support.samples import call
from tests.support.shown import revealed

BASIC = Authorization.basic("ada", "s3cret-w0rd")
VALUE = BASIC.value


def handlers() -> Handlers:
    made = Handlers()
    made.simple("/me", {"name": "Ada"})
    return made


def test_it_goes_out_as_it_is_to_the_clients_own_origin_alone() -> None:
    fake = FakeTransport(handlers())
    client = RestliClient(fake, access_token=BASIC, base_url="https://api.example")
    client.get("/me")
    client.with_options(access_token=Authorization("Token s3cret")).get("/me")
    client.send(restli_core.get("/me", base_url="https://api.example"))
    client.send(restli_core.get("/me", base_url="https://other.example"))
    client.send(restli_core.get("/me", access_token=Authorization("Own s3cret"), base_url="https://api.example"))
    sent = [request.headers.get("Authorization") for request in fake.requests]
    assert sent == [VALUE, "Token s3cret", VALUE, None, "Own s3cret"]


def test_an_awaited_client_takes_it_too() -> None:
    fake = FakeAsyncTransport(handlers())
    client = AsyncRestliClient(fake, access_token=BASIC)
    assert anyio.run(client.get, "/me").entity == {"name": "Ada"}
    assert fake.requests[-1].headers["Authorization"] == VALUE


def test_there_is_no_other_to_repeat_a_call_with() -> None:
    fake = FakeTransport(handlers())
    echo = restli_core.HttpResponse(401, {"WWW-Authenticate": "Basic"}, f'{{"message": "not {VALUE}"}}'.encode())
    fake.fail_next(echo)
    client = RestliClient(fake, access_token=BASIC)
    with pytest.raises(UnauthorizedError) as refused:
        client.get("/me")
    assert len(fake.requests) == 1
    secrets = [VALUE, VALUE.removeprefix("Basic "), "s3cret-w0rd"]
    # The answer is there as it came.
    shown = [
        where for where in revealed(refused.value, *secrets) if not where.startswith(("document of", "response of"))
    ]
    assert shown == []


@pytest.mark.parametrize("name", METHODS)
def test_a_call_with_one_shows_nothing_and_pickles(name: str) -> None:
    made = call(name, access_token=BASIC)
    assert made == pickle.loads(pickle.dumps(made)) == call(name, access_token=Authorization(VALUE))
    assert made.request.headers["Authorization"] == VALUE
    for text in (repr(made), repr(made.request), repr(made.request.headers), made.curl()):
        assert VALUE.removeprefix("Basic ") not in text
    assert '"Authorization: Basic $LINKEDIN_ACCESS_TOKEN"' in made.curl()


def test_a_client_shows_none_of_it() -> None:
    client: Any = RestliClient(FakeTransport(), access_token=BASIC)
    assert VALUE not in f"{client!r}{client.settings!r}"
