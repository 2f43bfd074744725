"""A piece of work: how long it takes, and the span around it."""

from collections.abc import Mapping
from contextvars import Token
from time import perf_counter
from types import TracebackType
from typing import Self

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, StatusCode

TRACER = trace.get_tracer("huiyi")
"""Until a TracerProvider is set its spans are all the same one, which does nothing."""

Attribute = str | int | None


class Work:
    """Times and traces what is done in the `with` block; `seconds` are known after it.

    An error that leaves the block marks the span with its type only: its message may quote a user.
    """

    __slots__ = ("_attributes", "_began", "_name", "_outer", "_span", "seconds")

    def __init__(self, name: str, **attributes: Attribute) -> None:
        self._name = name
        self._attributes = attributes
        self._outer: Token[Context] | None = None
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._span: Span = TRACER.start_span(self._name)
        self.note(**self._attributes)
        if self._span.get_span_context().is_valid:
            self._outer = context.attach(trace.set_span_in_context(self._span))
        self._began = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_of: TracebackType | None
    ) -> None:
        self.seconds = perf_counter() - self._began
        if self._outer is not None:
            context.detach(self._outer)
        if kind is not None:
            self._span.set_attribute("error.type", kind.__qualname__)
            self._span.set_status(StatusCode.ERROR)
        self._span.end()

    @property
    def milliseconds(self) -> float:
        """The time as log lines tell it."""
        return round(self.seconds * 1000, 3)

    def note(self, **attributes: Attribute) -> None:
        """Say more about the work on its span; None says nothing."""
        if self._span.is_recording():
            self._span.set_attributes(_named(attributes))


def _named(attributes: Mapping[str, Attribute]) -> dict[str, str | int]:
    return {f"huiyi.{key}": value for key, value in attributes.items() if value is not None}
