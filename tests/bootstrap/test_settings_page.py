"""docs/settings.md tells of every setting, and of no other."""

import re
from pathlib import Path

import msgspec

from bootstrap.fields import Settings
from bootstrap.secret import Secret

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")


def test_every_setting_stands_in_the_page_with_its_default() -> None:
    told = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (?:`([^`]*)`)? ?\|", PAGE, re.MULTILINE))
    real = {field.encode_name: written(field.default) for field in msgspec.structs.fields(Settings)}
    assert told == real


def written(default: object) -> str:
    return "" if isinstance(default, Secret) else str(default)
