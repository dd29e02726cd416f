"""What the SDK of OpenTelemetry has exported, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from restli_transports.events import OpenTelemetry


class Traces:
    """Providers for `OpenTelemetry`, and what it has given them."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meter_provider = MeterProvider([self._reader], shutdown_on_exit=False)
        self.tracer = self.tracer_provider.get_tracer("tests")

    def listener(self, **options: Any) -> OpenTelemetry:
        return OpenTelemetry(tracer_provider=self.tracer_provider, meter_provider=self.meter_provider, **options)

    @property
    def spans(self) -> list[ReadableSpan]:
        """All spans that have ended, in that order."""
        return [*self._exporter.get_finished_spans()]

    def children(self, parent: ReadableSpan | None) -> list[ReadableSpan]:
        """Return the spans below one, in the order in which they began; of None those at the top."""
        wanted = None if parent is None else id_of(parent)
        below = [span for span in self.spans if (span.parent.span_id if span.parent else None) == wanted]
        return sorted(below, key=lambda span: span.start_time or 0)

    def tree(self, parent: ReadableSpan | None = None) -> list[Any]:
        """Return the names of the spans below one, each in a pair with what is below it."""
        return [(span.name, self.tree(span)) for span in self.children(parent)]

    def the(self, name: str) -> ReadableSpan:
        """Return the one span of a name."""
        (span,) = [span for span in self.spans if span.name == name]
        return span

    def points(self) -> list[Any]:
        """Return the data points of the one histogram."""
        data: Any = self._reader.get_metrics_data()
        if data is None:
            return []
        (resource,) = data.resource_metrics
        (scope,) = resource.scope_metrics
        (metric,) = scope.metrics
        assert (metric.name, metric.unit) == ("http.client.request.duration", "s")
        return [*metric.data.data_points]


def id_of(span: ReadableSpan) -> int:
    context: Any = span.context
    return int(context.span_id)


def attributes_of(span: ReadableSpan) -> Mapping[str, Any]:
    return dict(span.attributes or {})
