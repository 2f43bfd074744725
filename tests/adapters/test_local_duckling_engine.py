"""The worker processes: bounded time, restarts, recycling, and what the cache remembers."""

import asyncio
import io
import json
import os
import signal
import struct
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.local_duckling import engine_process, worker
from adapters.local_duckling.engine import Question
from adapters.local_duckling.engine_pool import EnginePool
from adapters.local_duckling.engine_process import EngineFailed, EngineProcess
from adapters.local_duckling.extractor import LocalDuckling
from domain.names import CatalogueVersion, EntityName
from domain.slots.entity import BUILT_IN_ENTITIES, Entity
from domain.values import Unavailable

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
WALL = 1795442400
EXPONENTIAL = "monday friday sunday tuesday thursday saturday " * 6
PLAIN = Question("tomorrow", "EN_US", ("time",), WALL)
HOSTILE = Question("monday " * 16, "EN_US", ("time",), WALL)


async def _read(extractor: LocalDuckling, text: str, now: datetime = NOW) -> tuple[Entity, ...] | Unavailable:
    return await extractor.extract(text, version=CatalogueVersion(1), kinds=BUILT_IN_ENTITIES, now=now, language="en")


@pytest.fixture
async def pool() -> AsyncIterator[EnginePool]:
    async with EnginePool(workers=1, deadline=0.3, recycle_after=1000) as running:
        yield running


async def test_a_text_that_takes_for_ever_is_given_up_in_time_and_the_next_one_is_answered(pool: EnginePool) -> None:
    assert not isinstance(await pool.ask([PLAIN]), Unavailable)
    began = time.monotonic()
    answer = await pool.ask([HOSTILE])
    assert isinstance(answer, Unavailable)
    assert answer.code == "timeout"
    assert time.monotonic() - began < 2.0
    after = await pool.ask([PLAIN])
    assert not isinstance(after, Unavailable)
    assert after[0][0].body == "tomorrow"


async def test_a_worker_that_dies_between_two_questions_is_replaced(pool: EnginePool) -> None:
    await pool.ask([PLAIN])
    running = await pool._free.get()
    assert running is not None
    pool._free.put_nowait(running)
    os.kill(running.pid, signal.SIGKILL)
    await asyncio.sleep(0.05)
    answer = await pool.ask([PLAIN])
    assert isinstance(answer, Unavailable)
    assert answer.code == "broken"
    assert not isinstance(await pool.ask([PLAIN]), Unavailable)


async def test_a_panic_of_the_engine_is_an_unavailable_answer_and_no_more(pool: EnginePool) -> None:
    answer = await pool.ask([Question("a\x00b tomorrow", "EN_US", ("time",), WALL)])
    assert isinstance(answer, Unavailable)
    assert "Panic" in answer.detail
    assert not isinstance(await pool.ask([PLAIN]), Unavailable)


async def test_a_worker_is_replaced_after_its_number_of_questions() -> None:
    async with EnginePool(workers=1, deadline=5.0, recycle_after=2) as pool:
        pids: set[int] = set()
        for _ in range(4):
            assert not isinstance(await pool.ask([PLAIN]), Unavailable)
            waiting = await pool._free.get()
            assert waiting is not None
            pids.add(waiting.pid)
            pool._free.put_nowait(waiting)
        assert len(pids) == 3


async def test_a_caller_that_goes_away_does_not_spoil_the_next_answer(pool: EnginePool) -> None:
    await pool.ask([PLAIN])
    leaving = asyncio.create_task(pool.ask([Question("friday", "EN_US", ("time",), WALL)]))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    answer = await pool.ask([PLAIN])
    assert not isinstance(answer, Unavailable)
    assert [entity.body for entity in answer[0]] == ["tomorrow"]


async def test_questions_asked_at_once_wait_for_their_turn(pool: EnginePool) -> None:
    answers = await asyncio.gather(*(pool.ask([PLAIN]) for _ in range(8)))
    assert not any(isinstance(answer, Unavailable) for answer in answers)


async def test_closing_ends_the_process_even_in_the_middle_of_a_question() -> None:
    async with EnginePool(workers=2, deadline=60.0, recycle_after=10) as pool:
        asking = asyncio.create_task(pool.ask([HOSTILE]))
        await asyncio.sleep(0.5)
        waiting = await pool._free.get()
        assert waiting is not None
        pool._free.put_nowait(waiting)
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ProcessLookupError):
        os.kill(waiting.pid, 0)


async def test_an_engine_that_cannot_load_says_why_and_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_process, "_WORKER", "adapters.local_duckling.no_such_module")
    async with LocalDuckling() as extractor:
        first = await _read(extractor, "tomorrow")
        assert isinstance(first, Unavailable)
        assert first.code == "broken"
        began = time.monotonic()
        assert await _read(extractor, "monday") == first
        assert time.monotonic() - began < 0.05
        chinese = await _read(extractor, "明天")
        assert not isinstance(chinese, Unavailable)
        assert chinese[0].value == "2026-11-24"


async def test_a_process_that_cannot_be_started_is_an_unavailable_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_process.sys, "executable", "/nowhere/python")
    with pytest.raises(EngineFailed, match="did not start"):
        await EngineProcess.spawn()
    async with EnginePool(workers=1, deadline=1.0, recycle_after=10) as pool:
        answer = await pool.ask([PLAIN])
    assert isinstance(answer, Unavailable)
    assert answer.code == "broken"


async def test_an_answer_that_is_not_understood_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_process, "_DECODER", engine_process.msgspec.json.Decoder(int))
    running = await EngineProcess.spawn()
    with pytest.raises(EngineFailed, match="not understood"):
        await running.wait_ready()
    await running.stop()


async def test_hostile_texts_cost_bounded_time_whatever_they_repeat() -> None:
    async with LocalDuckling() as extractor:
        await _read(extractor, "tomorrow")
        for text in (
            "周一" * 200, "三点 " * 200, "明天下午三点 " * 100, "三月五号" * 100, "monday " * 100, EXPONENTIAL, "1" * 5000,
            "1 " * 500, "亿" * 500, "的" * 1000, "明天的" * 300, "a" * 1000, "www." * 250, "春节" * 300, "半" * 500, "-" * 900,
        ):  # fmt: skip
            began = time.monotonic()
            await _read(extractor, text)
            assert time.monotonic() - began < 2.5, text[:20]
        answer = await _read(extractor, "tomorrow morning")
        assert not isinstance(answer, Unavailable)


async def test_texts_that_cannot_be_sent_are_read_all_the_same() -> None:
    async with LocalDuckling(deadline=5.0) as extractor:
        answer = await _read(extractor, "a\x00 \ud800 tomorrow \U0001f468‍\U0001f469‍\U0001f467 next week")
        assert not isinstance(answer, Unavailable)
        assert [entity.text for entity in answer if entity.kind == "date"] == ["tomorrow", "next week"]


async def test_long_texts_are_cut_at_pauses_and_offsets_stay_true() -> None:
    text = "please wait, " * 18 + "I fly tomorrow, " + "please wait, " * 20 + "back next week"
    async with LocalDuckling(deadline=5.0) as extractor:
        answer = await _read(extractor, text)
        assert not isinstance(answer, Unavailable)
        found = [entity for entity in answer if entity.kind == "date"]
        assert [entity.text for entity in found] == ["tomorrow", "next week"]
        assert all(text[entity.start : entity.end] == entity.text for entity in found)
        unbroken = await _read(extractor, "x" * 250 + " tomorrow")
        assert not isinstance(unbroken, Unavailable)


async def test_an_answer_is_remembered_for_as_long_as_it_stays_true() -> None:
    async with LocalDuckling(deadline=5.0) as extractor:
        day = await _read(extractor, "明天")
        assert await _read(extractor, "明天", NOW + timedelta(hours=2)) is day
        next_day = await _read(extractor, "明天", NOW + timedelta(days=1))
        assert not isinstance(next_day, Unavailable)
        assert next_day[0].value == "2026-11-25"
        moment = await _read(extractor, "两小时后")
        assert await _read(extractor, "两小时后", NOW + timedelta(seconds=30)) is moment
        assert await _read(extractor, "两小时后", NOW + timedelta(minutes=1)) != moment
        elsewhere = await _read(extractor, "今天", NOW.astimezone(ZoneInfo("America/New_York")))
        assert elsewhere == await _read(extractor, "今天", NOW)
        assert await _read(extractor, "今天", NOW + timedelta(hours=11)) != elsewhere


async def test_the_cache_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.local_duckling.extractor.CACHED_ANSWERS", 2)
    async with LocalDuckling() as extractor:
        first = await _read(extractor, "明天")
        await _read(extractor, "后天")
        await _read(extractor, "昨天")
        assert await _read(extractor, "明天") is not first


async def test_hours_ahead_are_right_across_a_change_of_the_clocks() -> None:
    before = datetime(2026, 10, 24, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    async with LocalDuckling() as extractor:
        answer = await _read(extractor, "五小时后", before)
    assert not isinstance(answer, Unavailable)
    assert [entity.value for entity in answer if entity.kind == "datetime"] == ["2026-10-25T03:30"]


def _framed(*messages: dict[str, object]) -> io.BytesIO:
    bodies = [json.dumps(message).encode() for message in messages]
    return io.BytesIO(b"".join(struct.pack(">I", len(body)) + body for body in bodies))


def _unframed(stream: io.BytesIO) -> list[dict[str, object]]:
    data, messages = stream.getvalue(), []
    while data:
        size = struct.unpack(">I", data[:4])[0]
        messages.append(json.loads(data[4 : 4 + size]))
        data = data[4 + size :]
    return messages


def test_the_worker_answers_every_frame_and_survives_what_the_engine_throws() -> None:
    class Panic(BaseException):
        pass

    def parse(text: str, locale: str, dims: list[str], now: int) -> worker.Json:
        if text == "bad":
            raise Panic("at the engine")
        return [{"body": text, "locale": locale, "dims": list(dims), "now": now}]

    request = {"locale": "ZH_CN", "dims": ["time"], "now": 1}
    outgoing = io.BytesIO()
    worker.serve(_framed({"text": "一", **request}, {"text": "bad", **request}), outgoing, parse)
    first, second = _unframed(outgoing)
    assert first == {"entities": [{"body": "一", "locale": "ZH_CN", "dims": ["time"], "now": 1}]}
    assert second == {"error": "Panic: at the engine"}


def test_the_worker_ends_when_it_is_told_to() -> None:
    def parse(text: str, locale: str, dims: list[str], now: int) -> worker.Json:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.serve(_framed({"text": "", "locale": "", "dims": [], "now": 0}), io.BytesIO(), parse)


async def test_the_worker_ends_when_its_parent_closes_the_pipe() -> None:
    running = await EngineProcess.spawn()
    await running.wait_ready()
    assert running._process.stdin is not None
    running._process.stdin.close()
    async with asyncio.timeout(5):
        await running._process.wait()
    with pytest.raises(EngineFailed, match="gone"):
        await running.ask(PLAIN)
    await running.stop()


async def test_kinds_of_others_are_passed_over_without_asking_anybody() -> None:
    extractor = LocalDuckling()
    answer = await extractor.extract(
        "tomorrow", version=CatalogueVersion(1), kinds=frozenset({EntityName("city")}), now=NOW, language="en"
    )
    assert answer == ()
