"""Values for the active frame: answers, additions and corrections are one and the same move."""

import re

from domain.dialogue.cancelling import asks_for_another
from domain.dialogue.effect import Effect, Noted
from domain.dialogue.explaining import explained
from domain.dialogue.proceeding import hand_over, proceed
from domain.dialogue.situation import Situation
from domain.dialogue.state import Collecting, Confirming, Frame, State
from domain.dialogue.transition import Transition
from domain.intents.intent import Intent
from domain.slots.entity import Entity
from domain.slots.filling import Filling, filled, takes
from domain.slots.slot import SlotValue

_LEAD_IN = re.compile(
    r"(?:[是叫为]|就是|我[想要]看|我[想要]去|(?:it's|it is|is|to|i want to (?:see|watch)) )(?=..)", re.IGNORECASE
)
_TITLED = (
    r"(?:^|[，,。；;\s把]){}\s*(?:应该)?(?:(?:改|换|变更|修改|更改)(?:成|为)|是|为|叫|[:：]|(?:is|to|should be)\s)\s*"
    r"([^，。！？；,!?;]{{1,60}})"
)
_LONGEST_TEXT_ANSWER = 60
_LONGEST_UNKNOWN_VALUE = 4
_NO_NAME = re.compile(r"[我你他她它的了吗呢吧啊么个是没很讲说给把请]|什么|怎么")
"""What no name of a place or a bank holds, but a remark does."""


def fill_in(situation: Situation) -> Transition | None:
    """Put what was said into the frame and take its next step; corrected values are named."""
    state = situation.state
    if not isinstance(state, Collecting | Confirming) or asks_for_another(situation):
        return None
    intent = situation.setting.catalogue.intent(state.frame.intent)
    entities = tuple(e for e in situation.heard.entities if any(takes(s, e.kind) for s in intent.slots.values()))
    titled = _titled_words(situation, intent)
    if titled:
        entities = (*entities, *titled)
    elif not entities or _wants_words(situation, intent):
        entities = _whole_answer(situation, intent)
    elif not _is_answer(situation, entities):
        return None
    asked = state.asked if isinstance(state, Collecting) else None
    entities = explained(entities, state.frame, situation)
    filling = filled(state.frame.slots, intent, entities, asked=asked, now=situation.setting.now)
    return _stepped(situation, state, filling) if filling.changed else None


def _stepped(situation: Situation, state: Collecting | Confirming, filling: Filling) -> Transition:
    before = state.frame
    frame = Frame(before.intent, filling.values, before.confidence)
    attempt = 0
    if isinstance(state, Collecting) and not _holds(frame, state):
        attempt = state.attempts + 1
        if attempt >= situation.setting.catalogue.policies.reprompts:
            return hand_over("too_many_attempts", frame, state.agenda, situation.setting)
    step = proceed(frame, state.agenda, situation.setting, attempt=attempt)
    return Transition(step.state, (*_noted(state, frame, filling, step.state), *step.effects), step.status, step.focus)


def _noted(before: Collecting | Confirming, frame: Frame, filling: Filling, after: State) -> tuple[Effect, ...]:
    """Corrections are always named, values nobody had asked for only where no confirmation is going to show them."""
    valid = tuple(name for name in filling.changed if frame.slots[name].valid)
    corrected = tuple(name for name in valid if _was_said(before.frame.slots.get(name)))
    asked = before.asked if isinstance(before, Collecting) else None
    added = tuple(name for name in valid if name not in corrected and name != asked)
    added = added if isinstance(after, Collecting) else ()
    return (Noted(frame, corrected, added),) if corrected or added else ()


def _holds(frame: Frame, state: Collecting) -> bool:
    """Whether the asked slot was not answered with an invalid value."""
    value = frame.slots.get(state.asked)
    return value is None or value.valid


def _was_said(value: SlotValue | None) -> bool:
    return value is not None and value.valid and value.source != "default"


def _is_answer(situation: Situation, entities: tuple[Entity, ...]) -> bool:
    """Whether values in the utterance are meant for the active frame, rather than mentioned in passing."""
    frame, policies = situation.frame, situation.setting.catalogue.policies
    if situation.heard.cue("correct", "deny") is not None:
        return True
    if frame is not None and situation.confidence_of(frame.intent) >= policies.ambiguous:
        return True
    return situation.are_meant(entities)


def _wants_words(situation: Situation, intent: Intent) -> bool:
    """Whether free text was asked for, and more than values was said (流浪地球2)."""
    state = situation.state
    is_text = isinstance(state, Collecting) and intent.slots[state.asked].entity == "text"
    return is_text and situation.heard.tier != "context"


def _titled_words(situation: Situation, intent: Intent) -> tuple[Entity, ...]:
    """Free text set by the name of its slot: 收款人改成王五."""
    titles = {name: slot.title for name, slot in intent.slots.items() if slot.entity == "text" and slot.title}
    text = "" if situation.heard.is_question else situation.heard.text
    found = ((name, re.search(_TITLED.format(re.escape(title)), text, re.IGNORECASE)) for name, title in titles.items())
    return tuple(
        Entity(intent.slots[name].entity, *match.span(1), match[1], match[1].strip(), 1.0, "answer", name, 1.0)
        for name, match in found
        if match is not None
    )


def _whole_answer(situation: Situation, intent: Intent) -> tuple[Entity, ...]:
    """The whole utterance as the asked value: free text, or a short word where a dictionary value belongs."""
    state, heard = situation.state, situation.heard
    if not isinstance(state, Collecting) or heard.cues or heard.is_question:
        return ()
    if heard.tier == "example":  # 机票, said once more, is no city
        return ()
    slot = intent.slots[state.asked]
    kind, text = slot.entity, _without_lead_in(heard.text.strip("，。！？,.!? "), slot.title)
    if kind == "text" and 0 < len(text) <= _LONGEST_TEXT_ANSWER:
        return (Entity(kind, 0, len(heard.text), text, text, 1.0, "answer", state.asked, 1.0),)
    declared = situation.setting.catalogue.entities.get(kind)
    if declared is not None and declared.values and _may_be_name(text) and situation.near() is None:
        return (Entity(kind, 0, len(heard.text), text, text, 0.5, "answer", state.asked, 1.0, valid=False),)
    return ()


def _may_be_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_UNKNOWN_VALUE and text.isalpha() and _NO_NAME.search(text) is None


def _without_lead_in(text: str, title: str) -> str:
    """The answer itself: 收款人是张三 and 我想看流浪地球 without the words that lead up to it."""
    plain = text.removeprefix(title) if title else text
    lead_in = _LEAD_IN.match(plain)
    return (plain[lead_in.end() :] if lead_in is not None else plain).strip("：: ") or text
