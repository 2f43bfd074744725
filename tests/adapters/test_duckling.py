"""Duckling over HTTP: what is asked, what is believed, and what an outage costs."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.duckling.server import DucklingServer
from adapters.local_duckling.engine import Question
from adapters.local_duckling.extractor import LocalDuckling
from adapters.local_duckling.remote_engine import RemoteEngine
from adapters.rest.caller import Limits
from domain.errors import SettingsInvalid
from domain.names import CatalogueVersion
from domain.slots.entity import BUILT_IN_ENTITIES, Entity
from domain.values import Unavailable
from tests.doubles.business_api import nobody_listens
from tests.doubles.duckling_server import DucklingDouble, Worker, duckling_server
from tests.doubles.manual_hands import Hands

CORPUS = Path(__file__).parents[1] / "corpora" / "chinese_times_and_amounts.tsv"
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SUMMER_ENDS = datetime(2026, 10, 24, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))
WALL = 1795442400
SOON = 5.0
HOSTILE = " ".join(f"tomorrow at {hour}pm" for hour in range(3, 9))
SHY = Limits(failures=3, rest_seconds=10.0, fair_seconds=0.1)
ENGLISH = (
    "tomorrow at 3pm", "friday at 8", "on March 5", "next week", "before friday", "after 5pm", "from 3pm to 5pm",
    "this weekend", "for 3 days", "book 20 tickets", "the third one", "transfer $500", "50 cents", "call 650-701-8887",
    "mail me at a.b@x.com", "see https://x.org/a?b=1 & c", "in 2 hours", "\U0001f468‍\U0001f469‍\U0001f467 see you tomorrow 👍 friday",
    "a\x00b \ud800 tomorrow", "it’s 50% + 3; tomorrow", "christmas", "a million years from monday",
)  # fmt: skip


@pytest.fixture
async def double() -> AsyncIterator[DucklingDouble]:
    async with duckling_server() as double:
        yield double


@asynccontextmanager
async def reading(url: str, deadline: float = SOON, **settings: object) -> AsyncIterator[LocalDuckling]:
    server = DucklingServer(url, **{"jitter": lambda: 0.0, **settings})
    async with LocalDuckling(engine=RemoteEngine(server, deadline=deadline)) as extractor:
        yield extractor


async def read(
    extractor: LocalDuckling, text: str, now: datetime = NOW, language: str = "en"
) -> tuple[Entity, ...] | Unavailable:
    return await extractor.extract(
        text, version=CatalogueVersion(1), kinds=BUILT_IN_ENTITIES, now=now, language=language
    )


async def why(extractor: LocalDuckling, text: str = "tomorrow") -> str:
    answer = await read(extractor, text)
    return answer.code if isinstance(answer, Unavailable) else "ok"


async def test_the_server_is_asked_in_its_own_form(double: DucklingDouble) -> None:
    async with DucklingServer(double.url + "/") as server:
        answer = await server.parse("明天 & 100% +1;", locale="ZH_CN", dims=("time", "number"), now=WALL, deadline=SOON)
    assert isinstance(answer, bytes)
    assert double.asked == [
        {
            "locale": "ZH_CN",
            "tz": "UTC",
            "reftime": str(WALL * 1000),
            "dims": '["time", "number"]',
            "text": "明天 & 100% +1;",
        }
    ]
    bodies = [(each["body"], each["start"], each["end"]) for each in json.loads(answer)]
    assert ("明天", 0, 2) in bodies
    assert ("100", 5, 8) in bodies


@pytest.mark.parametrize("now", [NOW, SUMMER_ENDS, NOW.astimezone(ZoneInfo("America/New_York"))], ids=str)
async def test_the_server_reads_what_the_engine_in_this_process_reads(double: DucklingDouble, now: datetime) -> None:
    chinese = [line.split("\t")[2] for line in CORPUS.read_text("utf-8").splitlines() if not line.startswith("#")]
    async with reading(double.url) as remote, LocalDuckling(deadline=SOON) as local:
        for text in ENGLISH:
            answer = await read(remote, text, now)
            assert not isinstance(answer, Unavailable), text
            assert answer == await read(local, text, now), text
        for text in (*chinese, "春节回家，电话13800138000，邮箱a@b.cn，中秋节", "\U0001f600国庆节去玩"):
            assert await read(remote, text, now, "zh-CN") == await read(local, text, now, "zh-CN"), text
    locales = {form["locale"] for form in double.asked}
    assert locales == {"EN_US", "ZH_CN"}
    assert all(json.loads(form["dims"]) for form in double.asked)


async def test_offsets_count_characters_whatever_they_are_made_of(double: DucklingDouble) -> None:
    text = "👨‍👩‍👧é e\u0301 tomorrow 😀 friday"
    async with reading(double.url) as extractor:
        answer = await read(extractor, text)
    assert not isinstance(answer, Unavailable)
    assert [entity.text for entity in answer if entity.kind == "date"] == ["tomorrow", "friday"]
    assert all(text[entity.start : entity.end] == entity.text for entity in answer)


async def test_a_text_that_would_take_for_ever_is_given_up_in_time_and_the_next_one_is_read(
    double: DucklingDouble,
) -> None:
    async with reading(double.url, 0.4) as extractor:
        began = time.monotonic()
        assert await why(extractor, HOSTILE) == "timeout"
        assert time.monotonic() - began < 2.0
        assert len(double.asked) == 1
    async with reading(double.url) as extractor:
        assert await why(extractor) == "ok"


async def test_the_pieces_of_a_long_text_share_their_time(double: DucklingDouble) -> None:
    double.says, double.pause = b"[]", 0.15
    async with reading(double.url, 0.5) as extractor:
        began = time.monotonic()
        assert await why(extractor, "see you tomorrow, " * 2 + "and then, at last, friday " * 38) == "timeout"
        assert time.monotonic() - began < 2.0
    assert 1 <= len(double.asked) <= 4
    assert all(len(form["text"]) <= 200 for form in double.asked)


async def test_a_server_that_does_not_keep_up_is_left_alone_for_a_while(double: DucklingDouble) -> None:
    hands = Hands()
    double.says, double.pause = b"[]", 30.0
    async with reading(double.url, 0.3, monotonic=hands, limits=SHY) as extractor:
        assert [await why(extractor, f"on March {day}") for day in range(1, 6)] == ["timeout"] * 3 + ["open"] * 2
        assert len(double.asked) == 3
        double.pause = 0.0
        hands.time += 10.0
        assert [await why(extractor, f"on March {day}") for day in range(1, 6)] == ["ok"] * 5


async def test_what_the_rules_read_needs_no_server() -> None:
    async with reading(await nobody_listens()) as extractor:
        answer = await read(extractor, "明天下午三点订2张票，500元", language="zh-CN")
        assert not isinstance(answer, Unavailable)
        assert {"date", "number", "money"} <= {entity.kind for entity in answer}
        assert await read(extractor, "tomorrow") == Unavailable("refused", "ConnectError before sending")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"{}",
        b"quack!",
        b"\xff\xfe",
        b"[1]",
        b"[" * 5000,
        b'[{"body": "tomorrow", "start": 0, "end": 8, "dim": "time"}]',
        b'[{"body": "tomorrow", "start": "0", "end": 8, "dim": "time", "value": {}}]',
        b'[{"body": "tomorrow", "start": 0, "end": 8, "dim": "time", "value": {"values": 1}}]',
        b'[{"body": "tomorrow", "start": 1, "end": 9, "dim": "time", "value": {}}]',
        b'[{"body": "tomorrow", "start": -8, "end": 8, "dim": "time", "value": {}}]',
        b'[{"body": "", "start": 0, "end": 0, "dim": "time", "value": {}}]',
        b'[{"body": "morrow", "start": 0, "end": 8, "dim": "time", "value": {}}]',
        b'[{"body": "\xff", "start": 0, "end": 8, "dim": "time", "value": {}}]',
    ],
)
async def test_an_answer_that_is_none_is_an_outage(double: DucklingDouble, body: bytes) -> None:
    double.says = body
    async with reading(double.url) as extractor:
        assert await why(extractor) == "broken"


@pytest.mark.parametrize("value", ["soon", "1002026-08-31T00:00:00.000+00:00", "2026-13-01T00:00:00.000+00:00"])
async def test_a_time_that_no_calendar_holds_is_passed_over(double: DucklingDouble, value: str) -> None:
    point = {"value": value, "grain": "day", "type": "value"}
    time_entity = {"body": "tomorrow", "start": 0, "end": 8, "dim": "time", "value": {"values": [point], **point}}
    mail = {"body": "a@b.cn", "start": 9, "end": 15, "dim": "email", "value": {"value": "a@b.cn"}}
    double.says = json.dumps([time_entity, mail]).encode()
    async with reading(double.url) as extractor:
        answer = await read(extractor, "tomorrow a@b.cn")
    assert not isinstance(answer, Unavailable)
    assert [entity.kind for entity in answer] == ["email"]


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [(404, "refused", 1), (422, "refused", 1), (500, "broken", 2), (502, "broken", 2), (503, "overloaded", 2)],
)
async def test_a_status_has_its_code(double: DucklingDouble, status: int, code: str, tries: int) -> None:
    double.says, double.status = b"[]", status
    async with reading(double.url) as extractor:
        assert await why(extractor) == code
    assert len(double.asked) == tries


async def test_a_server_whose_engine_dies_is_broken_and_not_waited_for(double: DucklingDouble) -> None:
    async with reading(double.url, limits=Limits(attempts=1)) as extractor:
        for worker in Worker.spare:
            worker._process.kill()
        assert await why(extractor) == "broken"
        while Worker.spare:
            Worker.spare.pop().end()
    async with reading(double.url) as extractor:
        assert await why(extractor) == "ok"


async def test_texts_read_at_once_get_their_own_entities(double: DucklingDouble) -> None:
    async with reading(double.url) as extractor:
        answers = await asyncio.gather(*(read(extractor, f"order {number} pizzas") for number in range(20, 40)))
    found = [[entity.value for entity in answer if entity.kind == "number"] for answer in answers]
    assert found == [[number] for number in range(20, 40)]


async def test_a_caller_who_goes_away_leaves_nothing_behind(double: DucklingDouble) -> None:
    async with reading(double.url, limits=Limits(at_once=1, waiting=0)) as extractor:
        double.says, double.pause = b"[]", 60.0
        for day in range(3):
            task = asyncio.create_task(read(extractor, f"on March {day + 1}"))
            await asyncio.sleep(0.02)
            task.cancel()
            await asyncio.wait([task])
        double.pause = 0.0
        assert await why(extractor) == "ok"


async def test_outside_its_block_nobody_is_asked() -> None:
    server = DucklingServer("http://127.0.0.1:9")
    engine = RemoteEngine(server)
    question = Question("tomorrow", "EN_US", ("time",), WALL)
    assert await engine.ask([question]) == Unavailable("not_running")
    async with AsyncExitStack() as stack:
        assert await stack.enter_async_context(engine) is engine
        assert await engine.ask([]) == []
    assert await engine.ask([question]) == Unavailable("not_running")


async def test_a_server_is_of_use_when_it_reads_a_number(double: DucklingDouble) -> None:
    async with RemoteEngine(DucklingServer(double.url), deadline=SOON) as engine:
        assert await engine.reach() is None
        double.says = b"[]"
        assert await engine.reach() == Unavailable("broken", "Duckling does not read a number as one")
        double.says, double.status = b"", 500
        assert await engine.reach() == Unavailable("broken", "status 500")
    async with RemoteEngine(DucklingServer(await nobody_listens()), deadline=SOON) as engine:
        refused = await engine.reach()
    assert isinstance(refused, Unavailable)
    assert refused.code == "refused"


def test_an_address_that_is_none_is_found_out_at_once() -> None:
    with pytest.raises(SettingsInvalid, match="entity extractor: "):
        DucklingServer("duckling:8000")
