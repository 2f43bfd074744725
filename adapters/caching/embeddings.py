"""Sentence embeddings, what was embedded before from files."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from domain.ports.embedder import Embedder, Embeddings
from domain.values import Unavailable

_SEAL_BYTES = 32


class KeptEmbeddings(Embedder):
    """Keeps the vectors of all texts of a call together in one file in `folder`; None keeps nothing.

    For texts that are the same from one start to the next, such as examples and documents. What users say is not for
    here: nothing of it is to stay. A file goes by the texts' content and the inner embedder's version. A folder that
    cannot be used and a file that is damaged cost embedding again and nothing else.
    """

    def __init__(self, inner: Embedder, folder: Path | None) -> None:
        self._inner = inner
        self._folder = folder

    @property
    def version(self) -> str:
        """The inner one's."""
        return self._inner.version

    async def embed(self, texts: Sequence[str]) -> Embeddings | Unavailable:
        """The vectors kept, or else the inner one's."""
        if self._folder is None or not texts:
            return await self._inner.embed(texts)
        file = self._folder / f"{_name(self.version, texts)}.vectors"
        kept = await asyncio.to_thread(_read, file)
        if kept is not None:
            return kept
        fresh = await self._inner.embed(texts)
        if not isinstance(fresh, Unavailable):
            await asyncio.to_thread(_write, file, fresh)
        return fresh


def _name(version: str, texts: Sequence[str]) -> str:
    """Lengths are part of it: two texts are not the one that they make together."""
    digest = hashlib.sha256()
    for part in (version, *texts):
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:40]


def _read(file: Path) -> Embeddings | None:
    try:
        content = file.read_bytes()
        seal, document = content[:_SEAL_BYTES], content[_SEAL_BYTES:]
        return msgspec.msgpack.decode(document, type=Embeddings) if seal == _seal(file, document) else None
    except (OSError, msgspec.MsgspecError):
        return None


def _write(file: Path, embeddings: Embeddings) -> None:
    document = msgspec.msgpack.encode(embeddings)
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(_seal(file, document) + document)
        unfinished.replace(file)
    except OSError:
        with suppress(OSError):  # there may not even be a folder
            unfinished.unlink(missing_ok=True)


def _seal(file: Path, document: bytes) -> bytes:
    """Broken by any change of the content, and by another file's content under this name."""
    return hashlib.sha256(file.name.encode() + document).digest()
