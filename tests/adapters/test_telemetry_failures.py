"""What is written down of failures that nobody expected, and that writing never makes things worse."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from adapters.http.errors import FailureLog
from adapters.telemetry.failures import StructlogFailureLog
from adapters.telemetry.functions import ObservedFunctions
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.turns import ObservedTurns
from application.handle_turn import TurnRequest
from domain.dialogue.invocation import Unknown
from domain.errors import ConversationBusy
from domain.names import UserId
from tests.doubles.observing import Observer, observing
from tests.doubles.scripted_parts import FUNCTION, INVOCATION, ScriptedFunctions
from tests.doubles.scripted_turns import ScriptedTurns, replied

ROOT = Path(__file__).parents[2]
REQUEST = TurnRequest(user_id=UserId("u1"), text="订机票")


@pytest.fixture
def observer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Observer]:
    with observing(monkeypatch) as observer:
        yield observer


def fail(text: str) -> None:
    try:
        int(text)
    except ValueError as error:
        raise RuntimeError("the number " + text + " is none") from error


def raised(text: str) -> Exception:
    """An error with a cause and a traceback, whose messages hold the text."""
    with pytest.raises(RuntimeError) as caught:
        fail(text)
    return caught.value


def written(log: FailureLog, error: Exception, *, method: str = "POST", path: str = "/api/v1/chat/interact") -> None:
    log(error, request_id="req-7f3a", method=method, path=path)


def test_a_failure_is_counted_and_logged_with_its_traceback(observer: Observer) -> None:
    written(StructlogFailureLog(metrics=observer.metrics), raised("六二二二"))
    (line,) = observer.lines
    trace = line.pop("exception")
    assert line == {
        "event": "failure", "log_level": "error", "error": "RuntimeError", "request_id": "req-7f3a",
        "method": "POST", "path": "/api/v1/chat/interact",
    }  # fmt: skip
    assert trace.startswith("builtins.RuntimeError\n")
    assert "caused by builtins.ValueError\n" in trace
    assert trace.count("in fail\n") == 2
    assert observer.count("huiyi_failures_total") == 1


def test_the_fixed_part_of_a_message_is_in_the_source_line_and_the_rest_is_nowhere(observer: Observer) -> None:
    written(StructlogFailureLog(metrics=observer.metrics), raised("六二二二"))
    assert '"the number "' in observer.lines[0]["exception"]
    assert "六二二二" not in observer.everything()


def test_a_cause_that_was_hidden_on_purpose_stays_hidden(observer: Observer) -> None:
    try:
        try:
            int("x")
        except ValueError:
            raise RuntimeError("no") from None
    except RuntimeError as error:
        written(StructlogFailureLog(metrics=observer.metrics), error)
    assert "ValueError" not in observer.lines[0]["exception"]


def test_errors_that_cause_each_other_and_deep_ones_are_told_in_part(observer: Observer) -> None:
    def deeper(depth: int) -> None:
        if depth == 0:
            raise LookupError
        deeper(depth - 1)

    with pytest.raises(LookupError) as caught:
        deeper(500)
    one, other = caught.value, ValueError()
    one.__cause__, other.__cause__ = other, one
    written(StructlogFailureLog(metrics=observer.metrics), one)
    assert len(observer.lines[0]["exception"]) < 20_000


def test_an_address_cannot_forge_a_line(observer: Observer) -> None:
    written(
        StructlogFailureLog(metrics=observer.metrics), KeyError(), method="G\nET", path="/x\n2026 level=info \ud800"
    )
    line = observer.lines[0]
    assert (line["method"], line["path"]) == ("G\\nET", "/x\\n2026 level=info \\ud800")


@pytest.fixture
def broken_sink() -> Iterator[None]:
    """Logs go to a file that is closed."""
    sink = io.StringIO()
    sink.close()
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sink), cache_logger_on_first_use=False)
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("broken_sink")
async def test_a_log_out_of_order_disturbs_nobody() -> None:
    metrics = Metrics()
    written(StructlogFailureLog(metrics=metrics), KeyError())
    assert await ObservedTurns(ScriptedTurns(), metrics=metrics)(REQUEST) == replied()
    with pytest.raises(ConversationBusy):
        await ObservedTurns(ScriptedTurns(ConversationBusy("busy")), metrics=metrics)(REQUEST)
    functions = ObservedFunctions(ScriptedFunctions(Unknown()), metrics=metrics)
    assert await functions.invoke(INVOCATION, FUNCTION, deadline=1.0) == Unknown()
    assert b"huiyi_failures_total 1.0" in metrics.exposition()


STARTING_LATE = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from adapters.telemetry.work import Work

with Work("before", number=1):
    pass
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
with Work("after", number=2):
    pass
print([(span.name, dict(span.attributes)) for span in exporter.get_finished_spans()])
"""


def test_spans_are_recorded_from_the_moment_a_provider_is_set() -> None:
    command = [sys.executable, "-c", STARTING_LATE]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (run.stdout.strip(), run.stderr) == ("[('after', {'huiyi.number': 2})]", "")
