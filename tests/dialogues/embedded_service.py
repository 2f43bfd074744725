"""The whole service on its embedded parts, for conversations in tests: real recognition, a scripted business."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from adapters.caching.conversations import CachedConversations
from adapters.caching.embeddings import KeptEmbeddings
from adapters.catalogue_files.reading import read_catalogue
from adapters.local_duckling.extractor import LocalDuckling
from adapters.local_embedding.sentence_encoder import SentenceEncoder
from adapters.local_knowledge.knowledge_base import LocalKnowledgeBase
from adapters.local_lexicon.extractor import LexiconExtractor
from adapters.local_nlu.recogniser import LocalRecogniser
from adapters.memory.cache import MemoryCache
from adapters.memory.events import MemoryEvents
from adapters.memory.locks import MemoryLocks
from adapters.sql.catalogues import SqlCatalogues
from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from application.carry_out import CarryOut
from application.catalogue_library import CatalogueLibrary
from application.handle_turn import HandleTurn, TurnReply, TurnRequest
from application.perform import Perform
from application.publish_catalogue import PublishCatalogue
from application.read_conversation import ReadConversation
from application.understand import Understand
from domain.dialogue.invocation import Invocation, InvocationOutcome, NotDone, Succeeded
from domain.dialogue.state import active_frame, agenda_of
from domain.dialogue.understanding import Understanding
from domain.intents.intent import Function
from domain.names import ConversationId, UserId
from domain.ports.clock import Clock
from domain.ports.functions import Functions
from domain.slots.entity import SlotContent
from tests.dialogues.expectations import Held

DEPLOY = Path(__file__).parents[2] / "deploy"
USER = UserId("u-1")

RESULTS: Mapping[str, Mapping[str, SlotContent]] = {
    "book_flight": {"order_id": "FL20261125001"},
    "check_balance": {"account": "尾号5675", "balance": 1234.5},
    "transfer_money": {"transfer_id": "TF20261125001"},
    "track_order": {"state": "已出票"},
    "weather_query": {"summary": "晴", "high": 20, "low": 10},
}


class RecordingFunctions(Functions):
    """Notes every call and succeeds, unless told that the business is down."""

    def __init__(self) -> None:
        self.calls: list[Invocation] = []
        self.is_down = False

    async def invoke(self, invocation: Invocation, function: Function, *, deadline: float) -> InvocationOutcome:
        self.calls.append(invocation)
        if self.is_down:
            return NotDone("status 503")
        return Succeeded({"order_id": "NO1", **RESULTS.get(invocation.function, {})})

    def problems(self, functions: Mapping[str, Function]) -> tuple[str, ...]:
        return ()


class Service:
    """Says things to the service and looks behind the answers."""

    def __init__(self, handle_turn: HandleTurn, read: ReadConversation, functions: RecordingFunctions) -> None:
        self._handle_turn = handle_turn
        self._read = read
        self.functions = functions

    async def say(self, text: str, session: ConversationId | None = None) -> TurnReply:
        return await self._handle_turn(TurnRequest(user_id=USER, text=text, session_id=session))

    async def held(self, session: ConversationId) -> Held:
        """The valid values of every task that is open, suspended or queued."""
        state = (await self._read(session, USER)).state
        agenda, active = agenda_of(state), active_frame(state)
        frames = (*agenda.queued, *agenda.suspended, *((active,) if active is not None else ()))
        return {f.intent: {name: slot.value for name, slot in f.slots.items() if slot.valid} for f in frames}

    async def why(self, reply: TurnReply) -> tuple[str, Understanding]:
        turn = await self._read.turn(reply.session_id, USER, reply.turn)
        return turn.rule, turn.understanding


@asynccontextmanager
async def embedded_service(folder: Path, clock: Clock, *, language: str = "zh-CN") -> AsyncIterator[Service]:
    """The service on the demo catalogue of a language, its data in `folder`."""
    async with AsyncExitStack() as stack:
        encoder = SentenceEncoder()
        kept = KeptEmbeddings(encoder, folder / "cache")
        duckling = LocalDuckling(deadline=5.0)
        database = Database(f"sqlite:///{folder / 'huiyi.db'}")
        await asyncio.gather(*(stack.enter_async_context(part) for part in (encoder, duckling, database)))
        knowledge = await stack.enter_async_context(
            LocalKnowledgeBase(DEPLOY / "knowledge" / language, encoder, kept=kept)
        )
        understand = Understand(
            recogniser=LocalRecogniser(encoder, kept=kept), extractors=(LexiconExtractor(), duckling)
        )
        catalogues, functions = SqlCatalogues(database), RecordingFunctions()
        library = CatalogueLibrary(catalogues=catalogues, understand=understand)
        publish = PublishCatalogue(catalogues=catalogues, library=library, events=MemoryEvents(), clock=clock)
        await publish(read_catalogue(DEPLOY / "catalogues" / f"demo.{language}.yaml"))
        conversations = CachedConversations(SqlConversations(database), MemoryCache())
        perform = Perform(knowledge=knowledge, functions=functions)
        handle_turn = HandleTurn(
            conversations=conversations,
            library=library,
            locks=MemoryLocks(),
            clock=clock,
            understand=understand,
            perform=perform,
            carry_out=CarryOut(conversations=conversations, perform=perform, clock=clock),
        )
        yield Service(handle_turn, ReadConversation(conversations=conversations), functions)
