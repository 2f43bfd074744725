"""Values that no word around them explains."""

from domain.dialogue.explaining import explained
from domain.dialogue.situation import Setting, Situation
from domain.dialogue.state import Confirming, Frame
from domain.dialogue.understanding import CueKind
from domain.names import IntentName, SlotName
from domain.slots.entity import Entity
from domain.slots.slot import SlotValue
from tests.doubles.hearing import entity, heard, segment
from tests.doubles.small_catalogue import NOW, small_catalogue

BOOKED = {SlotName("departure_city"): SlotValue("北京"), SlotName("arrival_city"): SlotValue("上海")}


def explain(*entities: Entity, cue: CueKind | None = None, trip: str = "单程") -> tuple[Entity, ...]:
    frame = Frame(IntentName("book_flight"), {**BOOKED, SlotName("trip_type"): SlotValue(trip)})
    said = heard("改", segment("改", None, *entities), cues=(cue,) if cue else ())
    return explained(entities, frame, Situation(Confirming(frame), said, Setting(small_catalogue(), NOW, "c/1")))


def test_of_two_cities_in_a_correction_the_one_held_is_rejected():
    held, wanted = explain(entity("上海", "city", at=1), entity("广州", "city", at=5), cue="correct")

    assert held.negated
    assert not wanted.negated


def test_without_a_correction_two_cities_are_two_values():
    assert not any(each.negated for each in explain(entity("上海", "city"), entity("广州", "city", at=5)))


def test_two_new_cities_are_both_meant():
    assert not any(
        each.negated for each in explain(entity("武汉", "city"), entity("广州", "city", at=5), cue="correct")
    )


def test_a_bare_date_is_no_return_date_of_a_one_way_trip():
    (date,) = explain(entity("周五", "date", "2026-11-27"))

    assert date.role == "departure_date"


def test_a_bare_date_of_a_round_trip_may_be_either():
    (date,) = explain(entity("周五", "date", "2026-11-27"), trip="往返")

    assert date.role is None


def test_what_is_explained_already_stays_as_it_is():
    said = (
        entity("周五", "date", "2026-11-27", role="return_date"),
        entity("上海", "city", at=4, negated=True),
        entity("广州", "city", at=8),
    )

    assert explain(*said, cue="correct") == said
