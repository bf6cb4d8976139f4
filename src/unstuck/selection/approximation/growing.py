"""A hidden layer that grows: the next unit is placed where it lowers the error most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from unstuck.errors import ParameterError
from unstuck.selection.approximation.candidates import Candidates, Units
from unstuck.solvers.capacity import machine_memory
from unstuck.solvers.lapack import one_thread

COUNT = 512
"""Candidates from which a unit is chosen."""
REACHES = tuple(0.1 * 0.5**k for k in range(8))
AROUND = 24
"""A chosen unit is moved: so many tries at each of these reaches."""
TINY = 1e-16
"""Share of a unit's squared length that must be left beside the units before it; of the targets'
squared deviation that a unit must explain."""


def check_room(name: str, rows: int, units: int, count: int = COUNT) -> None:
    """Refuse what no memory holds: of all points what candidates and units answer.

    Arguments:
        name: of what is asked for.
        rows: points.
        units, count: as of ``grow``; of a fit that is none of ours nothing is known, 1 each.

    Raises:
        ParameterError: there are too many.
    """
    needed, there = 8.0 * rows * (4 * count + 2 * min(units, rows)), machine_memory()
    if needed > there:
        raise ParameterError(
            f"{name}: {units:,} units fitted to {rows:,} points need about {needed / 1e9:,.1f} GB "
            f"of memory; this machine has {there / 1e9:,.1f} GB. Take fewer."
        )


class Stage(NamedTuple):
    """A network of one hidden layer: ``constant + Σ v_i activation(w_i·x + b_i)``.

    Attributes:
        units: the hidden units, in the order in which they came.
        v: their output weights, shape (units,).
        constant: the output's bias.
    """

    units: Units
    v: np.ndarray
    constant: float

    def __call__(self, x: np.ndarray, activation: Callable[..., Any]) -> np.ndarray:
        """The outputs for rows of shape (n, inputs)."""
        return np.asarray(self.constant + self.units.of(x, activation) @ self.v)


class _Span:
    """What the units so far span: an orthonormal basis Q, and R with units = Q R."""

    def __init__(self, rows: int, first: np.ndarray | None):
        self.q, self.r = np.zeros((rows, 0)), np.zeros((0, 0))
        if first is not None:
            self.add(first)

    def beside(self, values: np.ndarray, times: int = 2) -> np.ndarray:
        """The part of columns that is not in the span: taken twice, against rounding."""
        for _ in range(times):
            values = values - self.q @ (self.q.T @ values)
        return values

    def add(self, values: np.ndarray) -> np.ndarray:
        """Take a column in; the direction that is new."""
        rest = self.beside(values)
        length = np.sqrt(rest @ rest)
        k = self.q.shape[1]
        r = np.zeros((k + 1, k + 1))
        r[:k, :k], r[:k, k], r[k, k] = self.r, self.q.T @ values, length
        self.q, self.r = np.column_stack([self.q, rest / length]), r
        return rest / length

    def weights(self, y: np.ndarray) -> np.ndarray:
        """Least squares: what the columns are to be multiplied by."""
        return np.asarray(solve_triangular(self.r, self.q.T @ y))


def grow(
    x: np.ndarray,
    y: np.ndarray,
    units: int,
    activation: Callable[..., Any],
    candidates: Candidates,
    rng: np.random.Generator,
    *,
    output_bias: bool = True,
    count: int = COUNT,
) -> Iterator[Stage]:
    """Networks of 1, 2, 3, ... units; the output weights of each are refitted by least squares.

    A unit g lowers the squared error of the residual r by <r, g'>² / <g', g'>, g' being what is
    left of g beside the units that are there: the largest is taken from all candidates, and moved
    as long as that helps. It ends early where no unit lowers the error; where the first one does
    not, it is a unit of weight 0.

    Arguments:
        x: rows, shape (n, inputs).
        y: the function there, shape (n,).
        units: the most.
        activation: of the hidden units.
        candidates: where they may be.
        rng: for candidates and moves.
        output_bias: whether the output has a bias.
        count: candidates.

    Example:
        >>> x = np.linspace(-1, 1, 201)
        >>> relu = lambda a: np.maximum(a, 0)
        >>> may = Candidates(relu, -1.0, 1.0, 1, True)
        >>> *_, last = grow(x[:, None], x**2, 8, relu, may, np.random.default_rng(0))
        >>> bool(abs(last(x[:, None], relu) - x**2).max() < 0.02)
        True

    Reference: Chen, Cowan and Grant 1991 (orthogonal least squares); Jones 1992 and Barron 1993 for
    what a network loses by growing so.
    """
    span = _Span(len(x), np.ones(len(x)) if output_bias else None)
    pool = candidates.drawn(count, rng)
    values = pool.of(x, activation)
    lengths = (values**2).sum(0)
    rest = span.beside(values)
    residual = span.beside(y[:, None])[:, 0]
    enough = TINY * max(float(residual @ residual), TINY * float(y @ y))
    chosen = Units(np.zeros((x.shape[1], 0)), np.zeros(0))
    for _ in range(units):
        gains = _gains(residual, rest, lengths)
        best = int(gains.argmax())
        if gains[best] <= enough:
            if not len(chosen.b):
                yield _flat(x, float(y.mean()) if output_bias else 0.0)
            return
        first = pool.taken([best]), float(gains[best])
        with one_thread():  # several would wait for each other: the products are small
            unit = _moved(*first, span, residual, activation, candidates, rng, x)
        direction = span.add(unit.of(x, activation)[:, 0])
        rest = rest - np.outer(direction, direction @ rest)
        residual = residual - direction * (direction @ residual)
        chosen = Units(np.hstack([chosen.w, unit.w]), np.concatenate([chosen.b, unit.b]))
        v = span.weights(y)
        yield Stage(chosen, v[1:], float(v[0])) if output_bias else Stage(chosen, v, 0.0)


def _moved(
    unit: Units,
    gain: float,
    span: _Span,
    residual: np.ndarray,
    activation: Callable[..., Any],
    candidates: Candidates,
    rng: np.random.Generator,
    x: np.ndarray,
) -> Units:
    """The unit, or one around it that lowers the error more."""
    for reach in REACHES:
        around = candidates.near(unit, reach, AROUND, rng)
        tried = around.of(x, activation)
        found = _gains(residual, span.beside(tried, 1), (tried**2).sum(0))
        if found.max() > gain:
            unit, gain = around.taken([int(found.argmax())]), float(found.max())
    return unit


def _flat(x: np.ndarray, constant: float) -> Stage:
    """A unit of weight 0: nothing is left to be fitted."""
    return Stage(Units(np.ones((x.shape[1], 1)), np.zeros(1)), np.zeros(1), constant)


def _gains(residual: np.ndarray, rest: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """By how much each column lowers the squared error; 0 where it brings nothing new."""
    left = (rest**2).sum(0)
    new = left > TINY * np.maximum(lengths, 1e-300)
    return np.where(new, (residual @ rest) ** 2 / np.where(new, left, 1.0), 0.0)
