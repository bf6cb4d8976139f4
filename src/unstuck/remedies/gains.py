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


def gain(before: Sequence[float], after: Sequence[float]) -> Gain:
    """The gain of scores in pairs.

    Formula:
        error^2 = variance of the differences / n

    Arguments:
        before, after: scores in pairs.

    Example:
        >>> found = gain([0.1, 0.2, 0.1], [0.9, 0.9, 0.9])
        >>> round(found.mean, 3), round(found.error, 3), found.least(0.01) > 0
        (0.767, 0.033, True)
    """
    differences = np.subtract(after, before)
    count = len(differences)
    deviation = float(np.std(differences, ddof=1)) if count > 1 else 0.0
    error = deviation / math.sqrt(count) if deviation > ROUNDING else 0.0
    return Gain(float(np.mean(before)), float(np.mean(after)), error, count)
