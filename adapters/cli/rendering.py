"""How things look at the terminal: decorated for a person, plain lines for a pipe."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.cli.conversing import ShownCandidate, ShownEntity, ShownReasons, ShownSegment, ShownSlot, ShownTurn
from adapters.cli.plain_text import harmless
from adapters.cli.wording import Wording

PIPE_COLUMNS = 200
"""Tables in a pipe are not folded to the width of a terminal that is not there."""


def console() -> Console:
    """Standard output as it is now."""
    out = Console()
    return out if out.is_terminal else Console(width=PIPE_COLUMNS)


class View:
    """Shows a conversation."""

    def __init__(self, out: Console, wording: Wording) -> None:
        self._out = out
        self._wording = wording

    def note(self, text: str) -> None:
        """Something the terminal says itself."""
        self._line(text, "dim")

    def help(self) -> None:
        """The commands of the conversation."""
        self._rows(self._wording.commands)

    def answer(self, turn: ShownTurn) -> None:
        """The reply, and in a faint line what was made of the message."""
        self._line(turn.response, "bold")
        self._line(f"  {' · '.join(self._made(turn))}", "dim")

    def slots(self, turn: ShownTurn) -> None:
        """The slots after a turn, filled ones and missing ones."""
        if not turn.slots and not turn.missing_slots:
            self.note(self._wording.no_slots)
            return
        table = Table(*self._wording.slot_columns)
        for name, slot in turn.slots.items():
            table.add_row(*(Text(harmless(cell)) for cell in self._slot(name, slot)))
        for name in turn.missing_slots:
            table.add_row(Text(harmless(name)), Text(self._wording.missing, style="yellow"))
        self._out.print(table)

    def why(self, reasons: ShownReasons) -> None:
        """What stood behind an answer."""
        words = self._wording
        rows = [
            (words.turn, f"{reasons.turn}  {reasons.input}"),
            (words.rule, reasons.rule),
            (words.tier, reasons.tier),
        ]
        for segment in reasons.segments:
            rows.extend(self._segment(segment))
        for cue in reasons.cues:
            number = "" if cue.number is None else f" {cue.number}"
            rows.append((words.cue, f"{cue.kind}{number}  {cue.text}"))
        if reasons.is_question:
            rows.append((words.question, words.yes))
        rows.extend((words.evidence, f"{evidence.stage}: {evidence.detail}") for evidence in reasons.evidence)
        rows.extend((words.degraded, part) for part in reasons.degraded)
        self._rows(rows)

    def _made(self, turn: ShownTurn) -> Iterable[str]:
        yield "-" if turn.intent is None else f"{turn.intent} {turn.confidence:.2f}"
        yield turn.tier
        yield turn.status
        if turn.slots:
            yield ", ".join(f"{name}={slot.value}" for name, slot in turn.slots.items())
        if turn.missing_slots:
            yield f"{self._wording.missing} {', '.join(turn.missing_slots)}"
        yield f"{turn.processing_time_ms:.0f} ms"

    def _slot(self, name: str, slot: ShownSlot) -> tuple[str, ...]:
        held = (slot.is_validated, slot.is_confirmed)
        valid, confirmed = (self._wording.yes if check else self._wording.no for check in held)
        confidence = f"{slot.confidence:.2f}"
        return name, str(slot.value), slot.original_text, confidence, slot.source, f"{valid}/{confirmed}"

    def _segment(self, segment: ShownSegment) -> Iterable[tuple[str, str]]:
        words = self._wording
        yield words.part, segment.text
        if segment.candidates:
            yield words.candidates, ", ".join(_candidate(candidate) for candidate in segment.candidates)
        if segment.ambiguity:
            yield words.ambiguity, segment.ambiguity
        for entity in segment.entities:
            yield words.entity, self._entity(entity)

    def _entity(self, entity: ShownEntity) -> str:
        marks = [entity.source, f"{entity.confidence:.2f}"]
        if entity.negated:
            marks.append(self._wording.negated)
        if not entity.valid:
            marks.append(self._wording.invalid)
        role = f" -> {entity.role}" if entity.role else ""
        span = f"[{entity.start}:{entity.end}]"
        return f"{entity.text} {span} {entity.kind}={entity.value} ({', '.join(marks)}){role}"

    def _rows(self, rows: Iterable[tuple[str, str]]) -> None:
        rows = tuple(rows)
        width = max(cell_len(label) for label, _ in rows)
        for label, content in rows:
            # Chinese characters are two cells wide, which str.ljust does not know.
            padding = " " * (width - cell_len(label) + 2)
            line = Text.assemble("  ", (label, "cyan"), padding, harmless(content))
            self._out.print(line, soft_wrap=not self._out.is_terminal)

    def _line(self, text: str, style: str) -> None:
        # A pipe gets whole lines: folding is for windows.
        self._out.print(Text(harmless(text), style=style), soft_wrap=not self._out.is_terminal)


def _candidate(candidate: ShownCandidate) -> str:
    threshold = "" if candidate.threshold is None else f" (>= {candidate.threshold:.2f})"
    return f"{candidate.intent} {candidate.confidence:.2f}{threshold}"
