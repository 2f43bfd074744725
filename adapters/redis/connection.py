"""Owns the connections."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from types import TracebackType
from typing import NamedTuple, Self

from redis.asyncio import RedisCluster
from redis.exceptions import NoScriptError
from redis.exceptions import TimeoutError as RedisTimeoutError

from adapters.redis.address import address_of
from adapters.redis.clients import Client
from adapters.redis.resting import Rest
from adapters.redis.translation import Silence, translated
from domain.errors import PartUnavailable

Word = bytes | int
Answer = bytes | int | None

_LISTENERS = 8
_REST_SECONDS = 1.0


class Script(NamedTuple):
    """A Lua script about one key, and the digest that the server knows it by."""

    text: str
    digest: str


def script(text: str) -> Script:
    """Ready to be run."""
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


class RedisConnection:
    """Redis by URL, open inside the `async with` block, whether it can be reached or not.

    The URL is `redis://[user:password@]host:port/database`, `redis+sentinel://sentinel,sentinel/service` or
    `redis+cluster://node,node`; `rediss…` for TLS, with `?ssl_ca_certs=…` and the like. Keys and channels begin with
    `prefix`. At most `connections` calls are under way at once; the others wait. A call takes at most `patience`
    seconds, and the ones after a call in vain are turned away at once for a second. No command is sent twice.
    """

    def __init__(self, url: str, *, prefix: str = "huiyi:", connections: int = 20, patience: float = 2.0) -> None:
        self._address = address_of(url)
        self._prefix = prefix
        self._connections = connections
        self._patience = patience
        self._gate = asyncio.Semaphore(connections)
        self._rests: dict[str, Rest] = {}
        self._client: Client | None = None

    @property
    def patience(self) -> float:
        """How long a call may take, in seconds."""
        return self._patience

    async def __aenter__(self) -> Self:
        # The vendor must give up before the call does: its cluster client learns of a lost node from that only.
        seconds = self._patience / 2
        self._client = Client(self._address, connections=self._connections + _LISTENERS, seconds=seconds)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._opened(), None
        with translated():
            await client.close()

    def key(self, name: str) -> bytes:
        """The key or channel of a name, which may be any text."""
        return f"{self._prefix}{name}".encode("utf-8", "surrogatepass")

    async def ping(self) -> None:
        """Raises PartUnavailable when Redis does not answer."""
        await self.ask("EXISTS", self.key("ping"))

    async def ask(self, command: str, key: bytes, *words: Word) -> Answer:
        """The answer to a command about one key or channel. Raises PartUnavailable."""
        return await self._called(key, lambda: self._opened().commands.execute_command(command, key, *words))

    async def run(self, script: Script, key: bytes, *words: Word) -> Answer:
        """What a script gives. Raises PartUnavailable."""
        return await self._called(key, partial(self._run, script, key, *words))

    async def follow(self, channel: bytes, hear: Callable[[bytes | None], None]) -> None:
        """Call `hear` with None once the channel is listened to, and then with each message.

        Ends by raising PartUnavailable when the connection is lost, or silent.
        """
        await self.ask("EXISTS", channel)  # in a cluster this finds out who has the channel now
        with translated():
            async with self._opened().commands.pubsub() as subscription:
                async with asyncio.timeout(self._patience):
                    await subscription.subscribe(channel)
                asked = False
                while True:
                    message = await subscription.get_message(timeout=self._patience)
                    if message is None and asked:
                        raise RedisTimeoutError("no answer to a ping")
                    asked = message is None
                    if message is None:
                        await subscription.ping()
                    elif message["type"] == "subscribe":
                        hear(None)
                    elif message["type"] == "message":
                        hear(message["data"])

    async def _run(self, script: Script, key: bytes, *words: Word) -> Answer:
        client = self._opened().commands
        answer: Answer
        try:
            answer = await client.execute_command("EVALSHA", script.digest, 1, key, *words)
        except NoScriptError:  # then nothing was run, and sending the text is no second time
            answer = await client.execute_command("EVAL", script.text, 1, key, *words)
        return answer

    async def _called(self, key: bytes, call: Callable[[], Awaitable[Answer]]) -> Answer:
        rest = self._rest_of(key)
        if not rest.admits():
            raise PartUnavailable("redis", "Redis did not answer a moment ago")
        ends = asyncio.get_running_loop().time() + self._patience
        await self._enter(ends)
        try:
            with translated():
                async with asyncio.timeout_at(ends):
                    answer = await call()
        except Silence:
            rest.begin()
            raise
        finally:
            self._gate.release()
        rest.end()
        return answer

    async def _enter(self, ends: float) -> None:
        try:
            async with asyncio.timeout_at(ends):
                await self._gate.acquire()
        except TimeoutError as error:
            raise PartUnavailable("redis", "too many calls to Redis are under way") from error

    def _rest_of(self, key: bytes) -> Rest:
        """One for each node of a cluster, since the others may be well."""
        commands = self._opened().commands
        nodes = (
            commands.nodes_manager.slots_cache.get(commands.keyslot(key))
            if isinstance(commands, RedisCluster)
            else None
        )
        name = nodes[0].name if nodes else ""
        if name not in self._rests:
            self._rests[name] = Rest(asyncio.get_running_loop().time, seconds=_REST_SECONDS)
        return self._rests[name]

    def _opened(self) -> Client:
        if self._client is None:
            raise PartUnavailable("redis", "the connection is closed")
        return self._client
