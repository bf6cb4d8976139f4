"""Moller's scaled conjugate gradient: the step from the curvature, without a line search."""

from __future__ import annotations

from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jnp, lax
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate

FIRST_DAMPING = 1e-6
"""Moller's lambda at the start (1e-6 at most)."""
GOOD, POOR = 0.75, 0.25
"""Ratios of the decrease to the model's, from which lambda falls and below which it grows."""
REFUSED = -1.0
"""The ratio that a place with a value that is not finite counts as."""
PRODUCT = 2.0
"""Evaluations of a gradient that a Hessian product costs."""


class Memory(NamedTuple):
    """What is carried from one iteration to the next.

    Attributes:
        gradient: at the parameters, shape (P,).
        direction: the next, shape (P,).
        curvature: ``d.Hd`` of the direction, where the parameters did not move since.
        damping: lambda.
        moved: whether the last step was taken, so that ``curvature`` is to be found.
        age: steps since the last restart along the gradient.
    """

    gradient: Array
    direction: Array
    curvature: Array
    damping: Array
    moved: Array
    age: Array


def _start(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
    del hyper
    value, gradient = problem.value_and_gradient(p)
    zero, damping = jnp.zeros_like(value), jnp.full_like(value, FIRST_DAMPING)
    memory = Memory(gradient, -gradient, zero, damping, jnp.array(True), jnp.zeros((), jnp.int32))
    measured = (zero, jnp.ones_like(value), damping)
    return Iterate(p, value, jnp.linalg.norm(gradient), memory, jnp.array(False), measured)


def _step(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    del hyper
    p, value, memory = iterate.p, iterate.value, iterate.memory
    gradient, direction = memory.gradient, memory.direction
    known = lax.cond(
        memory.moved,
        lambda: direction @ problem.hessian_product(p, direction),
        lambda: memory.curvature,
    )
    square, slope = direction @ direction, gradient @ direction
    damping, curvature = _positive(known, memory.damping, square)
    there = p - jnp.where(curvature > 0, slope / curvature, 0.0) * direction
    found, pull = problem.value_and_gradient(there)

    finite = jnp.isfinite(found) & jnp.isfinite(pull).all()
    ratio = jnp.where(finite, 2.0 * curvature * (value - found) / slope**2, REFUSED)
    moves = (there != p).any()
    # Among equal values the gradient must fall: places that differ by rounding lead nowhere.
    flatter = pull @ pull < gradient @ gradient
    lower = finite & moves & ((found < value) | ((found == value) & flatter))
    damping = _adapted(damping, ratio, curvature, square)

    ends = ~lower & ~moves  # the damping has made the step vanish: begin again
    age = jnp.where(lower, memory.age + 1, memory.age)
    share = (pull @ pull - pull @ gradient) / -slope
    mixed = share * direction - pull
    restarts = (age >= p.size) | (pull @ mixed >= 0)
    ahead = jnp.where(lower, jnp.where(restarts, -pull, mixed), direction)
    pull = jnp.where(lower, pull, gradient)
    memory = Memory(
        pull,
        jnp.where(ends, -gradient, ahead),
        known,
        jnp.where(ends, FIRST_DAMPING, damping),
        lower | ends,
        jnp.where((lower & restarts) | ends, 0, age),
    )
    length = jnp.where(lower, jnp.linalg.norm(there - p), 0.0)
    evaluations = jnp.where(iterate.memory.moved, 1.0 + PRODUCT, 1.0).astype(value.dtype)
    return Iterate(
        jnp.where(lower, there, p),
        jnp.where(lower, found, value),
        jnp.linalg.norm(pull),
        memory,
        ends & (iterate.memory.age == 0),
        (length, evaluations, damping),
    )


def _positive(known: Array, damping: Array, square: Array) -> tuple[Array, Array]:
    """Lambda and ``d.(H + lambda I)d``; lambda is raised where that would not be positive."""
    indefinite = known + damping * square <= 0
    damping = jnp.where(indefinite & (square > 0), -2.0 * known / square, damping)
    return damping, known + damping * square


def _adapted(damping: Array, ratio: Array, curvature: Array, square: Array) -> Array:
    """Lambda after a step whose decrease was ``ratio`` times what the model promised."""
    grown = damping + curvature * (1.0 - ratio) / square
    return jnp.where(ratio >= GOOD, damping / 4.0, jnp.where(ratio < POOR, grown, damping))


SCG = FullBatch(
    name="scg",
    start=_start,
    step=_step,
    columns=("step_length", "evaluations", "damping"),
    formula="d <- -g + beta d;  p <- p - (g.d / (d.Hd + lambda d.d)) d;  lambda falls after good "
    "steps and grows after poor ones",
    aliases=("scaled_conjugate_gradient", "trainscg"),
    when="Many weights and many classes; no line search, so every iteration costs the same.",
    reference="Moller 1993",
)
