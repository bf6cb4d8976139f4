"""Levenberg-Marquardt: Gauss-Newton steps, damped until the objective falls."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jax, jnp, lax
from unstuck.solvers.gauss_newton import (
    QUICKLY_COMPILED,
    GaussNewtonMatrix,
    GaussNewtonProblem,
    matrices,
)
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate

LARGEST_DAMPING = 1e30
SMALLEST_DAMPING = 1e-30
LARGEST_BEND = 0.75
"""Largest ``2 |a| / |d|`` for which the acceleration a is added to the step d (Transtrum and
Sethna 2012)."""
FADING = 0.5
"""Share of a parameter's scale that is left after an iteration. A maximum that never fades keeps a
parameter that mattered once from moving where it matters no more, one that fades at once lets it
leap: either way NIST's MGH10 or MGH17 is lost from afar. Between 0.3 and 0.7 nothing is. With
fewer residuals than parameters most of these matter little at any place, and nothing fades: else
a network as plain residuals learns the parity of four bits from 60 % of first weights, not 100 %.
"""
AS_PROMISED = 0.75
"""Share of the promised decrease from which on the damping falls, where units are unknown: with any
decrease at all MGH10 is lost. Networks, whose curvature says less of what a step will bring, need
half as many iterations again with it (a sinc from Glorot's weights: 335 in place of 241)."""
TAKES_PART = 0.3
"""Least share in a step, of the largest, of a parameter that tells its curvature."""
OVERSHOT, RAISED = 0.25, 2.0
"""Share of the promised decrease below which a step is thought to overshoot, and what the damping
is multiplied by then, where units are unknown. Where residuals stay large, Gauss-Newton's steps can
be twice too long for ever: they land as far beyond the minimum as they came from."""
RETREAT = 1e3
"""What the damping is multiplied by where a lower place has no finite gradient: a logistic whose
exponential overflows has a value, and a derivative that is NaN."""
FIRST_DAMPING = 100.0
"""Most that the first step is damped to be no longer than the parameters are: from a start near 0
it would be nothing."""


class Memory(NamedTuple):
    """What is carried from one iteration to the next.

    Attributes:
        damping: what the next iteration tries first, in units of ``scale``.
        gradient: at the parameters, shape (P,).
        scale: curvature along each parameter, the largest so far but fading, shape (P,); zeros at
            the start.
    """

    damping: Array
    gradient: Array
    scale: Array


class Trial(NamedTuple):
    """Where the trials of one iteration are.

    Attributes:
        p: the parameters: the old ones until a step lowers the objective.
        value: the objective there.
        damping: what is tried next.
        lower: whether a step lowered the objective.
        moved: whether the last step changed a digit of the parameters.
        evaluations: trials so far.
        scale: as ``scaled`` has it, shape (P,).
    """

    p: Array
    value: Array
    damping: Array
    lower: Array
    moved: Array
    evaluations: Array
    scale: Array


def scaled(problem: GaussNewtonProblem, curvature: GaussNewtonMatrix, before: Array) -> Array:
    """The scale of each parameter, shape (P,): the curvature along it, or what is left of before.

    With it, steps are the same whatever the units of parameters are. Where a problem knows their
    units, the largest curvature in these counts for all. Moré 1978, section 3, whose maximum does
    not fade.
    """
    own, units = curvature.own(), problem.units
    if units is not None:
        own = (own * units**2).max() / units**2 * jnp.ones_like(own)
    return jnp.maximum(own, before if curvature.dual else FADING * before)


def _felt(scale: Array, step: Array, change: Array) -> Array:
    """The curvature that each parameter felt in a step, ``|change of its gradient| / |its step|``.

    Where residuals stay large, curvature is more than ``J^T J``, and what that leaves out makes
    steps go to and fro: Brown and Dennis's problem is not solved in 2,000 iterations without this,
    in 93 with it. Of parameters that hardly take part in a step others tell, so they do not count.
    """
    share = jnp.abs(step) * jnp.sqrt(scale)
    counts = (share >= TAKES_PART * share.max()) & (step != 0)
    return jnp.where(counts, jnp.abs(change / jnp.where(counts, step, 1.0)), 0.0)


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
        memory: damping and gradient there, and the scale of the iteration before.
        hyper: the solver's parameters.
    """
    p, value = iterate.p, iterate.value
    known = scaled(problem, curvature, memory.scale)
    free = problem.free(p, memory.gradient)
    gradient = free * memory.gradient
    if problem.box is not None:
        curvature = curvature.freed(free)
    scale = jnp.where(known > 0.0, known, 1.0)  # nothing depends on these parameters
    room = jnp.where(memory.scale.any(), jnp.inf, _length(p, scale))

    def attempt(last: Trial) -> Trial:
        solve = curvature.solver(last.damping * scale)
        direction = -solve(gradient)
        step = _step(problem, p, direction, lambda b: solve(free * b), scale, hyper)
        trial = problem.inside(p + free * step)
        found = problem.value(trial)
        length = _length(direction, scale)
        fits = (length <= room) | (last.damping >= FIRST_DAMPING)
        lower = jnp.isfinite(found) & (found < value) & fits
        damped = last.damping * (direction @ (scale * direction))
        promised = 0.5 * (damped - gradient @ direction)
        good = problem.units is not None or value - found >= AS_PROMISED * promised
        overshot = (problem.units is None) & (value - found < OVERSHOT * promised)
        stays = jnp.where(overshot, RAISED, 1.0)
        kept = jnp.where(good, hyper["damping_decrease"], stays)
        factor = jnp.where(lower, kept, hyper["damping_increase"])
        return Trial(
            jnp.where(lower, trial, p),
            jnp.where(lower, found, value),
            jnp.maximum(last.damping * factor, SMALLEST_DAMPING),
            lower,
            (trial != p).any(),
            last.evaluations + 1,
            last.scale,
        )

    def goes_on(last: Trial) -> Array:
        return ~last.lower & last.moved & (last.damping < LARGEST_DAMPING)

    no = jnp.array(False)
    first = Trial(p, value, memory.damping, no, ~no, jnp.zeros_like(value), known)
    return lax.while_loop(goes_on, attempt, first)


def _length(direction: Array, scale: Array) -> Array:
    """In the units of the residuals, whatever those of the parameters are."""
    return jnp.linalg.norm(jnp.sqrt(scale) * direction)


def _step(
    problem: GaussNewtonProblem,
    p: Array,
    direction: Array,
    solve: Callable[[Array], Array],
    scale: Array,
    hyper: Hyperparameters,
) -> Array:
    """The direction and half its geodesic acceleration, unless the path bends too much."""
    if not hyper["geodesic_acceleration"]:
        return direction
    bend = -0.5 * solve(problem.bend(p, direction))
    small = 2.0 * _length(bend, scale) <= LARGEST_BEND * _length(direction, scale)
    return direction + jnp.where(small, bend, 0.0)


def _start(problem: GaussNewtonProblem, p: Array, hyper: Hyperparameters) -> Iterate:
    value, gradient = problem.value_and_gradient(p)
    damping = jnp.asarray(hyper["damping"], value.dtype)
    memory = Memory(damping, gradient, jnp.zeros_like(gradient))
    measured = (jnp.zeros_like(value), damping)
    norm = jnp.linalg.norm(problem.free(p, gradient) * gradient)
    return Iterate(p, value, norm, memory, jnp.array(False), measured)


def _iterate(problem: GaussNewtonProblem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    curvature = problem.gauss_newton(iterate.p)
    trial = damped_step(problem, curvature, iterate, iterate.memory, hyper)
    gradient, scale = problem.gradient(trial.p), trial.scale
    if problem.units is None:
        step, change = trial.p - iterate.p, gradient - iterate.memory.gradient
        scale = jnp.maximum(scale, _felt(scale, step, change))
    there = Iterate(
        trial.p,
        trial.value,
        jnp.linalg.norm(problem.free(trial.p, gradient) * gradient),
        Memory(trial.damping, gradient, scale),
        ~trial.lower,
        (trial.evaluations, trial.damping),
    )
    damped = jnp.maximum(trial.damping, iterate.memory.damping) * RETREAT
    back = iterate._replace(
        memory=iterate.memory._replace(damping=damped), measured=(trial.evaluations, damped)
    )
    known = ~trial.lower | jnp.isfinite(gradient).all()
    return jax.tree.map(lambda new, old: jnp.where(known, new, old), there, back)


LEVENBERG_MARQUARDT = FullBatch(
    name="lm",
    start=_start,
    step=_iterate,
    uses=("damping", "damping_decrease", "damping_increase", "geodesic_acceleration"),
    static=("geodesic_acceleration",),
    columns=("evaluations", "damping"),
    patience=20,  # with 10 NIST's ENSO is left with five digits
    residuals=True,
    bounds=True,
    matrices=matrices,
    xla=QUICKLY_COMPILED,
    formula="p <- p - (H + lambda D)^-1 g, H the Gauss-Newton matrix, D its diagonal (of networks "
    "its largest entry); lambda grows until the objective falls",
    aliases=("levenberg_marquardt", "trainlm"),
    when="Up to some thousand weights: the fewest iterations of all, to the smallest errors.",
    reference="Levenberg 1944; Marquardt 1963; Moré 1978; Hagan and Menhaj 1994; "
    "Kanzow, Yamashita and Fukushima 2004; Transtrum and Sethna 2012",
)
