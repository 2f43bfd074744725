"""Real servers, each started once when a test first asks for it and stopped at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import pytest

from tests.servers.mariadb import MariadbServer
from tests.servers.redis import LoneRedis, RedisCluster, RedisSentinels


class _Stoppable(Protocol):
    def stop(self) -> None: ...


S = TypeVar("S", bound=_Stoppable)


@contextmanager
def _stopped_after(server: S) -> Iterator[S]:
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariadbServer]:
    """A MariaDB; a test makes its own databases in it."""
    with _stopped_after(MariadbServer(tmp_path_factory.mktemp("mariadb"))) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoneRedis]:
    """A Redis; a test uses a prefix of its own."""
    with _stopped_after(LoneRedis(tmp_path_factory.mktemp("redis"))) as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """A Redis Cluster of three nodes."""
    with _stopped_after(RedisCluster(tmp_path_factory.mktemp("redis_cluster"))) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def redis_sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisSentinels]:
    """A Redis with a replica, watched by three sentinels."""
    with _stopped_after(RedisSentinels(tmp_path_factory.mktemp("redis_sentinels"))) as sentinels:
        yield sentinels
