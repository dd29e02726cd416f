"""Programs that call LinkedIn, as their authors run them, against a server on loopback: its hosts lead there.

What a program writes is left as it is. The ways out that such programs take, requests, httpx and our default transport,
carry each request for one of LinkedIn's hosts to the server, and refuse any other host.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter

from restli_core import HttpRequest, HttpResponse
from restli_transports import Timeout
from restli_transports.testing import RestliServer
from restli_transports.urllib3 import Urllib3Transport

__all__ = ["redirect"]


def redirect(monkeypatch: pytest.MonkeyPatch, server: RestliServer) -> None:
    """Have what is for LinkedIn's hosts sent to this server: its API's path is the server's, OAuth's beside it."""
    parts = urlsplit(server.base_url)
    origin = f"{parts.scheme}://{parts.netloc}"

    def there(url: str) -> str:
        for host in ("https://api.linkedin.com/", "https://www.linkedin.com/"):
            if url.startswith(host):
                return f"{origin}/{url.removeprefix(host)}"
        raise AssertionError(f"{url} is not one of LinkedIn's")

    send_by_requests = HTTPAdapter.send
    send_by_httpx = httpx.HTTPTransport.handle_request
    send_by_urllib3 = Urllib3Transport.send

    def by_requests(
        adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        assert request.url is not None
        request.url = there(request.url)
        return send_by_requests(adapter, request, *args, **options)

    def by_urllib3(transport: Urllib3Transport, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        moved = HttpRequest(request.method, there(request.url), request.headers, request.body)
        return send_by_urllib3(transport, moved, timeout=timeout)

    def by_httpx(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path  # as it is, whatever its URL would make of it
        request.url = httpx.URL(there(str(request.url))).copy_with(raw_path=target)
        return send_by_httpx(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", by_httpx)
    monkeypatch.setattr(HTTPAdapter, "send", by_requests)
    monkeypatch.setattr(Urllib3Transport, "send", by_urllib3)
