"""The numbers behind recognition: n-grams, a classifier, its calibration, its modesty, and vectors kept on disk."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from adapters.absent.embedder import AbsentEmbedder
from adapters.caching.embeddings import KeptEmbeddings
from adapters.local_nlu.calibration import FEW, sharpness
from adapters.local_nlu.classifier import fit, softmax
from adapters.local_nlu.features import BUCKETS, GramWeights, Matrix, grams, unit
from adapters.local_nlu.learnt import Learnt, Lesson
from adapters.local_nlu.recogniser import LocalRecogniser
from adapters.local_nlu.scope import Scope, background
from adapters.local_nlu.vectors import embedded
from domain.dialogue.understanding import Expectation
from domain.intents.catalogue import PublishedCatalogue
from domain.names import IntentName
from domain.values import Unavailable
from tests.adapters.local_nlu_ear import BALANCE, FLIGHT, VERSION, small
from tests.doubles.sentence_vectors import RealEmbedder
from tests.doubles.small_catalogue import small_catalogue

TEXTS = ("订机票", "查余额", "book a flight")


def clouds(classes: int, each: int, *, spread: float = 0.3, seed: int = 0) -> tuple[Matrix, np.ndarray]:
    """Points around one centre a class."""
    chance = np.random.default_rng(seed)
    centres = unit(chance.normal(size=(classes, 24)).astype(np.float32))
    labels = np.repeat(np.arange(classes), each)
    rows = centres[labels] + spread * chance.normal(size=(len(labels), 24)).astype(np.float32)
    return rows.astype(np.float32), labels


# --- N-grams -----------------------------------------------------------------------------------------------------


def test_grams_are_of_one_to_four_characters_with_the_edges_marked() -> None:
    assert grams("买票") == {
        "\x02": 1, "买": 1, "票": 1, "\x03": 1, "\x02买": 1, "买票": 1, "票\x03": 1, "\x02买票": 1, "买票\x03": 1, "\x02买票\x03": 1,
    }  # fmt: skip
    assert grams("买票！") == grams("买 票")
    assert sum(grams("字" * 5000).values()) < 900


def test_a_row_has_length_one_and_a_fixed_width() -> None:
    rows = GramWeights(TEXTS).rows([*TEXTS, "", "😀", "\ud800", "票" * 1000])
    assert rows.shape == (7, BUCKETS)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=0.2)  # grams that meet in one column may cancel out


def test_texts_alike_in_spelling_are_near_and_rare_grams_count_more() -> None:
    weights = GramWeights([f"我要{what}" for what in ("订机票", "查余额", "看电影", "订酒店", "改密码")])
    mine, same, other, common = weights.rows(["订机票", "帮我订机票", "查余额", "我要"])
    assert mine @ same > 0.4 > mine @ other
    assert weights.rows(["我要订机票"])[0] @ common < weights.rows(["我要订机票"])[0] @ mine


def test_the_same_text_has_the_same_row_in_any_process() -> None:
    assert np.array_equal(GramWeights(TEXTS).rows(["订机票"]), GramWeights(TEXTS).rows(["订机票"]))


def test_a_row_of_zeros_stays_when_lengths_become_one() -> None:
    assert np.array_equal(unit(np.zeros((2, 3), np.float32)), np.zeros((2, 3), np.float32))


# --- Classifier --------------------------------------------------------------------------------------------------


def test_a_separable_problem_is_separated() -> None:
    rows, labels = clouds(4, 12)
    model = fit(rows, labels, 4)
    assert (model.logits(rows).argmax(axis=1) == labels).all()
    noise = np.random.default_rng(1).normal(size=rows.shape).astype(np.float32)
    assert (model.logits(rows + 0.05 * noise).argmax(axis=1) == labels).all()


def test_training_converges_so_that_more_steps_change_nothing() -> None:
    rows, labels = clouds(5, 10)
    few, many = fit(rows, labels, 5, steps=60), fit(rows, labels, 5, steps=400)
    assert np.allclose(softmax(few.logits(rows)), softmax(many.logits(rows)), atol=0.02)
    assert not np.allclose(fit(rows, labels, 5, steps=1).weights, many.weights, atol=1e-3)


def test_training_goes_on_from_where_it_was_left() -> None:
    rows, labels = clouds(3, 10)
    whole = fit(rows, labels, 3, steps=200)
    resumed = fit(rows, labels, 3, steps=60, start=whole.weights)
    assert np.allclose(resumed.weights, whole.weights, atol=0.05)


def test_rows_weigh_as_much_as_they_are_told_to() -> None:
    rows = np.array([[1.0], [1.0], [-1.0]], np.float32)
    labels = np.array([0, 1, 1])
    even = softmax(fit(rows, labels, 2).logits(rows))[0, 0]
    heavy = softmax(fit(rows, labels, 2, importance=np.array([9, 1, 1], np.float32)).logits(rows))[0, 0]
    assert heavy > even + 0.2


def test_a_stronger_penalty_makes_smaller_weights() -> None:
    rows, labels = clouds(3, 10)
    loose, tight = fit(rows, labels, 3, strength=100.0), fit(rows, labels, 3, strength=0.1)
    assert np.abs(tight.weights[:-1]).sum() < np.abs(loose.weights[:-1]).sum()


def test_a_problem_without_an_answer_is_left_undecided() -> None:
    rows = np.zeros((4, 3), np.float32)
    model = fit(rows, np.array([0, 1, 0, 1]), 2)
    assert np.allclose(softmax(model.logits(rows)), 0.5, atol=1e-3)


def test_probabilities_add_up_to_one_whatever_the_logits() -> None:
    shares = softmax(np.array([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0]], np.float32))
    assert np.allclose(shares.sum(axis=1), 1.0)
    assert np.isfinite(shares).all()


# --- Calibration -------------------------------------------------------------------------------------------------


def test_small_catalogues_are_sharpened_by_a_fixed_factor() -> None:
    rows, labels = clouds(4, 10)
    assert sharpness(rows, labels, 4, np.ones(len(rows), np.float32)) == FEW


@pytest.mark.parametrize("each", [4, 180])
def test_large_catalogues_are_sharpened_as_held_out_examples_want_it(each: int) -> None:
    rows, labels = clouds(24, each)
    order = np.random.default_rng(2).permutation(len(rows))
    rows, labels = rows[order], labels[order]
    even = np.ones(len(rows), np.float32)
    assert 0.6 <= sharpness(rows, labels, 24, even) <= 6.0
    wrong = np.random.default_rng(3).permutation(labels)
    assert sharpness(rows, wrong, 24, even) <= sharpness(rows, labels, 24, even)


# --- Modesty -----------------------------------------------------------------------------------------------------


def test_the_bank_of_everyday_sentences_is_large_and_in_both_languages() -> None:
    bank = background()
    assert len(bank) >= 300
    assert sum(line.isascii() for line in bank) >= 100
    assert sum(not line.isascii() for line in bank) >= 100
    assert len(set(bank)) == len(bank)


def accepted(query: Matrix, *, counters: Matrix | None = None, favour: float = 0.0, examples: int = 4) -> float:
    """How probably a query is meant for a class with examples around the first axis."""
    rows = np.tile(unit(np.array([[1.0, 0.1, 0.0]], np.float32)), (examples, 1))
    bank = unit(np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)) * np.float32(0.3)
    none = np.zeros((0, 3), np.float32)
    scope = Scope(rows, np.zeros(examples, np.int64), 1, none if counters is None else counters, bank)
    return float(scope.accepted(query, np.array([0]), np.array([1.0], np.float32), favour)[0])


NEAR = unit(np.array([[1.0, 0.1, 0.0]], np.float32))
FAR = unit(np.array([[0.0, 0.2, 1.0]], np.float32))


def test_what_is_near_the_examples_is_more_probably_meant() -> None:
    assert accepted(NEAR) > accepted(unit(NEAR + FAR)) > accepted(FAR)
    assert 0 <= accepted(FAR) < 0.6 < accepted(NEAR) <= 1


def test_a_nearer_counter_example_makes_it_less_probable_and_a_farther_one_hardly() -> None:
    doubtful = unit(NEAR + np.float32(0.7) * FAR)
    assert accepted(doubtful, counters=doubtful) < accepted(doubtful)
    assert accepted(NEAR, counters=FAR) == pytest.approx(accepted(NEAR), abs=0.05)


def test_favour_counts_for_it_and_many_examples_ask_for_more() -> None:
    doubtful = unit(NEAR + FAR)
    assert accepted(doubtful, favour=1.0) > accepted(doubtful) > accepted(doubtful, examples=50)


# --- Both together -----------------------------------------------------------------------------------------------


def learnt(**changes: object) -> Learnt:
    return Learnt(Lesson(small(**changes)), None)


def test_without_an_encoder_texts_are_compared_by_spelling() -> None:
    model = learnt()
    assert not model.needs_encoder
    near, far = model.model.scores(["订机票啊", "月亮"], model.spelt(["订机票啊", "月亮"]))
    assert near.best[0] == FLIGHT
    assert near.best[1] > far.best[1]


def test_a_prior_and_a_favour_move_the_probabilities() -> None:
    model = learnt()
    texts = ["查票"]
    plain = model.model.scores(texts, model.spelt(texts))[0]
    moved = model.model.scores(texts, model.spelt(texts), {BALANCE: 2.0}, 0.5)[0]
    assert moved.intents[BALANCE] > plain.intents[BALANCE]


def test_a_catalogue_without_ambiguities_has_no_ambiguity() -> None:
    model = learnt(ambiguities={})
    assert model.model.scores(["买票"], model.spelt(["买票"]))[0].ambiguity == ("", 0.0)


def test_options_are_numbered_by_every_name_they_have() -> None:
    numbers = learnt().numbered((FLIGHT, IntentName("book_movie")))
    assert numbers == {"订机票": 1, "机票": 1, "book flight": 1, "订电影票": 2, "book movie": 2}
    untitled = {FLIGHT: msgspec.structs.replace(small_catalogue().intents[FLIGHT], title="", label="")}
    assert learnt(intents=untitled, ambiguities={}, functions={}).numbered((FLIGHT,)) == {"book flight": 1}


# --- Vectors -----------------------------------------------------------------------------------------------------


async def test_texts_have_a_row_each_in_their_order_or_there_is_no_answer() -> None:
    rows = await embedded(RealEmbedder(), TEXTS)
    turned = await embedded(RealEmbedder(), TEXTS[::-1])
    assert not isinstance(rows, Unavailable)
    assert not isinstance(turned, Unavailable)
    assert rows.dtype == np.float32
    assert np.allclose(rows, turned[::-1], atol=1e-5)
    assert await embedded(AbsentEmbedder(), TEXTS) == Unavailable("not_configured")


async def start(folder: Path, embedder: RealEmbedder) -> LocalRecogniser:
    """A recogniser as after a start of the process, its vectors of examples kept in `folder`."""
    recogniser = LocalRecogniser(embedder, kept=KeptEmbeddings(embedder, folder))
    await recogniser.learn(PublishedCatalogue(VERSION, small_catalogue()))
    return recogniser


async def hears(recogniser: LocalRecogniser) -> object:
    return await recogniser.recognise("帮我订一张机票", (), version=VERSION, expectation=Expectation())


async def test_the_next_start_embeds_no_example_again_and_hears_the_same(tmp_path: Path) -> None:
    first, second = RealEmbedder(), RealEmbedder()
    before = await hears(await start(tmp_path, first))
    again = await start(tmp_path, second)
    assert first.seen > 300
    assert second.seen == 0
    assert await hears(again) == before


async def test_what_users_say_is_not_kept(tmp_path: Path) -> None:
    recogniser = await start(tmp_path, RealEmbedder())
    before = sorted(tmp_path.iterdir())
    await hears(recogniser)
    assert sorted(tmp_path.iterdir()) == before


def _truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def _nonsense(file: Path) -> None:
    file.write_bytes(b"\x00garbage" * 1000)


def _one_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def _gone(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("damage", [_truncated, _nonsense, _one_bit, _gone])
async def test_a_damaged_file_costs_embedding_again_and_nothing_else(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    before = await hears(await start(tmp_path, RealEmbedder()))
    for file in tmp_path.iterdir():
        damage(file)
    embedder = RealEmbedder()
    assert await hears(await start(tmp_path, embedder)) == before
    assert embedder.seen > 300


async def test_a_folder_that_cannot_be_used_costs_embedding_again_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "file" / "folder"
    blocked.parent.write_text("not a folder", encoding="utf-8")
    answers = [await hears(await start(blocked, RealEmbedder())) for _ in range(2)]
    assert answers[0] == answers[1]
