"""Central differences along a line, with what they can resolve."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

EPSILON = float(np.finfo(np.float64).eps)
STEP = EPSILON ** (1 / 3)
"""Where truncation, step^2, and rounding, epsilon / step, are alike."""
LARGEST, SMALLEST = 0.1, 1e-11
NOISE_POINTS = 8
SAFETY = 4.0


class Slope(NamedTuple):
    """A numeric derivative.

    Attributes:
        value: by Richardson's extrapolation from two steps.
        error: how far it may be from the derivative.
        step: the smaller of the two steps.
    """

    value: float
    error: float
    step: float


class Line:
    """A function along a line, ``phi(t) = f(p + t d)``, evaluated where it is asked for.

    Arguments:
        value: ``f``, a float64 scalar of a float64 vector.
        point, direction: ``p`` and ``d``, shape (n,).

    Example:
        >>> line = Line(lambda p: np.exp(p[0]), np.zeros(1), np.ones(1))
        >>> abs(line.quick().value - 1.0) < 1e-9, round(line.order(1.0), 1)
        (True, 2.0)

    Reference: Ridders 1982 (extrapolation); Moré and Wild 2011 (noise).
    """

    def __init__(
        self, value: Callable[[np.ndarray], float], point: np.ndarray, direction: np.ndarray
    ) -> None:
        self.value, self.point, self.direction = value, point, direction
        self._known: dict[float, float] = {}

    def at(self, t: float) -> float:
        """The function at ``p + t d``."""
        if t not in self._known:
            self._known[t] = float(self.value(self.point + t * self.direction))
        return self._known[t]

    def central(self, h: float, t: float = 0.0) -> float:
        """``(phi(t + h) - phi(t - h)) / 2h``."""
        return (self.at(t + h) - self.at(t - h)) / (2.0 * h)

    def bend(self, h: float) -> float:
        """The right-hand difference less the left-hand one: tends to 0 but at a kink."""
        return (self.at(h) - 2.0 * self.at(0.0) + self.at(-h)) / h

    def quick(self) -> Slope:
        """The slope from the customary step and half of it."""
        whole, half = self.central(STEP), self.central(STEP / 2)
        size = max(abs(self.at(t)) for t in (0.0, STEP, -STEP))
        return Slope((4.0 * half - whole) / 3.0, SAFETY * EPSILON * size / STEP, STEP / 2)

    @functools.cached_property
    def steps(self) -> np.ndarray:
        """Falling steps, each half of the one before; down to the scale of small entries."""
        moved = np.abs(self.point[self.direction != 0])
        moved = moved[moved > 0]
        scale = float(np.clip(moved.min(), 1e-12, 1.0)) if len(moved) else 1.0
        end = min(SMALLEST, 1e-6 * scale)
        return LARGEST / 2.0 ** np.arange(math.ceil(math.log2(LARGEST / end)) + 1)

    @functools.cached_property
    def centrals(self) -> np.ndarray:
        """The central difference for every step; NaN where the function is not finite."""
        with np.errstate(invalid="ignore"):
            found = np.array([self.central(h) for h in self.steps])
        return np.where(np.isfinite(found), found, np.nan)

    @functools.cached_property
    def noise(self) -> float:
        """Standard deviation of the function's own noise, from differences of high order."""
        spacing = 1e-12
        while True:
            values = np.array([self.at(spacing * i) for i in range(1, NOISE_POINTS + 1)])
            values = values[np.isfinite(values)]
            flat = np.count_nonzero(np.diff(values) == 0) > len(values) // 2
            if not flat or spacing > 1e-6:
                break
            spacing *= 100.0
        rounding = EPSILON * float(np.abs(values).max(initial=abs(self.at(0.0))))
        return max(rounding, *(_level(values, k) for k in (3, 4, 5)))

    @functools.cached_property
    def unresolved(self) -> np.ndarray:
        """What noise and rounding of the values do to the central difference of every step."""
        sizes = np.array([max(abs(self.at(h)), abs(self.at(-h))) for h in self.steps])
        return np.maximum(self.noise, EPSILON * sizes) / self.steps

    def best(self) -> Slope | None:
        """The slope from the pair of steps with the smallest error; ``None`` if none is finite."""
        d, h = self.centrals, self.steps
        slopes = (4.0 * d[1:] - d[:-1]) / 3.0
        errors = np.abs(np.diff(slopes, prepend=np.nan)) + SAFETY * self.unresolved[1:]
        if not np.isfinite(errors).any():
            return None
        k = int(np.nanargmin(errors))
        return Slope(float(slopes[k]), float(errors[k]), float(h[k + 1]))

    def jumps(self) -> bool:
        """Whether the function jumps at ``p``: however small the step, the values differ."""
        across = 2.0 * (self.centrals * self.steps)[-6:]
        middle = float(np.median(across))
        return bool(np.ptp(across) < 0.1 * abs(middle) and abs(middle) > 8.0 * self.noise)

    def errors(self, slope: float) -> np.ndarray:
        """Distance of the central differences from a slope, for every step."""
        return np.abs(self.centrals - slope)

    def order(self, slope: float) -> float:
        """The power of the step with which that distance falls; NaN where rounding hides it.

        2 for a right derivative, 0 for a wrong one or a kink, -1 for a jump.
        """
        e = self.errors(slope)
        with np.errstate(invalid="ignore", divide="ignore"):
            orders = np.log2(e[:-1] / e[1:])
            seen = (e[1:] > 20.0 * self.unresolved[1:]) & np.isfinite(orders)
            seen[0] = False
        return float(np.median(orders[seen][-6:])) if seen.any() else math.nan


def _level(values: np.ndarray, k: int) -> float:
    """The noise that differences of order ``k`` show."""
    if len(values) <= k:
        return 0.0
    scale = math.factorial(k) ** 2 / math.factorial(2 * k)
    return math.sqrt(scale * float(np.mean(np.diff(values, k) ** 2)))
