"""Runs the program's work until SIGTERM or Ctrl-C."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

Work = Callable[["Stop"], Awaitable[None]]


class Stop:
    """The wish to stop: `wished` is set by it. Work that has begun in earnest sets `started`."""

    def __init__(self) -> None:
        self.wished = asyncio.Event()
        self.started = False


def run_until_stopped(work: Work, loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Run the work to its end, which it comes to by itself when the stop is wished.

    Before it has started it is cancelled instead: there is nothing to finish. So it is when the wish is repeated.
    """
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_stoppable(work))


async def _stoppable(work: Work) -> None:
    stop = Stop()

    async def run() -> None:
        await work(stop)

    task = asyncio.create_task(run())

    def wish() -> None:
        if not stop.started or stop.wished.is_set():
            task.cancel()
        stop.wished.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, wish)
    with suppress(asyncio.CancelledError):
        await task
