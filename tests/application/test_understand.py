"""Text to understanding, also with parts missing."""

import pytest

from adapters.absent.entity_extractor import AbsentEntityExtractor
from adapters.local_lexicon.extractor import LexiconExtractor
from application.understand import Understand
from domain.dialogue.understanding import Candidate, Cue, Evidence, Expectation, Recognition, Segment, Understanding
from domain.errors import PartUnavailable
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName, IntentName, SlotName
from domain.ports.entity_extractor import EntityExtractor
from domain.ports.intent_recogniser import IntentRecogniser
from domain.slots.entity import Entity
from domain.values import Unavailable
from tests.doubles.hearing import entity
from tests.doubles.scripted_parts import ScriptedExtractor
from tests.doubles.scripted_parts import ScriptedRecogniser as FixedRecogniser
from tests.doubles.scripted_recogniser import ScriptedRecogniser
from tests.doubles.small_catalogue import NOW, small_catalogue

PUBLISHED = PublishedCatalogue(CatalogueVersion(1), small_catalogue())
NOTHING = Expectation()


async def understood(
    text: str, recogniser: IntentRecogniser, *extractors: EntityExtractor, expectation: Expectation = NOTHING
) -> Understanding:
    understand = Understand(recogniser=recogniser, extractors=extractors)
    await understand.learn(PUBLISHED)
    return await understand(text, published=PUBLISHED, expectation=expectation, now=NOW)


def recogniser() -> ScriptedRecogniser:
    return ScriptedRecogniser(
        {"从北京到上海": "book_flight", "算了": Cue("cancel", "算了"), "坏": Unavailable("broken")}
    )


async def test_entities_and_what_is_asked_for_come_together() -> None:
    heard = await understood("从北京到上海", recogniser(), LexiconExtractor())
    assert heard.text == "从北京到上海"
    assert heard.segments[0].candidates == (Candidate(IntentName("book_flight"), 0.95),)
    assert [e.value for e in heard.entities] == ["北京", "上海"]
    assert (heard.tier, heard.is_question, heard.degraded) == ("local", False, ())


async def test_entities_of_all_extractors_are_given_in_one_order() -> None:
    later, whole = entity("上海", "city", at=4), entity("从北京到上海", "text")
    first, second = ScriptedExtractor((later,)), ScriptedExtractor((entity("北京", "city", at=1), whole))
    fixed = FixedRecogniser()
    await understood("从北京到上海", fixed, first, second)
    ((text, entities, version, expectation),) = fixed.given
    assert (text, version, expectation) == ("从北京到上海", PUBLISHED.version, NOTHING)
    assert [e.text for e in entities] == ["从北京到上海", "北京", "上海"]


async def test_extractors_are_asked_for_what_the_intents_can_take() -> None:
    extractor = ScriptedExtractor()
    await understood("帮助", recogniser(), extractor)
    ((text, version, kinds, now, language),) = extractor.given
    assert (text, version, now, language) == ("帮助", PUBLISHED.version, NOW, "zh-CN")
    assert kinds == PUBLISHED.catalogue.kinds_of(tuple(PUBLISHED.catalogue.intents))
    assert EntityName("city") in kinds


async def test_what_a_text_rejects_is_marked() -> None:
    heard = await understood("不是北京，是上海", recogniser(), LexiconExtractor())
    assert [(e.value, e.negated) for e in heard.entities] == [("北京", True), ("上海", False)]


async def test_what_is_expected_reaches_the_recogniser() -> None:
    expectation = Expectation(frozenset({"cancel"}), IntentName("book_flight"), SlotName("arrival_city"))
    scripted = recogniser()
    heard = await understood("算了", scripted, expectation=expectation)
    assert scripted.expected == [expectation]
    assert heard.cues == (Cue("cancel", "算了"),)
    assert heard.tier == "context"


async def test_the_evidence_names_what_was_seen() -> None:
    role = Entity(EntityName("city"), 1, 3, "北京", "北京", role=SlotName("departure_city"), role_confidence=0.9)
    answer = Recognition((Segment("从北京到上海"),), evidence=(Evidence("local", "near an example"),), is_question=True)
    extractor = ScriptedExtractor((role, entity("上海", "city", at=4)))
    heard = await understood("从北京到上海", FixedRecogniser(answer), extractor)
    assert heard.is_question
    assert heard.evidence == (
        Evidence("local", "near an example"),
        Evidence("entity", "北京 [1:3] city=北京 (dictionary) -> departure_city"),
        Evidence("entity", "上海 [4:6] city=上海 (dictionary)"),
    )


async def test_an_extractor_that_does_not_answer_is_named_and_the_others_are_used() -> None:
    broken = ScriptedExtractor(Unavailable("timeout"))
    heard = await understood("从北京到上海", recogniser(), broken, LexiconExtractor(), AbsentEntityExtractor())
    assert [e.value for e in heard.entities] == ["北京", "上海"]
    assert heard.degraded == ("entities:timeout", "entities:not_configured")
    assert heard.segments[0].candidates


async def test_a_recogniser_that_does_not_answer_leaves_the_entities() -> None:
    broken = ScriptedExtractor(Unavailable("broken"))
    heard = await understood("坏", recogniser(), ScriptedExtractor((entity("坏", "city"),)), broken)
    assert heard.degraded == ("entities:broken", "recogniser:broken")
    assert heard.segments == (Segment("坏", (), (entity("坏", "city"),)),)
    assert (heard.cues, heard.tier) == ((), "fallback")


async def test_without_extractors_it_understands_too() -> None:
    heard = await understood("从北京到上海", recogniser())
    assert heard.entities == ()
    assert heard.segments[0].candidates


async def test_a_catalogue_is_made_known_to_every_part() -> None:
    scripted, extractors = recogniser(), (ScriptedExtractor(), ScriptedExtractor())
    await Understand(recogniser=scripted, extractors=extractors).learn(PUBLISHED)
    assert scripted.learnt == [PUBLISHED.version]
    assert [extractor.prepared for extractor in extractors] == [[PUBLISHED], [PUBLISHED]]


async def test_a_catalogue_that_a_part_cannot_learn_is_refused() -> None:
    scripted = recogniser()
    scripted.refusal = PartUnavailable("recogniser", "no room")
    with pytest.raises(PartUnavailable, match="no room"):
        await Understand(recogniser=scripted, extractors=()).learn(PUBLISHED)
