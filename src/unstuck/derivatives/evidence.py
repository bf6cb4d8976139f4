"""What the values along a line say of its slope, and how sure that is."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from unstuck.derivatives.differences import EPSILON, RATIO, WINDOW, Line

SURE = 8.0
"""Standard deviations of the noise within which a slope is believed to be."""
RISE = 100.0
SEEN = 0.05
ROUGH = 1e-2
POINTS = 41
ALIKE = 0.5
"""Least ratio of what differences of the sixth and of the fourth order tell of a noise."""
FEW = 16.0
"""Roundings by which a derivative may be off, of the largest of them, and a value by its noise."""


class Slope(NamedTuple):
    """A numeric derivative.

    Attributes:
        value: by Richardson's extrapolation from two neighboring steps.
        error: how far it may be from the derivative.
        step: the smaller of the two steps.
        noise: of the function's values.
    """

    value: float
    error: float
    step: float
    noise: float


def slope_of(line: Line, after: float = 0.0, noise: float = 0.0) -> Slope | None:
    """The slope that the smallest reliable steps agree on.

    Every step gives a slope and how far off noise may make it, which falls as the step grows. From
    the smallest step up, slopes have to agree with all before them. The first that does not ends
    the search, and so does one that is much less sure: from there the function is another one
    (bent, periodic, saturated). The surest of those before is the answer. So no step that is too
    long can outvote the shorter ones, whatever it says.

    The noise at a step is what is left of the values at it and the shorter ones when the smooth odd
    functions ``h`` and ``h^3`` (and a constant) are taken out. It never falls with the step.

    Arguments:
        line: through the point.
        after: steps up to this one are left out.
        noise: that the function is known to have.

    Returns:
        The slope; ``None`` where there are too few steps.

    Reference: Ridders 1982 (extrapolation); Moré and Wild 2011 (noise); Goldenshluger and
    Nemirovski 1997 (intersecting intervals).
    """
    steps = line.steps
    if len(steps) < WINDOW:
        return None
    centrals = line.central(steps)
    return _settled(steps, (RATIO**2 * centrals[:-1] - centrals[1:]) / (RATIO**2 - 1.0),
                    noise_of(line, steps), after, noise)  # fmt: skip


def bend_of(line: Line) -> Slope | None:
    """The slope on the right less the slope on the left: 0 but at a kink."""
    steps = line.steps
    if len(steps) < WINDOW:
        return None
    right, left = line.sides(steps)
    bends = (right - 2.0 * line.here + left) / steps
    found = (RATIO * bends[:-1] - bends[1:]) / (RATIO - 1.0)
    return _settled(steps, found, 4.0 * noise_of(line, steps), 0.0, 0.0)


def noise_of(line: Line, steps: np.ndarray) -> np.ndarray:
    """The noise of the values up to every step; NaN below the first one at which it is seen."""
    right, left = line.sides(steps)
    windows = np.lib.stride_tricks.sliding_window_view((right - left) / 2.0, WINDOW)
    rest = np.zeros(len(steps))
    rest[WINDOW - 1 :] = np.sqrt(((windows @ _REST) ** 2).sum(1) / (WINDOW - 3))
    rounding = line.rounding(steps)
    seen = rest > SEEN * rounding
    # Where the function computes with fewer digits, it is constant below its own rounding.
    blind = int(np.argmax(seen)) if seen.any() else 0
    noise = np.maximum.accumulate(np.maximum(rest, rounding))
    return np.where(np.arange(len(steps)) < max(blind, WINDOW - 1), np.nan, noise)


def _rest() -> np.ndarray:
    """Takes what is smooth and odd out of the values at the steps of a window."""
    h = RATIO ** -np.arange(WINDOW, dtype=float)[::-1]
    basis, _ = np.linalg.qr(np.stack([np.ones(WINDOW), h, h**3], 1))
    return np.eye(WINDOW) - basis @ basis.T


_REST = _rest()


def _settled(
    steps: np.ndarray, slopes: np.ndarray, noise: np.ndarray, after: float, least: float
) -> Slope | None:
    """The surest of the slopes, up to where the function is another one."""
    sigma = np.maximum(noise[1:], least)  # of the longer of the two steps
    # Where the slope has a kink its error falls with the step alone, to a quarter each time.
    away = 2.0 * np.abs(np.diff(slopes, prepend=np.nan))
    errors = np.maximum(SURE * sigma / steps[:-1], away)
    low, high, best = -math.inf, math.inf, None
    for k in np.flatnonzero((steps[:-1] > after) & np.isfinite(errors)):
        low, high = max(low, slopes[k] - errors[k]), min(high, slopes[k] + errors[k])
        if low > high or (best and errors[k] > RISE * best.error):
            break
        if best is None or errors[k] < best.error:
            best = Slope(*map(float, (slopes[k], errors[k], steps[k], sigma[k])))
    return best


def roughness(line: Line, reach: float) -> tuple[float, float]:
    """The noise of a function that is no smooth curve at a scale, 0 for one that is; and its size.

    A function that computes with fewer digits inside is a staircase: smooth between its steps, and
    what is seen there says nothing. Looked at from further away it is a curve with noise.

    Arguments:
        line: through the point.
        reach: how far is looked, on both sides.
    """
    noise, _, span, size = _noise_within(line, reach)
    rough = noise > max(ROUGH * span, 4.0 * EPSILON * size)
    return (noise if rough else 0.0), size


def small_stairs(line: Line, reach: float) -> float:
    """The noise of a part that has fewer digits, on a curve of float64 that may hide it; 0: none.

    Noise is alike in the differences of every order, a smooth curve is not.

    Arguments:
        line: through the point.
        reach: how far is looked, on both sides.
    """
    noise, higher, _, size = _noise_within(line, reach)
    least, most = 4.0 * EPSILON * size, FEW * line.digits * size
    return noise if least < noise < most and higher > ALIKE * noise else 0.0


def _noise_within(line: Line, reach: float) -> tuple[float, float, float, float]:
    """Noise as differences of fourth and of sixth order tell; the values' range and size."""
    values = line.at(reach * np.linspace(-1.0, 1.0, POINTS))
    if not np.isfinite(values).all():
        return 0.0, 0.0, math.inf, math.inf
    noise, higher = (
        math.sqrt(float(np.mean(np.diff(values, n) ** 2)) / math.comb(2 * n, n)) for n in (4, 6)
    )
    return noise, higher, float(np.ptp(values)), float(np.abs(values).max())
