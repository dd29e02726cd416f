"""The proxies that the environment names: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in either case."""

from __future__ import annotations

from urllib.request import getproxies

from restli_core.errors import InvalidCallError
from restli_transports.wire.urls import parse_url

__all__ = ["proxies"]


def proxies() -> dict[str, str]:
    """The URLs of the proxies by the scheme that they are for, ``http`` or ``https``.

    Raises:
        InvalidCallError: one of them is no http or https URL; names the variable, not the URL with its password.
    """
    found = getproxies()
    named = {scheme: scheme if found.get(scheme) else "all" for scheme in ("http", "https")}
    return {scheme: _checked(name, found[name]) for scheme, name in named.items() if found.get(name)}


def _checked(name: str, url: str) -> str:
    url = url if "://" in url else f"http://{url}"
    try:
        parse_url(url)
    except InvalidCallError:
        reason = "names a proxy that is no http or https URL: give a pool, session or client of your own"
        raise InvalidCallError(f"{name}_proxy in the environment", reason) from None
    return url
