"""Trust: the TLS of connections whose user has given no settings."""

from __future__ import annotations

import ssl

from restli_transports.environment import verifying_context

__all__ = ["strict_context"]


def strict_context() -> ssl.SSLContext:
    """A context that verifies certificate and name, and tells the end of a stream from its being cut.

    Half a body must not pass for a whole one (RFC 9112 section 9.8); Python's own contexts ignore the difference.
    """
    context = verifying_context()
    context.set_alpn_protocols(["http/1.1"])
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # OpenSSL 3 and later
    return context
