"""Requests as a person would paste them."""

from __future__ import annotations

import re

from restli_core.messages import HttpRequest


def as_text(request: HttpRequest) -> str:
    """Return a request as RFC 9112 has it, with the body as text."""
    fields = "".join(f"{name}: {value}\n" for name, value in request.headers.raw)
    return f"{request.method} {request.url} HTTP/1.1\n{fields}\n{request.body.decode('utf-8', 'replace')}"


def prefix_of(url: str) -> str:
    """Return LinkedIn's prefix that a URL's path begins with; empty where there is none."""
    found = re.match(r"(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?]*)?(/(?:rest|v2))(?=[/?]|\Z)", url)
    return found[1] if found else ""
