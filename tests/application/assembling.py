"""The use cases on a real storage, with a recogniser and a business that do as a test says."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from adapters.local_lexicon.extractor import LexiconExtractor
from adapters.memory.events import MemoryEvents
from adapters.memory.locks import MemoryLocks
from application.budget import TURN_SECONDS
from application.carry_out import SAVING_SECONDS, CarryOut
from application.catalogue_library import CatalogueLibrary
from application.handle_turn import ENDING_SECONDS, HandleTurn, TurnReply, TurnRequest
from application.perform import Perform
from application.progress import UNSEEN, Progress
from application.publish_catalogue import PublishCatalogue
from application.read_conversation import ReadConversation
from application.settle_invocations import SettleInvocations
from application.understand import Understand
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.understanding import Cue
from domain.intents.catalogue import Catalogue
from domain.names import ConversationId, UserId
from tests.contracts.stores import Store, opened
from tests.doubles.hesitant_conversations import HesitantConversations
from tests.doubles.manual_clock import ManualClock, RunningClock
from tests.doubles.scripted_business import ScriptedBusiness
from tests.doubles.scripted_parts import ScriptedExtractor, ScriptedKnowledgeBase
from tests.doubles.scripted_recogniser import Heard, ScriptedRecogniser
from tests.doubles.small_catalogue import DOCUMENT, small_catalogue

USER, STRANGER = UserId("u-1"), UserId("u-2")

SCRIPT: Mapping[str, Heard] = {
    "查余额": "check_balance",
    "查招商银行余额": "check_balance",
    "上海天气": "weather",
    "上海预报": "forecast",
    "查天气": "weather",
    "订机票": "book_flight",
    "帮助": "help",
    "再见": "goodbye",
    "人工": "human",
    "买票": ("book_flight", "book_movie"),
    "第一个": Cue("choose", "第一个", 1),
    "算了": Cue("cancel", "算了"),
}


class Killed(BaseException):
    """The process ends here."""


@dataclass(frozen=True)
class Times:
    """How long things may take. With `running` time passes by itself."""

    turn: float = TURN_SECONDS
    saving: float = SAVING_SECONDS
    ending: float = ENDING_SECONDS
    running: bool = False


class Impatient(MemoryLocks):
    """Locks that nobody waits for."""

    def hold(self, name: str, *, wait: float) -> AbstractAsyncContextManager[int]:
        return super().hold(name, wait=0.0)


def catalogue_with(**intents: Mapping[str, object]) -> Catalogue:
    """The small catalogue with more intents."""
    return msgspec.convert({**DOCUMENT, "intents": {**DOCUMENT["intents"], **intents}}, Catalogue)


@dataclass(frozen=True)
class Service:
    """Everything there is to say to it, and everything there is to look at behind it."""

    store: Store
    clock: ManualClock
    locks: MemoryLocks
    events: MemoryEvents
    recogniser: ScriptedRecogniser
    extractor: ScriptedExtractor
    business: ScriptedBusiness
    knowledge: ScriptedKnowledgeBase
    understand: Understand
    library: CatalogueLibrary
    publish: PublishCatalogue
    handle_turn: HandleTurn
    carry_out: CarryOut
    settle: SettleInvocations
    read: ReadConversation

    async def say(
        self, text: str, session: ConversationId | None = None, *, progress: Progress = UNSEEN, **more: object
    ) -> TurnReply:
        request = TurnRequest(**{"user_id": USER, "text": text, "session_id": session, **more})
        return await self.handle_turn(request, progress=progress)

    @property
    def storage(self) -> HesitantConversations:
        assert isinstance(self.store.conversations, HesitantConversations)
        return self.store.conversations

    async def stored(self, session: ConversationId) -> Conversation:
        conversation = await self.store.conversations.load(session)
        assert conversation is not None
        return conversation

    async def turns(self, session: ConversationId) -> tuple[Turn, ...]:
        return await self.store.conversations.turns(session)


@asynccontextmanager
async def service_on(
    folder: Path, *, catalogue: Catalogue | None = None, locks: MemoryLocks | None = None, times: Times | None = None
) -> AsyncIterator[Service]:
    """The service with the small catalogue published, or another."""
    async with opened("sqlite", folder) as store:
        service = assembled(store, locks, times)
        await service.publish(small_catalogue() if catalogue is None else catalogue)
        yield service


def assembled(store: Store, locks: MemoryLocks | None = None, times: Times | None = None) -> Service:
    """The service on a storage, before anything is published."""
    times = times or Times()
    store = replace(store, conversations=HesitantConversations(store.conversations))
    clock, locks, events = RunningClock() if times.running else ManualClock(), locks or MemoryLocks(), MemoryEvents()
    recogniser, extractor = ScriptedRecogniser(SCRIPT), ScriptedExtractor()
    business, knowledge = ScriptedBusiness(), ScriptedKnowledgeBase()
    understand = Understand(recogniser=recogniser, extractors=(LexiconExtractor(), extractor))
    library = CatalogueLibrary(catalogues=store.catalogues, understand=understand)
    publish = PublishCatalogue(catalogues=store.catalogues, library=library, events=events, clock=clock)
    perform = Perform(knowledge=knowledge, functions=business)
    carry_out = CarryOut(conversations=store.conversations, perform=perform, clock=clock, saving_seconds=times.saving)
    handle_turn = HandleTurn(
        conversations=store.conversations,
        library=library,
        locks=locks,
        clock=clock,
        understand=understand,
        perform=perform,
        carry_out=carry_out,
        turn_seconds=times.turn,
        ending_seconds=times.ending,
    )
    settle = SettleInvocations(
        invocations=store.invocations,
        conversations=store.conversations,
        library=library,
        locks=locks,
        clock=clock,
        perform=perform,
        carry_out=carry_out,
    )
    return Service(
        store,
        clock,
        locks,
        events,
        recogniser,
        extractor,
        business,
        knowledge,
        understand,
        library,
        publish,
        handle_turn,
        carry_out,
        settle,
        ReadConversation(conversations=store.conversations),
    )
