"""A service that is killed in the middle of its work has lost nothing that it answered, and doubled nothing."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from tests.benchmarks.client import Connection, Talk
from tests.benchmarks.processes import ROOT, free_port
from tests.doubles.business_api import BusinessApi, answer, business_api

TURNS = ("我想订机票", "北京", "上海", "明天", "确认")
ENOUGH = 150
CLIENTS = 8

Acknowledged = list[tuple[str, str, int, str, str]]
"""User, session, turn, what was answered, status."""


@asynccontextmanager
async def service(port: int, folder: Path, business: BusinessApi) -> AsyncIterator[subprocess.Popen[bytes]]:
    """`huiyi serve` in a process group of its own, once it is ready; killed at the end if it still runs."""
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "FUNCTIONS_BASE_URL": business.url,
        "LOG_LEVEL": "WARNING",
        "PYTHONWARNINGS": "default",
    }
    huiyi = str(Path(sys.executable).with_name("huiyi"))
    process = subprocess.Popen([huiyi, "serve", "--port", str(port)], cwd=ROOT, env=environment, start_new_session=True)
    try:
        await ready(port)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait)


async def ready(port: int) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
        while True:
            with suppress(httpx.TransportError):
                if (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def talk_until_killed(port: int, number: int, acknowledged: Acknowledged, enough: asyncio.Event) -> None:
    """Bookings one after the other, until the connection breaks."""
    connection = await Connection.open(port)
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        for booking in range(1000):
            user = f"user-{number}-{booking}"
            talk = Talk(connection, user)
            for text in TURNS:
                data, _ = await talk.say(text)
                acknowledged.append((user, data["session_id"], data["turn"], data["response"], data["status"]))
                if len(acknowledged) >= ENOUGH:
                    enough.set()
    await connection.close()


async def state_of(port: int, user: str, session: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{port}/api/v1/sessions/{session}"
        return str((await client.get(url, params={"user_id": user})).json()["data"]["state"])


async def stored_turns(port: int, user: str, session: str) -> dict[int, tuple[str, str]]:
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{port}/api/v1/sessions/{session}/turns"
        answered = await client.get(url, params={"user_id": user})
        return {turn["turn"]: (turn["response"], turn["status"]) for turn in answered.json()["data"]["turns"]}


async def test_a_kill_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    acknowledged: Acknowledged = []
    port, enough = free_port(), asyncio.Event()
    async with business_api() as business:
        business.plays(answer(fields={"order_id": "FL1"}))
        async with service(port, tmp_path, business) as process:
            talks = [
                asyncio.create_task(talk_until_killed(port, number, acknowledged, enough)) for number in range(CLIENTS)
            ]
            async with asyncio.timeout(60):
                await enough.wait()
            os.killpg(process.pid, signal.SIGKILL)
            await asyncio.gather(*talks)
        async with service(port, tmp_path, business):
            states = {await state_of(port, user, session) for user, session, *_ in acknowledged}
            kept = {session: await stored_turns(port, user, session) for user, session, *_ in acknowledged}

    lost = [
        (session, turn) for _, session, turn, response, status in acknowledged
        if kept[session].get(turn) != (response, status)
    ]  # fmt: skip
    completed = [session for _, session, _, _, status in acknowledged if status == "completed"]
    assert lost == []
    assert "acting" not in states, "a call that the kill interrupted was not settled"
    assert len(completed) >= ENOUGH // len(TURNS) // 2
    # Each booking has one key, however often it was sent; at most one booking a client was under way at the kill.
    assert len(completed) <= len(business.executions) <= len(completed) + CLIENTS
