"""Quickprop: every weight jumps to the minimum of its own parabola."""

from __future__ import annotations

from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jnp
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate


class Memory(NamedTuple):
    """The gradient, the one before the last step, and that step; each of shape (P,)."""

    gradient: Array
    last: Array
    move: Array


def jump(gradient: Array, last: Array, move: Array, rate: Array, growth: Array) -> Array:
    """The next step of every weight, as in Fahlman's program.

    The parabola through the last two slopes has its minimum at ``move * S / (S_last - S)``. The
    step is at most ``growth`` times the last one, which is also taken where the parabola has no
    minimum ahead. While the slope still falls in the step's direction ``-rate * S`` is added,
    which also starts a weight that rests.

    Arguments:
        gradient: the slopes S, shape (P,).
        last: the slopes before the last step, shape (P,).
        move: the last step, shape (P,).
        rate: the learning rate; the slopes are those of a mean over rows, so it is as many times
            larger than the rate of a sum as there are rows.
        growth: Fahlman's mu.
    """
    forward = -jnp.sign(move)
    here, before = forward * gradient, forward * last  # positive where the objective falls
    limit = growth * jnp.abs(move)
    difference = before - here
    parabola = move * here / jnp.where(difference == 0, 1.0, difference)
    far = (here >= growth / (1.0 + growth) * before) | (difference == 0)
    step = jnp.where(far, growth * move, jnp.clip(parabola, -limit, limit))
    descent = jnp.where((here > 0) | (move == 0), rate * gradient, 0.0)
    return jnp.where(move == 0, 0.0, step) - descent


def _start(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
    del hyper
    value, gradient = problem.value_and_free_gradient(p)
    memory = Memory(gradient, jnp.zeros_like(p), jnp.zeros_like(p))
    measured = (jnp.zeros_like(value), jnp.ones_like(value))
    return Iterate(p, value, jnp.linalg.norm(gradient), memory, jnp.array(False), measured)


def _step(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    memory = iterate.memory
    rate, growth = hyper["learning_rate_init"], hyper["largest_growth"]
    move = jump(memory.gradient, memory.last, memory.move, rate, growth)
    p, move = problem.reach(iterate.p, move)
    value, gradient = problem.value_and_free_gradient(p)
    measured = (jnp.linalg.norm(move), jnp.ones_like(value))
    memory = Memory(gradient, memory.gradient, move)
    return Iterate(p, value, jnp.linalg.norm(gradient), memory, jnp.array(False), measured)


QUICKPROP = FullBatch(
    name="quickprop",
    start=_start,
    step=_step,
    uses=("learning_rate_init", "largest_growth"),
    columns=("step_length", "evaluations"),
    monotone=False,
    bounds=True,
    patience=100,
    formula="p <- p + d, d <- d S / (S_old - S), at most mu |d|, and - lr S while the slope S "
    "keeps its sign",
    when="To repeat classical experiments: quick on small tables of bits, with a tuned rate.",
    reference="Fahlman 1988",
)
