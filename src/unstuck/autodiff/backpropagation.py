"""Backpropagation layer by layer, as one writes it by hand: plain NumPy, every number kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.autodiff import backpropagation_table
from unstuck.errors import DataError
from unstuck.layers.dense import LAYER_NORM_EPSILON, Dense
from unstuck.layers.network import Parameters, Pass
from unstuck.lazy import jax, jnp
from unstuck.losses import Loss
from unstuck.training.objective import Objective


@dataclass(frozen=True, eq=False)
class LayerPass:
    """What one layer computed and received back; n rows, ``units`` wide.

    Attributes:
        name: of the layer.
        layer: its record.
        input: what it received, shape (n, fan-in).
        a: pre-activations, shape (n, units).
        z: outputs ``h(a)``, shape (n, units).
        slope: ``h'(a)``, shape (n, units); the Jacobian's diagonal for softmax.
        delta: errors ``dL/da``, shape (n, units), each row with its share in the objective.
        parameters: the layer's.
        gradient: derivative of the objective with respect to each of them, in their shapes.
    """

    name: str
    layer: Dense
    input: np.ndarray
    a: np.ndarray
    z: np.ndarray
    slope: np.ndarray
    delta: np.ndarray
    parameters: dict[str, np.ndarray]
    gradient: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Backpropagation:
    """The five steps of backpropagation on some rows. ``print`` shows them.

    Attributes:
        objective: what is differentiated.
        x, y, w: inputs (n, inputs), targets (n, outputs) and weights (n,) of the rows.
        penalty: of the squared weights.
        loss: weighted mean of the rows' losses.
        value: the objective: loss and penalty.
        layers: from input to output.
    """

    objective: Objective = field(repr=False)
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    w: np.ndarray = field(repr=False)
    penalty: float
    loss: float
    value: float
    layers: tuple[LayerPass, ...] = field(repr=False)

    @property
    def gradient(self) -> Parameters:
        """The derivative of the objective, by layer and name."""
        return {each.name: each.gradient for each in self.layers}

    def updated(self, rate: float) -> Parameters:
        """The parameters after a step of gradient descent, ``w - rate * dL/dw``."""
        return {
            each.name: {
                kind: array - rate * each.gradient[kind] for kind, array in each.parameters.items()
            }
            for each in self.layers
        }

    def draw(self, path: str | Path) -> Path:
        """Write the picture to an ``.svg`` or ``.png`` file."""
        from unstuck.autodiff import backpropagation_figure

        return backpropagation_figure.save(self, path)

    def __str__(self) -> str:
        return backpropagation_table.table(self)

    def _repr_svg_(self) -> str:
        from unstuck.autodiff import backpropagation_figure

        return backpropagation_figure.svg(self)


def backpropagate(
    objective: Objective, parameters: Parameters, x: Any, y: Any, w: Any = None, penalty: float = 0
) -> Backpropagation:
    """Forward pass, errors of the outputs, errors of the hidden layers, derivatives.

    ``delta_j = h'(a_j) sum_k w_jk delta_k``, and the derivative of a weight is the error of the
    unit that it leads to times its input.

    Arguments:
        objective: network and loss; the true slopes are used whatever its ``slope_offset``.
        parameters: by layer and name.
        x: inputs as the network receives them, shape (n, inputs), or (inputs,) for one example.
        y: targets as the loss receives them, shape (n, outputs) or (outputs,).
        w: weights of the rows, shape (n,); ones if not given.
        penalty: of half the squared norm of the weights.

    Raises:
        DataError: shapes that do not belong together.

    Example:
        >>> import numpy as np
        >>> from unstuck import ACTIVATIONS, LOSSES
        >>> from unstuck.layers.dense import Dense
        >>> from unstuck.layers.network import Network
        >>> network = Network(1, (("output", Dense(1, ACTIVATIONS["identity"])),))
        >>> parameters = {"output": {"weights": np.array([[2.0]]), "bias": np.array([1.0])}}
        >>> passed = backpropagate(Objective(network, LOSSES["mse"]), parameters, [3.0], [5.0])
        >>> passed.layers[0].a, passed.layers[0].delta, passed.gradient["output"]["weights"]
        (array([[7.]]), array([[2.]]), array([[6.]]))

    Reference: Rumelhart, Hinton and Williams 1986; Bishop 2006, section 5.3.
    """
    x, y, w = _rows(objective, x, y, w)
    passes = list(objective.network.passes(parameters, x))
    share = w / w.sum()
    a = passes[-1].preactivation
    error = output_error(objective.loss, objective.network.output, y, a)
    layers = _backward(objective, parameters, passes, x, share[:, None] * error, penalty)
    loss = float(share @ objective.losses(parameters, x, y))
    value = float(objective(parameters, x, y, w, penalty))
    return Backpropagation(objective, x, y, w, penalty, loss, value, tuple(layers))


def _backward(
    objective: Objective,
    parameters: Parameters,
    passes: Sequence[Pass],
    x: np.ndarray,
    delta: np.ndarray,
    penalty: float,
) -> list[LayerPass]:
    """Every layer from the output's ``delta`` back, returned from input to output."""
    found: list[LayerPass] = []
    inputs = [x, *(each.output for each in passes[:-1])]
    for index in reversed(range(len(passes))):
        name, layer = objective.network.layers[index]
        own, (_, a, z) = parameters[name], passes[index]
        if found:  # so far delta is dL/dz
            delta = _through(layer.activation, a, z, delta)
        back, gradient = _derivatives(layer, own, inputs[index], delta)
        gradient["weights"] = gradient["weights"] + penalty * own["weights"]
        slope = layer.activation.slope_at(a)
        found.append(LayerPass(name, layer, inputs[index], a, z, slope, delta, own, gradient))
        delta = back
    return found[::-1]


def _rows(
    objective: Objective, x: Any, y: Any, w: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    widths = objective.network.widths
    x = np.atleast_2d(np.asarray(x, np.float64))
    y = np.atleast_2d(np.asarray(y, np.float64))
    w = np.ones(len(x)) if w is None else np.atleast_1d(np.asarray(w, np.float64))
    expected = ((len(x), widths[0]), (len(x), widths[-1]), (len(x),))
    if (x.shape, y.shape, w.shape) != expected or not w.sum() > 0:
        raise DataError(
            f"backpropagation: inputs have shape {x.shape}, targets {y.shape}, weights {w.shape} "
            f"(sum {w.sum():g}); expected (n, {widths[0]}), (n, {widths[-1]}) and (n,) with a "
            "positive sum. Give one row of each for every example."
        )
    return x, y, w


# Derivatives

ERRORS: dict[str, Callable[..., Array]] = {
    "squared_error": lambda y, z: z - y,
    "absolute_error": lambda y, z: np.where(z > y, 1.0, -1.0),
    "huber": lambda y, z, d: np.clip(z - y, -d, d),
    "quantile": lambda y, z, q: np.where(y > z, -q, 1.0 - q),
    "poisson": lambda y, z: 1.0 - y / np.maximum(z, 1e-30),
}
"""Derivative of a loss with respect to the outputs z; at a kink JAX's convention."""

FUSED_ERRORS: dict[tuple[str, str], Callable[..., Array]] = {
    ("cross_entropy", "softmax"): lambda y, z: y.sum(-1, keepdims=True) * z - y,
    ("cross_entropy", "logistic"): lambda y, z: z - y,
    ("poisson", "exponential"): lambda y, z: z - y,
}
"""Derivative with respect to the pre-activations, where the unit's slope cancels."""


def output_error(loss: Loss, output: Activation, y: np.ndarray, a: np.ndarray) -> np.ndarray:
    """``dL/da`` of the output units for every row's own loss, shape (n, outputs).

    Arguments:
        loss, output: the pair; a loss of the user's own is differentiated by JAX.
        y: targets, shape (n, outputs).
        a: pre-activations, shape (n, outputs).

    Example:
        >>> from unstuck import ACTIVATIONS, LOSSES
        >>> output_error(LOSSES["mse"], ACTIVATIONS["tanh"], np.array([[1.0]]), np.zeros((1, 1)))
        array([[-1.]])
    """
    z = output(a)
    if (loss.name, output.name) in FUSED_ERRORS:
        return FUSED_ERRORS[loss.name, output.name](y, z)
    if loss.name in ERRORS:
        return _through(output, a, z, ERRORS[loss.name](y, z, *loss.constants))

    with jax.enable_x64(True):
        law = jax.grad(lambda t: loss.of(y, t, output, jnp, output.differentiable()).sum())
        return np.asarray(law(jnp.array(a)))


def _through(activation: Activation, a: Array, z: Array, dz: Array) -> Array:
    """``dL/da`` from ``dL/dz``."""
    if activation.name == "softmax":
        return z * (dz - (z * dz).sum(-1, keepdims=True))
    return activation.slope_at(a) * dz


def _derivatives(
    layer: Dense, parameters: dict[str, Array], x: Array, delta: Array
) -> tuple[Array, dict[str, Array]]:
    """What a layer sends back to its inputs, and the derivatives of its parameters."""
    gradient = {"bias": delta.sum(0)}
    if layer.layer_norm:
        u = x @ parameters["weights"]
        centered = u - u.mean(-1, keepdims=True)
        std = np.sqrt((centered**2).mean(-1, keepdims=True) + LAYER_NORM_EPSILON)
        n = centered / std
        gradient["gain"] = (delta * n).sum(0)
        dn = delta * parameters["gain"]
        # The mean and the standard deviation of a row depend on all of its units.
        delta = (dn - dn.mean(-1, keepdims=True) - n * (dn * n).mean(-1, keepdims=True)) / std
    gradient["weights"] = x.T @ delta
    return delta @ parameters["weights"].T, gradient
