"""What kind of point: stationary or not, and how the function bends there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.derivatives.around import Around, InUnits, length
from unstuck.derivatives.spectrum import Spectrum

REACH = 2.0 ** -np.arange(24)
"""Steps at which a direction is tried, in units of the parameters' size."""
AT_ZERO = 2.0 ** np.arange(-120.0, 121.0, 4.0)
FLAT_STEPS = np.array([1e-1, 1e-2])
ROUNDING = 1e-12
UNSEEN = 1e-14


class Point(NamedTuple):
    """A point of a function.

    Attributes:
        verdict: what it is.
        zero: which eigenvalues count as 0.
        descent: a direction of norm 1 in which the function falls; ``None`` if none was found.
        step, fall: a step along it, and by how much the function falls.
    """

    verdict: str
    zero: np.ndarray
    descent: np.ndarray | None
    step: float
    fall: float


def point_of(around: Around | InUnits, spectrum: Spectrum, tolerance: float) -> Point:
    """The kind of a point, and a way down from it.

    Arguments:
        around: the function.
        spectrum: of its Hessian.
        tolerance: share of the largest eigenvalue, and of the parameters' size, that counts as 0.
    """
    steepest = float(np.abs(spectrum.values).max())
    zero = np.abs(spectrum.values) <= tolerance * steepest
    size = _size(around, spectrum)
    downhill = spectrum.vectors[:, :1]
    short = _one_step_away(around, spectrum, zero, tolerance)
    if not (short or _stationary(around, steepest, tolerance, size)):
        verdict, downhill = "not stationary", -around.gradient[:, None]
    else:
        verdict = _verdict(around, spectrum, zero, size)
        downhill = spectrum.vectors[:, zero] if verdict == "degenerate" else downhill
    found = max((_descent(around, each, size) for each in downhill.T), key=lambda each: each.fall)
    falls = verdict != "minimum" and found.fall > 0.0
    if verdict == "saddle" and not falls:  # below the rounding of the value
        verdict = "degenerate"
    way = found if falls else _WayDown(None, 0.0, 0.0)
    return Point(verdict, zero, *way)


def _stationary(around: Around | InUnits, steepest: float, tolerance: float, size: float) -> bool:
    """Whether a step along the gradient is short where it lowers the function most, or for nothing.

    In the quadratic model that step is ``|g| / k`` long, with the curvature ``k = g'Hg / g'g``, and
    the function falls by ``g'g / 2 k``. Neither depends on an offset of the function, and their
    comparison with value and parameters on no unit. Where the way is flat, there is no such model,
    and the function is asked.
    """
    norm = length(around.gradient)
    if not norm:
        return True
    unit, bend = around.gradient / norm, abs(around.bend)
    way = norm / bend if bend else np.inf
    if bend > tolerance * steepest:
        return way <= tolerance * _rms(around.point) or norm * way <= 2.0 * UNSEEN * abs(
            around.here
        )
    way = min(way, size)
    fall = around.here - around.value(around.point - way * unit)
    return norm * way <= UNSEEN * abs(around.here) or fall <= 0.125 * norm * way


def _one_step_away(
    around: Around | InUnits, spectrum: Spectrum, zero: np.ndarray, tolerance: float
) -> bool:
    """Whether Newton's step is short along every eigenvector; at a saddle the gradient's is not."""
    if not spectrum.complete or zero.any():
        return False
    steps = spectrum.vectors.T @ around.gradient / spectrum.values
    return bool(np.abs(steps).max() <= tolerance * _rms(around.point))


def _rms(point: np.ndarray) -> float:
    largest = float(np.abs(point).max(initial=0.0))
    return largest * float(np.sqrt(np.mean((point / largest) ** 2))) if largest else 0.0


def _size(around: Around | InUnits, spectrum: Spectrum) -> float:
    """How far is looked: the size of the parameters, or where all are 0, of the bowl they are in.

    There a step is taken at which the function still bends as its second derivative says; 1 if it
    may be.
    """
    size = _rms(around.point)
    if size:
        return size
    k = int(np.argmax(np.abs(spectrum.values)))
    bend, direction = float(spectrum.values[k]), spectrum.vectors[:, k]
    with np.errstate(all="ignore"):
        seen = np.array([_second(around, t, direction) for t in AT_ZERO])
        fits = np.abs(seen / (bend * AT_ZERO**2) - 1.0) < 0.5
    return float(min(AT_ZERO[fits], key=lambda t: abs(np.log(t)), default=1.0))


def _second(around: Around | InUnits, t: float, direction: np.ndarray) -> float:
    both = (around.value(around.point + side * t * direction) for side in (1.0, -1.0))
    return sum(both) - 2.0 * around.here


def _verdict(around: Around | InUnits, spectrum: Spectrum, zero: np.ndarray, size: float) -> str:
    """The kind of a stationary point."""
    up = bool((~zero & (spectrum.values > 0)).any())
    down = bool((~zero & (spectrum.values < 0)).any())
    if up and down:
        return "saddle"
    bowl = up or down
    if bowl and zero.any():
        bowl = spectrum.complete and _constant(around, spectrum, zero, size)
    return ("minimum" if up else "maximum") if bowl else "degenerate"


def _constant(around: Around | InUnits, spectrum: Spectrum, zero: np.ndarray, size: float) -> bool:
    """Whether the function keeps its value along flat directions and a mixture of them."""
    directions = spectrum.vectors[:, zero]
    mixture = directions @ np.random.default_rng(0).normal(size=directions.shape[1])
    mixture /= np.linalg.norm(mixture) or 1.0
    steepest, slope = (float(np.abs(a).max()) for a in (spectrum.values, around.gradient))
    steps = size * FLAT_STEPS if around.point.any() else AT_ZERO[::3]
    for direction in (*directions.T, mixture):
        for step in steps:
            scale = max(abs(around.here), slope * step, steepest * step**2)
            for t in (step, -step):
                change = abs(around.value(around.point + t * direction) - around.here)
                if np.isfinite(change) and change > ROUNDING * scale:
                    return False
    return True


class _WayDown(NamedTuple):
    """A direction of norm 1, a step along it, and by how much the function falls."""

    direction: np.ndarray | None
    step: float
    fall: float


def _descent(around: Around | InUnits, direction: np.ndarray, size: float) -> _WayDown:
    """The side of a direction on which the function falls most, of the steps that are tried."""
    unit = direction / (float(np.linalg.norm(direction)) or 1.0)
    best = _WayDown(unit, 0.0, 0.0)
    for side in (1.0, -1.0):
        for step in size * REACH:
            fall = around.here - around.value(around.point + side * step * unit)
            if fall > max(best.fall, ROUNDING * abs(around.here)):
                best = _WayDown(side * unit, float(step), fall)
    return best
