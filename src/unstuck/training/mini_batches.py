"""The compiled steps of a first-order solver: a batch of the rows a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from unstuck.activations import Array
from unstuck.kept import kept
from unstuck.layers.network import Packed, Parameters
from unstuck.lazy import jax, jnp, lax
from unstuck.solvers.first_order import FirstOrder
from unstuck.solvers.pace import Pace
from unstuck.training.objective import Objective
from unstuck.training.plan import Plan, State
from unstuck.training.stepper import Run, Stepper, finite

QUICK_COMPILATION = {"xla_backend_optimization_level": 1}
"""A fifth less time to compile the steps, and the same time to run them (measured)."""


PAUSE = 0.4
"""Seconds that a call may take. It copies parameters and the solver's memory: with 0.1 s, training
784-512-512-10 took 5 % longer."""

FLOPS_A_SECOND = 4e9
"""Roughly what one core does; only the first call depends on it."""


@dataclass(frozen=True)
class MiniBatches(Stepper):
    """Steps on batches, in an order that changes from epoch to epoch."""

    full: ClassVar[bool] = False
    room: ClassVar[int] = 64
    ahead: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("clip_norm", "seed")
    tol: ClassVar[float] = 1e-4
    relative: ClassVar[bool] = False

    @property
    def columns(self) -> tuple[str, ...]:
        """None: the rate is known before the step."""
        return ()

    def batch_size(self, count: int, wanted: int) -> int:
        """As many as wanted, or as there are."""
        return min(wanted, count)

    def pack(self, parameters: Parameters) -> Packed:
        """One vector, or one array each in a large network."""
        return self.plan.objective.network.pack(parameters)

    def memory_shapes(self, dtype: np.dtype, rows: int) -> Any:
        """Whatever Optax keeps."""
        del rows
        return _memory_shapes(self.plan, dtype)

    def run(self) -> Run:
        """The compiled program."""
        return steps(self.plan)

    def pace(self, rows: int) -> Pace:
        """From a guess at what a step costs; small networks do a whole chunk in the first call."""
        seconds = 6.0 * rows * self.plan.objective.network.size / FLOPS_A_SECOND
        return Pace(max(1, min(self.room, int(PAUSE / seconds))), PAUSE)


def transformation(plan: Plan, numbers: dict[str, Any]) -> Any:
    """The first-order solver of a plan with its numbers."""
    assert isinstance(plan.solver, FirstOrder)
    mask = plan.objective.network.weight_mask() if plan.solver.decays else None
    return plan.solver.transformation(plan.hyperparameters(numbers), mask)


@kept(most=128)
def _memory_shapes(plan: Plan, dtype: np.dtype) -> Any:
    network = plan.objective.network
    zeros = {
        name: {kind: np.zeros(shape, dtype) for kind, shape in shapes.items()}
        for name, shapes in network.shapes().items()
    }
    numbers = dict.fromkeys(plan.solver.traced, jax.ShapeDtypeStruct((), dtype))
    return jax.eval_shape(
        lambda v, n: transformation(plan, n).init(v), network.pack(zeros), numbers
    )


@kept(most=48)
def steps(plan: Plan) -> Run:
    """``run(state, batches, traced, count)``: ``count`` steps; loss and gradient norm of each.

    ``batches`` is (x, y, w, which) of a ``Chunk``; ``traced`` holds the solver's ``numbers``, the
    ``rates`` of the steps, ``penalty``, ``clip_norm``, ``seed``, and the variations' numbers.

    Numbers that a user tunes are traced, so changing them compiles nothing. Nothing is donated: the
    state before a chunk stays valid, so that a part of it can be run again to the very same bits.
    """
    objective, network = plan.objective, plan.objective.network
    bounds = _packed_bounds(objective)

    def step(
        state: State, batch: tuple[Array, ...], rate: Array, traced: Any
    ) -> tuple[State, Array]:
        x, y, w = batch
        key = None if objective.steady else _key(traced["seed"], state.step)

        def value(parameters: Any) -> Array:
            flow = objective.flow(jnp, key=key, numbers=traced, keeps=("preactivation",))
            return objective.mean(parameters, x, y, w, jnp, flow)

        parameters, penalty = network.unpack(state.vector), traced["penalty"]
        loss, tree = jax.value_and_grad(value)(parameters)
        if network.large:  # XLA sums the squares of large matrices on one core
            norm = lax.cond(penalty > 0, network.squared_norm, lambda _: 0.0 * loss, parameters)
        else:
            norm = network.squared_norm(parameters)
        loss = loss + 0.5 * penalty * norm
        for name, kind, weight in network.paths():
            if weight.role == "weight":
                tree[name][kind] = tree[name][kind] + penalty * parameters[name][kind]
        gradient = network.pack(tree, jnp)
        norm = jnp.sqrt(sum(jnp.vdot(g, g) for g in jax.tree.leaves(gradient)))
        shrink = jnp.where(norm > traced["clip_norm"], traced["clip_norm"] / norm, 1.0)
        gradient = jax.tree.map(lambda g: g * shrink, gradient)
        solver = transformation(plan, traced["numbers"])
        direction, memory = solver.update(gradient, state.memory, state.vector)
        vector = jax.tree.map(lambda p, d: p - rate * d, state.vector, direction)
        if bounds is not None:
            vector = jax.tree.map(_clipped, vector, *bounds)
        return State(vector, memory, state.step + np.uint32(1)), jnp.stack([loss, norm])

    def run(state: State, batches: Any, traced: Any, count: Any) -> tuple[State, Array, Array]:
        x, y, w, which = batches

        def body(i: Array, carry: tuple[State, Array]) -> tuple[State, Array]:
            state, seen = carry
            k = which[i] if x.shape[0] > 1 else 0  # all rows in one batch are not copied
            state, measured = step(state, (x[k], y[k], w[k]), traced["rates"][i], traced)
            return state, lax.dynamic_update_index_in_dim(seen, measured, i, 0)

        seen = jnp.zeros((which.shape[0], 2), y.dtype)
        state, seen = lax.fori_loop(np.int32(0), count, body, (state, seen))
        return state, seen, finite(state.vector)

    return jax.jit(run, compiler_options=QUICK_COMPILATION)


def _packed_bounds(objective: Objective) -> tuple[Packed, Packed] | None:
    """The bounds as the parameters are trained; those of large matrices stay a column."""
    network, bounds = objective.network, objective.bounds
    if bounds is None:
        return None
    low, high = (network.pack(b if network.large else network.whole(b)) for b in bounds)
    return low, high


def _clipped(part: Array, low: Array, high: Array) -> Array:
    return jnp.clip(part, low.astype(part.dtype), high.astype(part.dtype))


def _key(seed: Array, step: Array) -> Array:
    """The random key of a step."""
    return jax.random.fold_in(jax.random.key(seed), step)
