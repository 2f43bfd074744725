"""Makes engines: how each kind of database is connected to, and what its connections begin with."""

from functools import partial
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from domain.errors import SettingsInvalid

Synchronous = Literal["NORMAL", "FULL"]

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "mysql": "mysql+asyncmy", "mariadb": "mariadb+asyncmy"}
_TLS_OPTIONS = frozenset({"ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher", "ssl_check_hostname"})
_RECYCLE_SECONDS = 3600
_ALONE_SECONDS = 600.0

# Named because servers, and administrators, differ: a value that does not fit is refused, instants are UTC, and a
# transaction that stands in the way of another is given up before the caller gives up.
_SESSION = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', "
    "time_zone = '+00:00', innodb_lock_wait_timeout = {lock_wait}"
)


class Place(NamedTuple):
    """Where a database is, and through which driver it is reached."""

    url: URL
    is_sqlite: bool


class Size(NamedTuple):
    """How many connections stay open, and how many more are opened under load."""

    lasting: int
    overflow: int = 0

    @property
    def most(self) -> int:
        """At once."""
        return self.lasting + self.overflow


_ON_FILE = (Size(4), Size(1))  # readers, writers
# Of 20 that stay and 30 more under load. Few writers: they share transactions, and shared ones cost less.
_AT_SERVER = (Size(16, 30), Size(4))


def place_of(url: str) -> Place:
    """What a URL means; SettingsInvalid, which does not quote it, when no database is reached that way."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SettingsInvalid("the address of the database is none") from error
    kind = parsed.get_backend_name()
    if kind not in _DRIVERS:
        raise SettingsInvalid(f"the address of the database begins with none of {', '.join(_DRIVERS)}")
    if kind == "sqlite":
        return Place(parsed.set(drivername=_DRIVERS[kind]), is_sqlite=True)
    unknown = parsed.query.keys() - _TLS_OPTIONS - {"charset"}
    if unknown:
        raise SettingsInvalid(f"the address of a server knows these options only: {', '.join(sorted(_TLS_OPTIONS))}")
    return Place(parsed.set(drivername=_DRIVERS[kind]).difference_update_query({"charset"}), is_sqlite=False)


def writers(place: Place) -> int:
    """How many transactions may run at once."""
    return (_ON_FILE if place.is_sqlite else _AT_SERVER)[1].most


def engines(place: Place, *, patience: float, synchronous: Synchronous) -> tuple[AsyncEngine, AsyncEngine]:
    """One to read and one to write.

    Reads run in autocommit: no transaction to begin and roll back, which is most of a short read's cost. Writes never
    read what they do not change, and so need no more than to see what is committed.
    """
    reading: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    if place.is_sqlite:
        many, one = _ON_FILE
        at = partial(_sqlite_engine, place, patience=patience, synchronous=synchronous)
        return at(many, **reading), at(one)
    more, fewer = _AT_SERVER
    at = partial(_server_engine, place, patience=patience)
    return at(more, **reading), at(fewer, isolation_level="READ COMMITTED")


def _sqlite_engine(
    place: Place, size: Size, *, patience: float, synchronous: Synchronous, **options: Any
) -> AsyncEngine:
    """An engine on a file."""

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for setting in ("journal_mode = WAL", f"synchronous = {synchronous}", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    arguments = {"timeout": patience}
    engine = create_async_engine(place.url, connect_args=arguments, **_pool(size, patience), **options)
    event.listen(engine.sync_engine, "connect", prepare)
    return engine


def _server_engine(place: Place, size: Size, *, patience: float, **options: Any) -> AsyncEngine:
    """An engine on a server. A connection that the server has closed is found out and replaced before it is used."""
    checked = {"pool_pre_ping": True, "pool_recycle": _RECYCLE_SECONDS, "connect_args": _arguments(patience)}
    return create_async_engine(place.url, **_pool(size, patience), **checked, **options)


def lone_engine(place: Place) -> AsyncEngine:
    """An engine on a server for statements that may take minutes; each use has a connection of its own."""
    options = {"poolclass": NullPool, "pool_reset_on_return": None, "hide_parameters": True}
    return create_async_engine(place.url, connect_args=_arguments(_ALONE_SECONDS), **options)


def _pool(size: Size, patience: float) -> dict[str, Any]:
    """Errors never show parameters, which are people's words.

    Every transaction is ended explicitly, so that handing a connection back needs no rollback.
    """
    sizes = {"pool_size": size.lasting, "max_overflow": size.overflow, "pool_timeout": patience}
    return {**sizes, "pool_reset_on_return": None, "hide_parameters": True}


def _arguments(patience: float) -> dict[str, Any]:
    """The driver's time-out for connecting does not cover the server's greeting; the one for reading does."""
    return {
        "charset": "utf8mb4",
        "connect_timeout": patience,
        "read_timeout": patience,
        "init_command": _SESSION.format(lock_wait=max(1, int(patience / 2))),
    }
