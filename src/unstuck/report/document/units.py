"""What every unit does: whether it passes something back, and whether anybody listens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.health.diseases.structure import flatness
from unstuck.health.diseases.units import stuck_units
from unstuck.record import LayerRecord

IDLE = 1e-3
"""What a unit hands on, as a share of the most that a unit of its layer does, from which on it is
idle."""


class State(NamedTuple):
    """What a unit may be.

    Attributes:
        name: in a word.
        means: in a few.
    """

    name: str
    means: str


STATES = (
    State("at work", "its slope lets adjoints through"),
    State("idle", f"it hands on under {IDLE:.1%} of what the busiest unit of its layer does"),
    State("saturated", "at an end of its range, slope near 0, on over 95 % of the rows"),
    State("dead", "on its flat side, slope near 0, on over 95 % of the rows"),
    State("not a number", "what it computes is not finite"),
)
"""Of a unit, by number."""
WORKING, IDLE_UNIT, SATURATED, DEAD, BROKEN = range(len(STATES))


def states(layer: LayerRecord, after: LayerRecord | None) -> np.ndarray:
    """The state of every unit of a layer, (units,).

    Arguments:
        layer: the layer.
        after: the one that it hands its outputs to; ``None`` of the last.
    """
    outputs = np.asarray(layer.values["output"], float)
    found = np.full(outputs.shape[1], WORKING)
    with np.errstate(invalid="ignore", over="ignore"):
        handed = handed_on(layer, after)
        found[handed < IDLE * np.nanmax(handed, initial=0.0)] = IDLE_UNIT
        if after is not None and layer.unit.saturates != "never":
            found[stuck_units(layer)] = SATURATED if layer.unit.saturates == "both" else DEAD
    found[~np.isfinite(outputs).all(0)] = BROKEN
    return found


def handed_on(layer: LayerRecord, after: LayerRecord | None) -> np.ndarray:
    """How much each unit moves the next layer: the deviation of its output over the rows times the
    norm of the weights that take it, (units,); 1 where these are not those of a dense layer.

    Arguments:
        layer, after: as in ``states``.
    """
    outputs = np.asarray(layer.values["output"], float)
    weights = None if after is None else after.weights.get("weights")
    if weights is None or np.ndim(weights) != 2 or len(weights) != outputs.shape[1]:
        return np.ones(outputs.shape[1])
    return outputs.std(0) * np.linalg.norm(weights, axis=1)


def active_share(layer: LayerRecord) -> float:
    """The share of (row, unit) pairs with a slope that lets adjoints through."""
    with np.errstate(invalid="ignore"):
        return 1.0 - float(layer.mean(flatness(layer)))
