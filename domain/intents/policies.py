"""Numbers that steer a dialogue; every one has a default that works and may be set in the catalogue."""

from domain.values import Value


class Policies(Value, frozen=True, kw_only=True):
    """Thresholds are calibrated probabilities.

    accept: a candidate at or above it is taken. ambiguous: candidates at or above it may be offered.
    margin: how far the first must lead the second. choices: most options in an offer.
    reprompts: failed answers to one question before handing off. unknowns: misunderstood messages in a
    row before handing off. suspended: most tasks set aside at once. idle_minutes: when a conversation
    expires. time_zone: IANA name used when the request names none.
    """

    accept: float = 0.6
    ambiguous: float = 0.2
    margin: float = 0.15
    choices: int = 3
    reprompts: int = 3
    unknowns: int = 3
    suspended: int = 5
    idle_minutes: int = 30
    time_zone: str = "Asia/Shanghai"
