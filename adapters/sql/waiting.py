"""Waits for a task, and not for ever."""

import asyncio
from typing import Any, TypeVar

from domain.errors import RepositoryUnavailable

T = TypeVar("T")


async def outcome(task: "asyncio.Task[T]", *, within: float | None, leaving_ends_it: bool) -> T:
    """What the task comes to; RepositoryUnavailable when it does not come to an end in so many seconds.

    Then it is cancelled, and its tidying up is not waited for. A caller who is cancelled leaves at once too.
    """
    try:
        done, _ = await asyncio.wait((task,), timeout=within)
    except asyncio.CancelledError:
        task.add_done_callback(_seen)
        if leaving_ends_it:
            task.cancel()
        raise
    if not done:
        task.add_done_callback(_seen)
        task.cancel()
        raise RepositoryUnavailable("the storage does not answer in time")
    return task.result()


def _seen(task: "asyncio.Task[Any]") -> None:
    """Nobody is left to be told; without a look the event loop would complain."""
    if not task.cancelled():
        task.exception()
