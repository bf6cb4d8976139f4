"""Rows with their targets, and what a model says of them."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from unstuck.record import Array

CLASSES, LABELS, NUMBERS = "classes", "labels", "numbers"
"""Kinds of targets: one class a row, several labels a row, numbers."""


class Predicted(NamedTuple):
    """What a model says of rows.

    Attributes:
        labels: as targets are: (n,) or (n, columns).
        probabilities: of classes or labels, (n, k); ``None`` where the model gives none.
    """

    labels: Array
    probabilities: Array | None = None

    def take(self, rows: Array) -> Predicted:
        """What is said of some of the rows."""
        some = None if self.probabilities is None else self.probabilities[rows]
        return Predicted(self.labels[rows], some)


Model = Callable[[Any], Predicted]
"""From rows (n, inputs) to what is said of them."""


@dataclass(frozen=True)
class Examples:
    """Rows and their targets.

    Attributes:
        x: inputs, (n, inputs), dense or CSR.
        y: targets as the estimator predicts them, (n,) or (n, columns).
        w: weights, (n,).
    """

    x: Any
    y: Array
    w: Array

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Array) -> Examples:
        """Some of the rows."""
        return Examples(self.x[rows], self.y[rows], self.w[rows])

    def counting(self) -> Examples:
        """The rows that count: those of weight 0 left out. Weights have a mean of 1, so that
        their unit decides nothing and no sum of them overflows."""
        some = self if (self.w > 0).all() else self.take(np.flatnonzero(self.w > 0))
        w = some.w / max(some.w.max(initial=0.0), np.finfo(float).tiny)
        return replace(some, w=w / w.mean() if len(w) else w)


def model_of(estimator: Any) -> Model:
    """What an estimator of scikit-learn's contract says, with probabilities where it has some."""

    def said(x: Any) -> Predicted:
        with _without_names():
            return Predicted(estimator.predict(x), _probabilities(estimator, x))

    return said


def quick_model_of(estimator: Any) -> Model:
    """The same for measures of probabilities, where there are some: they ask for no labels."""

    def said(x: Any) -> Predicted:
        with _without_names():
            probabilities = _probabilities(estimator, x)
            known = probabilities is not None
            return Predicted(np.empty(0) if known else estimator.predict(x), probabilities)

    return said


@contextlib.contextmanager
def _without_names() -> Iterator[None]:
    """Rows come as arrays here, also where the fit knew names."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names", UserWarning)
        yield


def _probabilities(estimator: Any, x: Any) -> Array | None:
    return estimator.predict_proba(x) if hasattr(estimator, "predict_proba") else None


def columns_of(values: Array) -> Array:
    """Targets as a matrix.

    Example:
        >>> columns_of(np.array([1, 2])).shape
        (2, 1)
    """
    return values.reshape(len(values), -1)
