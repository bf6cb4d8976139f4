"""How sure a score is, and the difference of two scores of the same rows.

A score ``s`` of n rows moves by ``pull_i / n`` where row i counts a little more (its influence).
Its standard error is ``sqrt(mean(pull^2) / n)``, and that of a difference on the same rows is that
of the pulls' difference: what is hard for both says nothing about which one is better.

Where all rows of a class are right, their pulls are 0, and yet other rows may be wrong. So what is
made of shares is looked at class by class, as if there were a few rows more.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95
"""Of every interval."""
ROUNDING = 1e-9
"""Share of a score below which its error is that of the arithmetic."""
FLOOR = 1 / 3
"""Standard error of a mean that does not vary, in what one row of all can change; intervals of AUC
then hold the truth in 92 of 100 samples of 20 to 300 rows or more, counted."""


class Parts(NamedTuple):
    """Groups of rows, of whose means a score is the sum.

    Attributes:
        group: of each row, from 0, shape (n,); -1 where a row does not count.
        values: of each row, shape (n,).
        reach: of each group, from its least possible value to its largest, shape (k,).
        shares: whether each value is either.
    """

    group: np.ndarray
    values: np.ndarray
    reach: np.ndarray
    shares: bool = False

    def like(self, other: Parts) -> bool:
        """Whether the groups are the same rows."""
        return self.shares == other.shares and np.array_equal(self.group, other.group)

    def error(self) -> tuple[float, float]:
        """The standard error, and its degrees of freedom by Satterthwaite; 0 where a group has one
        row only."""
        return self._error(float(self.shares))

    def minus(self, other: Parts) -> tuple[float, float]:
        """The same of the difference of two scores, from the rows in pairs."""
        reach = np.maximum(self.reach, other.reach)
        return self._replace(values=self.values - other.values, reach=reach)._error(0.0)

    def _error(self, middle: float) -> tuple[float, float]:
        inside = self.group >= 0
        group, values = self.group[inside], self.values[inside]
        count = np.bincount(group, minlength=len(self.reach))
        total, squares = (np.bincount(group, each) for each in (values, values**2))
        if self.shares:
            more = count + 2
            mean = (total + middle * self.reach) / more
            found = ((squares + self.reach**2) / more - mean**2) / more
        else:
            off = np.bincount(group, (values - (total / count)[group]) ** 2)
            found = off / (np.maximum(count - 1, 1) * count)
            found += (FLOOR * self.reach / (count + 2)) ** 2
        if count.min() < 2:
            return float(found.sum() ** 0.5), 0.0
        return float(found.sum() ** 0.5), float(found.sum() ** 2 / np.sum(found**2 / (count - 1)))


class Difference(NamedTuple):
    """Of two scores of the same rows.

    Attributes:
        value: the difference.
        error: its standard error.
        margin: half its interval.
    """

    value: float
    error: float
    margin: float


class Score(NamedTuple):
    """A score, and what each row adds to it.

    Attributes:
        name: such as ``"accuracy"``.
        value: of all rows.
        pulls: the influence of each row, shape (n,); their mean is 0.
        parts: shares that it is made of.
        rows: of equal weight that say as much; by default as many as there are.
    """

    name: str
    value: float
    pulls: np.ndarray
    parts: Parts | None = None
    rows: float | None = None

    @property
    def uncertainty(self) -> float:
        """The standard error. Of a share that of ``(k + 1) / (n + 2)``: one that is 0 or 1 is not
        certain.

        Example:
            >>> import numpy as np
            >>> from unstuck.scoring import scores
            >>> y = np.zeros(98)
            >>> round(scores(y, y, "classification")["accuracy"].uncertainty, 3)
            0.01
        """
        return self._known()[0]

    @property
    def margin(self) -> float:
        """Half an interval of 95 % confidence; infinite where a share would be known to plus
        and minus 1, or a class has one row only: nothing is known."""
        error, free = self._known()
        return margin(error, free, math.inf if self.parts is None else 1.0)

    def _known(self) -> tuple[float, float]:
        if self.parts is not None:
            return self.parts.error()
        return _rounded(_error(self.pulls), abs(self.value)), self._free

    @property
    def _free(self) -> float:
        return (len(self.pulls) if self.rows is None else self.rows) - 1

    def minus(self, other: Score) -> Difference:
        """The difference to another score of the same rows.

        Example:
            >>> import numpy as np
            >>> from unstuck.scoring import scores
            >>> y = np.arange(8.0)
            >>> a, b = (scores(y, y + by, "regression")["RMSE"] for by in (1.0, 3.0))
            >>> b.minus(a)
            Difference(value=2.0, error=0.0, margin=0.0)
        """
        size = max(abs(self.value), abs(other.value))
        difference = _rounded(self.value - other.value, size)
        if self.parts is not None and other.parts is not None and self.parts.like(other.parts):
            error, free = self.parts.minus(other.parts)
            return Difference(difference, error, margin(error, free, 1.0))
        error = _rounded(_error(self.pulls - other.pulls), size)
        most = math.inf if self.parts is None else 1.0
        return Difference(difference, error, margin(error, self._free, most))


def margin(error: float, free: float, most: float = math.inf) -> float:
    """Half an interval of 95 % confidence: Student's t times the standard error.

    Arguments:
        error: the standard error.
        free: degrees of freedom; without any, nothing is known.
        most: from which on it says nothing, and is infinite.

    Example:
        >>> round(margin(1.0, 37), 3), margin(1.0, 1, most=1.0), margin(1.0, 0)
        (2.026, inf, inf)
    """
    from scipy.stats import t

    if free <= ROUNDING:
        return math.inf
    found = error * float(t.ppf(0.5 + CONFIDENCE / 2, free)) if error else 0.0
    return found if found < most else math.inf


def _error(pulls: np.ndarray) -> float:
    return float((np.mean(pulls**2) / len(pulls)) ** 0.5)


def _rounded(found: float, size: float) -> float:
    return 0.0 if abs(found) <= ROUNDING * size else found
