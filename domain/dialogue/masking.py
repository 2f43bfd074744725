"""Sensitive values, shown only by their end."""

from collections.abc import Iterable, Mapping

import msgspec

from domain.dialogue.understanding import Understanding
from domain.intents.catalogue import Catalogue
from domain.names import IntentName, SlotName
from domain.slots.entity import Entity, SlotContent
from domain.slots.slot import SlotValue

_SHOWN = 4


def masked(content: SlotContent) -> str:
    """Stars and the last four characters; stars only when there are fewer than eight."""
    text = str(content)
    return "****" + (text[-_SHOWN:] if len(text) >= 2 * _SHOWN else "")


def sensitive_kinds(catalogue: Catalogue) -> frozenset[str]:
    """Entity kinds whose values are masked: declared so, or taken by a slot that is."""
    declared = {name for name, kind in catalogue.entities.items() if kind.sensitive}
    by_slot = {slot.entity for intent in catalogue.intents.values() for slot in intent.slots.values() if slot.sensitive}
    return frozenset(declared | by_slot)


def secrets_in(catalogue: Catalogue, intent: IntentName, values: Mapping[SlotName, SlotValue]) -> tuple[str, ...]:
    """The words in which sensitive slots of a frame were given."""
    slots = catalogue.intent(intent).slots
    return tuple(
        value.original_text
        for name, value in values.items()
        if catalogue.is_sensitive(slots[name]) and value.original_text
    )


def masked_text(text: str, entities: Iterable[Entity], kinds: frozenset[str], secrets: Iterable[str] = ()) -> str:
    """The text with every sensitive span, and every one of the `secrets`, replaced by its mask."""
    spans = sorted({(e.start, e.end) for e in entities if e.kind in kinds}, reverse=True)
    for start, end in spans:
        text = text[:start] + masked(text[start:end]) + text[end:]
    for secret in secrets:
        text = text.replace(secret, masked(secret))
    return text


def masked_understanding(heard: Understanding, kinds: frozenset[str], secrets: tuple[str, ...] = ()) -> Understanding:
    """The understanding as it may be stored: no sensitive value in texts, entities, cues or evidence."""
    sensitive = [e for e in heard.entities if e.kind in kinds]
    if not sensitive and not secrets:
        return heard
    words = (*secrets, *(entity.text for entity in sensitive))

    def hidden(text: str) -> str:
        return masked_text(text, (), kinds, words)

    return msgspec.structs.replace(
        heard,
        text=hidden(heard.text),
        segments=tuple(
            msgspec.structs.replace(
                segment,
                text=hidden(segment.text),
                entities=tuple(_hidden_entity(e, kinds, words) for e in segment.entities),
            )
            for segment in heard.segments
        ),
        cues=tuple(msgspec.structs.replace(cue, text=hidden(cue.text)) for cue in heard.cues),
        evidence=tuple(msgspec.structs.replace(e, detail=hidden(e.detail)) for e in heard.evidence),
    )


def _hidden_entity(entity: Entity, kinds: frozenset[str], words: tuple[str, ...]) -> Entity:
    """Readings of another kind (a number) that cover the same words are masked too."""
    if entity.kind not in kinds and not any(entity.text in word or word in entity.text for word in words):
        return entity
    return msgspec.structs.replace(entity, text=masked(entity.text), value=masked(entity.value))
