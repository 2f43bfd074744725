"""Embeds texts."""

from collections.abc import Sequence

import numpy as np

from adapters.local_nlu.features import Matrix
from domain.ports.embedder import Embedder
from domain.values import Unavailable


async def embedded(embedder: Embedder, texts: Sequence[str]) -> Matrix | Unavailable:
    """One row a text."""
    answer = await embedder.embed(texts)
    if isinstance(answer, Unavailable):
        return answer
    return np.frombuffer(answer.data, dtype="<f4").reshape(answer.count, answer.dimensions).astype(np.float32)
