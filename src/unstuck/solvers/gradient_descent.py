"""Batch gradient descent with a line search."""

from __future__ import annotations

from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jnp
from unstuck.solvers.line_search import COLUMNS, LARGEST_GROWTH, begin, first_step, search
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate


class Memory(NamedTuple):
    """What is carried from one iteration to the next.

    Attributes:
        gradient: at the parameters, shape (P,).
        trial: the step that the next line search tries first.
        fresh: whether it is that of the start, tried again after a search that found nothing.
    """

    gradient: Array
    trial: Array
    fresh: Array


def _start(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
    del hyper
    value, gradient = problem.value_and_gradient(p)
    norm = jnp.linalg.norm(gradient)
    return begin(p, value, norm, Memory(gradient, first_step(p, value, norm), jnp.array(True)))


def _step(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    """Along the negative gradient; the next trial is Barzilai and Borwein's ``s.y / y.y``.

    Their other step, ``s.s / s.y``, is the minimum along the last line: with it the search makes
    the zigzag of steepest descent, and takes ten times as many iterations (measured).
    """
    del hyper
    p, value, memory = iterate.p, iterate.value, iterate.memory
    found = search(problem, p, value, memory.gradient, -memory.gradient, memory.trial)
    change = memory.gradient - found.gradient
    ratio = memory.gradient @ change / (change @ change)
    ratio = jnp.where(ratio > 0, jnp.minimum(ratio, LARGEST_GROWTH), LARGEST_GROWTH)
    norm = jnp.linalg.norm(found.gradient)
    ahead = jnp.where(found.lower, found.step * ratio, first_step(found.p, found.value, norm))
    after = Memory(found.gradient, ahead, ~found.lower)
    return found.iterate(after, memory.fresh, found.step * iterate.gradient_norm, norm)


GD = FullBatch(
    name="gd",
    start=_start,
    step=_step,
    columns=COLUMNS,
    formula="p <- p - t g, t from a line search for the Wolfe conditions that first tries "
    "Barzilai and Borwein's step",
    aliases=("gradient_descent", "steepest_descent", "traingd"),
    when="To see what the others gain; the slowest full-batch solver, with no rate to tune.",
    reference="Cauchy 1847; Barzilai and Borwein 1988",
)
