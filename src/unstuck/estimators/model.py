"""A trained network with all that is needed to predict and to go on training."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from unstuck.activations import Array
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.scaling import Scaler
from unstuck.layers.network import Network, Packed, Parameters, Pass
from unstuck.losses import Loss
from unstuck.training.history import History


@dataclass
class Rows:
    """Examples.

    Attributes:
        x: inputs, shape (n, inputs), dense or CSR, in the user's units.
        y: targets for the loss, shape (n, outputs), in the user's units.
        w: weights, shape (n,).
        labels: the targets as the user gave them, for scores.
    """

    x: Array
    y: np.ndarray
    w: np.ndarray
    labels: np.ndarray

    def take(self, indices: np.ndarray) -> Rows:
        """Some of the examples."""
        return Rows(*(part[indices] for part in (self.x, self.y, self.w, self.labels)))


@dataclass
class Model:
    """What a fit leaves behind. Predictions are made in NumPy float64.

    Attributes:
        network: the layers.
        loss: the loss it is trained with.
        parameters: by layer and name, float64; they act on scaled inputs.
        inputs, targets: how these are standardized.
        seed: of the fit.
        step: training steps done.
        memory: the solver's memory as a list of arrays; ``None`` before the first step.
        history: the course of the fit.
        posterior: how sure the parameters are, after Bayesian regularization.
    """

    network: Network
    loss: Loss
    parameters: Parameters
    inputs: Scaler
    targets: Scaler
    seed: int
    step: int = 0
    memory: list[np.ndarray] | None = None
    history: History = field(default_factory=History)
    posterior: Posterior | None = None

    def passes(self, x: Array) -> list[Pass]:
        """The forward pass for rows in the user's units; sparse rows are never made dense."""
        parameters = self.parameters
        if sparse.issparse(x):
            first = self.network.names[0]
            x, shift = self.inputs.into_bias(x, parameters[first]["weights"])
            return list(self.network.passes(parameters, x, first_shift=shift))
        return list(self.network.passes(parameters, self.inputs(x)))

    def outputs(self, x: Array) -> np.ndarray:
        """The output units, shape (n, outputs), in the targets' units."""
        return self.targets.undo(self.passes(x)[-1].output)

    def deviations(self, x: Array) -> np.ndarray:
        """Standard deviation of new observations, shape (n, outputs), in the targets' units."""
        assert self.posterior is not None
        x = self.inputs(x.toarray() if sparse.issparse(x) else x)
        return self.targets.scale * self.posterior.deviation(self.network, self.parameters, x)

    def outputs_of(self, vector: Packed, x: Array) -> np.ndarray:
        """The same with other parameters, given as the vector that is trained."""
        return self.with_vector(vector).outputs(x)

    def with_vector(self, vector: Packed) -> Model:
        """This model with other parameters."""
        parameters = self.unpacked(vector)
        return Model(
            self.network, self.loss, parameters, self.inputs, self.targets, self.seed, self.step
        )

    def unpacked(self, vector: Packed) -> Parameters:
        """Trained parameters by layer and name, in float64 and on the host."""
        return {
            name: {kind: np.array(array, np.float64) for kind, array in layer.items()}
            for name, layer in self.network.unpack(_on_host(vector)).items()
        }

    def cast(self, dtype: np.dtype) -> Parameters:
        """The parameters in another dtype."""
        return {
            name: {kind: array.astype(dtype) for kind, array in layer.items()}
            for name, layer in self.parameters.items()
        }


def _on_host(vector: Packed) -> Packed:
    """Plain arrays: cutting a vector on the device would compile programs."""
    if isinstance(vector, tuple):
        return tuple(np.asarray(array) for array in vector)
    return np.asarray(vector)
