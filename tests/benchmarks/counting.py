"""What servers counted while the service worked on them."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

from tests.servers.mariadb import MariadbServer
from tests.servers.redis import RedisServer

WRITES = ("insert", "update", "delete", "replace")
READS = ("select",)
ENDS = ("commit",)
OTHERS = ("begin", "rollback", "set_option", "admin_commands")
"""The last are pings among others."""

Counts = Counter[str]


async def counted(ask: Callable[[], Awaitable[Counts]], work: Callable[[], Awaitable[object]]) -> Counts:
    """What came on top while the work was done; what asking costs is taken off."""
    first, before = await ask(), await ask()
    await work()
    after = await ask()
    asking = {name: count - first[name] for name, count in before.items()}
    return Counter({name: count - before[name] - asking[name] for name, count in after.items()})


async def sql_counts(server: MariadbServer) -> Counts:
    """Every kind of statement, by the name that SHOW GLOBAL STATUS has for it."""
    rows = await server.tell("SHOW GLOBAL STATUS LIKE 'Com\\_%'")
    return Counter({str(name).removeprefix("Com_"): int(str(count)) for name, count in rows})


async def redis_counts(server: RedisServer) -> Counts:
    """Every command, those inside scripts too, by its name."""
    statistics = server.tell("INFO", "commandstats")
    return Counter({name.removeprefix("cmdstat_"): int(told["calls"]) for name, told in statistics.items()})


def total(counts: Counts, names: Iterable[str]) -> int:
    """Those of the names together."""
    return sum(counts[name] for name in names)
