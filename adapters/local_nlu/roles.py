"""Which slot the words around a value point to."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from adapters.local_nlu.classifier import fit, softmax
from adapters.local_nlu.features import Matrix
from adapters.local_nlu.naming import named
from adapters.local_nlu.role_features import features, meant_by
from adapters.local_nlu.spans import Span, cover
from domain.intents.annotated import read_example
from domain.intents.catalogue import Catalogue
from domain.names import EntityName, IntentName, SlotName
from domain.slots.entity import Entity
from domain.slots.filling import takes

_REACH = 40
_STRENGTH = 5.0
_STEPS = 40
_NAMED_WEIGHT = 3.0
_SURE = 0.6
_FIRM = 0.9
_NOTHING = 0.3
"""Evidence below this is none."""
_COUNTED: frozenset[EntityName] = frozenset({EntityName("number"), EntityName("ordinal"), EntityName("duration")})


class Roles:
    """Learnt from all annotated examples of a catalogue, and from what its slots are called.

    Slots of the same name in several intents share what is learnt. Nothing is said where no word around the value
    was ever seen beside a slot: then the question that was asked decides.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        rows = [*_annotated(catalogue), *_named(catalogue)]
        self._slots = tuple(sorted({slot for slot, _, _ in rows}))
        self._position = {slot: index for index, slot in enumerate(self._slots)}
        self._columns: dict[str, int] = {}
        for _, seen, _ in rows:
            for name in seen:
                self._columns.setdefault(name, len(self._columns))
        self._weights = self._trained(rows) if rows else np.zeros((0, 0), dtype=np.float32)

    def _trained(self, rows: Sequence[tuple[SlotName, tuple[str, ...], float]]) -> Matrix:
        """Evidence by feature and slot, centred so that nought is no evidence."""
        table = np.zeros((len(rows), len(self._columns)), dtype=np.float32)
        for row, (_, seen, _) in zip(table, rows, strict=True):
            row[[self._columns[name] for name in seen]] = [_importance(name) for name in seen]
        labels = np.array([self._position[slot] for slot, _, _ in rows], dtype=np.int64)
        often = np.bincount(labels, minlength=len(self._slots))
        weights = np.array([weight / np.sqrt(often[label]) for label, (_, _, weight) in zip(labels, rows, strict=True)])
        model = fit(
            table, labels, len(self._slots), importance=weights.astype(np.float32), strength=_STRENGTH, steps=_STEPS
        )
        return model.weights[:-1]

    def assigned(self, text: str, entities: Sequence[Entity], intents: Sequence[IntentName]) -> tuple[Entity, ...]:
        """The entities with the role each plays in the first of the intents that has a slot for it."""
        found: list[Entity] = []
        for entity in entities:
            slots = self._open_to(entity.kind, intents)
            around = cover(entities, (entity.kind,))
            if entity not in around:
                around = tuple(sorted((entity, *(o for o in around if _apart(o, entity))), key=lambda e: e.start))
            role = self._named(text, around, entity, intents) or self._role(
                tuple(features(text, around, around.index(entity))), entity.kind, slots
            )
            found.append(
                entity if role is None else msgspec.structs.replace(entity, role=role[0], role_confidence=role[1])
            )
        return tuple(_without_role(e) if any(_outdoes(other, e) for other in found) else e for e in found)

    def _named(
        self, text: str, around: Sequence[Entity], entity: Entity, intents: Sequence[IntentName]
    ) -> tuple[SlotName, float] | None:
        """The slot of the first intent that the words before the value name."""
        start = max((other.end for other in around if other.end <= entity.start), default=0)
        before = text[max(start, entity.start - _REACH) : entity.start]
        slots = self._catalogue.intent(intents[0]).slots.items() if intents else ()
        name = named(before, {name: slot for name, slot in slots if takes(slot, entity.kind)})
        return None if name is None else (name, 1.0)

    def _open_to(self, kind: EntityName, intents: Sequence[IntentName]) -> tuple[SlotName, ...]:
        for intent in intents:
            slots = tuple(n for n, slot in self._catalogue.intent(intent).slots.items() if takes(slot, kind))
            if slots:
                return slots
        return ()

    def _role(self, seen: Sequence[str], kind: EntityName, slots: Sequence[SlotName]) -> tuple[SlotName, float] | None:
        known = [name for name in seen if name in self._columns]
        taught = [slot for slot in slots if slot in self._position]
        if not known or not taught or (len(slots) == 1 and kind not in _COUNTED):
            return None
        scale = np.array([_importance(name) for name in known], dtype=np.float32)
        evidence = scale @ self._weights[[self._columns[name] for name in known]]
        own = evidence[[self._position[slot] for slot in taught]]
        best = int(own.argmax())
        if own[best] < _NOTHING:
            return None
        share = float(softmax(np.append(own, 0.0)[None, :].astype(np.float32) * 2)[0, best])
        return (taught[best], share) if share >= _SURE else None


def _outdoes(one: Entity, other: Entity) -> bool:
    """Whether another value is far more surely what this one might be: 西宁，从合肥走."""
    is_rival = one.role == other.role and one.role is not None and not one.negated
    return is_rival and other.role_confidence < _FIRM <= one.role_confidence


def _without_role(entity: Entity) -> Entity:
    return msgspec.structs.replace(entity, role=None, role_confidence=0.0)


def _importance(feature: str) -> float:
    """What a kind of words means counts more than the very words."""
    return 1.0 if feature[0] in "lr" else 0.5


def _apart(one: Entity, other: Entity) -> bool:
    return one.end <= other.start or other.end <= one.start


def _annotated(catalogue: Catalogue) -> list[tuple[SlotName, tuple[str, ...], float]]:
    rows = []
    for intent in catalogue.intents.values():
        for source in intent.examples:
            example = read_example(source)
            known = [note for note in example.annotations if note.slot in intent.slots]
            spans = [Span(intent.slots[note.slot].entity, note.start, note.end) for note in known]
            for position, note in enumerate(known):
                seen = tuple(dict.fromkeys(features(example.text, spans, position)))
                if seen:
                    rows.append((note.slot, seen, 1.0))
    return rows


def _named(catalogue: Catalogue) -> list[tuple[SlotName, tuple[str, ...], float]]:
    """出发城市 is where one comes from, whether or not an example says so."""
    rows: list[tuple[SlotName, tuple[str, ...], float]] = []
    named: Mapping[SlotName, str] = {
        name: slot.title for intent in catalogue.intents.values() for name, slot in intent.slots.items()
    }
    for name, title in named.items():
        for part in sorted(meant_by(name, title)):
            signs = [f"l:{part}", f"r:{part}"] + (["r:onward"] if part == "origin" else [])
            rows += [(name, (sign,), _NAMED_WEIGHT) for sign in signs]
    return rows
