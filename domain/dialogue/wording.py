"""Effects in words: one function an effect, over the catalogue's responses and the standard phrases."""

import re
from collections.abc import Mapping
from typing import assert_never

from domain.dialogue.effect import (
    Answer,
    Ask,
    Confirm,
    Effect,
    Explain,
    HandOff,
    Invoke,
    Kept,
    Noted,
    Offer,
    Report,
    Respond,
    Say,
)  # fmt: skip
from domain.dialogue.masking import masked
from domain.dialogue.phrases import phrases_of
from domain.dialogue.showing import shown
from domain.dialogue.state import Frame
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Function
from domain.names import IntentName, SlotName
from domain.slots.checking import SEVERAL_DAYS, UNKNOWN_VALUE, applies, failed_check
from domain.slots.checks import Check
from domain.slots.slot import OneOrMore, SlotValue

_LONGEST_ECHO = 24
_VARIABLE = re.compile(r"\{([^{}\s]+)\}")


class Wording:
    """Says the effects of one turn. `turn` picks among variants, so that none comes twice in a row."""

    def __init__(self, catalogue: Catalogue, turn: int) -> None:
        self._catalogue = catalogue
        self._turn = turn
        self._standard = phrases_of(catalogue.language)

    def say(self, key: str, variables: Mapping[str, str] | None = None) -> str:
        """The response named `key`, the catalogue's own before the standard one."""
        return self._render(self._catalogue.responses.get(key) or self._standard[key], variables or {})

    def words(self, effect: Effect) -> str:
        """An effect in words: an Answer is said as if there were none, an Invoke is said by its outcome."""
        match effect:
            case Say() | Answer() | HandOff():
                return self._said(effect)
            case Noted():
                return self._noted(effect)
            case Explain():
                return self._explained(effect.frame, effect.slot)
            case Ask():
                return self._asked(effect)
            case Offer():
                return self._offered(effect)
            case Confirm() | Kept() | Respond() | Report():
                return self._about_frame(effect)
            case Invoke():
                return ""
            case _:
                assert_never(effect)

    def title(self, frame: Frame, slot: SlotName) -> str:
        """How a slot is called to the user."""
        return self._catalogue.slot(frame.intent, slot).title or slot

    def value(self, frame: Frame, slot: SlotName) -> str:
        """A slot's value as shown to the user, masked where sensitive."""
        content = frame.slots[slot].value
        sensitive = self._catalogue.is_sensitive(self._catalogue.slot(frame.intent, slot))
        return masked(content) if sensitive else shown(content, self._catalogue.language)

    def _render(self, template: OneOrMore, variables: Mapping[str, str]) -> str:
        variants = (template,) if isinstance(template, str) else template
        text = variants[self._turn % len(variants)]
        return _VARIABLE.sub(lambda match: variables.get(match[1], ""), text)

    def _list(self, items: list[str]) -> str:
        return self.say("list_separator").join(items)

    def _abilities(self) -> str:
        offered = [i.title for i in self._catalogue.intents.values() if i.function is not None and not i.digression]
        return self._list(offered[:6])

    def _said(self, effect: Say | Answer | HandOff) -> str:
        match effect:
            case Say():
                return self.say(effect.key, {"abilities": self._abilities(), **effect.variables})
            case Answer():
                return self.say(effect.otherwise, {"abilities": self._abilities()})
            case HandOff():
                return self.say("hand_off" if effect.reason == "asked" else "hand_off_after_attempts")
            case _:
                assert_never(effect)

    def _noted(self, effect: Noted) -> str:
        frame = effect.frame
        changes = [
            self.say(key, {"title": self.title(frame, name), "value": self.value(frame, name)})
            for key, names in (("change", effect.slots), ("addition", effect.added))
            for name in names
        ]
        return self.say("noted", {"changes": self._list(changes)})

    def _explained(self, frame: Frame, name: SlotName) -> str:
        slot, value = self._catalogue.slot(frame.intent, name), frame.slots[name]
        check = failed_check(slot, value)
        if check is not None and check.say:
            return check.say
        key = "problem." + value.problem
        declared = self._catalogue.entities.get(slot.entity)
        if value.problem == UNKNOWN_VALUE and (declared is None or not declared.values):
            key = "problem.unreadable"
        if check is not None and check.not_before == "today":
            key += "_today"
        return self.say(key, self._problem(frame, name, value, check))

    def _problem(self, frame: Frame, name: SlotName, value: SlotValue, check: Check | None) -> dict[str, str]:
        sensitive = self._catalogue.is_sensitive(self._catalogue.slot(frame.intent, name))
        is_quoted = value.problem in (UNKNOWN_VALUE, SEVERAL_DAYS)
        said = value.original_text if is_quoted else self.value(frame, name)
        echo = masked(said) if sensitive else _echo(said)
        variables = {"title": self.title(frame, name), "value": echo}
        if check is not None and check.between is not None:
            variables["lowest"], variables["highest"] = (shown(n, "en") for n in check.between)
        if check is not None and check.within_days is not None:
            variables["limit"] = str(check.within_days)
        if check is not None and check.differs_from is not None:
            variables["other"] = self.title(frame, check.differs_from)
        return variables

    def _asked(self, effect: Ask) -> str:
        slot = self._catalogue.slot(effect.frame.intent, effect.slot)
        variants = (slot.ask,) if isinstance(slot.ask, str) else slot.ask
        if variants:
            text = variants[effect.attempt % len(variants)]
        else:
            text = self.say("ask", {"title": self.title(effect.frame, effect.slot)})
        return text + (self.say("suggest", {"values": self._list(list(slot.suggest))}) if slot.suggest else "")

    def _offered(self, effect: Offer) -> str:
        lines = [effect.question or self.say("offer")]
        lines += [f"{number}. {self.label(name)}" for number, name in enumerate(effect.options, 1)]
        return "\n".join(lines)

    def label(self, name: IntentName) -> str:
        """The short name of an intent in an offer."""
        intent = self._catalogue.intent(name)
        return intent.label or intent.title

    def _about_frame(self, effect: Confirm | Kept | Respond | Report) -> str:
        if isinstance(effect, Report):
            return self._reported(effect)
        frame = effect.frame
        intent = self._catalogue.intent(frame.intent)
        slots = [name for name, slot in intent.slots.items() if name in frame.slots and applies(slot, frame.slots)]
        if isinstance(effect, Respond):
            return self._render(intent.response, {name: self.value(frame, name) for name in slots})
        if isinstance(effect, Kept):
            said = [self.value(frame, n) for n in slots if frame.slots[n].valid and frame.slots[n].source != "default"]
            key = "postponed_with_values" if said else "postponed"
            return self.say(key, {"title": intent.title, "values": self._list(said)})
        lines = [
            self.say("value_line", {"title": self.title(frame, name), "value": self.value(frame, name)})
            for name in slots
        ]
        return self.say("confirm", {"title": intent.title, "values": "\n".join(lines)})

    def _reported(self, effect: Report) -> str:
        intent = self._catalogue.intent(effect.frame.intent)
        function = self._catalogue.functions[intent.function] if intent.function is not None else None
        if effect.outcome == "succeeded" and function is not None:
            return self._render(function.success, self._results(effect, function))
        if effect.outcome == "not_done" and function is not None and function.failure:
            return self._render(function.failure, self._results(effect, function))
        key = effect.outcome
        if key == "refused" and not effect.message:
            key = "refused_without_reason"
        return self.say(key, {"title": intent.title, "message": _echo(effect.message, 200)})

    def _results(self, effect: Report, function: Function) -> dict[str, str]:
        """Variables of success and failure texts: slots, then arguments by the API's names, then the result."""
        frame, language = effect.frame, self._catalogue.language
        values: dict[str, str] = {name: self.value(frame, name) for name in frame.slots}
        values |= {name: values.get(slot, "") for name, slot in function.arguments.items()}
        return values | {name: shown(value, language) for name, value in effect.result.items()}


def _echo(text: str, longest: int = _LONGEST_ECHO) -> str:
    """Words of the user or an API, safe to repeat: no markup, not endless."""
    plain = text.replace("<", "").replace(">", "")
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
