"""The dense layer: units in parallel."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.choices import spelled
from unstuck.errors import ParameterError
from unstuck.layers.flow import Flow
from unstuck.layers.layer import Derivative, Own, Spec, Weight

LAYER_NORM_EPSILON = 1e-5
Product = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Dense:
    """``z = f(x W + b)``, or with layer normalization ``z = f(g (x W - mean) / std + b)``.

    A record without weights; they are passed in, so that one record serves training (compiled)
    and prediction (NumPy).

    Attributes:
        units: number of units, the fan-out.
        activation: the record of ``f``.
        layer_norm: whether pre-activations are standardized over the units of the layer.

    Raises:
        ParameterError: units, activation or layer_norm that cannot be.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> from unstuck.layers.dense import Dense
        >>> {name: each.shape for name, each in
        ...  Dense(3, ACTIVATIONS["relu"]).weights(Spec((2,))).items()}
        {'weights': (2, 3), 'bias': (3,)}

    Reference: Ba, Kiros and Hinton 2016 (layer normalization).
    """

    units: int
    activation: Activation
    layer_norm: bool = False

    def __post_init__(self) -> None:
        whole = isinstance(self.units, Integral) and not isinstance(self.units, bool)
        if not whole or self.units < 1:
            raise ParameterError(f"Dense: units was {self.units!r}; expected an integer >= 1.")
        if not isinstance(self.activation, Activation):
            raise ParameterError(
                f"Dense: activation was {self.activation!r}; expected a record, such as "
                "ACTIVATIONS['relu']."
            )
        if not isinstance(self.layer_norm, bool):
            raise ParameterError(
                f"Dense: layer_norm was {self.layer_norm!r}; expected True or False."
            )

    @property
    def unit(self) -> Activation:
        """The activation function."""
        return self.activation

    @property
    def linear(self) -> bool:
        """Whether the outputs are a linear map of the inputs."""
        unit = self.activation
        slope_1 = unit.name == "leaky_relu" and unit.constant == 1.0
        return not self.layer_norm and (unit.name == "identity" or slope_1)

    def weights(self, inputs: Spec) -> dict[str, Weight]:
        """A matrix (fan-in, units), a gain where it normalizes, and a bias."""
        fan_in, each = inputs.width, (self.units,)
        gain = {"gain": Weight(each, "gain")} if self.layer_norm else {}
        matrix = Weight((fan_in, self.units), "weight", fan_in, self.units)
        return {"weights": matrix, **gain, "bias": Weight(each, "bias")}

    def outputs(self, inputs: Spec) -> Spec:
        """A number for each unit."""
        del inputs
        return Spec((self.units,))

    def __call__(self, own: Own, x: Array, flow: Flow) -> Array:
        """The outputs, shape (n, units), for inputs (n, fan-in)."""
        a = flow.see("preactivation", self.received(own, x, flow.xp, flow.product))
        return flow.activate(self.activation, a)

    def received(
        self, own: Own, x: Array, xp: Any = np, product: Product = operator.matmul
    ) -> Array:
        """What the units receive, shape (n, units); ``product`` as a pass computes it."""
        a = product(x, own["weights"])
        if self.layer_norm:
            centered = a - a.mean(-1, keepdims=True)
            variance = (centered**2).mean(-1, keepdims=True)
            a = own["gain"] * centered / xp.sqrt(variance + LAYER_NORM_EPSILON)
        return a + own["bias"]

    def pull(
        self, own: Own, x: Array, adjoint: Array, xp: Any = np
    ) -> tuple[Array, dict[str, Derivative]]:
        """The backward law: ``dL/dx = dL/da W^T``, ``dL/dW = x^T dL/da``, ``dL/db = sum dL/da``.

        Arguments:
            own: the parameters.
            x: inputs, shape (n, fan-in).
            adjoint: of the pre-activations, shape (n, m, units).
            xp: NumPy or ``jax.numpy``.

        Returns:
            The adjoint of the inputs, (n, m, fan-in), and the parameters' derivatives.
        """
        found = {"bias": Derivative(adjoint)}
        if self.layer_norm:
            standard, deviation = _standardized(x @ own["weights"], xp)
            found = {"gain": Derivative(adjoint * standard), **found}
            # The mean and the standard deviation of a row depend on all of its units.
            pull = adjoint * own["gain"]
            along = (pull * standard).mean(-1, keepdims=True)
            adjoint = (pull - pull.mean(-1, keepdims=True) - standard * along) / deviation
        found = {"weights": Derivative(adjoint, x), **found}
        return adjoint @ own["weights"].T, found

    def __str__(self) -> str:
        return f"{spelled(self.activation)}{' of layer norm' if self.layer_norm else ''}"


def _standardized(a: Array, xp: Any) -> tuple[Array, Array]:
    centered = a - a.mean(-1, keepdims=True)
    deviation = xp.sqrt((centered**2).mean(-1, keepdims=True) + LAYER_NORM_EPSILON)
    return (centered / deviation)[:, None], deviation[:, None]
