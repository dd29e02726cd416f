"""The endpoints that applications call themselves: access tokens, introspection, revocation.

    POST  /oauth/v2/accessToken        grant_type=authorization_code    code, redirect_uri, perhaps code_verifier
                                       grant_type=refresh_token         refresh_token
                                       grant_type=client_credentials
    POST  /oauth/v2/introspectToken    token                            RFC 7662
    POST  /oauth/v2/revoke             token                            RFC 7009

All take a form with ``client_id``, and with ``client_secret`` except from native applications.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

from restli_core.errors import InvalidCallError
from restli_core.oauth import code_challenge
from restli_transports.testing.authorization.messages import (
    OAuthRefusal,
    Parameters,
    json_answer,
    read_form,
    require,
    wrong_method_answer,
)
from restli_transports.testing.authorization.state import App, Grant, State

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse

__all__ = ["TokenEndpoints"]


class TokenEndpoints:
    """The three endpoints.

    Args:
        state: what the server knows, and what the endpoints change.
    """

    PATHS: Final = frozenset({"/oauth/v2/accessToken", "/oauth/v2/introspectToken", "/oauth/v2/revoke"})

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, request: HttpRequest, path: str, *, rotates: bool, numbers_as_text: bool) -> HttpResponse:
        """Answer a request to one of the endpoints.

        Args:
            request: the request.
            path: its path, one of `PATHS`.
            rotates: whether a refresh gives a new refresh token, and ends the one that was used.
            numbers_as_text: whether numbers go out as text.
        """
        if request.method != "POST":
            return wrong_method_answer("POST")
        try:
            form = read_form(request)
            if path.endswith("/accessToken"):
                document = self._give_token(form, rotates=rotates)
            elif path.endswith("/introspectToken"):
                document = self._introspect(form)
            else:
                document = self._revoke(form)
        except OAuthRefusal as refusal:
            return json_answer(refusal.status, refusal.document)
        if numbers_as_text:
            # By the exact type: a bool is an int too, and stays what it is.
            document = {name: str(value) if type(value) is int else value for name, value in document.items()}
        return json_answer(200, document)

    def _give_token(self, form: Parameters, *, rotates: bool) -> dict[str, Any]:
        match require(form, "grant_type"):
            case "authorization_code":
                return self._give_token_for_code(form)
            case "refresh_token":
                return self._give_token_for_refresh_token(form, rotates=rotates)
            case "client_credentials":
                app = self._authenticate(form, needs_secret=True)
                if not app.two_legged:
                    raise OAuthRefusal("access_denied", "The application may not have tokens of its own", 401)
                grant = Grant(app.client_id, None, (), int(self._state.now))
                token, issued = self._state.give_out("application", grant)
                return {"access_token": token, "expires_in": issued.expires_at - issued.created_at}
            case _:
                known = "authorization_code, refresh_token, client_credentials"
                raise OAuthRefusal("unsupported_grant_type", f"The grant_type must be one of {known}")

    def _give_token_for_code(self, form: Parameters) -> dict[str, Any]:
        code, redirect_url = require(form, "code"), require(form, "redirect_uri")
        app = self._authenticate(form)
        issued = self._state.find(code, "code", client_id=app.client_id)
        if issued is None:
            raise OAuthRefusal("invalid_grant", "The code is not one that this application was given")
        if issued.is_spent:
            # RFC 6749 section 4.1.2: whoever has it twice may have stolen it.
            self._state.end(issued.grant)
            raise OAuthRefusal("invalid_grant", "The code has been used before; what it was used for is revoked")
        if issued.status(self._state.now) != "active":
            raise OAuthRefusal("invalid_grant", "The code has expired, or has been revoked")
        if issued.redirect_url != redirect_url:
            raise OAuthRefusal("invalid_grant", "The redirect_uri is not the one of the authorization URL")
        # A code of the native flow needs its verifier, one of the web flow the secret and nothing of PKCE.
        if issued.challenge is not None:
            if not _fits(require(form, "code_verifier"), issued.challenge):
                raise OAuthRefusal("invalid_grant", "The code_verifier is not that of the code_challenge")
        elif "code_verifier" in form or "client_secret" not in form:
            raise OAuthRefusal(
                "invalid_client", "A code of the web flow takes the client_secret, and no code_verifier", 401
            )
        issued.is_spent = True
        return self._state.give_member_token(issued.grant)

    def _give_token_for_refresh_token(self, form: Parameters, *, rotates: bool) -> dict[str, Any]:
        token = require(form, "refresh_token")
        app = self._authenticate(form)
        issued = self._state.find(token, "refresh", client_id=app.client_id)
        if issued is None:
            raise OAuthRefusal("invalid_grant", "The refresh token is not one that this application was given")
        status = issued.status(self._state.now)
        if status != "active":
            raise OAuthRefusal("invalid_grant", f"The refresh token is {status}")
        if rotates:
            issued.is_spent = True
            token, _ = self._state.give_out("refresh", issued.grant, issued.expires_at)
        return self._state.give_member_token(issued.grant, token)

    def _introspect(self, form: Parameters) -> dict[str, Any]:
        token = require(form, "token")
        app = self._authenticate(form, needs_secret=True)
        issued = self._state.find(token, "access", "refresh", "application", client_id=app.client_id)
        if issued is None:
            # RFC 7662 section 4: nobody learns what another application's tokens are.
            return {"active": False}
        status = issued.status(self._state.now)
        return {
            "active": status == "active",
            "status": status,
            "auth_type": "2L" if issued.grant.member is None else "3L",
            "client_id": app.client_id,
            "scope": ",".join(issued.grant.scopes),
            "created_at": issued.created_at,
            "authorized_at": issued.grant.authorized_at,
            "expires_at": issued.expires_at,
        }

    def _revoke(self, form: Parameters) -> dict[str, Any]:
        token = require(form, "token")
        app = self._authenticate(form)
        # RFC 7009 section 2.2: a token that nobody knows is an invalid one already, which is what was asked for.
        if self._state.find(token, "code", "access", "refresh", "application", client_id=app.client_id):
            self._state.revoke(token)
        return {}

    def _authenticate(self, form: Parameters, *, needs_secret: bool = False) -> App:
        """Return the application that a request comes from (RFC 6749 section 2.3.1); a native one needs no secret."""
        app = self._state.apps.get(require(form, "client_id"))
        secret = form.get("client_secret")
        if app is not None and (needs_secret or not app.native):
            secret = require(form, "client_secret")
        if app is None or (secret is not None and not _is_same(secret, app.client_secret)):
            # One error for both: nobody learns which ids there are.
            reason = "The client_id and the client_secret are not those of an application"
            raise OAuthRefusal("invalid_client", reason, 401)
        return app


def _fits(verifier: str, challenge: str) -> bool:
    try:
        return _is_same(code_challenge(verifier), challenge)
    except InvalidCallError:  # it is not a verifier at all
        return False


def _is_same(given: str, expected: str | None) -> bool:
    """Compare secrets in a time that does not depend on where they differ; None equals no secret."""
    return expected is not None and hmac.compare_digest(given.encode(), expected.encode("utf-8", "surrogatepass"))
