"""The fourteen functions, answered by handlers in memory, without a client or a transport."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from restli_transports.testing.handlers import Handlers

ACCOUNTS = "/adAccounts/{id:long}"
POSTS = "/posts/{id}"
BASE = "https://h/rest"


class Asking:
    """Makes calls, has the handlers answer them, and parses the answers."""

    def __init__(self, handlers: Handlers) -> None:
        self.handlers = handlers

    def __call__(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        call = function(*args, base_url=BASE, **options)
        return call.parse(self.handlers.answer(call.request, base_path="/rest"))


def at(key: Any) -> dict[str, Any]:
    """Return the option that names one entity."""
    return {"path_keys": {"id": key}}
