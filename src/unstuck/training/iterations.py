"""The compiled program of a batch solver: iterations on all rows, until something ends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from unstuck import collector
from unstuck.activations import Array
from unstuck.kept import kept
from unstuck.solvers.loop import compiler_options, numbers_of, roll
from unstuck.solvers.solver import Batch, Iterate
from unstuck.training import programs
from unstuck.training.problem import NetworkProblem
from unstuck.training.programs import Plan, State


def program(plan: Plan) -> Callable[..., tuple[State, Array]]:
    """The compiled steps of a plan: those of mini-batches, or the iterations of a batch solver."""
    return iterations(plan) if isinstance(plan.solver, Batch) else programs.steps(plan)


def memory(plan: Plan, vector: Any, rows: int) -> Any:
    """The solver's memory before the first step: zeros, made without compiling anything.

    Arguments:
        vector: the parameters.
        rows: of one batch, with padding.
    """
    if not isinstance(plan.solver, Batch):
        return programs.memory(plan, vector)
    with collector.paused():
        return programs.zeros_like(_iterate_shapes(plan, vector.dtype, rows))


@kept(most=128)
def _iterate_shapes(plan: Plan, dtype: np.dtype, rows: int) -> Any:
    """Shapes of the memory: whether it has begun, and the iterate without its parameters."""
    import jax

    network = plan.objective.network
    number = jax.ShapeDtypeStruct((), dtype)
    p, x, y, w = (
        jax.ShapeDtypeStruct(shape, dtype)
        for shape in ((network.size,), (rows, network.inputs), (rows, network.widths[-1]), (rows,))
    )
    numbers = dict.fromkeys(plan.solver.numbers, number)

    def begin(p: Array, x: Array, y: Array, w: Array, penalty: Array, numbers: Any) -> Any:
        return _begin(plan, NetworkProblem(plan.objective, x, y, w, penalty), p, numbers)

    iterate = jax.eval_shape(begin, p, x, y, w, number, numbers)
    return np.zeros((), np.bool_), iterate._replace(p=())


def _begin(plan: Plan, problem: NetworkProblem, p: Array, numbers: Any) -> Iterate:
    assert isinstance(plan.solver, Batch)
    return plan.solver.start(problem, p, plan.controls(numbers))


@kept(most=48)
def iterations(plan: Plan) -> Callable[..., tuple[State, Array]]:
    """``run(state, batches, controls, count)``: up to ``count`` iterations, and what each measured.

    It ends before ``count`` at a goal (``loss_goal``, ``gradient_goal``) or where the solver is
    stuck. A row of what comes back holds loss, gradient norm, the solver's ``columns`` and 1 where
    it is stuck; rows of iterations that were not run hold NaN.
    """
    import jax
    import jax.numpy as jnp
    from jax import lax

    solver = plan.solver
    assert isinstance(solver, Batch)

    def run(state: State, batches: Any, controls: Any, count: Any) -> tuple[State, Array]:
        x, y, w, _ = batches
        problem = NetworkProblem(plan.objective, x[0], y[0], w[0], controls["penalty"])
        numbers = controls["numbers"]
        begun, kept = state.memory
        first = lax.cond(
            begun,
            lambda: kept._replace(p=state.vector),
            lambda: _begin(plan, problem, state.vector, numbers),
        )

        def ended(done: Array, at: Iterate) -> Array:
            goals = controls["loss_goal"], controls["gradient_goal"]
            reached = (at.value <= goals[0]) | (at.gradient_norm <= goals[1])
            return (done > 0) & (at.stuck | reached)  # a fit that goes on does at least one

        def step(at: Iterate) -> Iterate:
            return solver.step(problem, at, plan.controls(numbers))

        def row(at: Iterate) -> Array:
            return numbers_of(at, at.stuck)

        done, at, seen = roll(step, first, ended, row, controls["rates"].shape[0], count)
        memory = (jnp.ones((), bool), at._replace(p=()))
        return State(at.p, memory, state.step + done), seen

    return jax.jit(run, compiler_options=compiler_options(solver))
