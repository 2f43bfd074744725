"""Asynchronous parts beside a terminal that blocks."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class LoopThread(Generic[T]):
    """What an asynchronous context gave, and the loop it lives on."""

    def __init__(self, loop: asyncio.AbstractEventLoop, value: T) -> None:
        self._loop = loop
        self.value = value

    def run(self, work: Coroutine[object, object, R]) -> R:
        """The result of work done on the loop; the work is cancelled when the wait is interrupted."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()


@contextmanager
def beside(context: AbstractAsyncContextManager[T]) -> Iterator[LoopThread[T]]:
    """Enter and leave `context` in one task on a loop in a thread of its own.

    The terminal keeps the main thread, where alone line editing and Ctrl-C work, and what the context does in the
    background goes on while the user thinks. Raises what entering or leaving raises.
    """
    ready: Future[LoopThread[T]] = Future()
    leave: Future[None] = Future()

    async def live() -> None:
        async with context as value:
            ready.set_result(LoopThread(asyncio.get_running_loop(), value))
            await asyncio.wait((asyncio.wrap_future(leave),))

    with ThreadPoolExecutor(1, "conversation") as threads:
        lived = threads.submit(lambda: asyncio.run(live()))
        try:
            either: tuple[Future[Any], ...] = (ready, lived)
            wait(either, return_when=FIRST_COMPLETED)
            if not ready.done():
                lived.result()
            yield ready.result()
        finally:
            # Unlike a result, this may come at any moment, and twice.
            leave.cancel()
        lived.result()
