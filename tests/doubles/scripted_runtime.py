"""A program without parts: its use cases answer what a test says."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from adapters.cli.runtime import Conversing, Runtime, Tables
from application.check_health import CheckHealth, PartHealth, Probe
from application.handle_turn import HandleTurn, TurnReply, TurnRequest
from application.read_conversation import ReadConversation
from domain.dialogue.conversation import Turn
from domain.dialogue.reply import Reply
from domain.dialogue.understanding import Understanding
from domain.errors import InvalidRequest, SessionNotFound, TurnNotFound
from domain.names import CatalogueVersion, ConversationId, Language, UserId
from tests.doubles.hearing import heard

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def reply(text: str, **fields: object) -> Reply:
    """A reply of some kind; only the text matters unless more is said."""
    return Reply(
        **{
            "text": text,
            "status": "incomplete",
            "response_type": "slot_prompt",
            "next_action": "collect_missing_slots",
            "message_type": "intent_request",
            **fields,
        }
    )


class Never:
    """In place of a reply: it does not come. `cancelled` says whether the wait was given up."""

    def __init__(self) -> None:
        self.cancelled = False

    async def wait(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled = True


Script = Mapping[str, Reply | BaseException | Never]


class ScriptedTurns(HandleTurn):
    """Answers each text as scripted, an error by raising it, anything else with the text itself."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[TurnRequest] = []
        self.counts: dict[ConversationId, int] = {}

    async def __call__(self, request: TurnRequest) -> TurnReply:
        self.requests.append(request)
        answer = self.script.get(request.text, reply(request.text))
        if isinstance(answer, Never):
            await answer.wait()
        if isinstance(answer, BaseException):
            raise answer
        session = request.session_id or ConversationId(f"session-{len(self.counts) + 1}")
        self.counts[session] = self.counts.get(session, 0) + 1
        return TurnReply(
            session_id=session,
            turn=self.counts[session],
            reply=answer,
            catalogue_version=CatalogueVersion(1),
            processing_ms=4.2,
        )


class ScriptedReading(ReadConversation):
    """Knows the turns that were answered, each understood as scripted."""

    def __init__(self, turns: ScriptedTurns, understandings: Mapping[str, Understanding], rule: str) -> None:
        self._turns = turns
        self._understandings = understandings
        self._rule = rule

    async def turn(self, session_id: ConversationId, user_id: UserId, number: int) -> Turn:
        if session_id not in self._turns.counts:
            raise SessionNotFound("no such session for this user")
        if number > self._turns.counts[session_id]:
            raise TurnNotFound(f"the session has no turn {number}")
        text = self._turns.requests[-1].text
        return Turn(
            conversation=session_id,
            number=number,
            message_id=None,
            digest="",
            text=text,
            reply=reply(text),
            understanding=self._understandings.get(text, heard(text)),
            rule=self._rule,
            processing_ms=4.2,
            catalogue_version=CatalogueVersion(1),
            at=AT,
        )


class ScriptedProbe(Probe):
    """Says the same each time."""

    def __init__(self, health: PartHealth) -> None:
        self._health = health

    async def __call__(self) -> PartHealth:
        return self._health


class ScriptedTables(Tables):
    """Tables at a revision of one's choice, in a release that knows 0001 and 0002."""

    def __init__(self, at: str | None) -> None:
        self.at = at

    @property
    def place(self) -> str:
        return "mysql at db:3306, database \x1b[2Jhuiyi"

    @property
    def revisions(self) -> tuple[str, ...]:
        return "0001", "0002"

    async def current(self) -> str | None:
        return self.at

    async def upgrade(self) -> None:
        self.at = self.revisions[-1]

    async def downgrade(self, revision: str) -> None:
        before = self.revisions[: self.revisions.index(self.at)] if self.at in self.revisions else ()
        wanted = (before or ("base",))[-1] if revision == "-1" else revision
        if wanted not in (*before, "base"):
            raise InvalidRequest(f"no such revision: {revision}")
        self.at = None if wanted == "base" else wanted


class ScriptedRuntime(Runtime):
    """Notes how it was started. `refusal` is raised by whatever is started; `open` counts contexts entered."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        understandings: Mapping[str, Understanding] | None = None,
        language: str = "zh-CN",
        health: Sequence[PartHealth] = (),
        tables_at: str | None = None,
        refusal: BaseException | None = None,
    ) -> None:
        self.turns = ScriptedTurns(script or {})
        self.reading = ScriptedReading(self.turns, understandings or {}, "collecting: asked")
        self.language = Language(language)
        self.health = tuple(health)
        self.tables = ScriptedTables(tables_at)
        self.refusal = refusal
        self.started: list[tuple[str, dict[str, object]]] = []
        self.open = 0

    def serve(self, *, host: str | None, port: int | None, env_file: Path | None) -> None:
        self._note("serve", host=host, port=port, env_file=env_file)

    def demo(self, *, port: int, language: str) -> None:
        self._note("demo", port=port, language=language)

    @asynccontextmanager
    async def conversing(
        self, *, catalogue: Path | None, env_file: Path | None, demo: bool
    ) -> AsyncIterator[Conversing]:
        self._note("conversing", catalogue=catalogue, env_file=env_file, demo=demo)
        with self._entered():
            yield Conversing(self.turns, self.reading, self.language)

    @asynccontextmanager
    async def checking(self, *, env_file: Path | None) -> AsyncIterator[CheckHealth]:
        self._note("checking", env_file=env_file)
        with self._entered():
            yield CheckHealth(probes={part.part: ScriptedProbe(part) for part in self.health})

    @asynccontextmanager
    async def storing(self, *, env_file: Path | None) -> AsyncIterator[ScriptedTables]:
        self._note("storing", env_file=env_file)
        with self._entered():
            yield self.tables

    def _note(self, what: str, **how: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.started.append((what, how))

    @contextmanager
    def _entered(self) -> Iterator[None]:
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
