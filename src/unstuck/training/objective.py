"""The objective: what a fit makes small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.layers.network import Network, Parameters, named
from unstuck.losses import Loss


@dataclass(frozen=True)
class Objective:
    """Weighted mean of the examples' losses + penalty / 2 x squared norm of the weights.

    ``penalty`` is alpha / (sum of the training weights), whatever the batch; biases are free.

    Attributes:
        network: the network.
        loss: the loss.
        slope_offset: added to the slope of sigmoidal units in the backward pass only.
        dropout: whether outputs of hidden layers are dropped at random.

    Reference: Bishop 2006, equations 5.11 and 5.112.
    """

    network: Network
    loss: Loss
    slope_offset: float = 0.0
    dropout: bool = False

    def __call__(
        self,
        parameters: Parameters,
        x: Array,
        y: Array,
        w: Array,
        penalty: Any,
        xp: Any = np,
        drop: Callable[[Array, int], Array] | None = None,
    ) -> Array:
        """The objective on rows ``x`` (n, inputs), targets ``y`` (n, outputs), weights ``w``."""
        losses = self.losses(parameters, x, y, xp, drop)
        total = (w * losses).sum() / xp.maximum(w.sum(), np.finfo(np.float32).tiny)
        with named("penalty", xp):
            decay = 0.5 * penalty * squared_norm(parameters)
        return total + decay

    def losses(
        self,
        parameters: Parameters,
        x: Array,
        y: Array,
        xp: Any = np,
        drop: Callable[[Array, int], Array] | None = None,
    ) -> Array:
        """The loss of every row, shape (n,)."""
        *_, last = self.network.passes(parameters, x, xp, self.slope_offset, drop)
        output = self.network.output
        apply = None if xp is np else output.differentiable(self.slope_offset)
        return self.loss.of(y, last.preactivation, output, xp, apply)


def squared_norm(parameters: Parameters) -> Array:
    """Squared norm of all weights (not the biases)."""
    return sum((layer["weights"] ** 2).sum() for layer in parameters.values())
