"""How vectors are kept in files, beyond the contract of embedders."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.caching import embeddings
from adapters.caching.embeddings import KeptEmbeddings
from domain.ports.embedder import Embedder, Embeddings
from domain.values import Unavailable

TEXTS = ("订机票", "查余额", "看电影")


class Sums(Embedder):
    """A text's vector is made of its characters; notes what it was asked. `down` makes it unavailable."""

    def __init__(self, version: str = "sums") -> None:
        self._version = version
        self.asked: list[tuple[str, ...]] = []
        self.down = False

    @property
    def version(self) -> str:
        return self._version

    async def embed(self, texts: Sequence[str]) -> Embeddings | Unavailable:
        self.asked.append(tuple(texts))
        if self.down:
            return Unavailable("broken")
        rows = (sum(map(ord, text)).to_bytes(8, "little") for text in texts)
        return Embeddings(len(texts), 2, b"".join(rows))


async def expected(texts: Sequence[str] = TEXTS) -> Embeddings | Unavailable:
    return await Sums().embed(texts)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_vectors_are_kept_from_one_start_to_the_next(tmp_path: Path) -> None:
    first, second = Sums(), Sums()
    assert await KeptEmbeddings(first, tmp_path / "new" / "cache").embed(TEXTS) == await expected()
    assert await KeptEmbeddings(second, tmp_path / "new" / "cache").embed(list(TEXTS)) == await expected()
    assert (first.asked, second.asked) == ([TEXTS], [])
    assert [file.suffix for file in files_in(tmp_path)] == [".vectors"]


async def test_the_version_is_that_of_the_embedder_behind(tmp_path: Path) -> None:
    assert KeptEmbeddings(Sums("another"), tmp_path).version == "another"


async def test_another_embedder_does_not_get_them(tmp_path: Path) -> None:
    await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS)
    other = Sums("another")
    await KeptEmbeddings(other, tmp_path).embed(TEXTS)
    assert other.asked == [TEXTS]


@pytest.mark.parametrize(
    "texts",
    [TEXTS[::-1], TEXTS[:2], (*TEXTS, ""), ("订机票\0查余额", "看电影"), ("订机票查余额看电影",), ("\ud800",)],
)
async def test_other_texts_do_not_get_them(texts: tuple[str, ...], tmp_path: Path) -> None:
    inner = Sums()
    kept = KeptEmbeddings(inner, tmp_path)
    await kept.embed(TEXTS)
    assert await kept.embed(texts) == await kept.embed(texts) == await expected(texts)
    assert inner.asked == [TEXTS, texts]


async def test_without_a_folder_nothing_is_kept() -> None:
    inner = Sums()
    kept = KeptEmbeddings(inner, None)
    assert await kept.embed(TEXTS) == await kept.embed(TEXTS) == await expected()
    assert inner.asked == [TEXTS] * 2


async def test_no_text_leaves_no_file(tmp_path: Path) -> None:
    await KeptEmbeddings(Sums(), tmp_path).embed(())
    assert files_in(tmp_path) == []


async def test_an_outage_is_not_kept_and_what_is_kept_outlasts_it(tmp_path: Path) -> None:
    inner = Sums()
    kept = KeptEmbeddings(inner, tmp_path)
    inner.down = True
    assert await kept.embed(TEXTS) == Unavailable("broken")
    assert files_in(tmp_path) == []
    inner.down = False
    await kept.embed(TEXTS)
    inner.down = True
    assert await kept.embed(TEXTS) == await expected()


@pytest.mark.parametrize("damage", ["emptied", "cut", "bit", "longer", "another release"])
async def test_a_damaged_file_is_made_again(damage: str, tmp_path: Path) -> None:
    await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS)
    (file,) = files_in(tmp_path)
    whole = file.read_bytes()
    changed = {
        "emptied": b"",
        "cut": whole[:-1],
        "bit": whole[:-1] + bytes([whole[-1] ^ 1]),
        "longer": whole + b"\0",
        "another release": b"\x93NUMPY\x01\x00",
    }
    file.write_bytes(changed[damage])
    inner = Sums()
    assert await KeptEmbeddings(inner, tmp_path).embed(TEXTS) == await expected()
    assert inner.asked == [TEXTS]
    assert file.read_bytes() == whole


async def test_a_whole_file_that_this_release_cannot_read_is_made_again(tmp_path: Path) -> None:
    await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS)
    (file,) = files_in(tmp_path)
    file.write_bytes(embeddings._seal(file, b"\x90") + b"\x90")
    assert await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS) == await expected()


async def test_a_file_under_the_name_of_another_is_not_believed(tmp_path: Path) -> None:
    await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS)
    (one,) = files_in(tmp_path)
    await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS[:2])
    (other,) = (file for file in files_in(tmp_path) if file != one)
    other.write_bytes(one.read_bytes())
    assert await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS[:2]) == await expected(TEXTS[:2])


async def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder", encoding="utf-8")
    kept = KeptEmbeddings(Sums(), tmp_path / "cache")
    assert await kept.embed(TEXTS) == await kept.embed(TEXTS) == await expected()


async def test_a_name_that_is_taken_by_a_folder_is_done_without_and_nothing_is_left_lying_about(
    tmp_path: Path,
) -> None:
    await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS)
    (file,) = files_in(tmp_path)
    file.unlink()
    (file / "inside").mkdir(parents=True)
    assert await KeptEmbeddings(Sums(), tmp_path).embed(TEXTS) == await expected()
    assert files_in(tmp_path) == []


async def test_who_embeds_the_same_at_once_gets_whole_files(tmp_path: Path) -> None:
    kept = KeptEmbeddings(Sums(), tmp_path)
    answers = await asyncio.gather(*(kept.embed(TEXTS) for _ in range(8)))
    assert answers == [await expected()] * 8
    later = Sums()
    assert await KeptEmbeddings(later, tmp_path).embed(TEXTS) == await expected()
    assert [file.suffix for file in files_in(tmp_path) if str(os.getpid()) in file.name] == []
