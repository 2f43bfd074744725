"""A lexicon made for a test, or of the demo catalogue, and what it reads."""

from functools import cache
from pathlib import Path

import msgspec

from adapters.catalogue_files.reading import read_catalogue
from adapters.local_lexicon.lexicon import Lexicon
from domain.intents.catalogue import Catalogue
from domain.names import EntityName
from domain.slots.entity import Entity

DEMO = Path(__file__).parents[2] / "deploy" / "catalogues" / "demo.zh-CN.yaml"

CARD = "6222080012345675"
BAD_CARD = "6222080012345678"
IDENTITY = "11010519491231002X"

NUMBERS = {
    "bank_card": {"title": "银行卡号", "pattern": r"\d{16,19}", "check": "luhn", "sensitive": True},
    "identity": {"title": "身份证号", "pattern": r"\d{17}[\dXx]", "check": "id_card"},
    "mobile": {"title": "手机号", "pattern": r"(?:\+?86)?1\d{10}", "check": "mobile"},
    "plate": {"title": "plate", "pattern": "[A-Z]{2}[0-9]{4}|"},
    "seat": {"pattern": "[0-9]{1,2}[A-F]"},
    "word": {"title": "码", "pattern": "W[0-9]"},
}


def lexicon_of(entities: dict[str, object]) -> Lexicon:
    return Lexicon(msgspec.convert({"entities": entities, "intents": {}}, Catalogue))


@cache
def demo() -> Catalogue:
    return read_catalogue(DEMO)


@cache
def demo_lexicon() -> Lexicon:
    return Lexicon(demo())


@cache
def numbers() -> Lexicon:
    return lexicon_of(NUMBERS)


def read(text: str, lexicon: Lexicon | None = None, *kinds: str) -> list[Entity]:
    wanted = frozenset(EntityName(kind) for kind in kinds) or frozenset(demo().entities)
    return list((lexicon or demo_lexicon()).find(text, wanted))


def told(text: str, lexicon: Lexicon | None = None, *kinds: str) -> list[tuple[str, str, object]]:
    """Kind, words and value of what is well-formed in a text."""
    return [(e.kind, e.text, e.value) for e in read(text, lexicon, *kinds) if e.valid]


def invalid(text: str, lexicon: Lexicon | None = None, *kinds: str) -> list[tuple[str, str]]:
    """Kind and words of what is not."""
    return [(e.kind, e.text) for e in read(text, lexicon, *kinds) if not e.valid]
