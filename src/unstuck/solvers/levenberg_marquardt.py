"""Levenberg-Marquardt: Gauss-Newton steps, damped until the objective falls."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jnp, lax
from unstuck.solvers.gauss_newton import (
    QUICKLY_COMPILED,
    GaussNewtonMatrix,
    GaussNewtonProblem,
    matrices,
)
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate

LARGEST_DAMPING = 1e10
"""In units of the largest curvature: from here on a step changes no digit."""
SMALLEST_DAMPING = 1e-20
LARGEST_BEND = 0.75
"""Largest ``2 |a| / |d|`` for which the acceleration a is added to the step d (Transtrum and
Sethna 2012)."""


class Memory(NamedTuple):
    """What is carried from one iteration to the next.

    Attributes:
        damping: what the next iteration tries first, in units of the largest curvature.
        gradient: at the parameters, shape (P,).
    """

    damping: Array
    gradient: Array


class Trial(NamedTuple):
    """Where the trials of one iteration are.

    Attributes:
        p: the parameters: the old ones until a step lowers the objective.
        value: the objective there.
        damping: what is tried next.
        lower: whether a step lowered the objective.
        evaluations: trials so far.
    """

    p: Array
    value: Array
    damping: Array
    lower: Array
    evaluations: Array


def damped_step(
    problem: GaussNewtonProblem,
    curvature: GaussNewtonMatrix,
    iterate: Iterate,
    memory: Memory,
    hyper: Hyperparameters,
) -> Trial:
    """Raise the damping until a step lowers the objective, or until no step will.

    Arguments:
        problem: the objective.
        curvature: at the iterate's parameters.
        iterate: where the iteration starts; its parameters and value are read.
        memory: damping and gradient there.
        hyper: the solver's parameters.
    """
    p, value = iterate.p, iterate.value
    scale = curvature.scale()

    def attempt(last: Trial) -> Trial:
        solve = curvature.solver(last.damping * scale)
        trial = p + _step(problem, p, -solve(memory.gradient), solve, hyper)
        found = problem.value(trial)
        lower = jnp.isfinite(found) & (found < value)
        factor = jnp.where(lower, hyper["damping_decrease"], hyper["damping_increase"])
        return Trial(
            jnp.where(lower, trial, p),
            jnp.where(lower, found, value),
            jnp.maximum(last.damping * factor, SMALLEST_DAMPING),
            lower,
            last.evaluations + 1,
        )

    def goes_on(last: Trial) -> Array:
        return ~last.lower & (last.damping < LARGEST_DAMPING)

    first = Trial(p, value, memory.damping, jnp.array(False), jnp.zeros_like(value))
    return lax.while_loop(goes_on, attempt, first)


def _step(
    problem: GaussNewtonProblem,
    p: Array,
    direction: Array,
    solve: Callable[[Array], Array],
    hyper: Hyperparameters,
) -> Array:
    """The direction and half its geodesic acceleration, unless the path bends too much."""
    if not hyper["geodesic_acceleration"]:
        return direction
    bend = -0.5 * solve(problem.bend(p, direction))
    small = 2.0 * jnp.linalg.norm(bend) <= LARGEST_BEND * jnp.linalg.norm(direction)
    return direction + jnp.where(small, bend, 0.0)


def _start(problem: GaussNewtonProblem, p: Array, hyper: Hyperparameters) -> Iterate:
    value, gradient = problem.value_and_gradient(p)
    damping = jnp.asarray(hyper["damping"], value.dtype)
    memory = Memory(damping, gradient)
    measured = (jnp.zeros_like(value), damping)
    return Iterate(p, value, jnp.linalg.norm(gradient), memory, jnp.array(False), measured)


def _iterate(problem: GaussNewtonProblem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    curvature = problem.gauss_newton(iterate.p)
    trial = damped_step(problem, curvature, iterate, iterate.memory, hyper)
    gradient = problem.gradient(trial.p)
    return Iterate(
        trial.p,
        trial.value,
        jnp.linalg.norm(gradient),
        Memory(trial.damping, gradient),
        ~trial.lower,
        (trial.evaluations, trial.damping),
    )


LEVENBERG_MARQUARDT = FullBatch(
    name="lm",
    start=_start,
    step=_iterate,
    uses=("damping", "damping_decrease", "damping_increase", "geodesic_acceleration"),
    static=("geodesic_acceleration",),
    columns=("evaluations", "damping"),
    residuals=True,
    matrices=matrices,
    xla=QUICKLY_COMPILED,
    formula="p <- p - (H + lambda I)^-1 g, H the Gauss-Newton matrix; lambda grows until the "
    "objective falls",
    aliases=("levenberg_marquardt", "trainlm"),
    when="Up to some thousand weights: the fewest iterations of all, to the smallest errors.",
    reference="Levenberg 1944; Marquardt 1963; Hagan and Menhaj 1994; Transtrum and Sethna 2012",
)
