"""What a transport is made of: its limits, URLs, bodies, TLS and proxies. Public, for transports of your own.

Nothing here imports an HTTP library but `urllib3_connections`, and `limiter`, which needs anyio; these two are imported
by their own names.
"""

from restli_transports.wire.body import DEFAULT_MAX_BODY, Body, UnreadableError, can_decode, limited
from restli_transports.wire.exchange import Exchange, Failures, carrying, connect_first, current_exchange
from restli_transports.wire.proxies import proxies
from restli_transports.wire.strict_response import MAX_HEAD, StrictResponse
from restli_transports.wire.tls import check_certificates, strict_context, verifying_context
from restli_transports.wire.urls import Origin, ParsedUrl, parse_url

__all__ = [
    "DEFAULT_MAX_BODY",
    "MAX_HEAD",
    "Body",
    "Exchange",
    "Failures",
    "Origin",
    "ParsedUrl",
    "StrictResponse",
    "UnreadableError",
    "can_decode",
    "carrying",
    "check_certificates",
    "connect_first",
    "current_exchange",
    "limited",
    "parse_url",
    "proxies",
    "strict_context",
    "verifying_context",
]
