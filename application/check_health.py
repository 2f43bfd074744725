"""Says how each part of the service is."""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping
from typing import Literal, Protocol

from domain.values import Value

PartState = Literal["ok", "degraded", "down", "not_configured"]


class PartHealth(Value, frozen=True):
    """One part: what it is, how it is, and what to do about it when it is not well."""

    part: str
    state: PartState
    kind: str
    detail: str = ""
    required: bool = False


class Probe(Protocol):
    """Looks at one part."""

    @abstractmethod
    async def __call__(self) -> PartHealth:
        """The part's health within a second or so; never raises for an outage."""


class Health(Value, frozen=True):
    """The whole: `ok`, `degraded` when an optional part is missing, `down` when a required one is."""

    state: Literal["ok", "degraded", "down"]
    parts: tuple[PartHealth, ...]


class CheckHealth:
    """Asks every part at once."""

    def __init__(self, *, probes: Mapping[str, Probe]) -> None:
        self._probes = probes

    async def __call__(self) -> Health:
        """The health of every part, in a fixed order."""
        parts = tuple(await asyncio.gather(*(probe() for probe in self._probes.values())))
        if any(part.required and part.state == "down" for part in parts):
            return Health("down", parts)
        worse = any(part.state in ("degraded", "down") for part in parts)
        return Health("degraded" if worse else "ok", parts)
