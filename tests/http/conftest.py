"""The application on scripted use cases."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.http.app import create_app
from adapters.http.settings import HttpSettings
from adapters.http.use_cases import UseCases
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion
from tests.doubles.manual_clock import ManualClock
from tests.doubles.scripted_turns import (
    ScriptedDeletion,
    ScriptedHealth,
    ScriptedReader,
    ScriptedTurns,
)
from tests.doubles.small_catalogue import small_catalogue


@dataclass
class Logged:
    """One failure as it was logged."""

    error: Exception
    request_id: str
    method: str
    path: str


@dataclass
class Scripted:
    """The scripted use cases, what was logged, and the application on them."""

    turns: ScriptedTurns = field(default_factory=ScriptedTurns)
    reader: ScriptedReader = field(default_factory=ScriptedReader)
    health: ScriptedHealth = field(default_factory=ScriptedHealth)
    logged: list[Logged] = field(default_factory=list)
    clock: ManualClock = field(default_factory=ManualClock)
    thresholds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.deletion = ScriptedDeletion(self.reader)

    def log(self, error: Exception, *, request_id: str, method: str, path: str) -> None:
        self.logged.append(Logged(error, request_id, method, path))

    async def published(self, version: CatalogueVersion) -> PublishedCatalogue:
        catalogue = small_catalogue()
        own = {
            name: msgspec.structs.replace(intent, threshold=self.thresholds.get(name))
            for name, intent in catalogue.intents.items()
        }
        return PublishedCatalogue(version, msgspec.structs.replace(catalogue, intents=own))

    def app(self, settings: HttpSettings, **changes: Any) -> Litestar:
        cases = UseCases(
            handle_turn=self.turns,
            read_conversation=self.reader,
            delete_conversation=self.deletion,
            check_health=self.health,
            catalogue=self.published,
        )
        return create_app(use_cases=cases, settings=settings, clock=self.clock, log=self.log, **changes)


Opening = Callable[..., Awaitable[AsyncTestClient[Litestar]]]


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
async def opened(scripted: Scripted) -> AsyncIterator[Opening]:
    """Starts the application with settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> AsyncTestClient[Litestar]:
            client = AsyncTestClient(scripted.app(HttpSettings(**settings)), raise_server_exceptions=True)
            return await stack.enter_async_context(client)

        yield start


@pytest.fixture
async def client(opened: Opening) -> AsyncTestClient[Litestar]:
    """The application as it is set up by default."""
    return await opened()
