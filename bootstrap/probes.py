"""How each part is, found out by using it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from application.catalogue_library import CatalogueLibrary
from application.check_health import PartHealth, PartState, Probe
from bootstrap.fields import Settings
from domain.errors import HuiyiError
from domain.names import CatalogueVersion, ConversationId, EntityName
from domain.ports.cache import Cache
from domain.ports.clock import Clock
from domain.ports.embedder import Embedder
from domain.ports.entity_extractor import EntityExtractor
from domain.ports.events import Events
from domain.ports.functions import Functions
from domain.ports.knowledge_base import KnowledgeBase
from domain.ports.locks import Locks
from domain.values import Unavailable

DEADLINE_SECONDS: Final = 1.0
UNPUBLISHED: Final = CatalogueVersion(0)
"""The number of a catalogue that was only looked at."""

_NAME = "health"
_KNOCKING_SECONDS: Final = 0.8 * DEADLINE_SECONDS
"""A server that is silent leaves the time to say what takes its place."""


class Finding(NamedTuple):
    """What looking at a part gave."""

    state: PartState = "ok"
    detail: str = ""


Look = Callable[[], Awaitable[Finding]]
Reach = Callable[..., Awaitable[Unavailable | None]]
"""Knocks at a server: why it is of no use, or None."""


class PartProbe(Probe):
    """Looks at one part within a deadline. `absences` says why a part did not even start, by its name."""

    def __init__(
        self,
        part: str,
        kind: str,
        look: Look,
        *,
        absences: Mapping[str, str],
        required: bool = False,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self.part = part
        self._kind = kind
        self._look = look
        self._absences = absences
        self._required = required
        self._seconds = seconds

    async def __call__(self) -> PartHealth:
        """What was found; no answer in time and an error of the part are findings too."""
        found = await self._found()
        return PartHealth(self.part, found.state, self._kind, found.detail, self._required)

    async def _found(self) -> Finding:
        reason = self._absences.get(self.part)
        if reason is not None:
            return Finding("down", reason)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._look()
        except TimeoutError:
            return Finding("down", f"no answer within {self._seconds:g} s")
        except HuiyiError as error:
            return Finding("down", error.message)


def probes_of(
    *,
    settings: Settings,
    absences: Mapping[str, str],
    clock: Clock,
    library: CatalogueLibrary,
    revision: Callable[[], Awaitable[str | None]],
    wanted_revision: str,
    embedder: Embedder,
    entities: EntityExtractor,
    knowledge_base: KnowledgeBase,
    functions: Functions,
    cache: Cache,
    locks: Locks,
    events: Events,
    ask_language_model: Callable[[], Awaitable[Unavailable | None]] | None = None,
    reach_ragflow: Reach | None = None,
    reach_duckling: Reach | None = None,
    ping_redis: Callable[[], Awaitable[None]] | None = None,
) -> Mapping[str, Probe]:
    """A probe for each part, the required ones first."""

    def probe(part: str, kind: str, look: Look, *, required: bool = False) -> PartProbe:
        return PartProbe(part, kind, look, absences=absences, required=required)

    made = (
        probe("repository", settings.database_kind, partial(_repository, revision, wanted_revision), required=True),
        probe("catalogue", "file", partial(_catalogue, library, settings.catalogue_file), required=True),
        probe("embedder", settings.embedder, partial(_embedder, embedder)),
        probe("entities", settings.entity_extractor, _look_at_entities(entities, clock, reach_duckling, settings)),
        probe("knowledge_base", settings.knowledge, _look_at_knowledge(knowledge_base, reach_ragflow, settings)),
        probe("language_model", settings.language_model, _look_at_language_model(ask_language_model)),
        probe("functions", "http", partial(_functions, functions, library)),
        probe("cache", settings.sharing, _after(ping_redis, partial(_cache, cache))),
        probe("locks", settings.sharing, _after(ping_redis, partial(_locks, locks))),
        probe("events", settings.sharing, _after(ping_redis, partial(_events, events))),
    )
    return {probe.part: probe for probe in made}


async def _repository(revision: Callable[[], Awaitable[str | None]], wanted: str) -> Finding:
    """Whether the storage answers, how fast, and whether its tables are those of this release."""
    began = time.perf_counter()
    found = await revision()
    if found is None:
        return Finding("ok", "empty: the first start makes the tables")
    if found != wanted:
        return Finding("degraded", f"tables of revision {found}: the next start brings them to {wanted}")
    return Finding("ok", f"answers in {(time.perf_counter() - began) * 1000:.1f} ms")


async def _catalogue(library: CatalogueLibrary, file: str) -> Finding:
    """Which catalogue new conversations get."""
    current = library.current()
    number = "not published" if current.version == UNPUBLISHED else f"version {current.version}"
    intents = len(current.catalogue.intents)
    return Finding("ok", f"{number}: {intents} intents, {current.catalogue.language}, from {file}")


async def _embedder(part: Embedder) -> Finding:
    """Whether a text gets its vector."""
    answer = await part.embed((_NAME,))
    if isinstance(answer, Unavailable):
        return _unavailable(answer, "EMBEDDER=local understands much better than spelling alone")
    return Finding("ok", f"{part.version}, {answer.dimensions} dimensions")


async def _entities(part: EntityExtractor, clock: Clock) -> Finding:
    """Whether a date is read; in English, since that is left to the engine."""
    kinds = frozenset({EntityName("date"), EntityName("datetime")})
    answer = await part.extract("tomorrow at 5pm", version=UNPUBLISHED, kinds=kinds, now=clock.now(), language="en")
    if isinstance(answer, Unavailable):
        return _unavailable(answer, "ENTITY_EXTRACTOR=local reads dates, times, numbers and amounts")
    return Finding("ok") if answer else Finding("degraded", "a date is not read as one")


async def _knowledge_base(part: KnowledgeBase, folder: str) -> Finding:
    """Whether it can be asked."""
    answer = await part.ask(_NAME, conversation=ConversationId(_NAME), language="en", deadline=DEADLINE_SECONDS)
    if isinstance(answer, Unavailable):
        return _unavailable(answer, "KNOWLEDGE_BASE=local answers questions from the Markdown files in KNOWLEDGE_DIR")
    return Finding("ok", f"answers from {folder}")


def _look_at_entities(part: EntityExtractor, clock: Clock, reach: Reach | None, settings: Settings) -> Look:
    """A date to this process's engine; a server is knocked at, since this process would read the date in its place."""
    if reach is None:
        return partial(_entities, part, clock)
    return partial(_knock, reach, f"Duckling at {settings.duckling_base_url}", "dates are read in this process")


def _look_at_knowledge(part: KnowledgeBase, reach: Reach | None, settings: Settings) -> Look:
    """A question to this machine's documents; RAGFlow is only knocked at, since a question costs a model's time."""
    if reach is None:
        return partial(_knowledge_base, part, settings.knowledge_dir)
    in_its_place = f"answers from {settings.knowledge_dir}" if settings.knowledge == "ragflow_then_local" else ""
    reaching = partial(reach, deadline=_KNOCKING_SECONDS)
    return partial(_knock, reaching, f"RAGFlow at {settings.ragflow_base_url}", in_its_place)


async def _knock(reach: Reach, server: str, in_its_place: str) -> Finding:
    """Whether the server is of use, and what takes its place where it is not."""
    answer = await reach()
    if answer is None:
        return Finding("ok", server)
    if in_its_place:
        return Finding("degraded", f"{_reason(answer)}; {in_its_place} meanwhile")
    return Finding("down", _reason(answer))


def _look_at_language_model(ask: Callable[[], Awaitable[Unavailable | None]] | None) -> Look:
    """One token, asked for at most every half minute and without keeping anybody waiting for it."""
    if ask is None:
        return _no_language_model

    async def one_token() -> Finding:
        answer = await ask()
        return Finding("ok") if answer is None else Finding("down", _reason(answer))

    return Watched(one_token)


async def _no_language_model() -> Finding:
    """There is none to ask."""
    return Finding("not_configured", "optional: understanding is done in this process")


def _after(ping: Callable[[], Awaitable[None]] | None, look: Look) -> Look:
    """The look, once the server behind the part has answered. An outage of Redis is told by its error."""
    if ping is None:
        return look

    async def both() -> Finding:
        await ping()
        return await look()

    return both


class Watched:
    """A look that takes long: what it gave last time, while the next one is under way.

    `seconds` is for how long a finding is good, `patience` how long to wait for a fresh one.
    """

    def __init__(self, look: Look, *, seconds: float = 30.0, patience: float = DEADLINE_SECONDS / 2) -> None:
        self._look = look
        self._seconds = seconds
        self._patience = patience
        self._found = Finding("degraded", "being asked for the first time")
        self._good_until = 0.0
        self._task: asyncio.Task[Finding] | None = None

    async def __call__(self) -> Finding:
        """The newest finding there is."""
        if time.monotonic() < self._good_until:
            return self._found
        if self._task is None:
            self._task = asyncio.create_task(_awaited(self._look()))
        done, _ = await asyncio.wait({self._task}, timeout=self._patience)
        if done:
            self._found, self._task = self._task.result(), None
            self._good_until = time.monotonic() + self._seconds
        return self._found


async def _awaited(looking: Awaitable[Finding]) -> Finding:
    return await looking


async def _functions(part: Functions, library: CatalogueLibrary) -> Finding:
    """Whether every function of the catalogue can be called; the APIs behind them are left alone."""
    declared = {str(name): function for name, function in library.current().catalogue.functions.items()}
    problems = part.problems(declared)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return Finding("degraded", f"{problems[0]}{more}")
    return Finding("ok", f"{len(declared)} functions")


async def _cache(part: Cache) -> Finding:
    """Whether it gives back what was put in."""
    await part.put(_NAME, b"ok", seconds=DEADLINE_SECONDS)
    return Finding("ok") if await part.get(_NAME) == b"ok" else Finding("degraded", "it forgets at once")


async def _locks(part: Locks) -> Finding:
    """Whether one can be had."""
    async with part.hold(_NAME, wait=DEADLINE_SECONDS):
        return Finding("ok")


async def _events(part: Events) -> Finding:
    """Whether one can listen; nothing is announced."""
    async with part.listen("configuration_changed"):
        return Finding("ok")


def _reason(answer: Unavailable) -> str:
    return f"{answer.code}: {answer.detail}" if answer.detail else answer.code


def _unavailable(answer: Unavailable, hint: str) -> Finding:
    if answer.code == "not_configured":
        return Finding("not_configured", hint)
    return Finding("down", _reason(answer))
