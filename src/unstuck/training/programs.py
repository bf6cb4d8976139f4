"""The compiled programs: a chunk of steps, the loss of held-out rows, a look at every layer.

Numbers that a user tunes (rates, momentum, penalties) are traced arguments, so changing them
compiles nothing. Nothing is donated: the state before a chunk stays valid, which makes it
possible to run a part of the chunk again to the very same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unstuck import collector
from unstuck.activations import Array
from unstuck.kept import kept
from unstuck.layers.network import Packed, Parameters
from unstuck.solvers.first_order import FirstOrder
from unstuck.solvers.solver import Batch, Solver
from unstuck.training.batches import Chunk
from unstuck.training.objective import Objective

SIGNALS = (
    "layer_gradient_norm",
    "layer_weight_norm",
    "layer_preactivation_rms",
    "layer_adjoint_rms",
    "layer_mean_slope",
    "layer_flat_share",
)
"""What a look at the network measures in every layer, on a fixed probe of rows:
norm of the weights' gradient, norm of the weights, root mean square of the pre-activations and of
their adjoints (each of its example's own loss), mean slope of the activation, share of (example,
unit) pairs on a flat part (slope under 2 % of the largest)."""

FLAT = 0.02

QUICK_COMPILATION = {"xla_backend_optimization_level": 1}
"""A fifth less time to compile the steps, and the same time to run them (measured)."""


class State(NamedTuple):
    """All that a fit carries from step to step: parameters, solver's memory, steps done."""

    vector: Packed
    memory: Any
    step: Any


@dataclass(frozen=True)
class Plan:
    """What a training program is compiled for.

    Attributes:
        objective: network and loss.
        solver: the solver.
        options: pairs of name and value, of the solver's ``static`` parameters.
    """

    objective: Objective
    solver: Solver
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every step is on all rows."""
        return isinstance(self.solver, Batch)

    def controls(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """All parameters that the solver reads."""
        return {**numbers, **dict(self.options)}

    def transformation(self, numbers: dict[str, Any]) -> Any:
        """The first-order solver with its numbers."""
        assert isinstance(self.solver, FirstOrder)
        mask = self.objective.network.weight_mask() if self.solver.decays else None
        return self.solver.transformation(self.controls(numbers), mask)

    def pack(self, parameters: Parameters) -> Packed:
        """The parameters as they are trained: batch solvers take one vector of any size."""
        network = self.objective.network
        return network.flatten(parameters) if self.whole else network.pack(parameters)


def memory(plan: Plan, vector: Packed) -> Any:
    """The solver's memory before the first step: zeros, made without compiling anything."""
    import jax

    with collector.paused():
        return zeros_like(_memory_shapes(plan, jax.tree.leaves(vector)[0].dtype))


def zeros_like(shapes: Any) -> Any:
    """Zeros of these shapes, as NumPy's arrays."""
    import jax

    return jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), shapes)


@kept(most=128)
def _memory_shapes(plan: Plan, dtype: np.dtype) -> Any:
    import jax

    network = plan.objective.network
    zeros = {
        name: {kind: np.zeros(shape, dtype) for kind, shape in shapes.items()}
        for name, shapes in network.shapes().items()
    }
    vector = network.pack(zeros)
    number = jax.ShapeDtypeStruct((), dtype)
    numbers = dict.fromkeys(plan.solver.numbers, number)
    return jax.eval_shape(lambda v, n: plan.transformation(n).init(v), vector, numbers)


@kept(most=48)
def steps(plan: Plan) -> Callable[..., tuple[State, Array]]:
    """``run(state, batches, controls, count)``: ``count`` steps; loss and gradient norm of each.

    ``batches`` is (x, y, w, which) of a ``Chunk``; ``controls`` holds the solver's ``numbers``,
    the ``rates`` of the steps, ``penalty``, ``clip_norm``, ``dropout`` rate and ``seed``.
    """
    import jax
    import jax.numpy as jnp
    from jax import lax

    objective, network = plan.objective, plan.objective.network

    def step(
        state: State, batch: tuple[Array, ...], rate: Array, controls: Any
    ) -> tuple[State, Array]:
        x, y, w = batch
        drop = _dropper(controls, state.step) if objective.dropout else None

        def value(parameters: Any) -> Array:
            return objective(parameters, x, y, w, controls["penalty"], jnp, drop)

        loss, tree = jax.value_and_grad(value)(network.unpack(state.vector))
        gradient = network.pack(tree, jnp)
        norm = jnp.sqrt(sum(jnp.vdot(g, g) for g in jax.tree.leaves(gradient)))
        shrink = jnp.where(norm > controls["clip_norm"], controls["clip_norm"] / norm, 1.0)
        gradient = jax.tree.map(lambda g: g * shrink, gradient)
        solver = plan.transformation(controls["numbers"])
        direction, memory = solver.update(gradient, state.memory, state.vector)
        vector = jax.tree.map(lambda p, d: p - rate * d, state.vector, direction)
        return State(vector, memory, state.step + np.int32(1)), jnp.stack([loss, norm])

    def run(state: State, batches: Any, controls: Any, count: Any) -> tuple[State, Array]:
        x, y, w, which = batches

        def body(i: Array, carry: tuple[State, Array]) -> tuple[State, Array]:
            state, seen = carry
            k = which[i]
            state, measured = step(state, (x[k], y[k], w[k]), controls["rates"][i], controls)
            return state, lax.dynamic_update_index_in_dim(seen, measured, i, 0)

        seen = jnp.zeros((which.shape[0], 2), y.dtype)
        return lax.fori_loop(np.int32(0), count, body, (state, seen))

    return jax.jit(run, compiler_options=QUICK_COMPILATION)


def _dropper(controls: Any, step: Array) -> Callable[[Array, int], Array]:
    import jax
    import jax.numpy as jnp

    key = jax.random.fold_in(jax.random.key(controls["seed"]), step)

    def drop(h: Array, layer: int) -> Array:
        keep = 1.0 - controls["dropout"]
        kept = jax.random.bernoulli(jax.random.fold_in(key, layer), keep, h.shape)
        return jnp.where(kept, h / keep, 0.0)

    return drop


@kept(most=48)
def evaluation(objective: Objective) -> Callable[..., Array]:
    """``sum(vector, x, y, w, count)``: weighted sum of the losses over ``count`` blocks of rows."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    def total(vector: Packed, x: Array, y: Array, w: Array, count: Array) -> Array:
        parameters = objective.network.unpack(vector)

        def body(i: Array, total: Array) -> Array:
            losses = objective.losses(parameters, x[i], y[i], jnp)
            return total + (w[i] * losses).sum()

        return lax.fori_loop(np.int32(0), count, body, jnp.zeros((), y.dtype))

    return jax.jit(total)


@kept(most=48)
def look(objective: Objective) -> Callable[..., Array]:
    """``signals(vector, x, y, w, penalty)``: the ``SIGNALS`` of every layer, one small matrix."""
    import jax
    import jax.numpy as jnp

    network = objective.network

    def signals(vector: Packed, x: Array, y: Array, w: Array, penalty: Array) -> Array:
        parameters = network.unpack(vector)
        total = jnp.maximum(w.sum(), np.finfo(np.float32).tiny)

        def value(parameters: Any, probes: Any) -> tuple[Array, Any]:
            offset = objective.slope_offset
            found = network.passes(parameters, x, jnp, offset, probes=probes)
            passes = [each.preactivation for each in found]
            output = network.output
            apply = output.differentiable(offset)
            losses = objective.loss.of(y, passes[-1], output, jnp, apply)
            return (w * losses).sum() / total, passes

        zeros = [jnp.zeros((x.shape[0], width), x.dtype) for width in network.widths[1:]]
        (gradients, adjoints), preactivations = jax.grad(value, (0, 1), has_aux=True)(
            parameters, zeros
        )
        rows = []
        share = (w > 0)[:, None] / jnp.maximum((w > 0).sum(), 1)
        own = (total / jnp.where(w > 0, w, 1.0))[:, None]  # undoes the weight in the mean
        for (name, layer), a, adjoint in zip(network.layers, preactivations, adjoints, strict=True):
            weights = parameters[name]["weights"]
            slope = jnp.abs(layer.activation.slope_at(a, jnp))
            largest = layer.activation.largest_slope
            flat = slope < FLAT * (largest if 0.0 < largest < np.inf else 1.0)
            rows.append(
                [
                    jnp.linalg.norm(gradients[name]["weights"] + penalty * weights),
                    jnp.linalg.norm(weights),
                    jnp.sqrt((share * a**2).sum() / a.shape[1]),
                    jnp.sqrt((share * (own * adjoint) ** 2).sum() / a.shape[1]),
                    (share * slope).sum() / a.shape[1],
                    (share * flat).sum() / a.shape[1],
                ]
            )
        return jnp.array(rows)

    return jax.jit(signals)


def batches_of(chunk: Chunk) -> tuple[Array, ...]:
    """The part of a chunk that the compiled steps read."""
    return chunk.x, chunk.y, chunk.w, chunk.which
