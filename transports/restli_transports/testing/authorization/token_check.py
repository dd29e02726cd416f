"""`TokenCheck`: which requests reach the resources beside an authorization server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from restli_core.errors import InvalidCallError

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.testing.authorization.server import AuthorizationServer

__all__ = ["TokenCheck"]


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """A check of requests, by an authorization server beside the resources, if there is one.

    Args:
        authorization: the authorization server; None for none.
        requires_token: whether the resources want a token that this server gave.

    Raises:
        InvalidCallError: tokens are required, and there is no authorization server to give them.
    """

    authorization: AuthorizationServer | None
    requires_token: bool

    def __post_init__(self) -> None:
        if self.requires_token and self.authorization is None:
            raise InvalidCallError("requires_token", "needs an authorization server, to give tokens")

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """Return the answer to a request that is for OAuth, or may not reach the resources; None for one that may."""
        if self.authorization is None:
            return None
        if self.authorization.serves(request):
            return self.authorization.answer(request)
        return self.authorization.refusal(request) if self.requires_token else None
