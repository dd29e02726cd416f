"""Proxies that the environment names: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in either case.

Every library reads NO_PROXY in its own way, and some fail over what others take. This takes all that curl, requests and
Go take, and so all transports go through the same proxies:

    NO_PROXY  = entry *( ( "," / SP ) entry )
    entry     = "*"                                               every host
              / [ scheme "://" ] ( name / address ) [ ":" port ]
              / network
    name      = [ "." ] host          this host, and all below it: example.com is a.example.com, too
              / "*." host             all below it
    address   = IPv4 / IPv6 / "[" IPv6 "]"                        however it is written: ::1 is 0:0:0:0:0:0:0:1
    network   = address "/" bits      the hosts that are written as addresses in it; no name is looked up

What is none of these is ignored, with a warning, and so is a proxy that is not an http or https URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from restli_core.errors import InvalidCallError
from restli_core.patterns import lazy_pattern
from restli_transports.wire.environment import variable, warn_ignored
from restli_transports.wire.urls import Origin, parse_url

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

__all__ = ["Proxies", "Proxy", "environment_proxies"]

_SCHEME: Final = lazy_pattern(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PORT: Final = r"(?::(?P<port>[0-9]{1,5})?)?"
# As a URL has it, see `urls`.
_NAME: Final = lazy_pattern(
    rf"(?:(?P<below>\*\.)|\.*)(?P<name>[A-Za-z0-9_~!$&'()+;=-](?:[A-Za-z0-9._~!$&'()+;=-]*[A-Za-z0-9_~!$&'()+;=-])?)\.*{_PORT}"
)
# What is all digits and dots is an address, or nothing, and so is what has two colons. Brackets go around an address,
# and may go around its network.
_NETWORK: Final = lazy_pattern(
    r"(?:(?P<v4>[0-9.]*[0-9])|\[(?P<inside>[0-9A-Fa-f:.]*:[^\]/]*)\]|(?P<v6>[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*:[^/\]]*))"
    rf"(?P<bits>/[0-9.]+)?{_PORT}"
)
_ADDRESS: Final = lazy_pattern(r"[0-9.]*[0-9]|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_MAX_PORT: Final = 65535


class Proxy:
    """A proxy that the environment names.

    Args:
        text: its URL, with a scheme.

    Raises:
        InvalidCallError: it is not a URL with a host.

    Attributes:
        url: the URL without user and password, and without a path: what to connect to.
        named: the same with user and password, escaped so that every library reads them alike; they stand in no repr.
        authorization: the value of Proxy-Authorization (RFC 7617, in UTF-8); None where there is no user.
    """

    url: str
    named: str
    authorization: str | None

    def __init__(self, text: str) -> None:
        # Slow to import, and few environments name a proxy.
        from base64 import b64encode
        from urllib.parse import quote, unquote_to_bytes

        scheme, rest = text.split("://", 1)
        # The URL of a SOCKS proxy is written like any other.
        self.url = f"{scheme.lower()}{parse_url(f'http://{rest}').base.removeprefix('http')}"
        self.named, self.authorization = self.url, None
        userinfo, at, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
        if at and userinfo:
            user, _, password = (unquote_to_bytes(part) for part in userinfo.partition(":"))
            self.named = self.url.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@", 1)
            self.authorization = f"Basic {b64encode(user + b':' + password).decode('ascii')}"

    def __repr__(self) -> str:
        return f"<Proxy {self.url}>"


class Proxies:
    """Which proxy a request goes through.

    Args:
        by_scheme: the proxies by the scheme that they are for, ``http`` or ``https``.
        bypassed: whether requests to an origin go through none.
    """

    by_scheme: Mapping[str, Proxy]

    def __init__(self, by_scheme: Mapping[str, Proxy], bypassed: Callable[[Origin], bool]) -> None:
        self.by_scheme = by_scheme
        self._bypassed = bypassed

    @classmethod
    def none(cls) -> Self:
        """Return what sends every request directly."""
        return cls({}, lambda _: True)

    def proxy_for(self, origin: Origin) -> Proxy | None:
        """Return the proxy for what goes to an origin; None where it goes there directly."""
        proxy = self.by_scheme.get(origin.scheme)
        return None if proxy is None or self._bypassed(origin) else proxy


def environment_proxies(*, socks: bool = False) -> Proxies:
    """Return the proxies that the environment names now; on Windows and macOS those of the system, if it names none.

    What cannot be read is ignored, with a warning that names the variable, but not the URL with its password.

    Args:
        socks: whether SOCKS proxies can be used, too.
    """
    # Slow to import; the library of a transport that asks has imported it already.
    from urllib.request import getproxies, getproxies_environment, proxy_bypass

    # It prefers the lower case, and leaves out an HTTP_PROXY that a CGI request could have made of its header Proxy.
    named = getproxies_environment()
    found = named or getproxies()
    proxies: dict[str, Proxy] = {}
    unreadable: set[str] = set()
    for scheme in ("http", "https"):
        name = scheme if found.get(scheme) else "all"
        proxy = _read_proxy(found.get(name, ""), socks=socks)
        if proxy is not None:
            proxies[scheme] = proxy
        elif found.get(name):
            unreadable.add(name)
    for name in sorted(unreadable):
        kinds = "http, https or SOCKS" if socks else "http or https"
        reason = f"does not name a proxy by its {kinds} URL; give a pool, session or client of your own"
        warn_ignored(variable(f"{name}_proxy") or f"{name}_proxy", reason)
    if not proxies:
        return Proxies.none()
    if not named:
        return Proxies(proxies, lambda origin: bool(proxy_bypass(origin.host)))
    return Proxies(proxies, _Exceptions(named.get("no", "")))


def _read_proxy(text: str, *, socks: bool) -> Proxy | None:
    """Return a proxy; None for a text that does not name one."""
    text = text.strip()
    if "://" not in text:
        text = f"http://{text}"
    scheme = text.partition("://")[0].lower()
    known = {"http", "https"} | ({"socks4", "socks4a", "socks5", "socks5h"} if socks else set())
    # A control character in a password would be one of a header.
    if scheme not in known or not text.isprintable() or " " in text:
        return None
    try:
        return Proxy(text)
    except InvalidCallError:
        return None


class _Exceptions:
    """What NO_PROXY names; called with an origin, it says whether that is one of them.

    Args:
        text: the variable's value.
    """

    def __init__(self, text: str) -> None:
        self._entries: list[_Entry] = []
        unreadable: list[str] = []
        for part in re.split(r"[,\s]+", text):
            entry = _read_entry(part)
            if entry is not None:
                self._entries.append(entry)
            elif part:
                unreadable.append(part)
        if unreadable:
            reason = f"is not a host, an address or a network: {', '.join(unreadable)[:200]}"
            warn_ignored(f"a part of {variable('no_proxy') or 'no_proxy'}", reason)

    def __call__(self, origin: Origin) -> bool:
        host = origin.host.rstrip(".").lower()
        addresses = _addresses(host)
        return any(entry.covers(origin, host, addresses) for entry in self._entries)


class _Entry(NamedTuple):
    """An entry of NO_PROXY: what it says of a request's origin. None, and the empty name, stand for any."""

    scheme: str | None = None
    port: int | None = None
    name: str = ""
    only_below: bool = False
    network: IPv4Network | IPv6Network | None = None

    def covers(self, origin: Origin, host: str, addresses: tuple[IPv4Address | IPv6Address, ...]) -> bool:
        """Return whether a request to this origin goes through no proxy.

        Args:
            origin: the origin.
            host: its host, without a dot at the end.
            addresses: the addresses that the host is, if it is not a name.
        """
        if self.scheme not in {None, origin.scheme} or self.port not in {None, origin.port}:
            return False
        if self.network is not None:
            return any(address in self.network for address in addresses)
        is_named = host == self.name and not self.only_below
        return not self.name or is_named or (host.endswith(f".{self.name}") and not addresses)


def _read_entry(text: str) -> _Entry | None:
    """Return an entry of NO_PROXY; None for a text that is not one."""
    scheme = _SCHEME.match(text)
    entry = _Entry()
    if scheme is not None:
        text = text[scheme.end() :].rstrip("/")
        entry = entry._replace(scheme=None if scheme[1].lower() == "all" else scheme[1].lower())
    if text == "*":
        return entry
    match = _NETWORK.fullmatch(re.sub(r"\[([^\]/]*)(/[0-9]+)\]", r"[\1]\2", text))  # [fd00::/8] is [fd00::]/8
    if match is not None:
        found = _with_network(entry, match["v4"] or match["v6"] or match["inside"] or "", match["bits"] or "")
    else:
        match = _NAME.fullmatch(_in_ascii(text))
        found = match and entry._replace(name=match["name"].lower(), only_below=match["below"] is not None)
    if not match or not found or not match["port"]:
        return found
    # A network has no port, only an address.
    port = int(match["port"])
    is_good = port <= _MAX_PORT and (found.network is None or found.network.num_addresses == 1)
    return found._replace(port=port) if is_good else None


def _with_network(entry: _Entry, address: str, bits: str) -> _Entry | None:
    """Return the entry with a network, or a single address; None where there is no such address."""
    from ipaddress import ip_network

    try:
        # The part from % on names a network card, and the addresses of URLs have none.
        return entry._replace(network=ip_network(address.partition("%")[0] + bits, strict=False))
    except ValueError:
        return None


def _in_ascii(name: str) -> str:
    """Return a host's name as URLs have it: in ASCII (RFC 3490); as it is, where there is no such form."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _addresses(host: str) -> tuple[IPv4Address | IPv6Address, ...]:
    """Return the address that a host is, in both families where it has two forms; none, if it is a name."""
    if not _ADDRESS.fullmatch(host):
        return ()
    from ipaddress import IPv6Address, ip_address

    try:
        address = ip_address(host)
    except ValueError:
        return ()
    if isinstance(address, IPv6Address):
        return (address,) if address.ipv4_mapped is None else (address, address.ipv4_mapped)
    return address, IPv6Address(f"::ffff:{address}")
