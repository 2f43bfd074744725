"""What a catalogue answers about itself."""

import msgspec
import pytest

from domain.errors import IntentNotFound
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Function
from domain.names import EntityName, IntentName, SlotName
from tests.doubles.small_catalogue import small_catalogue

CATALOGUE = small_catalogue()


def test_an_intent_that_is_not_there_is_named():
    with pytest.raises(IntentNotFound, match="fly_to_mars"):
        CATALOGUE.intent(IntentName("fly_to_mars"))


def test_a_slot_of_an_intent_that_is_not_there_is_an_unknown_intent():
    with pytest.raises(IntentNotFound):
        CATALOGUE.slot(IntentName("fly_to_mars"), SlotName("city"))


def test_the_kinds_of_intents_are_those_their_slots_take():
    assert CATALOGUE.kinds_of((IntentName("weather"),)) == {"city"}
    assert CATALOGUE.kinds_of((IntentName("book_flight"),)) == {
        "city",
        "date",
        "duration",
        "trip_type",
        "number",
        "text",
    }
    assert CATALOGUE.kinds_of(()) == frozenset()


def test_a_slot_is_sensitive_by_its_type_or_by_itself():
    card = CATALOGUE.slot(IntentName("check_balance"), SlotName("card_number"))
    bank = CATALOGUE.slot(IntentName("check_balance"), SlotName("bank_name"))

    assert CATALOGUE.is_sensitive(card)
    assert not CATALOGUE.is_sensitive(bank)
    assert CATALOGUE.is_sensitive(msgspec.structs.replace(bank, sensitive=True))


@pytest.mark.parametrize(("kind", "known"), [("city", True), ("date", True), ("planet", False)])
def test_kinds_are_declared_or_built_in(kind: str, known: bool):
    assert CATALOGUE.knows_kind(EntityName(kind)) is known


@pytest.mark.parametrize(("timeout", "seconds"), [("30s", 30.0), ("1.5s", 1.5), ("500ms", 0.5)])
def test_a_timeout_is_so_many_seconds(timeout: str, seconds: float):
    assert Function(url="http://x", success="ok", timeout=timeout).timeout_seconds == seconds


def test_a_catalogue_comes_back_equal_from_storage():
    assert msgspec.json.decode(msgspec.json.encode(CATALOGUE), type=Catalogue) == CATALOGUE
