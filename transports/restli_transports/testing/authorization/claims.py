"""Claims: the endpoint that says who a member is, `userinfo` of OpenID Connect, as LinkedIn's API answers it.

    GET  /v2/userinfo    Authorization: Bearer

It belongs to LinkedIn's API rather than to its authorization server, but knows what only the latter knows: whom a token
stands for, and which scopes it has. The scope ``openid`` opens it; ``profile`` and ``email`` say what is in the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from restli_core.server import Refusal
from restli_transports.testing.authorization.messages import json_answer, wrong_method_answer

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.testing.authorization.state import Grant

__all__ = ["USERINFO_PATH", "answer_userinfo"]

USERINFO_PATH: Final = "/v2/userinfo"

# scope -> the claims that it adds
_CLAIMS: Final[Mapping[str, frozenset[str]]] = {
    "openid": frozenset({"sub"}),
    "profile": frozenset({"name", "given_name", "family_name", "picture", "locale"}),
    "email": frozenset({"email", "email_verified"}),
}


def answer_userinfo(request: HttpRequest, grant: Grant | None, claims: Mapping[str, Mapping[str, Any]]) -> HttpResponse:
    """Answer a request whose token is good.

    Args:
        request: the request.
        grant: what its token stands for; None where it has just ended.
        claims: what is known of members, by their names; what is not there is made up.
    """
    if request.method != "GET":
        return wrong_method_answer("GET")
    if grant is None or grant.member is None or "openid" not in grant.scopes:
        message = "Not enough permissions to access: userinfo.GET.NO_VERSION"
        return Refusal(403, message, serviceErrorCode=100, code="ACCESS_DENIED").response
    known = {**_made_up(grant.member), **claims.get(grant.member, {})}
    allowed: set[str] = set().union(*[_CLAIMS.get(scope, frozenset()) for scope in grant.scopes])
    # Claims that no scope is known for are a test's own, and are there always.
    named = frozenset[str]().union(*_CLAIMS.values())
    return json_answer(200, {name: value for name, value in known.items() if name in allowed or name not in named})


def _made_up(member: str) -> dict[str, Any]:
    """Return claims for a member, by the id in their URN."""
    sub = member.rpartition(":")[2]
    name = sub.capitalize()
    return {
        "sub": sub,
        "name": f"{name} Example",
        "given_name": name,
        "family_name": "Example",
        "picture": f"https://media.example/{sub}.jpg",
        "locale": {"country": "US", "language": "en"},
        "email": f"{sub}@example.com",
        "email_verified": True,
    }
