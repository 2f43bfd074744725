"""Annotated examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intents.annotated import Annotation, read_example
from domain.names import SlotName


def test_brackets_become_spans_of_the_plain_text():
    example = read_example("从[北京](departure_city)到[上海](arrival_city)的机票")

    assert example.text == "从北京到上海的机票"
    assert example.annotations == (
        Annotation(SlotName("departure_city"), 1, 3, "北京"),
        Annotation(SlotName("arrival_city"), 4, 6, "上海"),
    )


@pytest.mark.parametrize(
    "source", ["订机票", "[北京]", "(北京)", "[](city)", "[北京] (city)", "[北京](the city)", "", "]("]
)
def test_brackets_that_form_no_annotation_stay_text(source: str):
    example = read_example(source)

    assert example.text == source
    assert example.annotations == ()


@given(
    st.lists(
        st.tuples(
            st.text("订去[]( )北京a", max_size=5),
            st.text("北京上海a ", min_size=1, max_size=5),
            st.sampled_from(["city", "date"]),
        ),
        max_size=4,
    )
)
def test_each_annotation_is_found_where_it_says(parts: list[tuple[str, str, str]]):
    example = read_example("".join(f"{before}[{value}]({slot})" for before, value, slot in parts))

    for note in example.annotations:
        assert example.text[note.start : note.end] == note.text
    assert [(note.text, note.slot) for note in example.annotations] == [(value, slot) for _, value, slot in parts]
