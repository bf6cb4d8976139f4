"""The network beside a constant and a linear model on the same rows: the difference, and how far
it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.record import Array
from unstuck.verdict.measures import Measure
from unstuck.verdict.opponents import CONSTANT

CONFIDENCE = 0.95
"""Of every interval."""
BETTER, SAME, WORSE = "better", "within the noise", "worse"


@dataclass(frozen=True)
class Comparison:
    """What three models reach by one measure, on the same rows.

    Attributes:
        measure: its name.
        higher: whether more is better.
        network, linear, constant: what they reach; ``linear`` is ``None`` where there is none.
        margin: the network's value is known to plus and minus this, at 95 % confidence.
        opponent: which of the two others is the better one.
        difference: the network's value minus the opponent's.
        difference_margin: that is known to plus and minus this, from the rows' own differences.
        result: ``"better"``, ``"worse"``, or ``"within the noise"``.
    """

    measure: str
    higher: bool
    network: float
    linear: float | None
    constant: float
    margin: float
    opponent: str
    difference: float
    difference_margin: float
    result: str

    @property
    def reached(self) -> float:
        """By the better of the two others."""
        known = self.constant if self.opponent == CONSTANT else self.linear
        assert known is not None
        return known

    @property
    def ahead(self) -> bool | None:
        """Whether the network is on the better side, be it by noise; ``None`` for a tie."""
        return None if self.difference == 0 else (self.difference > 0) == self.higher

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return dict(vars(self))


def compared(measure: Measure, w: Array, network: Array, others: dict[str, Array]) -> Comparison:
    """Compare by a measure.

    The margin of the difference ``d`` comes from the rows, paired: ``t s / sqrt(n)`` with ``s`` the
    deviation of their differences (of a root by the delta method). Where rows are right or wrong,
    half a row is added to each of the four ways in which two models can be right or wrong, which
    keeps the interval honest where they differ in few rows.

    Arguments:
        measure: by which.
        w: weights of the rows, (n,); rows that are NaN are left out.
        network: the network's numbers, row by row, (n,).
        others: those of the others, by name: a constant, and a linear model if there is one.

    Reference: Agresti and Min 2005, for the difference of paired proportions.
    """
    kept = np.isfinite(network) & (w > 0)
    w, network = w[kept], network[kept]
    rows = {name: each[kept] for name, each in others.items()}
    values = {name: measure.of(each, w) for name, each in rows.items()}
    pick = max if measure.higher else min
    opponent = pick(values, key=lambda name: values[name])
    mine = measure.of(network, w)
    difference = mine - values[opponent]
    moved = measure.influence(network, w) - measure.influence(rows[opponent], w)
    if measure.binary:
        spread = _of_pairs(network - rows[opponent], w)
    else:
        spread = _of_mean(moved, w)
    own = _of_share(network, w) if measure.binary else _of_mean(measure.influence(network, w), w)
    return Comparison(
        measure=measure.name,
        higher=measure.higher,
        network=mine,
        linear=next((value for name, value in values.items() if name != CONSTANT), None),
        constant=values[CONSTANT],
        margin=own,
        opponent=opponent,
        difference=difference,
        difference_margin=spread,
        result=_result(difference if measure.higher else -difference, spread),
    )


def _result(gain: float, margin: float) -> str:
    if gain > margin:
        return BETTER
    return WORSE if -gain > margin else SAME


def effective(w: Array) -> float:
    """How many rows of equal weight say as much as these.

    Example:
        >>> effective(np.ones(5)), effective(np.array([1.0, 0.0]))
        (5.0, 1.0)
    """
    return float(w.sum() ** 2 / (w**2).sum())


def _of_mean(values: Array, w: Array) -> float:
    """Half the interval of a weighted mean; infinite for one row."""
    from scipy.stats import t

    n = effective(w)
    if n <= 1 + 1e-9:
        return float("inf")
    share = w / w.sum()
    variance = float(share**2 @ (values - share @ values) ** 2) * n / (n - 1)
    return float(t.ppf(0.5 + CONFIDENCE / 2, n - 1) * np.sqrt(variance))


def _of_pairs(differences: Array, w: Array) -> float:
    """Of the difference of two shares on the same rows, which are -1, 0 or 1."""
    n = effective(w)
    mean, square = (float(np.average(each, weights=w)) for each in (differences, differences**2))
    larger = n + 2
    variance = (n * square + 1 - (n * mean) ** 2 / larger) / larger**2
    return _normal() * float(np.sqrt(variance)) * larger / n


def _of_share(right: Array, w: Array) -> float:
    """Of one share, with two rows more of each kind (Agresti and Coull 1998)."""
    n = effective(w)
    share = (float(np.average(right, weights=w)) * n + 2) / (n + 4)
    return _normal() * float(np.sqrt(share * (1 - share) / (n + 4)))


def _normal() -> float:
    from scipy.stats import norm

    return float(norm.ppf(0.5 + CONFIDENCE / 2))
