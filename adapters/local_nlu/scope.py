"""Whether an utterance is any of the catalogue's business."""

from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from adapters.local_nlu.classifier import Indices
from adapters.local_nlu.features import Matrix, unit

NEAR = 0.6
"""Background lines as near as this to a user's own example are left out."""
_MOST_EXAMPLES = 100
_NEIGHBOURS = 10

# Fitted by logistic regression on catalogues of 4 to 25 intents with 3 to 20 examples, drawn from the training and
# validation splits of a Chinese and an English data set, against utterances of other intents and of none.
_CENTROID, _BACKGROUND, _LEAD, _SIZE, _NEAREST, _CONSTANT = 3.9, -2.35, 0.5, -1.09, 3.3, 0.7
_COUNTER = -8.0
"""For each unit that a counter-example is nearer than any example: 今天天气不错 lies by 天气不错."""
_TO_THRESHOLD = float(np.log(0.6 / 0.4))
"""The score is nought on the border; candidates are taken from 0.6, so that is what the border becomes."""


@cache
def background() -> tuple[str, ...]:
    """Everyday sentences in Chinese and English that ask for nothing."""
    content = resources.files("adapters.local_nlu").joinpath("background.txt").read_text("utf-8")
    return tuple(line for line in content.splitlines() if line and not line.startswith("#"))


class Scope:
    """`rows` are centred embeddings of the examples of `count` classes, `counters` those of counter-examples.

    `bank` are those of the background that was kept.
    """

    def __init__(self, rows: Matrix, classes: Indices, count: int, counters: Matrix, bank: Matrix) -> None:
        self._rows = rows
        self._counters = counters
        self._bank = np.vstack((bank, counters))
        members = np.bincount(classes, minlength=count)
        sums = np.zeros((count, rows.shape[1]), dtype=np.float32)
        np.add.at(sums, classes, rows)
        self._centroids = unit(sums)
        self._sizes = np.log(np.clip(members, 1, _MOST_EXAMPLES))
        self._own = classes[None, :] == np.arange(count)[:, None]

    def accepted(self, queries: Matrix, best: Indices, lead: Matrix, favour: float = 0.0) -> npt.NDArray[np.float64]:
        """The probability that each query is meant for its class `best`.

        `lead` is how far that class's logit leads the background's; `favour` is added to the score.
        """
        towards = np.einsum("ij,ij->i", queries, self._centroids[best])
        nearest = np.where(self._own[best], queries @ self._rows.T, -1.0).max(axis=1)
        noise = np.sort(queries @ self._bank.T, axis=1)[:, -_NEIGHBOURS:].mean(axis=1)
        score = _CENTROID * towards + _BACKGROUND * noise + _LEAD * lead + _NEAREST * nearest
        score = score + _SIZE * self._sizes[best] + _CONSTANT + favour + _TO_THRESHOLD
        if len(self._counters):
            score = score + _COUNTER * np.maximum((queries @ self._counters.T).max(axis=1) - nearest, 0.0)
        probability: npt.NDArray[np.float64] = 1 / (1 + np.exp(-score.astype(np.float64)))
        return probability
