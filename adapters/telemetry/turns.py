"""Turns, observed."""

from adapters.telemetry.log import log, whatever_the_sink
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.work import Work
from application.handle_turn import HandleTurn, TurnReply, TurnRequest
from application.progress import UNSEEN, Progress
from domain.errors import HuiyiError, PartUnavailable


class ObservedTurns:
    """Counts, times, traces and logs each turn, without a word of what was said.

    The stored reply to a message that came again is logged as such; it is no turn of its own and not counted.
    """

    def __init__(self, inner: HandleTurn, *, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def __call__(self, request: TurnRequest, *, progress: Progress = UNSEEN) -> TurnReply:
        """The inner reply. An error of the core is counted by its code and goes on its way."""
        work = Work("turn")
        try:
            with work:
                answer = await self._inner(request, progress=progress)
                work.note(**_facts(answer))
        except HuiyiError as error:
            self._failed(error, work)
            raise
        self._answered(answer, work)
        return answer

    def _answered(self, answer: TurnReply, work: Work) -> None:
        if not answer.repeated:
            self._metrics.turn(answer.reply, work.seconds)
        with whatever_the_sink():
            log().info("turn", **_facts(answer), repeated=answer.repeated, ms=work.milliseconds)

    def _failed(self, error: HuiyiError, work: Work) -> None:
        self._metrics.turn_error(error.code)
        part = error.part if isinstance(error, PartUnavailable) else None
        with whatever_the_sink():
            tell = log().warning if error.retryable else log().info
            tell("turn_failed", code=error.code, error=type(error).__name__, part=part, ms=work.milliseconds)


def _facts(answer: TurnReply) -> dict[str, str | int | None]:
    """What readers of logs and traces may know of a turn."""
    return {
        "session_id": answer.session_id,
        "turn": answer.turn,
        "intent": answer.reply.intent,
        "tier": answer.reply.tier,
        "status": answer.reply.status,
        "catalogue_version": answer.catalogue_version,
    }
