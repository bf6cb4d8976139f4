"""The last look: before a place is called stationary, the value is asked on the ways down.

A solver that finds no lower place has tried the steps of its own method. Here the value is asked
along the negative gradient, along the one in units of the parameters' sizes, and along each of few
parameters, at steps from the last digit of the parameters to far beyond their size: a way down
that is missed is none that a step along the gradient finds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.lazy import jnp, lax
from unstuck.solvers.problem import Problem

STEPS = 64
"""Along each way; in geometric progression: any way down is lower on half of its length."""
EACH = 32
"""Most parameters of which each has a way of its own."""
FAR = 1e4
"""Longest step, in sizes of the parameters."""
CLEARLY = 100.0
"""Roundings of a value by which another is lower."""
STATIONARY = 1e-6
"""Largest share of the value that the gradient may promise, for a step of the parameters' size,
where a place is called stationary: rounding hides what a step gains long before."""


class Around(NamedTuple):
    """What is found around a place.

    Attributes:
        p: the lowest place, (P,).
        value: the value there, clearly lower, or that of the place itself.
        promised: what the gradient promises for a step of the parameters' size.
        unbounded: whether a value is minus infinity, or so low that its square overflows.
        broken: whether the nearest places on the way down have no finite value.
    """

    p: Array
    value: Array
    promised: Array
    unbounded: Array
    broken: Array

    def why(self, value: float, first: float) -> str:
        """Why no step lowers the value, as the end of a sentence.

        Arguments:
            value: of the place.
            first: that of the start.
        """
        if self.unbounded:
            return "it falls without end, so there is no minimum"
        if self.value < value:
            return "it is lower further on, where this solver does not get; try another one"
        if self.broken:
            return "the nearest places on the way down have no finite value"
        return explained(float(self.promised), max(abs(value), abs(first)))


def explained(promised: float, value: float) -> str:
    """Why no step lowers a value, by what the gradient promises for a step of the parameters' size.

    Example:
        >>> explained(1e-9, 1.0)
        'a stationary point, as far as numbers of this precision tell'
    """
    if promised <= STATIONARY * value:
        return "a stationary point, as far as numbers of this precision tell"
    return (
        "either the precision of the numbers is used up, or the gradient is not that of the value, "
        "as at a kink"
    )


def promised(p: Array, gradient_norm: Array) -> Array:
    """What the gradient promises for a step of the parameters' size: ``|g| |p|``, or infinity."""
    return jnp.nan_to_num(gradient_norm * jnp.linalg.norm(p), nan=jnp.inf, posinf=jnp.inf)


def look_around(problem: Problem, p: Array) -> Around:
    """The lowest value on the ways down from a place.

    Arguments:
        problem: the objective.
        p: the place, shape (P,).
    """
    value, gradient = problem.value_and_gradient(p)
    gradient = problem.free(p, gradient) * gradient
    ways = _ways(p, gradient)
    steps = _steps(p, ways, value, ways @ gradient)

    def at(way_and_step: tuple[Array, Array]) -> Array:
        way, step = way_and_step
        return problem.value(problem.inside(p + step * way))

    flat = jnp.repeat(ways, STEPS, axis=0), steps.ravel()
    values = lax.map(at, flat).reshape(steps.shape)
    low = jnp.nanargmin(jnp.where(jnp.isfinite(values), values, jnp.inf).ravel())
    lowest = values.ravel()[low]
    lower = value - lowest > CLEARLY * jnp.finfo(p.dtype).eps * jnp.abs(value)
    nearest = jnp.isfinite(values[0]) & (values[0] != value)  # where the step changes anything
    return Around(
        jnp.where(lower, problem.inside(p + flat[1][low] * flat[0][low]), p),
        jnp.where(lower, lowest, value),
        promised(p, jnp.linalg.norm(gradient)),
        (jnp.append(values, value) < -jnp.sqrt(jnp.finfo(p.dtype).max)).any(),
        ~nearest.any() & ~jnp.isfinite(values[0]).all(),
    )


def _ways(p: Array, gradient: Array) -> Array:
    """Directions, (ways, P): of the gradient, in the units of the parameters, of each."""
    scaled = -gradient * p**2
    ways = [-gradient, jnp.where(jnp.isfinite(scaled), scaled, 0.0)]
    if p.size <= EACH:
        ways += list(-jnp.diag(gradient))
    return jnp.stack(ways)


def _steps(p: Array, ways: Array, value: Array, slopes: Array) -> Array:
    """Steps along each way, (ways, STEPS), from a last digit to ``FAR`` sizes of the parameters."""
    kind = np.finfo(p.dtype)
    sizes = jnp.abs(p / ways)
    counts = jnp.isfinite(sizes) & (sizes > 0)
    gain = jnp.abs(value / slopes)[:, None]
    sizes = jnp.concatenate([sizes, gain], 1)
    counts = jnp.concatenate([counts, jnp.isfinite(gain) & (gain > 0)], 1)
    least = jnp.where(counts, sizes, jnp.inf).min(1)
    most = jnp.where(counts, sizes, 0.0).max(1)
    none = ~counts.any(1)
    least, most = jnp.where(none, 1.0, least), jnp.where(none, 1.0, most)
    ends = jnp.log(jnp.clip(jnp.stack([least * kind.eps, most * FAR]), kind.tiny, kind.max / FAR))
    shares = jnp.linspace(0.0, 1.0, STEPS, dtype=p.dtype)
    return jnp.exp(ends[0][:, None] + shares * (ends[1] - ends[0])[:, None])
