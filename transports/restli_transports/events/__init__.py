"""Events: what a client tells its listeners of, and the listeners that come with it; docs/observability.md shows them.

def listener(event): print(event)
client = RestliClient(on_event=[listener, OpenTelemetry()])
"""

from restli_transports.events.listeners import HeaderListener, Listener, OnEvent
from restli_transports.events.otel import OpenTelemetry
from restli_transports.events.values import (
    CallEnded,
    Event,
    RequestFailed,
    RequestSent,
    ResponseReceived,
    Retrying,
    TokenReplaced,
    VersionEnding,
    Waiting,
)

__all__ = [
    "CallEnded",
    "Event",
    "HeaderListener",
    "Listener",
    "OnEvent",
    "OpenTelemetry",
    "RequestFailed",
    "RequestSent",
    "ResponseReceived",
    "Retrying",
    "TokenReplaced",
    "VersionEnding",
    "Waiting",
]
