"""`AuthorizationServer`: the endpoints over one state, and what a test does with them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.oauth import Token
from restli_core.server import Refusal
from restli_transports.testing.authorization.claims import USERINFO_PATH, answer_userinfo
from restli_transports.testing.authorization.consent import answer_authorization
from restli_transports.testing.authorization.messages import FORM_TYPE, OAuthRefusal, json_answer, split_target
from restli_transports.testing.authorization.state import App, Grant, State
from restli_transports.testing.authorization.token_endpoints import TokenEndpoints

__all__ = ["AuthorizationServer"]

_DAY: Final = 86400

# The authorization endpoints, and whether each is of the native flow.
_AUTHORIZATION_PATHS: Final = {"/oauth/v2/authorization": False, "/oauth/native-pkce/authorization": True}

# What is wrong with a token: LinkedIn's serviceErrorCode and code, and words.
_UNAUTHORIZED: Final[Mapping[str, tuple[int, str, str]]] = {
    "invalid": (65600, "INVALID_ACCESS_TOKEN", "The access token is not one of this server's"),
    "revoked": (65601, "REVOKED_ACCESS_TOKEN", "The access token has been revoked"),
    "expired": (65602, "EXPIRED_ACCESS_TOKEN", "The access token has expired"),
    "empty": (65604, "EMPTY_ACCESS_TOKEN", "There is no access token"),
}


class AuthorizationServer:
    """An authorization server. It may be used from several threads.

    Args:
        members: the members who may be chosen on the consent page; text is one.
        clock: returns the time in epoch seconds; the system's by default. See also `advance`.
        code_lifetime: the seconds that an authorization code can be used.
        access_lifetime: the seconds that a member's access token lives.
        refresh_lifetime: the seconds that a refresh token lives, counted from the consent: use does not extend it.
        application_lifetime: the seconds that an application's own token lives.
        rotates: whether a refresh gives a new refresh token, and ends the one that was used.
        numbers_as_text: whether answers have their numbers as text, such as ``"1800"``, as LinkedIn's may.
        known_after: the seconds, from its making on, after which the resources know an access token: until then they
            answer 401, as for one that was revoked. LinkedIn takes some seconds.
        claims: what userinfo says of members, by their names as in `members`: each a mapping of claims, in place of the
            made-up ones of the same names.

    Raises:
        InvalidCallError: there are no members.
    """

    members: tuple[str, ...]
    rotates: bool
    numbers_as_text: bool
    known_after: float

    def __init__(
        self,
        *,
        members: str | Iterable[str] = "urn:li:person:ada",
        clock: Callable[[], float] = time.time,
        code_lifetime: int = 1800,
        access_lifetime: int = 60 * _DAY,
        refresh_lifetime: int = 365 * _DAY,
        application_lifetime: int = 1800,
        rotates: bool = False,
        numbers_as_text: bool = False,
        known_after: float = 0.0,
        claims: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> None:
        self.members = (members,) if isinstance(members, str) else tuple(members)
        if not self.members:
            raise InvalidCallError("members", "is empty: nobody could consent")
        self.rotates = rotates
        self.numbers_as_text = numbers_as_text
        self.known_after = known_after
        self._claims = claims
        self._state = State(
            clock,
            {
                "code": code_lifetime,
                "access": access_lifetime,
                "refresh": refresh_lifetime,
                "application": application_lifetime,
            },
        )
        self._token_endpoints = TokenEndpoints(self._state)
        self._lock = threading.Lock()

    # -- what a test does with it --------------------------------------------------------------------------------------

    def app(
        self,
        client_id: str,
        client_secret: str | None = None,
        *,
        redirect_urls: str | Iterable[str] = (),
        scopes: str | Iterable[str] | None = None,
        native: bool = False,
        refreshes: bool = True,
        two_legged: bool = True,
    ) -> App:
        """Register an application, in place of one with the same id.

        Args:
            client_id: its id.
            client_secret: its secret; None for a public client, which must be native.
            redirect_urls: where members may come back to, exactly; text is one. In the native flow any port will do
                for ``http://127.0.0.1`` and ``http://[::1]`` (RFC 8252 section 7.3).
            scopes: the scopes that it may ask for: a list, or text with spaces between them; None for any.
            native: whether it may use the native flow, with PKCE and without its secret.
            refreshes: whether it gets refresh tokens.
            two_legged: whether it gets tokens of its own.

        Raises:
            InvalidCallError: it has neither a secret nor the native flow.
        """
        if client_secret is None and not native:
            raise InvalidCallError("client_secret", "is needed by an application that is not native")
        app = App(
            client_id,
            client_secret,
            (redirect_urls,) if isinstance(redirect_urls, str) else tuple(redirect_urls),
            None if scopes is None else frozenset(_listed(scopes)),
            native,
            refreshes,
            two_legged,
        )
        with self._lock:
            self._state.apps[client_id] = app
        return app

    @property
    def now(self) -> float:
        """The server's time, in epoch seconds."""
        return self._state.now

    def advance(self, seconds: float) -> None:
        """Move the server's time forward by so many seconds; back, if they are below 0."""
        self._state.offset += seconds

    def consent(self, url: str, *, member: str | None = None, allow: bool = True) -> str:
        """Do what a member does in the browser, and return the URL of the redirect that follows.

        Args:
            url: the authorization URL.
            member: who it is; the first of `members` by default.
            allow: whether they click on Allow, or on Cancel.

        Raises:
            InvalidCallError: the server shows an error in place of the consent page.
        """
        decision = {"decision": "allow" if allow else "cancel", "member": member or self.members[0]}
        answer = self.answer(HttpRequest("POST", url, {"Content-Type": FORM_TYPE}, urlencode(decision).encode()))
        if answer.status_code != 302:
            raise InvalidCallError("url", f"the server answers with {answer.status_code}, not with a redirect")
        return answer.headers["Location"]

    def issue(self, client_id: str, scopes: str | Iterable[str] = (), *, member: str | None = None) -> Token:
        """Return a member's token as from the flow, without going through it.

        Args:
            client_id: a registered application.
            scopes: what the member consented to: a list, or text with spaces between them.
            member: who it is; the first of `members` by default.

        Raises:
            InvalidCallError: there is no such application.
        """
        if client_id not in self._state.apps:
            raise InvalidCallError("client_id", "is not registered")
        with self._lock:
            grant = Grant(client_id, member or self.members[0], _listed(scopes), int(self.now))
            document = self._state.give_member_token(grant)
            access = self._state.find(document["access_token"], "access")
            refresh = self._state.find(document.get("refresh_token", ""), "refresh")
        return Token(
            document["access_token"],
            None if access is None else access.expires_at,
            document.get("refresh_token"),
            None if refresh is None else refresh.expires_at,
            document["scope"],
        )

    def revoke(self, token: str) -> None:
        """End a token, as a member does in their settings; with a refresh token, all that its grant gave."""
        with self._lock:
            self._state.revoke(token)

    def grant(self, access_token: str) -> Grant | None:
        """Return what an access token stands for, for the handlers of resources; None where it is not active."""
        issued = self._state.find(access_token, "access", "application")
        return None if issued is None or issued.status(self.now) != "active" else issued.grant

    # -- what it does with requests ------------------------------------------------------------------------------------

    def serves(self, request: HttpRequest) -> bool:
        """Return whether a request is for it: its path begins with ``/oauth/``, or is that of userinfo."""
        path, _ = split_target(request.url)
        return path.startswith("/oauth/") or path == USERINFO_PATH

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to a request, whatever it is.

        Args:
            request: the request; its URL may be whole, or just the target.
        """
        path, _ = split_target(request.url)
        if path == USERINFO_PATH:
            token = request.headers.get("Authorization", "").partition(" ")[2]
            return self.refusal(request) or answer_userinfo(request, self.grant(token), self._claims)
        # One request at a time: of two with the same code, one must find it spent.
        with self._lock:
            if path in _AUTHORIZATION_PATHS:
                is_native = _AUTHORIZATION_PATHS[path]
                return answer_authorization(self._state, request, members=self.members, is_native=is_native)
            if path in TokenEndpoints.PATHS:
                return self._token_endpoints.answer(
                    request, path, rotates=self.rotates, numbers_as_text=self.numbers_as_text
                )
        return json_answer(404, OAuthRefusal("invalid_request", "There is no such endpoint").document)

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """Return why a request may not see a resource, as LinkedIn's API answers it; None where its token is good."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            status = "empty"
        else:
            issued = self._state.find(token, "access", "application")
            status = "invalid" if issued is None else issued.status(self.now)
            if issued is not None and status == "active" and self.now < issued.created_at + self.known_after:
                status = "revoked"
        if status == "active":
            return None
        number, code, message = _UNAUTHORIZED[status]
        response = Refusal(401, message, serviceErrorCode=number, code=code).response
        # RFC 9110 section 11.6.1: every 401 says which scheme would do.
        return HttpResponse(401, [*response.headers.raw, ("WWW-Authenticate", "Bearer")], response.body)

    def __repr__(self) -> str:
        return f"<AuthorizationServer, {len(self._state.apps)} applications>"


def _listed(scopes: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(scopes.split() if isinstance(scopes, str) else scopes)
