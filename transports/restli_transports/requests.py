"""A transport over requests: for those who have a Session with hooks, adapters, certificates or mocks.

The session that it makes for itself verifies TLS, keeps connections alive, goes through the proxies of the environment
and keeps no cookies. It trusts what REQUESTS_CA_BUNDLE, SSL_CERT_FILE or SSL_CERT_DIR names, or else certifi. No
session reads .netrc here.
"""

from __future__ import annotations

import io
import os
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, cast

try:
    import requests
except ImportError as _error:
    raise ImportError('RequestsTransport needs requests: pip install "restli-core[requests]"') from _error

import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpResponse
from restli_transports.transport import WITH_CONTENT, check_max_body, require_instance
from restli_transports.wire.body import DEFAULT_MAX_BODY, limited
from restli_transports.wire.exchange import Exchange, carrying
from restli_transports.wire.tls import check_certificates
from restli_transports.wire.urllib3_connections import (
    FAILURES,
    LIBRARY_ERRORS,
    POOL_CLASSES,
    aiming,
    check_kept,
    field_pairs,
    read_body,
)
from restli_transports.wire.urls import parse_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from restli_core.messages import HttpRequest
    from restli_transports.transport import Timeout

__all__ = ["ExactAdapter", "RequestsTransport"]

_PER_HOST: Final = 100  # connections that are kept alive; more than these are opened and closed again
# Beside what urllib3 says: a proxy that requests cannot use.
_FAILURES: Final = FAILURES._replace(
    unsent=(*FAILURES.unsent, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)
)


class ExactAdapter(HTTPAdapter):
    """An HTTPAdapter, with its arguments, that leaves targets as they are and keeps a transport's time limits.

    What goes through a SOCKS proxy is carried as by HTTPAdapter.
    """

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        with aiming(parse_url(request.url or "").target):
            return super().send(request, *args, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        proxied = getattr(conn, "proxy", None)
        if proxied and not url.lower().startswith("https"):
            url = proxied.url  # requests would not verify a proxy that speaks TLS where what is behind it does not
        HTTPAdapter.cert_verify(self, conn, url, verify, cert)  # type: ignore[no-untyped-call]

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOL_CLASSES

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = POOL_CLASSES
        return manager


class RequestsTransport:
    """Sends requests through a Session. Safe to share between threads, as far as a given session is.

    Args:
        session: a Session. Its headers, cookies, auth, hooks, proxies, certificates and adapters work as they do
            elsewhere, but what a request says of itself comes first, and no redirect is followed. To have targets and
            time limits kept to the letter, mount an `ExactAdapter`. None: the transport makes its own.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.

    Raises:
        InvalidCallError: the session has `params`, which would change the target.
    """

    session: requests.Session

    def __init__(self, session: requests.Session | None = None, *, max_body: int | None = DEFAULT_MAX_BODY) -> None:
        self.session = _session() if session is None else require_instance(session, "session", requests.Session)
        self._made = session is None
        self._max_body = check_max_body(max_body)
        _check(self.session)

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """The answer to a request, as `restli_transports.transport.Transport` says.

        Raises:
            InvalidCallError: the session has `params`; the URL is no http or https URL, or one that a given session
                would change.
            requests.HTTPError: a hook of the session raised it.
        """
        exchange = Exchange(request, timeout)
        url = exchange.url.text
        _check(self.session)
        _check_target(self.session, url)
        try:
            with carrying(exchange):
                response = self._open(request, url, timeout)
                fields = _fields(response)
                body = self._body(exchange, response)
        except requests.HTTPError:
            raise
        except LIBRARY_ERRORS as error:
            raise exchange.error(error, _FAILURES) from error
        return HttpResponse(response.status_code, fields, body, response.url or url, response)

    def close(self) -> None:
        """Closes the session that the transport made; a given one stays as it is."""
        if self._made:
            self.session.close()

    def _open(self, request: HttpRequest, url: str, timeout: Timeout) -> requests.Response:
        prepared = _prepared(self.session, request, url)
        settings = self.session.merge_environment_settings(url, {}, True, None, None)
        limits = _least(timeout.connect, timeout.total), _least(timeout.read, timeout.total)
        response = self.session.send(prepared, allow_redirects=False, timeout=limits, **settings)
        if not response.headers:  # see _conceal
            response.headers = CaseInsensitiveDict(getattr(response.raw, "headers", {}))
        return response

    def _body(self, exchange: Exchange, response: requests.Response) -> bytes:
        raw = response.raw
        if not isinstance(raw, urllib3.BaseHTTPResponse) or raw.tell():  # a mock's, or read by a hook
            return limited(response.content or b"", self._max_body)
        body = read_body(exchange, raw, self._max_body)
        response.raw = io.BytesIO(body)  # so that `content`, `text` and `json()` work
        return body


def _check(session: requests.Session) -> None:
    if session.params:
        raise InvalidCallError("session", "has params, which would change the target of the request")


def _check_target(session: requests.Session, url: str) -> None:
    adapter = session.get_adapter(url)
    if isinstance(adapter, HTTPAdapter) and not isinstance(adapter, ExactAdapter):
        check_kept(url)
        if parse_url(url).target.startswith("//"):
            raise InvalidCallError("url", "has a path that begins with //, which requests would change")


def _least(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _fields(response: requests.Response) -> list[tuple[str, str]]:
    raw = response.raw
    return field_pairs(raw.headers if isinstance(raw, urllib3.BaseHTTPResponse) else response.headers)


def _prepared(session: requests.Session, request: HttpRequest, url: str) -> requests.PreparedRequest:
    """The request with what the session adds to it. `Session.prepare_request` would quote its URL and ask .netrc."""
    prepared = requests.PreparedRequest()
    defaults = cast("Mapping[str, str | None]", session.headers)  # None: the user does not want it sent
    prepared.headers = CaseInsensitiveDict({name: value for name, value in defaults.items() if value is not None})
    _describe(prepared, request, url)
    prepared.prepare_cookies(session.cookies)
    if session.auth:
        prepared.prepare_auth(session.auth, url)
    _describe(prepared, request, url)  # again, since cookies and auth set headers, and auth may change anything
    prepared.prepare_hooks(session.hooks)
    prepared.prepare_hooks({"response": _conceal})
    return prepared


def _describe(prepared: requests.PreparedRequest, request: HttpRequest, url: str) -> None:
    prepared.method, prepared.url, prepared.body = request.method, url, request.body or None
    prepared.headers.pop("Content-Length", None)
    prepared.headers["Host"] = parse_url(url).host
    if request.body or request.method in WITH_CONTENT:
        prepared.headers["Content-Length"] = str(len(request.body))
    prepared.headers.update(request.headers)


def _conceal(response: requests.Response, *_: Any, **__: Any) -> None:
    """The last hook hides where a redirect leads: `Session.send` would read its whole body and judge its Location."""
    if response.is_redirect:
        response.headers = CaseInsensitiveDict()


def _session() -> requests.Session:
    check_certificates()
    session = requests.Session()
    session.verify = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, ExactAdapter(pool_maxsize=_PER_HOST))
    return session
