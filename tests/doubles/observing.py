"""What logs, metrics and traces hold after something was done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs
from structlog.typing import EventDict

from adapters.telemetry import work
from adapters.telemetry.metrics import Metrics


@dataclass
class Observer:
    """Reads everything that can be observed."""

    metrics: Metrics = field(default_factory=Metrics)
    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    lines: Sequence[EventDict] = ()

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        """The spans that ended, by name."""
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def count(self, name: str, **labels: str) -> float:
        """The value of one series; 0 where there is none yet."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0

    def everything(self) -> str:
        """Each log line, each series and each span as whoever reads them sees them."""
        spans = [str(span.to_json()) for span in self.exporter.get_finished_spans()]
        return "\n".join([*map(repr, self.lines), self.metrics.exposition().decode(), *spans])


@contextmanager
def observing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Observer]:
    """Traces of its own, not the process's: those can be set up once only."""
    observer = Observer()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(observer.exporter))
    monkeypatch.setattr(work, "TRACER", provider.get_tracer("test"))
    with capture_logs() as observer.lines:
        yield observer
    provider.shutdown()
