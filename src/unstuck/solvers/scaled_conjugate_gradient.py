"""Moller's scaled conjugate gradient: the step from the curvature, without a line search."""

from __future__ import annotations

from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jnp, lax
from unstuck.solvers.line_search import first_step
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate

FIRST_DAMPING = 1e-7
"""Lambda at the start, and where it has made the step vanish, as a share of the curvature along the
gradient. (Moller's own is 1e-6 at most, in whatever unit the objective has.)"""
GOOD, POOR = 0.75, 0.25
"""Ratios of the decrease to the model's, from which lambda falls and below which it grows."""
REFUSED = (-1.0, -10.0, -1e3, -1e6, -1e12, -1e24, -1e48, -1e96)
"""The smallest ratio of a first refused step, of a second and so on, and the ratio of a place that
is not finite. Without a bound one step that lands at a huge value raises lambda by so much that no
later step changes a number; without growth a step that is 1e170 times too long (of exp at -400)
takes 600 iterations."""
SURE = 1e3
"""Factor by which lambda may grow where it makes the step shorter than ``first_step``; up to there
by as much as ``REFUSED`` has."""
UNKNOWN = -1.0
"""Stands for lambda until the curvature along the gradient is known."""
PRODUCT = 2.0
"""Evaluations of a gradient that a Hessian product costs."""


class Memory(NamedTuple):
    """What is carried from one iteration to the next.

    Attributes:
        gradient: at the parameters, shape (P,).
        direction: the next, shape (P,).
        curvature: ``d.Hd`` of the direction, where the parameters did not move since.
        damping: lambda, or ``UNKNOWN``.
        moved: whether the last step was taken, so that ``curvature`` is to be found.
        age: steps since the last restart along the gradient.
        refused: steps in a row that were not taken.
    """

    gradient: Array
    direction: Array
    curvature: Array
    damping: Array
    moved: Array
    age: Array
    refused: Array


def _start(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
    del hyper
    value, gradient = problem.value_and_gradient(p)
    zero, unknown = jnp.zeros_like(value), jnp.full_like(value, UNKNOWN)
    none = jnp.zeros((), jnp.int32)
    memory = Memory(gradient, -gradient, zero, unknown, jnp.array(True), none, none)
    measured = (zero, jnp.ones_like(value), zero)
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
    short = 1.0 / first_step(p, value, iterate.gradient_norm)
    damping, curvature = _positive(known, memory.damping, square, short)
    there = p - jnp.where(curvature > 0, slope / curvature, 0.0) * direction
    found, pull = problem.value_and_gradient(there)

    finite = jnp.isfinite(found) & jnp.isfinite(pull).all()
    least = jnp.asarray(REFUSED, value.dtype)[jnp.minimum(memory.refused, len(REFUSED) - 1)]
    # Two divisions: the square of a small slope is 0.
    ratio = 2.0 * (curvature / slope) * ((value - found) / slope)
    ratio = jnp.where(finite, jnp.maximum(ratio, least), least)
    moves = (there != p).any()
    # Among equal values the gradient must fall: places that differ by rounding lead nowhere.
    flatter = pull @ pull < gradient @ gradient
    lower = finite & moves & ((found < value) | ((found == value) & flatter))
    most = jnp.maximum(short, SURE * damping)
    damping = jnp.minimum(_adapted(damping, ratio, curvature, square), most)

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
        jnp.where(ends, UNKNOWN, damping),
        lower | ends,
        jnp.where((lower & restarts) | ends, 0, age),
        jnp.where(lower | ends, 0, memory.refused + 1),
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


def _positive(known: Array, damping: Array, square: Array, short: Array) -> tuple[Array, Array]:
    """Lambda and ``d.(H + lambda I)d``; lambda is raised where that would not be positive.

    Arguments:
        known: ``d.Hd``.
        damping: lambda, or ``UNKNOWN``.
        square: ``d.d``.
        short: lambda of a line without curvature.
    """
    along = known / square
    first = jnp.where(along != 0, FIRST_DAMPING * jnp.abs(along), short)
    damping = jnp.where(damping < 0, first, damping)
    indefinite = (along + damping <= 0) & (square > 0)
    damping = jnp.where(indefinite, jnp.where(along < 0, -2.0 * along, short), damping)
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
