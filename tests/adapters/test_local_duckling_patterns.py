"""No text, however repetitive, makes a rule slow: every pattern is linear in the length of what it reads."""

import time
from datetime import UTC, datetime

import pytest

from adapters.local_duckling.canvas import Canvas
from adapters.local_duckling.chinese_amounts import read_amounts
from adapters.local_duckling.chinese_time import read_times
from adapters.local_duckling.codes import read_codes
from adapters.local_duckling.engine import Alternative, RawEntity, Resolution
from adapters.local_duckling.engine_readings import KINDS, readings_of
from adapters.local_duckling.english_rules import read_english
from adapters.local_duckling.extractor import MOST_CHARACTERS
from adapters.local_duckling.questions import cut, kinds_to_ask

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ALLOWED_SECONDS = 0.5
"""A hundred times what a linear pattern needs, a thousandth of what an exponential one does."""


def seconds_to_read(text: str) -> float:
    started = time.perf_counter()
    canvas = Canvas(text)
    readings = [*read_codes(canvas), *read_english(canvas, NOW), *read_times(canvas, NOW), *read_amounts(canvas)]
    pieces = [*cut(canvas.rest)]
    for chinese in (True, False):
        kinds_to_ask(canvas.rest, KINDS, chinese=chinese)
    assert all(0 <= reading.start < reading.end <= len(text) for reading in readings)
    assert all(piece.text for piece in pieces)
    return time.perf_counter() - started


@pytest.mark.parametrize(
    "unit",
    [
        *"0一十百万点号下上的-,:.# ",
        "1,234,",
        "0.1",
        "000,",
        "1天",
        "一天半",
        "两个半小时",
        "1小时30分钟",
        "今天的",
        "下上",
        "正月初",
        "是一",
        "一点",
        "一点的",
        "五一节十一",
        "百分之",
        "不超过￥",
        "北路13号",
        "第三",
        "a.b-",
        "www.",
        "a@",
        "in 3 days ",
        "12:30am",
        "third one",
        "-—",
    ],
)
@pytest.mark.parametrize("ending", ["", "#"])
def test_repetition_costs_no_time(unit: str, ending: str):
    text = (unit * MOST_CHARACTERS)[: MOST_CHARACTERS - len(ending)] + ending

    assert seconds_to_read(text) < ALLOWED_SECONDS


@pytest.mark.parametrize("unit", ["-", "3:", "am", "a.m.", "3pm", "at ", ". ", "to"])
def test_what_the_engine_calls_a_time_is_judged_quickly(unit: str):
    body = unit * 200 + "#"
    point = Alternative("2026-11-25T15:00:00.000+00:00", "hour")
    entity = RawEntity(body, 0, len(body), "time", Resolution(values=(point,)))

    started = time.perf_counter()
    kinds = {reading.kind for reading in readings_of((entity,), NOW)}

    assert time.perf_counter() - started < ALLOWED_SECONDS
    assert kinds == {"date", "datetime", "time"}


def test_a_long_chain_of_days_is_no_day():
    canvas = Canvas("明天的" * 12 + "后天")

    readings = tuple(read_times(canvas, NOW))

    assert readings
    assert not any(reading.valid for reading in readings)


def test_a_very_long_run_of_next_is_no_week():
    assert not any(reading.valid for reading in read_times(Canvas("下" * 900 + "年"), NOW))
