"""Scores of predictions, each with what every row adds to it: so how sure it is, and how sure the
difference of two scores on the same rows.

A score ``s`` of n rows moves by ``pull_i / n`` where row i counts a little more (its influence).
Its standard error is ``sqrt(mean(pull^2) / n)``, and that of a difference on the same rows is that
of the pulls' difference: what is hard for both says nothing about which one is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from unstuck.errors import DataError

LOWER_IS_BETTER = ("log_loss", "RMSE", "MAE")
SHARES = ("accuracy", "balanced_accuracy", "AUC")
"""Between 0 and 1."""
CONFIDENCE = 0.95
"""Of every interval."""


class Score(NamedTuple):
    """A score, and what each row adds to it.

    Attributes:
        name: such as ``"accuracy"``.
        value: of all rows.
        pulls: the influence of each row, shape (n,); their mean is 0.
        share: whether it is a share of the rows, and ``value + pulls`` are zeros and ones.
    """

    name: str
    value: float
    pulls: np.ndarray
    share: bool = False

    @property
    def uncertainty(self) -> float:
        """The standard error. Of a share that of ``(k + 1) / (n + 2)``: one that is 0 or 1 is not
        certain.

        Example:
            >>> import numpy as np
            >>> y = np.zeros(98)
            >>> round(scores(y, y, "classification")["accuracy"].uncertainty, 3)
            0.01
        """
        if self.share:
            return _of_share(float(np.sum(self.pulls + self.value)), len(self.pulls))
        return _error(self.pulls)

    def minus(self, other: Score) -> tuple[float, float]:
        """The difference to another score of the same rows, and its standard error.

        Example:
            >>> import numpy as np
            >>> y = np.arange(8.0)
            >>> a, b = (scores(y, y + by, "regression")["RMSE"] for by in (1.0, 3.0))
            >>> b.minus(a)
            (2.0, 0.0)
        """
        difference = self.value - other.value
        pulls = self.pulls - other.pulls
        if self.share and other.share:
            # Half a row more in each cell of the table right/wrong x right/wrong (Agresti, Min).
            each, rows = pulls + difference, len(pulls) + 2
            square = float(np.sum(each**2) + 1) / rows - (float(np.sum(each)) / rows) ** 2
            return difference, (square / rows) ** 0.5
        return difference, _error(pulls)


def margin(error: float, rows: int, name: str = "") -> float:
    """Half an interval of 95 % confidence: Student's t times the standard error. Infinite for one
    row, and where a score between 0 and 1 would be known to plus and minus 1.

    Arguments:
        error: the standard error.
        rows: how many were measured.
        name: of the score.

    Example:
        >>> round(margin(1.0, 38, "RMSE"), 3), margin(0.3, 2, "accuracy")
        (2.026, inf)
    """
    from scipy.stats import t

    half = error * float(t.ppf(0.5 + CONFIDENCE / 2, rows - 1)) if rows > 1 else float("inf")
    return float("inf") if name in SHARES and half >= 1 else half


def scores(
    y: np.ndarray,
    predicted: np.ndarray,
    task: str,
    probabilities: np.ndarray | None = None,
    classes: Sequence[Any] | np.ndarray = (),
) -> dict[str, Score]:
    """What predictions are worth, by name.

    For classes: accuracy; balanced accuracy, the mean of the classes' recalls; and where there are
    probabilities AUC (the mean over the classes of each against the rest) and log loss. For
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
    found = [_mean("accuracy", right, share=True), _balanced(y, right)]
    if probabilities is not None:
        given = np.asarray(classes)
        area = _area(y, probabilities, given)
        found += [area] if area is not None else []
        found.append(_mean("log_loss", _surprises(y, probabilities, given)))
    return {each.name: each for each in found}


def _error(pulls: np.ndarray) -> float:
    return float((np.mean(pulls**2) / len(pulls)) ** 0.5)


def _of_share(count: float, rows: int) -> float:
    share = (count + 1) / (rows + 2)
    return float((share * (1 - share) / (rows + 2)) ** 0.5)


def _mean(name: str, each: np.ndarray, share: bool = False) -> Score:
    value = float(np.mean(each))
    return Score(name, value, each - value, share)


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
    return Score("balanced_accuracy", float(np.mean(recalls)), pulls)


def _surprises(y: np.ndarray, probabilities: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Minus the logarithm of the probability of the right class, as scikit-learn bounds it."""
    smallest = np.finfo(float).eps
    right = (y[:, None] == classes[None, :]).astype(float)
    return -np.log(np.clip((probabilities * right).sum(1), smallest, 1))


def _area(y: np.ndarray, probabilities: np.ndarray, classes: np.ndarray) -> Score | None:
    """Each class against the rest; of two classes one says it all."""
    found = []
    for column in range(1, 2) if len(classes) == 2 else range(len(classes)):
        among = y == classes[column]
        if among.any() and not among.all():
            found.append(_area_of(among, probabilities[:, column]))
    if not found:
        return None
    values, pulls = zip(*found, strict=True)
    return Score("AUC", float(np.mean(values)), np.mean(pulls, axis=0))


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
