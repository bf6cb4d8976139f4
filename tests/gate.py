"""A layer and a source of rows written outside of the package, to show that the seams hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unstuck import ACTIVATIONS, Activation
from unstuck.layers.layer import Spec, Weight
from unstuck.rows.rows import Part


@dataclass(frozen=True)
class Gate:
    """``z = f(x W + b) * sigmoid(x V + c)``: units that let through what their gates allow."""

    units: int
    activation: Activation

    @property
    def unit(self):
        return self.activation

    def weights(self, inputs):
        shape, own = (inputs.width, self.units), Weight((self.units,), "bias")
        matrix = Weight(shape, "weight", *shape)
        return {"weights": matrix, "bias": own, "gates": matrix, "gate_bias": own}

    def outputs(self, inputs):
        return Spec((self.units,))

    def __call__(self, own, x, flow):
        a = flow.see("preactivation", x @ own["weights"] + own["bias"])
        b = flow.see("gate", x @ own["gates"] + own["gate_bias"])
        return flow.activate(self.activation, a) * flow.activate(ACTIVATIONS["logistic"], b)


class Waves:
    """Rows that are computed when they are asked for: a sine at as many places as wanted."""

    def __init__(self, count: int, dtype=np.float32):
        self.count, self.dtype, self.weight = count, np.dtype(dtype), float(count)
        self.spec, self.targets = Spec((1,)), Spec((1,))

    def take(self, indices):
        x = np.linspace(-1.0, 1.0, self.count)[indices][:, None]
        y = np.sin(3.0 * x)
        return Part(*(each.astype(self.dtype) for each in (x, y, np.ones(len(x)))))
