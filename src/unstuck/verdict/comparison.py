"""The network beside a constant and a linear model on the same rows: the difference, and how far
it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.record import Array
from unstuck.verdict.measures import Measure, effective
from unstuck.verdict.opponents import CONSTANT

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

    The margin of the difference comes from the rows in pairs, as ``uncertainty`` has it.

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
    difference, _, margin = mine.minus(found[opponent])
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
        margin=mine.margin,
        opponent=opponent,
        difference=difference,
        difference_margin=margin,
        result=result,
        too_few=few or (result == SAME and 2 * margin > scale),
    )


def _result(gain: float, margin: float) -> str:
    if gain > margin:
        return BETTER
    return WORSE if -gain > margin else SAME
