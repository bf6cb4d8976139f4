"""The last look: before a place is called stationary, the value is asked on the ways down.

A solver that finds no lower place has tried the steps of its own method. Here the value is asked
along the negative gradient, along the one in units of the parameters' sizes, along each of few
parameters, and where the curvature is least, which is down from a saddle; at steps from the last
digit of the parameters to far beyond their size.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.lazy import jnp, lax
from unstuck.solvers.problem import Problem

STEPS = 32
"""Along each way; in geometric progression: any way down is lower on half of its length."""
EACH = 32
"""Most parameters of which each has a way of its own."""
SMALL = 1e-12
"""Share of the largest parameter from which on a parameter has a size of its own."""
PRODUCTS = 16
"""Hessian products with which the least curvature is looked for."""
FAR = 1e4
"""Longest step, in sizes of the parameters."""
CLEARLY = 1e-10
"""Share of a value by which another is lower, and at least a hundred roundings: small residuals of
large numbers make noise of more than one."""
STATIONARY = 1e-6
"""Largest share of the value that the gradient may promise, for a step of the parameters' size,
where a place is called stationary: rounding hides what a step gains long before."""


BARELY_OPTIMIZED = (
    ("xla_cpu_use_fusion_emitters", False),
    ("xla_backend_optimization_level", 0),
)
"""Options of XLA: a look runs once, so compiling is what counts; it takes a quarter of the time."""
LOOKS = 10
"""Most looks around in a descent; each but the last found a place that is clearly lower."""


class Around(NamedTuple):
    """What is found around a place.

    Attributes:
        p: the lowest place, (P,).
        value: the value there, or that of the place itself.
        lower: whether it is clearly lower.
        promised: what the gradient promises for a step of the parameters' size.
        unbounded: whether a value is minus infinity, or so low that its square overflows.
        broken: whether the nearest places on the way down have no finite value.
    """

    p: Array
    value: Array
    lower: Array
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
        if self.lower and value - float(self.value) <= np.finfo(self.p.dtype).eps * abs(first):
            return "it is lower further on, by less than the rounding of the value at the start"
        if self.lower:
            return (
                "it is lower further on, where this solver does not get; tell it the sizes of the "
                "parameters (scale=), or try another one"
            )
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
    curved, bend = _curved(problem, p)
    ways = jnp.concatenate([_ways(p, gradient), curved])
    bends = jnp.zeros(len(ways), p.dtype).at[-2:].set(bend)
    gains = jnp.stack([jnp.abs(value / (ways @ gradient)), jnp.sqrt(jnp.abs(2.0 * value / bends))])
    steps = _steps(p, ways, gains)

    def at(way_and_step: tuple[Array, Array]) -> Array:
        way, step = way_and_step
        return problem.value(problem.inside(p + step * way))

    flat = jnp.repeat(ways, STEPS, axis=0), steps.ravel()
    values = lax.map(at, flat).reshape(steps.shape)
    low = jnp.nanargmin(jnp.where(jnp.isfinite(values), values, jnp.inf).ravel())
    lowest = values.ravel()[low]
    lower = value - lowest > max(CLEARLY, 100.0 * np.finfo(p.dtype).eps) * jnp.abs(value)
    nearest = jnp.isfinite(values[0]) & (values[0] != value)  # where the step changes anything
    return Around(
        jnp.where(lower, problem.inside(p + flat[1][low] * flat[0][low]), p),
        jnp.where(lower, lowest, value),
        lower,
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


def _curved(problem: Problem, p: Array) -> tuple[Array, Array]:
    """The way of the least curvature, to both sides, (2, P), and that curvature.

    Zeros where JAX has no curvature.

    By Lanczos' iterations on the Hessian in units of the parameters' sizes.
    """
    known = jnp.abs(p)
    most = known.max()
    sizes = jnp.where(known > SMALL * most, known, jnp.where(most > 0, most, 1.0))
    count = min(PRODUCTS, p.size)

    def product(v: Array) -> Array:
        return sizes * problem.hessian_product(p, sizes * v)

    def body(k: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        basis, images, v = carry
        image = product(v)
        basis, images = basis.at[k].set(v), images.at[k].set(image)
        for _ in range(2):  # twice is enough
            image = image - basis.T @ (basis @ image)
        norm = jnp.linalg.norm(image)
        return basis, images, jnp.where(norm > 0, image / norm, 0.0)

    first = np.random.default_rng(0).normal(size=p.size).astype(p.dtype)
    none = jnp.zeros((count, p.size), p.dtype)
    try:
        basis, images, _ = lax.fori_loop(
            0, count, body, (none, none, first / np.linalg.norm(first))
        )
    except ParameterError:
        return jnp.zeros((2, p.size), p.dtype), jnp.zeros((), p.dtype)
    projected = basis @ images.T
    values, vectors = jnp.linalg.eigh(0.5 * (projected + projected.T))
    way = jnp.nan_to_num(sizes * (vectors[:, 0] @ basis))
    return jnp.stack([way, -way]), values[0]


def _steps(p: Array, ways: Array, gains: Array) -> Array:
    """Steps along each way, (ways, STEPS), from a last digit to ``FAR`` sizes of the parameters.

    The steps at which slope or curvature promise as much as the value, (2, ways), count as sizes.
    """
    kind = np.finfo(p.dtype)
    sizes = jnp.concatenate([jnp.abs(p / ways), gains.T], 1)
    counts = jnp.isfinite(sizes) & (sizes > 0)
    least = jnp.where(counts, sizes, jnp.inf).min(1)
    most = jnp.where(counts, sizes, 0.0).max(1)
    none = ~counts.any(1)
    least, most = jnp.where(none, 1.0, least), jnp.where(none, 1.0, most)
    ends = jnp.log(jnp.clip(jnp.stack([least * kind.eps, most * FAR]), kind.tiny, kind.max / FAR))
    shares = jnp.linspace(0.0, 1.0, STEPS, dtype=p.dtype)
    return jnp.exp(ends[0][:, None] + shares * (ends[1] - ends[0])[:, None])
