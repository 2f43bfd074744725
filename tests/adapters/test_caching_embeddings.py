"""Vectors of examples and documents outlive the process; nothing that happens to their files does any harm."""

from pathlib import Path

import pytest

from adapters.caching.embeddings import KeptEmbeddings
from domain.values import Unavailable
from tests.doubles.sentence_vectors import RealEmbedder

TEXTS = ("红茶用沸水冲泡", "绿茶用八十度的水")


async def test_texts_seen_before_are_not_embedded_again(tmp_path: Path) -> None:
    first, second = RealEmbedder(), RealEmbedder()
    before = await KeptEmbeddings(first, tmp_path).embed(TEXTS)
    assert await KeptEmbeddings(second, tmp_path).embed(TEXTS) == before
    assert (first.seen, second.seen) == (2, 0)


async def test_another_model_and_other_texts_are_embedded_anew(tmp_path: Path) -> None:
    await KeptEmbeddings(RealEmbedder(), tmp_path).embed(TEXTS)
    other = RealEmbedder(version="another")
    await KeptEmbeddings(other, tmp_path).embed(TEXTS)
    joined = RealEmbedder()
    await KeptEmbeddings(joined, tmp_path).embed(("".join(TEXTS),))
    assert (other.seen, joined.seen) == (2, 1)


@pytest.mark.parametrize("damage", [b"", b"not a document", b"\x00" * 100])
async def test_a_damaged_file_is_made_again(tmp_path: Path, damage: bytes) -> None:
    before = await KeptEmbeddings(RealEmbedder(), tmp_path).embed(TEXTS)
    for file in tmp_path.iterdir():
        file.write_bytes(damage)
    again = RealEmbedder()
    assert await KeptEmbeddings(again, tmp_path).embed(TEXTS) == before
    assert again.seen == 2


async def test_a_folder_that_cannot_be_used_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder", encoding="utf-8")
    embedder = RealEmbedder()
    kept = KeptEmbeddings(embedder, tmp_path / "cache")
    assert not isinstance(await kept.embed(TEXTS), Unavailable)
    assert kept.version == embedder.version


async def test_an_outage_is_not_kept(tmp_path: Path) -> None:
    broken = RealEmbedder()
    broken.fail()
    assert isinstance(await KeptEmbeddings(broken, tmp_path).embed(TEXTS), Unavailable)
    assert list(tmp_path.iterdir()) == []


async def test_without_a_folder_everything_is_embedded() -> None:
    embedder = RealEmbedder()
    kept = KeptEmbeddings(embedder, None)
    await kept.embed(TEXTS)
    await kept.embed(TEXTS)
    assert embedder.seen == 4
