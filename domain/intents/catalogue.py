"""The catalogue: an immutable, numbered snapshot of everything a designer configures."""

from collections.abc import Mapping
from itertools import chain

from domain.errors import IntentNotFound
from domain.intents.intent import Ambiguity, Function, Intent
from domain.intents.policies import Policies
from domain.names import CatalogueVersion, EntityName, FunctionName, IntentName, Language, SlotName
from domain.slots.entity import BUILT_IN_ENTITIES
from domain.slots.entity_type import EntityType
from domain.slots.slot import OneOrMore, Slot, kinds_taken
from domain.values import Value


class Catalogue(Value, frozen=True, kw_only=True):
    """What a catalogue file says. Build one with `domain.intents.lint.checked`, which refuses nonsense."""

    language: Language = Language("zh-CN")
    entities: Mapping[EntityName, EntityType] = {}
    intents: Mapping[IntentName, Intent]
    ambiguities: Mapping[str, Ambiguity] = {}
    functions: Mapping[FunctionName, Function] = {}
    responses: Mapping[str, OneOrMore] = {}
    policies: Policies = Policies()

    def intent(self, name: IntentName) -> Intent:
        """The intent of that name; raises IntentNotFound."""
        try:
            return self.intents[name]
        except KeyError:
            raise IntentNotFound(f"the catalogue has no intent {name!r}") from None

    def slot(self, intent: IntentName, name: SlotName) -> Slot:
        """A slot of an intent; raises IntentNotFound for the intent and KeyError for the slot."""
        return self.intent(intent).slots[name]

    def is_sensitive(self, slot: Slot) -> bool:
        """Whether values of the slot must be masked: it says so itself, or its entity type does."""
        declared = self.entities.get(slot.entity)
        return slot.sensitive or (declared is not None and declared.sensitive)

    def kinds_of(self, intents: tuple[IntentName, ...]) -> frozenset[EntityName]:
        """Every entity kind that the slots of these intents may take."""
        slots = (slot for name in intents for slot in self.intent(name).slots.values())
        return frozenset(chain.from_iterable(kinds_taken(slot) for slot in slots))

    def knows_kind(self, name: EntityName) -> bool:
        """Whether `name` is declared or built in."""
        return name in self.entities or name in BUILT_IN_ENTITIES


class PublishedCatalogue(Value, frozen=True):
    """A catalogue with the number it was published under."""

    version: CatalogueVersion
    catalogue: Catalogue
