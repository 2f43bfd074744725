"""Work that goes on while the service serves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager

import structlog

from domain.errors import HuiyiError

Pause = Callable[[float], Awaitable[None]]
"""Waits so many seconds."""

_LOG = structlog.get_logger("huiyi")


@asynccontextmanager
async def meanwhile(*works: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Inside the block the works go on; its end ends them. What they did not expect is raised then."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def every(seconds: float, work: Callable[[], Awaitable[None]], *, pause: Pause) -> None:
    """Do it again and again, with a pause before each time."""
    while True:
        await pause(seconds)
        await work()


class Complaint:
    """Logs what does not work: once, and anew when something else is wrong or it worked in between."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._about: type[HuiyiError] | None = None

    def about(self, error: HuiyiError) -> None:
        """It does not work."""
        if type(error) is not self._about:
            _LOG.error(self._event, error=type(error).__name__, reason=error.message)
        self._about = type(error)

    def settled(self) -> None:
        """It works."""
        self._about = None
