"""Throw-away Redis servers: one alone, a cluster of three, and one with a replica and three sentinels."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.certificates import certificate
from tests.servers.debian import program
from tests.servers.process import Process, free_port

_SLOTS = 16384
_KEEPING_NOTHING = ("--save", "", "--appendonly", "no")


class RedisServer(Process):
    """A Redis in a folder of its own, with options of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        # Debian's redis-tools brings the server under the name of its other use, and no service of the system.
        binary = program("redis-server", "redis-check-rdb", packages=("redis-tools",))
        folder.mkdir(exist_ok=True)
        named = folder / "redis-server"
        named.symlink_to(binary)
        self.port = free_port()
        place = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--daemonize", "no")
        super().__init__([str(named), *options, *place], ready=self._answers, folder=folder)
        self.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    def tell(self, *words: str | int) -> Any:
        """What it answers to one command, over a connection of its own."""
        once = Retry(NoBackoff(), 0)
        with redis.Redis(port=self.port, protocol=2, decode_responses=True, socket_timeout=10, retry=once) as client:
            return client.execute_command(*words)

    def _answers(self) -> bool:
        try:
            return bool(self.tell("PING"))
        except redis.exceptions.RedisError:
            return False


class LoneRedis(RedisServer):
    """One that forgets everything when it stops, and that speaks TLS on a second port."""

    def __init__(self, folder: Path) -> None:
        self._tls_port = free_port()
        self._tls = certificate(folder)
        options = {
            "--tls-port": self._tls_port,
            "--tls-cert-file": self._tls.certificate,
            "--tls-key-file": self._tls.key,
            "--tls-ca-cert-file": self._tls.authority,
            "--tls-auth-clients": "no",
        }
        super().__init__(folder, *_KEEPING_NOTHING, *(str(word) for option in options.items() for word in option))

    @property
    def tls_url(self) -> str:
        """Where it speaks TLS; whoever trusts nobody else names the authority."""
        return f"rediss://127.0.0.1:{self._tls_port}/0?ssl_ca_certs={self._tls.authority}"


class RedisCluster:
    """Three nodes that share the slots, without replicas."""

    def __init__(self, folder: Path) -> None:
        self._buses = [str(free_port()) for _ in range(3)]
        self.nodes = [self._node(folder / f"node{number}", bus) for number, bus in enumerate(self._buses)]
        for number, node in enumerate(self.nodes):
            node.tell("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            node.tell("CLUSTER", "ADDSLOTSRANGE", _SLOTS * number // 3, _SLOTS * (number + 1) // 3 - 1)
        for node in self.nodes[1:]:
            node.tell("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port, self._buses[0])
        until(lambda: all(self._agrees(node) for node in self.nodes))

    def _node(self, folder: Path, bus: str) -> RedisServer:
        cluster = ("--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000")
        return RedisServer(folder, *_KEEPING_NOTHING, *cluster)

    def _agrees(self, node: RedisServer) -> bool:
        state = node.tell("CLUSTER", "INFO")
        return "cluster_state:ok" in state and "cluster_known_nodes:3" in state

    @property
    def url(self) -> str:
        """Where it is: every node."""
        return f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in self.nodes)}"

    def node_of(self, key: str) -> RedisServer:
        """The node that keeps a key."""
        slot = self.nodes[0].tell("CLUSTER", "KEYSLOT", key)
        return next(node for number, node in enumerate(self.nodes) if slot < _SLOTS * (number + 1) // 3)

    def stop(self) -> None:
        """End every node."""
        for node in self.nodes:
            node.stop()


class RedisSentinels:
    """A master, its replica, and three sentinels that promote the replica when the master is gone for a second."""

    service = "huiyi"

    def __init__(self, folder: Path) -> None:
        self.servers = [RedisServer(folder / name, *_KEEPING_NOTHING) for name in ("one", "two")]
        first, second = self.servers
        second.tell("REPLICAOF", "127.0.0.1", first.port)
        until(lambda: second.tell("INFO", "replication")["master_link_status"] == "up")
        self.sentinels = [self._sentinel(folder / f"sentinel{number}") for number in range(3)]
        until(lambda: all(self._knows_all(sentinel) for sentinel in self.sentinels))

    def _sentinel(self, folder: Path) -> RedisServer:
        folder.mkdir()
        settings = folder / "sentinel.conf"
        settings.write_text(
            f"sentinel monitor {self.service} 127.0.0.1 {self.servers[0].port} 2\n"
            f"sentinel down-after-milliseconds {self.service} 1000\n"
            f"sentinel failover-timeout {self.service} 4000\n"
        )
        return RedisServer(folder, str(settings), "--sentinel")

    def _knows_all(self, sentinel: RedisServer) -> bool:
        state = iter(sentinel.tell("SENTINEL", "MASTER", self.service))
        told = dict(zip(state, state, strict=True))
        return (told["num-other-sentinels"], told["num-slaves"]) == ("2", "1")

    @property
    def url(self) -> str:
        """Where it is: every sentinel, and the name of the service."""
        places = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{places}/{self.service}"

    @property
    def master(self) -> RedisServer:
        """The one that the sentinels hold for the master."""
        _, port = self.sentinels[0].tell("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.service)
        return next(server for server in self.servers if server.port == int(port))

    def stop(self) -> None:
        """End all of them, the sentinels first, so that nobody is promoted any more."""
        for process in (*self.sentinels, *self.servers):
            process.stop()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something to become true."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it never became true"
        time.sleep(0.05)
