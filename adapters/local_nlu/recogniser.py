"""The intent recogniser of this process: acts by grammar, examples by their words, the rest by a trained model."""

import asyncio
from collections.abc import Sequence

from adapters.local_nlu.judging import Judged, judged, requests_of
from adapters.local_nlu.learnt import Learnt, Lesson
from adapters.local_nlu.listening import Heard, listen
from adapters.local_nlu.model import Scores
from adapters.local_nlu.owning import Owning
from adapters.local_nlu.particles import only_values
from adapters.local_nlu.questions import is_question
from adapters.local_nlu.segments import Part, divided, part_of
from adapters.local_nlu.spans import Span, cover, shifted
from adapters.local_nlu.vectors import embedded
from domain.dialogue.understanding import Candidate, Evidence, Expectation, Recognition
from domain.errors import PartUnavailable
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName, IntentName
from domain.ports.embedder import Embedder
from domain.ports.intent_recogniser import IntentRecogniser
from domain.slots.entity import Entity
from domain.values import Unavailable

LONGEST = 400
"""Characters of an utterance that are recognised; entities beyond are kept."""
_PRIOR = 0.3
"""What is added to the logit of the intent in hand, and of those on offer."""


class LocalRecogniser(IntentRecogniser):
    """Few-shot recognition over sentence embeddings.

    Without an encoder (`not_configured`) it goes by spelling alone. `kept` embeds the examples, which are the same at
    the next start; without it the embedder does.
    """

    def __init__(self, embedder: Embedder, *, kept: Embedder | None = None) -> None:
        self._embedder = embedder
        self._kept = kept or embedder
        self._learnt: dict[CatalogueVersion, Learnt] = {}
        self._learning = asyncio.Lock()

    async def learn(self, published: PublishedCatalogue) -> None:
        """Embed the examples and train in a thread."""
        async with self._learning:
            if published.version in self._learnt:
                return
            lesson = await asyncio.to_thread(Lesson, published.catalogue)
            vectors = await embedded(self._kept, lesson.texts)
            if isinstance(vectors, Unavailable) and vectors.code != "not_configured":
                raise PartUnavailable("recogniser", f"the examples cannot be embedded: {vectors.code}")
            known = None if isinstance(vectors, Unavailable) else vectors
            self._learnt[published.version] = await asyncio.to_thread(Learnt, lesson, known)

    async def recognise(
        self,
        text: str,
        entities: tuple[Entity, ...],
        *,
        version: CatalogueVersion,
        expectation: Expectation,
    ) -> Recognition | Unavailable:
        """Acts and bare values are read without the model; what is more is embedded, in one batch."""
        learnt = self._learnt.get(version)
        if learnt is None:
            return Unavailable("not_learned", f"catalogue version {version} was never learnt")
        text = text[:LONGEST]
        values = cover([entity for entity in entities if entity.end <= len(text)], _expected(expectation))
        heard = listen(text, values, expectation, learnt)
        found = await self._requests(text, values, heard, expectation, learnt)
        if isinstance(found, Unavailable):
            return found
        active = _active(heard, expectation)
        segments = Owning(found, learnt.catalogue, active).segments(text, entities, learnt.roles)
        evidence = [Evidence("cue", f"{cue.kind}: {cue.text}") for cue in heard.cues]
        evidence += [Evidence("example" if request.exact else "local", request.described) for request in found]
        exact = all(request.exact for request in found)
        return Recognition(
            segments,
            heard.cues,
            "context" if not heard.requests else "example" if exact else "local",
            is_question(text),
            tuple(evidence),
        )

    async def _requests(
        self, text: str, values: Sequence[Entity], heard: Heard, expectation: Expectation, learnt: Learnt
    ) -> tuple[Judged, ...] | Unavailable:
        if not heard.requests:
            return await self._resumed(heard, expectation, learnt)
        said = None if heard.cues else _exactly(learnt, text, shifted(values, 0), 0, len(text))
        if said is not None:
            return (said,)
        # Beside an open task, values said apart are its answers; otherwise they help to tell what is wanted.
        is_busy = expectation.intent is not None or bool(expectation.options)
        whole = _Stretch(heard.requests if is_busy else heard.parts)
        clauses = (piece for part in heard.requests for piece in divided(text, part.clause, values))
        pieces = [_Stretch((part_of(one, only_values=only_values(one.marked, learnt.slot_titles)),)) for one in clauses]
        found = await self._judged((whole, *pieces) if len(pieces) > 1 else (whole,), expectation, learnt)
        if isinstance(found, Unavailable):
            return found
        requests = requests_of(found[0], found[1:], learnt.catalogue)
        return requests if heard.has_words else tuple(one.taking(values, learnt.catalogue) for one in requests)

    async def _resumed(
        self, heard: Heard, expectation: Expectation, learnt: Learnt
    ) -> tuple[Judged, ...] | Unavailable:
        """Which of several suspended intents 继续订票 means."""
        if not heard.resuming or len(expectation.suspended) < 2:
            return ()
        parts = tuple(part_of(clause, only_values=False) for clause in heard.resuming)
        found = await self._judged((_Stretch(parts),), expectation, learnt)
        return found if isinstance(found, Unavailable) else (found[0].within(expectation.suspended),)

    async def _judged(
        self, stretches: "Sequence[_Stretch]", expectation: Expectation, learnt: Learnt
    ) -> tuple[Judged, ...] | Unavailable:
        """What each stretch asks for: what an example says in the same words, else what the model thinks.

        Values alone ask for nothing beside others.
        """
        exact = [stretch.exactly(learnt) or stretch.nothing() for stretch in stretches]
        open_ones = [stretch for stretch, known in zip(stretches, exact, strict=True) if known is None]
        scores = await self._scores([stretch.levelled(learnt) for stretch in open_ones], expectation, learnt)
        if isinstance(scores, Unavailable):
            return scores
        thought = iter([stretch.judged(own) for stretch, own in zip(open_ones, scores, strict=True)])
        return tuple(known if known is not None else next(thought) for known in exact)

    async def _scores(
        self, levelled: Sequence[str], expectation: Expectation, learnt: Learnt
    ) -> list[Scores] | Unavailable:
        if not levelled:
            return []
        known = [expectation.intent] if expectation.intent is not None else expectation.options
        prior = {str(name): _PRIOR for name in known}
        vectors = await embedded(self._embedder, levelled) if learnt.needs_encoder else learnt.spelt(levelled)
        return vectors if isinstance(vectors, Unavailable) else learnt.model.scores(levelled, vectors, prior)


class _Stretch:
    """Parts of the utterance that are looked at as one text."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self._start, self._end = parts[0].clause.start, parts[-1].clause.end
        self._text = "，".join(part.plain for part in parts)

    def levelled(self, learnt: Learnt) -> str:
        """The text as the encoder is to see it."""
        spoken = ((part.plain, shifted(part.clause.entities, part.plain_start)) for part in self._parts)
        return "，".join(learnt.abstraction.levelled(plain, spans) for plain, spans in spoken)

    def exactly(self, learnt: Learnt) -> Judged | None:
        """What an example says in the same words, or with other values of the same kinds."""
        if len(self._parts) > 1:
            return None
        part = self._parts[0]
        spans = shifted(part.clause.entities, part.plain_start)
        return _exactly(learnt, part.plain, spans, self._start, self._end)

    def nothing(self) -> Judged | None:
        """The stretch as one that asks for nothing, where it is values alone."""
        is_bare = all(part.only_values for part in self._parts)
        return Judged(self._start, self._end, self._text) if is_bare else None

    def judged(self, scores: Scores) -> Judged:
        """What the model thinks of it."""
        return judged(self._start, self._end, self._text, scores)


def _exactly(learnt: Learnt, text: str, spans: tuple[Span, ...], start: int, end: int) -> Judged | None:
    found = learnt.exact.find(text, spans)
    if found is None:
        return None
    group, name = found
    candidates = (Candidate(IntentName(name), 1.0),) if group == "intent" else ()
    return Judged(start, end, text, candidates, name if group == "ambiguity" else "", exact=True)


def _expected(expectation: Expectation) -> tuple[EntityName, ...]:
    return (expectation.kind,) if expectation.kind is not None else ()


def _active(heard: Heard, expectation: Expectation) -> tuple[IntentName, ...]:
    """The intents that values may be for: the one in hand first, or what is to be resumed."""
    suspended = tuple(reversed(expectation.suspended))
    own = (expectation.intent,) if expectation.intent is not None else expectation.options
    return (*suspended, *own) if heard.resuming else (*own, *suspended)
