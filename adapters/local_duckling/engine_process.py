"""One worker process with the Duckling engine, and what is said over its pipes."""

import asyncio
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import msgspec

from adapters.local_duckling.engine import Question, RawEntity

_LENGTH = struct.Struct(">I")
_WORKER = "adapters.local_duckling.worker"
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PYTHONPATH": str(_ROOT)}
"""The engine aborts under a locale that is not UTF-8; nothing else of the parent's environment is its business."""


class EngineFailed(Exception):
    """The engine did not start, died, or refused a text."""


class _Answer(msgspec.Struct, frozen=True):
    entities: tuple[RawEntity, ...] = ()
    error: str = ""
    ready: bool = False


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Answer)


class EngineProcess:
    """A running worker. One question at a time: the caller sees to that."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._ready = False
        self.calls = 0

    @classmethod
    async def spawn(cls) -> "EngineProcess":
        """Start the process without waiting until it is ready; raises EngineFailed when it cannot even start."""
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", _WORKER, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_ENVIRONMENT
            )
        except OSError as error:
            raise EngineFailed(f"the worker did not start: {error}") from error
        return cls(process)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def wait_ready(self) -> None:
        """Return when the engine is loaded; raises EngineFailed with its reason when that fails."""
        if not self._ready:
            await self._read()
            self._ready = True

    async def ask(self, question: Question) -> tuple[RawEntity, ...]:
        """Entities in the question's text; raises EngineFailed. Only for a worker that is ready."""
        self.calls += 1
        body = _ENCODER.encode(question)
        assert self._process.stdin is not None  # noqa: S101  both pipes were asked for
        try:
            self._process.stdin.write(_LENGTH.pack(len(body)) + body)
            await self._process.stdin.drain()
        except OSError as error:
            raise EngineFailed("the worker has gone") from error
        return (await self._read()).entities

    async def stop(self) -> None:
        """End the process, whatever it is doing, and reap it."""
        if self._process.returncode is None:
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    async def _read(self) -> _Answer:
        assert self._process.stdout is not None  # noqa: S101  both pipes were asked for
        try:
            header = await self._process.stdout.readexactly(_LENGTH.size)
            answer = _DECODER.decode(await self._process.stdout.readexactly(_LENGTH.unpack(header)[0]))
        except (asyncio.IncompleteReadError, OSError) as error:
            raise EngineFailed("the worker has gone") from error
        except msgspec.MsgspecError as error:
            raise EngineFailed(f"the worker's answer is not understood: {error}") from error
        if answer.error:
            raise EngineFailed(answer.error)
        return answer
