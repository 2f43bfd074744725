"""What a rule makes of a span, before it becomes an entity."""

from domain.names import EntityName
from domain.slots.entity import SlotContent
from domain.values import Value

DATE = EntityName("date")
TIME = EntityName("time")
DATETIME = EntityName("datetime")
DURATION = EntityName("duration")
NUMBER = EntityName("number")
ORDINAL = EntityName("ordinal")
MONEY = EntityName("money")
PHONE = EntityName("phone")
EMAIL = EntityName("email")
URL = EntityName("url")


class Reading(Value, frozen=True):
    """One reading of one span; offsets in code points, end exclusive."""

    kind: EntityName
    start: int
    end: int
    value: SlotContent
    valid: bool = True
    confidence: float = 1.0
