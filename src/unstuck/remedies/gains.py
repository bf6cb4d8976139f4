"""What a treatment gains, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from unstuck.remedies.divisions import Division
from unstuck.remedies.fits import Outcome
from unstuck.uncertainty import ROUNDING, margin


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
    def margin(self) -> float:
        """Half of the 95 % interval; infinite of a single pair."""
        return margin(self.error, self.pairs - 1)

    @property
    def spread(self) -> str:
        """Half an interval of 95 %, in words for a table."""
        return f"{self.margin:.3f}" if self.pairs > 1 else ""


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


def paired(
    before: Sequence[Outcome] | None,
    after: Sequence[Outcome],
    of: Callable[[Outcome], float] = lambda each: each.test,
) -> Gain | None:
    """The gain of some fits over others, seed by seed; ``None`` of fewer than two pairs.

    Arguments:
        before, after: what came out of fits; of those that failed nothing counts. ``None`` for
            zeros.
        of: in which they are compared; on held-out rows, if not given.
    """
    second = {each.job.seed: of(each) for each in after if not each.error}
    first = dict.fromkeys(second, 0.0)
    if before is not None:
        first = {each.job.seed: of(each) for each in before if not each.error}
    seeds = [seed for seed in second if seed in first]
    if len(seeds) < 2:
        return None
    found = gain([first[seed] for seed in seeds], [second[seed] for seed in seeds])
    return redivided(found, after[0].job.division)


def redivided(found: Gain, division: Division) -> Gain:
    """A gain of pairs whose rows were divided at random each time.

    Such divisions have rows in common, so that their differences are more alike than those of fresh
    rows would be.

    Formula:
        error^2 = (1/n + held-out rows / training rows) * variance of the differences

    Arguments:
        found: the gain, with its error as if the pairs had nothing in common.
        division: one of them; where rows were trained on and judged by, nothing is changed.

    Example:
        >>> division = Division(np.arange(75), np.arange(75, 100))
        >>> round(redivided(Gain(0.5, 0.6, 0.1, 3), division).error, 4)
        0.1414

    Reference: Nadeau and Bengio 2003.
    """
    if division.train is division.test:
        return found
    ratio = len(division.test) / len(division.train)
    return found._replace(error=found.error * math.sqrt(1 + found.pairs * ratio))
