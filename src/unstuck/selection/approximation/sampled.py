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

LARGEST = 1e150
"""Of numbers whose squares are numbers, too."""
NARROWEST = 1e-11
"""An interval's width beside its ends: numbers in it are to be told from each other."""

Function = Callable[[np.ndarray], Any]


def ends_of(interval: Any, name: str) -> tuple[float, float]:
    """Low and high.

    Raises:
        ParameterError: it is not two numbers, the first below the second; they are too large, or
            nearly the same.
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
    size = max(abs(low), abs(high))
    if size > LARGEST or high - low < max(NARROWEST * size, 1 / LARGEST):
        raise ParameterError(
            f"{name}: interval was {interval!r}; expected ends below {LARGEST:g} that can be told "
            "from each other. Measure the input in other units, or from another zero."
        )
    return low, high


def rows_of(x: Any, inputs: int, name: str) -> np.ndarray:
    """Rows of numbers, shape (n, inputs); of one input also (n,).

    Raises:
        DataError: they are none.
    """
    try:
        rows = np.asarray(x, float)
    except (TypeError, ValueError):
        rows = np.empty(0, object)
    if inputs == 1 and rows.ndim < 2:
        rows = rows.reshape(-1, 1)
    if x is None or rows.dtype == object or rows.ndim != 2 or rows.shape[1] != inputs:
        shape = f"(n, {inputs}), or (n,)" if inputs == 1 else f"(n, {inputs})"
        raise DataError(f"{name}: x was {x!r:.60}; expected numbers of shape {shape}.")
    return rows


def values_of(function: Function, x: np.ndarray, *, rows: bool = False) -> np.ndarray:
    """The function at rows x of shape (n, inputs), or (n,) for one input: numbers, shape (n,).

    A function of one number, which does not take an array, is called for each row.

    Arguments:
        function: of an array.
        x: rows, shape (n, inputs).
        rows: whether it is given rows for one input, too.

    Raises:
        DataError: it fails, or answers with another shape, or with numbers that are not finite, or
            so large that their squares are not.

    Example:
        >>> import math
        >>> values_of(math.sqrt, np.array([[1.0], [4.0]]))
        array([1., 2.])
    """
    given = x[:, 0] if x.ndim == 2 and x.shape[1] == 1 and not rows else x
    try:
        y = _numbers(function(given.copy()))  # a function may change what it is given
    except Exception:  # of whatever function
        try:
            y = np.array([float(_numbers(function(row))) for row in given])
        except Exception as problem:
            raise DataError(
                f"the function cannot be called with rows of shape {given.shape}, nor with one of "
                f"them: {type(problem).__name__}: {problem}. Expected a number a row, as "
                "np.square gives them."
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
    if (largest := abs(y).max(initial=0.0)) > LARGEST:
        raise DataError(
            f"the function reaches {largest:.3g}, whose square is no number; divide it by that."
        )
    return y


def fitted_values(function: Function, x: np.ndarray) -> np.ndarray:
    """The function's numbers where a network is fitted to it; see ``values_of``.

    Raises:
        DataError: as there, or they are so small that their squares are 0.
    """
    y = values_of(function, x)
    if 0 < (largest := abs(y).max(initial=0.0)) < 1 / LARGEST:
        raise DataError(
            f"the function reaches no more than {largest:.3g}, whose square is 0; divide it by "
            "that."
        )
    return y


def _numbers(answer: Any) -> np.ndarray:
    """An answer as real numbers; ``None`` and complex ones are none."""
    found = np.asarray(answer)
    if answer is None or np.iscomplexobj(found):
        raise TypeError(f"it answers with {'complex numbers' if answer is not None else answer}")
    return np.asarray(found, float)


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
