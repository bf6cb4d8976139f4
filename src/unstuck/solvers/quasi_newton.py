"""Quasi-Newton: the inverse Hessian is learned from how the gradient changes."""

from __future__ import annotations

from typing import NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jax, jnp, lax
from unstuck.solvers.line_search import COLUMNS, begin, first_step, search
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate

STRAIGHT_SUMS = (("xla_disable_hlo_passes", "tree_reduction_rewriter"),)
"""XLA takes the scalar product of two long vectors as a sum of sums, in a third of the speed of a
plain one (P = 2,260: 1.0 us and 0.3 us); ``lbfgs`` takes two for each pair."""


class InverseHessian(NamedTuple):
    """The inverse Hessian of ``bfgs``, ``H = spread + level I``.

    An identity of its own is kept as a number: as a matrix, XLA would hold it in memory and read it
    in every iteration.

    Attributes:
        spread: symmetric, shape (P, P).
        level: 1 at the start and after a restart.
        gradient: at the parameters, shape (P,).
        image: ``H @ gradient``, shape (P,).
        fresh: whether nothing was learned since the start or the last restart.
    """

    spread: Array
    level: Array
    gradient: Array
    image: Array
    fresh: Array


class Limited(NamedTuple):
    """The last pairs of ``lbfgs``, the newest at ``(count - 1) % history_size``.

    Attributes:
        steps: changes of the parameters s, shape (history_size, P).
        changes: changes of the gradient y, shape (history_size, P).
        inverses: ``1 / s.y``, shape (history_size,); 0 where there is no pair.
        scale: ``|s| / |y|`` of the newest pair, the geometric mean of ``s.y / y.y`` and
            ``s.s / s.y``: on curves it took a fifth fewer evaluations than the customary first.
        count: pairs taken since the start or the last restart.
        gradient: at the parameters, shape (P,).
    """

    steps: Array
    changes: Array
    inverses: Array
    scale: Array
    count: Array
    gradient: Array


def products(*vectors: Array) -> Array:
    """The scalar products of all pairs of vectors, in one product of full precision."""
    rows = jnp.stack(vectors)
    return jnp.matmul(rows, rows.T, precision="highest")


def curved(along: Array, step_square: Array, change_square: Array) -> Array:
    """Whether a pair tells of a positive curvature, beyond rounding; one without a step does not.

    Arguments:
        along: ``s.y``.
        step_square: ``s.s``.
        change_square: ``y.y``.
    """
    return along > jnp.finfo(along.dtype).eps * jnp.sqrt(step_square * change_square)


def update(along: Array, bend: Array) -> tuple[Array, Array]:
    """BFGS's update ``H' = H + s u^T + u s^T`` with ``u = a s - b H y``: the numbers a and b.

    The same as ``(I - s y^T / s.y) H (I - y s^T / s.y) + s s^T / s.y``, in one pass over H.

    Arguments:
        along: ``s.y``.
        bend: ``y.Hy``.

    Reference: Nocedal and Wright 2006, equation 6.17.
    """
    return 0.5 * (1.0 + bend / along) / along, 1.0 / along


def growth(predicted: Array, bend: Array) -> Array:
    """``max(1, sqrt(s.Bs / y.Hy))``, by which H is multiplied before an update; B its inverse.

    BFGS's update raises curvatures that B underrates quickly and lowers those that it overrates
    slowly, so B is only ever made smaller. From ``s.y / y.Hy`` to ``s.Bs / s.y`` lie the factors
    after which the update does not make H worse conditioned (Oren and Luenberger); this is their
    geometric mean. It halved the evaluations on a sine, a sinc and iris, took a third fewer on an
    ill-conditioned quadratic and a twentieth to a half fewer on 14 of 16 other problems (medians of
    9 starts).

    Arguments:
        predicted: ``s.Bs``, the curvature along s that B predicts.
        bend: ``y.Hy``.

    Reference: Oren and Luenberger 1974; Al-Baali 1998.
    """
    return jnp.maximum(1.0, jnp.sqrt(predicted / bend))


def _start_dense(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
    del hyper
    value, gradient = problem.value_and_gradient(p)
    spread, level = jnp.zeros((p.size, p.size), p.dtype), jnp.ones_like(value)
    memory = InverseHessian(spread, level, gradient, gradient, jnp.array(True))
    return begin(p, value, jnp.linalg.norm(gradient), memory)


def _step_dense(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    """Two passes over the matrix: ``H g`` at the new place, and the update.

    ``H y`` is the difference of two products ``H g``, and the next direction follows from the
    vectors of the update.
    """
    del hyper
    p, memory = iterate.p, iterate.memory
    trial = jnp.where(memory.fresh, first_step(p, iterate.value, iterate.gradient_norm), 1.0)
    found = search(problem, p, iterate.value, memory.gradient, -memory.image, trial)
    s, y, g = found.p - p, found.gradient - memory.gradient, found.gradient
    image = jnp.matmul(memory.spread, g, precision="highest") + memory.level * g
    bent = image - memory.image
    (ss, sy, sg, _, _), (_, yy, _, yb, _), (_, _, gg, gb, gi), *_ = products(s, y, g, bent, image)

    predicted = found.step * (sy - sg)  # s.Bs: s is -t H g, so Bs is -t g
    scale = jnp.where(memory.fresh, ss / sy, growth(predicted, yb))
    own, cross = update(sy, scale * yb)
    u = own * s - cross * scale * bent
    gu = own * sg - cross * scale * gb
    learned = curved(sy, ss, yy) & (scale * gi + 2.0 * sg * gu > 0)
    # Where there was no way down, H is forgotten.
    kept = InverseHessian(
        jnp.where(found.lower, memory.spread, 0.0),
        jnp.where(found.lower, memory.level, 1.0),
        g,
        jnp.where(found.lower, image, g),
        ~found.lower | memory.fresh,
    )
    after = InverseHessian(
        scale * memory.spread + s[:, None] * u + u[:, None] * s,
        scale * memory.level,
        g,
        scale * image + gu * s + sg * u,
        jnp.array(False),
    )
    memory = jax.tree.map(lambda new, old: jnp.where(learned, new, old), after, kept)
    return found.iterate(memory, iterate.memory.fresh, jnp.sqrt(ss), jnp.sqrt(gg))


def product(memory: Limited, vector: Array) -> Array:
    """The inverse Hessian times a vector, by the two loops over the pairs.

    Arguments:
        memory: the pairs.
        vector: shape (P,).

    Reference: Nocedal and Wright 2006, algorithm 7.4.
    """
    size = memory.inverses.size
    held = jnp.minimum(memory.count, size)

    def back(age: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        q, shares = carry
        i = (memory.count - 1 - age) % size
        share = memory.inverses[i] * (memory.steps[i] @ q)
        shares = lax.dynamic_update_index_in_dim(shares, share, i, 0)
        return q - share * memory.changes[i], shares

    def forth(k: Array, r: Array) -> Array:
        i = (memory.count - held + k) % size
        return r + (shares[i] - memory.inverses[i] * (memory.changes[i] @ r)) * memory.steps[i]

    q, shares = lax.fori_loop(0, held, back, (vector, memory.inverses))
    return lax.fori_loop(0, held, forth, memory.scale * q)


def _start_limited(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
    value, gradient = problem.value_and_gradient(p)
    norm = jnp.linalg.norm(gradient)
    pairs = jnp.zeros((hyper["history_size"], p.size), p.dtype)
    count = jnp.zeros((), jnp.int32)
    memory = Limited(pairs, pairs, pairs[:, 0], jnp.ones_like(value), count, gradient)
    return begin(p, value, norm, memory)


def _step_limited(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    p, memory = iterate.p, iterate.memory
    fresh = memory.count == 0
    trial = jnp.where(fresh, first_step(p, iterate.value, iterate.gradient_norm), 1.0)
    direction = -product(memory, memory.gradient)
    found = search(problem, p, iterate.value, memory.gradient, direction, trial)
    step, change = found.p - p, found.gradient - memory.gradient
    (ss, sy, _), (_, yy, _), (_, _, gg) = products(step, change, found.gradient)
    learned = curved(sy, ss, yy)
    memory = _remembered(memory, step, change, learned, sy, jnp.sqrt(ss / yy))
    memory = memory._replace(gradient=found.gradient)
    # Where there was no way down, the pairs are forgotten.
    memory = memory._replace(
        inverses=jnp.where(found.lower, memory.inverses, 0.0),
        scale=jnp.where(found.lower, memory.scale, 1.0),
        count=jnp.where(found.lower, memory.count, 0),
    )
    return found.iterate(memory, fresh, jnp.sqrt(ss), jnp.sqrt(gg))


def _remembered(
    memory: Limited, step: Array, change: Array, learned: Array, along: Array, scale: Array
) -> Limited:
    """The pairs with a new one in the place of the oldest, if it is to be learned from."""
    i = memory.count % memory.inverses.size
    return memory._replace(
        steps=memory.steps.at[i].set(jnp.where(learned, step, memory.steps[i])),
        changes=memory.changes.at[i].set(jnp.where(learned, change, memory.changes[i])),
        inverses=memory.inverses.at[i].set(jnp.where(learned, 1.0 / along, memory.inverses[i])),
        scale=jnp.where(learned, scale, memory.scale),
        count=memory.count + learned.astype(jnp.int32),
    )


BFGS = FullBatch(
    name="bfgs",
    start=_start_dense,
    step=_step_dense,
    columns=COLUMNS,
    matrices=lambda parameters, _: 3 * parameters**2,
    formula="p <- p - t H g;  H <- c (I - s y^T / s.y) H (I - y s^T / s.y) + s s^T / s.y, s and y "
    "the changes of p and g, c = max(1, sqrt(s.Bs / y.Hy)), B the inverse of H",
    aliases=("trainbfg", "quasi_newton"),
    when="Up to some thousand weights, for any loss; keeps a matrix of weights by weights.",
    reference="Broyden 1970; Fletcher 1970; Goldfarb 1970; Shanno 1970; Oren and Luenberger 1974; "
    "Al-Baali 1998",
)

LBFGS = FullBatch(
    name="lbfgs",
    start=_start_limited,
    step=_step_limited,
    uses=("history_size",),
    static=("history_size",),
    columns=COLUMNS,
    xla=STRAIGHT_SUMS,
    formula="p <- p - t H g, H from the last history_size changes s and y",
    aliases=("l_bfgs", "l-bfgs"),
    when="The first choice for all rows at once, with many weights.",
    reference="Nocedal 1980; Liu and Nocedal 1989",
)
