"""What was learnt from one catalogue: texts in, probabilities of its classes out."""

from collections.abc import Sequence

import numpy as np

from adapters.local_nlu.abstraction import Abstraction
from adapters.local_nlu.calibration import sharpness
from adapters.local_nlu.classifier import fit, softmax
from adapters.local_nlu.examples import Taught
from adapters.local_nlu.features import NGRAM_WEIGHT, GramWeights, Matrix, unit
from adapters.local_nlu.scope import NEAR, Scope, background
from domain.intents.catalogue import Catalogue
from domain.names import IntentName
from domain.values import Value

_COUNTER_WEIGHT = 2.0


class Scores(Value, frozen=True):
    """Calibrated probabilities for one text: of the intents, and of the catalogue's ambiguities."""

    intents: dict[IntentName, float]
    ambiguities: dict[str, float]

    @property
    def best(self) -> tuple[IntentName, float]:
        """The most probable intent."""
        name = max(self.intents, key=lambda name: self.intents[name])
        return name, self.intents[name]

    @property
    def ambiguity(self) -> tuple[str, float]:
        """The most probable ambiguity; an empty name where there is none."""
        name = max(self.ambiguities, key=lambda name: self.ambiguities[name], default="")
        return name, self.ambiguities.get(name, 0.0)


class Model:
    """Logistic regression over embeddings and n-grams with a class for everything else, and a gate of its own.

    `vectors` are the embeddings of the levelled texts of `texts`, then of the background bank.
    """

    def __init__(self, catalogue: Catalogue, texts: Sequence[Taught], levelled: Sequence[str], vectors: Matrix) -> None:
        self.intents = tuple(catalogue.intents)
        self.ambiguities = tuple(catalogue.ambiguities)
        names = [("intent", name) for name in self.intents] + [("ambiguity", name) for name in self.ambiguities]
        index = {name: position for position, name in enumerate(names)}
        self._other = len(names)
        classes = np.array([index.get((t.group, t.name), self._other) for t in texts], dtype=np.int64)
        bank = vectors[len(texts) :]
        self._mean = bank.mean(axis=0)
        own, bank = self._centred(vectors[: len(texts)]), self._centred(bank)
        said = classes != self._other
        kept = np.flatnonzero((bank @ own[said].T).max(axis=1) < NEAR)
        everything = [*levelled, *(background()[position] for position in kept)]
        self._grams = GramWeights(everything)
        rows = self._joined(np.vstack((own, bank[kept])), everything)
        labels = np.concatenate((classes, np.full(len(kept), self._other)))
        weights = np.ones(len(labels), dtype=np.float32)
        weights[: len(texts)] = [_COUNTER_WEIGHT if t.group == "background" else t.weight for t in texts]
        self._classifier = fit(rows, labels, self._other + 1, importance=weights)
        self._sharpness = sharpness(rows, labels, self._other + 1, weights)
        examples = said & np.array([t.weight == 1.0 for t in texts])
        self._scope = Scope(own[examples], classes[examples], self._other, own[~said], bank[kept])

    def scores(
        self, texts: Sequence[str], vectors: Matrix, prior: dict[str, float] | None = None, favour: float = 0.0
    ) -> list[Scores]:
        """Probabilities for levelled texts with their embeddings.

        `prior` is added to the logits of classes by name (before sharpening); `favour` to the odds of being meant.
        """
        own = self._centred(vectors)
        logits = self._classifier.logits(self._joined(own, texts))
        lead = logits[:, : self._other] - logits[:, self._other :]
        known = logits[:, : self._other] + self._added(prior or {})
        best = known.argmax(axis=1)
        at = np.arange(len(best))
        accepted = self._scope.accepted(own, best, lead[at, best], favour)
        shares = softmax(known * np.float32(self._sharpness)) * accepted[:, None]
        cut = len(self.intents)
        return [
            Scores(
                dict(zip(self.intents, map(float, row[:cut]), strict=True)),
                dict(zip(self.ambiguities, map(float, row[cut:]), strict=True)),
            )
            for row in shares
        ]

    def _added(self, prior: dict[str, float]) -> Matrix:
        return np.array([prior.get(name, 0.0) for name in (*self.intents, *self.ambiguities)], dtype=np.float32)

    def _centred(self, vectors: Matrix) -> Matrix:
        return unit(vectors - self._mean)

    def _joined(self, vectors: Matrix, texts: Sequence[str]) -> Matrix:
        return np.hstack((vectors, np.float32(NGRAM_WEIGHT) * self._grams.rows(texts))).astype(np.float32)


def levelled_texts(texts: Sequence[Taught], abstraction: Abstraction) -> list[str]:
    """The texts as the encoder is to see them."""
    return [abstraction.levelled(one.text, one.spans) for one in texts]
