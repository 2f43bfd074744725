"""Opens two parts of which one stands in for the other."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Self


class Both:
    """The first part and the second, open inside the `async with` block as far as they need opening."""

    def __init__(self, first: object, second: object) -> None:
        self._both = (first, second)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the first, then the second; raises what opening either raises, with neither left open."""
        async with AsyncExitStack() as stack:
            for part in self._both:
                if isinstance(part, AbstractAsyncContextManager):
                    await stack.enter_async_context(part)
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the second, then the first."""
        await self._open.aclose()
