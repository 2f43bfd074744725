"""What values mean that no word around them explains: as the frame explains them."""

from collections.abc import Iterator

import msgspec

from domain.dialogue.situation import Situation
from domain.dialogue.state import Frame
from domain.slots.checking import applies
from domain.slots.entity import Entity
from domain.slots.filling import takes


def explained(entities: tuple[Entity, ...], frame: Frame, situation: Situation) -> tuple[Entity, ...]:
    """The entities in their order, with what the frame adds.

    Of two values of a kind the first is rejected when a correction names it and the frame holds it (把上海改成深圳).
    A single one goes to the only slot in force among several that take its kind: a bare date is no return date of a
    one-way trip.
    """
    return tuple(_explained(entities, frame, situation))


def _explained(entities: tuple[Entity, ...], frame: Frame, situation: Situation) -> Iterator[Entity]:
    slots = situation.setting.catalogue.intent(frame.intent).slots
    is_correction = situation.heard.cue("correct") is not None
    for entity in entities:
        alike = [other for other in entities if other.kind == entity.kind and other.role is None]
        fitting = [name for name, slot in slots.items() if takes(slot, entity.kind)]
        in_force = [name for name in fitting if applies(slots[name], frame.slots)]
        held = [name for name in fitting if name in frame.slots and frame.slots[name].value == entity.value]
        if entity.negated or entity.role is not None or alike[0] is not entity:
            yield entity
        elif len(alike) == 2 and held and is_correction:
            yield msgspec.structs.replace(entity, negated=True)
        elif len(alike) == 1 and len(fitting) > 1 and len(in_force) == 1:
            yield msgspec.structs.replace(entity, role=in_force[0], role_confidence=1.0)
        else:
            yield entity
