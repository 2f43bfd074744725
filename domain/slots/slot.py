"""What a slot is, and what fills it."""

from collections.abc import Mapping

from domain.names import EntityName, SlotName
from domain.slots.checks import Check
from domain.slots.entity import SlotContent, Source
from domain.values import Value

OneOrMore = str | tuple[str, ...]
"""A text, or variants of it of which one is chosen."""


class Slot(Value, frozen=True, kw_only=True):
    """A value an intent needs, as the designer declares it.

    `required_when` names slots and the value each must have for this one to be required;
    `required_unless` names slots any one of which makes this one unnecessary.
    `relative_to` is a date slot that durations in answers count from.
    `suggest` are values to name when asking. `sensitive` values are masked wherever they are shown.
    """

    entity: EntityName
    title: str = ""
    required: bool = False
    required_when: Mapping[SlotName, SlotContent] = {}
    required_unless: tuple[SlotName, ...] = ()
    default: SlotContent | None = None
    ask: OneOrMore = ()
    suggest: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    relative_to: SlotName | None = None
    sensitive: bool = False


def kinds_taken(slot: Slot) -> tuple[EntityName, ...]:
    """Kinds of entities that may fill a slot: its own, and those that can be taken for it.

    A length of time fills a date that counts from another (三天后回来), a bare number an amount of money (500).
    """
    kinds: tuple[EntityName, ...] = (slot.entity,)
    if slot.relative_to is not None:
        kinds = (*kinds, EntityName("duration"))
    return (*kinds, EntityName("number")) if slot.entity == "money" else kinds


class SlotValue(Value, frozen=True):
    """What fills a slot: normalised value, the user's words, how sure, from where.

    `problem` is empty for a valid value; otherwise it is the rule that failed, and the value never reaches
    a function. `offset` is the ISO 8601 duration from the slot this one is relative to, where it was said so.
    """

    value: SlotContent
    original_text: str = ""
    confidence: float = 1.0
    source: Source = "dictionary"
    confirmed: bool = False
    problem: str = ""
    offset: str = ""

    @property
    def valid(self) -> bool:
        """Whether the value passed every check."""
        return not self.problem
