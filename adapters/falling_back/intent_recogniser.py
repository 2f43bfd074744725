"""An intent recogniser with another behind it."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Final

from adapters.falling_back.both import Both
from domain.dialogue.understanding import Expectation, Recognition
from domain.errors import PartUnavailable
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion
from domain.ports.intent_recogniser import IntentRecogniser
from domain.slots.entity import Entity
from domain.values import Unavailable

PATIENCE_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 30.0


class FallingBackRecogniser(Both, IntentRecogniser):
    """Asks `second` where `first` gives no answer within `patience` seconds.

    What `first` could not learn it is taught again every `pause` seconds, inside the `async with` block.
    """

    def __init__(
        self,
        first: IntentRecogniser,
        second: IntentRecogniser,
        *,
        patience: float = PATIENCE_SECONDS,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        super().__init__(first, second)
        self._first = first
        self._second = second
        self._patience = patience
        self._pause = pause
        self._lessons: set[asyncio.Task[None]] = set()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Teach no more, and close both."""
        for lesson in self._lessons:
            lesson.cancel()
        await asyncio.gather(*self._lessons, return_exceptions=True)
        await super().__aexit__(kind, error, trace)

    async def learn(self, published: PublishedCatalogue) -> None:
        """Both learn. Raises PartUnavailable when the second cannot."""
        await asyncio.gather(self._teach(published), self._second.learn(published))

    async def recognise(
        self,
        text: str,
        entities: tuple[Entity, ...],
        *,
        version: CatalogueVersion,
        expectation: Expectation,
    ) -> Recognition | Unavailable:
        """The first one's recognition, or the second one's."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                answer = await self._first.recognise(text, entities, version=version, expectation=expectation)
                if not isinstance(answer, Unavailable):
                    return answer
        return await self._second.recognise(text, entities, version=version, expectation=expectation)

    async def _teach(self, published: PublishedCatalogue) -> None:
        try:
            await self._first.learn(published)
        except PartUnavailable:
            lesson = asyncio.create_task(self._teach_later(published))
            self._lessons.add(lesson)
            lesson.add_done_callback(self._lessons.discard)

    async def _teach_later(self, published: PublishedCatalogue) -> None:
        await asyncio.sleep(self._pause)
        await self._teach(published)
