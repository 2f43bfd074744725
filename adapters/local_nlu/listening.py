"""What an utterance consists of, before anybody asks what it means: dialogue acts, values, and the rest."""

from collections.abc import Sequence

from adapters.local_nlu.clauses import Clause, clauses
from adapters.local_nlu.cues import read_clause
from adapters.local_nlu.learnt import Learnt
from adapters.local_nlu.particles import only_values
from adapters.local_nlu.segments import Part, part_of
from domain.dialogue.understanding import Cue, Expectation
from domain.slots.entity import Entity
from domain.values import Value


class Heard(Value, frozen=True):
    """The acts in order, the parts that say something else, and the clauses that ask to resume.

    `has_words` is False where the parts are values alone.
    """

    cues: tuple[Cue, ...]
    parts: tuple[Part, ...]
    resuming: tuple[Clause, ...] = ()
    has_words: bool = True

    @property
    def requests(self) -> tuple[Part, ...]:
        """The parts that are more than values."""
        return tuple(part for part in self.parts if not part.only_values)


def listen(text: str, values: Sequence[Entity], expectation: Expectation, learnt: Learnt) -> Heard:
    """Read each clause of a cleaned text as an act, as values, or as something to be recognised.

    Fillers (对了) fall away where there is anything else, also those that could be acts. Values alone ask for
    something themselves while nothing is open (北京到上海), and so do those that nothing open takes (改登录密码).
    """
    numbers, task = learnt.numbered(expectation.options), learnt.task(expectation)
    readings = tuple(
        (clause, read_clause(clause, expectation, numbers, learnt.slot_titles, task))
        for clause in clauses(text, values)
    )
    said = [(clause, reading) for clause, reading in readings if reading.has_content]
    firm = [pair for pair in said if not pair[1].is_filler]
    cues = tuple(cue for _, reading in readings if not (reading.is_filler and firm) for cue in reading.cues)
    kept = firm or ([] if cues else said)
    # What stands in one clause with an act is values (不是后天).
    bare = [bool(reading.cues) or only_values(clause.marked, learnt.slot_titles) for clause, reading in kept]
    is_busy = bool(expectation.intent or expectation.options)
    is_beside = bool(cues) or not all(bare)
    parts = tuple(
        part_of(clause, only_values=is_bare and (task.takes(clause.entities) if is_busy else is_beside))
        for (clause, _), is_bare in zip(kept, bare, strict=True)
    )
    resuming = (clause for clause, reading in readings if any(cue.kind == "resume" for cue in reading.cues))
    return Heard(cues, parts, tuple(resuming), has_words=not all(bare))
