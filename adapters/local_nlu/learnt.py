"""Everything learnt from one catalogue."""

from collections.abc import Sequence

from adapters.local_nlu.abstraction import Abstraction
from adapters.local_nlu.examples import Exact, taught
from adapters.local_nlu.features import GramWeights, Matrix
from adapters.local_nlu.model import Model, levelled_texts
from adapters.local_nlu.naming import Task
from adapters.local_nlu.roles import Roles
from adapters.local_nlu.scope import background
from domain.dialogue.understanding import Expectation
from domain.intents.catalogue import Catalogue
from domain.intents.normalise import canonical
from domain.names import IntentName


class Lesson:
    """A catalogue's examples, prepared. `texts` are what `Learnt` wants a vector of each for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.abstraction = Abstraction(catalogue)
        self.taught = taught(catalogue, self.abstraction)
        self.levelled = levelled_texts(self.taught, self.abstraction)
        self.texts = (*self.levelled, *background())


class Learnt:
    """The models of one catalogue. Making them takes CPU; afterwards they are only read.

    `vectors` belong to the lesson's texts. Without an encoder (None) texts are compared by their character n-grams
    alone: the same models, less far-sighted.
    """

    def __init__(self, lesson: Lesson, vectors: Matrix | None) -> None:
        self.catalogue = lesson.catalogue
        self.abstraction = lesson.abstraction
        self.exact = Exact(lesson.taught, lesson.abstraction)
        self.roles = Roles(lesson.catalogue)
        self._spelling = GramWeights(lesson.texts) if vectors is None else None
        known = vectors if vectors is not None else self.spelt(lesson.texts)
        self.model = Model(lesson.catalogue, lesson.taught, lesson.levelled, known)
        slots = (slot for intent in lesson.catalogue.intents.values() for slot in intent.slots.values())
        self.slot_titles = tuple(dict.fromkeys(slot.title for slot in slots if slot.title))

    @property
    def needs_encoder(self) -> bool:
        """Whether texts are to be embedded, rather than compared by their spelling."""
        return self._spelling is None

    def spelt(self, texts: Sequence[str]) -> Matrix:
        """Vectors made of the spelling alone."""
        spelling = self._spelling or GramWeights(texts)
        return spelling.rows(texts)

    def task(self, expectation: Expectation) -> Task:
        """What values may be for: the intent in hand, or those on offer, and those set aside."""
        active = (expectation.intent,) if expectation.intent is not None else ()
        slots = [slot for name in active for slot in self.catalogue.intent(name).slots.values()]
        intents = (*active, *expectation.options, *expectation.suspended)
        return Task(tuple(slot.title for slot in slots if slot.title), self.catalogue.kinds_of(intents))

    def numbered(self, options: Sequence[IntentName]) -> dict[str, int]:
        """Canonical names of the options on offer with their numbers from 1."""
        numbers: dict[str, int] = {}
        for number, name in enumerate(options, 1):
            intent = self.catalogue.intent(name)
            for title in (intent.title, intent.label, name):
                if title:
                    numbers.setdefault(canonical(title), number)
        return numbers
