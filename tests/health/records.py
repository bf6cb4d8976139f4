"""Records written by hand."""

import numpy as np

from unstuck import ACTIVATIONS
from unstuck.record import LayerRecord, Record


def layer(name, received, unit="tanh", adjoint=None, weights=None, gradient=None, adjoint_out=None):
    """A layer whose units receive ``received`` (n, units)."""
    received = np.asarray(received, float)
    unit = ACTIVATIONS[unit]
    adjoint = np.ones_like(received) if adjoint is None else np.asarray(adjoint, float)
    weights = np.eye(received.shape[1]) if weights is None else np.asarray(weights, float)
    return LayerRecord(
        name=name,
        kind="Dense",
        unit=unit,
        values={"preactivation": received, "output": unit(received)},
        adjoints={
            "preactivation": adjoint,
            "output": adjoint if adjoint_out is None else np.asarray(adjoint_out, float),
        },
        slopes=unit.slope_at(received),
        weights={"weights": weights},
        gradients={"weights": np.ones_like(weights) if gradient is None else np.asarray(gradient)},
        shares=np.full(len(received), 1 / len(received)),
    )


def record(*layers):
    """A record of layers."""
    count = len(layers[0].shares)
    return Record(0, np.ones(count), np.zeros((count, 1)), np.ones(count), layers)
