"""The laws of the machine, over generated conversations."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.dialogue.composing import compose
from domain.dialogue.effect import Answer, Effect, HandOff, Invoke
from domain.dialogue.event import ActionFailed, ActionSucceeded, Answered, Chosen, Elapsed, Event, Understood
from domain.dialogue.machine import advance
from domain.dialogue.requesting import MOST_QUEUED
from domain.dialogue.state import (
    Acting,
    Choosing,
    Closed,
    Collecting,
    Confirming,
    Frame,
    Idle,
    OpenState,
    State,
    active_frame,
    agenda_of,
)  # fmt: skip
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Candidate, Cue, CueKind, Segment, Understanding
from domain.names import EntityName, IntentName, InvocationKey, SlotName
from domain.slots.checking import checked, missing_slots
from domain.slots.entity import Entity
from domain.slots.slot import SlotValue
from tests.doubles.hearing import entity, heard, segment
from tests.doubles.small_catalogue import CITIES, NOW, small_catalogue

CATALOGUE = small_catalogue()
INTENTS = tuple(CATALOGUE.intents)
MOST_EFFECTS = 40

roles = st.sampled_from(
    [None, *(SlotName(n) for n in ("departure_city", "arrival_city", "departure_date", "return_date"))]
)
cities = st.sampled_from([*CITIES, "火星"])
dates = st.sampled_from(["2026-11-22", "2026-11-24", "2026-11-27", "2028-01-01"])


@st.composite
def entities(draw: st.DrawFn) -> Entity:
    kind = draw(st.sampled_from(["city", "date", "number", "duration", "trip_type", "bank", "bank_card"]))
    value: object = draw(
        {
            "city": cities,
            "date": dates,
            "number": st.integers(-1, 12),
            "duration": st.sampled_from(["P3D", "P1M", "nonsense"]),
            "trip_type": st.sampled_from(["单程", "往返"]),
            "bank": st.just("招商银行"),
            "bank_card": st.just("6222080012345675"),
        }[kind]
    )
    start = draw(st.integers(0, 30))
    role = draw(roles)
    return Entity(
        EntityName(kind), start, start + 2, str(value)[:2], value,  # type: ignore[arg-type]
        role=role, role_confidence=0.9 if role else 0.0,
        negated=draw(st.booleans()) and draw(st.booleans()), valid=value != "火星",
    )  # fmt: skip


candidates = st.builds(Candidate, st.sampled_from(INTENTS), st.sampled_from([0.05, 0.3, 0.5, 0.9]))
segments = st.builds(
    Segment,
    st.text(max_size=8),
    st.lists(candidates, max_size=3, unique_by=lambda c: c.intent).map(
        lambda cs: tuple(sorted(cs, key=lambda c: -c.confidence))
    ),
    st.lists(entities(), max_size=4).map(tuple),
    st.sampled_from(["", "", "", "ticket"]),
)
kinds: list[CueKind] = [
    "affirm", "deny", "choose", "cancel", "postpone", "hold", "correct", "resume", "repeat", "skip", "person",
]  # fmt: skip
cues = st.builds(Cue, st.sampled_from(kinds), st.text(max_size=4), st.sampled_from([None, -1, 0, 1, 2, 9]))
understandings = st.builds(
    Understanding,
    st.text(max_size=20),
    st.lists(segments, min_size=1, max_size=3).map(tuple),
    st.lists(cues, max_size=2).map(tuple),
    st.sampled_from(["context", "example", "local"]),
    st.booleans(),
)
keys = st.sampled_from([InvocationKey("k"), InvocationKey("other")])
results = st.dictionaries(st.sampled_from(["order_id", "balance"]), st.integers(0, 9), max_size=2)
events: st.SearchStrategy[Event] = st.one_of(
    st.just(Understood(heard("确认", cues=("affirm",)), "c/1")),
    st.builds(Understood, understandings, st.just("c/1")),
    st.builds(Chosen, st.sampled_from(INTENTS), st.just("c/1")),
    st.builds(ActionSucceeded, keys, st.just("c/1"), results),
    st.builds(
        ActionFailed, keys, st.just("c/1"), st.sampled_from(["refused", "not_done", "unknown"]), st.text(max_size=5)
    ),
    st.builds(Answered, st.booleans(), st.just("c/1")),
    st.just(Elapsed()),
)


def step(state: State, event: Event) -> Transition:
    return advance(state, event, catalogue=CATALOGUE, now=NOW)


def addressed(state: State, event: Event) -> Event:
    """The event with the key the state waits for, so that outcomes are taken in as often as not."""
    if isinstance(event, ActionSucceeded | ActionFailed) and event.key == "k" and isinstance(state, Acting):
        return msgspec.structs.replace(event, key=state.key)
    return event


def after(*heard_so_far: Understanding) -> State:
    """Where a conversation stands after these utterances."""
    state: State = Idle()
    for understanding in heard_so_far:
        state = step(state, Understood(understanding, "c/0")).state
    return state


BOOKING = heard("订机票", segment("订机票", "book_flight", entity("北京", "city", at=5, role="departure_city")))
EVERYTHING = heard(
    "订机票",
    segment(
        "订机票",
        "book_flight",
        entity("北京", "city", at=5, role="departure_city"),
        entity("上海", "city", at=8, role="arrival_city"),
        entity("明天", "date", "2026-11-24", at=11, role="departure_date"),
        entity("三天后", "duration", "P3D", at=14, role="return_date"),
    ),
)
STARTS: tuple[State, ...] = (
    Idle(),
    after(BOOKING),
    after(EVERYTHING),
    after(EVERYTHING, heard("确认", cues=("affirm",))),
    after(heard("买票", Segment("买票", ambiguity="ticket"))),
    after(BOOKING, heard("查余额", segment("查余额", "check_balance"))),
    after(heard("都要", BOOKING.segments[0], segment("查余额", "check_balance"))),
    after(BOOKING, heard("转人工", cues=("person",))),
)


def test_the_generated_conversations_begin_in_every_open_state() -> None:
    assert {type(state) for state in STARTS} == {*get_args(OpenState)}


@st.composite
def states(draw: st.DrawFn) -> State:
    """States that conversations reach: one that stands somewhere, driven on by a few events."""
    state = draw(st.sampled_from(STARTS))
    for event in draw(st.lists(events, max_size=4)):
        state = step(state, addressed(state, event)).state
    return state


def working() -> st.SearchStrategy[Collecting | Confirming]:
    """States in which a frame is worked on with the user."""
    return states().filter(lambda state: isinstance(state, Collecting | Confirming))  # type: ignore[return-value]  # filtered


def frames_in(state: State) -> list[Frame]:
    """Every frame of a state: what waits, the one on top of the stack last, then the active one."""
    agenda, active = agenda_of(state), active_frame(state)
    return [*agenda.queued, *agenda.suspended, *([active] if active is not None else [])]


@settings(max_examples=400, deadline=None)
@given(states(), events)
def test_every_state_takes_every_event_the_same_way_each_time(state: State, event: Event) -> None:
    event = addressed(state, event)
    first, second = step(state, event), step(state, event)
    assert first == second
    assert len(first.effects) <= MOST_EFFECTS


@settings(max_examples=200, deadline=None)
@given(states(), events)
def test_what_is_stored_comes_back_equal(state: State, event: Event) -> None:
    made = step(state, addressed(state, event))
    assert msgspec.json.decode(msgspec.json.encode(state), type=State) == state
    assert msgspec.json.decode(msgspec.json.encode(event), type=Event) == event
    assert msgspec.json.decode(msgspec.json.encode(made.effects), type=tuple[Effect, ...]) == made.effects
    assert msgspec.json.decode(msgspec.json.encode(made), type=Transition) == made


@settings(max_examples=200, deadline=None)
@given(states(), events)
def test_a_state_that_was_stored_goes_on_as_if_it_had_not_been(state: State, event: Event) -> None:
    event = addressed(state, event)
    stored = msgspec.json.decode(msgspec.json.encode(state), type=State)
    assert step(stored, event) == step(state, event)


@given(events, st.text(max_size=9))
def test_nothing_leaves_the_closed_state(event: Event, reason: str) -> None:
    made = step(Closed(reason), event)
    assert made.state == Closed(reason)
    assert made.effects


@settings(max_examples=300, deadline=None)
@given(states(), results, st.sampled_from(INTENTS), st.sampled_from(["refused", "not_done", "unknown"]))
def test_an_event_that_makes_no_sense_changes_nothing_and_says_so(
    state: State, result: Mapping[str, int], intent: IntentName, outcome: str
) -> None:
    never_made = InvocationKey("never made")
    senseless: list[Event] = [
        ActionSucceeded(never_made, "c/1", result),
        ActionFailed(never_made, "c/1", outcome),  # type: ignore[arg-type]  # one of the literals
    ]
    if not isinstance(state, Choosing) or intent not in state.options:
        senseless.append(Chosen(intent, "c/1"))
    for event in senseless:
        made = step(state, event)
        assert made.state == state
        assert made.effects
        assert not any(isinstance(effect, Invoke | HandOff) for effect in made.effects)


@settings(max_examples=500, deadline=None)
@given(states(), events)
def test_nothing_is_invoked_while_a_required_slot_is_missing_or_invalid(state: State, event: Event) -> None:
    made = step(state, addressed(state, event))
    invoked = [effect for effect in made.effects if isinstance(effect, Invoke)]
    assert len(invoked) <= 1
    if invoked:
        assert isinstance(made.state, Acting)
        frame = made.state.frame
        assert frame.intent == invoked[0].intent
        assert missing_slots(frame.slots, CATALOGUE.intent(frame.intent)) == ()
        assert (
            missing_slots(checked(frame.slots, CATALOGUE.intent(frame.intent), NOW), CATALOGUE.intent(frame.intent))
            == ()
        )


@settings(max_examples=500, deadline=None)
@given(states(), events)
def test_what_wants_confirmation_is_invoked_on_a_plain_yes_only(state: State, event: Event) -> None:
    made = step(state, addressed(state, event))
    if isinstance(made.state, Acting) and made.state != state and CATALOGUE.intent(made.state.frame.intent).confirm:
        assert isinstance(state, Confirming)
        assert isinstance(event, Understood)
        assert event.understanding.cue("affirm") is not None
        assert event.understanding.cue("deny", "cancel", "postpone", "hold", "correct") is None
        assert contents(made.state.frame) == contents(state.frame)


def contents(frame: Frame) -> dict[SlotName, object]:
    """What the slots hold."""
    return {name: value.value for name, value in frame.slots.items()}


@settings(max_examples=300, deadline=None)
@given(working(), st.sampled_from(["help", "weather"]), st.text(min_size=1, max_size=8))
def test_a_digression_leaves_the_frame_equal(state: Collecting | Confirming, intent: str, text: str) -> None:
    made = step(state, Understood(heard(text, segment(text, intent)), "c/1"))
    if state.frame.intent == intent:
        return
    assert active_frame(made.state) == state.frame
    assert agenda_of(made.state).suspended == state.agenda.suspended


@settings(max_examples=200, deadline=None)
@given(working(), st.booleans())
def test_a_task_comes_back_as_it_was_after_a_digression_that_does_something(
    state: Collecting | Confirming, done: bool
) -> None:
    if state.frame.intent == "weather" or state.agenda.queued:
        return
    asked = heard("上海天气", segment("上海天气", "weather", entity("上海", "city")))
    acting = step(state, Understood(asked, "c/1")).state
    assert isinstance(acting, Acting)
    outcome = ActionSucceeded(acting.key, "c/1") if done else ActionFailed(acting.key, "c/1", "not_done")
    assert active_frame(step(acting, outcome).state) == state.frame


CORRECTIONS = (
    (entity("武汉", "city", role="departure_city"), {"departure_city", "arrival_city"}),
    (entity("广州", "city", role="arrival_city"), {"arrival_city"}),
    (entity("后天", "date", "2026-11-25", role="departure_date"), {"departure_date", "return_date"}),
    (entity("单程", "trip_type"), {"trip_type", "return_date"}),
    (entity("3", "number", 3, role="passenger_count"), {"passenger_count"}),
)
"""A corrected value, and the slots that it and its dependants are."""


@settings(max_examples=400, deadline=None)
@given(states(), st.sampled_from(CORRECTIONS), st.sampled_from(["correct", "deny"]))
def test_a_correction_changes_the_named_slot_and_its_dependants_only(
    state: State, correction: tuple[Entity, set[str]], cue: CueKind
) -> None:
    frame = active_frame(state)
    if not isinstance(state, Collecting | Confirming) or frame is None or frame.intent != "book_flight":
        return
    value, touched = correction
    made = step(state, Understood(heard(value.text, segment(value.text, None, value), cues=(cue,)), "c/1"))
    corrected = frames_in(made.state)[-1]
    named = value.role or SlotName("trip_type")
    assert corrected.intent == frame.intent
    assert corrected.slots[named].value == value.value
    assert {n: v for n, v in corrected.slots.items() if n not in touched} == {
        n: v for n, v in frame.slots.items() if n not in touched
    }
    assert not any(isinstance(effect, Invoke) for effect in made.effects)
    assert not any(value.confirmed for value in corrected.slots.values())


@settings(max_examples=300, deadline=None)
@given(states())
def test_a_cancelled_task_leaves_nothing_behind(state: State) -> None:
    if not isinstance(state, Collecting | Confirming | Choosing):
        return
    made = step(state, Understood(heard("算了", cues=("cancel",)), "c/1"))
    waiting = Counter(frame.intent for frame in (*state.agenda.queued, *state.agenda.suspended))
    assert Counter(frame.intent for frame in frames_in(made.state)) <= waiting
    if not waiting:
        assert made.state == Idle()


@settings(max_examples=300, deadline=None)
@given(working())
def test_a_postponed_task_comes_back_as_it_was(state: Collecting | Confirming) -> None:
    idle = step(state, Understood(heard("我再想想", cues=("postpone",)), "c/1")).state
    assert active_frame(idle) is None
    again = step(idle, Understood(heard("继续", cues=("resume",)), "c/2")).state
    assert active_frame(again) == state.frame


class Conversations(RuleBasedStateMachine):
    """Whole conversations: bounds hold at each step, every reply can be composed, every call is confirmed once."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State = Idle()
        self.turn = 0
        self.invoked: list[str] = []

    def _take(self, event: Event, understanding: Understanding) -> tuple[Effect, ...]:
        now = NOW + timedelta(seconds=self.turn)
        made = advance(self.state, event, catalogue=CATALOGUE, now=now)
        reply = compose(made, heard=understanding, answer=None, catalogue=CATALOGUE, turn=self.turn)
        assert reply.text or not made.effects or any(isinstance(e, Invoke) for e in made.effects)
        assert "6222080012345675" not in msgspec.json.encode(reply).decode()
        self.state = made.state
        self.invoked += [effect.key for effect in made.effects if isinstance(effect, Invoke)]
        return made.effects

    @rule(understanding=understandings)
    def hear(self, understanding: Understanding) -> None:
        self.turn += 1
        effects = self._take(Understood(understanding, f"c/{self.turn}"), understanding)
        if any(isinstance(effect, Answer) for effect in effects):
            self._take(Answered(self.turn % 2 == 0, f"c/{self.turn}"), understanding)

    @rule(intent=st.sampled_from(INTENTS))
    def choose(self, intent: IntentName) -> None:
        self.turn += 1
        self._take(Chosen(intent, f"c/{self.turn}"), heard(""))

    @rule(done=st.booleans())
    def settle(self, done: bool) -> None:
        if isinstance(self.state, Acting):
            origin = f"c/{self.turn}"
            key = self.state.key
            self._take(ActionSucceeded(key, origin) if done else ActionFailed(key, origin, "unknown"), heard(""))

    @invariant()
    def keys_are_never_used_twice(self) -> None:
        assert len(self.invoked) == len(set(self.invoked))

    @invariant()
    def stacks_are_bounded(self) -> None:
        agenda = agenda_of(self.state)
        assert len(agenda.suspended) <= CATALOGUE.policies.suspended
        assert len(agenda.queued) <= MOST_QUEUED

    @invariant()
    def what_is_asked_is_missing(self) -> None:
        if isinstance(self.state, Collecting):
            intent = CATALOGUE.intent(self.state.frame.intent)
            assert self.state.asked in missing_slots(self.state.frame.slots, intent)

    @invariant()
    def an_offer_has_options(self) -> None:
        if isinstance(self.state, Choosing):
            assert len(self.state.options) > 1


TestConversations = Conversations.TestCase
TestConversations.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)


def test_the_state_codec_keeps_a_frame_with_every_kind_of_value() -> None:
    frame = Frame(
        IntentName("book_flight"),
        {
            SlotName("departure_city"): SlotValue("北京", "北京", 0.9),
            SlotName("passenger_count"): SlotValue(2, "2个", problem="between"),
            SlotName("return_date"): SlotValue("2026-11-27", "三天后", offset="P3D"),
        },
    )
    state: State = Collecting(frame, SlotName("arrival_city"), 1)
    assert msgspec.json.decode(msgspec.json.encode(state), type=State) == state
