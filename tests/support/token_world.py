"""An authorization server, the resources beside it, and clients, sources and stores for them: all in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from restli_core.oauth import Token
from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.tokens import (
    AsyncClientCredentialsSource,
    AsyncFixedSource,
    AsyncRefreshingSource,
    ClientCredentialsSource,
    FixedSource,
    RefreshingSource,
)

__all__ = ["DAY", "Kept", "World"]

DAY: Final = 86400


class World:
    """An authorization server and the resources beside it, in memory, with a client and a source of each kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.authorization = AuthorizationServer()
        self.authorization.app("app", "s3cret")
        fake = FakeTransport if kind == "blocking" else FakeAsyncTransport
        self.fake: Any = fake(authorization=self.authorization, requires_token=True)
        self.fake.on("/me", "get", lambda _: {"name": "Ada"})
        self.token = self.authorization.issue("app", "r_ads")

    @property
    def auth(self) -> Any:
        return (AuthClient if self.kind == "blocking" else AsyncAuthClient)("app", "s3cret", transport=self.fake)

    def refreshing(self, store: Any = None, **options: Any) -> Any:
        kind: Any = RefreshingSource if self.kind == "blocking" else AsyncRefreshingSource
        return kind(self.auth, store or self.token, **{"clock": self.now, **options})

    def two_legged(self, **options: Any) -> Any:
        kind: Any = ClientCredentialsSource if self.kind == "blocking" else AsyncClientCredentialsSource
        return kind(self.auth, **{"clock": self.now, **options})

    def fixed(self, token: str) -> Any:
        return (FixedSource if self.kind == "blocking" else AsyncFixedSource)(token)

    def now(self) -> float:
        return self.authorization.now

    def client(self, source: Any, **options: Any) -> Any:
        kind: Any = RestliClient if self.kind == "blocking" else AsyncRestliClient
        return kind(self.fake, access_token=source, **options)

    def do(self, method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if self.kind == "blocking":
            return method(*args, **options)
        return asyncio.run(method(*args, **options))

    @property
    def sent(self) -> list[str]:
        return [request.line.replace("https://api.linkedin.com/v2", "") for request in self.fake.requests]

    @property
    def refreshes(self) -> int:
        return sum("/accessToken" in line for line in self.sent)


class Kept:
    """A store in memory that counts."""

    def __init__(self, token: Token | None) -> None:
        self.token = token
        self.saved: list[Token] = []

    def load(self) -> Token | None:
        return self.token

    def save(self, token: Token) -> None:
        self.token = token
        self.saved.append(token)
