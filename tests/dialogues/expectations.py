"""What a scripted conversation expects of a turn, held against what the service did."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from application.handle_turn import TurnReply
from domain.dialogue.invocation import Invocation
from domain.dialogue.reply import Reply

Expected = Mapping[str, Any]


def relative(text: str, today: date, slots: Mapping[str, Any]) -> str:
    """A date said relative to the day of the run: today, tomorrow, today+2d, monday of next week, departure_date+3d."""
    offset = re.fullmatch(r"(today|\w+_date)\+(\d+)d", text)
    if offset is not None:
        start = today if offset[1] == "today" else date.fromisoformat(str(slots[offset[1]].value)[:10])
        return (start + timedelta(days=int(offset[2]))).isoformat()
    weekday = re.fullmatch(r"(\w+) of next week", text)
    if weekday is not None:
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        return (today + timedelta(days=7 - today.weekday() + days.index(weekday[1]))).isoformat()
    if text == "march 15 of next year":
        return date(today.year + 1, 3, 15).isoformat()
    return (today + timedelta(days={"today": 0, "tomorrow": 1}[text])).isoformat()


def differences(expected: Expected, turn: TurnReply, calls: Sequence[Invocation], today: date) -> list[str]:
    """Everything that is not as expected, one line each."""
    reply = turn.reply
    found = [*_about_intent(expected, reply), *_about_slots(expected, reply, today)]
    found += [*_about_words(expected, reply), *_about_calls(expected, calls)]
    return found


def _about_intent(expected: Expected, reply: Reply) -> Iterator[str]:
    offered = [option.intent for option in reply.options]
    waiting = (*([reply.intent] if reply.intent else []), *reply.suspended_intents, *reply.pending_intents)
    if "intent" in expected and reply.intent != expected["intent"]:
        yield f"intent: {reply.intent!r} is not {expected['intent']!r}"
    if "intent_any_of" in expected and reply.intent not in expected["intent_any_of"]:
        yield f"intent: {reply.intent!r} is none of {expected['intent_any_of']}"
    if "status" in expected and reply.status not in expected["status"]:
        yield f"status: {reply.status} is none of {expected['status']}"
    if not set(expected.get("candidates", ())) <= set(offered):
        yield f"candidates: {offered} lack some of {expected['candidates']}"
    if "candidates_any" in expected and offered and not set(expected["candidates_any"]) & set(offered):
        yield f"candidates: {offered} have none of {expected['candidates_any']}"
    if "intents" in expected and [reply.intent, *reply.pending_intents][: len(expected["intents"])] != expected["intents"]:
        yield f"intents: {[reply.intent, *reply.pending_intents]} are not {expected['intents']}"
    for field in ("keeps_intent", "transfer_from", "returns_to"):
        if field in expected and expected[field] not in waiting:
            yield f"{field}: {expected[field]} is not among {waiting}"


def _about_slots(expected: Expected, reply: Reply, today: date) -> Iterator[str]:
    for name, wanted in {**expected.get("slots", {}), **expected.get("slots_normalised", {})}.items():
        slot = reply.slots.get(name)
        value = None if slot is None or not slot.is_validated else slot.value
        if isinstance(wanted, Mapping) and "masked" in wanted:
            if not str(value).endswith(wanted["masked"]) or len(str(value)) > 8:
                yield f"slot {name}: {value!r} is not masked but for {wanted['masked']}"
        elif value != (relative(wanted["rel"], today, reply.slots) if isinstance(wanted, Mapping) else wanted):
            yield f"slot {name}: {value!r} is not {wanted!r}"
    for name in expected.get("invalid_slots", ()):
        if name not in reply.slots or reply.slots[name].is_validated:
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


def _about_calls(expected: Expected, calls: Sequence[Invocation]) -> Iterator[str]:
    called = [call.function for call in calls]
    if expected.get("must_not_execute") and called:
        yield f"executed {called}"
    if "calls" in expected and called != expected["calls"]:
        yield f"calls: {called} are not {expected['calls']}"
