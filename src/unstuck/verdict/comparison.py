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
FEW = 10
"""Fewer rows than these say nothing of how good a network is."""


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
        too_few: whether these are too few rows to judge by: fewer than ``FEW``, or the interval of
            a difference within the noise is wider than a constant's value, of a share than 1.
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
    too_few: bool = False

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

    The margin of the difference comes from the rows in pairs, as ``scoring`` has it: Student's
    ``t`` times the standard error of what each row adds to it.

    Arguments:
        measure: by which.
        w: weights of the rows, (n,); rows that are NaN are left out.
        network: the network's numbers, row by row, (n,).
        others: those of the others, by name: a constant, and a linear model if there is one.
    """
    kept = np.isfinite(network) & (w > 0)
    w = w[kept]
    mine = measure.score(network[kept], w)
    found = {name: measure.score(each[kept], w) for name, each in others.items()}
    pick = max if measure.higher else min
    opponent = pick(found, key=lambda name: found[name].value)
    difference, error = mine.minus(found[opponent])
    times = _quantile(w)
    margin, own = (_bounded(measure, times * each) for each in (error, mine.uncertainty))
    result = _result(difference if measure.higher else -difference, margin)
    scale = 1.0 if measure.binary else found[CONSTANT].value
    few = effective(w) < FEW
    result = SAME if few else result
    return Comparison(
        measure=measure.name,
        higher=measure.higher,
        network=mine.value,
        linear=next((each.value for name, each in found.items() if name != CONSTANT), None),
        constant=found[CONSTANT].value,
        margin=own,
        opponent=opponent,
        difference=difference,
        difference_margin=margin,
        result=result,
        too_few=few or (result == SAME and 2 * margin > scale),
    )


def _bounded(measure: Measure, margin: float) -> float:
    """A margin; infinite where a share would be known to plus and minus 1: nothing is known."""
    return float("inf") if measure.binary and margin >= 1 else margin


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
    w = w / w.max()
    return float(w.sum() ** 2 / (w**2).sum())


def _quantile(w: Array) -> float:
    """Standard errors in half an interval; infinite for one row."""
    from scipy.stats import t

    free = effective(w) - 1
    return float(t.ppf(0.5 + CONFIDENCE / 2, free)) if free > 1e-9 else float("inf")
