"""How values look to a person."""

import pytest

from domain.dialogue.showing import shown
from domain.slots.entity import SlotContent


@pytest.mark.parametrize(
    ("content", "language", "text"),
    [
        ("2026-11-25", "zh-CN", "2026年11月25日（周三）"),
        ("2026-11-25", "en", "Wed 2026-11-25"),
        ("2026-11-25T15:30", "zh-CN", "2026年11月25日（周三） 15:30"),
        ("2026-11-25T15:30", "en-GB", "Wed 2026-11-25 15:30"),
        ("2026-11-30/2026-12-07", "zh-CN", "2026年11月30日（周一）–2026年12月7日（周一）"),
        ("2026-11-30/..", "en", "Mon 2026-11-30–.."),
        ("1234-99-99", "en", "1234-99-99"),
        ("AC/DC", "en", "AC/DC"),
        ("北京", "zh-CN", "北京"),
        (2.0, "zh-CN", "2"),
        (2.5, "zh-CN", "2.5"),
        (3, "en", "3"),
        (True, "en", "True"),
    ],
)
def test_a_value_is_shown_as_a_person_would_write_it(content: SlotContent, language: str, text: str):
    assert shown(content, language) == text
