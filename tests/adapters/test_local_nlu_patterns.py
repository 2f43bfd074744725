"""No clause, however repetitive, makes reading it for cues slow."""

import time
from typing import get_args

import pytest

from adapters.local_nlu.clauses import clauses
from adapters.local_nlu.cues import read_clause
from domain.dialogue.understanding import CueKind, Expectation
from domain.names import IntentName

ALLOWED_SECONDS = 0.1
"""A hundred times what a linear grammar needs; an ambiguous repetition takes minutes."""
EXPECTATION = Expectation(cues=frozenset(get_args(CueKind)), options=(IntentName("book_flight"),))


@pytest.mark.parametrize(
    "unit",
    [
        "那",
        "那就",
        "那我",
        "就",
        "我",
        "还是",
        "麻烦你",
        "你",
        "请",
        "帮我",
        "继续",
        "V",
        "嗯",
        "呃",
        "谢谢",
        "吧",
        "no ",
        "yes ",
        "let's ",
    ],
)
@pytest.mark.parametrize("ending", ["", "#", "票"])
def test_stammering_costs_no_time(unit: str, ending: str):
    said = clauses((unit * 60)[: 60 - len(ending)] + ending, ())

    started = time.perf_counter()
    for clause in said:
        read_clause(clause, EXPECTATION, {"订机票": 1})

    assert time.perf_counter() - started < ALLOWED_SECONDS
