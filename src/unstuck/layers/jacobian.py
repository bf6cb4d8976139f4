"""The Jacobian of a network, layer by layer: adjoints times inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.kept import kept
from unstuck.layers.flow import Flow
from unstuck.layers.layer import Derivative, Layer, can_pull
from unstuck.layers.network import Network, Parameters
from unstuck.lazy import jax, jnp


class Outputs(NamedTuple):
    """What the output units received and made of it, each of shape (n, outputs)."""

    preactivation: Array
    output: Array


def outputs_of(network: Network, parameters: Parameters, x: Array, xp: Any = np) -> Outputs:
    """Pre-activations and outputs of the last layer."""
    flow = Flow(xp, keeps=("preactivation",), only=network.names[-1])
    z = network.run(parameters, x, flow)
    return Outputs(flow.seen[flow.layer]["preactivation"], z)


def jacobian(
    network: Network,
    parameters: Parameters,
    x: Array,
    xp: Any = np,
    seed: Callable[[Outputs], Array] | None = None,
) -> Array:
    """Derivatives of every row's output pre-activations with respect to all parameters.

    ``J[n, j, :] = flatten(dt_j / dp)`` at row n; with a seed ``sum_j seed[n, i, j] J[n, j, :]``.

    Arguments:
        network: the network.
        parameters: by layer and name.
        x: inputs, shape (n, inputs).
        xp: NumPy or ``jax.numpy``.
        seed: takes what the output layer did and returns the adjoints of its pre-activations to
            start from, shape (n, m, outputs); without it, the identity.

    Returns:
        Shape (n, m, parameters), in the order of ``Network.flatten``.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> from unstuck.layers.dense import Dense
        >>> network = Network(2, (("output", Dense(1, ACTIVATIONS["identity"])),))
        >>> parameters = network.unflatten(np.zeros(3))
        >>> jacobian(network, parameters, np.array([[5.0, 7.0]]))
        array([[[5., 7., 1.]]])

    Reference: Hagan and Menhaj 1994.
    """
    if not all(can_pull(layer) for _, layer in network.layers):
        return _differentiated(network, parameters, x, xp, seed)
    flow = Flow(xp)
    network.run(parameters, x, flow)
    last = Outputs(**flow.seen[flow.layer])
    adjoint = _identity(last, xp) if seed is None else seed(last)
    blocks = [
        derivative.by_row()
        for own in backward(network, parameters, x, flow, adjoint)
        for derivative in own.values()
    ]
    return xp.concatenate(blocks, -1)


def backward(
    network: Network, parameters: Parameters, x: Array, flow: Flow, adjoint: Array
) -> list[dict[str, Derivative]]:
    """Every parameter's derivative, layer by layer from input to output, by the layers' own laws.

    Arguments:
        network: each of its layers has ``pull``.
        parameters: by layer and name.
        x: inputs, shape (n, inputs).
        flow: of the forward pass; adjoints are added to what it has seen: ``"adjoint"`` of
            pre-activations, and of hidden layers ``"output_adjoint"``.
        adjoint: of the output layer's pre-activations, shape (n, m, outputs).
    """
    found: list[dict[str, Derivative]] = []
    inputs = [x, *(flow.seen[name]["output"] for name, _ in network.hidden)]
    for (name, layer), entered in zip(reversed(network.layers), reversed(inputs), strict=True):
        seen = flow.seen[name]
        if found:  # so far it is the adjoint of the layer's outputs
            seen["output_adjoint"] = adjoint
            adjoint = through(layer, adjoint, seen, flow.xp)
        seen["adjoint"] = adjoint
        adjoint, derivatives = layer.pull(parameters[name], entered, adjoint, flow.xp)  # type: ignore[attr-defined]
        found.append(derivatives)
    return found[::-1]


def through(layer: Layer, adjoint: Array, seen: dict[str, Array], xp: Any = np) -> Array:
    """``adjoint dz/da``: adjoints (n, m, units) of a layer's outputs into those of what its unit
    received."""
    a, z = seen["preactivation"][:, None], seen["output"][:, None]
    return layer.unit.through(adjoint, a, z, xp)


def _identity(last: Outputs, xp: Any) -> Array:
    rows, units = last.preactivation.shape
    return xp.broadcast_to(xp.eye(units, dtype=last.preactivation.dtype), (rows, units, units))


def _differentiated(
    network: Network,
    parameters: Parameters,
    x: Array,
    xp: Any,
    seed: Callable[[Outputs], Array] | None,
) -> Array:
    """The same by JAX, for layers without a backward law of their own."""
    p = network.flatten(parameters, xp)
    if xp is np:
        with jax.enable_x64(p.dtype == np.float64):
            matrix: Any = np.asarray(by_row(network)(p, np.asarray(x, p.dtype)))
    else:
        matrix = _jacobian_of_rows(network, p, x)
    return matrix if seed is None else seed(outputs_of(network, parameters, x, xp)) @ matrix


@kept(most=16)
def by_row(network: Network) -> Callable[[Array, Array], Array]:
    """``found(vector, x)``, compiled: the Jacobian by JAX, shape (n, outputs, parameters)."""

    def found(p: Array, x: Array) -> Array:
        return _jacobian_of_rows(network, p, x)

    return jax.jit(found)


def _jacobian_of_rows(network: Network, p: Array, x: Array) -> Array:
    def flat(p: Array, row: Array) -> Array:
        return outputs_of(network, network.unflatten(p), row[None], jnp).preactivation[0]

    return jax.vmap(jax.jacrev(flat), (None, 0))(p, x)
