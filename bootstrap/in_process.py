"""The use cases without a server around them."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.cli.runtime import Conversing, Tables
from application.check_health import CheckHealth
from bootstrap import collector, observability
from bootstrap.container import Container
from bootstrap.lifespan import in_service, storage_as_found, under_examination
from bootstrap.settings import Configuration


@asynccontextmanager
async def conversing(configuration: Configuration) -> AsyncIterator[Conversing]:
    """What a conversation at the terminal needs. Lines below a warning would be in its way."""
    observability.configure(configuration, least=logging.WARNING)
    container = Container(configuration=configuration)
    async with in_service(container):
        language = container.library().current().catalogue.language
        collector.resume()
        yield Conversing(container.handle_turn(), container.read_conversation(), language)


@asynccontextmanager
async def checking(configuration: Configuration) -> AsyncIterator[CheckHealth]:
    """The health of the parts as far as they start; what is wrong is in there and need not be logged too."""
    observability.configure(configuration, least=logging.CRITICAL)
    container = Container(configuration=configuration)
    async with under_examination(container):
        collector.resume()
        yield container.check_health()


@asynccontextmanager
async def storing(configuration: Configuration) -> AsyncIterator[Tables]:
    """The tables of the database. What goes wrong is raised, and need not be logged too."""
    observability.configure(configuration, least=logging.CRITICAL)
    container = Container(configuration=configuration)
    async with storage_as_found(container):
        yield container.tables()
