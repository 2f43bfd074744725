"""A `huiyi serve` process of the tests' own, and the users who talk to it."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.benchmarks.processes import ROOT, free_port

BOOKING = ("我想订机票", "北京", "上海", "明天", "确认")
"""A whole conversation; its last message calls a function."""

_PAGE = 200
UNFORESEEN = ("Traceback", "RuntimeWarning", "ResourceWarning")
PATIENCE_SECONDS, STARTING_SECONDS, ENDING_SECONDS = 90.0, 60.0, 30.0


class Said(NamedTuple):
    """What came back, and how many seconds it took. `data` is that of an answer, or of a failure its details."""

    status: int
    data: Mapping[str, Any]
    retry_after: str
    seconds: float

    @property
    def is_put_off(self) -> bool:
        """Refused for the moment, as the contract wants it."""
        return self.status == 503 and self.retry_after.isdigit()


class Stored(NamedTuple):
    """A turn as it was acknowledged, or as it is kept."""

    turn: int
    text: str
    response: str
    status: str


class Replica:
    """One process. Its settings are the defaults and `settings`, and none of this machine's."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._log = folder / "log"
        self._environment = {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "PYTHONWARNINGS": "default",
            "DATA_DIR": str(folder / "data"),
            "LOG_LEVEL": "WARNING",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=PATIENCE_SECONDS
        )

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text("utf-8", errors="replace")

    async def start(self) -> None:
        """Return when it is ready."""
        setpriv = shutil.which("setpriv")
        huiyi = str(Path(sys.executable).with_name("huiyi"))
        bound = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*bound, huiyi, "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ends = time.monotonic() + STARTING_SECONDS
        while not await self._is_ready():
            assert self._process.poll() is None, f"it has ended: {self.log[-3000:]}"
            assert time.monotonic() < ends, f"it does not serve: {self.log[-3000:]}"
            await asyncio.sleep(0.05)

    async def close(self) -> int | None:
        """Let it end for good; its exit code, None when it had to be killed."""
        await self._http.aclose()
        return await self.stop()

    async def stop(self) -> int | None:
        """Let it end in order; its exit code, None when it had to be killed. It may be started again."""
        if self._process is None:
            return None
        self._process.terminate()
        try:
            return await asyncio.to_thread(self._process.wait, ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return None

    async def _is_ready(self) -> bool:
        try:
            return (await self._http.get("/health/ready", timeout=5)).status_code == 200
        except httpx.TransportError:
            return False

    async def ask(self, method: str, path: str, **more: Any) -> Said:
        """One request below /api/v1."""
        began = time.perf_counter()
        answer = await self._http.request(method, f"/api/v1{path}", **more)
        took = time.perf_counter() - began
        body = answer.json()
        data = body.get("data") or body.get("details") or {}
        return Said(answer.status_code, data, answer.headers.get("Retry-After", ""), took)

    async def health(self) -> dict[str, tuple[str, str]]:
        """State and detail of every part, and of the `whole` the state."""
        answer = (await self._http.get("/health/detailed")).json()["data"]
        parts = {part["part"]: (part["state"], part["detail"]) for part in answer["parts"]}
        return {**parts, "whole": (answer["status"], "")}

    async def healthy(self, *parts: str, within: float) -> None:
        """Return when these parts are well again."""
        ends = time.monotonic() + within
        while unwell := {
            part: found for part, found in (await self.health()).items() if part in parts and found[0] != "ok"
        }:
            assert time.monotonic() < ends, unwell
            await asyncio.sleep(0.1)


@asynccontextmanager
async def replica(folder: Path, **settings: str) -> AsyncIterator[Replica]:
    """A process that is ready. It must end in order, whatever was done to it, with nothing unforeseen in its log."""
    process = Replica(folder, settings)
    try:
        await process.start()
        yield process
    finally:
        code = await process.close()
    assert code == 0, process.log
    assert not any(sign in process.log for sign in UNFORESEEN), process.log


class User:
    """A user in one conversation, whose every message has an id of its own and waits for the one before."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.session: str | None = None
        self.put_off: list[Said] = []
        self.slowest = 0.0
        self._messages = 0
        self._answers: dict[int, Stored] = {}

    @property
    def acknowledged(self) -> list[Stored]:
        """The last answer to each message; one that was sent again may have come to more."""
        return [*self._answers.values()]

    async def say(self, at: Replica, text: str) -> Said:
        """A new message, sent once."""
        self._messages += 1
        return await self.again(at, text)

    async def again(self, at: Replica, text: str) -> Said:
        """The message once more, under the same id."""
        named = {} if self.session is None else {"session_id": self.session}
        body = {"user_id": self.name, "input": text, "message_id": f"{self.name}-{self._messages}", **named}
        said = await at.ask("POST", "/chat/interact", json=body)
        self.slowest = max(self.slowest, said.seconds)
        if said.status == 200:
            self.session = str(said.data["session_id"])
            answer = Stored(said.data["turn"], text, said.data["response"], said.data["status"])
            self._answers[self._messages] = answer
        else:
            self.put_off.append(said)
        return said

    async def insist(self, at: Replica, text: str) -> Said:
        """A new message, sent again and again until it is answered."""
        said = await self.say(at, text)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while said.status != 200:
                await asyncio.sleep(0.1)
                said = await self.again(at, text)
        return said

    async def read(self, at: Replica, *, after: int = 0) -> Said:
        """A page of the conversation's turns."""
        page = {"user_id": self.name, "after": after, "limit": _PAGE}
        return await at.ask("GET", f"/sessions/{self.session}/turns", params=page)

    async def stored(self, at: Replica) -> list[Stored]:
        """The conversation's turns as they are kept."""
        found: list[Stored] = []
        while len(found) % _PAGE == 0:
            page = (await self.read(at, after=len(found))).data["turns"]
            if not page:
                break
            found += [Stored(turn["turn"], turn["input"], turn["response"], turn["status"]) for turn in page]
        return found


async def book(user: User, at: Replica, *, enough: asyncio.Event) -> None:
    """One booking after the other, the last one when the event is set."""
    while not enough.is_set():
        for text in BOOKING:
            await user.insist(at, text)


@asynccontextmanager
async def at_work(users: Sequence[User], at: Replica) -> AsyncIterator[None]:
    """The users book one flight after the other during the block, and complete those that they have begun."""
    enough = asyncio.Event()
    tasks = [asyncio.create_task(book(user, at, enough=enough)) for user in users]
    try:
        yield
        enough.set()
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
