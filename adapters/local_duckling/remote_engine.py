"""A Duckling that runs elsewhere."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

import msgspec

from adapters.local_duckling.engine import Answers, Engine, Question, RawEntity
from domain.values import Unavailable

DEADLINE_SECONDS = 0.4

_DECODER = msgspec.json.Decoder(tuple[RawEntity, ...])
_NOT_UNDERSTOOD = Unavailable("broken", "Duckling's answer is not understood")
_READS_NOTHING = Unavailable("broken", "Duckling does not read a number as one")
_NUMBER = Question("1", "EN_US", ("number",), 0)


class Parser(Protocol):
    """Whoever passes a text on to a Duckling, within its `async with` block."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def parse(
        self, text: str, *, locale: str, dims: Sequence[str], now: int, deadline: float
    ) -> bytes | Unavailable:
        """Duckling's own JSON for the text, within `deadline` seconds, or why there is none. Never raises.

        `now` is the reference time in seconds since 1970; times in the answer are in UTC as well.
        """


class RemoteEngine(Engine):
    """Asks through a parser, one text after the other, all within `deadline` seconds.

    Nothing in an answer is taken on trust: what is not as Duckling writes it, or does not stand in the text where it
    is said to, is Unavailable(`broken`).
    """

    def __init__(self, parser: Parser, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._parser = parser
        self._deadline = deadline

    async def __aenter__(self) -> Self:
        await self._parser.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parser.__aexit__(kind, error, trace)

    async def ask(self, questions: Sequence[Question]) -> Answers | Unavailable:
        """The entities in each of the questions, or the parser's reason why not."""
        ends = asyncio.get_running_loop().time() + self._deadline
        answers: Answers = []
        for question in questions:
            left = ends - asyncio.get_running_loop().time()
            body = await self._parser.parse(
                question.text, locale=question.locale, dims=question.dims, now=question.now, deadline=left
            )
            entities = body if isinstance(body, Unavailable) else _entities(body, question.text)
            if isinstance(entities, Unavailable):
                return entities
            answers.append(entities)
        return answers

    async def reach(self) -> Unavailable | None:
        """Why the Duckling is of no use; None when it reads a number."""
        answer = await self.ask((_NUMBER,))
        if isinstance(answer, Unavailable):
            return answer
        return None if answer[0] else _READS_NOTHING


def _entities(body: bytes, text: str) -> tuple[RawEntity, ...] | Unavailable:
    try:
        entities = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _NOT_UNDERSTOOD
    in_place = all(0 <= each.start < each.end and text[each.start : each.end] == each.body for each in entities)
    return entities if in_place else _NOT_UNDERSTOOD
