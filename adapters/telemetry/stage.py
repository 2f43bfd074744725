"""A stage of understanding or answering, observed."""

from types import TracebackType
from typing import TypeVar

from adapters.telemetry.metrics import Metrics
from adapters.telemetry.work import Work
from domain.values import Unavailable

T = TypeVar("T")


class Stage(Work):
    """Work whose time counts as the stage's, however it ends."""

    __slots__ = ("_metrics", "_stage")

    def __init__(self, name: str, metrics: Metrics) -> None:
        super().__init__(name)
        self._stage = name
        self._metrics = metrics

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_of: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace_of)
        self._metrics.stage(self._stage, self.seconds)

    def checked(self, answer: T | Unavailable) -> T | Unavailable:
        """The answer. Counts a part that could not help; one that is not configured is not expected to."""
        if isinstance(answer, Unavailable):
            self.note(unavailable=answer.code)
            if answer.code != "not_configured":
                self._metrics.degraded(self._stage)
        return answer
