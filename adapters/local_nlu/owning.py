"""Which value belongs to which request."""

from collections.abc import Iterator, Sequence

from adapters.local_nlu.judging import Judged
from adapters.local_nlu.roles import Roles
from domain.dialogue.understanding import Segment
from domain.intents.catalogue import Catalogue
from domain.names import IntentName
from domain.slots.entity import Entity
from domain.slots.filling import takes


class Owning:
    """Shares the values of one utterance out among its requests and the tasks that are open.

    `active` are the intents that values may be for besides: the one in hand, then the suspended ones.
    """

    def __init__(self, requests: Sequence[Judged], catalogue: Catalogue, active: Sequence[IntentName]) -> None:
        self._requests = requests
        self._catalogue = catalogue
        self._active = tuple(active)

    def segments(self, text: str, entities: Sequence[Entity], roles: Roles) -> tuple[Segment, ...]:
        """The requests with their values; values of no request form a segment without candidates."""
        owners = [self._owner(entity) for entity in entities]
        found: list[tuple[int, Segment]] = []
        for request in self._requests:
            own = tuple(e for e, owner in zip(entities, owners, strict=True) if owner is request)
            declared = self._catalogue.ambiguities.get(request.ambiguity)
            likely = (candidate.intent for candidate in request.candidates)
            meant = declared.candidates if declared is not None else tuple(likely)
            told = roles.assigned(text, own, (*meant, *self._active))
            found.append((request.start, Segment(request.text, request.candidates, told, request.ambiguity)))
        loose = tuple(e for e, owner in zip(entities, owners, strict=True) if owner is None)
        if loose or not found:
            start, end = (loose[0].start, max(e.end for e in loose)) if loose else (0, len(text))
            said = text if not found else text[start:end]
            found.append((start, Segment(said, (), roles.assigned(text, loose, self._active))))
        return tuple(segment for _, segment in sorted(found, key=lambda pair: pair[0]))

    def _owner(self, entity: Entity) -> Judged | None:
        """The request it stands in; else one near it whose intent takes it, unless the task in hand comes first."""
        if len(self._requests) == 1 and not self._active:
            return self._requests[0]
        for request in self._requests:
            if request.start <= entity.start < request.end:
                return request
        return next(self._near(entity), None)

    def _near(self, entity: Entity) -> Iterator[Judged]:
        before = [request for request in self._requests if request.end <= entity.start]
        after = [request for request in self._requests if request.start >= entity.end]
        yield from (request for request in reversed(before) if self._takes(request, entity))
        if not any(self._has_slot(intent, entity) for intent in self._active[:1]):
            yield from (request for request in after if self._takes(request, entity))
            yield from (before[-1:] if not self._active else ())

    def _takes(self, request: Judged, entity: Entity) -> bool:
        return bool(request.candidates) and self._has_slot(request.candidates[0].intent, entity)

    def _has_slot(self, intent: IntentName, entity: Entity) -> bool:
        return any(takes(slot, entity.kind) for slot in self._catalogue.intent(intent).slots.values())
