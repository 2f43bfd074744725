"""Whole conversations with the service on its embedded parts, as written in zh.yaml and en.yaml."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from tests.dialogues.embedded_service import Service, embedded_service
from tests.dialogues.playing import Script, play, scripts_in
from tests.doubles.manual_clock import ManualClock

HERE = Path(__file__).parent
START = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
"""A Wednesday, one in the afternoon in Shanghai."""
CHINESE, ENGLISH = scripts_in(HERE / "zh.yaml"), scripts_in(HERE / "en.yaml")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock(START)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chinese(tmp_path_factory: pytest.TempPathFactory, clock: ManualClock) -> AsyncIterator[Service]:
    async with embedded_service(tmp_path_factory.mktemp("zh"), clock) as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def english(tmp_path_factory: pytest.TempPathFactory, clock: ManualClock) -> AsyncIterator[Service]:
    async with embedded_service(tmp_path_factory.mktemp("en"), clock, language="en") as service:
        yield service


@pytest.mark.parametrize("script", CHINESE, ids=lambda script: script.id)
async def test_a_chinese_conversation_goes_as_written(script: Script, chinese: Service, clock: ManualClock) -> None:
    assert await play(script, chinese, clock) == []


@pytest.mark.parametrize("script", ENGLISH, ids=lambda script: script.id)
async def test_an_english_conversation_goes_as_written(script: Script, english: Service, clock: ManualClock) -> None:
    assert await play(script, english, clock) == []
