"""The metrics: each has a closed set of labels, so that their number is bounded whatever users say."""

from collections.abc import Iterable
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.registry import Collector

from domain.dialogue.reply import Reply

KnowledgeOutcome = Literal["answered", "none", "unavailable"]

UNMATCHED: Final = "unmatched"
"""The route of requests to addresses where nothing is."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_SECONDS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip


class Metrics:
    """Counters and histograms in a registry of their own. No method fails or blocks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("http_requests", "HTTP requests answered.", "method", "route", "status")
        self._request_seconds = self._histogram("http_request", "From a request to the end of its answer.", "route")
        self._turns = self._counter("huiyi_turns", "Turns, by who decided and how they went.", "tier", "status")
        self._turn_seconds = self._histogram("huiyi_turn", "From a message to its saved reply.", "tier")
        self._intents = self._counter("huiyi_intents", "Turns about an intent.", "intent")
        self._turn_errors = self._counter("huiyi_turn_errors", "Messages refused or failed.", "code")
        self._functions = self._counter("huiyi_functions", "Function calls by outcome.", "function", "outcome")
        self._function_seconds = self._histogram("huiyi_function", "A function call with all its tries.", "function")
        self._knowledge = self._counter("huiyi_knowledge", "Questions put to the knowledge base.", "outcome")
        self._stage_seconds = self._histogram("huiyi_stage", "One stage of understanding and answering.", "stage")
        self._degraded = self._counter("huiyi_degraded", "Times a part could not help.", "part")
        self._failures = self._counter("huiyi_failures", "Failures that nobody expected.")

    def request(self, method: str, route: str, status: str, seconds: float) -> None:
        """A request was answered; `route` is a path template, or `UNMATCHED`."""
        self._requests.labels(method if method in _METHODS else "other", route, status).inc()
        self._request_seconds.labels(route).observe(seconds)

    def turn(self, reply: Reply, seconds: float) -> None:
        """A turn got its reply."""
        self._turns.labels(reply.tier, reply.status).inc()
        self._turn_seconds.labels(reply.tier).observe(seconds)
        if reply.intent is not None:
            self._intents.labels(reply.intent).inc()

    def turn_error(self, code: str) -> None:
        """A message was refused or failed, with an error of the core."""
        self._turn_errors.labels(code).inc()

    def function(self, name: str, outcome: str, seconds: float) -> None:
        """A function was called."""
        self._functions.labels(name, outcome).inc()
        self._function_seconds.labels(name).observe(seconds)

    def knowledge(self, outcome: KnowledgeOutcome) -> None:
        """The knowledge base was asked."""
        self._knowledge.labels(outcome).inc()

    def stage(self, name: str, seconds: float) -> None:
        """A stage has done its work, or failed to."""
        self._stage_seconds.labels(name).observe(seconds)

    def degraded(self, part: str) -> None:
        """A part could not help."""
        self._degraded.labels(part).inc()

    def failure(self) -> None:
        """Something failed that nobody expected to."""
        self._failures.inc()

    def exposition(self) -> bytes:
        """Everything so far, in Prometheus' text format 0.0.4."""
        return generate_latest(_WithoutBeginnings(self.registry))

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"{name}_total", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(f"{name}_duration_seconds", what, labels, buckets=_SECONDS, registry=self.registry)


class _WithoutBeginnings(Collector):
    """A registry without the instants at which each series began, which nobody of this format's readers uses."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
