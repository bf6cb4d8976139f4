"""How wrong predictions are, row by row, in one unit for all kinds of targets."""

from __future__ import annotations

import math

import numpy as np

from unstuck.record import Array


def row_errors(kind: str, predicted: Array, labels: Array, variance: Array | float = 1.0) -> Array:
    """Error of every row, (n,): 0 where it is right, 1 on average for guesses at numbers.

    Arguments:
        kind: of the targets: ``"classes"``, ``"labels"`` or ``"numbers"``.
        predicted, labels: (n,) of classes, (n, k) of labels or numbers.
        variance: of the numbers, (k,): the unit of their squared errors.

    Returns:
        0 or 1 for classes, the share of wrong labels, or the squared error in units of the
        variance, averaged over the columns.

    Example:
        >>> row_errors("classes", np.array([0, 1, 1]), np.array([0, 1, 0])).tolist()
        [0.0, 0.0, 1.0]
        >>> row_errors("numbers", np.array([[1.0], [1.0]]), np.array([[0.0], [2.0]])).tolist()
        [1.0, 1.0]
    """
    if kind != "numbers":
        wrong = np.asarray(predicted != labels, float)
        return wrong if wrong.ndim == 1 else wrong.mean(1)
    with np.errstate(all="ignore"):
        squares = (predicted - labels) ** 2 / variance
        return np.fmin(squares.mean(1), HUGE)


HUGE = 1e6
"""The largest error; that of a prediction that is no finite number."""


def variance_of(labels: Array, w: Array) -> Array:
    """Variance of every column of numbers, (k,); 1 of a constant one.

    >>> labels = np.array([[0.0, 5.0], [2.0, 5.0], [9.0, 5.0]])
    >>> variance_of(labels, np.array([1.0, 1.0, 0.0])).tolist()
    [1.0, 1.0]
    """
    center = np.average(labels, axis=0, weights=w)
    variance = np.average((labels - center) ** 2, axis=0, weights=w)
    return np.where(variance > 0, variance, 1.0)


def mean(errors: Array, w: Array) -> float:
    """Mean error of the rows that count."""
    return float(np.average(errors, weights=w))


RARE = 0.4
"""A class is rare that has under this share of the rows that it would have of equal ones."""


def rare_classes(labels: Array) -> Array:
    """Names of the classes that are rare.

    >>> rare_classes(np.array([0, 0, 0, 0, 0, 1])).tolist()
    [1]
    """
    names, counts = np.unique(labels, return_counts=True)
    return names[counts * len(names) < RARE * len(labels)]


def by_class(labels: Array, right: Array, classes: Array | None = None) -> float:
    """Balanced accuracy: the share of right rows, class by class, and their mean; 1 of no class.

    Arguments:
        labels, right: of rows, (n,).
        classes: only of these.

    >>> by_class(np.array([0, 0, 0, 1]), np.array([True, True, True, False]))
    0.5
    """
    classes = np.unique(labels) if classes is None else classes
    return float(np.mean([right[labels == each].mean() for each in classes] or 1.0))


def paired_t(worse: Array, better: Array, w: Array) -> float:
    """By how many standard errors the mean difference of two errors of the same rows is above 0.

    >>> paired_t(np.ones(4), np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4)) > 2
    True
    """
    difference = worse - better
    return mean(difference, w) / max(math.sqrt(_squared_error(difference, w)), 1e-9)


def unpaired_t(worse: Array, better: Array, w: Array, v: Array) -> float:
    """By how many standard errors the mean of one group of errors is above that of another.

    >>> ones = np.ones(4)
    >>> unpaired_t(np.array([1.0, 1.0, 1.0, 0.0]), np.zeros(4), ones, ones) > 2
    True
    """
    squares = _squared_error(worse, w) + _squared_error(better, v)
    return (mean(worse, w) - mean(better, v)) / max(math.sqrt(squares), 1e-9)


def _squared_error(errors: Array, w: Array) -> float:
    """The squared standard error of a mean."""
    center = mean(errors, w)
    count = w.sum() ** 2 / (w**2).sum()
    return float(np.average((errors - center) ** 2, weights=w) / max(count - 1, 1))
