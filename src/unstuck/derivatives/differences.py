"""A function along a line: its values at many steps on both sides, asked for together."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

EPSILON = float(np.finfo(np.float64).eps)
RATIO = 4.0
WINDOW = 5
"""Neighboring steps of the ladder that are looked at together."""
SHIFT = 1.07  # no whole period of a sine that somebody writes down
NEAR, FAR = (-24, 3), (-24, 41)
AT_ZERO = (-61, 41)

Values = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Line:
    """A function along a line, ``phi(t) = f(p + t d)``.

    Steps ``t`` are multiples of the direction, which is as long as the parameters that it moves. So
    nothing depends on their unit.

    Arguments:
        values: ``values(p, d, t)``, ``f`` at ``p + t d`` for every entry of ``t``.
        point, direction: ``p`` and ``d``, shape (n,).
        digits: the relative rounding of the numbers with the fewest digits that ``f`` holds.

    Attributes:
        powers: the ladder of steps reaches from the first power of 4 up to below the second.

    Example:
        >>> line = Line(lambda p, d, t: np.exp(p[0] + t * d[0]), np.zeros(1), np.ones(1))
        >>> abs(float(line.central(np.array([1e-5]))[0]) - 1.0) < 1e-9
        True
    """

    def __init__(
        self,
        values: Values,
        point: np.ndarray,
        direction: np.ndarray,
        digits: float = EPSILON,
    ) -> None:
        self._values, self.point, self.direction = values, point, direction
        self.digits = digits
        self._known: dict[float, float] = {}
        self.powers = NEAR

    def at(self, t: np.ndarray) -> np.ndarray:
        """``phi`` at every ``t``; what is known is not computed again."""
        new = [each for each in dict.fromkeys(t.ravel().tolist()) if each not in self._known]
        if new:
            found = self._values(self.point, self.direction, np.array(new))
            self._known.update(zip(new, map(float, found), strict=True))
        return np.array([self._known[each] for each in t.ravel().tolist()]).reshape(t.shape)

    def sides(self, steps: np.ndarray, t: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """``phi(t + h)`` and ``phi(t - h)`` for every step ``h``."""
        right, left = self.at(np.stack([t + steps, t - steps]))
        return right, left

    def central(self, steps: np.ndarray, t: float = 0.0) -> np.ndarray:
        """``(phi(t + h) - phi(t - h)) / 2h``; NaN where ``phi`` is not finite."""
        right, left = self.sides(steps, t)
        found = (right - left) / (2.0 * steps)
        return np.where(np.isfinite(found), found, np.nan)

    @functools.cached_property
    def here(self) -> float:
        """``phi(0)``."""
        return float(self.at(np.zeros(1))[0])

    @functools.cached_property
    def at_zero(self) -> bool:
        """Whether every parameter that is moved is 0, so that no step is too small for it."""
        return not self.point[self.direction != 0].any()

    def rounding(self, steps: np.ndarray) -> np.ndarray:
        """What rounding of the values, and of the parameters, makes of the values at every step."""
        right, left = self.sides(steps)
        sizes = np.maximum(np.maximum(np.abs(right), np.abs(left)), abs(self.here))
        moved = 0.0 if self.at_zero else self.moved(steps) / steps
        return EPSILON * (sizes + moved)

    def moved(self, steps: np.ndarray) -> np.ndarray:
        """By how much every step changes the value, on the side where it does more."""
        right, left = self.sides(steps)
        return np.maximum(np.abs(right - self.here), np.abs(left - self.here))

    @property
    def steps(self) -> np.ndarray:
        """The ladder, rising: as far as the function is finite on both sides, from the smallest."""
        every = SHIFT * RATIO ** np.arange(*self.powers, dtype=float)
        right, left = self.sides(every)
        broken = ~(np.isfinite(right) & np.isfinite(left))
        return every[: int(np.argmax(broken)) if broken.any() else len(every)]

    def widen(self) -> bool:
        """Look further: at larger steps, and at smaller ones from 0. False where it was done."""
        wide = AT_ZERO if self.at_zero else FAR
        done, self.powers = self.powers == wide, wide
        return not done

    def reads_as_jump(self) -> bool:
        """Whether the function jumps at ``p``: however small the step, the values differ."""
        steps = self.steps[: WINDOW + 1]
        right, left = self.sides(steps)
        across = right - left
        middle = float(np.median(across)) if len(across) > WINDOW else 0.0
        small = abs(middle) <= 16.0 * self.rounding(steps).max(initial=0.0)
        return not small and bool(np.ptp(across) < 0.1 * abs(middle))


def order_of(steps: np.ndarray, errors: np.ndarray, unresolved: np.ndarray) -> float:
    """The power of the step with which errors fall; NaN where rounding hides it.

    Arguments:
        steps: rising.
        errors: for every step.
        unresolved: what noise may make of them.

    Example:
        >>> steps = np.array([0.1, 0.2, 0.4])
        >>> round(order_of(steps, 3.0 * steps**2, np.zeros(3)), 6)
        2.0
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        orders = np.diff(np.log(errors)) / np.diff(np.log(steps))
        seen = (errors[:-1] > 20.0 * unresolved[:-1]) & np.isfinite(orders)
    return float(np.median(orders[seen][:6])) if seen.any() else math.nan
