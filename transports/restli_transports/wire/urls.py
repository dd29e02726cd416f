"""URLs: where one leads, and what of it goes onto the wire.

    URL    = scheme "://" [ userinfo "@" ] host [ ":" port ] [ path ] [ "?" query ] [ "#" fragment ]
    Host   = host [ ":" port ]         RFC 9110 section 7.2, as the URL has them
    target = path [ "?" query ]        RFC 9112 section 3.2.1, byte for byte; the empty path is "/"

User information and fragment are never sent. (Why there is no ``from __future__ import annotations``: see
`restli_core.options`.)
"""

import re
from typing import Final, NamedTuple

from restli_core.errors import InvalidCallError
from restli_core.patterns import lazy_pattern

__all__ = ["Origin", "ParsedUrl", "parse_url"]

# A host's name has none of the characters that only escapes could write, since libraries read these in several ways.
_URL: Final = lazy_pattern(
    r"(https?)://(?:[^/?#]*@)?(\[[0-9A-F:.]+\]|[A-Z0-9._~!$&'()*+,;=-]+)(?::([0-9]{0,5}))?([/?][^#]*)?(?:#.*)?",
    re.IGNORECASE,
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_PORT: Final = 65535


class Origin(NamedTuple):
    """What a connection leads to: an origin (RFC 6454 section 4).

    Args:
        scheme: ``http`` or ``https``.
        host: a name or an IP address, in lower case and without brackets.
        port: its port.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class ParsedUrl(NamedTuple):
    """What a request needs to know of its URL.

    Args:
        origin: what to connect to.
        host: the value of Host.
        base: the URL up to its path, as written, without user information.
        target: the rest, without the fragment.
    """

    origin: Origin
    host: str
    base: str
    target: str

    @property
    def text(self) -> str:
        """The URL without what is never sent."""
        return self.base + self.target


def parse_url(url: str) -> ParsedUrl:
    """Return the parts of a URL.

    Raises:
        InvalidCallError: it is not an http or https URL with a host.
    """
    match = _URL.fullmatch(url)
    if match is None or int(match[3] or 0) > _MAX_PORT:
        raise InvalidCallError("url", "is not an http or https URL")
    scheme, name, port, target = match[1], match[2], match[3], match[4] or "/"
    if name.startswith("["):
        # Slow to import, and few hosts are written so.
        from ipaddress import IPv6Address

        try:
            IPv6Address(name[1:-1])
        except ValueError:
            raise InvalidCallError("url", "has no IPv6 address between its brackets") from None
    host = f"{name}:{port}" if port else name
    return ParsedUrl(
        Origin(scheme.lower(), name.strip("[]").lower(), int(port or _DEFAULT_PORTS[scheme.lower()])),
        host,
        f"{scheme}://{host}",
        target if target.startswith("/") else f"/{target}",
    )
