"""What a catalogue teaches: every example with its class, and which words were said exactly so."""

from collections.abc import Iterator
from typing import Literal

from adapters.local_nlu.abstraction import Abstraction
from adapters.local_nlu.spans import Span
from domain.intents.annotated import AnnotatedExample, read_example
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Intent
from domain.intents.normalise import canonical
from domain.values import Value

Group = Literal["intent", "ambiguity", "background"]


class Taught(Value, frozen=True):
    """One text to learn from. `weight` is below 1 for texts that only describe what is meant."""

    group: Group
    name: str
    text: str
    spans: tuple[Span, ...] = ()
    weight: float = 1.0


def taught(catalogue: Catalogue, abstraction: Abstraction) -> tuple[Taught, ...]:
    """Examples of intents and ambiguities, then counter-examples as background, then titles and descriptions."""
    return (*_said(catalogue, abstraction), *_told(catalogue))


def _said(catalogue: Catalogue, abstraction: Abstraction) -> Iterator[Taught]:
    for name, intent in catalogue.intents.items():
        for source in intent.examples:
            yield _taught("intent", name, read_example(source), intent, abstraction)
    for key, ambiguity in catalogue.ambiguities.items():
        for source in ambiguity.examples:
            yield _taught("ambiguity", key, read_example(source), None, abstraction)
    for name, intent in catalogue.intents.items():
        for source in intent.counter_examples:
            yield _taught("background", name, read_example(source), intent, abstraction)


def _taught(
    group: Group, name: str, example: AnnotatedExample, intent: Intent | None, abstraction: Abstraction
) -> Taught:
    return Taught(group, name, example.text, abstraction.spans(example, intent))


def _told(catalogue: Catalogue) -> Iterator[Taught]:
    for name, intent in catalogue.intents.items():
        for text, weight in ((intent.title, 0.5), (intent.label, 0.5), (intent.description, 0.25)):
            if text:
                yield Taught("intent", name, text, (), weight)


class Exact:
    """The class of a text that equals an example, with the same values or with others of the same kinds."""

    def __init__(self, texts: tuple[Taught, ...], abstraction: Abstraction) -> None:
        self._abstraction = abstraction
        self._texts: dict[str, tuple[Group, str]] = {}
        patterns: dict[str, set[tuple[Group, str]]] = {}
        for one in texts:
            if one.weight == 1.0:
                self._texts.setdefault(canonical(one.text), (one.group, one.name))
                patterns.setdefault(abstraction.pattern(one.text, one.spans), set()).add((one.group, one.name))
        self._patterns = {pattern: next(iter(names)) for pattern, names in patterns.items() if len(names) == 1}

    def find(self, text: str, spans: tuple[Span, ...]) -> tuple[Group, str] | None:
        """The class the text was taught for, if it was."""
        found = self._texts.get(canonical(text))
        if found is None and spans:
            found = self._patterns.get(self._abstraction.pattern(text, spans))
        return found
