"""What is wrong with a catalogue.

One small function a rule, listed below: names (`lint_names`), entity types and slots (`lint_slots`), examples,
texts and numbers (`lint_texts`). A rule never trips over what another one complains of, so that one run finds all.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from domain.errors import CatalogueInvalid
from domain.intents import lint_names, lint_slots, lint_texts
from domain.intents.catalogue import Catalogue
from domain.intents.problem import Problem

__all__ = ["RULES", "Problem", "checked", "lint"]

RULES: Final[tuple[Callable[[Catalogue], Iterator[Problem]], ...]] = (
    lint_names.unknown_entities,
    lint_names.unknown_functions,
    lint_names.unknown_slots,
    lint_names.unknown_arguments,
    lint_names.unknown_candidates,
    lint_names.bad_annotations,
    lint_slots.empty_entities,
    lint_slots.bad_patterns,
    lint_slots.foreign_values,
    lint_slots.unreadable_values,
    lint_slots.bad_checks,
    lint_slots.bad_offsets,
    lint_slots.cycles,
    lint_texts.unreachable_intents,
    lint_texts.pointless_intents,
    lint_texts.shared_examples,
    lint_texts.contradictory_examples,
    lint_texts.bad_functions,
    lint_texts.malformed_templates,
    lint_texts.revealing_templates,
    lint_texts.bad_numbers,
)


def lint(catalogue: Catalogue) -> tuple[Problem, ...]:
    """Every problem of the catalogue, rule by rule; empty for one that can be published."""
    return tuple(chain.from_iterable(rule(catalogue) for rule in RULES))


def checked(catalogue: Catalogue) -> Catalogue:
    """The same catalogue; raises CatalogueInvalid with every problem when there are any."""
    problems = lint(catalogue)
    if problems:
        raise CatalogueInvalid("\n".join(map(str, problems)))
    return catalogue
