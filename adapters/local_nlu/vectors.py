"""Embeds texts in batches, and remembers those of examples on disk."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adapters.local_nlu.features import Matrix
from domain.ports.embedder import Embedder
from domain.values import Unavailable

_BATCH = 128


async def embedded(embedder: Embedder, texts: Sequence[str]) -> Matrix | Unavailable:
    """One row a text."""
    parts: list[Matrix] = []
    for start in range(0, len(texts), _BATCH):
        answer = await embedder.embed(texts[start : start + _BATCH])
        if isinstance(answer, Unavailable):
            return answer
        parts.append(np.frombuffer(answer.data, dtype="<f4").reshape(answer.count, answer.dimensions))
    return np.concatenate(parts).astype(np.float32)


async def remembered(embedder: Embedder, texts: Sequence[str], folder: Path | None) -> Matrix | Unavailable:
    """The same, kept in `folder` under the texts' content and the encoder's version.

    A folder that cannot be used or a damaged file costs embedding again and nothing else.
    """
    if folder is None:
        return await embedded(embedder, texts)
    content = "\0".join((embedder.version, *texts)).encode("utf-8", "surrogatepass")
    file = folder / f"examples-{hashlib.sha256(content).hexdigest()[:40]}.npy"
    kept = await asyncio.to_thread(_read, file, len(texts))
    if kept is not None:
        return kept
    fresh = await embedded(embedder, texts)
    if not isinstance(fresh, Unavailable):
        await asyncio.to_thread(_write, file, fresh)
    return fresh


def _read(file: Path, count: int) -> Matrix | None:
    try:
        kept = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if kept.ndim != 2 or len(kept) != count or kept.dtype != np.float32 or not np.isfinite(kept).all():
        return None
    rows: Matrix = kept
    return rows


def _write(file: Path, rows: Matrix) -> None:
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as output:
            np.save(output, rows)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
