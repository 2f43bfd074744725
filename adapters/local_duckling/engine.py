"""What a Duckling engine is asked, and what it answers."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

import msgspec

from domain.values import Unavailable, Value


class Bound(msgspec.Struct, frozen=True):
    """One end of an interval of time, money or quantity."""

    value: str | int | float
    grain: str = ""


class Alternative(msgspec.Struct, frozen=True):
    """One of several times a text may mean: a point, or an interval open or closed."""

    value: str | int | float | None = None
    grain: str = ""
    since: Bound | None = msgspec.field(default=None, name="from")
    until: Bound | None = msgspec.field(default=None, name="to")


class Normalized(msgspec.Struct, frozen=True):
    """A duration in seconds."""

    value: float


class Resolution(msgspec.Struct, frozen=True):
    """What an entity means. Which fields are set depends on its dimension."""

    value: str | int | float | None = None
    unit: str = ""
    grain: str = ""
    values: tuple[Alternative, ...] = ()
    since: Bound | None = msgspec.field(default=None, name="from")
    until: Bound | None = msgspec.field(default=None, name="to")
    normalized: Normalized | None = None


class RawEntity(msgspec.Struct, frozen=True):
    """An entity as the engine reports it; offsets in code points of the text it was given."""

    body: str
    start: int
    end: int
    dim: str
    value: Resolution


class Question(Value, frozen=True):
    """A text for the engine. `now` is the wall clock in seconds since 1970, as if it were UTC."""

    text: str
    locale: str
    dims: tuple[str, ...]
    now: int


Answers = list[tuple[RawEntity, ...]]


class Engine(Protocol):
    """Reads texts as Duckling does, within its `async with` block."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def ask(self, questions: Sequence[Question]) -> Answers | Unavailable:
        """The entities in each of the questions, or why not. Bounded in time, also for a hostile text; never raises."""
