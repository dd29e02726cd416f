"""Requests to a server, and resources of each kind that it may have."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from restli_core.messages import HttpRequest
from restli_core.server import Refusal, read

VERSION = {"X-RestLi-Protocol-Version": "2.0.0"}
ACCOUNTS = "/adAccounts/{id:long}"
POSTS = "/posts/{id}"
CONVERSIONS = "/conversions/{id:complex}"
ASSOCIATION = "/associations/{pair:association(src,dest)}"


def asked(method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> HttpRequest:
    """Return a request in protocol 2.0.0."""
    return HttpRequest(method, url, {**VERSION, **(headers or {})}, body)


def refusal(request: HttpRequest, *resources: str, base_path: str = "") -> Refusal:
    """Return what `read` raises for a request; it must raise it."""
    with pytest.raises(Refusal) as refused:
        read(request, resources or None, base_path=base_path)
    return refused.value
