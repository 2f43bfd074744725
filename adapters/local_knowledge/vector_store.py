"""Embeds texts, and remembers the vectors on disk."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adapters.local_knowledge.meaning_index import Vectors
from domain.ports.embedder import Embedder, Embeddings
from domain.values import Unavailable

_BATCH = 128


class VectorStore:
    """Vectors of texts, one row a text, from the embedder or from `folder` where they were kept before.

    Kept vectors go by the embedder's version and the texts' content. A folder that cannot be read or written, or a
    file that is damaged, costs the time of embedding again and nothing else.
    """

    def __init__(self, embedder: Embedder, folder: Path | None) -> None:
        self._embedder = embedder
        self._folder = folder

    async def vectors(self, texts: Sequence[str]) -> Vectors | Unavailable:
        """The texts' vectors, or why there are none."""
        file = self._file(texts)
        if file is not None and (kept := await asyncio.to_thread(_read, file, len(texts))) is not None:
            return kept
        fresh = await self.embed(texts)
        if file is not None and not isinstance(fresh, Unavailable):
            await asyncio.to_thread(_write, file, fresh)
        return fresh

    async def embed(self, texts: Sequence[str]) -> Vectors | Unavailable:
        """The texts' vectors from the embedder, a batch at a time."""
        parts: list[Vectors] = []
        for start in range(0, len(texts), _BATCH):
            answer = await self._embedder.embed(texts[start : start + _BATCH])
            if isinstance(answer, Unavailable):
                return answer
            parts.append(_array(answer))
        return np.concatenate(parts)

    def _file(self, texts: Sequence[str]) -> Path | None:
        if self._folder is None:
            return None
        digest = hashlib.sha256("\0".join((self._embedder.version, *texts)).encode("utf-8", "surrogatepass"))
        return self._folder / f"{digest.hexdigest()[:40]}.npy"


def _array(embeddings: Embeddings) -> Vectors:
    rows = np.frombuffer(embeddings.data, dtype="<f4").reshape(embeddings.count, embeddings.dimensions)
    return rows.astype(np.float32)


def _read(file: Path, count: int) -> Vectors | None:
    try:
        kept = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return kept if kept.ndim == 2 and len(kept) == count and kept.dtype == np.float32 else None


def _write(file: Path, vectors: Vectors) -> None:
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as output:
            np.save(output, vectors)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
