"""Offers: making one, and reading the answer to one."""

from domain.dialogue.effect import Offer, Say
from domain.dialogue.proceeding import begun, carry_on, proceed
from domain.dialogue.situation import Situation
from domain.dialogue.state import Choosing, Collecting, Confirming
from domain.dialogue.transition import Transition
from domain.intents.normalise import canonical
from domain.names import IntentName
from domain.slots.filling import takes


def pick(situation: Situation) -> Transition | None:
    """An answer by number, by title, or by a phrase that tells the options apart starts the chosen intent."""
    state = situation.state
    if not isinstance(state, Choosing):
        return None
    chosen = _by_number(situation, state) or _by_title(situation, state) or _by_meaning(situation, state)
    return None if chosen is None else started(situation, state, chosen)


def started(situation: Situation, state: Choosing, chosen: IntentName) -> Transition:
    """The chosen intent, with what was said before and now."""
    setting = situation.setting
    entities = (*state.heard, *situation.heard.entities)
    frame = begun(chosen, 1.0, entities, setting)
    return proceed(frame, state.agenda, setting)


def decline(situation: Situation) -> Transition | None:
    """都不是: the offer is dropped."""
    state = situation.state
    if not isinstance(state, Choosing) or situation.heard.cue("deny") is None or situation.clear():
        return None
    return carry_on(state.agenda, situation.setting, (Say("say_it_differently"),), "intent_not_found", None)


def offer(situation: Situation) -> Transition | None:
    """Near candidates become a numbered offer, unless the active task is among them."""
    near, frame = situation.near(), situation.frame
    if near is None or situation.clear():
        return None
    options = tuple(candidate.intent for candidate in near.options)
    if isinstance(situation.state, Collecting | Confirming) and frame is not None and frame.intent in options:
        return None
    state = Choosing(options, near.question, situation.heard.entities, 0, situation.parked())
    return Transition(state, (Offer(options, near.question),), "ambiguous")


def _by_number(situation: Situation, state: Choosing) -> IntentName | None:
    cue = situation.heard.cue("choose")
    if cue is None or cue.number is None:
        return None
    index = cue.number - 1 if cue.number > 0 else len(state.options) + cue.number
    return state.options[index] if 0 <= index < len(state.options) else None


def _by_title(situation: Situation, state: Choosing) -> IntentName | None:
    said = canonical(situation.heard.text)
    for name in state.options:
        intent = situation.setting.catalogue.intent(name)
        if said and said in (canonical(intent.title), canonical(intent.label), name):
            return name
    return None


def _by_meaning(situation: Situation, state: Choosing) -> IntentName | None:
    """The option that is clearly meant; else, of a repeated ambiguity, the first option that takes the new values."""
    clear = [verdict.intent for verdict, _ in situation.clear()]
    if clear:
        return clear[0] if clear[0] in state.options else None
    if situation.heard.is_question:
        return None
    near = situation.near()
    within = [c.intent for c in near.options] if near is not None else state.options
    if near is None and not situation.are_meant(situation.heard.entities):
        return None
    fits = {name: _taken(situation, name) for name in state.options if name in within}
    best = max(fits, key=lambda name: fits[name], default=None)
    return best if best is not None and fits[best] else None


def _taken(situation: Situation, name: IntentName) -> int:
    """How many of the spans just heard some slot of the intent takes."""
    slots = situation.setting.catalogue.intent(name).slots.values()
    heard = (entity for entity in situation.heard.entities if not entity.negated)
    return len({e.start for e in heard if any(takes(slot, e.kind) for slot in slots)})
