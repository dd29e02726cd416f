"""Arguments of OAuth's calls: checked by name, before anything is sent, and written as a query or a form.

An error names the argument, never its value, which may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from restli_core.base_errors import InvalidCallError
from restli_core.paths import check_base_url

__all__ = ["BASE_URL"]

BASE_URL: Final = "https://www.linkedin.com/oauth/v2"

# Control characters and lone surrogates, which no parameter of OAuth may have.
_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# RFC 6749 section 3.1.2: an absolute URI without a fragment.
_REDIRECT_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+")
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
    return value


def check_client(client_id: str, client_secret: str | None) -> dict[str, str | None]:
    """Return the fields of a form that identify an application (RFC 6749 section 2.3.1).

    Args:
        client_id: the application.
        client_secret: its secret; None for a public client, which has none.

    Raises:
        InvalidCallError: as for `check_text`.
    """
    secret = None if client_secret is None else check_text("client_secret", client_secret)
    return {"client_id": check_text("client_id", client_id), "client_secret": secret}


def check_redirect_url(redirect_url: str) -> str:
    """Return the redirect URL, if it can be one (RFC 6749 section 3.1.2).

    Raises:
        InvalidCallError: as for `check_text`; or it is not a whole URL, or has a fragment.
    """
    if not _REDIRECT_URL.fullmatch(check_text("redirect_url", redirect_url)):
        raise InvalidCallError("redirect_url", "must be a whole URL, without spaces and without a fragment")
    return redirect_url


def check_verifier(argument: str, verifier: str) -> str:
    """Return the verifier of PKCE, if it can be one (RFC 7636 section 4.1).

    Raises:
        InvalidCallError: it cannot; the error names the argument.
    """
    if not isinstance(verifier, str) or not _VERIFIER.fullmatch(verifier):
        raise InvalidCallError(argument, "must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
    return verifier


def check_auth_base_url(base_url: str | None) -> str:
    """Return a base URL in normal form, without a slash at its end; `BASE_URL` for None.

    Raises:
        InvalidCallError: it is not a base URL.
    """
    return BASE_URL if base_url is None else check_base_url(base_url)


def split_scopes(text: str) -> tuple[str, ...]:
    """Return the scopes in a text one by one, whether separated by spaces (RFC 6749 section 3.3) or commas."""
    return tuple(text.replace(",", " ").split())


def write_form(fields: Mapping[str, str | None]) -> str:
    """Return the fields as a query or a form, without those that are None."""
    # A space becomes %20, which means a space in both. A plus sign would mean one in a form only.
    return urlencode([(name, value) for name, value in fields.items() if value is not None], quote_via=quote, safe="")
