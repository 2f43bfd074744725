"""Opens the parts, puts the catalogue into service, and closes everything in reverse order."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog
from dependency_injector.providers import Provider

from bootstrap.container import Container
from bootstrap.following import following
from bootstrap.meanwhile import Complaint, Pause, every, meanwhile
from bootstrap.probes import UNPUBLISHED
from domain.errors import HuiyiError, PartUnavailable, SettingsInvalid
from domain.intents.catalogue import Catalogue, PublishedCatalogue

T = TypeVar("T")
A = TypeVar("A")

SETTLING_SECONDS: Final = 1.0
"""How long the start waits for interrupted calls to be settled; the rest is settled while the service serves."""
SETTLING_AGAIN_SECONDS: Final = 60.0

_LOG = structlog.get_logger("huiyi")


@asynccontextmanager
async def in_service(container: Container) -> AsyncIterator[None]:
    """The service at work: its parts open, the catalogue of the settings published, interrupted calls settled.

    An optional part that does not start is absent, and health says why. Raises CatalogueInvalid, SettingsInvalid,
    RepositoryUnavailable.
    """
    async with AsyncExitStack() as stack:
        _make_folder(container)
        catalogue = await _beside(
            asyncio.to_thread(_catalogue_in_file, container),
            _open(container.database(), stack),
            _open(container.functions(), stack),
            _open_connections(container, stack),
            *_first_optional_parts(container, stack),
        )
        await _open(container.recogniser_in_use(), stack)
        published = await _beside(container.publish_catalogue()(catalogue), _open_knowledge(container, stack))
        await stack.enter_async_context(_settling(container))
        await stack.enter_async_context(settling_again(container))
        await stack.enter_async_context(
            following(events=container.events(), catalogues=container.catalogues(), library=container.library())
        )
        await stack.enter_async_context(container.handle_turn())
        _LOG.info("started", catalogue_version=published.version, absent=sorted(container.absences()))
        yield


@asynccontextmanager
async def under_examination(container: Container) -> AsyncIterator[None]:
    """The parts as far as they start, for health to look at. Nothing is stored, published or settled."""
    async with AsyncExitStack() as stack:
        container.migrate.override(False)  # noqa: FBT003 - the provider's name says what
        _make_folder(container)
        await _beside(
            _noted("repository", container, _open(container.database(), stack)),
            _open(container.functions(), stack),
            _open_connections(container, stack),
            *_first_optional_parts(container, stack),
        )
        await _open(container.recogniser_in_use(), stack)
        await _open_knowledge(container, stack)
        await _noted("catalogue", container, _try_catalogue(container))
        yield


@asynccontextmanager
async def storage_as_found(container: Container) -> AsyncIterator[None]:
    """The storage alone, its tables left as they are. Raises SettingsInvalid, RepositoryUnavailable."""
    async with AsyncExitStack() as stack:
        container.migrate.override(False)  # noqa: FBT003 - the provider's name says what
        _make_folder(container)
        await _open(container.database(), stack)
        yield


def _first_optional_parts(container: Container, stack: AsyncExitStack) -> tuple[Coroutine[object, object, None], ...]:
    """Those that others are made of, or that nothing is made of."""
    return (
        _open_optional("embedder", container.embedder, container.absent_embedder, container, stack),
        _open_optional("entities", container.entities, container.absent_entities, container, stack),
        _open_optional("language_model", container.language_model, container.absent_language_model, container, stack),
    )


async def _open_knowledge(container: Container, stack: AsyncExitStack) -> None:
    await _open_optional("knowledge_base", container.knowledge_base, container.absent_knowledge_base, container, stack)


async def _open_optional(
    name: str, part: Provider[T], absence: Provider[A], container: Container, stack: AsyncExitStack
) -> None:
    """Open a part, or put its absence in its place before anybody has asked for it."""
    try:
        await _open(part(), stack)
    except PartUnavailable as error:
        container.absences()[name] = error.message
        part.override(absence)
        _LOG.warning("part_absent", part=name, reason=error.message)


async def _open_connections(container: Container, stack: AsyncExitStack) -> None:
    """What is shared with other replicas, in order; whether it can be reached shows when it is used."""
    for part in container.connections():
        await _open(part, stack)


async def _open(part: object, stack: AsyncExitStack) -> None:
    """Enter what can be entered; a part that holds nothing needs no opening."""
    if isinstance(part, AbstractAsyncContextManager):
        await stack.enter_async_context(part)


async def _noted(name: str, container: Container, work: Coroutine[object, object, None]) -> None:
    """Do it; when it cannot be done, health says why."""
    try:
        await work
    except HuiyiError as error:
        first, *more = error.message.splitlines()
        container.absences()[name] = f"{first} (and {len(more)} more)" if more else first


def _make_folder(container: Container) -> None:
    folder = Path(container.settings().data_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsInvalid(f"DATA_DIR={folder}: the folder cannot be made: {error.strerror}") from error


def _catalogue_in_file(container: Container) -> Catalogue:
    file = container.settings().catalogue_file
    if not Path(file).is_file():
        raise SettingsInvalid(f"there is no catalogue file {file}: say which to use (CATALOGUE_FILE)")
    return container.catalogue_in_file()


async def _try_catalogue(container: Container) -> None:
    """Read and learn the catalogue, without a word to the storage."""
    read = await asyncio.to_thread(_catalogue_in_file, container)
    await container.library().adopt(PublishedCatalogue(UNPUBLISHED, read))


@asynccontextmanager
async def _settling(container: Container) -> AsyncIterator[None]:
    """Settles interrupted calls: each may take as long as a call takes, and holds its conversation's lock meanwhile."""
    task = asyncio.create_task(_settle(container, Complaint("not_settled")))
    try:
        done, _ = await asyncio.wait({task}, timeout=SETTLING_SECONDS)
        for settled in done:
            settled.result()
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def settling_again(container: Container, *, pause: Pause = asyncio.sleep) -> AsyncIterator[None]:
    """Settles from time to time what was interrupted since: by an outage of the storage, or as a replica ended."""
    settle = partial(_settle, container, Complaint("not_settled"))
    async with meanwhile(every(SETTLING_AGAIN_SECONDS, settle, pause=pause)):
        yield


async def _settle(container: Container, complaint: Complaint) -> None:
    try:
        if settled := await container.settle_invocations()():
            _LOG.info("settled", invocations=settled)
    except HuiyiError as error:
        complaint.about(error)
    else:
        complaint.settled()


async def _beside(work: Coroutine[object, object, T], *opening: Coroutine[object, object, None]) -> T:
    """The result of the work, with everything opened that is opened at the same time.

    The first failure stops the rest, and is what is raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(work)
            for part in opening:
                group.create_task(part)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return task.result()
