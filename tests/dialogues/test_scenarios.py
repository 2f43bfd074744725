"""Conversations of a file outside the project, in the same form: HUIYI_SCENARIOS names it (JSON lines)."""

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from tests.dialogues.embedded_service import Service, embedded_service
from tests.dialogues.playing import Script, play_confirmed, scripts_in
from tests.dialogues.test_dialogues import START
from tests.doubles.manual_clock import ManualClock

FILE = os.environ.get("HUIYI_SCENARIOS", "")

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not FILE, reason="HUIYI_SCENARIOS names no file of conversations"),
]


def _scripts() -> Sequence[Script]:
    return scripts_in(Path(FILE)) if FILE else [Script("none", "no file", ())]


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock(START)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory, clock: ManualClock) -> AsyncIterator[Service]:
    async with embedded_service(tmp_path_factory.mktemp("scenarios"), clock) as service:
        yield service


@pytest.mark.parametrize("script", _scripts(), ids=lambda script: script.id)
async def test_a_conversation_from_outside_goes_as_written(
    script: Script, service: Service, clock: ManualClock
) -> None:
    assert await play_confirmed(script, service, clock) == []
