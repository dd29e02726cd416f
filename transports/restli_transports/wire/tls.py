"""TLS of connections whose user has given no settings: which certificates they trust, and how they verify.

The certificates are those that SSL_CERT_FILE and SSL_CERT_DIR name, or else the system's and, where it is installed,
certifi's.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from restli_core.errors import InvalidCallError

if TYPE_CHECKING:
    import ssl

__all__ = ["check_certificates", "strict_context", "verifying_context"]


def check_certificates() -> None:
    """Refuse certificates that are not there: TLS would trust nobody, and not say why.

    Raises:
        InvalidCallError: SSL_CERT_FILE or SSL_CERT_DIR names nothing; names the variable.
    """
    for name, is_there in (("SSL_CERT_FILE", Path.is_file), ("SSL_CERT_DIR", Path.is_dir)):
        path = os.environ.get(name)
        if path and not is_there(Path(path)):
            raise InvalidCallError(f"{name} in the environment", f"names nothing that is there: {path}")


def verifying_context() -> ssl.SSLContext:
    """Return a context that verifies certificate and name.

    Raises:
        InvalidCallError: the environment names certificates that are not there.
    """
    import ssl  # slow to import, and the clients import this package for its URLs alone

    check_certificates()
    context = ssl.create_default_context()  # the system's certificates, or those of SSL_CERT_FILE and SSL_CERT_DIR
    if not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        with suppress(ImportError):
            import certifi

            context.load_verify_locations(certifi.where())
    return context


def strict_context() -> ssl.SSLContext:
    """Return a context that verifies certificate and name, and reports a stream that is cut before its end.

    Half a body must not pass for a whole one (RFC 9112 section 9.8); Python's own contexts ignore the difference.
    """
    import ssl  # see verifying_context

    context = verifying_context()
    context.set_alpn_protocols(["http/1.1"])
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # OpenSSL 3 and later
    return context
