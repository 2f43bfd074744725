"""A pause that lasts until a test ends it."""

import asyncio


class ManualPause:
    """Whoever pauses waits for `end`. `asked` lists how many seconds each wanted to wait."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._waiting: list[tuple[float, asyncio.Event]] = []

    async def __call__(self, seconds: float) -> None:
        """Wait until told."""
        over = asyncio.Event()
        self.asked.append(seconds)
        self._waiting.append((seconds, over))
        await over.wait()

    def end(self, seconds: float) -> None:
        """End the pauses that were to take so many seconds."""
        for pause in [each for each in self._waiting if each[0] == seconds]:
            self._waiting.remove(pause)
            pause[1].set()

    async def round(self, seconds: float) -> None:
        """End them, once there is one, and let happen what comes between it and the next."""
        async with asyncio.timeout(5):
            while all(wanted != seconds for wanted, _ in self._waiting):
                await asyncio.sleep(0)
            self.end(seconds)
            while all(wanted != seconds for wanted, _ in self._waiting):
                await asyncio.sleep(0)
