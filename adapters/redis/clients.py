"""Makes the vendor's clients."""

from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff

from adapters.redis.address import Address
from adapters.redis.cluster import PatientCluster

_Options = dict[str, Any]  # the vendor's keyword arguments

_ALWAYS: Final[_Options] = {
    # By default the vendor sends a command up to eleven times, and one that was carried out is then carried out again.
    "retry": Retry(NoBackoff(), 0),
    # Version 3 turns on maintenance notifications, and with them a connection that the server closed is used once more.
    "protocol": 2,
}


class Client:
    """The vendor's client of an address. Nothing is connected before the first command, and none is sent twice.

    `connections` may be open at once (in a cluster, to each node); each gives up after `seconds` of silence.
    """

    def __init__(self, address: Address, *, connections: int, seconds: float) -> None:
        self.commands: Redis | RedisCluster
        self._sentinel: Sentinel | None = None
        match address.kind:
            case "server":
                self.commands = Redis.from_pool(_pool(address, connections, seconds))
            case "cluster":
                self.commands = _cluster(address, connections, seconds)
            case "sentinel":
                # A sentinel that is silent leaves the time to ask the next one.
                self._sentinel = Sentinel(  # type: ignore[no-untyped-call] # the vendor's
                    address.nodes, sentinel_kwargs={**_ALWAYS, **_silence(seconds / 2)}
                )
                options = {**_common(address, connections, seconds), "timeout": seconds, "db": address.database}
                self.commands = self._sentinel.master_for(
                    address.service, connection_pool_class=_WaitingPool, ssl=address.secure, **options
                )

    async def close(self) -> None:
        """Close every connection, whatever state the client is in."""
        await self.commands.aclose()
        if isinstance(self.commands, RedisCluster):
            # Nodes stay connected when the client was about to ask for the cluster's layout again.
            await self.commands.nodes_manager.aclose()
            await self.commands.nodes_manager.aclose("startup_nodes")
        if self._sentinel is not None:
            await self._sentinel.aclose()


class _WaitingPool(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to the master of the moment; who finds none free waits for one."""


def _silence(seconds: float) -> _Options:
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds}


def _common(address: Address, connections: int, seconds: float) -> _Options:
    login = {**address.credentials, **(address.tls if address.secure else {})}
    return {**_ALWAYS, **_silence(seconds), **login, "max_connections": connections}


def _pool(address: Address, connections: int, seconds: float) -> BlockingConnectionPool:
    ((host, port),) = address.nodes
    options = _common(address, connections, seconds)
    if address.secure:
        options["connection_class"] = SSLConnection
    return BlockingConnectionPool(timeout=seconds, host=host, port=port, db=address.database, **options)


def _cluster(address: Address, connections: int, seconds: float) -> RedisCluster:
    return PatientCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in address.nodes],
        ssl=address.secure,
        # Slots of a node that is down hinder no others; slots that move close nobody's connection.
        require_full_coverage=False,
        reinitialize_steps=0,
        **_common(address, connections, seconds),
    )
