"""How much sharper a classifier's probabilities should be (temperature scaling, Guo et al. 2017, arXiv 1706.04599)."""

import numpy as np

from adapters.local_nlu.classifier import Indices, fit, softmax
from adapters.local_nlu.features import Matrix

FEW = 2.5
"""With a handful of examples regularised regression is far too modest; cross-validation is too noisy to help."""
MANY_CLASSES = 20
_LARGE = 4000
_FOLDS = 3
_FACTORS = np.linspace(0.6, 6.0, 28)
_STEPS = 30


def sharpness(rows: Matrix, classes: Indices, count: int, weights: Matrix) -> float:
    """The factor for the logits: fixed for small catalogues, else the one that fits held-out examples best."""
    if count < MANY_CLASSES or len(rows) < 3 * count:
        return FEW
    turn = np.arange(len(rows)) % (_FOLDS if len(rows) < _LARGE else 6)
    logits, truth = [], []
    for fold in range(_FOLDS if len(rows) < _LARGE else 1):
        held = turn == fold
        model = fit(rows[~held], classes[~held], count, importance=weights[~held], steps=_STEPS)
        logits.append(model.logits(rows[held]))
        truth.append(classes[held])
    return _best(np.concatenate(logits), np.concatenate(truth))


def _best(logits: Matrix, truth: Indices) -> float:
    at = np.arange(len(truth))
    losses = [-np.log(np.maximum(softmax(logits * f)[at, truth], 1e-9)).mean() for f in _FACTORS.astype(np.float32)]
    return float(_FACTORS[int(np.argmin(losses))])
