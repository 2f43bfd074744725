"""Multinomial logistic regression in numpy."""

from collections import deque

import numpy as np
import numpy.typing as npt

from adapters.local_nlu.features import Matrix

STRENGTH = 30.0
"""Inverse of the penalty on large weights (C)."""
_MEMORY = 8
_STEPS = 60
_SMALL = 1e-3

Indices = npt.NDArray[np.int64]


class LinearClassifier:
    """`weights` are features (and one bias) by classes."""

    def __init__(self, weights: Matrix) -> None:
        self.weights = weights

    def logits(self, rows: Matrix) -> Matrix:
        """A score for each class, row by row."""
        scores: Matrix = rows @ self.weights[:-1] + self.weights[-1]
        return scores


def softmax(logits: Matrix) -> Matrix:
    """Probabilities, row by row."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Matrix = shifted / shifted.sum(axis=1, keepdims=True)
    return shares


def fit(
    rows: Matrix,
    classes: Indices,
    count: int,
    *,
    importance: Matrix | None = None,
    strength: float = STRENGTH,
    steps: int = _STEPS,
    start: Matrix | None = None,
) -> LinearClassifier:
    """Train on `rows`, each of class `classes[i]` in 0..count-1, by L-BFGS with two-loop recursion (Nocedal 1980).

    `importance` weighs the rows. `start` are weights to start from.
    """
    problem = _Problem(rows, classes, count, importance, strength)
    weights = np.zeros((rows.shape[1] + 1, count), dtype=np.float32) if start is None else start.copy()
    loss, gradient = problem.at(weights)
    memory: deque[tuple[Matrix, Matrix, float]] = deque(maxlen=_MEMORY)
    for _ in range(steps):
        if float(np.abs(gradient).max()) < _SMALL:
            break
        direction = _direction(gradient, memory)
        slope = float(np.vdot(direction, gradient))
        size = 1.0 if memory else min(1.0, 1.0 / float(np.abs(gradient).sum()))
        for _ in range(20):
            ahead = weights + np.float32(size) * direction
            new_loss, new_gradient = problem.at(ahead)
            if new_loss <= loss + 1e-4 * size * slope:
                break
            size /= 2
        else:
            break
        step, change = ahead - weights, new_gradient - gradient
        curvature = float(np.vdot(step, change))
        if curvature > 1e-10:
            memory.append((step, change, curvature))
        weights, loss, gradient = ahead, new_loss, new_gradient
    return LinearClassifier(weights)


class _Problem:
    """The penalised loss and its gradient."""

    def __init__(self, rows: Matrix, classes: Indices, count: int, importance: Matrix | None, strength: float) -> None:
        self._rows = rows
        self._classes = classes
        self._truth = np.zeros((len(rows), count), dtype=np.float32)
        self._truth[np.arange(len(rows)), classes] = 1.0
        self._importance = np.ones(len(rows), dtype=np.float32) if importance is None else importance
        self._penalty = np.float32(1.0 / strength)

    def at(self, weights: Matrix) -> tuple[float, Matrix]:
        shares = softmax(self._rows @ weights[:-1] + weights[-1])
        chosen = shares[np.arange(len(shares)), self._classes]
        loss = -float(np.sum(self._importance * np.log(np.maximum(chosen, 1e-12))))
        loss += 0.5 * float(self._penalty) * float(np.vdot(weights[:-1], weights[:-1]))
        errors = (shares - self._truth) * self._importance[:, None]
        gradient = np.empty_like(weights)
        gradient[:-1] = self._rows.T @ errors + self._penalty * weights[:-1]
        gradient[-1] = errors.sum(axis=0)
        return loss, gradient


def _direction(gradient: Matrix, memory: deque[tuple[Matrix, Matrix, float]]) -> Matrix:
    direction = -gradient
    shares: list[float] = []
    for step, change, curvature in reversed(memory):
        share = float(np.vdot(step, direction)) / curvature
        shares.append(share)
        direction = direction - np.float32(share) * change
    if memory:
        _, change, curvature = memory[-1]
        direction = direction * np.float32(curvature / float(np.vdot(change, change)))
    for (step, change, curvature), share in zip(memory, reversed(shares), strict=True):
        back = float(np.vdot(change, direction)) / curvature
        direction = direction + np.float32(share - back) * step
    return direction
