"""What a scripted conversation expects of a turn, held against what the service did."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain.dialogue.invocation import Invocation
from domain.dialogue.reply import Reply, ReplySlot
from domain.names import IntentName, SlotName
from domain.slots.entity import SlotContent

Expected = Mapping[str, Any]
Held = Mapping[IntentName, Mapping[SlotName, SlotContent]]

KNOWN = frozenset(
    {
        "intent", "intent_any_of", "status", "candidates", "candidates_any", "intents", "keeps_intent",
        "transfer_from", "returns_to", "suspended", "pending", "slots", "slots_normalised", "slots_by_intent",
        "invalid_slots", "missing", "asks", "must_mention", "must_not_contain", "must_not_execute",
        "must_not_execute_with", "calls", "called_with",
    }
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Seen:
    """What one turn did: the reply, the functions called, and the valid values that every open task holds after it."""

    reply: Reply
    calls: Sequence[Invocation]
    held: Held
    today: date

    def value(self, name: str) -> SlotContent | None:
        """The valid value of a slot of the task that the reply is about."""
        slot = self.reply.slots.get(SlotName(name))
        return slot.value if slot is not None and slot.is_validated else None


def differences(expected: Expected, seen: Seen) -> list[str]:
    """Everything that is not as expected, one line each."""
    reply = seen.reply
    found = [f"{name} is no expectation" for name in expected if name not in KNOWN]
    found += [*_about_intent(expected, reply), *_about_offer(expected, reply), *_about_waiting(expected, reply)]
    found += [*_about_values(expected, seen), *_about_gaps(expected, reply)]
    found += [*_about_words(expected, reply), *_about_calls(expected, seen)]
    return found


def _about_intent(expected: Expected, reply: Reply) -> Iterator[str]:
    order = [reply.intent, *reply.pending_intents]
    if "intent" in expected and reply.intent != expected["intent"]:
        yield f"intent: {reply.intent!r} is not {expected['intent']!r}"
    if "intent_any_of" in expected and reply.intent not in expected["intent_any_of"]:
        yield f"intent: {reply.intent!r} is none of {expected['intent_any_of']}"
    if "status" in expected and reply.status not in expected["status"]:
        yield f"status: {reply.status} is none of {expected['status']}"
    if "intents" in expected and order[: len(expected["intents"])] != expected["intents"]:
        yield f"intents: {order} are not {expected['intents']}"


def _about_offer(expected: Expected, reply: Reply) -> Iterator[str]:
    offered = [option.intent for option in reply.options]
    if not set(expected.get("candidates", ())) <= set(offered):
        yield f"candidates: {offered} lack some of {expected['candidates']}"
    if "candidates_any" in expected and offered and not set(expected["candidates_any"]) & set(offered):
        yield f"candidates: {offered} have none of {expected['candidates_any']}"


def _about_waiting(expected: Expected, reply: Reply) -> Iterator[str]:
    waiting = (*([reply.intent] if reply.intent else []), *reply.suspended_intents, *reply.pending_intents)
    for field in ("keeps_intent", "transfer_from", "returns_to"):
        if field in expected and expected[field] not in waiting:
            yield f"{field}: {expected[field]} is not among {waiting}"
    for field, named in (("suspended", reply.suspended_intents), ("pending", reply.pending_intents)):
        if field in expected and list(named) != expected[field]:
            yield f"{field}: {list(named)} are not {expected[field]}"


def _about_values(expected: Expected, seen: Seen) -> Iterator[str]:
    for name, wanted in {**expected.get("slots", {}), **expected.get("slots_normalised", {})}.items():
        if not _is(seen.value(name), wanted, seen):
            yield f"slot {name}: {seen.value(name)!r} is not {wanted!r}"
    for intent, slots in expected.get("slots_by_intent", {}).items():
        for name, wanted in slots.items():
            value = seen.value(name) if intent == seen.reply.intent else seen.held.get(intent, {}).get(name)
            if not _is(value, wanted, seen):
                yield f"slot {name} of {intent}: {value!r} is not {wanted!r}"


def _about_gaps(expected: Expected, reply: Reply) -> Iterator[str]:
    slots: Mapping[str, ReplySlot] = {str(name): slot for name, slot in reply.slots.items()}
    for name in expected.get("invalid_slots", ()):
        if name not in slots or slots[name].is_validated:
            yield f"slot {name} is not refused"
    if "missing" in expected and set(reply.missing_slots) != set(expected["missing"]):
        yield f"missing: {sorted(reply.missing_slots)} is not {sorted(expected['missing'])}"
    if "asks" in expected and reply.asked_slot != expected["asks"]:
        yield f"asks: {reply.asked_slot} is not {expected['asks']}"


def _about_words(expected: Expected, reply: Reply) -> Iterator[str]:
    for pattern in expected.get("must_mention", ()):
        if not re.search(pattern, reply.text):
            yield f"reply does not mention {pattern!r}: {reply.text!r}"
    for words in expected.get("must_not_contain", ()):
        if words in reply.text:
            yield f"reply contains {words!r}"


def _about_calls(expected: Expected, seen: Seen) -> Iterator[str]:
    called = [call.function for call in seen.calls]
    arguments = [value for call in seen.calls for value in call.arguments.values()]
    if expected.get("must_not_execute") and called:
        yield f"executed {called}"
    if "calls" in expected and called != expected["calls"]:
        yield f"calls: {called} are not {expected['calls']}"
    for name, wanted in expected.get("called_with", {}).items():
        value = seen.calls[-1].arguments.get(name) if seen.calls else None
        if not _is(value, wanted, seen):
            yield f"argument {name}: {value!r} is not {wanted!r}"
    for name, unwanted in expected.get("must_not_execute_with", {}).items():
        if any(_is(value, unwanted, seen) for value in arguments):
            yield f"executed with {name} {unwanted!r}"


def _is(value: SlotContent | None, wanted: SlotContent | Mapping[str, str], seen: Seen) -> bool:
    """Whether a value is the one wanted, which may be described: relative to today, or by the end it is shown with."""
    if not isinstance(wanted, Mapping):
        return value == wanted
    if "masked" in wanted:
        return str(value) == "****" + wanted["masked"]
    return value == relative(wanted["rel"], seen)


def relative(text: str, seen: Seen) -> str:
    """A date said relative to the day of the run: today, tomorrow, today+2d, monday of next week, departure_date+3d."""
    offset = re.fullmatch(r"(today|\w+_date)\+(\d+)d", text)
    if offset is not None:
        start = seen.today if offset[1] == "today" else date.fromisoformat(str(seen.value(offset[1]))[:10])
        return (start + timedelta(days=int(offset[2]))).isoformat()
    weekday = re.fullmatch(r"(\w+) of (this|next) week", text)
    if weekday is not None:
        monday = seen.today - timedelta(days=seen.today.weekday())
        days = _WEEKDAYS.index(weekday[1]) + (7 if weekday[2] == "next" else 0)
        return (monday + timedelta(days=days)).isoformat()
    if text == "march 15 of next year":
        return date(seen.today.year + 1, 3, 15).isoformat()
    return (seen.today + timedelta(days={"today": 0, "tomorrow": 1}[text])).isoformat()
