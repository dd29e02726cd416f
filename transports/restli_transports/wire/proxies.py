"""Proxies that the environment names: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in either case."""

from __future__ import annotations

from restli_core.errors import InvalidCallError
from restli_transports.wire.urls import parse_url

__all__ = ["environment_proxies"]


def environment_proxies() -> dict[str, str]:
    """Return the URLs of the proxies by the scheme that they are for, ``http`` or ``https``.

    Raises:
        InvalidCallError: one of them is not an http or https URL; names the variable, not the URL with its password.
    """
    # Slow to import; the library of a transport that asks has imported it already.
    from urllib.request import getproxies

    found = getproxies()
    proxies: dict[str, str] = {}
    for scheme in ("http", "https"):
        name = scheme if found.get(scheme) else "all"
        url = found.get(name)
        if not url:
            continue
        url = url if "://" in url else f"http://{url}"
        try:
            parse_url(url)
        except InvalidCallError:
            reason = "names a proxy that is not an http or https URL: give a pool, session or client of your own"
            raise InvalidCallError(f"{name}_proxy in the environment", reason) from None
        proxies[scheme] = url
    return proxies
