"""The compiled loop: iterations of a solver on a JAX function, until something ends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.kept import kept
from unstuck.lazy import jax, jnp, lax
from unstuck.solvers.capacity import check_capacity
from unstuck.solvers.first_order import FirstOrder
from unstuck.solvers.gauss_newton import GaussNewtonProblem
from unstuck.solvers.last_look import BARELY_OPTIMIZED, Around, look_around
from unstuck.solvers.pace import Pace
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate, Solver
from unstuck.solvers.stop import StopReason

ROWS = 1024
"""Most iterations of one call."""

REASONS = (
    None,
    StopReason.NON_FINITE,
    StopReason.LOSS_GOAL,
    StopReason.GRADIENT_GOAL,
    StopReason.NO_DESCENT,
    StopReason.TOL,
)
"""Why the loop ended, by ``Standing.reason``; ``None``: it may go on."""


def compiler_options(xla: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """Options of XLA as ``jax.jit`` takes them; none if the XLA there does not know them."""
    return dict(_known_options(xla)) if xla else {}


@kept(most=16)
def _known_options(xla: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    options = dict(xla)
    try:
        jax.jit(lambda: 0, compiler_options=options).lower().compile()
    except jax.errors.JaxRuntimeError:
        return {}
    return options


class Criteria(NamedTuple):
    """When to end: value, gradient norm, relative decrease, and iterations below that decrease."""

    loss_goal: Array
    gradient_goal: Array
    tol: Array
    patience: Array


class Lowest(NamedTuple):
    """The place to keep: parameters (P,), value, norm of the gradient."""

    p: Array
    value: Array
    gradient_norm: Array


class Standing(NamedTuple):
    """Where the loop is.

    Attributes:
        iterate: the solver's.
        lowest: the lowest finite place so far; of solvers that never rise the last, and of those
            of residuals, because Bayesian regularization goes on to a higher value with a larger
            penalty.
        stalled: iterations in a row without progress.
        reason: index into ``REASONS``.
    """

    iterate: Iterate
    lowest: Lowest
    stalled: Array
    reason: Array


class Programs(NamedTuple):
    """What is compiled, and how fast it is.

    Attributes:
        start: ``start(p, arguments, traced, criteria)``: the standing before the first iteration.
        run: ``run(standing, arguments, traced, criteria, count)``: up to ``count`` iterations. It
            returns the standing, the iterations done, and a row for each of ``ROWS`` + 1 places,
            the first being the one where it starts: value, gradient norm, solver's ``columns``.
        look: ``look(p, arguments)``: what is around a place; compiled where it is asked.
        pace: iterations that a call of ``run`` may do.
    """

    start: Callable[..., Standing]
    run: Callable[..., tuple[Standing, Array, Array]]
    look: Callable[..., Around]
    pace: Pace


def row_of(at: Iterate, *more: Array) -> Array:
    """What is kept of an iteration: value, gradient norm, the solver's ``columns``, and more."""
    measured = (at.value, at.gradient_norm, *at.measured, *more)
    return jnp.stack([jnp.asarray(number, at.value.dtype) for number in measured])


def roll(
    step: Callable[[Any], Any],
    first: Any,
    ended: Callable[[Array, Any], Array],
    row: Callable[[Any], Array],
    room: int,
    count: Array,
) -> tuple[Array, Any, Array]:
    """Step after step inside a compiled program, up to ``count``, until ``ended``.

    Arguments:
        step: from one state to the next.
        first: the state before the first step.
        ended: whether a state is the last, by the number of steps done and the state.
        row: numbers of a state, to be kept.
        room: most steps.
        count: steps to do, ``room`` at most.

    Returns:
        The steps done, the last state, and the row after each step, (room, numbers); NaN where no
        step was done.
    """

    def body(carry: tuple[Array, Any, Array]) -> tuple[Array, Any, Array]:
        i, at, rows = carry
        at = step(at)
        return i + 1, at, lax.dynamic_update_index_in_dim(rows, row(at), i, 0)

    def goes_on(carry: tuple[Array, Any, Array]) -> Array:
        i, at, _ = carry
        return (i < count) & ~ended(i, at)

    like = row(first)
    rows = jnp.full((room, like.size), jnp.nan, like.dtype)
    return lax.while_loop(goes_on, body, (jnp.zeros((), jnp.int32), first, rows))


@kept(most=48)
def programs(
    kind: Callable[..., Problem],
    function: Callable[..., Array],
    solver: FullBatch,
    static: tuple[tuple[str, Any], ...],
) -> Programs:
    """The programs of a solver on a function; JAX compiles them once for all values.

    Arguments:
        kind: ``kind(function, arguments)`` is the problem.
        function: of the vector of parameters and of ``arguments``.
        solver: the record.
        static: values of the solver's static parameters.
    """

    def start(p: Array, arguments: Any, traced: Hyperparameters, criteria: Criteria) -> Standing:
        problem = kind(function, arguments)
        _check_scalar(problem, p)  # while it is traced, not in every call
        observed = int(problem.observations(p)) if isinstance(problem, GaussNewtonProblem) else 0
        check_capacity(solver, p.size, observed, more=observed * p.size, itemsize=p.dtype.itemsize)
        at = solver.start(problem, p, {**traced, **dict(static)})
        zero = jnp.zeros((), jnp.int32)
        return _judged(Standing(at, Lowest(p, at.value, at.gradient_norm), zero, zero), criteria)

    def run(
        standing: Standing,
        arguments: Any,
        traced: Hyperparameters,
        criteria: Criteria,
        count: Array,
    ) -> tuple[Standing, Array, Array]:
        problem, hyper = kind(function, arguments), {**traced, **dict(static)}

        def step(at: Standing) -> Standing:
            iterate = solver.step(problem, at.iterate, hyper)
            return _judged(_noted(at, iterate, criteria, solver), criteria)

        def row(at: Standing) -> Array:
            return row_of(at.iterate)

        done, at, rows = roll(step, standing, lambda _, at: at.reason > 0, row, ROWS, count)
        return at, done, jnp.concatenate([row(standing)[None], rows])

    def look(p: Array, arguments: Any) -> Around:
        return look_around(kind(function, arguments), p)

    compiled = jax.jit(run, donate_argnums=0, compiler_options=compiler_options(solver.xla))
    looking = jax.jit(look, compiler_options=compiler_options(BARELY_OPTIMIZED))
    return Programs(jax.jit(start), compiled, looking, Pace())


def _check_scalar(problem: Problem, p: Array) -> None:
    found = jax.eval_shape(problem.value, p)
    if getattr(found, "shape", None) != () or found.dtype != p.dtype:
        raise ParameterError(
            f"the function returns {found}; expected one number of type {p.dtype}, as the start "
            "has. For an array of residuals call least_squares."
        )


def _noted(at: Standing, iterate: Iterate, criteria: Criteria, solver: FullBatch) -> Standing:
    """Take note of an iteration: the place to keep, and whether it was progress."""
    best = at.lowest.value
    # Where ``tol`` times the value is less than its rounding, an equal value is no progress.
    progressed = (iterate.value < best) & (iterate.value <= best - criteria.tol * jnp.abs(best))
    lowest = Lowest(iterate.p, iterate.value, iterate.gradient_norm)
    if solver.residuals or not solver.monotone:
        keep = jnp.isfinite(iterate.gradient_norm) & (solver.residuals | (iterate.value <= best))
        lowest = jax.tree.map(lambda new, old: jnp.where(keep, new, old), lowest, at.lowest)
    stalled = jnp.where(progressed, 0, at.stalled + 1)
    return Standing(iterate, lowest, stalled, at.reason)


def _judged(at: Standing, criteria: Criteria) -> Standing:
    """Whether something ends the loop; the first of ``REASONS`` that holds."""
    value, norm = at.iterate.value, at.iterate.gradient_norm
    held = (
        ~(jnp.isfinite(value) & jnp.isfinite(norm)),
        value <= criteria.loss_goal,
        norm <= criteria.gradient_goal,
        at.iterate.stuck,
        at.stalled > criteria.patience,
    )
    reason = jnp.zeros((), jnp.int32)
    for index, holds in reversed(list(enumerate(held, start=1))):
        reason = jnp.where(holds, index, reason)
    return at._replace(reason=reason)


@kept(most=64)
def as_full_batch(solver: Solver) -> FullBatch:
    """A first-order solver that takes the gradient of the whole objective.

    Example:
        >>> from unstuck import SOLVERS
        >>> as_full_batch(SOLVERS["adam"]).uses
        ('learning_rate_init', 'beta_1', 'beta_2', 'epsilon')
    """
    assert isinstance(solver, FirstOrder)

    def transformation(p: Array, hyper: Hyperparameters) -> Any:
        return solver.transformation(hyper, jnp.ones_like(p))

    def at(problem: Problem, p: Array, state: Any, length: Any) -> Iterate:
        value, gradient = problem.value_and_gradient(p)
        measured = (jnp.asarray(length, value.dtype), jnp.ones_like(value))
        norm = jnp.linalg.norm(gradient)
        return Iterate(p, value, norm, (state, gradient), jnp.array(False), measured)

    def start(problem: Problem, p: Array, hyper: Hyperparameters) -> Iterate:
        return at(problem, p, transformation(p, hyper).init(p), 0.0)

    def step(problem: Problem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
        (state, gradient), p = iterate.memory, iterate.p
        direction, state = transformation(p, hyper).update(gradient, state, p)
        move = hyper["learning_rate_init"] * direction
        return at(problem, p - move, state, jnp.linalg.norm(move))

    return FullBatch(
        name=solver.name,
        start=start,
        step=step,
        uses=("learning_rate_init", *solver.uses),
        static=solver.static,
        columns=("step_length", "evaluations"),
        monotone=False,
        patience=100,
        formula=solver.formula,
        when=solver.when,
        reference=solver.reference,
    )
