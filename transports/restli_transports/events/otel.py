"""OpenTelemetry: a listener that makes spans and a metric of the events, by the stable conventions for HTTP clients.

    get /adAccounts/{id}      INTERNAL    restli.method, restli.resource, restli.name, error.type
    ├── GET                   CLIENT      http.request.method, server.address, server.port, url.full,
    │                                     http.response.status_code, error.type
    └── GET                   CLIENT      likewise, and http.request.resend_count
    http.client.request.duration          a histogram of the tries: the same without url.full and resend_count

The conventions: https://opentelemetry.io/docs/specs/semconv/http/ (stable since 1.23). What is only opt-in or in
development there, such as url.template and user_agent.original, is left out, and so is what a client does not know:
network.protocol.version. A span ends with the whole answer. `error.type` is the status of an answer that is an error,
or else the full name of the exception's class.

While a call is under way its span is the current one, and during a try that of the try: what a source of tokens or an
instrumented HTTP library does meanwhile hangs below it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from restli_core import InvalidCallError, __version__
from restli_transports.events.open_calls import OpenCall, OpenCalls
from restli_transports.events.values import (
    CallEnded,
    Event,
    RequestFailed,
    RequestSent,
    ResponseReceived,
    Retrying,
    Waiting,
)

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

    from restli_core.calls import Call
    from restli_core.messages import HttpRequest

__all__ = ["OpenTelemetry"]

SCHEMA: Final = "https://opentelemetry.io/schemas/1.23.0"

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Seconds: the boundaries that the conventions advise for the histogram."""

# RFC 9110 and RFC 5789, unless this variable of the conventions names others.
KNOWN_METHODS: Final = "CONNECT,DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT,TRACE"
KNOWN_METHODS_VARIABLE: Final = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"

_PORTS: Final = {"http": 80, "https": 443}


class OpenTelemetry:
    """A listener for ``on_event`` that traces and measures calls; it needs the extra ``otel``.

    One may serve any number of clients, threads and tasks.

    Args:
        propagate: whether requests carry the context of the trace in their headers traceparent and tracestate (W3C).
            The server then knows the id of your trace; LinkedIn makes nothing of it.
        tracer_provider: where spans go; by default the global one.
        meter_provider: where the histogram goes; by default the global one.

    Raises:
        ImportError: opentelemetry-api is not installed; names the extra.
        InvalidCallError: what is given is not a provider.
    """

    def __init__(
        self,
        *,
        propagate: bool = False,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        try:
            from opentelemetry import context, metrics, trace
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError as error:
            raise ImportError('OpenTelemetry needs opentelemetry-api: pip install "restli-core[otel]"') from error
        for name, given, method in (
            ("tracer_provider", tracer_provider, "get_tracer"),
            ("meter_provider", meter_provider, "get_meter"),
        ):
            if given is not None and not callable(getattr(given, method, None)):
                raise InvalidCallError(name, f"must have a method {method}, which {type(given).__name__} does not have")
        self._attach = context.attach
        self._current = context.get_current
        self._with_span = trace.set_span_in_context
        self._error = trace.Status(trace.StatusCode.ERROR)
        self._client = trace.SpanKind.CLIENT
        self._propagator = TraceContextTextMapPropagator() if propagate else None
        self._tracer = trace.get_tracer("restli_transports", __version__, tracer_provider, SCHEMA)
        self._duration = metrics.get_meter("restli_transports", __version__, meter_provider, SCHEMA).create_histogram(
            "http.client.request.duration",
            "s",
            "Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )
        self._takes: dict[type[Event], Callable[[Any], None]] = {
            RequestSent: self._request_sent,
            ResponseReceived: self._response_received,
            RequestFailed: self._request_failed,
            Retrying: self._retrying,
            Waiting: self._waiting,
            CallEnded: self._call_ended,
        }
        known = os.environ.get(KNOWN_METHODS_VARIABLE) or KNOWN_METHODS
        self._known_methods = frozenset(method.strip() for method in known.split(","))

    def __call__(self, event: Event) -> None:
        """Take notice of an event."""
        take = self._takes.get(type(event))
        if take is not None:
            take(event)

    def headers(self, call: Call[Any]) -> Mapping[str, str]:
        """Return the headers that name the span of the next try, where these were asked for."""
        carrier: dict[str, str] = {}
        if self._propagator is not None:
            traced = _OPEN.between_tries(self, call) or self._open(call)
            # The span begins here, since its id is among what is sent.
            self._begin_try(traced, call.request)
            self._propagator.inject(carrier, traced.context)
        return carrier

    # -- the events ----------------------------------------------------------------------------------------------------

    def _request_sent(self, event: RequestSent) -> None:
        traced = _OPEN.before_try(self, event.call, event.attempt) or self._open(event.call)
        span = self._begin_try(traced, event.request)
        if event.attempt > 1:
            span.set_attribute("http.request.resend_count", event.attempt - 1)
        traced.attempt = event.attempt
        traced.is_sending = True

    def _response_received(self, event: ResponseReceived) -> None:
        traced = _OPEN.of(self, event.call)
        if traced is not None:
            is_error = not 100 <= event.status < 400
            self._end_try(traced, str(event.status) if is_error else None, event.seconds, event.status)

    def _request_failed(self, event: RequestFailed) -> None:
        traced = _OPEN.of(self, event.call)
        if traced is not None:
            self._end_try(traced, _full_name(event.error), event.seconds)

    def _retrying(self, event: Retrying) -> None:
        traced = _OPEN.of(self, event.call)
        if traced is not None:
            said: dict[str, Any] = {"restli.wait": event.wait, "error.type": _full_name(event.error)}
            traced.span.add_event("restli.retrying", said)

    def _waiting(self, event: Waiting) -> None:
        traced = _OPEN.between_tries(self, event.call) or self._open(event.call)
        said: dict[str, Any] = {"restli.wait": event.seconds, "restli.limit": repr(event.limit)}
        traced.span.add_event("restli.waiting", said)

    def _call_ended(self, event: CallEnded) -> None:
        traced = _OPEN.of(self, event.call)
        if traced is None:  # it failed before anything else was told: without a token, say
            traced = self._open(event.call, time.time_ns() - int(event.seconds * 1e9))
        if traced.sent is not None:  # cancelled, say: nobody told how the try ended
            cause = None if event.error is None else _full_name(event.error)
            self._end_try(traced, cause, time.perf_counter() - traced.sent.began)
        if event.error is not None:
            traced.span.set_status(self._error)
            traced.span.set_attribute("error.type", _full_name(event.error))
        traced.span.end()
        above = _OPEN.remove(traced)
        if above is None:
            self._attach(traced.outside)
        else:  # another listener's, which is told later, and puts the context back
            above.outside = traced.outside

    # -- spans ---------------------------------------------------------------------------------------------------------

    def _open(self, call: Call[Any], began: int | None = None) -> _TracedCall:
        """Begin the span of a call, and make it the current one.

        Args:
            call: the call.
            began: when, in nanoseconds since 1970; None for now.
        """
        attributes = {"restli.method": call.method}
        if call.resource_path:
            attributes["restli.resource"] = call.resource_path
        if call.name is not None:
            attributes["restli.name"] = call.name
        name = f"{call.method} {call.resource_path}".rstrip()
        span = self._tracer.start_span(name, attributes=attributes, start_time=began)
        outside = self._current()
        traced = _TracedCall(self, call, span, outside, self._with_span(span, outside))
        _OPEN.push(traced)
        self._attach(traced.context)
        return traced

    def _begin_try(self, traced: _TracedCall, request: HttpRequest) -> Span:
        """Begin the span of a try, if it has not begun, and return it."""
        if traced.sent is None:
            attributes = self._attributes_of(request)
            method = attributes["http.request.method"]
            span = self._tracer.start_span(
                "HTTP" if method == "_OTHER" else method,
                traced.inside,
                self._client,
                {**attributes, **self._more_of(request)},
            )
            traced.sent = _SentTry(span, attributes)
            self._move(traced, self._with_span(span, traced.inside))
        return traced.sent.span

    def _end_try(self, traced: _TracedCall, error_type: str | None, seconds: float, status: int | None = None) -> None:
        """End the span of a try, and add its time to the histogram.

        Args:
            traced: the call.
            error_type: what kind of error the try ended with; None for none.
            seconds: how long it took.
            status: the status of the answer; None where there was none.
        """
        sent, was_sent = traced.sent, traced.is_sending
        traced.sent, traced.is_sending = None, False
        if sent is None:
            return
        result: dict[str, Any] = {}
        if status is not None:
            result["http.response.status_code"] = status
        if error_type is not None:
            result["error.type"] = error_type
            sent.span.set_status(self._error)
        sent.span.set_attributes(result)
        sent.span.end()
        if was_sent:
            self._duration.record(seconds, {**sent.attributes, **result}, self._with_span(sent.span, traced.inside))
        self._move(traced, traced.inside)

    def _move(self, traced: _TracedCall, context: Context) -> None:
        """Note the context of a call, and make it the current one where no other call is open above it."""
        traced.context = context
        if _OPEN.is_innermost(traced):
            self._attach(context)

    def _attributes_of(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the span of a try and the histogram both say of a request."""
        address, port = _server(request.url)
        method = request.method if request.method in self._known_methods else "_OTHER"
        return {"http.request.method": method, "server.address": address, "server.port": port}

    def _more_of(self, request: HttpRequest) -> dict[str, Any]:
        """Return what only the span says, since it may have any number of values."""
        # The request line is redacted; in its URL "…" stands for each value of the query, and for nothing else.
        url = request.line.partition(" ")[2].replace("…", "REDACTED")
        if request.method in self._known_methods:
            return {"url.full": url}
        return {"url.full": url, "http.request.method_original": request.method}


class _SentTry:
    """A try on its way.

    Args:
        span: its span.
        attributes: what the histogram says of it.
    """

    __slots__ = ("attributes", "began", "span")

    def __init__(self, span: Span, attributes: Mapping[str, Any]) -> None:
        self.span = span
        self.attributes = attributes
        self.began = time.perf_counter()


class _TracedCall(OpenCall):
    """A call with its spans.

    Args:
        owner: the listener.
        call: the call.
        span: the call's own span.
        outside: the context that the call was sent in.
        inside: the same with the call's span.

    Attributes:
        sent: the try on its way; None between tries.
        context: the context of the moment: with the span of the try, or with the call's.
    """

    __slots__ = ("context", "inside", "outside", "sent", "span")

    def __init__(self, owner: object, call: Call[Any], span: Span, outside: Context, inside: Context) -> None:
        super().__init__(owner, call)
        self.span = span
        self.outside = outside
        self.inside = self.context = inside
        self.sent: _SentTry | None = None


_OPEN: Final[OpenCalls[_TracedCall]] = OpenCalls("restli_transports.events.otel")


def _server(url: str) -> tuple[str, int]:
    """Return the host of a URL, and its port; an empty one and 0 where it has none, and so cannot be sent."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0


def _full_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
