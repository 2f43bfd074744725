"""Checks a slot's value must pass. Each check declares exactly one rule and, if wanted, what to say when it fails."""

from domain.names import SlotName
from domain.values import Value

Bound = int | float | str
"""A number, `today`, an ISO date, or the name of another slot."""


class Check(Value, frozen=True, kw_only=True):
    """One rule. `say` replaces the standard explanation.

    not_before, not_after: dates; `today`, an ISO date or a date slot.
    within_days: the date is at most so many days ahead. between: lowest and highest number allowed.
    differs_from: another slot must have another value. matches: a regular expression for the whole value.
    """

    not_before: str | None = None
    not_after: str | None = None
    within_days: int | None = None
    between: tuple[float, float] | None = None
    differs_from: SlotName | None = None
    matches: str | None = None
    say: str = ""

    @property
    def rule(self) -> str:
        """The name of the declared rule; empty when none or several are declared."""
        names = ("not_before", "not_after", "within_days", "between", "differs_from", "matches")
        declared = [name for name in names if getattr(self, name) is not None]
        return declared[0] if len(declared) == 1 else ""
