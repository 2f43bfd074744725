"""How values look to a person, by language."""

from datetime import date, datetime

from domain.slots.entity import SlotContent

_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def shown(content: SlotContent, language: str) -> str:
    """A value as a person would write it: dates with their weekday, whole numbers without a fraction."""
    tongue = "zh" if language.lower().startswith("zh") else "en"
    if isinstance(content, float) and content.is_integer():
        return str(int(content))
    if not isinstance(content, str):
        return str(content)
    if "/" in content and len(content) >= 10:
        start, _, end = content.partition("/")
        return f"{_moment(start, tongue)}–{_moment(end, tongue)}"
    return _moment(content, tongue)


def _moment(text: str, tongue: str) -> str:
    try:
        moment = datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        moment = None
    if moment is None:
        return text
    clock = f" {moment:%H:%M}" if "T" in text else ""
    return _day(moment.date(), tongue) + clock


def _day(day: date, tongue: str) -> str:
    weekday = _WEEKDAYS[tongue][day.weekday()]
    if tongue == "zh":
        return f"{day.year}年{day.month}月{day.day}日（{weekday}）"
    return f"{weekday} {day.isoformat()}"
