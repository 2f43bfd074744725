"""Takes over catalogues that others publish."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from application.catalogue_library import CatalogueLibrary
from bootstrap.meanwhile import Complaint, Pause, every, meanwhile
from domain.errors import HuiyiError, PartUnavailable
from domain.names import CatalogueVersion
from domain.ports.catalogues import Catalogues
from domain.ports.events import Events

LOOKING_SECONDS: Final = 30.0
LISTENING_AGAIN_SECONDS: Final = 1.0

_LOG = structlog.get_logger("huiyi")


@asynccontextmanager
async def following(
    *,
    events: Events,
    catalogues: Catalogues,
    library: CatalogueLibrary,
    seconds: float = LOOKING_SECONDS,
    pause: Pause = asyncio.sleep,
) -> AsyncIterator[None]:
    """Inside the block a newer catalogue becomes the current one, once it is learnt.

    At once where it is announced; announcements may get lost, so that every `seconds` the storage is looked at too.
    A catalogue that cannot be had or learnt is logged, and the one before stays.
    """
    follower = _Follower(events, catalogues, library, pause)
    async with meanwhile(follower.listen(), every(seconds, follower.look, pause=pause)):
        await follower.tried.wait()
        yield


class _Follower:
    """`tried` is set once it listens, or has found that it cannot."""

    def __init__(self, events: Events, catalogues: Catalogues, library: CatalogueLibrary, pause: Pause) -> None:
        self._events = events
        self._catalogues = catalogues
        self._library = library
        self._pause = pause
        self._deafness = Complaint("announcements_not_heard")
        self._blindness = Complaint("catalogues_not_looked_at")
        self.tried = asyncio.Event()

    async def listen(self) -> None:
        """Adopt what is announced; after an outage of the bus, listen again."""
        while True:
            try:
                async with self._events.listen("catalogue_published") as announced:
                    self.tried.set()
                    async for version in announced:
                        # Hearing something is what shows that it works: a broken bus may still let one subscribe.
                        self._deafness.settled()
                        await self._adopt_announced(version)
            except PartUnavailable as error:
                self._deafness.about(error)
            finally:
                self.tried.set()
            await self._pause(LISTENING_AGAIN_SECONDS)

    async def look(self) -> None:
        """Adopt the newest catalogue in the storage, unless it is in use."""
        try:
            newest = await self._catalogues.current()
            if newest is not None and newest.version > self._library.current().version:
                await self._library.adopt(newest)
                _LOG.info("catalogue_adopted", version=str(newest.version))
        except HuiyiError as error:
            self._blindness.about(error)
        else:
            self._blindness.settled()

    async def _adopt_announced(self, version: str) -> None:
        try:
            await self._library.adopt(await self._library.version(CatalogueVersion(int(version))))
        except (HuiyiError, ValueError) as error:
            _LOG.error("catalogue_not_adopted", version=version, reason=str(error))
        else:
            _LOG.info("catalogue_adopted", version=version)
