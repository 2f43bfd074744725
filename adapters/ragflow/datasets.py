"""Looks questions up in datasets."""

from collections.abc import Callable

import msgspec

from adapters.ragflow.answering import quoted
from adapters.ragflow.caller import RagflowCaller
from adapters.ragflow.chunk import Chunk, chunks_of
from adapters.ragflow.envelope import FAILED, fields, parsed
from adapters.ragflow.modes import Datasets
from adapters.rest.answer import Answer
from adapters.rest.endpoint import Request
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Unavailable

_CHUNKS = 8
"""How many are asked for: far below the hundred that servers since 0.26 allow."""
_LEAST_SIMILARITY = 0.2
_VECTOR_WEIGHT = 0.3


class DatasetSearch:
    """Quotes the best passage for a question. Needs no session, and no model but the embedding one."""

    def __init__(self, datasets: Datasets, caller: RagflowCaller) -> None:
        self._datasets = datasets
        self._caller = caller

    async def __call__(
        self,
        question: str,
        *,
        conversation: ConversationId,  # noqa: ARG002 - each question stands for itself
        language: str,
        deadline: float,
        pieces: Callable[[str], None] | None,
    ) -> KnowledgeAnswer | Unavailable | None:
        """The quotation, in one piece; None when nothing fits well enough."""
        asked = {
            "question": question,
            "dataset_ids": self._datasets.ids,
            "page": 1,
            "page_size": _CHUNKS,
            "similarity_threshold": _LEAST_SIMILARITY,
            "vector_similarity_weight": _VECTOR_WEIGHT,
        }
        request = Request(path="/retrieval", body=msgspec.json.encode(asked), repeatable=True)
        found = await self._caller.call(request, _chunks, deadline=deadline)
        if isinstance(found, Unavailable):
            return found
        fitting = tuple(chunk for chunk in found if chunk.score >= self._datasets.least_score)
        answer = quoted("", fitting, question, language)
        if answer is not None and pieces is not None:
            pieces(answer.text)
        return answer


def _chunks(answer: Answer) -> tuple[Chunk, ...] | Unavailable:
    data = fields(fields(parsed(answer.body)).get("data"))
    if "chunks" not in data:
        return Unavailable(FAILED, "code 0 without chunks")
    return tuple(chunk for chunk in chunks_of(data) if chunk is not None)
