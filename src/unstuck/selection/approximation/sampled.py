"""A function on a cube: its values, and the largest distance of a network from it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from unstuck.errors import DataError, ParameterError

POINTS = {1: 4001, 2: 1 << 13}
"""Where a largest error is looked for; more inputs take ``MANY``."""
MANY = 1 << 14
CORNERS = 10
"""Inputs up to which the corners of the cube are among the points."""
CLIMBERS, TRIES, ROUNDS = 16, 24, 12
"""From so many of the worst points on, so many tries around each, at reaches halved so often."""

Function = Callable[[np.ndarray], Any]


def ends_of(interval: Any, name: str) -> tuple[float, float]:
    """Low and high.

    Raises:
        ParameterError: it is not two numbers, the first below the second.
    """
    try:
        low, high = map(float, interval)
    except (TypeError, ValueError):
        low, high = np.nan, np.nan
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ParameterError(
            f"{name}: interval was {interval!r}; expected two numbers, the lower one first, as in "
            "(-1, 1)."
        )
    return low, high


def values_of(function: Function, x: np.ndarray) -> np.ndarray:
    """The function at rows x of shape (n, inputs), or (n,) for one input: numbers, shape (n,).

    A function of one number, which does not take an array, is called for each row.

    Raises:
        DataError: it answers with another shape, or with numbers that are not finite.

    Example:
        >>> import math
        >>> values_of(math.sqrt, np.array([[1.0], [4.0]]))
        array([1., 2.])
    """
    given = x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x
    try:
        y = np.asarray(function(given), float)
    except (TypeError, ValueError):
        try:
            y = np.array([float(function(row)) for row in given])
        except (TypeError, ValueError) as problem:
            raise DataError(
                f"the function cannot be called with rows of shape {given.shape}, nor with one of "
                f"them, as numbers: {problem}"
            ) from problem
    if y.ndim == 0:
        y = np.full(len(x), float(y))
    if y.shape != (len(x),):
        raise DataError(
            f"the function answers to {len(x)} rows with the shape {y.shape}; expected "
            f"({len(x)},), a number a row."
        )
    wrong = ~np.isfinite(y)
    if wrong.any():
        raise DataError(
            f"the function is {y[wrong][0]} at {np.round(given[wrong][0], 6)}; expected a finite "
            "number everywhere on the cube. Take an interval where it is one."
        )
    return y


def spread(count: int, low: float, high: float, inputs: int, seed: int) -> np.ndarray:
    """Points that fill the cube evenly: a grid of one input, Sobol's points of more."""
    if inputs == 1:
        return np.linspace(low, high, count)[:, None]
    from scipy.stats import qmc

    sobol = qmc.Sobol(inputs, rng=seed)
    return low + (high - low) * sobol.random_base2(int(np.ceil(np.log2(count))))


class Largest:
    """The largest distance from a function on a cube, as far as it is found.

    It is looked for at many points, of which some are the corners, and from the worst ones on at
    points around them: what is found is reached, and the supremum may be a little larger.

    Arguments:
        function: of rows, shape (n, inputs).
        low, high: ends of the cube along each input.
        inputs: how many.
        seed: of the points.

    Example:
        >>> worst = Largest(np.sin, 0.0, 4.0, 1, 0)
        >>> round(worst.of(lambda x: 0 * x[:, 0]), 9)
        1.0
    """

    def __init__(self, function: Function, low: float, high: float, inputs: int, seed: int):
        self.function, self.low, self.high, self.seed = function, low, high, seed
        self.x = spread(POINTS.get(inputs, MANY), low, high, inputs, seed)
        if 1 < inputs <= CORNERS:
            self.x = np.vstack([self.x, list(itertools.product((low, high), repeat=inputs))])
        self.y = values_of(function, self.x)

    def of(self, network: Callable[[np.ndarray], np.ndarray]) -> float:
        """Of a function of rows to this one."""
        return self.found(network)[0]

    def found(self, network: Callable[[np.ndarray], np.ndarray]) -> tuple[float, float]:
        """The largest distance, and the mean squared one of the points."""
        away = abs(network(self.x) - self.y)
        at = np.argpartition(away, -CLIMBERS)[-CLIMBERS:]
        places, heights = self.x[at], away[at]
        rng = np.random.default_rng(self.seed)
        inputs = self.x.shape[1]
        reach = (self.high - self.low) * (2 / len(self.x)) ** (1 / inputs)
        for _ in range(ROUNDS):
            moves = reach * rng.uniform(-1, 1, (CLIMBERS, TRIES, inputs))
            tried = np.clip(places[:, None] + moves, self.low, self.high).reshape(-1, inputs)
            there = abs(network(tried) - values_of(self.function, tried))
            there = there.reshape(CLIMBERS, TRIES)
            best = there.argmax(1)
            better = there.max(1) > heights
            places = np.where(
                better[:, None],
                tried.reshape(CLIMBERS, TRIES, inputs)[np.arange(CLIMBERS), best],
                places,
            )
            heights = np.maximum(heights, there.max(1))
            reach /= 2
        return float(heights.max()), float((away**2).mean())
