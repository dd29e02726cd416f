from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import restli_core as restli
from restli_core import oauth
from restli_core.errors import InvalidCallError, UnauthorizedError
from restli_core.messages import HttpRequest
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing.authorization import AuthorizationServer, TokenCheck
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.server import RestliServer
from tests.support.oauth_flows import (
    DAY,
    made,
)


def guarded(**options: Any) -> tuple[AuthorizationServer, FakeTransport]:
    authorization = made()
    fake = FakeTransport(authorization=authorization, **options)
    fake.simple("/me", {"name": "Ada"})
    return authorization, fake


def me(fake: FakeTransport, access_token: str | None) -> restli.GetResponse:
    return RestliClient(fake, access_token=access_token).get("/me")


def test_resources_with_tokens() -> None:
    authorization, fake = guarded(requires_token=True)
    assert me(fake, authorization.issue("app").access_token).entity == {"name": "Ada"}
    own = RestliClient(fake).send(oauth.client_credentials("app", "s3cret")).access_token
    assert me(fake, own).entity == {"name": "Ada"}
    assert [invocation.resource for invocation in fake.invocations] == ["/me", "/me"]
    assert fake.authorization is authorization


@pytest.mark.parametrize(
    ("spoil", "number", "code"),
    [
        (lambda _, token: None, 65604, "EMPTY_ACCESS_TOKEN"),
        (lambda _, token: token.access_token + "x", 65600, "INVALID_ACCESS_TOKEN"),
        (lambda _, token: token.refresh_token, 65600, "INVALID_ACCESS_TOKEN"),
        (lambda server, token: server.revoke(token.access_token) or token.access_token, 65601, "REVOKED_ACCESS_TOKEN"),
        (lambda server, token: server.revoke(token.refresh_token) or token.access_token, 65601, "REVOKED_ACCESS_TOKEN"),
        (lambda server, token: server.advance(60 * DAY) or token.access_token, 65602, "EXPIRED_ACCESS_TOKEN"),
    ],
    ids=["none", "another", "refresh token", "revoked", "revoked with its grant", "expired"],
)
def test_resources_refuse_other_tokens(
    spoil: Callable[[AuthorizationServer, oauth.Token], str | None], number: int, code: str
) -> None:
    authorization, fake = guarded(requires_token=True)
    with pytest.raises(UnauthorizedError) as caught:
        me(fake, spoil(authorization, authorization.issue("app")))
    assert (caught.value.service_error_code, caught.value.code) == (number, code)
    assert caught.value.response.headers["WWW-Authenticate"] == "Bearer"
    assert fake.invocations == []


def test_resources_that_want_no_token() -> None:
    _, fake = guarded()
    assert me(fake, None).entity == {"name": "Ada"}
    assert FakeTransport().authorization is None


def test_awaited(authorization: AuthorizationServer) -> None:
    fake = FakeAsyncTransport(authorization=authorization)
    answer = asyncio.run(AsyncRestliClient(fake).send(oauth.client_credentials("app", "s3cret")))
    assert authorization.grant(answer.access_token) is not None


def test_tokens_need_somebody_to_give_them() -> None:
    for make in (FakeTransport, RestliServer):
        with pytest.raises(InvalidCallError, match=r"^requires_token: "):
            make(requires_token=True)
    assert TokenCheck(None, requires_token=False).answer(HttpRequest("GET", "/oauth/v2/authorization")) is None


def test_a_new_token_is_not_known_at_once() -> None:
    authorization = made(known_after=5.0)
    fake = FakeTransport(authorization=authorization, requires_token=True)
    fake.simple("/me", {"name": "Ada"})
    token = authorization.issue("app").access_token
    with pytest.raises(UnauthorizedError) as caught:
        me(fake, token)
    assert (caught.value.service_error_code, caught.value.code) == (65601, "REVOKED_ACCESS_TOKEN")
    authorization.advance(6)
    assert me(fake, token).entity == {"name": "Ada"}
