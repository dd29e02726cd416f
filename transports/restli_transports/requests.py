"""A transport over requests: for those who have a Session with hooks, adapters, certificates or mocks.

The session that it makes for itself verifies TLS, keeps connections alive, goes through the proxies of the environment
and keeps no cookies. Where its `verify` stays True, it trusts what SSL_CERT_FILE, SSL_CERT_DIR, REQUESTS_CA_BUNDLE and
CURL_CA_BUNDLE name, or else the system's certificates and certifi's. No session reads .netrc here, and every one that
reads the environment (`trust_env`) reads NO_PROXY in the same way.
"""

from __future__ import annotations

import io
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, cast

try:
    import requests
except ImportError as _error:
    raise ImportError('RequestsTransport needs requests: pip install "restli-core[requests]"') from _error

import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import prepend_scheme_if_needed, select_proxy

from restli_core.errors import InvalidCallError
from restli_core.frames import concealing
from restli_core.messages import HttpResponse
from restli_transports.transport import (
    KEEPALIVE_SECONDS,
    OfOneProcess,
    check_keepalive,
    check_max_body,
    require_instance,
)
from restli_transports.wire import (
    DEFAULT_MAX_BODY,
    WITH_CONTENT,
    Exchange,
    ParsedUrl,
    Proxies,
    Proxy,
    carrying,
    current_exchange,
    environment_proxies,
    limited,
    parse_url,
    verifying_context,
)
from restli_transports.wire.forks import on_fork
from restli_transports.wire.tls import readable_bundle
from restli_transports.wire.urllib3_connections import (
    FAILURES,
    LIBRARY_ERRORS,
    MAX_IDLE_CONNECTIONS,
    POOL_CLASSES,
    as_response,
    check_kept,
    field_pairs,
    is_recorded,
    read_body,
    use_strict,
)
from restli_transports.wire.urllib3_pools import begin_anew, close_pools

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from restli_core.messages import HttpRequest
    from restli_transports.transport import Timeout

__all__ = ["ExactAdapter", "RequestsTransport"]

# Besides what urllib3 says: a proxy that requests cannot use.
_FAILURES: Final = FAILURES._replace(
    unsent=(*FAILURES.unsent, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)
)


class ExactAdapter(HTTPAdapter):
    """An HTTPAdapter, with its arguments, that leaves targets as they are and keeps a transport's time limits.

    What goes through a SOCKS proxy is carried as by HTTPAdapter.
    """

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        exchange, text = current_exchange(), request.url or ""
        # It need not be the exchange's own request: a hook may send another one meanwhile, to fetch a token.
        url = exchange.url if exchange is not None and exchange.url.text == text else parse_url(text)
        with carrying(exchange, target=url.target):
            return super().send(request, *args, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        # requests would not verify a proxy that speaks TLS where what is reached through it does not.
        proxy = getattr(conn, "proxy", None)
        if proxy and not url.lower().startswith("https"):
            url = proxy.url
        HTTPAdapter.cert_verify(self, conn, url, verify, cert)  # type: ignore[no-untyped-call]

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOL_CLASSES

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = POOL_CLASSES
        return manager

    def close(self) -> None:
        """Close all connections, and those in use when their exchanges are over."""
        for manager in _managers_of(self):
            close_pools(manager)
        super().close()


class RequestsTransport(OfOneProcess):
    """A transport over a Session. Safe to share between threads, as far as a given session is.

    Args:
        session: a Session. Its headers, cookies, auth, hooks, proxies, certificates and adapters work as they do
            elsewhere, but what a request says of itself comes first, no redirect is followed, an adapter's
            `max_retries` repeats nothing here, and its connections read answers strictly, see
            `restli_transports.wire.urllib3_connections.use_strict`. To have any target taken, mount an `ExactAdapter`.
            None: the transport makes its own.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        keepalive_seconds: how long a connection may have been idle that is used again; None for no limit.

    Raises:
        InvalidCallError: the session is not one of requests, or has `params`, which would change the target.
    """

    session: requests.Session

    def __init__(
        self,
        session: requests.Session | None = None,
        *,
        max_body: int | None = DEFAULT_MAX_BODY,
        keepalive_seconds: float | None = KEEPALIVE_SECONDS,
    ) -> None:
        self.session = _make_session() if session is None else require_instance(session, "session", requests.Session)
        self._owned = session is None
        self._max_body = check_max_body(max_body)
        self._keepalive_seconds = check_keepalive(keepalive_seconds)
        _check_params(self.session)
        # A given session may have an adapter for SOCKS.
        self._proxies = environment_proxies(socks=not self._owned) if self.session.trust_env else Proxies.none()
        bundles = () if self._owned or not self.session.trust_env else ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        self._bundle = readable_bundle(*bundles)
        on_fork(self)

    def after_fork(self) -> None:
        """Begin without connections; they are the parent's."""
        for adapter in self.session.adapters.values():
            for manager in _managers_of(adapter):
                begin_anew(manager)

    @concealing
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, as `restli_transports.transport.Transport` says.

        Raises:
            InvalidCallError: the session has `params`; the URL is not an http or https URL, or one that a given session
                would change.
            requests.HTTPError: a hook of the session raised it.
        """
        exchange = Exchange(request, timeout)
        exchange.keepalive_seconds = self._keepalive_seconds
        url = exchange.url
        _check_params(self.session)
        adapter = self.session.get_adapter(url.text)
        if isinstance(adapter, HTTPAdapter) and (is_recorded() or not isinstance(adapter, ExactAdapter)):
            check_kept(url)
            if url.target.startswith("//"):
                raise InvalidCallError("url", "has a path that begins with //, which requests would change")
        try:
            with carrying(exchange):
                response = self._open(exchange)
                raw = as_response(response.raw)
                fields = field_pairs(raw.headers if isinstance(raw, urllib3.BaseHTTPResponse) else response.headers)
                if isinstance(raw, urllib3.BaseHTTPResponse) and not raw.tell():  # nothing of it has been read
                    body = read_body(exchange, raw, self._max_body)
                    response.raw = io.BytesIO(body)  # so that `content`, `text` and `json()` work
                else:  # it is a mock's, or a hook has read it
                    body = limited(response.content or b"", self._max_body)
        except requests.HTTPError:
            raise  # it is an OSError, too, but a hook's answer to a status is its user's business
        except LIBRARY_ERRORS as error:
            raise exchange.error(error, _FAILURES) from error
        return HttpResponse(response.status_code, fields, body, response.url or url.text, response)

    def close(self) -> None:
        """Close the session that the transport made; a given one stays as it is.

        Calls under way go on, and their connections close after them.
        """
        if self._owned:
            self.session.close()

    def _open(self, exchange: Exchange) -> requests.Response:
        """Send the request, and return the answer with its body unread."""
        session, url, timeout = self.session, exchange.url, exchange.deadline.timeout
        prepared = requests.PreparedRequest()
        # Not `Session.prepare_request`, which would quote the URL, and ask .netrc for an Authorization.
        defaults = cast("Mapping[str, str | None]", session.headers)  # None: the user does not want it sent
        prepared.headers = CaseInsensitiveDict({name: value for name, value in defaults.items() if value is not None})
        _describe(prepared, exchange)
        prepared.prepare_cookies(session.cookies)
        if session.auth:
            prepared.prepare_auth(session.auth, url.text)
        _describe(prepared, exchange)  # again, since cookies and auth set headers, and auth may change anything
        prepared.prepare_hooks(session.hooks)
        prepared.prepare_hooks({"response": _hide_redirect})  # the last one: the user's see where it leads
        settings = self._session_settings(url)
        _use_strict(session.get_adapter(url.text), url.text, settings["proxies"])
        # For adapters of other kinds, which know no total; ours keep the exchange's limits by themselves.
        connect, read = (
            min((seconds for seconds in (limit, timeout.total) if seconds is not None), default=None)
            for limit in (timeout.connect, timeout.read)
        )
        response = session.send(prepared, allow_redirects=False, timeout=(connect, read), **settings)
        if not response.headers:  # they were hidden
            response.headers = CaseInsensitiveDict(getattr(response.raw, "headers", {}))
        return response

    def _session_settings(self, url: ParsedUrl) -> dict[str, Any]:
        """Return what the session and, where it listens to that, the environment say of proxies and certificates."""
        session = self.session
        if type(session).merge_environment_settings is not requests.Session.merge_environment_settings:
            return dict(session.merge_environment_settings(url.text, {}, True, None, None))  # a reading of its user's
        proxies, verify = dict(session.proxies), session.verify
        # The environment comes before the session, as it does in requests.
        if session.trust_env:
            proxy = self._proxies.proxy_for(url.origin)
            if proxy is not None:
                proxies[url.origin.scheme] = proxy.named
            verify = self._bundle or verify
        return {"proxies": proxies, "stream": True, "verify": verify, "cert": session.cert}


def _managers_of(adapter: object) -> list[urllib3.PoolManager]:
    """Return the managers of an adapter's pools; of one that has none, such as a mock, none."""
    found = [getattr(adapter, "poolmanager", None), *getattr(adapter, "proxy_manager", {}).values()]
    return [manager for manager in found if isinstance(manager, urllib3.PoolManager)]


def _check_params(session: requests.Session) -> None:
    if session.params:
        raise InvalidCallError("session", "has params, which would change the target of the request")


def _use_strict(adapter: object, url: str, proxies: Mapping[str, str]) -> None:
    """Have an adapter of requests' kind read answers strictly; see `use_strict`."""
    if isinstance(adapter, HTTPAdapter) and not isinstance(adapter, ExactAdapter):
        use_strict(getattr(adapter, "poolmanager", None))
        proxy = select_proxy(url, proxies)
        if proxy:
            named: str = prepend_scheme_if_needed(proxy, "http")  # type: ignore[no-untyped-call]
            use_strict(adapter.proxy_manager_for(named))  # it is made now, and found when the request is sent


def _describe(prepared: requests.PreparedRequest, exchange: Exchange) -> None:
    """Give a prepared request the method, URL, body and headers of the exchange's request."""
    request = exchange.request
    prepared.method, prepared.url, prepared.body = request.method, exchange.url.text, _body(request)
    prepared.headers.pop("Content-Length", None)
    prepared.headers["Host"] = exchange.url.host
    if request.body or request.method in WITH_CONTENT:
        prepared.headers["Content-Length"] = str(len(request.body))
    prepared.headers.update(request.headers)


def _body(request: HttpRequest) -> str | bytes | None:
    """Return the body as requests itself has it: that of a form is text, which hooks and mocks read as such."""
    content_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type == "application/x-www-form-urlencoded" and request.body.isascii():
        return request.body.decode("ascii") or None
    return request.body or None


def _hide_redirect(response: requests.Response, *_: Any, **__: Any) -> None:
    """Hide where a redirect leads: `Session.send` would read its whole body and judge its Location."""
    if response.is_redirect:
        response.headers = CaseInsensitiveDict()


class _OwnAdapter(ExactAdapter):
    """The adapter of a transport's own session: it trusts whom all transports trust, unless `verify` says otherwise."""

    def __init__(self) -> None:
        self._made: ssl.SSLContext | None = None
        super().__init__(pool_maxsize=MAX_IDLE_CONNECTIONS)
        on_fork(self)

    def after_fork(self) -> None:
        """Begin with a context of its own: a lock of the parent's may be held for ever."""
        self._made = None
        for manager in _managers_of(self):
            begin_anew(manager)
        self.proxy_manager.clear()  # they have the parent's

    @property
    def _context(self) -> ssl.SSLContext:
        self._made = self._made or verifying_context()
        return self._made

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        super().cert_verify(conn, url, verify, cert)
        # requests has set certifi's certificates, and nothing else, for True.
        if verify is True and isinstance(conn, urllib3.HTTPSConnectionPool):
            conn.ca_certs = conn.ca_cert_dir = None
            conn.conn_kw["ssl_context"] = self._context

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        return super().proxy_manager_for(proxy, proxy_ssl_context=self._context, **kwargs)

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        # In UTF-8, as all transports have it; requests fails over what is not in Latin 1.
        authorization = Proxy(proxy).authorization
        return {"Proxy-Authorization": authorization} if authorization else {}


def _make_session() -> requests.Session:
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # takes no cookie from anybody
    adapter = _OwnAdapter()
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    return session
