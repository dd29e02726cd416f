"""The member's way to a code and back: the authorization URL, the challenge of PKCE, and the redirect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qs

from restli_core.base_errors import InvalidCallError
from restli_core.errors import OAuthError
from restli_core.frames import concealing
from restli_core.oauth.arguments import (
    check_auth_base_url,
    check_credential,
    check_native_flow,
    check_redirect_url,
    check_text,
    check_verifier,
    is_linkedin,
    split_scopes,
    warn_of_scope,
    write_form,
)

__all__ = ["code_challenge", "generate_member_auth_url", "read_redirect"]

_LAST_SEGMENT: Final = re.compile(r"(?<=[^/])/[^/]+$")
# RFC 6749 section 3.3: scope-token.
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")
# A SHA-256 digest in base64url, without padding (RFC 7636 section 4.2).
_S256_CHALLENGE: Final = re.compile(r"[A-Za-z0-9\-_]{43}")
# The parameters of RFC 6749 section 4.1.1 and RFC 7636 section 4.3, and what gives them; and what no URL may have.
_OWN_PARAMETERS: Final = MappingProxyType(
    {
        "response_type": "it is always code",
        "client_id": "give client_id",
        "redirect_uri": "give redirect_url",
        "state": "give state",
        "scope": "give scopes",
        "code_challenge": "give code_challenge",
        "code_challenge_method": "it is S256 where code_challenge is given",
        "client_secret": "it is a secret, which no URL may have",
        "code_verifier": "it is a secret, which no URL may have; give code_challenge",
    }
)
# What begins like this is not just a query: a URL, a path, or a query with its mark (RFC 3986 sections 3 and 4.2).
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/|\?")


@concealing
def generate_member_auth_url(
    client_id: str,
    redirect_url: str,
    scopes: str | Iterable[str],
    state: str | None = None,
    *,
    code_challenge: str | None = None,
    extra_params: Mapping[str, object] | None = None,
    base_url: str | None = None,
) -> str:
    """Return the URL to send a member to, so that they sign in and consent (RFC 6749 section 4.1.1).

    Args:
        client_id: the application.
        redirect_url: where the member comes back to, as registered with the application; for the native flow
            ``http://127.0.0.1`` or ``http://[::1]`` with any port.
        scopes: what is asked for, at least one: a list, or text with spaces or commas between them.
        state: text that cannot be guessed, made anew for each login and stored in the member's session; `read_redirect`
            compares it. Leave it out only where something else keeps forged redirects out.
        code_challenge: that of a verifier (PKCE, S256), see the function `code_challenge`. It makes the URL one of
            LinkedIn's native flow; the web flow must not have one.
        extra_params: further parameters of the server's, such as ``{"prompt": "login"}`` or
            ``{"enable_extended_login": True}``: text, numbers, or booleans.
        base_url: what stands before ``/authorization``; `BASE_URL` by default. The native flow has its endpoint
            beside it: ``/oauth/native-pkce/authorization`` for ``/oauth/v2``.

    Raises:
        InvalidCallError: an argument is missing or malformed, or is one that LinkedIn does not take in the native flow;
            the error names it.
    """
    base = check_auth_base_url(base_url)
    challenge: dict[str, str] = {}
    if code_challenge is not None:
        if not isinstance(code_challenge, str) or not _S256_CHALLENGE.fullmatch(code_challenge):
            raise InvalidCallError("code_challenge", "must be what code_challenge gives: 43 characters of base64url")
        base = _LAST_SEGMENT.sub("", base) + "/native-pkce"
        challenge = {"code_challenge": str.__str__(code_challenge), "code_challenge_method": "S256"}
    query: dict[str, Any] = {
        "response_type": "code",
        "client_id": check_credential("client_id", client_id),
        "redirect_uri": check_redirect_url(redirect_url),
        "state": None if state is None else check_text("state", state),
        "scope": _join_scopes(scopes),
        **challenge,
    }
    if challenge and is_linkedin(base_url):
        check_native_flow(query["redirect_uri"], query["scope"].split())
    return f"{base}/authorization?{write_form({**query, **_check_extra(extra_params)})}"


def _check_extra(extra_params: Mapping[str, object] | None) -> dict[str, str]:
    """Return further parameters as text, if they can be sent, and none of them is one of the function's own."""
    if extra_params is None:
        return {}
    if not isinstance(extra_params, Mapping):
        raise InvalidCallError("extra_params", f"must be a mapping, not {type(extra_params).__name__}")
    checked: dict[str, str] = {}
    for name, value in extra_params.items():
        check_text("extra_params", name)
        argument = f"extra_params[{name!r}]"
        if name in _OWN_PARAMETERS:
            raise InvalidCallError(argument, f"is not a further one: {_OWN_PARAMETERS[name]}")
        text: Any = str(value).lower() if isinstance(value, bool) else str(value) if type(value) is int else value
        checked[name] = check_text(argument, text)
    return checked


def _join_scopes(scopes: str | Iterable[str]) -> str:
    """Return the scopes separated by spaces, if there are any and each can be sent."""
    listed = [scopes] if isinstance(scopes, str) else scopes
    if isinstance(listed, Mapping | bytes) or not isinstance(listed, Iterable):
        raise InvalidCallError("scopes", f"must be a list, or text, not {type(scopes).__name__}")
    asked = [scope for index, text in enumerate(listed) for scope in split_scopes(check_text(f"scopes[{index}]", text))]
    if not asked or not all(map(_SCOPE.fullmatch, asked)):
        raise InvalidCallError(
            "scopes", "must have at least one scope, each visible ASCII without quotes or backslashes"
        )
    for scope in asked:
        warn_of_scope("scopes", scope)
    return " ".join(asked)


@concealing
def code_challenge(verifier: str) -> str:
    """Return the challenge of a verifier by the method S256 (RFC 7636 section 4.2).

    Args:
        verifier: 43 to 128 characters of A-Z a-z 0-9 - . _ ~ that cannot be guessed, made anew for each login:
            ``secrets.token_urlsafe(64)`` is one.

    Raises:
        InvalidCallError: it is not a verifier (RFC 7636 section 4.1).
    """
    # Slow to import, and needed only where a login takes place.
    import base64  # noqa: PLC0415
    import hashlib  # noqa: PLC0415

    digest = hashlib.sha256(check_verifier("verifier", verifier).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@concealing
def read_redirect(url: str, state: str) -> str:
    """Return the authorization code in a redirect (RFC 6749 section 4.1.2).

    The state is compared first, in constant time: from a redirect with another state nothing else is read.

    Args:
        url: the URL that the member came back to, or its path with the query, or the query alone.
        state: the state that the member was sent away with.

    Raises:
        OAuthError: ``state_mismatch`` where the state is missing or another one, or comes twice; the server's own
            ``error``, such as ``user_cancelled_authorize``; ``invalid_redirect`` where there is neither an error nor
            exactly one code.
        InvalidCallError: the URL is not text; the state is not text, or is empty.
    """
    # Slow to import, and needed only where a login takes place.
    import hmac  # noqa: PLC0415

    if not isinstance(url, str):
        raise InvalidCallError("url", f"must be text, not {type(url).__name__}")
    whole = url.partition("#")[0]
    query = whole.partition("?")[2] if _ADDRESS.match(whole) else whole
    found = parse_qs(query, keep_blank_values=True)
    expected, states = check_text("state", state).encode(), found.get("state", [])
    # A redirect may hold anything, lone surrogates too, and compare_digest takes texts only if they are ASCII.
    if len(states) != 1 or not hmac.compare_digest(states[0].encode("utf-8", "surrogatepass"), expected):
        raise OAuthError("state_mismatch", "the redirect does not have the state that the member was sent away with")
    if any(found.get("error", [])):
        raise OAuthError(found["error"][0], next(iter(found.get("error_description", [])), None))
    codes = found.get("code", [])
    if len(codes) != 1 or not codes[0]:
        raise OAuthError("invalid_redirect", "the redirect has neither an error nor exactly one code")
    return codes[0]
