"""Serves an ASGI application on one address, in this process and on its event loop."""

import asyncio
import errno
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from domain.errors import PartUnavailable, SettingsInvalid
from domain.values import Value

DRAINING_SECONDS: Final = 20.0
"""How long requests that are being worked on have to finish."""

FLUSHING_SECONDS: Final = 0.5
"""How long connections have to close by themselves once nothing is being worked on."""

STARTING_SECONDS: Final = 5.0
HEADER_SECONDS: Final = 10

Asgi = Callable[..., Awaitable[None]]

_LOG = logging.getLogger("huiyi")
_LOGGING: Final = {"handlers": {}, "formatters": {}, "loggers": {"_granian": {"propagate": True}}}
"""The server's lines go where all lines go."""


class Address(Value, frozen=True):
    """Where to listen: an IP address and a port."""

    ip: str
    port: int

    @property
    def near(self) -> str:
        """The IP address that this machine reaches it by."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.ip, self.ip)  # noqa: S104 - read, not bound

    @property
    def url(self) -> str:
        """The same, for a browser."""
        return f"http://[{self.near}]:{self.port}" if ":" in self.near else f"http://{self.near}:{self.port}"


def free_address(host: str, port: int) -> Address:
    """The address, on which nobody listens yet. Raises SettingsInvalid, in one line.

    The server itself would share a port with another one of its kind, and each would get some of the requests.
    """
    try:
        family, _, _, _, (ip, *_) = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((ip, port))
            return Address(str(ip), trial.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} is in use: stop what listens there, or choose another one (--port, PORT)"
            raise SettingsInvalid(message) from error
        raise SettingsInvalid(f"cannot listen on {host} port {port}: {error.strerror}") from error


async def answers(address: Address) -> None:
    """Return when somebody takes connections there."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(address.near, address.port)
            writer.close()
            return
        await asyncio.sleep(0.01)


@asynccontextmanager
async def listening(app: Asgi, address: Address) -> AsyncIterator["asyncio.Task[None]"]:
    """Answers requests inside the block and finishes at its end those that are being worked on.

    Gives the server's task, which should not end by itself. `app` gets no lifespan events.
    """
    counted = _Counted(app)
    server = Server(
        counted,
        address=address.ip,
        port=address.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        backlog=1024,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
    )
    serving = asyncio.create_task(server.serve())
    try:
        await _taken(address, serving)
        yield serving
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # the server's author wrote no types
        await _drained(counted, serving)


async def until(stop: asyncio.Event, server: "asyncio.Task[None]") -> None:
    """Wait for the one; raise PartUnavailable when the other ends first."""
    wished = asyncio.create_task(stop.wait())
    await asyncio.wait({wished, server}, return_when=asyncio.FIRST_COMPLETED)
    wished.cancel()
    if server.done():
        raise PartUnavailable("server", f"the HTTP server ended by itself{_reason(server)}")


class _Counted:
    """An application, and how many of its requests are being worked on."""

    def __init__(self, app: Asgi) -> None:
        self._app = app
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        self._count += 1
        self._none.clear()
        try:
            await self._app(scope, receive, send)
        finally:
            self._count -= 1
            if not self._count:
                self._none.set()

    @property
    def count(self) -> int:
        """Requests being worked on."""
        return self._count

    async def none(self) -> None:
        """Return when no request is being worked on."""
        await self._none.wait()


async def _taken(address: Address, serving: "asyncio.Task[None]") -> None:
    """Return when the server takes connections. Raises PartUnavailable when it does not come to that."""
    answering = asyncio.create_task(answers(address))
    await asyncio.wait({answering, serving}, timeout=STARTING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if not answering.done():
        answering.cancel()
        raise PartUnavailable("server", f"nobody can be served at {address.url}{_reason(serving)}")


async def _drained(counted: _Counted, serving: "asyncio.Task[None]") -> None:
    """Return when the server has ended, or nothing is being worked on, or it takes too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINING_SECONDS):
            while not serving.done():
                await counted.none()
                await asyncio.wait({serving}, timeout=FLUSHING_SECONDS)
                if not counted.count:
                    break
    if counted.count:
        _LOG.warning("%d requests took too long and were abandoned", counted.count)
    serving.cancel()
    await asyncio.wait({serving})


def _reason(serving: "asyncio.Task[None]") -> str:
    """Why it ended, without the traceback that follows."""
    error = serving.exception() if serving.done() and not serving.cancelled() else None
    return f": {str(error).partition(chr(10))[0]}" if error is not None else ""
