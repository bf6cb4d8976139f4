"""Nonlinear conjugate gradient: each direction is the gradient and a share of the last one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jnp
from unstuck.solvers.line_search import COLUMNS, begin, first_step, search
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate

ORTHOGONAL = 0.2
"""Largest ``|g.g_old| / g.g`` of a direction that is kept: in a quadratic it is 0 (Powell 1977)."""


class Memory(NamedTuple):
    """What is carried from one iteration to the next.

    Attributes:
        gradient: at the parameters, shape (P,).
        direction: the next, shape (P,).
        decrease: the last step times its slope: what the next trial step is scaled by.
        fresh: whether that direction is the negative gradient.
    """

    gradient: Array
    direction: Array
    decrease: Array
    fresh: Array


def _fletcher_reeves(g: Array, old: Array, d: Array) -> Array:
    del d
    return (g @ g) / (old @ old)


def _polak_ribiere(g: Array, old: Array, d: Array) -> Array:
    del d
    return (g @ (g - old)) / (old @ old)


def _hestenes_stiefel(g: Array, old: Array, d: Array) -> Array:
    return (g @ (g - old)) / (d @ (g - old))


def _dai_yuan(g: Array, old: Array, d: Array) -> Array:
    return (g @ g) / (d @ (g - old))


CONJUGATES: dict[str, Callable[[Array, Array, Array], Array]] = {
    "polak_ribiere": _polak_ribiere,
    "fletcher_reeves": _fletcher_reeves,
    "hestenes_stiefel": _hestenes_stiefel,
    "dai_yuan": _dai_yuan,
}
"""The share of the last direction, by name: ``beta(gradient, last gradient, last direction)``."""


def conjugate(name: str, gradient: Array, old: Array, direction: Array) -> tuple[Array, Array]:
    """The next direction, and whether it is a restart: the negative gradient.

    It restarts where the gradients are far from orthogonal, or where it would not go down; a
    negative share counts as 0.

    Arguments:
        name: of ``CONJUGATES``.
        gradient: here, shape (P,).
        old: the gradient before the last step, shape (P,).
        direction: of the last step, shape (P,).
    """
    share = jnp.maximum(CONJUGATES[name](gradient, old, direction), 0.0)
    norm = gradient @ gradient
    mixed = share * direction - gradient
    keeps = (jnp.abs(gradient @ old) <= ORTHOGONAL * norm) & (gradient @ mixed < 0) & (share > 0)
    return jnp.where(keeps, mixed, -gradient), ~keeps


def _start(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
    del hyper
    value, gradient = problem.value_and_gradient(p)
    norm = jnp.linalg.norm(gradient)
    memory = Memory(gradient, -gradient, -first_step(p, value, norm) * norm**2, jnp.array(True))
    return begin(p, value, norm, memory)


def _step(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    gradient, direction, decrease, fresh = iterate.memory
    slope = gradient @ direction
    # The step that would promise the same decrease as the last one's did.
    trial = jnp.where(slope < 0, decrease / slope, 1.0)
    p, value = iterate.p, iterate.value
    found = search(problem, p, value, gradient, direction, trial, exact=True)
    mixed, restarts = conjugate(hyper["conjugate"], found.gradient, gradient, direction)
    restarts |= ~found.lower
    norm = jnp.linalg.norm(found.gradient)
    again = -first_step(found.p, found.value, norm) * norm**2
    memory = Memory(
        found.gradient,
        jnp.where(restarts, -found.gradient, mixed),
        jnp.where(found.lower, found.step * slope, again),
        restarts,
    )
    return found.iterate(memory, fresh, found.step * jnp.linalg.norm(direction), norm)


CG = FullBatch(
    name="cg",
    start=_start,
    step=_step,
    uses=("conjugate",),
    static=("conjugate",),
    columns=COLUMNS,
    formula="d <- -g + beta d;  p <- p + t d, t from a line search that is exact on a quadratic; "
    "polak_ribiere: beta = g.(g - g_old) / g_old.g_old, if positive",
    aliases=("conjugate_gradient", "traincgp"),
    when="Many weights, little memory: lbfgs is mostly quicker.",
    reference="Fletcher and Reeves 1964; Polak and Ribiere 1969; Hestenes and Stiefel 1952; "
    "Dai and Yuan 1999; Powell 1977",
)
