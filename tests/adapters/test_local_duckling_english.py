"""English through the engine, and the rules that mend it."""

from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from adapters.local_duckling.extractor import LocalDuckling
from domain.names import CatalogueVersion, EntityName
from domain.values import Unavailable

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def duckling() -> AsyncIterator[LocalDuckling]:
    async with LocalDuckling(deadline=5.0) as extractor:
        yield extractor


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("tomorrow", "date", "tomorrow=2026-11-24"),
        ("tomorrow at 3pm", "datetime", "tomorrow at 3pm=2026-11-24T15:00"),
        ("tomorrow at 3pm", "date", "tomorrow at 3pm=2026-11-24"),
        ("tomorrow at 3pm", "time", "tomorrow at 3pm=15:00"),
        ("at 3", "datetime", "at 3=2026-11-23T15:00"),
        ("at 3", "date", "-"),
        ("friday at 8", "datetime", "friday at 8=2026-11-27T08:00"),
        ("the day after tomorrow", "date", "the day after tomorrow=2026-11-25"),
        ("on March 5", "date", "on March 5=2027-03-05"),
        ("next week", "date", "next week=2026-11-30/2026-12-07"),
        ("next month", "date", "next month=2026-12-01/2027-01-01"),
        ("this year", "date", "this year=2026-01-01/2027-01-01"),
        ("this weekend", "date", "this weekend=2026-11-27/2026-11-30"),
        ("tonight", "date", "tonight=2026-11-23"),
        ("tonight", "datetime", "tonight=2026-11-23T18:00/2026-11-24T00:00"),
        ("before friday", "date", "before friday=../2026-11-27"),
        ("after 5pm", "datetime", "after 5pm=2026-11-23T17:00/.."),
        ("in 3 days", "date", "in 3 days=2026-11-26"),
        ("in 3 days", "duration", "in 3 days=P3D"),
        ("3 days later", "date", "3 days later=2026-11-26"),
        ("come back two weeks from now", "date", "two weeks from now=2026-12-07"),
        ("in 2 hours", "datetime", "in 2 hours=2026-11-23T16:00"),
        ("in an hour", "time", "in an hour=15:00"),
        ("feb 30", "date", "feb 30=!"),
        ("the 31st of june", "date", "the 31st of june=!"),
        ("February 29, 2027", "date", "February 29, 2027=!"),
        ("2026-02-30", "date", "2026-02-30=!"),
        ("for 3 days", "duration", "3 days=P3D"),
        ("2 hours 30 minutes", "duration", "2 hours 30 minutes=PT2H30M"),
        ("two people on March 5", "number", "two=2"),
        ("book 2 tickets", "number", "2=2"),
        ("order 20 pizzas", "number", "20=20"),
        ("the third one", "ordinal", "third=3"),
        ("I take the last option", "ordinal", "last=-1"),
        ("transfer $500", "money", "$500=500"),
        ("50 cents", "money", "50 cents=0.5"),
        ("call 650-701-8887", "phone", "650-701-8887=6507018887"),
        ("mail me at a.b@x.com please", "email", "a.b@x.com=a.b@x.com"),
        ("see https://x.org/a?b=1", "url", "https://x.org/a?b=1=https://x.org/a?b=1"),
        ("I may go right now", "date", "-"),
        ("hello there", "date", "-"),
        ("4111111111111111", "phone", "-"),
    ],
)
async def test_english_is_read_as_it_is_meant(duckling: LocalDuckling, text: str, kind: str, expected: str) -> None:
    for language in ("en", "zh-CN"):
        answer = await duckling.extract(
            text, version=CatalogueVersion(1), kinds=frozenset({EntityName(kind)}), now=NOW, language=language
        )
        assert not isinstance(answer, Unavailable), answer
        read = "; ".join(f"{entity.text}={entity.value if entity.valid else '!'}" for entity in answer)
        assert (read or "-") == expected
