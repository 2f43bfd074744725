"""docs/settings.md tells of every setting, and of no other."""

import re
from pathlib import Path

import msgspec

from bootstrap.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")


def test_every_setting_stands_in_the_page_with_its_default() -> None:
    told = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (?:`([^`]*)`)? ?\|", PAGE, re.MULTILINE))
    real = {field.encode_name: str(field.default) for field in msgspec.structs.fields(Settings)}
    assert told == real
