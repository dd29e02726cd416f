"""An authorization server in memory: OAuth 2.0 as LinkedIn answers it, for tests and for trying things out. No sockets.

    GET   /oauth/v2/authorization             the consent page of the web flow           RFC 6749 section 4.1.1
    GET   /oauth/native-pkce/authorization    that of the native flow, with PKCE         RFC 7636 section 4.3
    POST  to either                           the member's decision: back to the application
    POST  /oauth/v2/accessToken               a token, for a code, a refresh token or an application's credentials
    POST  /oauth/v2/introspectToken           what is known of a token                   RFC 7662
    POST  /oauth/v2/revoke                    the end of a token                         RFC 7009

    authorization = AuthorizationServer()
    authorization.app("app", "secret", redirect_urls=["https://app.example/back"])

    url = generate_member_auth_url("app", "https://app.example/back", "r_ads", "state")
    code = read_redirect(authorization.consent(url), "state")      # the member clicks on Allow
    authorization.advance(60 * 86400)                              # and two months pass

`RestliServer` and `FakeTransport` serve it beside their resources: give it to them as ``authorization``. It keeps
secrets and tokens in clear, and lets everybody consent: it is no place for real ones.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.oauth import Token, code_challenge
from restli_core.server import Refusal

__all__ = ["App", "AuthorizationServer", "Grant", "TokenCheck"]

_DAY: Final = 86400


@dataclass(frozen=True, slots=True, repr=False)
class App:
    """A registered application.

    Attributes:
        client_id: its id.
        client_secret: its secret; None for a public client.
        redirect_urls: where members may come back to.
        scopes: the scopes that it may ask for; None for any.
        native: whether it may use the native flow, with PKCE and without its secret.
        refreshes: whether it gets refresh tokens.
        two_legged: whether it gets tokens of its own.
    """

    client_id: str
    client_secret: str | None
    redirect_urls: tuple[str, ...]
    scopes: frozenset[str] | None
    native: bool
    refreshes: bool
    two_legged: bool

    def __repr__(self) -> str:
        return f"<App {self.client_id}>"


@dataclass(frozen=True, slots=True)
class Grant:
    """What tokens stand for.

    Attributes:
        client_id: the application.
        member: the member who consented; None for an application's own token.
        scopes: what was consented to.
        authorized_at: when, in epoch seconds.
    """

    client_id: str
    member: str | None
    scopes: tuple[str, ...]
    authorized_at: int


@dataclass(slots=True, repr=False)
class _Issued:
    """A code or a token that was given out."""

    kind: str
    grant: Grant
    created_at: int
    expires_at: int
    is_revoked: bool = False
    is_spent: bool = False
    redirect_url: str = ""
    challenge: str | None = None

    def status(self, now: float) -> str:
        """In LinkedIn's words."""
        if self.is_revoked or self.is_spent:
            return "revoked"
        return "expired" if now >= self.expires_at else "active"


class _Refused(Exception):
    """What the server answers with instead: OAuth's error, and its words."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


# The parameters of a query or a form.
_Fields: TypeAlias = Mapping[str, str]
_Endpoint: TypeAlias = Callable[[_Fields], dict[str, Any]]

# The authorization endpoints, and whether each is of the native flow.
_PAGES: Final[Mapping[str, bool]] = {"/oauth/v2/authorization": False, "/oauth/native-pkce/authorization": True}
_ACCESS: Final = frozenset({"access", "application"})
# As LinkedIn's look; they tell one from the other in a log.
_PREFIXES: Final[Mapping[str, str]] = {"code": "AQT", "access": "AQV", "refresh": "AQX", "application": "AQU"}


class AuthorizationServer:
    """An authorization server. It may be used from several threads.

    Args:
        members: the members who may be chosen on the consent page; text is one.
        clock: tells the time in epoch seconds; the system's by default. See also `advance`.
        code_lifetime: the seconds that an authorization code can be used.
        access_lifetime: the seconds that a member's access token lives.
        refresh_lifetime: the seconds that a refresh token lives, counted from the consent: use does not extend it.
        application_lifetime: the seconds that an application's own token lives.
        rotates: whether a refresh gives a new refresh token, and ends the one that was used.
        numbers_as_text: whether answers have their numbers as text, such as ``"1800"``, as LinkedIn's may.

    Raises:
        InvalidCallError: there are no members.
    """

    members: tuple[str, ...]
    rotates: bool
    numbers_as_text: bool

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
    ) -> None:
        self.members = _several(members)
        if not self.members:
            raise InvalidCallError("members", "is empty: nobody could consent")
        self.rotates = rotates
        self.numbers_as_text = numbers_as_text
        self._clock = clock
        self._lifetimes = {
            "code": code_lifetime,
            "access": access_lifetime,
            "refresh": refresh_lifetime,
            "application": application_lifetime,
        }
        self._moved = 0.0
        self._apps: dict[str, App] = {}
        self._issued: dict[str, _Issued] = {}
        self._lock = threading.RLock()
        self._token_endpoints = {
            "/oauth/v2/accessToken": self._access_token,
            "/oauth/v2/introspectToken": self._introspection,
            "/oauth/v2/revoke": self._revocation,
        }
        self._grant_types = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_credentials,
        }

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
        """Registers an application, in place of one with the same id.

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
        allowed = None if scopes is None else frozenset(_listed(scopes))
        app = App(client_id, client_secret, _several(redirect_urls), allowed, native, refreshes, two_legged)
        with self._lock:
            self._apps[client_id] = app
        return app

    @property
    def now(self) -> float:
        """Its time, in epoch seconds."""
        return self._clock() + self._moved

    def advance(self, seconds: float) -> None:
        """Moves its time on; below 0, back."""
        self._moved += seconds

    def consent(self, url: str, *, member: str | None = None, allow: bool = True) -> str:
        """What a member does in the browser: the URL of the redirect that follows.

        Args:
            url: the authorization URL.
            member: who it is; the first of `members` by default.
            allow: whether they click on Allow, or on Cancel.

        Raises:
            InvalidCallError: the server shows an error in place of the consent page.
        """
        decision = {"decision": "allow" if allow else "cancel", "member": member or self.members[0]}
        answer = self.answer(HttpRequest("POST", url, _FORM_TYPE, urlencode(decision).encode()))
        if answer.status_code != 302:
            raise InvalidCallError("url", f"the server answers with {answer.status_code}, and no redirect")
        return answer.headers["Location"]

    def issue(self, client_id: str, scopes: str | Iterable[str] = (), *, member: str | None = None) -> Token:
        """A member's token as from the flow, without going through it.

        Args:
            client_id: a registered application.
            scopes: what the member consented to: a list, or text with spaces between them.
            member: who it is; the first of `members` by default.

        Raises:
            InvalidCallError: there is no such application.
        """
        if client_id not in self._apps:
            raise InvalidCallError("client_id", "is not registered")
        with self._lock:
            grant = Grant(client_id, member or self.members[0], _listed(scopes), int(self.now))
            told = self._member_token(self._apps[client_id], grant)
            ends = {text: issued.expires_at for text, issued in self._issued.items() if issued.grant is grant}
        access, refreshing = told["access_token"], told.get("refresh_token")
        return Token(access, ends[access], refreshing, ends.get(refreshing or ""), told["scope"])

    def revoke(self, token: str) -> None:
        """Ends a token, as a member does in their settings; with a refresh token, all that its grant gave."""
        with self._lock:
            issued = self._issued.get(token)
            if issued is None:
                return
            issued.is_revoked = True
            if issued.kind == "refresh":
                self._end(issued.grant)

    def grant(self, access_token: str) -> Grant | None:
        """What an access token stands for, for the handlers of resources; None where it is not active."""
        return self._issued[access_token].grant if self._access_status(access_token) == "active" else None

    # -- what it does with requests ------------------------------------------------------------------------------------

    def serves(self, request: HttpRequest) -> bool:
        """Whether a request is for it: whether its path begins with ``/oauth/``."""
        return _target(request.url)[0].startswith("/oauth/")

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request, whatever it is.

        Args:
            request: the request; its URL may be whole, or just the target.
        """
        path, query = _target(request.url)
        with self._lock:
            if path in _PAGES:
                return self._page(request, query, is_native=_PAGES[path])
            if path in self._token_endpoints:
                return self._token_answer(request, self._token_endpoints[path])
        return _json(404, {"error": "invalid_request", "error_description": "There is no such endpoint"})

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """Why a request may not see a resource, as LinkedIn's API answers it; None where its token is good."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return _unauthorized("empty")
        status = self._access_status(token)
        return None if status == "active" else _unauthorized(status)

    def _access_status(self, token: str) -> str:
        issued = self._issued.get(token)
        return "invalid" if issued is None or issued.kind not in _ACCESS else issued.status(self.now)

    # -- the authorization endpoints -----------------------------------------------------------------------------------

    def _page(self, request: HttpRequest, query: str, *, is_native: bool) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "POST"}:
            return _wrong_method("GET, HEAD, POST")
        try:
            asked = _unique(query)
            app, redirect_url = self._sender(asked, is_native=is_native)
        except _Refused as refused:
            # RFC 6749 section 4.1.2.1: there is nobody to send the member back to.
            page = _ERROR_PAGE.format(error=escape(refused.error), description=escape(refused.description))
            return _html(refused.status, page)
        try:
            scopes = self._asked_scopes(app, asked, is_native=is_native)
            if request.method != "POST":
                return _html(200, self._consent_page(request.url, app, scopes))
            told = self._decided(app, asked, scopes, _unique(request.body.decode("latin-1")))
        except _Refused as refused:
            told = {"error": refused.error, "error_description": refused.description}
        return _redirect(redirect_url, told, asked.get("state"))

    def _sender(self, asked: _Fields, *, is_native: bool) -> tuple[App, str]:
        """The application, and where it wants the member to come back to."""
        app = self._apps.get(_needed(asked, "client_id"))
        if app is None:
            raise _Refused("invalid_client", "There is no application with this client_id")
        redirect_url = _needed(asked, "redirect_uri")
        registered = {_portless(url) for url in app.redirect_urls} if is_native else set(app.redirect_urls)
        if (_portless(redirect_url) if is_native else redirect_url) not in registered:
            raise _Refused("invalid_redirect_uri", "The redirect_uri is not registered with the application")
        return app, redirect_url

    def _asked_scopes(self, app: App, asked: _Fields, *, is_native: bool) -> tuple[str, ...]:
        _check_flow(app, asked, is_native=is_native)
        if _needed(asked, "response_type") != "code":
            raise _Refused("unsupported_response_type", "The response_type must be code")
        scopes = tuple(_needed(asked, "scope").split())
        foreign = [scope for scope in scopes if app.scopes is not None and scope not in app.scopes]
        if foreign or not scopes:
            raise _Refused("unauthorized_scope_error", f"The application may not ask for: {' '.join(foreign)}")
        return scopes

    def _consent_page(self, url: str, app: App, scopes: tuple[str, ...]) -> str:
        return _CONSENT_PAGE.format(
            app=escape(app.client_id),
            action=escape("?".join(_target(url))),
            scopes="".join(f"<li>{escape(scope)}</li>" for scope in scopes),
            members="".join(f"<option>{escape(member)}</option>" for member in self.members),
        )

    def _decided(self, app: App, asked: _Fields, scopes: tuple[str, ...], form: _Fields) -> _Fields:
        """What the application is told once the member has decided."""
        if form.get("decision") != "allow":
            raise _Refused("user_cancelled_authorize", "The member did not consent")
        if form.get("member") not in self.members:
            raise _Refused("user_cancelled_login", "The member did not sign in")
        grant = Grant(app.client_id, form["member"], scopes, int(self.now))
        code, issued = self._give_out("code", grant)
        issued.redirect_url = asked["redirect_uri"]
        issued.challenge = asked.get("code_challenge")
        return {"code": code}

    # -- the token endpoints -------------------------------------------------------------------------------------------

    def _token_answer(self, request: HttpRequest, endpoint: _Endpoint) -> HttpResponse:
        if request.method != "POST":
            return _wrong_method("POST")
        try:
            document = endpoint(_form(request))
        except _Refused as refused:
            told = {"error": refused.error, "error_description": refused.description}
            return _json(refused.status, told)
        return _json(200, _as_text(document) if self.numbers_as_text else document)

    def _access_token(self, form: _Fields) -> dict[str, Any]:
        grant_type = self._grant_types.get(_needed(form, "grant_type"))
        if grant_type is None:
            raise _Refused("unsupported_grant_type", f"The grant_type must be one of {', '.join(self._grant_types)}")
        return grant_type(form)

    def _by_code(self, form: _Fields) -> dict[str, Any]:
        code, redirect_url = _needed(form, "code"), _needed(form, "redirect_uri")
        app = self._authenticated(form)
        issued = self._issued.get(code)
        if issued is None or issued.kind != "code" or issued.grant.client_id != app.client_id:
            raise _Refused("invalid_grant", "The code is not one that this application was given")
        if issued.is_spent:
            self._end(issued.grant)  # RFC 6749 section 4.1.2: whoever has it twice may have stolen it
            raise _Refused("invalid_grant", "The code has been used before; what it was used for is revoked")
        if issued.status(self.now) != "active":
            raise _Refused("invalid_grant", "The code has expired, or has been revoked")
        if issued.redirect_url != redirect_url:
            raise _Refused("invalid_grant", "The redirect_uri is not the one of the authorization URL")
        _check_verifier(issued.challenge, form)
        issued.is_spent = True
        return self._member_token(app, issued.grant)

    def _by_refresh_token(self, form: _Fields) -> dict[str, Any]:
        token = _needed(form, "refresh_token")
        app = self._authenticated(form)
        issued = self._issued.get(token)
        if issued is None or issued.kind != "refresh" or issued.grant.client_id != app.client_id:
            raise _Refused("invalid_grant", "The refresh token is not one that this application was given")
        if issued.status(self.now) != "active":
            raise _Refused("invalid_grant", f"The refresh token is {issued.status(self.now)}")
        if self.rotates:
            issued.is_spent = True
            token, _ = self._give_out("refresh", issued.grant, issued.expires_at)
        return self._token_told(issued.grant, token)

    def _by_credentials(self, form: _Fields) -> dict[str, Any]:
        app = self._authenticated(form, needs_secret=True)
        if not app.two_legged:
            raise _Refused("access_denied", "The application may not have tokens of its own", 401)
        token, issued = self._give_out("application", Grant(app.client_id, None, (), int(self.now)))
        return {"access_token": token, "expires_in": issued.expires_at - issued.created_at}

    def _introspection(self, form: _Fields) -> dict[str, Any]:
        token = _needed(form, "token")
        app = self._authenticated(form, needs_secret=True)
        issued = self._issued.get(token)
        # RFC 7662 section 4: nobody learns what another application's tokens are.
        if issued is None or issued.kind == "code" or issued.grant.client_id != app.client_id:
            return {"active": False}
        status = issued.status(self.now)
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

    def _revocation(self, form: _Fields) -> dict[str, Any]:
        token = _needed(form, "token")
        app = self._authenticated(form)
        issued = self._issued.get(token)
        # RFC 7009 section 2.2: a token that there is none of is not there any more, which is what was asked for.
        if issued is not None and issued.grant.client_id == app.client_id:
            self.revoke(token)
        return {}

    def _authenticated(self, form: _Fields, *, needs_secret: bool = False) -> App:
        """The application that a request comes from (RFC 6749 section 2.3.1); a native one needs no secret."""
        app = self._apps.get(_needed(form, "client_id"))
        secret = form.get("client_secret")
        if app is not None and (needs_secret or not app.native):
            secret = _needed(form, "client_secret")
        if app is None or (secret is not None and not _is_same(secret, app.client_secret)):
            raise _Refused("invalid_client", "The client_id and the client_secret are not those of an application", 401)
        return app

    # -- codes and tokens ----------------------------------------------------------------------------------------------

    def _give_out(self, kind: str, grant: Grant, expires_at: int | None = None) -> tuple[str, _Issued]:
        now = int(self.now)
        text = _PREFIXES[kind] + secrets.token_urlsafe(48)
        issued = _Issued(kind, grant, now, now + self._lifetimes[kind] if expires_at is None else expires_at)
        self._issued[text] = issued
        return text, issued

    def _member_token(self, app: App, grant: Grant) -> dict[str, Any]:
        end = grant.authorized_at + self._lifetimes["refresh"]
        return self._token_told(grant, self._give_out("refresh", grant, end)[0] if app.refreshes else None)

    def _token_told(self, grant: Grant, refresh_token: str | None) -> dict[str, Any]:
        """A new access token, and the refresh token beside it, as they are told."""
        token, issued = self._give_out("access", grant)
        told = {"access_token": token, "expires_in": issued.expires_at - issued.created_at}
        if refresh_token is not None:
            left = self._issued[refresh_token].expires_at - issued.created_at
            told |= {"refresh_token": refresh_token, "refresh_token_expires_in": left}
        return {**told, "scope": ",".join(grant.scopes)}

    def _end(self, grant: Grant) -> None:
        for issued in self._issued.values():
            if issued.grant is grant:
                issued.is_revoked = True

    def __repr__(self) -> str:
        return f"<AuthorizationServer, {len(self._apps)} applications>"


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """What stands before resources: an authorization server beside them, or none.

    Args:
        authorization: the authorization server; None for none.
        requires_token: whether the resources want a token of its.

    Raises:
        InvalidCallError: tokens are required, and nobody gives any.
    """

    authorization: AuthorizationServer | None
    requires_token: bool

    def __post_init__(self) -> None:
        if self.requires_token and self.authorization is None:
            raise InvalidCallError("requires_token", "needs an authorization server, to give tokens")

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request that is not for the resources, or may not reach them; None for one that may."""
        if self.authorization is not None and self.authorization.serves(request):
            return self.authorization.answer(request)
        return self.authorization.refusal(request) if self.authorization and self.requires_token else None


# -- reading -----------------------------------------------------------------------------------------------------------


def _target(url: str) -> tuple[str, str]:
    """The path and the query of a URL, or of a request's target."""
    path, _, query = _ORIGIN.sub("", url).partition("#")[0].partition("?")
    return path, query


_ORIGIN: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


def _listed(scopes: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(scopes.split() if isinstance(scopes, str) else scopes)


def _several(texts: str | Iterable[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _unique(query: str) -> dict[str, str]:
    """The parameters, each of which may come once (RFC 6749 section 3.1)."""
    pairs = parse_qsl(query, keep_blank_values=True)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("invalid_request", "A parameter comes twice")
    return found


def _form(request: HttpRequest) -> dict[str, str]:
    """The parameters in the body; what stands in the URL or in Authorization counts for nothing."""
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != _FORM_TYPE["Content-Type"]:
        raise _Refused("invalid_request", "The body must be a form: application/x-www-form-urlencoded")
    return _unique(request.body.decode("latin-1"))


_FORM_TYPE: Final[Mapping[str, str]] = {"Content-Type": "application/x-www-form-urlencoded"}


def _needed(fields: _Fields, name: str) -> str:
    if not fields.get(name):
        raise _Refused("invalid_request", f"The parameter {name} is missing")
    return fields[name]


def _check_flow(app: App, asked: _Fields, *, is_native: bool) -> None:
    if not is_native:
        if "code_challenge" in asked or "code_challenge_method" in asked:
            raise _Refused("invalid_client", "The web flow takes no parameters of PKCE")
        return
    if not app.native:
        raise _Refused("unauthorized_client", "The application may not use the native flow")
    if not _CHALLENGE.fullmatch(_needed(asked, "code_challenge")) or asked.get("code_challenge_method") != "S256":
        raise _Refused(
            "invalid_request", "The code_challenge must be one of S256, and the code_challenge_method say so"
        )


# RFC 7636 section 4.2
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9\-_]{43}")


def _check_verifier(challenge: str | None, form: _Fields) -> None:
    """A code of the native flow needs its verifier, one of the web flow the secret and nothing of PKCE."""
    if challenge is not None:
        if not _fits(_needed(form, "code_verifier"), challenge):
            raise _Refused("invalid_grant", "The code_verifier is not that of the code_challenge")
    elif "code_verifier" in form or "client_secret" not in form:
        raise _Refused("invalid_client", "A code of the web flow takes the client_secret, and no code_verifier", 401)


def _fits(verifier: str, challenge: str) -> bool:
    try:
        return _is_same(code_challenge(verifier), challenge)
    except InvalidCallError:
        return False


def _is_same(given: str, expected: str | None) -> bool:
    return expected is not None and hmac.compare_digest(given.encode(), expected.encode("utf-8", "surrogatepass"))


def _portless(url: str) -> str:
    return _LOOPBACK.sub(r"\1", url)


# RFC 8252 section 7.3
_LOOPBACK: Final = re.compile(r"^(http://(?:127\.0\.0\.1|\[::1\])):[0-9]+(?=/|$)")


# -- answering ---------------------------------------------------------------------------------------------------------


_CONSENT_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Allow {app}?</title>
<h1>Allow {app}?</h1>
<p>It asks for:</p>
<ul>{scopes}</ul>
<form method="post" action="{action}">
<p><label>You are <select name="member">{members}</select></label></p>
<p>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="cancel">Cancel</button>
</p>
</form>
</html>
"""

_ERROR_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{error}</title>
<h1>{error}</h1>
<p>{description}</p>
</html>
"""

# RFC 6749 section 5.1
_NOT_STORED: Final[Mapping[str, str]] = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def _json(status: int, document: Mapping[str, Any], headers: Mapping[str, str] = MappingProxyType({})) -> HttpResponse:
    fields = {"Content-Type": "application/json", **_NOT_STORED, **headers}
    return HttpResponse(status, fields, json.dumps(document).encode())


def _as_text(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if type(value) is int else value for name, value in document.items()}


def _html(status: int, page: str) -> HttpResponse:
    fields = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'"}
    return HttpResponse(status, {**fields, **_NOT_STORED}, page.encode("utf-8", "replace"))


def _redirect(url: str, told: _Fields, state: str | None) -> HttpResponse:
    query = urlencode({**told, **({} if state is None else {"state": state})}, quote_via=quote)
    # A redirect URL is taken as registered; a header has only ASCII.
    location = f"{quote(url, safe=_VISIBLE)}{'&' if '?' in url else '?'}{query}"
    return HttpResponse(302, {"Location": location, **_NOT_STORED})


_VISIBLE: Final = "".join(map(chr, range(0x21, 0x7F)))


def _wrong_method(allowed: str) -> HttpResponse:
    told = {"error": "invalid_request", "error_description": f"The method must be one of {allowed}"}
    return _json(405, told, {"Allow": allowed})


def _unauthorized(status: str) -> HttpResponse:
    number, code, message = _UNAUTHORIZED[status]
    response = Refusal(401, message, serviceErrorCode=number, code=code).response
    # RFC 9110 section 11.6.1
    return HttpResponse(401, [*response.headers.raw, ("WWW-Authenticate", "Bearer")], response.body)


# What is wrong with a token: LinkedIn's serviceErrorCode and code, and words.
_UNAUTHORIZED: Final[Mapping[str, tuple[int, str, str]]] = {
    "invalid": (65600, "INVALID_ACCESS_TOKEN", "The access token is not one of this server's"),
    "revoked": (65601, "REVOKED_ACCESS_TOKEN", "The access token has been revoked"),
    "expired": (65602, "EXPIRED_ACCESS_TOKEN", "The access token has expired"),
    "empty": (65604, "EMPTY_ACCESS_TOKEN", "There is no access token"),
}
