"""Worker processes, each for one question at a time: deadlines, restarts, recycling."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from adapters.local_duckling.engine import Answers, Engine, Question
from adapters.local_duckling.engine_process import EngineFailed, EngineProcess
from domain.values import Unavailable

STARTING_SECONDS = 10.0
PAUSE_SECONDS = 30.0
"""How long nobody is asked after an engine failed to load: it would fail again at once."""


class EnginePool(Engine):
    """Asks whichever worker is free. A worker that is too slow or breaks is killed and replaced.

    workers: processes. deadline: seconds for one `ask`, the wait for a free worker included.
    recycle_after: questions after which a worker is replaced, since the engine leaks about 1 kB in each.
    """

    def __init__(self, *, workers: int, deadline: float, recycle_after: int) -> None:
        self._size = workers
        self._deadline = deadline
        self._recycle_after = recycle_after
        self._free: asyncio.LifoQueue[EngineProcess | None] = asyncio.LifoQueue()
        self._paused_until = 0.0
        self._refusal = Unavailable("broken")
        self._exchanges: set[asyncio.Task[Answers | Unavailable]] = set()

    async def __aenter__(self) -> Self:
        """Start the processes; their engines load while the caller goes on."""
        for _ in range(self._size):
            self._free.put_nowait(await _spawned())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process, also one in the middle of a question."""
        for exchange in self._exchanges:
            exchange.cancel()
        await asyncio.gather(*self._exchanges, return_exceptions=True)
        while not self._free.empty():
            worker = self._free.get_nowait()
            if worker is not None:
                await worker.stop()

    async def ask(self, questions: Sequence[Question]) -> Answers | Unavailable:
        """The entities in each of the questions, or why not: `timeout` or `broken`.

        A caller that is cancelled leaves the exchange to finish by itself, so that the worker stays in step.
        """
        if time.monotonic() < self._paused_until:
            return self._refusal
        try:
            async with asyncio.timeout(self._deadline + STARTING_SECONDS):
                worker = await self._free.get()
        except TimeoutError:
            return Unavailable("timeout", "no worker became free")
        exchange = asyncio.create_task(self._exchange(worker, questions))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchanges.discard)
        return await asyncio.shield(exchange)

    async def _exchange(self, worker: EngineProcess | None, questions: Sequence[Question]) -> Answers | Unavailable:
        usable = False
        try:
            worker = await self._started(worker)
            async with asyncio.timeout(self._deadline):
                answers = [await worker.ask(question) for question in questions]
        except TimeoutError:
            return Unavailable("timeout", f"no answer within {self._deadline} s")
        except EngineFailed as error:
            return Unavailable("broken", str(error))
        else:
            usable = worker.calls < self._recycle_after
            return answers
        finally:
            self._free.put_nowait(worker if usable else await _replaced(worker))

    async def _started(self, worker: EngineProcess | None) -> EngineProcess:
        """A worker whose engine is loaded; when loading fails, nobody is asked for a while."""
        try:
            worker = worker or await EngineProcess.spawn()
            async with asyncio.timeout(STARTING_SECONDS):
                await worker.wait_ready()
        except EngineFailed as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            self._refusal = Unavailable("broken", str(error))
            raise
        return worker


async def _replaced(worker: EngineProcess | None) -> EngineProcess | None:
    if worker is not None:
        await worker.stop()
    return await _spawned()


async def _spawned() -> EngineProcess | None:
    """A process that is starting, or None, to be tried again when one is needed."""
    with suppress(EngineFailed):
        return await EngineProcess.spawn()
    return None
