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

DOUBT = 6.0
"""Share of the gradient that is added to its change where a step is all the way so far."""
MISMATCH = 8.0
"""By how much the error of a parabola along the step is multiplied, at most to 1."""

LEARNED = (
    f"y = g' - g + {DOUBT:g} m |g'| s / sum |s|, "
    f"m = min(1, {MISMATCH:g} |1 - s.(g + g') / (2 (f' - f))|)"
)
"""What the solvers learn of a step, as their formulas say it."""


class InverseHessian(NamedTuple):
    """The inverse Hessian of ``bfgs``, ``H = spread + level I``.

    An identity of its own is kept as a number: as a matrix, XLA would hold it in memory and read it
    in every iteration.

    Attributes:
        spread: symmetric, shape (P, P).
        level: 1 at the start and after a restart.
        gradient: at the parameters, shape (P,).
        image: ``H @ gradient``, shape (P,).
        way: sums of the absolute steps of each parameter since the start, shape (P,).
        fresh: whether nothing was learned since the start or the last restart.
    """

    spread: Array
    level: Array
    gradient: Array
    image: Array
    way: Array
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
        way: sums of the absolute steps of each parameter since the start, shape (P,).
    """

    steps: Array
    changes: Array
    inverses: Array
    scale: Array
    count: Array
    gradient: Array
    way: Array


def mismatch(step: Array, before: Array, after: Array, change: Array) -> Array:
    """How far the values along a step are from a parabola's, from 0 to 1.

    ``min(1, 8 |1 - s.(g + g') / 2 / (f' - f)|)``, the error of the trapezoidal rule: 0 on a
    quadratic function, whatever its curvatures.

    Arguments:
        step: s, shape (P,).
        before: the gradient g where the step begins, shape (P,).
        after: the gradient g' where it ends, shape (P,).
        change: of the value, ``f' - f``.
    """
    error = jnp.abs(1.0 - 0.5 * (step @ (before + after)) / change)
    return jnp.where(jnp.isfinite(error), jnp.minimum(1.0, MISMATCH * error), 1.0)


def doubt(step: Array, gradient: Array, way: Array) -> Array:
    """``6 |g| s / way``, parameter by parameter: a curvature that is added to the one seen.

    On the flat parts of a unit the gradient hardly changes, and an inverse Hessian that believes
    it makes the next step so long that other units land there, too. What is left of the gradient
    keeps it from that. It vanishes toward a minimum, where steps are small parts of the way, and
    each parameter keeps its own unit. Times ``mismatch``, so that quadratic functions know nothing
    of it, it lets ``bfgs`` learn the encoder 10-5-10 from 96 of 100 first weights (without it from
    29) and parity of four bits from 93 (29), ``lbfgs`` from 98 (81) and 90 (38 of 100 others). The
    price is 2 to 4 evaluations more than 12 on the digits.
    Exact line searches, other constants of Wolfe's, caps on the step did not; with the norms of
    gradient and way in the place of each parameter's, badly scaled functions are lost.
    ``benchmarks/saturation.py`` measures it.

    Arguments:
        step: s, shape (P,).
        gradient: where the step ends, shape (P,).
        way: sums of the absolute steps, with this one, shape (P,).
    """
    return DOUBT * jnp.abs(gradient) * jnp.where(way > 0, step / way, 0.0)


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
    memory = InverseHessian(spread, level, gradient, gradient, jnp.zeros_like(p), jnp.array(True))
    return begin(p, value, jnp.linalg.norm(gradient), memory)


def _step_dense(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    """Two passes over the matrix: ``H g`` at the new place, and the update.

    ``H y`` is the difference of two products ``H g`` and one with the doubt, taken in one pass; the
    next direction follows from the vectors of the update.
    """
    del hyper
    p, memory = iterate.p, iterate.memory
    trial = jnp.where(memory.fresh, first_step(p, iterate.value, iterate.gradient_norm), 1.0)
    found = search(problem, p, iterate.value, memory.gradient, -memory.image, trial)
    s, g, before = found.p - p, found.gradient, memory.gradient
    way = memory.way + jnp.abs(s)
    more = mismatch(s, before, g, found.value - iterate.value) * doubt(s, g, way)
    both = jnp.stack([g, more])
    image, added = jnp.matmul(both, memory.spread, precision="highest") + memory.level * both
    y, bent = g - before + more, image - memory.image + added
    vectors = s, y, g, bent, image, before
    (ss, sy, sg, *_, sb), (_, yy, _, yb, *_), (_, _, gg, gb, gi, _), *_ = products(*vectors)

    predicted = -found.step * sb  # s.Bs: s is -t H g, so Bs is -t g
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
        way,
        ~found.lower | memory.fresh,
    )
    after = InverseHessian(
        scale * memory.spread + s[:, None] * u + u[:, None] * s,
        scale * memory.level,
        g,
        scale * image + gu * s + sg * u,
        way,
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
    one, way = jnp.ones_like(value), jnp.zeros_like(p)
    memory = Limited(pairs, pairs, pairs[:, 0], one, count, gradient, way)
    return begin(p, value, norm, memory)


def _step_limited(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    p, memory = iterate.p, iterate.memory
    fresh = memory.count == 0
    trial = jnp.where(fresh, first_step(p, iterate.value, iterate.gradient_norm), 1.0)
    direction = -product(memory, memory.gradient)
    found = search(problem, p, iterate.value, memory.gradient, direction, trial)
    step, before = found.p - p, memory.gradient
    way = memory.way + jnp.abs(step)
    bent = mismatch(step, before, found.gradient, found.value - iterate.value)
    change = found.gradient - before + bent * doubt(step, found.gradient, way)
    (ss, sy, _), (_, yy, _), (_, _, gg) = products(step, change, found.gradient)
    learned = curved(sy, ss, yy)
    memory = _remembered(memory, step, change, learned, sy, jnp.sqrt(ss / yy))
    memory = memory._replace(gradient=found.gradient, way=way)
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
    formula="p <- p - t H g;  H <- c (I - s y^T / s.y) H (I - y s^T / s.y) + s s^T / s.y, s the "
    f"change of p, {LEARNED}, c = max(1, sqrt(s.Bs / y.Hy)), B the inverse of H",
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
    formula=f"p <- p - t H g, H from the last history_size changes s of p and {LEARNED}",
    aliases=("l_bfgs", "l-bfgs"),
    when="The first choice for all rows at once, with many weights.",
    reference="Nocedal 1980; Liu and Nocedal 1989",
)
