"""Rprop: a step of its own for every weight, of which only the gradient's sign is heeded."""

from __future__ import annotations

from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jnp
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate


class Memory(NamedTuple):
    """What is carried from one iteration to the next.

    Attributes:
        gradient: at the parameters, shape (P,).
        last: the gradient that the last step heeded: 0 where the sign had changed, shape (P,).
        steps: the step of every parameter, shape (P,).
    """

    gradient: Array
    last: Array
    steps: Array


def _start(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
    value, gradient = problem.value_and_free_gradient(p)
    first = jnp.clip(hyper["first_step"], hyper["smallest_step"], hyper["largest_step"])
    memory = Memory(gradient, jnp.zeros_like(p), jnp.full_like(p, first))
    measured = (jnp.zeros_like(value), jnp.ones_like(value))
    return Iterate(p, value, jnp.linalg.norm(gradient), memory, jnp.array(False), measured)


def _step(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    """iRprop-: where the sign changed, the step shrinks and the weight waits once."""
    gradient, last, steps = iterate.memory
    agreement = gradient * last
    same, changed = agreement > 0, agreement < 0
    factor = jnp.where(same, hyper["step_increase"], 1.0)
    factor = jnp.where(changed, hyper["step_decrease"], factor)
    steps = jnp.clip(steps * factor, hyper["smallest_step"], hyper["largest_step"])
    heeded = jnp.where(changed, 0.0, gradient)
    move = -jnp.sign(heeded) * steps
    p, move = problem.reach(iterate.p, move)
    value, gradient = problem.value_and_free_gradient(p)
    measured = (jnp.linalg.norm(move), jnp.ones_like(value))
    memory = Memory(gradient, heeded, steps)
    return Iterate(p, value, jnp.linalg.norm(gradient), memory, jnp.array(False), measured)


RPROP = FullBatch(
    name="rprop",
    start=_start,
    step=_step,
    uses=("first_step", "step_increase", "step_decrease", "smallest_step", "largest_step"),
    columns=("step_length", "evaluations"),
    monotone=False,
    bounds=True,
    patience=100,
    formula="D <- 1.2 D where the sign of g stayed, 0.5 D where it changed (and g <- 0);  "
    "p <- p - sign(g) D",
    aliases=("resilient_backpropagation", "trainrp"),
    when="All rows at once, gradients of very different sizes; robust, and nothing to tune.",
    reference="Riedmiller and Braun 1993; Igel and Huesken 2003",
)
