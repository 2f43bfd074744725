"""A turn, told while it is worked on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

from adapters.http.callers import HttpRequest, tongue
from adapters.http.edge import Edge
from adapters.http.errors import HungUp, ToldFailure
from adapters.http.stream_data import (
    KEEP_ALIVE,
    EndData,
    ErrorData,
    PieceData,
    ProgressData,
    StartData,
    event,
)
from adapters.http.turn_data import shown_reply
from application.handle_turn import TurnReply, TurnRequest
from application.progress import Progress, Stage


class TurnStream:
    """Works on a message and sends what happens as Server-Sent Events.

    Nothing is sent before the turn has got somewhere, or a heartbeat has passed: what fails until then is raised, and
    so an ordinary failure. Raises HungUp when the client leaves in that time.
    """

    def __init__(self, request: HttpRequest, turn: TurnRequest, edge: Edge) -> None:
        self._request = request
        self._turn = turn
        self._edge = edge
        self._silence = edge.settings.heartbeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI signature
        """Serve it until it is told to the end, or the client leaves, which stops the turn where that is safe."""
        watching = _Watching()
        working = asyncio.create_task(self._work(watching))
        working.add_done_callback(watching.end)
        telling = asyncio.create_task(self._tell(working, watching, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (working, telling, leaving):
                task.cancel()
            await asyncio.gather(working, telling, leaving, return_exceptions=True)
        if not telling.cancelled():
            telling.result()
        elif not watching.told:
            raise HungUp

    async def _work(self, watching: "_Watching") -> TurnReply:
        return await self._edge.use_cases.handle_turn(self._turn, progress=watching)

    async def _tell(self, working: "asyncio.Task[TurnReply]", watching: "_Watching", send: Send) -> None:
        await watching.begun(within=self._silence)
        if working.done():
            working.result()
        name = self._edge.answers.name_of(self._request)
        watching.told = True
        await send(_head(name))
        await send(_body(event(StartData(request_id=name, session_id=self._turn.session_id))))
        async for happening in watching.events(self._silence):
            await send(_body(happening))
        told = await self._edge.failures.attempt(self._request, working)
        last = self._failed(told) if isinstance(told, ToldFailure) else shown_reply(told)
        await send(_body(event(last) + event(EndData()), more=False))

    def _failed(self, told: ToldFailure) -> ErrorData:
        message = told.verdict.message.said(tongue(self._request))
        return ErrorData(error_code=told.verdict.code, message=message, details=told.details)


class _Watching(Progress):
    """Notes what happens to a turn until it ends. `told` is for whoever tells of it."""

    def __init__(self) -> None:
        self._noted: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._begun = asyncio.Event()
        self.told = False

    def stage(self, name: Stage) -> None:
        """Note it."""
        self._note(event(ProgressData(stage=name)))

    def piece(self, text: str) -> None:
        """Note it."""
        self._note(event(PieceData(text=text)))

    def end(self, _: object) -> None:
        """Nothing more happens."""
        self._note(None)

    async def begun(self, *, within: float) -> None:
        """Return when something has happened, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._begun.wait()

    async def events(self, silence: float) -> AsyncGenerator[bytes, None]:
        """What happens, as it happens, up to the end; a comment after each silence of so many seconds."""
        while (happening := await self._next(silence)) is not None:
            yield happening

    async def _next(self, silence: float) -> bytes | None:
        try:
            async with asyncio.timeout(silence):
                return await self._noted.get()
        except TimeoutError:
            return KEEP_ALIVE

    def _note(self, happening: bytes | None) -> None:
        self._noted.put_nowait(happening)
        self._begun.set()


async def _left(receive: Receive) -> None:
    """Return when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _head(request_id: str) -> HTTPResponseStartEvent:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),
        (b"x-request-id", request_id.encode()),
    ]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def _body(text: bytes, *, more: bool = True) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": text, "more_body": more}
