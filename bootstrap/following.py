"""Takes over catalogues that others publish."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from application.catalogue_library import CatalogueLibrary
from domain.errors import HuiyiError
from domain.names import CatalogueVersion
from domain.ports.events import Events

_LOG = structlog.get_logger("huiyi")


@asynccontextmanager
async def following(*, events: Events, library: CatalogueLibrary) -> AsyncIterator[None]:
    """Inside the block every catalogue announced becomes the current one once it is learnt.

    One that cannot be had or learnt is logged, and the one before stays.
    """
    async with events.listen("catalogue_published") as announced:
        task = asyncio.create_task(_follow(announced, library))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _follow(announced: AsyncIterator[str], library: CatalogueLibrary) -> None:
    async for version in announced:
        try:
            await library.adopt(await library.version(CatalogueVersion(int(version))))
        except (HuiyiError, ValueError) as error:
            _LOG.error("catalogue_not_adopted", version=version, reason=str(error))
        else:
            _LOG.info("catalogue_adopted", version=version)
