"""The objective: what a fit makes small."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.layers.flow import Flow, named
from unstuck.layers.network import Network, Parameters
from unstuck.losses import Loss
from unstuck.variations import Trains, Variation

TINY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Objective:
    """Weighted mean of the examples' losses + penalty / 2 x squared norm of the weights.

    ``penalty`` is alpha / (sum of the training weights), whatever the batch; biases are free.

    Attributes:
        network: the network.
        loss: the loss.
        variations: what training does otherwise than the plain network.

    Reference: Bishop 2006, equations 5.11 and 5.112.
    """

    network: Network
    loss: Loss
    variations: tuple[Variation, ...] = ()

    @property
    def plain(self) -> Objective:
        """Without what training does otherwise."""
        return Objective(self.network, self.loss)

    def allows(self, solver: Trains) -> bool:
        """Whether a solver can train with all variations."""
        return all(each.allows(solver) for each in self.variations)

    @functools.cached_property
    def bounds(self) -> tuple[Parameters, Parameters] | None:
        """Between what the parameters stay, each broadcast against its own; ``None``: all is
        allowed."""
        return next(filter(None, (each.bounds(self.network) for each in self.variations)), None)

    def allowed(self, parameters: Parameters) -> Parameters:
        """The nearest parameters within the bounds."""
        if self.bounds is None:
            return parameters
        low, high = self.bounds
        return {
            name: {
                kind: np.clip(array, low[name][kind], high[name][kind]).astype(array.dtype)
                for kind, array in own.items()
            }
            for name, own in parameters.items()
        }

    @property
    def steady(self) -> bool:
        """Whether it is the same function in every step."""
        return all(variation.steady for variation in self.variations)

    def flow(self, xp: Any, **more: Any) -> Flow:
        """A pass with its variations; ``more`` as ``Flow`` takes it."""
        return Flow(xp, self.variations, **more)

    def __call__(
        self,
        parameters: Parameters,
        x: Array,
        y: Array,
        w: Array,
        penalty: Any,
        xp: Any = np,
        flow: Flow | None = None,
    ) -> Array:
        """The objective on rows ``x`` (n, inputs), targets ``y`` (n, outputs), weights ``w``."""
        mean = self.mean(parameters, x, y, w, xp, flow)
        with named("penalty", xp):
            decay = 0.5 * penalty * self.network.squared_norm(parameters)
        return mean + decay

    def mean(
        self,
        parameters: Parameters,
        x: Array,
        y: Array,
        w: Array,
        xp: Any = np,
        flow: Flow | None = None,
    ) -> Array:
        """The weighted mean of the rows' losses: the objective without its penalty."""
        return self.mean_loss(*self._ends(parameters, x, xp, flow), y, w, xp)

    def mean_loss(self, received: Array, outputs: Array, y: Array, w: Array, xp: Any) -> Array:
        """The weighted mean of the rows' losses, of what the output units receive and put out."""
        losses = self.loss.of(y, received, self.network.output, xp, outputs)
        return (w * losses).sum() / xp.maximum(w.sum(), TINY)

    def losses(
        self, parameters: Parameters, x: Array, y: Array, xp: Any = np, flow: Flow | None = None
    ) -> Array:
        """The loss of every row, shape (n,).

        Arguments:
            parameters: by layer and name.
            x: inputs, shape (n, inputs).
            y: targets, shape (n, outputs).
            xp: NumPy or ``jax.numpy``.
            flow: the pass to be made; one that draws nothing where none is given.
        """
        received, outputs = self._ends(parameters, x, xp, flow)
        return self.loss.of(y, received, self.network.output, xp, outputs)

    def _ends(
        self, parameters: Parameters, x: Array, xp: Any, flow: Flow | None
    ) -> tuple[Array, Array]:
        """What the output units receive, and what they put out."""
        flow = self.flow(xp, keeps=("preactivation",)) if flow is None else flow
        outputs = self.network.run(parameters, x, flow)
        return flow.seen[flow.layer]["preactivation"], outputs
