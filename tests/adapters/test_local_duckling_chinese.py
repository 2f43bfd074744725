"""Everyday Chinese, family by family, at two fixed moments."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from adapters.local_duckling.extractor import LocalDuckling
from domain.names import CatalogueVersion, EntityName
from domain.values import Unavailable

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = {
    "mon": datetime(2026, 11, 23, 14, 0, tzinfo=SHANGHAI),
    "sat": datetime(2027, 1, 30, 9, 0, tzinfo=SHANGHAI),
}
CORPUS = Path(__file__).parents[1] / "corpora" / "chinese_times_and_amounts.tsv"
CASES = [line.split("\t") for line in CORPUS.read_text("utf-8").splitlines() if not line.startswith("#")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def duckling() -> AsyncIterator[LocalDuckling]:
    async with LocalDuckling(deadline=5.0) as extractor:
        yield extractor


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=["-".join(case[:4]) for case in CASES])
async def test_everyday_chinese_is_read_as_it_is_meant(duckling: LocalDuckling, case: list[str]) -> None:
    family, moment, text, kind, expected = case
    answer = await duckling.extract(
        text,
        version=CatalogueVersion(1),
        kinds=frozenset({EntityName(kind)}),
        now=MOMENTS[moment],
        language="zh-CN",
    )
    assert not isinstance(answer, Unavailable), answer
    read = "; ".join(f"{entity.text}={entity.value if entity.valid else '!'}" for entity in answer)
    assert (read or "-") == expected, family
