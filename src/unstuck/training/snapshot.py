"""What every layer computed and received back at one moment: a program of its own.

It is run between chunks of steps and cannot change what they compute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.health.signals import SIGNALS
from unstuck.kept import kept
from unstuck.layers.dense import Dense
from unstuck.layers.flow import Flow, Seen
from unstuck.layers.jacobian import backward
from unstuck.layers.network import Network, Packed, Parameters
from unstuck.lazy import jax, jnp
from unstuck.record import LayerRecord, Record
from unstuck.rows.rows import Part
from unstuck.training.objective import TINY, Objective


class _Measured(NamedTuple):
    """Arrays of a pass there and back; by layer, then by name."""

    losses: Array
    values: Seen
    adjoints: Seen
    gradients: Parameters


@kept(most=48)
def signals(objective: Objective) -> Callable[..., Array]:
    """``measure(vector, x, y, w, penalty)``: every signal of every layer, (layers, signals)."""
    network = objective.network

    def measure(vector: Packed, x: Array, y: Array, w: Array, penalty: Array) -> Array:
        parameters = network.unpack(vector)
        measured = _measured(objective, parameters, Part(x, y, w), penalty, ("preactivation",))
        layers = _layers(objective, parameters, measured, w, jnp)
        return jnp.array([[signal.law(layer, jnp) for signal in SIGNALS] for layer in layers])

    return jax.jit(measure)


def record(
    objective: Objective, parameters: Parameters, rows: Part, penalty: float = 0.0, epoch: int = 0
) -> Record:
    """Values and adjoints of every layer on some rows, as plain arrays.

    Arguments:
        objective: network and loss.
        parameters: by layer and name, float64.
        rows: inputs, targets and weights as network and loss receive them.
        penalty: alpha / (sum of the training weights).
        epoch: how many epochs the parameters were trained.

    Example:
        >>> from unstuck import ACTIVATIONS, LOSSES
        >>> from unstuck.layers.dense import Dense
        >>> from unstuck.layers.network import Network
        >>> network = Network(1, (("output", Dense(1, ACTIVATIONS["identity"])),))
        >>> parameters = {"output": {"weights": np.array([[2.0]]), "bias": np.array([1.0])}}
        >>> rows = Part(np.array([[3.0]]), np.array([[5.0]]), np.ones(1))
        >>> found = record(Objective(network, LOSSES["mse"]), parameters, rows)
        >>> found.layers[0].values["preactivation"], found.layers[0].adjoints["preactivation"]
        (array([[7.]]), array([[2.]]))
    """
    measured = _run(objective, parameters, rows, penalty)
    layers = _layers(objective, parameters, measured, rows.w, np)
    return Record(epoch, measured.losses, rows.y, rows.w, tuple(layers))


def gradient(objective: Objective, parameters: Parameters, rows: Part) -> Parameters:
    """The gradient of the mean loss of some rows, by the laws that training uses, float64."""
    return _run(objective, parameters, rows, 0.0).gradients


def _run(objective: Objective, parameters: Parameters, rows: Part, penalty: float) -> _Measured:
    """Measured in float64; arrays of NumPy. Layers whose backward law is the one that training uses
    need no program to be compiled."""
    if all(type(layer) is Dense for _, layer in objective.network.layers):
        return _plain(objective, parameters, Part(*map(np.asarray, rows)), penalty)
    with jax.enable_x64(True):
        put = [jax.device_put(np.asarray(part, np.float64)) for part in rows]
        measured = _program(objective)(parameters, *put, np.float64(penalty))
    return jax.tree.map(np.asarray, measured)


def _plain(objective: Objective, parameters: Parameters, rows: Part, penalty: float) -> _Measured:
    """A pass there and back in NumPy."""
    network, loss, flow = objective.network, objective.loss, Flow()
    with np.errstate(all="ignore"):
        network.run(parameters, rows.x, flow)
        last = flow.seen[network.names[-1]]
        t, z = last["preactivation"], last["output"]
        losses = np.asarray(loss.of(rows.y, t, network.output, np, z))
        error = loss.error(rows.y, t, network.output)
        found = backward(network, parameters, rows.x, flow, error[:, None])
        share = (rows.w / max(rows.w.sum(), TINY))[:, None, None]
        gradients = {
            name: {kind: d._replace(adjoint=share * d.adjoint).total() for kind, d in own.items()}
            for name, own in zip(network.names, found, strict=True)
        }
        _penalize(network, parameters, gradients, penalty)
    values, adjoints = {}, {}
    for name, seen in flow.seen.items():
        values[name] = {what: seen[what] for what in ("preactivation", "output")}
        adjoints[name] = {"preactivation": seen["adjoint"][:, 0]}
        if "output_adjoint" in seen:
            adjoints[name]["output"] = seen["output_adjoint"][:, 0]
    if not loss.on_preactivations(network.output) and loss.slope is not None:
        adjoints[network.names[-1]]["output"] = loss.slope(rows.y, z, np, *loss.constants)
    return _Measured(losses, values, adjoints, gradients)


def _penalize(
    network: Network, parameters: Parameters, gradients: Parameters, penalty: Any
) -> None:
    """Add the penalty's derivative to the gradients of weights."""
    for name, kind, weight in network.paths():
        if weight.role == "weight":
            gradients[name][kind] = gradients[name][kind] + penalty * parameters[name][kind]


@kept(most=16)
def _program(objective: Objective) -> Callable[..., _Measured]:
    def run(parameters: Parameters, x: Array, y: Array, w: Array, penalty: Array) -> _Measured:
        return _measured(objective, parameters, Part(x, y, w), penalty, None)

    return jax.jit(run)


def _measured(
    objective: Objective, parameters: Parameters, rows: Part, penalty: Array, keeps: Any
) -> _Measured:
    """One pass there and back. A zero is added to all that is seen: its derivative is the adjoint.

    Arguments:
        keeps: the names of what is kept; ``None`` for all.
    """
    network, loss = objective.network, objective.loss
    total = jnp.maximum(rows.w.sum(), TINY)

    def seen(parameters: Parameters, x: Array) -> Seen:
        flow = objective.flow(jnp, keeps=keeps)
        network.run(parameters, x, flow)
        return flow.seen

    def value(parameters: Parameters, zeros: Seen) -> tuple[Array, tuple[Array, Seen]]:
        flow = objective.flow(jnp, zeros=zeros, keeps=keeps)
        losses = objective.losses(parameters, rows.x, rows.y, jnp, flow)
        return (rows.w * losses).sum() / total, (losses, flow.seen)

    shapes = jax.eval_shape(seen, parameters, rows.x)
    zeros = jax.tree.map(lambda kind: jnp.zeros(kind.shape, kind.dtype), shapes)
    if loss.on_preactivations(network.output):
        zeros[network.names[-1]].pop("output", None)  # such a loss reads the pre-activations
    (gradients, adjoints), (losses, values) = jax.grad(value, (0, 1), has_aux=True)(
        parameters, zeros
    )
    own = total / jnp.where(rows.w > 0, rows.w, 1.0)  # undoes the weight in the mean
    adjoints = jax.tree.map(lambda d: own.reshape(-1, *[1] * (d.ndim - 1)) * d, adjoints)
    _penalize(network, parameters, gradients, penalty)
    return _Measured(losses, values, adjoints, gradients)


def _layers(
    objective: Objective, parameters: Parameters, measured: _Measured, w: Array, xp: Any
) -> list[LayerRecord]:
    shares = (w > 0) / xp.maximum((w > 0).sum(), 1)
    found = []
    for (name, layer), own in zip(
        objective.network.layers, objective.network.weights().values(), strict=True
    ):
        weights = [kind for kind, weight in own.items() if weight.role == "weight"]
        found.append(
            LayerRecord(
                name=name,
                kind=type(layer).__name__,
                unit=layer.unit,
                values=measured.values[name],
                adjoints=measured.adjoints[name],
                slopes=layer.unit.slope_at(measured.values[name]["preactivation"], xp),
                weights={kind: parameters[name][kind] for kind in weights},
                gradients={kind: measured.gradients[name][kind] for kind in weights},
                shares=shares,
            )
        )
    return found
