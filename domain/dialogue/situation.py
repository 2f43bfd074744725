"""What a move looks at when it decides."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from domain.dialogue.state import Agenda, Frame, OpenState, active_frame
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Understanding
from domain.intents.catalogue import Catalogue
from domain.intents.normalise import canonical
from domain.intents.ranking import Clear, Near, judge
from domain.names import IntentName
from domain.slots.entity import Entity
from domain.values import Value

_MOSTLY = 0.4
"""Share of the utterance that values must cover to be what it says."""


class Setting(Value, frozen=True):
    """What every step of one turn shares. `now` is in the user's zone; `origin` names conversation and turn."""

    catalogue: Catalogue
    now: datetime
    origin: str


class Situation(Value, frozen=True):
    """The state, what was understood, and the setting."""

    state: OpenState
    heard: Understanding
    setting: Setting

    @property
    def frame(self) -> Frame | None:
        """The active frame."""
        return active_frame(self.state)

    @property
    def agenda(self) -> Agenda:
        """What waits."""
        return self.state.agenda

    def parked(self) -> Agenda:
        """The agenda with the active frame, if any, suspended on top; the oldest falls off a full stack."""
        return parked(self.agenda, self.frame, self.setting.catalogue)

    def clear(self) -> tuple[tuple[Clear, tuple[Entity, ...]], ...]:
        """Every intent that is meant beyond doubt, with the entities of its segment, in the order said."""
        judged = ((judge(segment, self.setting.catalogue), segment.entities) for segment in self.heard.segments)
        return tuple((verdict, entities) for verdict, entities in judged if isinstance(verdict, Clear))

    def near(self) -> Near | None:
        """The first offer that the segments call for."""
        judged = (judge(segment, self.setting.catalogue) for segment in self.heard.segments)
        return next((verdict for verdict in judged if isinstance(verdict, Near)), None)

    def loose(self) -> tuple[Entity, ...]:
        """Entities of segments that carry no clear intent of their own."""
        catalogue = self.setting.catalogue
        parts = (s.entities for s in self.heard.segments if not isinstance(judge(s, catalogue), Clear))
        return tuple(entity for part in parts for entity in part)

    def are_meant(self, entities: tuple[Entity, ...]) -> bool:
        """Whether values make up what was said, or most of it, rather than being mentioned in passing."""
        if self.heard.tier == "context":
            return True
        covered = {index for entity in entities for index in range(entity.start, entity.end)}
        return not self.heard.is_question and len(covered) >= _MOSTLY * max(len(canonical(self.heard.text)), 1)

    def confidence_of(self, intent: IntentName) -> float:
        """The highest confidence any segment gives an intent."""
        candidates = (c for segment in self.heard.segments for c in segment.candidates)
        return max((c.confidence for c in candidates if c.intent == intent), default=0.0)


Move = Callable[[Situation], Transition | None]
"""One behaviour: what it makes of a situation, or None when the situation is not its business."""


def parked(agenda: Agenda, frame: Frame | None, catalogue: Catalogue) -> Agenda:
    """The agenda with `frame` on top of the suspended ones, at most as many as the policies allow."""
    if frame is None:
        return agenda
    others = tuple(other for other in agenda.suspended if other.intent != frame.intent)
    suspended = (*others, frame)[-catalogue.policies.suspended :]
    return msgspec.structs.replace(agenda, suspended=suspended)
