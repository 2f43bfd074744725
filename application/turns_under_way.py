"""Turns that are being worked on, also those whose callers have left."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

from application.course import Course
from domain.dialogue.conversation import Turn
from domain.errors import DeadlineExceeded, HuiyiError

T = TypeVar("T")


class TurnsUnderWay:
    """Lets no caller wait too long, and finishes without its caller what must not be left half-done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    async def outcome(self, work: Coroutine[object, object, T], course: Course, *, seconds: float) -> T | Turn:
        """What the work comes to; after so many seconds what is on record, and the work goes on without its caller.

        Raises DeadlineExceeded when nothing is on record by then. Cancelling stops the work unless its saving has
        begun: then it goes on.
        """
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            _leave(task, course)
            raise
        if task.done():
            return task.result()
        _leave(task, course)
        if course.record is not None:
            return course.record
        course.given_up = True
        raise DeadlineExceeded("the message could not be answered in time")

    async def ended(self, *, within: float) -> None:
        """Return when no turn is being worked on; those that take longer are stopped, with their calls on record."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.gather(*self._tasks, return_exceptions=True)


def _leave(task: "asyncio.Task[T]", course: Course) -> None:
    """A save is not broken off: whether it was stored would not be known, nor would its call be settled."""
    task.add_done_callback(_ended_alone)
    if not course.saving:
        task.cancel()


def _ended_alone(task: "asyncio.Task[T]") -> None:
    """Nobody is left to be told of a failure: what had to be expected is on record, the rest is reported."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, HuiyiError):
        told = "a turn failed after its caller had left"
        task.get_loop().call_exception_handler({"message": told, "exception": error, "task": task})
