"""Events: what a client tells its listeners of, and the listeners that come with it; docs/observability.md shows them.

def listener(event): print(event)
client = RestliClient(on_event=[listener, OpenTelemetry()])
"""

from importlib import import_module
from typing import TYPE_CHECKING

from restli_transports.events.listeners import HeaderListener, Listener, OnEvent
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

if TYPE_CHECKING:
    from restli_transports.events.otel import OpenTelemetry

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

# For type checkers a module with this function has every name.
if not TYPE_CHECKING:  # pragma: no branch - no program that runs is a type checker

    def __getattr__(name: str) -> object:
        """Return what few programs use, and is imported where it is used (PEP 562)."""
        if name not in {"OpenTelemetry", "otel"}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        otel = import_module(f"{__name__}.otel")
        return otel if name == "otel" else otel.OpenTelemetry

    def __dir__() -> list[str]:
        return sorted({*globals(), "OpenTelemetry", "otel"})
