"""What an authorization server knows: its applications, the codes and tokens that it gave out, and what time it is.

    a member's consent -> Grant -> code -> access token, refresh token
                                           refresh token -> access token, perhaps a new refresh token
    an application's credentials        -> application token

A code or token is *active* until its time has passed (*expired*), or until it is ended or used up (*revoked*).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

__all__ = ["App", "Grant", "Issued", "Kind", "State"]

Kind: TypeAlias = Literal["code", "access", "refresh", "application"]

# They look like LinkedIn's, and show in a log which is which.
_PREFIXES: Final[Mapping[Kind, str]] = {"code": "AQT", "access": "AQV", "refresh": "AQX", "application": "AQU"}


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
class Issued:
    """A code or a token that was given out.

    Attributes:
        kind: what it is.
        grant: what it stands for.
        created_at: when it was given out, in epoch seconds.
        expires_at: when it expires, in epoch seconds.
        is_revoked: whether it was ended before its time.
        is_spent: whether it was used, if it can be used only once.
        redirect_url: of a code, the redirect URL that it was sent to.
        challenge: of a code of the native flow, its PKCE challenge.
    """

    kind: Kind
    grant: Grant
    created_at: int
    expires_at: int
    is_revoked: bool = False
    is_spent: bool = False
    redirect_url: str = ""
    challenge: str | None = None

    def status(self, now: float) -> str:
        """Return ``active``, ``expired`` or ``revoked``: LinkedIn's words."""
        if self.is_revoked or self.is_spent:
            return "revoked"
        return "expired" if now >= self.expires_at else "active"


class State:
    """The state of one server. `AuthorizationServer` has one thread at a time change it.

    Args:
        clock: returns the time in epoch seconds.
        lifetimes: the seconds that each kind of code or token lives.

    Attributes:
        apps: the applications by their ids.
        offset: the seconds that the server's time is ahead of the clock.
    """

    apps: dict[str, App]
    offset: float

    def __init__(self, clock: Callable[[], float], lifetimes: Mapping[Kind, int]) -> None:
        self.apps = {}
        self.offset = 0.0
        self._clock = clock
        self._lifetimes = lifetimes
        self._issued: dict[str, Issued] = {}

    @property
    def now(self) -> float:
        """The server's time, in epoch seconds."""
        return self._clock() + self.offset

    def find(self, text: str, *kinds: Kind, client_id: str | None = None) -> Issued | None:
        """Return what a text was given out as, if it is of one of these kinds, and for this application."""
        issued = self._issued.get(text)
        if issued is None or issued.kind not in kinds or client_id not in {None, issued.grant.client_id}:
            return None
        return issued

    def give_out(self, kind: Kind, grant: Grant, expires_at: int | None = None) -> tuple[str, Issued]:
        """Make a code or a token; it ends when those of its kind do, or at another time."""
        now = int(self.now)
        issued = Issued(kind, grant, now, now + self._lifetimes[kind] if expires_at is None else expires_at)
        text = _PREFIXES[kind] + secrets.token_urlsafe(48)
        self._issued[text] = issued
        return text, issued

    def give_member_token(self, grant: Grant, refresh_token: str | None = None) -> dict[str, Any]:
        """Return the document of a new access token (RFC 6749 section 5.1), with its refresh token if it gets one.

        Args:
            grant: what it stands for.
            refresh_token: the one that bought it; None for a new one, if the application gets any.
        """
        if refresh_token is None and self.apps[grant.client_id].refreshes:
            # It lives from the consent on: the use of a code or of a refresh token does not extend it.
            refresh_token, _ = self.give_out("refresh", grant, grant.authorized_at + self._lifetimes["refresh"])
        token, issued = self.give_out("access", grant)
        document: dict[str, Any] = {"access_token": token, "expires_in": issued.expires_at - issued.created_at}
        if refresh_token is not None:
            left = self._issued[refresh_token].expires_at - issued.created_at
            document |= {"refresh_token": refresh_token, "refresh_token_expires_in": left}
        return {**document, "scope": ",".join(grant.scopes)}

    def revoke(self, text: str) -> None:
        """End a code or a token; with a refresh token, all that its grant gave."""
        issued = self._issued.get(text)
        if issued is not None:
            issued.is_revoked = True
            if issued.kind == "refresh":
                self.end(issued.grant)

    def end(self, grant: Grant) -> None:
        """End all that a grant gave."""
        for issued in self._issued.values():
            # Grants that are equal may be two: a member can consent twice within a second.
            if issued.grant is grant:
                issued.is_revoked = True
