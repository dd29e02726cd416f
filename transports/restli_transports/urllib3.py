"""A transport over urllib3: the default one, since it is light and safe to share between threads.

The pool that it makes for itself verifies TLS, keeps connections alive and goes through the proxies that HTTP_PROXY,
HTTPS_PROXY, ALL_PROXY and NO_PROXY name at that time (see `wire.proxies`). It trusts what SSL_CERT_FILE, SSL_CERT_DIR,
REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE name, or else the system's certificates and, where it is installed, certifi's.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, cast
from weakref import WeakValueDictionary

try:
    import urllib3
except ImportError as _error:
    raise ImportError('Urllib3Transport needs urllib3: pip install "restli-core[urllib3]"') from _error

from urllib3.util import parse_url as urllib3_parse_url

from restli_core.errors import InvalidCallError
from restli_core.frames import concealing
from restli_core.messages import Headers
from restli_transports.transport import (
    KEEPALIVE_SECONDS,
    OfOneProcess,
    check_keepalive,
    check_max_body,
    joined_fields,
    require_instance,
)
from restli_transports.wire import (
    DEFAULT_MAX_BODY,
    Exchange,
    Origin,
    carrying,
    current_exchange,
    environment_proxies,
    verifying_context,
)
from restli_transports.wire.forks import on_fork
from restli_transports.wire.late_natives import with_late_native
from restli_transports.wire.urllib3_connections import (
    FAILURES,
    LIBRARY_ERRORS,
    MAX_IDLE_CONNECTIONS,
    POOL_CLASSES,
    as_response,
    check_kept,
    field_pairs,
    keeps_targets,
    read_body,
    use_strict,
)
from restli_transports.wire.urllib3_pools import begin_anew, close_pools

if TYPE_CHECKING:
    import ssl

    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.transport import Timeout
    from restli_transports.wire import ParsedUrl

__all__ = ["EnvironmentPools", "Urllib3Transport"]

# ProxyManager sets these names itself, and replaces them only if they are written as it writes them.
_SPELT: Final = {"accept": "Accept", "host": "Host"}


class Urllib3Transport(OfOneProcess):
    """A transport over a pool of urllib3. Safe to share between threads, as far as a given pool is.

    Args:
        pool: a PoolManager, a ProxyManager or the pool of one host. Its settings and headers are left as they are, but
            it neither retries nor follows redirects here, and its connections read answers strictly, see
            `restli_transports.wire.urllib3_connections.use_strict`. None: the transport makes its own.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        keepalive_seconds: how long a connection may have been idle that is used again; None for no limit.

    Raises:
        InvalidCallError: the pool is not one of urllib3's.
    """

    session: urllib3.PoolManager | urllib3.HTTPConnectionPool

    def __init__(
        self,
        pool: urllib3.PoolManager | urllib3.HTTPConnectionPool | None = None,
        *,
        max_body: int | None = DEFAULT_MAX_BODY,
        keepalive_seconds: float | None = KEEPALIVE_SECONDS,
    ) -> None:
        kinds = (urllib3.PoolManager, urllib3.HTTPConnectionPool)
        self.session = EnvironmentPools() if pool is None else require_instance(pool, "pool", *kinds)
        self._owned = pool is None
        self._max_body = check_max_body(max_body)
        self._keepalive_seconds = check_keepalive(keepalive_seconds)
        on_fork(self)

    def after_fork(self) -> None:
        """Begin without connections; they are the parent's."""
        if not self._owned:  # its own pools begin anew by themselves
            begin_anew(self.session)

    @concealing
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, as `restli_transports.transport.Transport` says.

        Raises:
            InvalidCallError: the URL is not an http or https URL, is of another host than the pool, or is one that a
                given pool would change.
        """
        exchange = Exchange(request, timeout)
        exchange.keepalive_seconds = self._keepalive_seconds
        pool, url = self.session, exchange.url
        managed = isinstance(pool, urllib3.PoolManager)
        if isinstance(pool, urllib3.HTTPConnectionPool) and not pool.is_same_host(url.text):
            raise InvalidCallError("url", f"is not of the pool's host, {pool.host}")
        if not keeps_targets(pool):
            check_kept(url)
            use_strict(pool)
        headers = _headers_of(pool, request, url)
        try:
            with carrying(exchange, target=url.target):
                opened = pool.urlopen(
                    request.method,
                    url.text if managed else url.target,
                    body=request.body or None,
                    headers=headers,
                    redirect=False,
                    retries=False,
                    # For connections of urllib3's own; ours keep the exchange's limits by themselves.
                    timeout=_library_timeout(timeout),
                    pool_timeout=cast("int | None", exchange.deadline.left("total")),  # which may be a fraction
                    preload_content=False,
                    decode_content=False,
                )
                response: urllib3.BaseHTTPResponse = as_response(opened)
                body = read_body(exchange, response, self._max_body)
        except LIBRARY_ERRORS as error:
            raise exchange.error(error, FAILURES) from error
        fields = Headers(field_pairs(response.headers))
        return with_late_native(response.status, fields, body, url.text, partial(_with_body, _Read.of(response), body))

    def close(self) -> None:
        """Close the connections of the pool that the transport made; a given pool stays as it is.

        Calls under way go on, and their connections close after them.
        """
        if self._owned and isinstance(self.session, urllib3.PoolManager):
            self.session.clear()


def _headers_of(pool: Any, request: HttpRequest, url: ParsedUrl) -> Mapping[str, str]:
    """Return the headers of a pool, Host, and those of a request in their place."""
    own = [
        ("Host", url.host),
        *[(_SPELT.get(name.lower(), name), value) for name, value in joined_fields(request.headers)],
    ]
    given = list(pool.headers.items())
    fields = {name.lower(): (name, value) for name, value in given}
    if len(fields) < len(given):  # a name comes twice
        headers = urllib3.HTTPHeaderDict(given)
        for name, value in own:
            headers[name] = value
        return headers
    fields.update({name.lower(): (name, value) for name, value in own})
    return dict(fields.values())


@lru_cache(maxsize=16)
def _library_timeout(timeout: Timeout) -> urllib3.Timeout:
    return urllib3.Timeout(connect=timeout.connect, read=timeout.read, total=timeout.total)


class _Read(NamedTuple):
    """What is to be known of a library's response that has been read, without what holds its connection."""

    headers: urllib3.HTTPHeaderDict
    status: int
    version: int
    version_string: str
    reason: str | None
    url: str | None

    @classmethod
    def of(cls, response: urllib3.BaseHTTPResponse) -> Self:
        return cls(
            response.headers,
            response.status,
            response.version,
            response.version_string,
            response.reason,
            response.url,
        )


def _with_body(read: _Read, body: bytes) -> urllib3.HTTPResponse:
    """Return the library's response as it is after reading it by itself: with `data` and `json()`."""
    made = urllib3.HTTPResponse(
        io.BytesIO(body),
        status=read.status,
        version=read.version,
        version_string=read.version_string,
        reason=read.reason,
        request_url=read.url,
    )
    made.headers = read.headers  # not before it has read the body, which is neither coded nor framed any more
    return made


class EnvironmentPools(urllib3.PoolManager):
    """A PoolManager that keeps targets and time limits, and goes through the proxies that the environment names."""

    def __init__(self) -> None:
        settings: dict[str, Any] = {"maxsize": MAX_IDLE_CONNECTIONS, "ssl_context": verifying_context()}
        super().__init__(headers=urllib3.make_headers(accept_encoding=True), **settings)
        self.pool_classes_by_scheme = POOL_CLASSES
        self._found: WeakValueDictionary[Origin, urllib3.HTTPConnectionPool] = WeakValueDictionary()
        self._proxies = environment_proxies()
        self._managers: dict[str, urllib3.ProxyManager] = {}
        for proxy in self._proxies.by_scheme.values():
            manager = self._managers[proxy.named] = urllib3.ProxyManager(
                proxy.url,
                proxy_headers={"Proxy-Authorization": proxy.authorization} if proxy.authorization else None,
                proxy_ssl_context=settings["ssl_context"],
                **settings,
            )
            manager.pool_classes_by_scheme = POOL_CLASSES
        self._inherited = False  # whether its context is that of a parent process
        on_fork(self)

    def after_fork(self) -> None:
        """Begin without connections, and with a context of its own: a lock of the parent's may be held for ever."""
        self._found = WeakValueDictionary()
        for manager in (self, *self._managers.values()):
            begin_anew(manager)
        self._inherited = True

    def urlopen(self, method: str, url: str, *args: Any, **kw: Any) -> urllib3.BaseHTTPResponse:
        if self._inherited:
            self._use(verifying_context())
        proxy = None
        if self._managers:
            parts = urllib3_parse_url(url)
            scheme = parts.scheme or ""
            port = parts.port or (443 if scheme == "https" else 80)
            proxy = self._proxies.proxy_for(Origin(scheme, (parts.host or "").strip("[]").lower(), port))
        if proxy is None:
            exchange = current_exchange()
            if exchange is None or exchange.url.text != url:
                return super().urlopen(method, url, *args, **kw)
            # The exchange has taken the URL apart already, and its target is what goes onto the wire; a redirect would
            # be an answer like any other.
            given: dict[str, Any] = {**kw, "redirect": False, "assert_same_host": False}
            return self._pool_of(exchange.url).urlopen(method, exchange.url.target, **given)
        # The headers of this pool are what a call without any gets, not those of the manager for the proxy.
        return self._managers[proxy.named].urlopen(method, url, *args, **{"headers": self.headers} | kw)

    def _pool_of(self, url: ParsedUrl) -> urllib3.HTTPConnectionPool:
        """Return the pool of a URL's host; urllib3 takes long to find it."""
        pool = self._found.get(url.origin)
        if pool is None:
            pool = self._found[url.origin] = self.connection_from_url(url.text)
        return pool

    def clear(self) -> None:
        """Close all connections, those to proxies too, and those in use when their exchanges are over."""
        self._found.clear()
        close_pools(self)
        super().clear()
        for manager in self._managers.values():
            close_pools(manager)
            manager.clear()

    def _use(self, context: ssl.SSLContext) -> None:
        self._found.clear()
        for manager in (self, *self._managers.values()):
            manager.connection_pool_kw["ssl_context"] = context
            if manager.proxy_config is not None:
                manager.proxy_config = manager.proxy_config._replace(ssl_context=context)
                manager.connection_pool_kw["_proxy_config"] = manager.proxy_config
        self._inherited = False
