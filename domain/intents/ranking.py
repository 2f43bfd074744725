"""Whether a segment's candidates say clearly what is wanted."""

from domain.dialogue.understanding import Candidate, Segment
from domain.intents.catalogue import Catalogue
from domain.names import IntentName
from domain.values import Value


class Clear(Value, frozen=True):
    """One intent is meant."""

    intent: IntentName
    confidence: float


class Near(Value, frozen=True):
    """Two or more intents are plausible and near each other; `question` asks which."""

    options: tuple[Candidate, ...]
    question: str = ""


Verdict = Clear | Near | None


def judge(segment: Segment, catalogue: Catalogue) -> Verdict:
    """Judge by the catalogue's thresholds: clear, near, or (None) nothing that can be relied on.

    A catalogue's own ambiguity is an offer by declaration. Equal candidates are ordered by priority.
    """
    policies = catalogue.policies
    declared = catalogue.ambiguities.get(segment.ambiguity)
    if declared is not None:
        confidences = {candidate.intent: candidate.confidence for candidate in segment.candidates}
        options = tuple(Candidate(name, confidences.get(name, 0.0)) for name in declared.candidates)
        return Near(options, declared.ask)
    ranked = sorted(segment.candidates, key=lambda c: (-c.confidence, -catalogue.intent(c.intent).priority))
    if not ranked:
        return None
    best, rest = ranked[0], ranked[1:]
    lead = best.confidence - (rest[0].confidence if rest else 0.0)
    if best.confidence >= _threshold(best, catalogue) and lead >= policies.margin:
        return Clear(best.intent, best.confidence)
    near = tuple(c for c in ranked if c.confidence >= policies.ambiguous)[: policies.choices]
    return Near(near) if len(near) > 1 else None


def _threshold(candidate: Candidate, catalogue: Catalogue) -> float:
    own = catalogue.intent(candidate.intent).threshold
    return catalogue.policies.accept if own is None else own
