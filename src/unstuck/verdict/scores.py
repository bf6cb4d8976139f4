"""Scores of predictions, by scikit-learn's metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.record import Array
from unstuck.scoring import measured_classes
from unstuck.silence import silenced
from unstuck.verdict.examples import CLASSES, LABELS, NUMBERS, Examples, Predicted, columns_of

BINS = 10
"""Of the calibration error."""


@dataclass(frozen=True)
class ClassScores:
    """How a class is told from the others.

    Attributes:
        name: of the class or label.
        rows: how many are of it.
        precision: share that is right of those taken for it; ``None`` where none was.
        recall: share that is found of those that are of it; ``None`` where none is.
        taken_for: pairs of another class and how many rows of this one were taken for it, the most
            first.
    """

    name: str
    rows: int
    precision: float | None
    recall: float | None
    taken_for: tuple[tuple[str, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**vars(self), "taken_for": [list(each) for each in self.taken_for]}


def scores(kind: str, rows: Examples, predicted: Predicted, classes: Array) -> dict[str, float]:
    """Scores by name; those that these rows do not have are left out.

    Arguments:
        kind: of the targets.
        rows: with their targets.
        predicted: what was said of them.
        classes: all of them, in the order of the probabilities.
    """
    with silenced(), np.errstate(all="ignore"):
        if kind == NUMBERS:
            found = _of_numbers(rows, predicted)
        elif kind == LABELS:
            found = _of_labels(rows, predicted)
        else:
            found = _of_classes(rows, predicted, classes)
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _of_numbers(rows: Examples, predicted: Predicted) -> dict[str, float]:
    from sklearn import metrics

    given = {"sample_weight": rows.w}
    y, said = columns_of(rows.y), columns_of(predicted.labels)
    varied = len(y) > 1 and bool((y != y[:1]).any())
    return {
        "RMSE": float(metrics.root_mean_squared_error(y, said, **given)),
        "MAE": float(metrics.mean_absolute_error(y, said, **given)),
        "R2": float(metrics.r2_score(y, said, **given)) if varied else np.nan,
    }


def _of_classes(rows: Examples, predicted: Predicted, classes: Array) -> dict[str, float]:
    from sklearn import metrics

    given = {"sample_weight": rows.w}
    found = {
        "accuracy": float(metrics.accuracy_score(rows.y, predicted.labels, **given)),
        "balanced_accuracy": float(
            metrics.balanced_accuracy_score(rows.y, predicted.labels, **given)
        ),
    }
    known = np.isin(rows.y, classes)
    if predicted.probabilities is None or not known.any():
        return found
    y, w, probabilities = rows.y[known], rows.w[known], predicted.probabilities[known]
    return {
        **found,
        "AUC": _auc(y, probabilities, w, classes),
        **_sure(y, probabilities, w, classes),
    }


def _sure(y: Array, probabilities: Array, w: Array, classes: Array) -> dict[str, float]:
    """How good the probabilities are, beside the order they give."""
    from sklearn import metrics

    places = np.asarray(np.searchsorted(classes, y))
    shares = probabilities / probabilities.sum(1, keepdims=True)
    names = np.arange(len(classes))
    hit = (places[:, None] == names).astype(float)
    return {
        "log_loss": float(metrics.log_loss(places, shares, sample_weight=w, labels=names)),
        "Brier_score": float(np.average(((shares - hit) ** 2).sum(1), weights=w)),
        "calibration_error": calibration_error(
            (shares.argmax(1) == places).astype(float), shares.max(1), w
        ),
    }


def calibration_error(right: Array, confidence: Array, w: Array) -> float:
    """How far the share of right rows is from the probability they were given, in the mean over
    ten bins of that probability: ``sum_b w_b |mean right_b - mean p_b| / sum_b w_b``.

    Arguments:
        right: 1 where the most probable class is right, (n,).
        confidence: the probability of that class, (n,).
        w: weights, (n,).

    Example:
        >>> float(calibration_error(np.array([1.0, 0.0]), np.array([0.75, 0.75]), np.ones(2)))
        0.25

    Reference: Guo et al. 2017.
    """
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    off = np.bincount(places, w * (right - confidence), BINS)
    return float(np.abs(off).sum() / w.sum())


def confidence(kind: str, y: Array, predicted: Predicted, classes: Array) -> tuple[Array, Array]:
    """The probability of what is most probable, and whether that is right, row by row, (n,); of
    several labels the means.

    Example:
        >>> said = Predicted(np.array([0, 0]), np.array([[0.75, 0.25], [0.5, 0.5]]))
        >>> sure, right = confidence(CLASSES, np.array([0, 1]), said, np.arange(2))
        >>> sure.tolist(), right.tolist()
        ([0.75, 0.5], [1.0, 0.0])
    """
    p = predicted.probabilities
    assert p is not None
    if kind == LABELS:
        right = (p > 0.5) == (columns_of(y) > 0)
        return np.maximum(p, 1 - p).mean(1), right.mean(1)
    shares = p / p.sum(1, keepdims=True)
    return shares.max(1), (classes[shares.argmax(1)] == y).astype(float)


def _auc(y: Array, probabilities: Array, w: Array, classes: Array) -> float:
    """Of two classes, or the mean of each that has rows against all others; NaN of one class."""
    from sklearn.metrics import roc_auc_score

    columns = measured_classes(y[w > 0], classes)
    found = [roc_auc_score(y == classes[c], probabilities[:, c], sample_weight=w) for c in columns]
    return float(np.mean(found)) if found else float("nan")


def _of_labels(rows: Examples, predicted: Predicted) -> dict[str, float]:
    from sklearn import metrics

    given: Any = {"sample_weight": rows.w}
    found = {
        "accuracy": float(metrics.accuracy_score(rows.y, predicted.labels, **given)),
        "F1": float(metrics.f1_score(rows.y, predicted.labels, average="macro", **given)),
    }
    if predicted.probabilities is None:
        return found
    pairs = list(zip(columns_of(rows.y).T, predicted.probabilities.T, strict=True))
    both = np.array([0, 1])
    auc = [_auc(y, np.column_stack([1 - p, p]), rows.w, both) for y, p in pairs]
    lost = [metrics.log_loss(y, p, labels=[0, 1], **given) for y, p in pairs]
    return {**found, "AUC": float(np.mean(auc)), "log_loss": float(np.mean(lost))}


def of_each_class(
    kind: str, rows: Examples, predicted: Predicted, classes: Array
) -> tuple[ClassScores, ...]:
    """Precision and recall of every class or label; none for numbers."""
    from sklearn.metrics import precision_recall_fscore_support

    if kind == NUMBERS:
        return ()
    counts = confusion(rows, predicted, classes) if kind == CLASSES else None
    labels = {"labels": classes} if kind == CLASSES else {}
    with silenced():
        precision, recall, _, _ = precision_recall_fscore_support(
            rows.y, predicted.labels, sample_weight=rows.w, zero_division=np.nan, **labels
        )
    found = []
    for place, name in enumerate(classes):
        of = rows.y == name if kind == CLASSES else columns_of(rows.y)[:, place] == 1
        others = [] if counts is None else _others(counts[place], place, classes)
        found.append(
            ClassScores(
                str(name), int(of.sum()), _known(precision[place]), _known(recall[place]),
                tuple(others),
            )
        )  # fmt: skip
    return tuple(found)


def confusion(rows: Examples, predicted: Predicted, classes: Array) -> Array:
    """How many rows of each class (down) were taken for each (across), (k, k)."""
    from sklearn.metrics import confusion_matrix

    known = np.isin(rows.y, classes)
    if not known.any():
        return np.zeros((len(classes), len(classes)), int)
    return confusion_matrix(rows.y[known], predicted.labels[known], labels=classes)


def _others(counts: Array, place: int, classes: Array) -> list[tuple[str, int]]:
    order = np.argsort(-counts, kind="stable")
    return [(str(classes[i]), int(counts[i])) for i in order if i != place and counts[i]]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
