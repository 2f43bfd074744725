"""What holds for the lexicon whatever it is given."""

import time
from collections.abc import Callable
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.local_lexicon.extractor import LexiconExtractor
from adapters.local_lexicon.folding import Folding
from domain.errors import PartUnavailable
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from tests.adapters.lexicon_reading import CARD, NUMBERS, demo, demo_lexicon, lexicon_of, numbers, read, told


class TestHostileTexts:
    TEXTS: ClassVar = {
        "cities": "北京上海" * 250, "suffixes": "市" * 1000, "unknown names": "火星市" * 333, "banks": "银行" * 500,
        "places": "从火星到月球" * 166, "openings": "从" * 1000, "digits": "1" * 1000, "digits and blanks": "1 " * 500,
        "digits and a letter": "1" * 499 + "a", "groups": "6222 " * 200, "a cue and blanks": "卡号" + " " * 998,
        "cues": "卡号是" * 333, "cues and blanks": ("卡号" + " " * 20) * 45, "cues and digits": "卡号1" * 333,
        "blanks": " " * 1000, "closings": "北惊" + "！" * 998, "closings that end otherwise": "北惊" + "！" * 997 + "x",
        "leads": "我想从" * 333 + "北惊", "words": "to abc " * 142, "letters": "a" * 1000, "nearly cities": "乌鲁木斋" * 250,
        "halves of cities": "los ange " * 111, "sounds": "北惊上孩" * 250, "long sounds": "哈尓滨" * 333, "traditional": "廣州" * 500,
        "emoji": "😀" * 1000, "ligatures": "\ufdfa" * 1000, "accents": "e" + "\u0301" * 999, "nul": "\x00" * 1000,
        "surrogates": "\ud800北京" * 333, "markup": "<b>" * 333, "talk": "机票火星市，" * 166,
    }  # fmt: skip

    @pytest.mark.parametrize("name", TEXTS)
    def test_a_thousand_characters_of_anything_cost_little(self, name: str) -> None:
        text = self.TEXTS[name]
        for lexicon, kinds in ((demo_lexicon(), tuple(demo().entities)), (numbers(), tuple(NUMBERS))):
            began = time.process_time()
            found = read(text, lexicon, *kinds)
            assert time.process_time() - began < 1.0
            assert all(text[e.start : e.end] == e.text for e in found)

    def test_fifty_thousand_values_make_no_difference(self) -> None:
        values = {f"{chr(0x4E00 + n % 251)}{chr(0x5E00 + n // 251)}店{chr(0x6E00 + n % 97)}": [] for n in range(50_000)}
        lexicon = lexicon_of({"shop": {"values": values, "match": ["exact", "fuzzy"], "suffixes": ["店"]}})
        wanted = next(iter(values))
        began = time.process_time()
        assert (wanted, wanted) in [(e.text, e.value) for e in read(f"我要去{wanted}", lexicon, "shop")]
        read("店" * 1000, lexicon, "shop")
        read("".join(values)[:1000], lexicon, "shop")
        assert time.process_time() - began < 2.0


class TestLaws:
    WORDS = st.sampled_from(
        ["北京", "上海市", "廣州", "北惊", "火星", "银行", "招商银行", "市", "从", "到", "去", "机票", "，", " ", "卡号是", "1", "6222 0800",
         CARD, "1234 5675", "AB123456", "London", "Los Ange", "路", "区", "\ud800", "\x00", "İ", "ß", "ǆ", "ﬃ", "\u0301", "鿯"]
    )  # fmt: skip
    TEXTS = st.lists(WORDS, max_size=14).map("".join) | st.text(max_size=60)

    @given(TEXTS)
    @settings(max_examples=300, deadline=None)
    def test_any_text_is_read_and_every_span_holds(self, text: str) -> None:
        for lexicon, kinds in ((demo_lexicon(), frozenset(demo().entities)), (numbers(), frozenset(NUMBERS))):
            found = lexicon.find(text, frozenset(EntityName(kind) for kind in kinds))
            assert found == lexicon.find(text, frozenset(EntityName(kind) for kind in kinds))
            assert all(0 <= e.start < e.end <= len(text) and text[e.start : e.end] == e.text for e in found)
            assert [e.start for e in found] == sorted(e.start for e in found)
            assert all(0.0 < e.confidence <= 1.0 for e in found)
            for one in found:
                same = [e for e in found if e.kind == one.kind and e is not one]
                assert all(e.end <= one.start or one.end <= e.start for e in same)

    @given(TEXTS)
    @settings(max_examples=100, deadline=None)
    def test_a_value_of_a_dictionary_is_one_that_was_declared(self, text: str) -> None:
        cities = demo().entities[EntityName("city")].values
        assert all(e.value in cities for e in read(text, demo_lexicon(), "city") if e.valid)

    @given(st.text())
    @settings(deadline=None)
    def test_folding_keeps_every_character_in_its_place(self, text: str) -> None:
        fold: Callable[[str], str] = Folding().fold
        assert len(fold(text)) == len(text)
        assert fold(fold(text)) == fold(text)

    @pytest.mark.parametrize("value", list(demo().entities[EntityName("city")].values))
    def test_every_city_of_the_demo_is_found_by_its_name(self, value: str) -> None:
        assert told(f"我要去{value}", demo_lexicon(), "city") == [("city", value, value)]


class TestExtractor:
    async def test_a_pattern_that_cannot_be_compiled_is_refused_and_the_version_stays_unknown(self) -> None:
        broken = msgspec.convert({"entities": {"x": {"pattern": "("}}, "intents": {}}, Catalogue)
        extractor = LexiconExtractor()
        with pytest.raises(PartUnavailable):
            await extractor.prepare(PublishedCatalogue(CatalogueVersion(1), broken))
        await extractor.prepare(PublishedCatalogue(CatalogueVersion(1), demo()))
