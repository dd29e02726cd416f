"""Tokens as values: what an application stores from the answers to its token calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from restli_core.base_errors import InvalidCallError
from restli_core.frames import concealing
from restli_core.numbers import is_number
from restli_core.oauth.answers import (
    AccessToken2LResponse,
    AccessToken3LResponse,
    RefreshTokenExchangeResponse,
    Scoped,
)
from restli_core.oauth.arguments import check_text

__all__ = ["Token"]


# A dataclass and not a Value: programs may copy one with changes by `dataclasses.replace`.
@dataclass(frozen=True, slots=True, repr=False)
class Token(Scoped):
    """A token, and when it ends: what an application stores.

    Args:
        access_token: the token to send.
        expires_at: when it expires, in epoch seconds; None where it is not known.
        refresh_token: the token to refresh it with; None for none.
        refresh_token_expires_at: when the refresh token expires, in epoch seconds; None where it is not known.
        scope: what it is good for, as the server sent it; None where it did not.

    Raises:
        InvalidCallError: one of them is not of its type; the error names it, never its value.
    """

    access_token: str
    expires_at: float | None = None
    refresh_token: str | None = None
    refresh_token_expires_at: float | None = None
    scope: str | None = None

    def __post_init__(self) -> None:
        check_text("access_token", self.access_token)
        if self.refresh_token is not None:
            check_text("refresh_token", self.refresh_token)
        if self.scope is not None and not isinstance(self.scope, str):
            raise InvalidCallError("scope", f"must be text, not {type(self.scope).__name__}")
        if self.expires_at is not None:
            _check_moment("expires_at", self.expires_at)
        if self.refresh_token_expires_at is not None:
            _check_moment("refresh_token_expires_at", self.refresh_token_expires_at)

    @classmethod
    def received(
        cls, response: AccessToken3LResponse | AccessToken2LResponse | RefreshTokenExchangeResponse, now: float
    ) -> Self:
        """Return the token in an answer.

        Args:
            response: the answer to authorization_code, client_credentials or refresh.
            now: when it was received, in epoch seconds; better still, when its request was sent.

        Raises:
            InvalidCallError: `now` is not a number.
        """
        expires_at = _after(now, response.expires_in)
        if isinstance(response, AccessToken2LResponse):
            return cls(response.access_token, expires_at)
        ends = _after(now, response.refresh_token_expires_in)
        return cls(response.access_token, expires_at, response.refresh_token, ends, response.scope or None)

    def refreshed(self, response: RefreshTokenExchangeResponse, now: float) -> Self:
        """Return the token that takes this one's place; what the answer to refresh leaves out, it has from this one.

        Args:
            response: the answer to refresh.
            now: when it was received, in epoch seconds.

        Raises:
            InvalidCallError: `now` is not a number.
        """
        new = self.received(response, now)
        ends = new.refresh_token_expires_at
        # LinkedIn's refresh tokens end at the time that was set at first, however often they are used.
        if ends is None and new.refresh_token in {None, self.refresh_token}:
            ends = self.refresh_token_expires_at
        return type(self)(
            new.access_token, new.expires_at, new.refresh_token or self.refresh_token, ends, new.scope or self.scope
        )

    def expires(self, now: float, leeway: float = 0.0) -> bool:
        """Return whether it has expired, or will expire within the leeway; False where `expires_at` is None.

        Args:
            now: the time, in epoch seconds.
            leeway: how many seconds before its end it counts as expired.
        """
        return self.expires_at is not None and now + leeway >= self.expires_at

    def as_dict(self) -> dict[str, str | float]:
        """Return the fields that are not None as a dict for JSON, for a store. It has the tokens in clear text."""
        fields = {name: getattr(self, name) for name in self.__match_args__}
        return {name: value for name, value in fields.items() if value is not None}

    @classmethod
    @concealing
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Return the token that `as_dict` wrote; other fields are ignored.

        Raises:
            InvalidCallError: the fields are not a mapping, have no access_token, or one is not of its type.
        """
        if not isinstance(fields, Mapping):
            raise InvalidCallError("fields", f"must be a mapping, not {type(fields).__name__}")
        known: dict[str, Any] = {name: fields.get(name) for name in cls.__match_args__}
        return cls(**known)

    def __repr__(self) -> str:
        return f"<Token expires_at={self.expires_at}>"


# What `dataclasses` has made takes the tokens as arguments.
Token.__init__ = concealing(Token.__init__)  # type: ignore[method-assign]


def _after(now: float, seconds: int | None) -> float | None:
    return None if seconds is None else _check_moment("now", now) + seconds


def _check_moment(argument: str, value: float) -> float:
    """Return a moment in epoch seconds, if it can be stored and added to."""
    # The bounds keep out NaN and infinity, which JSON cannot hold, and an int too large to be added to a float.
    if not is_number(value) or not -(10**15) < value < 10**15:
        raise InvalidCallError(argument, "must be a number of seconds since the epoch")
    return value
