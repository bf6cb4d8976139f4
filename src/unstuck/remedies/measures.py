"""How stuck a network is: numbers of its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from unstuck.health.diseases.structure import FLAT, flatness
from unstuck.health.diseases.units import stuck_units
from unstuck.record import Array, LayerRecord, Record

HIDDEN_STUCK, OUTPUTS_STUCK = "hidden_stuck", "outputs_stuck"
MOSTLY_STUCK, FLAT_PAIRS = "mostly_stuck", "flat_pairs"
GROWTH, LOSS = "growth", "loss"
ALL = 1 - 1e-9
"""Of the rows."""
WRONG = 0.5
"""An output is wrong that is farther than this from its target, in the range of its unit."""


def measured(record: Record) -> Mapping[str, float]:
    """All of them, by name."""
    return {
        HIDDEN_STUCK: hidden_stuck(record),
        OUTPUTS_STUCK: outputs_stuck(record),
        MOSTLY_STUCK: mostly_stuck(record),
        FLAT_PAIRS: flat_pairs(record),
        GROWTH: growth(record),
    }


def hidden_stuck(record: Record) -> float:
    """Share of the hidden units that are flat on nearly every row; 0 without hidden layers. Those
    that never saturate are not stuck: their slope is small, and does not vanish."""
    return _share(record, [stuck_units(each) & _saturates(each) for each in record.layers[:-1]])


def mostly_stuck(record: Record) -> float:
    """Share of the hidden units that are stuck as one says it: those that saturate on both sides
    where they are flat on more than half of the rows, the others where they are on all."""
    shares = [flatness(each).mean(0) for each in record.layers[:-1]]
    enough = [0.5 if each.unit.saturates == "both" else ALL for each in record.layers[:-1]]
    kinds = [_saturates(each) for each in record.layers[:-1]]
    return _share(
        record, [(a > b) & kind for a, b, kind in zip(shares, enough, kinds, strict=True)]
    )


def flat_pairs(record: Record) -> float:
    """Share of the pairs of row and hidden unit in which the unit is flat."""
    return _share(record, [flatness(e).mean(0) * _saturates(e) for e in record.layers[:-1]])


def _share(record: Record, of_units: Sequence[Array]) -> float:
    return float(np.mean(np.concatenate(of_units))) if len(record.layers) > 1 else 0.0


def _saturates(layer: LayerRecord) -> bool:
    return layer.unit.saturates != "never"


def outputs_stuck(record: Record) -> float:
    """Share of the rows on which some output unit is wrong and yet passes hardly anything back.

    Formula:
        |z - y| > range / 2  and  |dL/da| < 0.02 |z - y| h'_max

    Output units of no bounded range cannot be stuck: their slope does not vanish.
    """
    last = record.layers[-1]
    low, high = last.unit.bounds
    if not np.isfinite(high - low):
        return 0.0
    error = np.abs(last.values["output"] - record.targets)
    back = np.abs(last.adjoints["preactivation"])
    stuck = (error > WRONG * (high - low)) & (back < FLAT * last.unit.largest_slope * error)
    return float(stuck.any(1).mean())


def growth(record: Record) -> float:
    """By how many powers of ten the outputs of the last hidden layer are larger than those of the
    first one, as root mean squares; 0 with a single hidden layer."""
    sizes = [float(np.sqrt(np.mean(each.values["output"] ** 2))) for each in record.layers[:-1]]
    if len(sizes) < 2 or not min(sizes[0], sizes[-1]) > 0:
        return 0.0
    return float(np.log10(sizes[-1] / sizes[0]))
