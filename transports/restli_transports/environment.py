"""What the environment says of connections that are not a user's own: whom to trust, and which proxies to take.

The certificates are those that SSL_CERT_FILE and SSL_CERT_DIR name, or else the system's and, where it is installed,
certifi's. The proxies are those that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name, in either case.
"""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from pathlib import Path
from urllib.request import getproxies

from restli_core.errors import InvalidCallError
from restli_transports.address import destination

__all__ = ["check_certificates", "proxies", "verifying_context"]


def verifying_context() -> ssl.SSLContext:
    """A context that verifies certificate and name.

    Raises:
        InvalidCallError: the environment names certificates that are not there.
    """
    check_certificates()
    context = ssl.create_default_context()  # the system's certificates, or those of SSL_CERT_FILE and SSL_CERT_DIR
    if not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        with suppress(ImportError):
            import certifi

            context.load_verify_locations(certifi.where())
    return context


def check_certificates() -> None:
    """Refuses certificates that are not there: TLS would trust nobody, and not say why.

    Raises:
        InvalidCallError: SSL_CERT_FILE or SSL_CERT_DIR names nothing; names the variable.
    """
    for name, is_there in (("SSL_CERT_FILE", Path.is_file), ("SSL_CERT_DIR", Path.is_dir)):
        path = os.environ.get(name)
        if path and not is_there(Path(path)):
            raise InvalidCallError(f"{name} in the environment", f"names nothing that is there: {path}")


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
        destination(url)
    except InvalidCallError:
        reason = "names a proxy that is no http or https URL: give a pool, session or client of your own"
        raise InvalidCallError(f"{name}_proxy in the environment", reason) from None
    return url
