"""Requests are answered, and finished before the server goes."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest

from bootstrap import listening
from bootstrap.listening import Address, free_address, until
from domain.errors import PartUnavailable, SettingsInvalid

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Waiter:
    """An application that answers when it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked = asyncio.Event()

    async def __call__(self, _scope: object, _receive: object, send: Send) -> None:
        self.asked.set()
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def waiter() -> Waiter:
    return Waiter()


@pytest.fixture
def address() -> Address:
    return free_address("127.0.0.1", 0)


@asynccontextmanager
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as opened:
        yield opened


async def test_requests_are_answered_as_soon_as_the_block_begins(waiter: Waiter, address: Address) -> None:
    waiter.go.set()
    async with listening.listening(waiter, address), client() as http:
        assert (await http.get(address.url)).text == "ok"


async def test_a_request_being_worked_on_is_finished_and_no_other_taken(waiter: Waiter, address: Address) -> None:
    async with client() as http:
        async with listening.listening(waiter, address):
            answer = asyncio.create_task(http.get(address.url))
            await waiter.asked.wait()
            asyncio.get_running_loop().call_later(0.3, waiter.go.set)
        assert (await answer).text == "ok"
        with pytest.raises(httpx.TransportError):
            await http.get(address.url)


async def test_whoever_says_nothing_does_not_hold_up_the_end(waiter: Waiter, address: Address) -> None:
    async with listening.listening(waiter, address):
        _, writer = await asyncio.open_connection(address.ip, address.port)
        writer.write(b"POST / HTTP/1.1\r\nHo")
        await writer.drain()
        began = time.monotonic()
    assert time.monotonic() - began < 5
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_request_that_does_not_end_is_abandoned(
    waiter: Waiter, address: Address, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listening, "DRAINING_SECONDS", 0.2)
    async with client() as http:
        async with listening.listening(waiter, address):
            answer = asyncio.create_task(http.get(address.url))
            await waiter.asked.wait()
        assert "1 requests took too long" in caplog.text
        waiter.go.set()
        await asyncio.gather(answer, return_exceptions=True)


async def test_a_server_that_ends_by_itself_is_an_error(waiter: Waiter, address: Address) -> None:
    async with listening.listening(waiter, address) as server:
        server.cancel()
        with pytest.raises(PartUnavailable, match="ended by itself"):
            await until(asyncio.Event(), server)


async def test_a_port_that_somebody_took_in_the_meantime_is_one_line(waiter: Waiter, address: Address) -> None:
    with socket.socket() as other:
        other.bind((address.ip, address.port))
        other.listen()
        with pytest.raises(PartUnavailable) as refused:
            async with listening.listening(waiter, address):
                pass
    assert "\n" not in refused.value.message


async def test_a_port_in_use_is_refused_also_when_it_could_be_shared(waiter: Waiter, address: Address) -> None:
    async with listening.listening(waiter, address):
        with pytest.raises(SettingsInvalid, match=f"port {address.port} is in use"):
            free_address("127.0.0.1", address.port)


@pytest.mark.parametrize("host", ["203.0.113.9", "no such host"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(SettingsInvalid, match="cannot listen on"):
        free_address(host, 0)


def test_names_of_this_machine_are_addresses() -> None:
    assert free_address("localhost", 0).ip in ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("ip", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("192.0.2.1", "http://192.0.2.1:80"),
    ],
)
def test_an_address_is_told_as_this_machine_reaches_it(ip: str, url: str) -> None:
    assert Address(ip, 80).url == url
