"""Parts around the core that do as they are told and note what they were given."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from domain.dialogue.invocation import Invocation, InvocationOutcome, Succeeded
from domain.dialogue.understanding import Expectation, Recognition, Segment
from domain.intents.catalogue import PublishedCatalogue
from domain.intents.intent import Function
from domain.names import CatalogueVersion, ConversationId, EntityName, FunctionName, InvocationKey
from domain.ports.entity_extractor import EntityExtractor
from domain.ports.functions import Functions
from domain.ports.intent_recogniser import IntentRecogniser
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase
from domain.slots.entity import Entity
from domain.values import Unavailable
from tests.doubles.manual_clock import START

FUNCTION = Function(url="http://api/flights", success="好")
INVOCATION = Invocation(
    key=InvocationKey("k1"),
    conversation=ConversationId("c1"),
    turn=4,
    function=FunctionName("book_flight"),
    arguments={"from": "北京"},
    created_at=START,
)


class ScriptedFunctions(Functions):
    """Every call has the outcome that was set, or raises it."""

    def __init__(self, outcome: InvocationOutcome | BaseException | None = None) -> None:
        self.outcome = Succeeded() if outcome is None else outcome
        self.given: list[tuple[object, ...]] = []

    async def invoke(self, invocation: Invocation, function: Function, *, deadline: float) -> InvocationOutcome:
        self.given.append((invocation, function, deadline))
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome

    def problems(self, functions: Mapping[str, Function]) -> tuple[str, ...]:
        return tuple(f"{name} has a problem" for name in functions)


class ScriptedKnowledgeBase(KnowledgeBase):
    """Every question has the answer that was set, told in the pieces that were set, or raises it.

    `meanwhile`, where set, happens between the pieces and the answer.
    """

    def __init__(self, answer: KnowledgeAnswer | Unavailable | BaseException | None = None) -> None:
        self.answer = answer
        self.pieces: tuple[str, ...] = ()
        self.meanwhile: Callable[[], Awaitable[object]] | None = None
        self.given: list[tuple[object, ...]] = []

    async def ask(
        self,
        question: str,
        *,
        conversation: ConversationId,
        language: str,
        deadline: float,
        pieces: Callable[[str], None] | None = None,
    ) -> KnowledgeAnswer | Unavailable | None:
        self.given.append((question, conversation, language, deadline))
        for piece in self.pieces if pieces is not None else ():
            pieces(piece)
        if self.meanwhile is not None:
            await self.meanwhile()
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class ScriptedRecogniser(IntentRecogniser):
    """Every utterance is recognised as was set, or raises it."""

    def __init__(self, answer: Recognition | Unavailable | BaseException | None = None) -> None:
        self.answer = Recognition((Segment(""),)) if answer is None else answer
        self.learnt: list[PublishedCatalogue] = []
        self.given: list[tuple[object, ...]] = []

    async def learn(self, published: PublishedCatalogue) -> None:
        self.learnt.append(published)

    async def recognise(
        self,
        text: str,
        entities: tuple[Entity, ...],
        *,
        version: CatalogueVersion,
        expectation: Expectation,
    ) -> Recognition | Unavailable:
        self.given.append((text, entities, version, expectation))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class ScriptedExtractor(EntityExtractor):
    """Every text has the entities that were set, or raises them. `meanwhile`, where set, happens while it reads."""

    def __init__(self, answer: tuple[Entity, ...] | Unavailable | BaseException = ()) -> None:
        self.answer = answer
        self.prepared: list[PublishedCatalogue] = []
        self.meanwhile: Callable[[], Awaitable[object]] | None = None
        self.given: list[tuple[object, ...]] = []

    async def prepare(self, published: PublishedCatalogue) -> None:
        self.prepared.append(published)

    async def extract(
        self,
        text: str,
        *,
        version: CatalogueVersion,
        kinds: frozenset[EntityName],
        now: datetime,
        language: str,
    ) -> tuple[Entity, ...] | Unavailable:
        self.given.append((text, version, kinds, now, language))
        if self.meanwhile is not None:
            await self.meanwhile()
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer
