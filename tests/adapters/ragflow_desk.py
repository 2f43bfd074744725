"""An assistant on the RAGFlow double, ready to be asked."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.ragflow.knowledge_base import RagflowKnowledgeBase
from adapters.ragflow.modes import Assistant
from adapters.rest.caller import Limits
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Unavailable
from tests.doubles.ragflow_server import CHAT, KEY, Generation, RagflowServer, ragflow_server
from tests.doubles.ragflow_wire import Played

TLS = ssl.create_default_context()
QUESTION = "什么是经济舱？"
SOURCE = {"id": "ck1", "content": "七天内可以退款。", "document_name": "policy.pdf", "similarity": 0.81}
REFERENCE = {"total": 1, "chunks": [SOURCE], "doc_aggs": []}
SAID = "七天内可以退款。（来源：policy.pdf）"
ERROR = {"code": 500, "message": "boom", "data": {"answer": "**ERROR**: boom", "reference": []}}
END = {"code": 0, "message": "", "data": True}
GENERATIONS: list[Generation] = ["old", "new"]


@dataclass
class Desk:
    """An assistant and the server it is on."""

    server: RagflowServer
    knowledge: RagflowKnowledgeBase

    async def ask(
        self, question: str = QUESTION, conversation: str = "c1", *, deadline: float = 5.0
    ) -> KnowledgeAnswer | Unavailable | None:
        return await self.knowledge.ask(
            question, conversation=ConversationId(conversation), language="zh-CN", deadline=deadline
        )

    async def answers(self, *played: Played) -> KnowledgeAnswer | Unavailable | None:
        self.server.plays("completions", *played)
        return await self.ask()

    async def says(self, *played: Played) -> str:
        """The text, or the code, of what is answered."""
        answer = await self.answers(*played)
        return answer.text if isinstance(answer, KnowledgeAnswer) else answer.code if answer else "none"

    @property
    def asked(self) -> list[dict[str, object]]:
        return [request.body for request in self.server.asked("completions")]


@asynccontextmanager
async def desk_at(
    generation: Generation = "new",
    *,
    wants_messages: bool = False,
    limits: Limits | None = None,
    **mode: object,
) -> AsyncIterator[Desk]:
    assistant = Assistant(**{"chat_id": CHAT, **mode})
    async with ragflow_server(generation, wants_messages=wants_messages) as server:
        knowledge = RagflowKnowledgeBase(server.url, KEY, assistant, limits=limits or Limits(), tls=TLS)
        async with knowledge:
            yield Desk(server, knowledge)
