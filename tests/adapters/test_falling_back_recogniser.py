"""A recogniser with another behind it."""

import asyncio

import pytest

from adapters.falling_back.intent_recogniser import FallingBackRecogniser
from domain.dialogue.understanding import Expectation, Recognition
from domain.errors import PartUnavailable
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, IntentName
from domain.values import Unavailable
from tests.doubles.scripted_recogniser import ScriptedRecogniser
from tests.doubles.small_catalogue import small_catalogue

VERSION = CatalogueVersion(1)
PUBLISHED = PublishedCatalogue(VERSION, small_catalogue())
DOWN = PartUnavailable("recogniser", "the examples cannot be embedded")


def saying(intent: str) -> ScriptedRecogniser:
    return ScriptedRecogniser({"订机票": intent})


async def intent_of(both: FallingBackRecogniser) -> IntentName:
    heard = await both.recognise("订机票", (), version=VERSION, expectation=Expectation())
    assert isinstance(heard, Recognition)
    return heard.segments[0].candidates[0].intent


async def test_what_the_first_recognises_is_the_answer() -> None:
    second = saying("second")
    async with FallingBackRecogniser(saying("first"), second) as both:
        await both.learn(PUBLISHED)
        assert await intent_of(both) == "first"
    assert second.heard == []


async def test_where_the_first_has_no_answer_the_second_one_has() -> None:
    async with FallingBackRecogniser(ScriptedRecogniser({"订机票": Unavailable("timeout")}), saying("second")) as both:
        await both.learn(PUBLISHED)
        assert await intent_of(both) == "second"


async def test_nobody_waits_long_for_the_first() -> None:
    first = saying("first")
    first.meanwhile = asyncio.Event().wait
    async with FallingBackRecogniser(first, saying("second"), patience=0.01) as both:
        await both.learn(PUBLISHED)
        assert await intent_of(both) == "second"


async def test_what_the_first_could_not_learn_it_is_taught_until_it_can() -> None:
    first = saying("first")
    first.refusal = DOWN
    async with FallingBackRecogniser(first, saying("second"), pause=0.01) as both:
        await both.learn(PUBLISHED)
        await asyncio.sleep(0.05)
        assert await intent_of(both) == "second"
        first.refusal = None
        async with asyncio.timeout(5):
            while not first.learnt:
                await asyncio.sleep(0.01)
        assert await intent_of(both) == "first"


async def test_a_lesson_that_is_still_to_come_ends_with_the_block() -> None:
    first = saying("first")
    first.refusal = DOWN
    async with FallingBackRecogniser(first, saying("second")) as both:
        await both.learn(PUBLISHED)
    assert len(asyncio.all_tasks()) == 1


async def test_with_both_unable_to_learn_it_is_told() -> None:
    first, second = saying("first"), saying("second")
    first.refusal = second.refusal = DOWN
    async with FallingBackRecogniser(first, second) as both:
        with pytest.raises(PartUnavailable):
            await both.learn(PUBLISHED)


async def test_with_both_out_of_order_the_second_ones_reason_is_told() -> None:
    first = ScriptedRecogniser({"订机票": Unavailable("timeout")})
    second = ScriptedRecogniser({"订机票": Unavailable("broken")})
    async with FallingBackRecogniser(first, second) as both:
        await both.learn(PUBLISHED)
        heard = await both.recognise("订机票", (), version=VERSION, expectation=Expectation())
    assert heard == Unavailable("broken")
