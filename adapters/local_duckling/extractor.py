"""Dates, times, lengths, numbers, money, telephone numbers, mail and web addresses in Chinese and English."""

import re
from collections import OrderedDict
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import msgspec

from adapters.local_duckling.canvas import Canvas
from adapters.local_duckling.chinese_amounts import read_amounts
from adapters.local_duckling.chinese_time import read_times
from adapters.local_duckling.codes import read_codes
from adapters.local_duckling.engine import Engine, Question
from adapters.local_duckling.engine_pool import EnginePool
from adapters.local_duckling.engine_readings import DIMENSIONS, KINDS, readings_of
from adapters.local_duckling.english_rules import read_english
from adapters.local_duckling.questions import cut, kinds_to_ask, worth_reading
from adapters.local_duckling.reading import Reading
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.ports.entity_extractor import EntityExtractor
from domain.slots.entity import Entity, without_overlaps
from domain.values import Unavailable

DEADLINE_SECONDS = 0.4
RECYCLE_AFTER = 20_000
CACHED_ANSWERS = 2048
MOST_CHARACTERS = 1000

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"(?i)(?<![a-z])(?!(?:rmb|cny|usd|am|pm|min|kg|km)(?![a-z]))[a-z]{2}")
_CLOCK_WORDS = re.compile(
    r"[点时分秒钟早晚晨夜午昏後后前过:：]|刻|[aApP]\.?[mM]|hour|minute|second|noon|night|morning|evening|now|later|at\s|in\s|by\s",
)


class LocalDuckling(EntityExtractor):
    """Own rules for Chinese first; a Duckling engine for what they leave open.

    The engine runs in worker processes unless another is given, which the other arguments then do not concern. It is
    asked only where the text may hold something for it. A text it cannot answer within the deadline costs its worker,
    which is replaced, and is Unavailable(`timeout`). An engine that does not run is Unavailable(`broken`), and only
    for the texts that need it.
    """

    def __init__(
        self,
        *,
        engine: Engine | None = None,
        workers: int = 1,
        deadline: float = DEADLINE_SECONDS,
        recycle_after: int = RECYCLE_AFTER,
    ) -> None:
        self._engine = engine or EnginePool(workers=workers, deadline=deadline, recycle_after=recycle_after)
        self._answers: OrderedDict[tuple[object, ...], tuple[Entity, ...]] = OrderedDict()

    async def __aenter__(self) -> Self:
        """Start the engine; worker processes load while the service goes on starting."""
        await self._engine.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the engine."""
        await self._engine.__aexit__(kind, error, trace)

    async def prepare(self, published: PublishedCatalogue) -> None:
        """Nothing to do: these kinds are the same in every catalogue."""

    async def extract(
        self,
        text: str,
        *,
        version: CatalogueVersion,
        kinds: frozenset[EntityName],
        now: datetime,
        language: str,
    ) -> tuple[Entity, ...] | Unavailable:
        """Entities of the built-in kinds; text beyond 1000 characters is not read."""
        del version  # the built-in kinds are the same in every catalogue
        wanted = kinds & KINDS
        text = text[:MOST_CHARACTERS]
        if not wanted or not worth_reading(text):
            return ()
        key = (text, wanted, language, _moment_of(text, now), now.tzinfo)
        known = self._answers.get(key)
        if known is not None:
            self._answers.move_to_end(key)
            return known
        answer = await self._read(text, wanted, now, language)
        if not isinstance(answer, Unavailable):
            self._answers[key] = answer
            if len(self._answers) > CACHED_ANSWERS:
                self._answers.popitem(last=False)
        return answer

    async def _read(
        self, text: str, wanted: frozenset[EntityName], now: datetime, language: str
    ) -> tuple[Entity, ...] | Unavailable:
        canvas, chinese = Canvas(text), _is_chinese(text, language)
        own = tuple(read_codes(canvas))
        own += (*read_times(canvas, now), *read_amounts(canvas)) if chinese else tuple(read_english(canvas, now))
        kinds = kinds_to_ask(canvas.rest, wanted, chinese=chinese)
        if kinds:
            answer = await self._ask(canvas, kinds, now, chinese=chinese)
            if isinstance(answer, Unavailable):
                return answer
            own += answer
        return without_overlaps(_entity(reading, text) for reading in own if reading.kind in wanted)

    async def _ask(
        self, canvas: Canvas, kinds: frozenset[EntityName], now: datetime, *, chinese: bool
    ) -> tuple[Reading, ...] | Unavailable:
        dims = tuple(sorted({dim for kind in kinds for dim in DIMENSIONS[kind]}))
        wall = int(now.replace(tzinfo=UTC).timestamp())
        locale = "ZH_CN" if chinese else "EN_US"
        pieces = tuple(cut(canvas.rest))
        answer = await self._engine.ask(tuple(Question(piece.text, locale, dims, wall) for piece in pieces))
        if isinstance(answer, Unavailable):
            return answer
        readings: list[Reading] = []
        for piece, entities in zip(pieces, answer, strict=True):
            for reading in readings_of(entities, now):
                start, end = piece.start + reading.start, piece.start + reading.end
                readings.append(msgspec.structs.replace(reading, start=start, end=end))
        return tuple(readings)


def _is_chinese(text: str, language: str) -> bool:
    """By the script where the text has one, else by the catalogue's language."""
    if _HAN.search(text):
        return True
    return language.lower().startswith("zh") and not _LATIN.search(text)


def _moment_of(text: str, now: datetime) -> datetime:
    """As much of the present as the answer depends on: the minute, or only the day."""
    minute = now.replace(second=0, microsecond=0, tzinfo=None)
    return minute if _CLOCK_WORDS.search(text) else minute.replace(hour=0, minute=0)


def _entity(reading: Reading, text: str) -> Entity:
    return Entity(
        reading.kind,
        reading.start,
        reading.end,
        text[reading.start : reading.end],
        reading.value,
        confidence=reading.confidence,
        source="duckling",
        valid=reading.valid,
    )
