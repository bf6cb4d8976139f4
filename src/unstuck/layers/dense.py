"""The dense layer: units in parallel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.choices import spelled
from unstuck.initializers import Initializer

LAYER_NORM_EPSILON = 1e-5


@dataclass(frozen=True)
class Dense:
    """``z = f(x W + b)``, or with layer normalization ``z = f(g (x W - mean) / std + b)``.

    A record without weights; they are passed in, so that one record serves training (compiled)
    and prediction (NumPy).

    Attributes:
        units: number of units, the fan-out.
        activation: the record of ``f``.
        layer_norm: whether pre-activations are standardized over the units of the layer.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> from unstuck.layers.dense import Dense
        >>> Dense(3, ACTIVATIONS["relu"]).shapes(fan_in=2)
        {'weights': (2, 3), 'bias': (3,)}

    Reference: Ba, Kiros and Hinton 2016 (layer normalization).
    """

    units: int
    activation: Activation
    layer_norm: bool = False

    def shapes(self, fan_in: int) -> dict[str, tuple[int, ...]]:
        """Shape of every parameter for inputs of width ``fan_in``."""
        shapes: dict[str, tuple[int, ...]] = {"weights": (fan_in, self.units)}
        if self.layer_norm:
            shapes["gain"] = (self.units,)
        return shapes | {"bias": (self.units,)}

    def initialize(
        self, fan_in: int, law: Initializer, rng: np.random.Generator
    ) -> dict[str, Array]:
        """First parameters, float64."""
        weights = law.draw(rng, (fan_in, self.units))
        bias = np.zeros(self.units) if law.biases is None else law.biases(rng, weights)
        gain = {"gain": np.ones(self.units)} if self.layer_norm else {}
        return {"weights": weights, **gain, "bias": bias}

    def preactivation(
        self, parameters: dict[str, Array], x: Array, xp: Any = np, shift: Array | None = None
    ) -> Array:
        """What the activation receives, shape (n, units), for inputs (n, fan-in).

        Arguments:
            shift: added to ``x W``, shape (units,), before anything else.
        """
        a = x @ parameters["weights"]
        if shift is not None:
            a = a + shift
        if self.layer_norm:
            centered = a - a.mean(-1, keepdims=True)
            variance = (centered**2).mean(-1, keepdims=True)
            a = parameters["gain"] * centered / xp.sqrt(variance + LAYER_NORM_EPSILON)
        return a + parameters["bias"]

    def __str__(self) -> str:
        return f"{spelled(self.activation)}{' of layer norm' if self.layer_norm else ''}"
