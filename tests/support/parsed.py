"""Answers as a server sends them, read by a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from restli_core.calls import Call
from restli_core.errors import InvalidResponseError
from restli_core.messages import HttpResponse

__all__ = ["parsed", "unreadable"]


def parsed(made: Call[Any], document: Any, status: int = 200, headers: Any = ()) -> Any:
    """Return what the call reads of a body: bytes, or a document to be written as JSON."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return made.parse(HttpResponse(status, headers, body))


def unreadable(made: Call[Any], document: Any, **options: Any) -> InvalidResponseError:
    """Return the error of a call that cannot read this body."""
    with pytest.raises(InvalidResponseError) as caught:
        parsed(made, document, **options)
    return caught.value
