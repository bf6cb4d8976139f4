"""What a derivative and the values of the function beside it mean: right, wrong, or no telling."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from unstuck.derivatives.differences import EPSILON, RATIO, WINDOW, Line, order_of
from unstuck.derivatives.evidence import SURE, Slope, bend_of, noise_of
from unstuck.derivatives.looking import (
    HIDDEN,
    STEADY,
    at_once,
    looked_for,
    relative_error,
    resolved,
    straight,
)
from unstuck.derivatives.modes import Along

SMALL = 1e-3
DUST = 1e3 * EPSILON
ONWARD = (1.0, 2.0, 3.0)
BESIDE = RATIO ** np.arange(1.0, 5.0)


class Judgment(NamedTuple):
    """A derivative beside the numeric one.

    Attributes:
        slope: the numeric one.
        error: relative error.
        order: power of the step with which it falls; NaN where it was not measured.
        kind: a key of ``KINDS``.
    """

    slope: Slope
    error: float
    order: float
    kind: str


def judged(line: Line, along: Along, analytic: float, scale: float, tolerance: float) -> Judgment:
    """The analytic derivative along a line beside the numeric one.

    Arguments:
        line: through the point.
        along: the analytic derivative.
        analytic: its value at the point.
        scale: the largest derivative of the function in its other directions.
        tolerance: largest relative error that counts as agreement.
    """
    with np.errstate(all="ignore"):
        slope = at_once(line, analytic, tolerance)
        if slope is not None:
            return Judgment(slope, relative_error(analytic, slope, tolerance), math.nan, "right")
        best = looked_for(line, along, analytic, scale, tolerance)
        if best is None:
            return Judgment(Slope(math.nan, math.inf, 0.0, 0.0), math.nan, math.nan, "edge")
        error = relative_error(analytic, best, tolerance)
        kind = _kind(line, along, analytic, best, scale, error <= tolerance)
        return Judgment(best, error, _order(line, analytic), kind)


def _kind(
    line: Line, along: Along, analytic: float, best: Slope, scale: float, agrees: bool
) -> str:
    if line.reads_as_jump():
        return "jump"
    if agrees:
        size, most = max(abs(analytic), abs(best.value)), max(scale, _steepest(line))
        if not resolved(analytic, best) and not _dust(line, best, size, most):
            return "noise"
        return "kink" if _bent(line, max(size, SMALL * most)) else "right"
    return _disagreement(line, along, analytic, best)


def _disagreement(line: Line, along: Along, analytic: float, best: Slope) -> str:
    """What it means that the values have another slope.

    As far as the derivative keeps its value, the function should be straight. Where it does not, at
    the distance from which the noise lets one see the disagreement, that proves nothing. Where it
    does not at any distance, the point is a special one, or the derivative is wrong.
    """
    gap, smallest = abs(analytic - best.value), float(line.steps[0])
    if not math.isfinite(gap):
        return "wrong"

    def steady(step: float) -> bool:
        return straight(line, along, analytic, gap, step)

    if steady(max(4.0 * SURE * best.noise / gap, smallest)):
        return "wrong"
    if steady(smallest) or _restless(line, along, gap):
        return "noise"
    return "kink" if _right_beside(line, along, gap, best.noise) else "wrong"


def _steepest(line: Line) -> float:
    """The largest slope from the point to another one that is not further than its own size."""
    steps = line.steps[line.steps < 1.0]
    return float((line.moved(steps) / steps)[-WINDOW:].max(initial=0.0))


def _dust(line: Line, best: Slope, size: float, most: float) -> bool:
    """Whether a slope that is not resolved does not matter: it is 0 beside what is."""
    right, left = line.sides(line.steps[line.steps < 1.0])
    around = float(np.abs(np.stack([right, left])).max(initial=abs(line.here)))
    return size <= DUST * around or max(best.error, size) <= SMALL * most


def _bent(line: Line, size: float) -> bool:
    """Whether left and right slopes stay apart although their mean is the analytic one."""
    bend = bend_of(line)
    return bend is not None and abs(bend.value) > max(SMALL * size, 2.0 * bend.error)


def _restless(line: Line, along: Along, gap: float) -> bool:
    """Whether the analytic derivative varies from one smallest step to the next, on both sides."""
    smallest = float(line.steps[0])

    def spread(side: float) -> float:
        beside = [line.point + side * t * smallest * line.direction for t in ONWARD]
        return float(np.ptp([along(p, line.direction) for p in beside]))

    return min(spread(1.0), spread(-1.0)) > STEADY * gap


def _right_beside(line: Line, along: Along, gap: float, noise: float) -> bool:
    """Whether the analytic derivative is right a little before the point and a little after it."""
    least = max(2.0 * SURE * noise / (HIDDEN * gap), RATIO * float(line.steps[0]))
    return any(
        all(_gap_at(line, along, side * t) <= HIDDEN * gap for side in (-1.0, 1.0))
        for t in least * BESIDE
    )


def _gap_at(line: Line, along: Along, t: float) -> float:
    beside = line.point + t * line.direction
    numeric = float(line.central(np.array([abs(t) / 2.0]), t)[0])
    return abs(along(beside, line.direction) - numeric)


def _order(line: Line, analytic: float) -> float:
    steps = line.steps
    noise = noise_of(line, steps)
    return order_of(steps, np.abs(line.central(steps) - analytic), noise / steps)
