"""Finishes what a crash interrupted between saving a function call and saving its outcome."""

from zoneinfo import ZoneInfo

from application.carry_out import CarryOut
from application.catalogue_library import CatalogueLibrary
from application.perform import Perform, outcome_event
from application.turn_in_progress import TurnInProgress
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.invocation import Invocation, Unknown
from domain.dialogue.state import Acting
from domain.dialogue.transition import Transition
from domain.errors import ConversationBusy, ConversationConflict
from domain.intents.catalogue import Catalogue
from domain.ports.clock import Clock
from domain.ports.conversations import Conversations
from domain.ports.invocations import Invocations
from domain.ports.locks import Locks


class SettleInvocations:
    """Settles every invocation that is pending although nobody works on it: run before serving begins.

    A function declared idempotent is called again under its key; of any other it is not known whether it was
    carried out, which is what the conversation is told.
    """

    def __init__(
        self,
        *,
        invocations: Invocations,
        conversations: Conversations,
        library: CatalogueLibrary,
        locks: Locks,
        clock: Clock,
        perform: Perform,
        carry_out: CarryOut,
    ) -> None:
        self._invocations = invocations
        self._conversations = conversations
        self._library = library
        self._locks = locks
        self._clock = clock
        self._perform = perform
        self._carry_out = carry_out

    async def __call__(self) -> int:
        """How many were settled. Raises RepositoryUnavailable."""
        pending = await self._invocations.unsettled()
        settled = [await self._settled_if_free(invocation) for invocation in pending]
        return sum(settled)

    async def _settled_if_free(self, invocation: Invocation) -> bool:
        """False also where another replica works on the conversation: that one is not interrupted."""
        try:
            return await self._settled(invocation)
        except (ConversationBusy, ConversationConflict):
            return False

    async def _settled(self, invocation: Invocation) -> bool:
        async with self._locks.hold(invocation.conversation, wait=10.0):
            conversation = await self._conversations.load(invocation.conversation)
            turns = await self._conversations.turns(invocation.conversation, after=invocation.turn - 1, limit=1)
            if conversation is None or not turns or not _waits_for(conversation, invocation):
                return False
            await self._finish(invocation, conversation, turns[0])
            return True

    async def _finish(self, invocation: Invocation, conversation: Conversation, stored: Turn) -> None:
        published = await self._library.version(conversation.catalogue_version)
        settled = await self._settled_invocation(invocation, published.catalogue)
        now = self._clock.now()
        turn = TurnInProgress(
            conversation=conversation,
            published=published,
            number=stored.number,
            message_id=stored.message_id,
            digest=stored.digest,
            text=stored.text,
            arrived=stored.at,
            now=now.astimezone(ZoneInfo(conversation.time_zone)),
            heard=stored.understanding,
            made=Transition(conversation.state, rule=stored.rule),
        )
        await self._carry_out(turn.after(outcome_event(settled, turn.origin)), settled)

    async def _settled_invocation(self, invocation: Invocation, catalogue: Catalogue) -> Invocation:
        if catalogue.functions[invocation.function].idempotent:
            return await self._perform.invoke(invocation, catalogue)
        return invocation.settled(Unknown("the service stopped while the call was under way"))


def _waits_for(conversation: Conversation, invocation: Invocation) -> bool:
    return isinstance(conversation.state, Acting) and conversation.state.key == invocation.key
