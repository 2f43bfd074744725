"""What stretches of an utterance ask for: one request, or several in one breath."""

from collections.abc import Sequence
from itertools import groupby

import msgspec

from adapters.local_nlu.model import Scores
from domain.dialogue.understanding import Candidate, Segment
from domain.intents.catalogue import Catalogue
from domain.intents.ranking import Clear, judge
from domain.names import IntentName
from domain.slots.entity import Entity
from domain.slots.filling import takes
from domain.values import Value

_MOST_CANDIDATES = 5
_LEAST = 0.02
_DOUBT = 0.7
"""What is left of probabilities that no word speaks for, where another intent might be meant as well."""
_AMBIGUITY = 0.4
"""From this probability on a declared ambiguity is what is meant, unless some intent is more probable."""


class Judged(Value, frozen=True):
    """A stretch of the utterance, in code points, and what it asks for. `exact` says that an example says the same."""

    start: int
    end: int
    text: str
    candidates: tuple[Candidate, ...] = ()
    ambiguity: str = ""
    exact: bool = False

    def clear(self, catalogue: Catalogue) -> IntentName | None:
        """The intent that is meant beyond doubt."""
        verdict = judge(Segment(self.text, self.candidates, (), self.ambiguity), catalogue)
        return verdict.intent if isinstance(verdict, Clear) else None

    def within(self, intents: Sequence[IntentName]) -> "Judged":
        """The same with candidates of these intents only."""
        kept = tuple(candidate for candidate in self.candidates if candidate.intent in intents)
        return msgspec.structs.replace(self, candidates=kept, ambiguity="")

    def taking(self, values: Sequence[Entity], catalogue: Catalogue) -> "Judged":
        """The same, of values alone: with candidates that have a slot for one of them, unless an example says it.

        Where two of these are plausible, what no word decided is left in doubt: a route may be flown or ridden.
        """
        if self.exact:
            return self
        slots = {c.intent: catalogue.intent(c.intent).slots.values() for c in self.candidates}
        takers = [name for name, own in slots.items() if any(takes(slot, v.kind) for slot in own for v in values)]
        kept = tuple(candidate for candidate in self.candidates if candidate.intent in takers)
        if len(kept) > 1 and kept[1].confidence >= catalogue.policies.ambiguous:
            shares = [round(candidate.confidence * _DOUBT, 4) for candidate in kept]
            kept = tuple(Candidate(c.intent, share) for c, share in zip(kept, shares, strict=True))
        return msgspec.structs.replace(self, candidates=kept)

    @property
    def described(self) -> str:
        """One line for the answer to 'why'."""
        likely = [f"{candidate.intent} {candidate.confidence:.2f}" for candidate in self.candidates]
        return f"{self.text}: {', '.join(([self.ambiguity] if self.ambiguity else []) + likely) or '-'}"


def judged(start: int, end: int, text: str, scores: Scores) -> Judged:
    """Candidates by probability, and the declared ambiguity that fits better than any of them."""
    name, share = scores.ambiguity
    likely = sorted(scores.intents.items(), key=lambda pair: -pair[1])[:_MOST_CANDIDATES]
    candidates = tuple(Candidate(intent, round(value, 4)) for intent, value in likely if value >= _LEAST)
    fits = share >= _AMBIGUITY and share > scores.best[1]
    return Judged(start, end, text, candidates, name if fits else "")


def requests_of(whole: Judged, pieces: Sequence[Judged], catalogue: Catalogue) -> tuple[Judged, ...]:
    """The requests in the order said: those of the pieces when at least two differ, else the whole as one.

    A piece that asks for nothing clear belongs to the one before it, the first ones to the one after. Where the whole
    is in doubt and its pieces agree on one intent, that one is meant: the rest is talk around it.
    """
    named: list[tuple[IntentName, Judged]] = []
    clear = [piece.clear(catalogue) for piece in pieces]
    current = next((name for name in clear if name is not None), None)
    if whole.exact or current is None:
        return (whole,)
    for name, piece in zip(clear, pieces, strict=True):
        current = name or current
        named.append((current, piece))
    groups = [[piece for _, piece in group] for _, group in groupby(named, key=lambda pair: pair[0])]
    if len(groups) > 1:
        return tuple(_joined(group, catalogue) for group in groups)
    if whole.clear(catalogue) is None:
        leading = _leading(pieces, catalogue)
        return (msgspec.structs.replace(whole, candidates=leading.candidates, ambiguity="", exact=leading.exact),)
    return (whole,)


def _joined(pieces: Sequence[Judged], catalogue: Catalogue) -> Judged:
    leading = _leading(pieces, catalogue)
    text = "".join(piece.text for piece in pieces)
    return msgspec.structs.replace(leading, start=pieces[0].start, end=pieces[-1].end, text=text)


def _leading(pieces: Sequence[Judged], catalogue: Catalogue) -> Judged:
    """The surest of the pieces."""
    clear = [piece for piece in pieces if piece.clear(catalogue) is not None]
    return max(clear, key=lambda piece: piece.candidates[0].confidence)
