"""Arguments of OAuth's calls: checked by name, before anything is sent, and written as a query or a form.

Much that is wrong here LinkedIn would refuse only after the member has signed in and consented, when the code is
exchanged. So what cannot be right is refused at once. An error names the argument, never its value, which may be a
secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.paths import UNVERSIONED_BASE_URL, check_base_url

__all__ = ["BASE_URL"]

BASE_URL: Final = "https://www.linkedin.com/oauth/v2"
_OPENID_SCOPES: Final = frozenset({"openid", "profile", "email"})

# Control characters and lone surrogates, which no parameter of OAuth may have.
_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# RFC 6749 section 3.1.2: an absolute URI without a fragment.
_REDIRECT_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+")
# A host and a port without a scheme before them, which reads as a scheme and a path.
_WITHOUT_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9.-]*:[0-9]+(?:[/?].*)?")
# The parameters that the server adds to it: one that is there already makes two, and neither counts.
_ADDED_BY_SERVER: Final = re.compile(r"[?&](code|state|error)(?=[=&]|\Z)")
# RFC 8252 section 7.3, as LinkedIn's native flow takes it: an address, and no name.
_LOOPBACK_URL: Final = re.compile(r"http://(?:127\.0\.0\.1|\[::1\])(?::[0-9]*)?(?:[/?].*)?")
# What somebody has copied instead of the code in it: a redirect, or the query of one.
_REDIRECT: Final = re.compile(r"https?://|[?&]?(?:code|state)=")
# What an address line has in place of a code: the ends of base64, a slash and a plus sign.
_ENCODED_CODE: Final = re.compile(r"[A-Za-z0-9._~-]+(?:%(?:2[BbFf]|3[Dd])[A-Za-z0-9._~-]*)+")
# The same of a list of scopes: a space, a comma, a slash or a colon, or the space of a form.
_ENCODED_SCOPES: Final = re.compile(r"[A-Za-z_]\w{2,}(?:(?:%(?:20|2[CcFf]|3[Aa])|\+)\w{3,})+")
# RFC 7636 section 4.1.
_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def check_text(argument: str, value: str) -> str:
    """Return the value, if it is text that can be sent.

    Raises:
        InvalidCallError: it is not text, is empty, or holds control characters or lone surrogates.
    """
    if not isinstance(value, str) or not value:
        raise InvalidCallError(argument, "must be text, and not empty")
    if _UNSENDABLE.search(value):
        raise InvalidCallError(argument, "holds control characters or lone surrogates")
    return str.__str__(value)


def check_credential(argument: str, value: str) -> str:
    """Return the id, secret, code or token, if it is one that a server could have given.

    Raises:
        InvalidCallError: as for `check_text`; or it has white space or quotes around it, as a line of a file has.
    """
    text = check_text(argument, value)
    if text != text.strip():
        raise InvalidCallError(argument, "has white space around it")
    if text[0] in "\"'" and text[0] == text[-1]:
        raise InvalidCallError(argument, "has quotes around it")
    return text


def check_code(code: str) -> str:
    """Return the authorization code, if it can be one.

    Raises:
        InvalidCallError: as for `check_credential`; or it is a whole redirect.
    """
    text = check_credential("code", code)
    if _REDIRECT.match(text):
        raise InvalidCallError("code", "is a redirect, or its query: read_redirect gives the code in it")
    if _ENCODED_CODE.fullmatch(text):
        reason = "is percent-encoded already, and is encoded once more: read_redirect gives the plain text"
        warn(f"code: {reason}", SuspiciousValueWarning)
    return text


def warn_of_scope(argument: str, scope: str) -> None:
    """Warn of a scope that was encoded as a part of a URL."""
    if _ENCODED_SCOPES.fullmatch(scope):
        reason = "is encoded already, and is encoded once more: give a list, or text with spaces"
        warn(f"{argument}: {reason}", SuspiciousValueWarning)


def check_client(client_id: str, client_secret: str | None) -> dict[str, str | None]:
    """Return the fields of a form that identify an application (RFC 6749 section 2.3.1).

    Args:
        client_id: the application.
        client_secret: its secret; None for a public client, which has none.

    Raises:
        InvalidCallError: as for `check_credential`; or the secret is the id.
    """
    secret = None if client_secret is None else check_credential("client_secret", client_secret)
    if secret == check_credential("client_id", client_id):
        raise InvalidCallError("client_secret", "is the client_id")
    return {"client_id": str.__str__(client_id), "client_secret": secret}


def check_redirect_url(redirect_url: str) -> str:
    """Return the redirect URL, if it can be one (RFC 6749 section 3.1.2).

    Raises:
        InvalidCallError: as for `check_text`; or it is not a whole URL, has a fragment, or has a parameter that the
            server adds.
    """
    url = check_text("redirect_url", redirect_url)
    if not _REDIRECT_URL.fullmatch(url):
        raise InvalidCallError("redirect_url", "must be a whole URL, without spaces and without a fragment")
    if _WITHOUT_SCHEME.fullmatch(url):
        raise InvalidCallError(
            "redirect_url", "must be a whole URL: it has a port, but no http:// or https:// before it"
        )
    added = _ADDED_BY_SERVER.search(url)
    if added:
        raise InvalidCallError("redirect_url", f"must not have the parameter {added[1]}, which the server adds")
    return url


def check_native_flow(redirect_url: str, scopes: Iterable[str]) -> None:
    """Refuse what LinkedIn's native flow does not take.

    Raises:
        InvalidCallError: the redirect URL is not one of this machine's own addresses, or a scope is one of OpenID.
    """
    if not _LOOPBACK_URL.fullmatch(redirect_url):
        reason = "must be http://127.0.0.1 or http://[::1], with any port, in the native flow (PKCE)"
        raise InvalidCallError("redirect_url", reason)
    openid = sorted(_OPENID_SCOPES.intersection(scopes))
    if openid:
        raise InvalidCallError("scopes", f"LinkedIn's native flow (PKCE) has no {openid[0]}")


def is_linkedin(base_url: str | None) -> bool:
    """Return whether a base URL, None for the default one, is that of LinkedIn, whose own rules hold there."""
    return base_url is None or check_auth_base_url(base_url) == BASE_URL


def check_verifier(argument: str, verifier: str) -> str:
    """Return the verifier of PKCE, if it can be one (RFC 7636 section 4.1).

    Raises:
        InvalidCallError: it cannot; the error names the argument.
    """
    if not isinstance(verifier, str) or not _VERIFIER.fullmatch(verifier):
        raise InvalidCallError(argument, "must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
    return str.__str__(verifier)


def check_auth_base_url(base_url: str | None) -> str:
    """Return a base URL in normal form, without a slash at its end; `BASE_URL` for None.

    Raises:
        InvalidCallError: it is not a base URL.
    """
    return BASE_URL if base_url is None else check_base_url(base_url)


def userinfo_base_url(base_url: str | None) -> str:
    """Return what stands before ``/userinfo`` at the resources that belong to an authorization server.

    LinkedIn's are on a host of their own. Those of another server are looked for at its own origin, in the same path as
    LinkedIn's, so that a token of its never goes to LinkedIn.

    Args:
        base_url: the base URL of the authorization server; None for LinkedIn's.
    """
    if is_linkedin(base_url):
        return UNVERSIONED_BASE_URL
    scheme, _, rest = check_auth_base_url(base_url).partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/v2"


def split_scopes(text: str) -> tuple[str, ...]:
    """Return the scopes in a text one by one, whether separated by spaces (RFC 6749 section 3.3) or commas."""
    return tuple(text.replace(",", " ").split())


def write_form(fields: Mapping[str, str | None]) -> str:
    """Return the fields as a query or a form, without those that are None."""
    # A space becomes %20, which means a space in both. A plus sign would mean one in a form only.
    return urlencode([(name, value) for name, value in fields.items() if value is not None], quote_via=quote, safe="")
