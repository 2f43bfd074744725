"""What an utterance consists of, before anybody asks what it means: dialogue acts, values, and the rest."""

from collections.abc import Sequence

import msgspec

from adapters.local_nlu.clauses import Clause, clauses
from adapters.local_nlu.cues import Reading, read_clause
from adapters.local_nlu.learnt import Learnt
from adapters.local_nlu.particles import only_values
from adapters.local_nlu.segments import Part, part_of
from domain.dialogue.understanding import Cue, Expectation
from domain.slots.entity import Entity
from domain.values import Value


class Heard(Value, frozen=True):
    """The acts in order, the parts that say something else, and the clauses that ask to resume."""

    cues: tuple[Cue, ...]
    parts: tuple[Part, ...]
    resuming: tuple[Clause, ...] = ()

    @property
    def requests(self) -> tuple[Part, ...]:
        """The parts that are more than values."""
        return tuple(part for part in self.parts if not part.only_values)


def listen(text: str, values: Sequence[Entity], expectation: Expectation, learnt: Learnt) -> Heard:
    """Read each clause of a cleaned text as an act, as values, or as something to be recognised.

    Fillers (对了) fall away where there is anything else, also those that could be acts. Values alone ask for
    something themselves while nothing is open (北京到上海).
    """
    numbers = learnt.numbered(expectation.options)
    readings = tuple(
        (clause, read_clause(clause, expectation, numbers, learnt.slot_titles)) for clause in clauses(text, values)
    )
    said = [(clause, reading) for clause, reading in readings if reading.has_content]
    firm = [pair for pair in said if not pair[1].is_filler]
    cues = tuple(cue for _, reading in readings if not (reading.is_filler and firm) for cue in reading.cues)
    parts = tuple(_part(clause, reading, learnt) for clause, reading in (firm or ([] if cues else said)))
    if not (cues or expectation.intent or expectation.options) and all(part.only_values for part in parts):
        parts = tuple(msgspec.structs.replace(part, only_values=False) for part in parts)
    resuming = (clause for clause, reading in readings if any(cue.kind == "resume" for cue in reading.cues))
    return Heard(cues, parts, tuple(resuming))


def _part(clause: Clause, reading: Reading, learnt: Learnt) -> Part:
    """What stands in one clause with an act is values (不是后天)."""
    return part_of(clause, only_values=bool(reading.cues) or only_values(clause.marked, learnt.slot_titles))
