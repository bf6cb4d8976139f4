"""By what models are compared: a number for every row, whose mean is the measure or becomes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.record import Array
from unstuck.uncertainty import Parts, Score
from unstuck.verdict.examples import CLASSES, NUMBERS, Predicted, columns_of

SMALLEST = float(np.finfo(float).eps)
"""Probabilities are taken for at least this, as scikit-learn's ``log_loss`` does."""

FEW = 3
"""Weights that may be those of classes, however few rows there are."""


@dataclass(frozen=True)
class Measure:
    """A measure of how good predictions are.

    Attributes:
        name: of it, in words.
        rows: ``rows(y, predicted)``: a number for every row, (n,), NaN where there is none.
        higher: whether more is better.
        root: whether it is the root of the rows' mean, not the mean.
        binary: whether rows are 0 or 1.
    """

    name: str
    rows: Callable[[Array, Predicted], Array]
    higher: bool = False
    root: bool = False
    binary: bool = False

    def of(self, values: Array, w: Array) -> float:
        """The measure, from the numbers of the rows and their weights."""
        mean = float(np.average(values, weights=w))
        return float(np.sqrt(mean)) if self.root else mean

    def score(self, values: Array, w: Array) -> Score:
        """The measure with what each row adds to it: of a root by the delta method."""
        value, center = self.of(values, w), float(np.average(values, weights=w))
        pulls = len(w) * (w / w.sum()) * (values - center)
        slope = 1 / (2 * value) if self.root and value > 0 else 1.0
        parts = _parts(values, w, pulls) if self.binary else None
        return Score(self.name, value, slope * pulls, parts, effective(w))


def effective(w: Array) -> float:
    """How many rows of equal weight say as much as these.

    Example:
        >>> effective(np.ones(5)), effective(np.array([1.0, 0.0]))
        (5.0, 1.0)
    """
    w = w / w.max()
    return float(w.sum() ** 2 / (w**2).sum())


def _parts(values: Array, w: Array, pulls: Array) -> Parts:
    """Rows that are 0 or 1, as groups of equal weights where these are few, as those of classes
    are."""
    weights, group, counts = np.unique(w, return_inverse=True, return_counts=True)
    if len(weights) > max(FEW, len(w) ** 0.5):
        return Parts(np.zeros(len(w), int), pulls, np.array([w.max() / w.mean()]))
    reach = weights * counts / w.sum()
    return Parts(group, values * reach[group], reach, shares=True)


def measures(kind: str, classes: Array, estimator: Any, train: Array) -> tuple[Measure, ...]:
    """What models of a kind are compared by, the most telling one first.

    Arguments:
        kind: of the targets.
        classes: all classes, in the order of the probabilities.
        estimator: whose loss, class weights and probabilities decide.
        train: targets of the training rows, by which several outputs become comparable.
    """
    if kind == NUMBERS:
        return (_of_numbers(estimator, columns_of(train)),)
    weights = getattr(estimator, "class_weight", None)
    balanced = isinstance(weights, str) and kind == CLASSES
    name = "balanced_accuracy" if balanced else "accuracy"
    name = "weighted_accuracy" if weights is not None and not balanced else name
    accuracy = Measure(name, _right, higher=True, binary=True)
    if not hasattr(estimator, "predict_proba"):
        return (accuracy,)
    lost = _lost(classes) if kind == CLASSES else _lost_labels
    return accuracy, Measure("log_loss", lost)


def quantile_of(estimator: Any) -> float | None:
    """The quantile that an estimator's loss makes it predict; ``None`` for other losses."""
    loss = _loss_of(estimator)
    if loss is None or loss.name not in ("absolute_error", "quantile"):
        return None
    return 0.5 if loss.name == "absolute_error" else float(loss.constant)


def _loss_of(estimator: Any) -> Any:
    """The loss that was chosen; ``None`` for the usual one."""
    from unstuck.losses import LOSSES

    chosen = getattr(estimator, "loss", "auto")
    return None if isinstance(chosen, str) and chosen == "auto" else LOSSES.resolve(chosen)


def _of_numbers(estimator: Any, train: Array) -> Measure:
    loss = _loss_of(estimator)
    scale = train.std(0) if train.shape[1] > 1 else np.ones(1)
    scale = np.where(scale > 0, scale, 1.0)
    unit = "standardized_" if train.shape[1] > 1 else ""

    def errors(y: Array, predicted: Predicted) -> Array:
        return (columns_of(y) - columns_of(predicted.labels)) / scale

    if loss is not None and loss.name in ("absolute_error", "quantile"):
        q = quantile_of(estimator)
        assert q is not None
        absolute = loss.name == "absolute_error"

        def tilted(y: Array, predicted: Predicted) -> Array:
            off = errors(y, predicted)
            return (1 + absolute) * np.maximum(q * off, (q - 1) * off).mean(1)

        return Measure(unit + ("MAE" if absolute else "pinball_loss"), tilted)
    return Measure(f"{unit}RMSE", lambda y, said: (errors(y, said) ** 2).mean(1), root=True)


def _right(y: Array, predicted: Predicted) -> Array:
    return (columns_of(y) == columns_of(predicted.labels)).all(1).astype(float)


def _lost(classes: Array) -> Callable[[Array, Predicted], Array]:
    def rows(y: Array, predicted: Predicted) -> Array:
        probabilities = predicted.probabilities
        assert probabilities is not None
        same = y[:, None] == classes
        given = np.where(same, probabilities, 0.0).sum(1) / probabilities.sum(1)
        return np.where(same.any(1), -np.log(np.clip(given, SMALLEST, 1.0)), np.nan)

    return rows


def _lost_labels(y: Array, predicted: Predicted) -> Array:
    probabilities = predicted.probabilities
    assert probabilities is not None
    given = np.where(columns_of(y) > 0, probabilities, 1.0 - probabilities)
    return -np.log(np.clip(given, SMALLEST, 1.0)).mean(1)
