"""Rejected values."""

import pytest

from domain.names import EntityName
from domain.slots.entity import Entity
from domain.slots.negation import mark_negated


def _entities(text: str, *values: str) -> tuple[Entity, ...]:
    found: list[Entity] = []
    for value in values:
        start = text.index(value)
        found.append(Entity(EntityName("value"), start, start + len(value), value, value))
    return tuple(found)


@pytest.mark.parametrize(
    ("text", "rejected", "wanted"),
    [
        ("不是后天，是下周一", ["后天"], ["下周一"]),
        ("不是北京，是武汉", ["北京"], ["武汉"]),
        ("是武汉，不是北京", ["北京"], ["武汉"]),
        ("不要经济舱，要商务舱", ["经济舱"], ["商务舱"]),
        ("我不想去上海了，改成广州", ["上海"], ["广州"]),
        ("不是从北京到上海，是从武汉到广州", ["北京", "上海"], ["武汉", "广州"]),
        ("要武汉而不是北京", ["北京"], ["武汉"]),
        ("别订周五，订周六", ["周五"], ["周六"]),
        ("我说的不是明天下午", ["明天下午"], []),
        ("not Beijing, Wuhan", ["Beijing"], ["Wuhan"]),
        ("I don't want to leave from Beijing on Friday", [], ["Beijing", "Friday"]),
        ("it is not on Friday but Monday", ["Friday"], ["Monday"]),
        ("Wuhan instead of Beijing", ["Beijing"], ["Wuhan"]),
        ("not from Beijing to Shanghai, from Wuhan", ["Beijing", "Shanghai"], ["Wuhan"]),
    ],
)
def test_a_value_after_a_word_of_rejection_is_negated(text: str, rejected: list[str], wanted: list[str]) -> None:
    marked = mark_negated(text, _entities(text, *rejected, *wanted))
    assert [entity.text for entity in marked if entity.negated] == rejected
    assert [entity.text for entity in marked if not entity.negated] == wanted


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("是不是北京", "北京"),
        ("要不要经济舱", "经济舱"),
        ("不对，是武汉", "武汉"),
        ("不是吧，北京？", "北京"),
        ("不要忘了北京", "北京"),
        ("从北京出发", "北京"),
        ("不到两小时", "两小时"),
        ("特别喜欢北京", "北京"),
        ("告别北京", "北京"),
        ("I did not book Beijing", "Beijing"),
    ],
)
def test_questions_and_other_denials_reject_no_value(text: str, value: str) -> None:
    assert not mark_negated(text, _entities(text, value))[0].negated


def test_every_reading_inside_a_rejected_span_is_rejected_and_the_order_is_kept() -> None:
    text = "不是明天下午，是后天"
    whole = Entity(EntityName("datetime"), 2, 6, "明天下午", "2026-11-24T12:00/2026-11-24T18:00")
    inner = Entity(EntityName("number"), 4, 6, "下午", 1)
    other = Entity(EntityName("date"), 8, 10, "后天", "2026-11-25")
    assert [entity.negated for entity in mark_negated(text, (other, inner, whole))] == [False, True, True]


def test_marking_twice_changes_nothing() -> None:
    text = "不是北京，是武汉"
    once = mark_negated(text, _entities(text, "北京", "武汉"))
    assert mark_negated(text, once) == once


def test_nothing_to_mark_gives_nothing() -> None:
    assert mark_negated("不是", ()) == ()
