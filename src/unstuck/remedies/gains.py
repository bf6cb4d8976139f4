"""What a treatment gains, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from unstuck.uncertainty import ROUNDING


class Gain(NamedTuple):
    """A mean difference of scores in pairs: the same seed and rows, without and with a treatment.

    Attributes:
        before, after: mean scores.
        error: standard error of the difference; 0 of a single pair, of which none is known.
        pairs: how many.
    """

    before: float
    after: float
    error: float
    pairs: int

    @property
    def mean(self) -> float:
        """The gain."""
        return self.after - self.before

    def least(self, doubt: float) -> float:
        """A bound that the true gain is above

        Formula:
            mean - t(1 - doubt, pairs - 1) * error
        """
        from scipy.stats import t

        if self.pairs < 2:
            return -math.inf
        return self.mean - float(t.ppf(1 - doubt, self.pairs - 1)) * self.error

    @property
    def spread(self) -> str:
        """Half an interval of 95 %, in words for a table."""
        from scipy.stats import t

        if self.pairs < 2:
            return ""
        return f"{float(t.ppf(0.975, self.pairs - 1)) * self.error:.3f}"


def gain(before: Sequence[float], after: Sequence[float], ratio: float) -> Gain:
    """The gain of pairs whose rows were divided anew each time.

    Divisions of the same rows have rows in common, so that their differences are more alike than
    those of fresh rows would be: the variance of the mean is larger than 1/n of theirs.

    Formula:
        error^2 = (1/n + ratio) * variance of the differences

    Arguments:
        before, after: scores in pairs.
        ratio: rows judged by over rows trained on.

    Example:
        >>> found = gain([0.1, 0.2, 0.1], [0.9, 0.9, 0.9], ratio=1 / 3)
        >>> round(found.mean, 3), round(found.error, 3), found.least(0.01) > 0
        (0.767, 0.047, True)

    Reference: Nadeau and Bengio 2003.
    """
    differences = np.subtract(after, before)
    count = len(differences)
    variance = float(np.var(differences, ddof=1)) if count > 1 else 0.0
    error = math.sqrt((1 / count + ratio) * variance)
    return Gain(
        float(np.mean(before)), float(np.mean(after)), error if error > ROUNDING else 0.0, count
    )
