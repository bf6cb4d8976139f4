"""Backpropagation layer by layer, as one writes it by hand: plain NumPy, every number kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.drawing.views import BACKPROPAGATION
from unstuck.errors import DataError, ParameterError
from unstuck.layers.flow import Flow
from unstuck.layers.jacobian import backward
from unstuck.layers.layer import Derivative, Layer, can_pull
from unstuck.layers.network import Network, Parameters
from unstuck.readable import Facts, Readable
from unstuck.summary import table_of
from unstuck.training.objective import Objective
from unstuck.view import Shown, View


@dataclass(frozen=True, eq=False, repr=False)
class LayerPass(Readable):
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
    layer: Layer
    input: np.ndarray
    a: np.ndarray
    z: np.ndarray
    slope: np.ndarray
    delta: np.ndarray
    parameters: dict[str, np.ndarray]
    gradient: dict[str, np.ndarray]

    def _told(self) -> Facts:
        arrays = {name: getattr(self, name) for name in ("input", "a", "z", "slope", "delta")}
        arrays |= self.parameters
        arrays |= {f"gradient of {name}": each for name, each in self.gradient.items()}
        return Facts("LayerPass", (f"{self.name}: {self.layer}",), table_of(arrays))


@dataclass(frozen=True, eq=False, repr=False)
class Backpropagation(Shown):
    """The five steps of backpropagation on some rows. ``print`` shows them.

    Attributes:
        objective: what is differentiated.
        x, y, w: inputs (n, inputs), targets (n, outputs) and weights (n,) of the rows.
        penalty: of the squared weights.
        loss: weighted mean of the rows' losses.
        value: the objective: loss and penalty.
        layers: from input to output.
        view: what prints and draws it.
        inputs, outputs: names of these, where they have some.
    """

    objective: Objective = field(repr=False)
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    w: np.ndarray = field(repr=False)
    penalty: float
    loss: float
    value: float
    layers: tuple[LayerPass, ...] = field(repr=False)
    view: View = field(repr=False)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

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


def backpropagate(
    objective: Objective, parameters: Parameters, x: Any, y: Any, w: Any = None, penalty: float = 0
) -> Backpropagation:
    """Forward pass, errors of the outputs, errors of the hidden layers, derivatives.

    ``delta_j = h'(a_j) sum_k w_jk delta_k``, and the derivative of a weight is the error of the
    unit that it leads to times its input.

    Arguments:
        objective: network and loss; the true slopes are used, whatever its variations.
        parameters: by layer and name.
        x: inputs as the network receives them, shape (n, inputs), or (inputs,) for one example.
        y: targets as the loss receives them, shape (n, outputs) or (outputs,).
        w: weights of the rows, shape (n,); ones if not given.
        penalty: of half the squared norm of the weights.

    Raises:
        DataError: shapes that do not belong together.
        ParameterError: a layer without a backward law of its own.

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
    _check_laws(objective.network)
    x, y, w = _rows(objective, x, y, w)
    network, flow = objective.network, Flow()
    network.run(parameters, x, flow)
    share = w / w.sum()
    a = flow.seen[network.names[-1]]["preactivation"]
    error = objective.loss.error(y, a, network.output)
    found = backward(network, parameters, x, flow, (share[:, None] * error)[:, None])
    loss = float(share @ objective.losses(parameters, x, y))
    value = float(objective(parameters, x, y, w, penalty))
    layers = _layers(network, parameters, x, flow, found, penalty)
    return Backpropagation(objective, x, y, w, penalty, loss, value, tuple(layers), BACKPROPAGATION)


def _layers(
    network: Network,
    parameters: Parameters,
    x: np.ndarray,
    flow: Flow,
    derivatives: Sequence[dict[str, Derivative]],
    penalty: float,
) -> Iterator[LayerPass]:
    """Every layer from input to output."""
    for (name, layer), own, found in zip(
        network.layers, network.weights().values(), derivatives, strict=True
    ):
        a, z, adjoint = (flow.seen[name][what] for what in ("preactivation", "output", "adjoint"))
        gradient = {kind: derivative.total() for kind, derivative in found.items()}
        for kind, weight in own.items():
            if weight.role == "weight":
                gradient[kind] = gradient[kind] + penalty * parameters[name][kind]
        slope, delta = layer.unit.slope_at(a), adjoint[:, 0]
        yield LayerPass(name, layer, x, a, z, slope, delta, parameters[name], gradient)
        x = z


def _check_laws(network: Network) -> None:
    for name, layer in network.layers:
        if not can_pull(layer):
            kind = type(layer).__name__
            raise ParameterError(
                f"backpropagation: the layer {name}, {kind}, has no pull; expected layers with a "
                f"backward law of their own, as Dense has it. Write {kind}.pull(own, x, adjoint, "
                "xp); or take record_of(net, X, y) for the values and adjoints of its layers, "
                "trace for every operation."
            )


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
