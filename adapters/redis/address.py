"""Reads the address of Redis."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from domain.errors import SettingsInvalid

Kind = Literal["server", "sentinel", "cluster"]

_KINDS: Final[Mapping[str, Kind]] = {
    "redis": "server",
    "rediss": "server",
    "redis+sentinel": "sentinel",
    "rediss+sentinel": "sentinel",
    "redis+cluster": "cluster",
    "rediss+cluster": "cluster",
}
_PORTS: Final[Mapping[Kind, int]] = {"server": 6379, "sentinel": 26379, "cluster": 6379}
_TLS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"})


class Address(NamedTuple):
    """Where Redis is, and as whom to come.

    `nodes` are the server, or the sentinels that know it, or some nodes of the cluster. `service` is the name that
    the sentinels know it by. `tls` are options of the connection, for `secure` ones.
    """

    kind: Kind
    nodes: tuple[tuple[str, int], ...]
    service: str
    database: int
    secure: bool
    credentials: Mapping[str, str]
    tls: Mapping[str, str | bool]


def address_of(url: str) -> Address:
    """The address that a URL means; SettingsInvalid, which does not quote it, when it is none."""
    try:
        return _address(urlsplit(url))
    except ValueError as error:
        raise SettingsInvalid(f"the address of Redis is wrong: {error}") from error


def _address(url: SplitResult) -> Address:
    kind = _KINDS.get(url.scheme)
    if kind is None:
        raise ValueError(f"it begins with none of {', '.join(f'{scheme}://' for scheme in _KINDS)}")
    login, _, places = url.netloc.rpartition("@")
    service, database = _path(url.path, kind)
    return Address(
        kind=kind,
        nodes=_nodes(places, kind),
        service=service,
        database=database,
        secure=url.scheme.startswith("rediss"),
        credentials=_credentials(login),
        tls=_tls(url.query),
    )


def _credentials(login: str) -> Mapping[str, str]:
    username, _, password = login.partition(":")
    named = {"username": unquote(username), "password": unquote(password)}
    return {name: text for name, text in named.items() if text}


def _nodes(places: str, kind: Kind) -> tuple[tuple[str, int], ...]:
    nodes = tuple(_node(place, _PORTS[kind]) for place in places.split(","))
    if kind == "server" and len(nodes) > 1:
        raise ValueError("several hosts are for redis+sentinel:// and redis+cluster://")
    return nodes


def _node(place: str, port: int) -> tuple[str, int]:
    parsed = urlsplit(f"//{place}")
    if not parsed.hostname:
        raise ValueError("a host is missing")
    try:
        return parsed.hostname, parsed.port or port
    except ValueError:
        raise ValueError("a port is no number up to 65535") from None


def _path(path: str, kind: Kind) -> tuple[str, int]:
    """The service and the number of the database."""
    parts = [unquote(part) for part in path.split("/") if part]
    service = parts.pop(0) if kind == "sentinel" and parts else ""
    if kind == "sentinel" and not service:
        raise ValueError("after the sentinels comes /service")
    number = parts.pop(0) if parts else "0"
    if parts or not number.isdecimal():
        raise ValueError("the database is no number")
    if kind == "cluster" and number != "0":
        raise ValueError("a cluster has database 0 only")
    return service, int(number)


def _tls(query: str) -> Mapping[str, str | bool]:
    options: dict[str, str | bool] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _TLS_OPTIONS:
            raise ValueError(f"it knows these options only: {', '.join(sorted(_TLS_OPTIONS))}")
        options[name] = value.lower() in {"true", "1", "yes"} if name == "ssl_check_hostname" else value
    return options
