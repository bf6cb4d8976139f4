"""Where along a line the slope is looked for: at a few steps, at all, beyond a staircase."""

from __future__ import annotations

import math

import numpy as np

from unstuck.derivatives.differences import EPSILON, RATIO, Line
from unstuck.derivatives.evidence import FEW, SURE, Slope, roughness, slope_of, small_stairs
from unstuck.derivatives.modes import Along

QUICK = np.array([1.3e-2, 1.1e-3, 1.2e-4, 1.1e-6, 1.3e-9])
HIDDEN, SMALL = 0.1, 1e-3
STEADY = 0.2
WITHIN = np.array([0.21, 0.49, 0.73, 1.0])
"""Shares of a distance up to which the derivative is asked whether it keeps its value."""
STAIRS = 3
"""How often a staircase is looked for: one of float32, one of half precision, one more."""
STAIR, STEEP, LOST = 1e5, 0.03, 1e-5
"""Largest stair: in roundings of the fewest digits inside, and as a share of the value, there and
where all is float64 and digits are lost by subtraction."""
REACHES = 64.0 * 16.0 ** np.arange(5.0)
"""How far stairs are looked for that a curve of float64 hides, in roundings of the digits inside:
the numbers there may be larger than the parameters."""


def relative_error(analytic: float, slope: Slope, tolerance: float) -> float:
    """Relative error that is at most ``tolerance`` where the rest may be unresolved."""
    gap = abs(analytic - slope.value)
    size = max(abs(analytic), abs(slope.value)) + slope.error / tolerance
    return math.inf if not math.isfinite(gap) else gap / size if gap else 0.0


def resolved(analytic: float, slope: Slope) -> bool:
    """Whether the numeric slope, or the analytic one, is known to a digit."""
    return slope.error <= HIDDEN * max(abs(analytic), abs(slope.value))


def at_once(line: Line, analytic: float, tolerance: float) -> Slope | None:
    """The slope of a few steps, where two of them settle it and no shorter one contradicts.

    Nothing is known of the noise yet but rounding; where that does not explain what is seen, or
    some numbers inside have fewer digits, the whole ladder has to be looked at.
    """
    if line.digits > EPSILON:
        return None
    steps, size = QUICK, abs(analytic)
    right, left = line.sides(steps)
    centrals, unresolved = (right - left) / (2.0 * steps), SURE * line.rounding(steps) / steps
    shares = (steps[:-1] / steps[1:]) ** 2 - 1.0
    slopes = centrals[1:] + np.diff(centrals) / shares
    gaps = np.abs(centrals - analytic)
    for k in range(len(steps) - 2):
        error = float(unresolved[k + 1])
        settled = error <= tolerance * size
        agrees = abs(slopes[k] - analytic) <= tolerance * abs(analytic) + error
        shorter = (
            gaps[k + 1 :]
            <= np.maximum(tolerance * abs(analytic), gaps[k + 1]) + (unresolved[k + 1 :])
        )
        if settled and agrees and shorter.all():
            bends = np.abs(right - 2.0 * line.here + left) / steps
            smooth = bends[-2] <= SMALL * size + 4.0 * unresolved[-2]
            found = Slope(float(slopes[k]), error, float(steps[k + 1]), error * float(steps[k + 1]))
            return found if smooth else None
    return None


def looked_for(
    line: Line, along: Along, analytic: float, scale: float, tolerance: float
) -> Slope | None:
    """The slope of the whole ladder; of a staircase, what it is from further away.

    Digits that are lost inside make a staircase, whose stairs are flat or have another slope. Where
    the program holds numbers of fewer digits, a slope that is seen on a stair is none; elsewhere it
    is one if the derivative agrees with it, and does not keep its value over many stairs that have
    another slope together. Such a program rounds its derivatives, too.
    """
    best = slope_of(line)
    if best is None or best.error > tolerance * max(abs(analytic), abs(best.value)):
        line.widen()
        best = slope_of(line)
    best = _beside_stairs(line, best)
    for _ in range(STAIRS):
        if best is None:
            break
        reach = RATIO**2 * best.step
        noise, size = roughness(line, reach)
        further = slope_of(line, reach, noise) if noise else None
        if further is None or noise > max(min(STAIR * line.digits, STEEP), LOST) * size:
            break
        agrees = line.digits <= EPSILON and _settled(analytic, best, tolerance)
        if agrees and not _contradicts(line, along, analytic, further):
            break
        best = further
    if best is None or line.digits <= EPSILON:
        return best
    return best._replace(error=best.error + FEW * line.digits * max(abs(analytic), scale))


def _beside_stairs(line: Line, best: Slope | None) -> Slope | None:
    """The slope from beyond stairs that are a small part of the values; ``best`` without them.

    On such a stair the rest has a slope that is seen to all digits, and not the derivative.
    """
    if best is None or line.digits <= EPSILON:
        return best
    for reach in REACHES[REACHES * line.digits < 1.0] * line.digits:
        noise = small_stairs(line, reach) if reach > best.step else 0.0
        further = slope_of(line, reach, noise) if noise else None
        if further is not None:
            return further
    return best


def straight(line: Line, along: Along, analytic: float, gap: float, step: float) -> bool:
    """Whether the derivative keeps its value up to a step, beside a gap, so the function should."""
    right, left = (
        np.array([along(line.point + t * line.direction, line.direction) for t in side])
        for side in (step * WITHIN, -step * WITHIN)
    )
    return float(np.abs(0.5 * (right + left) - analytic).mean()) <= STEADY * gap


def _contradicts(line: Line, along: Along, analytic: float, further: Slope) -> bool:
    """Whether the function goes another way than the derivative, over where that stays as it is."""
    gap = abs(analytic - further.value)
    seen = gap > 2.0 * further.error
    return seen and straight(line, along, analytic, gap, 4.0 * SURE * further.noise / gap)


def _settled(analytic: float, slope: Slope, tolerance: float) -> bool:
    agrees = relative_error(analytic, slope, tolerance) <= tolerance
    return agrees and resolved(analytic, slope)
