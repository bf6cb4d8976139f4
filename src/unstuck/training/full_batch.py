"""The compiled iterations of a full-batch solver: on all rows, until something ends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from unstuck.activations import Array
from unstuck.kept import kept
from unstuck.layers.network import Packed, Parameters
from unstuck.lazy import jax, jnp, lax
from unstuck.solvers.last_look import BARELY_OPTIMIZED, Around, look_around, promised
from unstuck.solvers.loop import compiler_options, roll, row_of
from unstuck.solvers.pace import Pace
from unstuck.solvers.solver import FullBatch, Iterate
from unstuck.training.plan import Plan, State
from unstuck.training.problem import NetworkProblem
from unstuck.training.stepper import Run, Stepper, finite


@dataclass(frozen=True)
class AllRows(Stepper):
    """Iterations on all rows at once. They end early at a goal, or where the solver is stuck."""

    full: ClassVar[bool] = True
    room: ClassVar[int] = 512
    ahead: ClassVar[bool] = False
    reads: ClassVar[tuple[str, ...]] = ("loss_goal", "gradient_goal")
    tol: ClassVar[float] = 1e-9
    relative: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The solver's, such as step lengths."""
        return _solver(self.plan).columns

    def batch_size(self, count: int, wanted: int) -> int:
        """All rows."""
        del wanted
        return count

    def pack(self, parameters: Parameters) -> Packed:
        """One vector of any size."""
        return self.plan.objective.network.flatten(parameters)

    def around(self, state: State, batches: Any, traced: Any) -> Around | None:
        """Of solvers that never rise, on the whole objective: others may have changed what they
        make small, and a look knows no bounds."""
        if not _solver(self.plan).monotone or self.plan.objective.bounds is not None:
            return None
        return _looks(self.plan)(state.vector, batches, traced["penalty"])

    def memory_shapes(self, dtype: np.dtype, rows: int) -> Any:
        """Whether it has begun, and the iterate without its parameters."""
        return _iterate_shapes(self.plan, dtype, rows)

    def run(self) -> Run:
        """The compiled program."""
        return iterations(self.plan)

    def done(self, measured: np.ndarray) -> int:
        """Rows of iterations that were not done hold NaN where it is told if they are stuck."""
        return int(np.count_nonzero(~np.isnan(measured[:, -1])))

    def promised(self, row: list[float]) -> float | None:
        """As the solver says."""
        return row[-1] if row[-1] >= 0 else None

    def pace(self, rows: int) -> Pace:
        """From one iteration on: only the solver knows what it costs."""
        del rows
        return Pace()


def _solver(plan: Plan) -> FullBatch:
    assert isinstance(plan.solver, FullBatch)
    return plan.solver


@kept(most=128)
def _iterate_shapes(plan: Plan, dtype: np.dtype, rows: int) -> Any:
    network = plan.objective.network
    number = jax.ShapeDtypeStruct((), dtype)
    p, x, y, w = (
        jax.ShapeDtypeStruct(shape, dtype)
        for shape in (
            (network.size,),
            (rows, *network.inputs.shape),
            (rows, *network.outputs.shape),
            (rows,),
        )
    )
    numbers = dict.fromkeys(plan.solver.traced, number)

    def begin(p: Array, x: Array, y: Array, w: Array, penalty: Array, numbers: Any) -> Any:
        return _begin(plan, NetworkProblem(plan.objective, x, y, w, penalty), p, numbers)

    iterate = jax.eval_shape(begin, p, x, y, w, number, numbers)
    return np.zeros((), np.bool_), iterate._replace(p=())


def _begin(plan: Plan, problem: NetworkProblem, p: Array, numbers: Any) -> Iterate:
    return _solver(plan).start(problem, p, plan.hyperparameters(numbers))


@kept(most=48)
def _looks(plan: Plan) -> Any:
    """The compiled last look; compiled where it is asked."""

    def look(p: Array, batches: Any, penalty: Array) -> Around:
        x, y, w, _ = batches
        return look_around(NetworkProblem(plan.objective, x[0], y[0], w[0], penalty), p)

    return jax.jit(look, compiler_options=compiler_options(BARELY_OPTIMIZED))


@kept(most=48)
def iterations(plan: Plan) -> Run:
    """``run(state, batches, traced, count)``: up to ``count`` iterations, and what each measured.

    It ends before ``count`` at a goal (``loss_goal``, ``gradient_goal``) or where the solver is
    stuck. A row of what comes back holds loss, gradient norm, the solver's ``columns``, and what
    the gradient promises where it is stuck, else -1; rows of iterations that were not run hold NaN.
    """
    solver = _solver(plan)

    def run(state: State, batches: Any, traced: Any, count: Any) -> tuple[State, Array, Array]:
        x, y, w, _ = batches
        rows = x[0], y[0], w[0]
        problem = NetworkProblem(plan.objective, *rows, traced["penalty"], numbers=traced)
        numbers = traced["numbers"]
        begun, kept = state.memory
        first = lax.cond(
            begun,
            lambda: kept._replace(p=state.vector),
            lambda: _begin(plan, problem, state.vector, numbers),
        )

        def ended(done: Array, at: Iterate) -> Array:
            goals = traced["loss_goal"], traced["gradient_goal"]
            reached = (at.value <= goals[0]) | (at.gradient_norm <= goals[1])
            return (done > 0) & (at.stuck | reached)  # a fit that goes on does at least one

        def step(at: Iterate) -> Iterate:
            return solver.step(problem, at, plan.hyperparameters(numbers))

        def row(at: Iterate) -> Array:
            return row_of(at, jnp.where(at.stuck, promised(at.p, at.gradient_norm), -1.0))

        done, at, seen = roll(step, first, ended, row, traced["rates"].shape[0], count)
        memory = (jnp.ones((), bool), at._replace(p=()))
        return State(at.p, memory, state.step + done.astype(np.uint32)), seen, finite(at.p)

    return jax.jit(run, compiler_options=compiler_options(solver.xla))
