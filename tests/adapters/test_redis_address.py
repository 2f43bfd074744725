"""How the address of Redis is read."""

import pytest

from adapters.redis.address import Address, address_of
from adapters.redis.connection import RedisConnection
from domain.errors import SettingsInvalid

PLAIN = Address("server", (("cache.local", 6379),), "", 0, secure=False, credentials={}, tls={})


@pytest.mark.parametrize(
    ("url", "changes"),
    [
        ("redis://cache.local", {}),
        ("redis://cache.local/", {}),
        ("redis://cache.local:7000/3", {"nodes": (("cache.local", 7000),), "database": 3}),
        ("redis://[::1]:7000", {"nodes": (("::1", 7000),)}),
        ("redis://:p%40ss%3A1@cache.local", {"credentials": {"password": "p@ss:1"}}),
        ("redis://ann:b@cache.local", {"credentials": {"username": "ann", "password": "b"}}),
        ("rediss://cache.local", {"secure": True}),
        (
            "rediss://cache.local?ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=false",
            {"secure": True, "tls": {"ssl_ca_certs": "/etc/ca.pem", "ssl_check_hostname": False}},
        ),
        (
            "redis+sentinel://one:1,two/main",
            {"kind": "sentinel", "nodes": (("one", 1), ("two", 26379)), "service": "main"},
        ),
        (
            "rediss+sentinel://ann:b@one/main/2",
            {
                "kind": "sentinel",
                "nodes": (("one", 26379),),
                "service": "main",
                "database": 2,
                "secure": True,
                "credentials": {"username": "ann", "password": "b"},
            },
        ),
        ("redis+cluster://one,two:7001", {"kind": "cluster", "nodes": (("one", 6379), ("two", 7001))}),
        ("rediss+cluster://one/0", {"kind": "cluster", "nodes": (("one", 6379),), "secure": True}),
    ],
)
def test_an_address_says_where_and_as_whom(url: str, changes: dict[str, object]) -> None:
    assert address_of(url) == PLAIN._replace(**changes)  # type: ignore[arg-type] # of the table above


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("", "begins with none of redis://"),
        ("http://secret@cache", "begins with none of redis://"),
        ("redis://", "a host is missing"),
        ("redis://:secret@:6379", "a host is missing"),
        ("redis://:secret@cache:port", "a port is no number"),
        ("redis://:secret@cache:70000", "a port is no number"),
        ("redis://:secret@[::1", "wrong"),
        ("redis://:secret@one,two", "several hosts"),
        ("redis://:secret@cache/first", "the database is no number"),
        ("redis://:secret@cache/1/2", "the database is no number"),
        ("redis+sentinel://:secret@one", "after the sentinels comes /service"),
        ("redis+cluster://:secret@one/1", "database 0 only"),
        ("redis://:secret@cache?socket_timeout=9", "ssl_ca_certs"),
    ],
)
def test_what_is_no_address_is_refused_without_quoting_it(url: str, hint: str) -> None:
    with pytest.raises(SettingsInvalid, match=hint) as caught:
        RedisConnection(url)
    assert "secret" not in caught.value.message
