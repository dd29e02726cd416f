"""TLS of connections whose user has given no settings: which certificates they trust, and how they verify.

    variable              names
    SSL_CERT_FILE         a file of certificates, as OpenSSL, Go and curl take it
    SSL_CERT_DIR          folders of them, with a colon between two (a semicolon on Windows)
    REQUESTS_CA_BUNDLE    a file or a folder, as requests takes it
    CURL_CA_BUNDLE        likewise, as curl and requests take it

What these name together is trusted, and nothing else. Where none of them names anything that can be read, these are the
system's certificates and, where it is installed, certifi's. What cannot be read is ignored, with a warning.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from restli_core.patterns import lazy_pattern
from restli_transports.system import IS_WINDOWS
from restli_transports.wire.environment import warn_ignored

if TYPE_CHECKING:
    import ssl

__all__ = ["CERTIFICATE_VARIABLES", "certificate_hint", "readable_bundle", "strict_context", "verifying_context"]

CERTIFICATE_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The variables that name certificates."""

_HASHED: Final = lazy_pattern(r"[0-9a-f]{8}\.[0-9]+")  # how OpenSSL looks for a certificate in a folder
# X509_V_ERR_...: UNABLE_TO_GET_ISSUER_CERT, DEPTH_ZERO_SELF_SIGNED_CERT, SELF_SIGNED_CERT_IN_CHAIN,
# UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNABLE_TO_VERIFY_LEAF_SIGNATURE, CERT_UNTRUSTED: nobody trusted vouches for it.
_UNTRUSTED: Final = frozenset({2, 18, 19, 20, 21, 27})


def verifying_context() -> ssl.SSLContext:
    """Return a context that verifies certificate and name."""
    context: ssl.SSLContext | None = None
    ignored: set[str] = set()
    for name in CERTIFICATE_VARIABLES:
        for place in _places(name):
            try:
                context = _trusting(context, place)
            except (OSError, ValueError) as error:  # an SSLError is an OSError; a path may have a zero byte
                ignored.add(name)
                warn_ignored(name, f"names certificates that cannot be read ({_reason(error)}): {place}")
    return context or _trusting_the_system(ignored)


def _trusting_the_system(ignored: set[str]) -> ssl.SSLContext:
    """Return a context that trusts the system's certificates and certifi's.

    Args:
        ignored: the variables that name something else, which cannot be read.
    """
    import ssl  # slow to import, and the clients import this package for its URLs alone

    if ignored and not IS_WINDOWS:
        # Python would have OpenSSL read its variables by itself, and wait for a pipe for ever. Windows has no such
        # thing, and a store that only Python's own way reads.
        system = ssl.get_default_verify_paths()
        context = _loaded(None, capath=system.openssl_capath)  # which need not be there
        with suppress(OSError):
            context = _loaded(context, cafile=system.openssl_cafile)
    else:
        context = ssl.create_default_context()
    with suppress(ImportError):
        import certifi

        context = _loaded(context, cafile=certifi.where())
    return context


def strict_context() -> ssl.SSLContext:
    """Return a context that verifies certificate and name, and reports a stream that is cut before its end.

    Half a body must not pass for a whole one (RFC 9112 section 9.8); Python's own contexts ignore the difference.
    """
    import ssl  # slow to import, see above

    context = verifying_context()
    context.set_alpn_protocols(["http/1.1"])
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # OpenSSL 3 and later
    return context


def readable_bundle(*names: str) -> str | None:
    """Return what the first of these variables names whose certificates can be read; None where none does.

    It is for libraries that take a path. What cannot be read is ignored, with a warning.

    Args:
        names: names of variables.
    """
    for name in names:
        for place in _places(name):
            try:
                _trusting(None, place)
            except (OSError, ValueError) as error:
                warn_ignored(name, f"names certificates that cannot be read ({_reason(error)}): {place}")
            else:
                return place
    return None


def certificate_hint(error: BaseException) -> str:
    """Return which variable would help against an error of TLS; empty where none would.

    Args:
        error: what the library raised, or what that was made of.
    """
    # By its attribute, since a program that never speaks TLS has not imported ssl.
    if getattr(error, "verify_code", None) not in _UNTRUSTED:
        return ""
    named = [name for name in CERTIFICATE_VARIABLES if os.environ.get(name)]
    now = f"; now {' and '.join(named)} {'name' if named[1:] else 'names'} all that is trusted" if named else ""
    return (
        "nobody that is trusted vouches for it: name the file with its authority's certificate in SSL_CERT_FILE "
        f"(in REQUESTS_CA_BUNDLE for a Session of your own){now}"
    )


def _places(name: str) -> list[str]:
    """Return the files and folders that a variable names."""
    value = os.environ.get(name, "")
    return [place for place in (value.split(os.pathsep) if name == "SSL_CERT_DIR" else [value]) if place]


def _trusting(context: ssl.SSLContext | None, place: str) -> ssl.SSLContext:
    """Return a context that trusts what is at a place, besides what the given one trusts.

    Raises:
        OSError: there are no certificates that can be read.
        ValueError: it is not a path.
    """
    from pathlib import Path  # slow to import, see above

    path = Path(place)
    if not path.is_dir():
        # A pipe or a device might never end.
        if path.exists() and not path.is_file():
            raise OSError("it is not a file")
        return _loaded(context, cafile=place)
    files = sorted(path.iterdir())
    if any(_HASHED.fullmatch(file.name) for file in files):
        return _loaded(context, capath=place)
    # Where nobody has made hashes, OpenSSL would find nothing, and not say so: the files are read, as Go reads them.
    for file in files:
        if file.suffix in {".pem", ".crt", ".cer"} and file.is_file():
            with suppress(OSError):
                context = _loaded(context, cafile=str(file))
    if context is None:
        raise OSError("the folder has no certificates")
    return context


def _loaded(context: ssl.SSLContext | None, *, cafile: str | None = None, capath: str | None = None) -> ssl.SSLContext:
    import ssl  # slow to import, see above

    if context is None:
        return ssl.create_default_context(cafile=cafile, capath=capath)
    context.load_verify_locations(cafile=cafile, capath=capath)
    return context


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error)
