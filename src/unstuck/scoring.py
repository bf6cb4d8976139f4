"""Scores of predictions, each with what every row adds to it: so ``uncertainty`` says how sure it
is, and how sure the difference of two scores on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unstuck.errors import DataError
from unstuck.uncertainty import Parts, Score

LOWER_IS_BETTER = ("log_loss", "RMSE", "MAE")


def scores(
    y: np.ndarray,
    predicted: np.ndarray,
    task: str,
    probabilities: np.ndarray | None = None,
    classes: Sequence[Any] | np.ndarray = (),
) -> dict[str, Score]:
    """What predictions are worth, by name.

    For classes: accuracy; balanced accuracy, the mean of the classes' recalls; and where there are
    probabilities AUC (the mean over the classes that there are of each against the rest) and log
    loss, both of the rows whose class is one of the known: no other was given a probability. For
    numbers: R2, RMSE and MAE.

    Arguments:
        y: targets, shape (n,).
        predicted: shape (n,).
        task: ``"classification"`` or ``"regression"``.
        probabilities: shape (n, k).
        classes: their k classes.

    Raises:
        DataError: there is no row, or predictions are not as many.

    Example:
        >>> import numpy as np
        >>> found = scores(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 1.0]), "regression")
        >>> {name: round(each.value, 3) for name, each in found.items()}
        {'R2': 0.5, 'RMSE': 0.577, 'MAE': 0.333}

    Reference: Hampel 1974 (influence); DeLong, DeLong and Clarke-Pearson 1988 (AUC); Agresti and
        Min 2005 (shares).
    """
    if not len(y) or len(predicted) != len(y):
        raise DataError(f"{len(predicted)} predictions for {len(y)} targets; expected one each.")
    if task != "classification":
        return {each.name: each for each in _of_numbers(y, predicted)}
    right = (predicted == y).astype(float)
    one = Parts(np.zeros(len(y), int), right, np.ones(1), shares=True)
    found = [_mean("accuracy", right, one), _balanced(y, right)]
    if probabilities is not None:
        found += _of_probabilities(y, probabilities, np.asarray(classes))
    return {each.name: each for each in found}


def measured_classes(y: np.ndarray, classes: np.ndarray) -> list[int]:
    """Which classes are told from the rest by AUC: those with rows of their own and others; of
    two, the second says it all.

    Example:
        >>> measured_classes(np.array(["a", "c"]), np.array(["a", "b", "c"]))
        [0, 2]
    """
    both = [place for place, name in enumerate(classes) if 0 < np.sum(y == name) < len(y)]
    return both[1:] if len(classes) == 2 else both


def _mean(name: str, each: np.ndarray, parts: Parts | None = None) -> Score:
    value = float(np.mean(each))
    return Score(name, value, each - value, parts)


def _of_numbers(y: np.ndarray, predicted: np.ndarray) -> list[Score]:
    """The pulls of a function of means are its slopes times theirs."""
    errors = (predicted - y) ** 2
    squared = _mean("", errors)
    spread = _mean("", (y - np.mean(y)) ** 2)
    root = squared.value**0.5
    lost = squared.value / spread.value if spread.value else float("nan")
    pulls = (lost * spread.pulls - squared.pulls) / spread.value if spread.value else 0 * errors
    return [
        Score("R2", 1 - lost, pulls),
        Score("RMSE", root, squared.pulls / (2 * root) if root else squared.pulls),
        _mean("MAE", np.abs(predicted - y)),
    ]


def _balanced(y: np.ndarray, right: np.ndarray) -> Score:
    """The mean of the recalls of the classes that there are."""
    _, which, sizes = np.unique(y, return_inverse=True, return_counts=True)
    recalls = np.bincount(which, right) / sizes
    pulls = (right - recalls[which]) * (len(y) / (len(sizes) * sizes[which]))
    even = np.full(len(sizes), 1 / len(sizes))
    parts = Parts(which, right / len(sizes), even, shares=True)
    return Score("balanced_accuracy", float(np.mean(recalls)), pulls, parts)


def _of_probabilities(y: np.ndarray, p: np.ndarray, classes: np.ndarray) -> list[Score]:
    known = np.isin(y, classes)
    if not known.any():
        return []
    found = [_area(y[known], p[known], classes), _surprise(y[known], p[known], classes)]
    return [_of_some(each, known) for each in found if each is not None]


def _of_some(score: Score, known: np.ndarray) -> Score:
    """A score of some rows as one of all: the others pull at nothing."""

    def all_rows(each: np.ndarray, others: float = 0.0) -> np.ndarray:
        filled = np.full(len(known), others, each.dtype)
        filled[known] = each
        return filled

    pulls = all_rows(score.pulls) * (len(known) / known.sum())
    parts = score.parts and score.parts._replace(
        group=all_rows(score.parts.group, -1), values=all_rows(score.parts.values)
    )
    return score._replace(pulls=pulls, parts=parts, rows=float(known.sum()))


def _surprise(y: np.ndarray, p: np.ndarray, classes: np.ndarray) -> Score:
    """Minus the logarithm of the probability of the right class, as scikit-learn bounds it."""
    smallest = np.finfo(float).eps
    right = (y[:, None] == classes[None, :]).astype(float)
    given = (p * right).sum(1) / p.sum(1)
    return _mean("log_loss", -np.log(np.clip(given, smallest, 1)))


def _area(y: np.ndarray, probabilities: np.ndarray, classes: np.ndarray) -> Score | None:
    """Each class against the rest. What a row adds is at most what its class' rows can: by being
    told from the rest, and by being no other."""
    columns = measured_classes(y, classes)
    if not columns:
        return None
    found = [_area_of(y == classes[c], probabilities[:, c]) for c in columns]
    values, each = zip(*found, strict=True)
    pulls = np.mean(each, axis=0)
    names, group, sizes = np.unique(y, return_inverse=True, return_counts=True)
    reach = np.zeros(len(names))
    for c in columns:
        own = names == classes[c]
        reach += np.where(own, 1.0, sizes / (len(y) - sizes[own])) / len(columns)
    parts = Parts(group, pulls * sizes[group] / len(y), reach)
    return Score("AUC", float(np.mean(values)), pulls, parts)


def _area_of(among: np.ndarray, height: np.ndarray) -> tuple[float, np.ndarray]:
    """The share of pairs, one of the class and one not, that are in order; ties count half."""
    inside, outside = np.sort(height[among]), np.sort(height[~among])

    def below(sorted_: np.ndarray, values: np.ndarray) -> np.ndarray:
        both = np.searchsorted(sorted_, values, "left") + np.searchsorted(sorted_, values, "right")
        return both / (2 * len(sorted_))

    pulls = np.empty(len(height))
    pulls[among] = below(outside, height[among])
    area = float(np.mean(pulls[among]))
    pulls[~among] = 1 - below(inside, height[~among])
    shares = np.where(among, np.mean(among), np.mean(~among))
    return area, (pulls - area) / shares
