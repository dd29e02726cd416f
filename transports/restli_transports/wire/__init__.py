"""What a transport is made of, public, for transports of your own.

| module | what |
|---|---|
| `exchange` | `Exchange`: one request on its way, its `Phase`, and which error a failure is |
| `deadline` | `Deadline`: what is left of its time, for which limit |
| `urls` | `parse_url`: where a URL leads, and what of it goes onto the wire |
| `body` | `Body`: decodes the content of an answer piece by piece, within a limit |
| `tls`, `proxies` | the certificates and the proxies that the environment names |
| `environment` | its variables, and the warning for one that cannot be read |
| `strict_response` | `StrictResponse`: answers of http.client, held to what HTTP/1.1 allows |
| `urllib3_connections` | connections of urllib3 that carry an exchange |
| `plain_heads` | heads of answers as almost all are, taken apart by one expression |
| `late_natives` | responses whose `native` is made when it is asked for |
| `within` | `Within`: a wait under asyncio or trio with a limit |
| `early_answers`, `async_early_answers` | sending while the connection is watched for an answer |
| `readiness` | `has_input`: whether a socket has something to read |
| `linear_h11` | expressions of h11 that need no more time than their lines have bytes; `awaiting_answer` |
| `limiter` | `ConnectionLimiter`: how many connections calls may have at once |
| `library_errors` | `conceal`: errors of libraries, without the secrets of the request |
| `library_logs` | `hide_urls`: logs of libraries, without the URLs of requests that hide theirs |
| `forks` | `on_fork`: what a child process begins anew |

A module belongs here once two transports need it. Those that are imported by their own names load a library
(http.client, urllib3, h11, anyio) or serve few; the others load none. Importing the package imports no module of it:
each is imported when a name of it is asked for, since the clients need no more of it than `urls` and `forks`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from restli_transports.transport import WITH_CONTENT
    from restli_transports.wire.body import DEFAULT_MAX_BODY, MAX_HEAD, Body, UnreadableError, can_decode, limited
    from restli_transports.wire.deadline import Deadline, Limit, connect_first
    from restli_transports.wire.exchange import (
        Exchange,
        Failures,
        Phase,
        carrying,
        current_exchange,
        current_target,
    )
    from restli_transports.wire.proxies import Proxies, Proxy, environment_proxies
    from restli_transports.wire.tls import strict_context, verifying_context
    from restli_transports.wire.urls import Origin, ParsedUrl, parse_url

__all__ = [
    "DEFAULT_MAX_BODY",
    "MAX_HEAD",
    "WITH_CONTENT",
    "Body",
    "Deadline",
    "Exchange",
    "Failures",
    "Limit",
    "Origin",
    "ParsedUrl",
    "Phase",
    "Proxies",
    "Proxy",
    "UnreadableError",
    "can_decode",
    "carrying",
    "connect_first",
    "current_exchange",
    "current_target",
    "environment_proxies",
    "limited",
    "parse_url",
    "strict_context",
    "verifying_context",
]

# Where each name is.
_NAMES: Final = {
    "body": ("DEFAULT_MAX_BODY", "MAX_HEAD", "Body", "UnreadableError", "can_decode", "limited"),
    "deadline": ("Deadline", "Limit", "connect_first"),
    "exchange": ("Exchange", "Failures", "Phase", "carrying", "current_exchange", "current_target"),
    "proxies": ("Proxies", "Proxy", "environment_proxies"),
    "tls": ("strict_context", "verifying_context"),
    "urls": ("Origin", "ParsedUrl", "parse_url"),
}
_PLACES: Final = {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}
_PLACES["WITH_CONTENT"] = "restli_transports.transport"
# What a name is in, and what that imports: attributes, too, whatever was asked for before.
_MODULES: Final = {*_NAMES, "early_answers", "environment", "library_errors"}

# For type checkers a module with this function has every name.
if not TYPE_CHECKING:  # pragma: no branch - no program that runs is a type checker

    def __getattr__(name: str) -> object:
        """Return a name of one of the modules, which is imported now (PEP 562)."""
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name in _PLACES:
            found = globals()[name] = getattr(import_module(_PLACES[name]), name)
            return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *_PLACES, *_MODULES})
