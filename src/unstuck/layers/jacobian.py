"""The Jacobian of a network, layer by layer: adjoints times inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.layers.dense import LAYER_NORM_EPSILON, Dense
from unstuck.layers.network import Network, Parameters, Pass


def jacobian(
    network: Network,
    parameters: Parameters,
    x: Array,
    xp: Any = np,
    seed: Callable[[Pass], Array] | None = None,
) -> Array:
    """Derivatives of every row's output pre-activations with respect to all parameters.

    ``J[n, j, :] = flatten(dt_j / dp)`` at row n; with a seed ``sum_j seed[n, i, j] J[n, j, :]``.

    Arguments:
        network: the network.
        parameters: by layer and name.
        x: inputs, shape (n, inputs).
        xp: NumPy or ``jax.numpy``.
        seed: takes the output layer's pass and returns the adjoints of its pre-activations to
            start from, shape (n, m, outputs); without it, the identity.

    Returns:
        Shape (n, m, parameters), in the order of ``Network.flatten``.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> network = Network(2, (("output", Dense(1, ACTIVATIONS["identity"])),))
        >>> parameters = network.unflatten(np.zeros(3))
        >>> jacobian(network, parameters, np.array([[5.0, 7.0]]))
        array([[[5., 7., 1.]]])

    Reference: Hagan and Menhaj 1994.
    """
    passes = list(network.passes(parameters, x, xp))
    inputs = [x, *(each.output for each in passes[:-1])]
    adjoint = _identity(passes[-1], xp) if seed is None else seed(passes[-1])
    blocks: list[Array] = []
    for index in reversed(range(len(passes))):
        name, layer = network.layers[index]
        if index < len(passes) - 1:
            adjoint = adjoint @ parameters[network.names[index + 1]]["weights"].T
            adjoint = through(layer.activation, adjoint, passes[index], xp)
        found, adjoint = _derivatives(layer, parameters[name], inputs[index], adjoint, xp)
        blocks = found + blocks
    return xp.concatenate(blocks, -1)


def through(activation: Activation, adjoint: Array, at: Pass, xp: Any = np) -> Array:
    """``adjoint dz/da``: adjoints of outputs into adjoints of pre-activations.

    The derivative of every activation is symmetric, so this is ``dz/da`` times a direction, too.

    Arguments:
        activation: the record of ``z = f(a)``.
        adjoint: shape (n, m, units).
        at: what the layer did, arrays of shape (n, units).
        xp: NumPy or ``jax.numpy``.
    """
    a, z = at.preactivation[:, None], at.output[:, None]
    if activation.name == "softmax":
        return z * (adjoint - (z * adjoint).sum(-1, keepdims=True))
    if activation.slope is None:
        return activation.slope_at(a, xp) * adjoint
    return activation.slope(a, z, xp, *activation.constants) * adjoint


def _identity(last: Pass, xp: Any) -> Array:
    rows, units = last.preactivation.shape
    return xp.broadcast_to(xp.eye(units, dtype=last.preactivation.dtype), (rows, units, units))


def _derivatives(
    layer: Dense, parameters: dict[str, Array], x: Array, adjoint: Array, xp: Any
) -> tuple[list[Array], Array]:
    """Those of one layer's parameters, each (n, m, size), and the adjoint of ``x W``."""
    after = [adjoint]
    if layer.layer_norm:
        standard, deviation = _standardized(x @ parameters["weights"], xp)
        after = [adjoint * standard, adjoint]
        pull = adjoint * parameters["gain"]
        along = (pull * standard).mean(-1, keepdims=True)
        adjoint = (pull - pull.mean(-1, keepdims=True) - standard * along) / deviation
    weights = x[:, None, :, None] * adjoint[:, :, None, :]
    return [weights.reshape(*adjoint.shape[:2], -1), *after], adjoint


def _standardized(a: Array, xp: Any) -> tuple[Array, Array]:
    centered = a - a.mean(-1, keepdims=True)
    deviation = xp.sqrt((centered**2).mean(-1, keepdims=True) + LAYER_NORM_EPSILON)
    return (centered / deviation)[:, None], deviation[:, None]
