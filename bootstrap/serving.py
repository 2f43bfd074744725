"""`huiyi serve`: the parts, the HTTP application on them, and the server around it."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Final

import structlog
import typer
import uvloop

from bootstrap import collector, observability
from bootstrap.container import Container
from bootstrap.lifespan import in_service
from bootstrap.listening import Address, Asgi, free_address, listening, until
from bootstrap.settings import Configuration
from bootstrap.stopping import Stop, run_until_stopped

Greeting = Callable[[str], str]
"""What to say when requests are answered, given the service's URL."""

_EDGE: Final = "bootstrap.edge"
"""Takes a fifth of a second to import: time enough while the encoder's weights load."""

_LOG = structlog.get_logger("huiyi")


def serve(
    configuration: Configuration, greeting: Greeting, *, beside: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Serve until told to stop; what is being worked on then is finished.

    `beside` returns when what stands beside the service is there; nobody is greeted before. Raises SettingsInvalid for
    a port in use and, like `in_service`, for what stands in the way of the start.
    """
    observability.configure(configuration)
    address = free_address(configuration.settings.host, configuration.settings.port)
    container = Container(configuration=configuration)

    async def work(stop: Stop) -> None:
        importing = asyncio.create_task(asyncio.to_thread(import_module, _EDGE))
        async with in_service(container):
            await importing
            async with listening(_application(container), address) as server:
                if beside is not None:
                    await beside()
                stop.started = True
                collector.resume()
                _greet(configuration, address, greeting)
                await until(stop.wished, server)
                _LOG.info("stopping")

    run_until_stopped(work, uvloop.new_event_loop)


def _application(container: Container) -> Asgi:
    from bootstrap.edge import application  # noqa: PLC0415 - see _EDGE

    return application(container)


def greeting_of_service(url: str) -> str:
    """One line for whoever started the service."""
    return f"Huiyi is ready at {url} - try {url}/docs - Ctrl-C stops it"


def _greet(configuration: Configuration, address: Address, greeting: Greeting) -> None:
    if configuration.settings.log_format == "json":
        _LOG.info("ready", url=address.url)
    else:
        typer.echo(greeting(address.url))
