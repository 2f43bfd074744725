"""转人工: a person takes over."""

from domain.dialogue.proceeding import hand_over
from domain.dialogue.situation import Situation
from domain.dialogue.transition import Transition


def ask_for_a_person(situation: Situation) -> Transition | None:
    """Hand off on the cue or on a clear intent declared to hand off; what was under way is kept."""
    catalogue = situation.setting.catalogue
    wanted = any(catalogue.intent(verdict.intent).hand_off for verdict, _ in situation.clear())
    if not wanted and situation.heard.cue("person") is None:
        return None
    return hand_over("asked", situation.frame, situation.agenda, situation.setting)
