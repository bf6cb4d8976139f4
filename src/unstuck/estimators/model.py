"""A trained network with all that is needed to predict and to go on training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from unstuck.activations import Array
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.seeds import Seeds
from unstuck.layers.flow import Flow
from unstuck.layers.jacobian import outputs_of
from unstuck.layers.network import Network, Packed, Parameters
from unstuck.losses import Loss
from unstuck.rows.arrays import standardized
from unstuck.rows.pieces import Inputs
from unstuck.rows.scaling import Scaler, blocks
from unstuck.training.course import Course

VALUES = 1 << 24
"""Outputs of a layer that are in memory at a time, where there are more rows than one."""


@dataclass
class Model:
    """What a fit leaves behind; a fit that goes on makes a new one. Predictions are made in NumPy
    float64.

    Attributes:
        network: the layers.
        loss: the loss it is trained with.
        parameters: by layer and name, float64; they act on scaled inputs. The ones with the best
            validation result, where there are validation data.
        inputs, targets: how these are standardized.
        seeds: of the fit.
        course: what the fit has become.
        posterior: how sure the parameters are, after Bayesian regularization.
    """

    network: Network
    loss: Loss
    parameters: Parameters
    inputs: Inputs
    targets: Scaler
    seeds: Seeds
    course: Course = field(default_factory=Course)
    posterior: Posterior | None = None

    @property
    def columns(self) -> int:
        """Columns of the user's rows."""
        return self.inputs.columns

    def outputs(self, x: Array) -> np.ndarray:
        """The output units, shape (n, outputs), in the targets' units, for rows in the user's."""

        def outputs(received: Array) -> np.ndarray:
            return self.network.run(self.parameters, received, Flow(keeps=()))

        return self.targets.undo(self._in_pieces(outputs, x))

    def preactivations(self, x: Array) -> np.ndarray:
        """What the output units receive, shape (n, outputs)."""

        def preactivations(received: Array) -> np.ndarray:
            return outputs_of(self.network, self.parameters, received).preactivation

        return self._in_pieces(preactivations, x)

    def features(self, x: Array, layer: str) -> np.ndarray:
        """The outputs of a layer, shape (n, units)."""
        flow = Flow(keeps=("output",), only=layer)
        self.network.run(self.parameters, self._received(x), flow)
        return flow.seen[layer]["output"]

    def deviations(self, x: Array) -> np.ndarray:
        """Standard deviation of new observations, shape (n, outputs), in the targets' units."""
        assert self.posterior is not None
        x = self.inputs(x.toarray() if sparse.issparse(x) else x)
        return self.targets.scale * self.posterior.deviation(self.network, self.parameters, x)

    def _in_pieces(self, of: Callable[[Array], np.ndarray], x: Array) -> np.ndarray:
        """What a function makes of the rows, so many at a time that layers fit into memory."""
        # Sparse rows take no room, however wide, and every piece the time of all their columns.
        narrow = sparse.issparse(x) and isinstance(self.inputs, Scaler)
        count = max(1, VALUES // max(self.network.widths[narrow:]))
        if x.shape[0] <= count:
            return of(self._received(x))
        pieces = blocks(x.shape[0], count)
        return np.concatenate([of(self._received(x[rows])) for rows in pieces])

    def _received(self, x: Array) -> Array:
        """Rows as the first layer takes them; sparse ones are never made dense."""
        return standardized(x, self.inputs)

    def with_vector(self, vector: Packed) -> Model:
        """This model with other parameters, given as they are trained."""
        return replace(self, parameters=self.unpacked(vector), course=Course(), posterior=None)

    def unpacked(self, vector: Packed) -> Parameters:
        """Trained parameters by layer and name, in float64 and on the host."""
        return {
            name: {kind: np.array(array, np.float64) for kind, array in layer.items()}
            for name, layer in self.network.unpack(on_host(vector)).items()
        }

    def cast(self, dtype: np.dtype, parameters: Parameters | None = None) -> Parameters:
        """The parameters, or others, in another dtype."""
        return {
            name: {kind: array.astype(dtype) for kind, array in layer.items()}
            for name, layer in (parameters or self.parameters).items()
        }


def on_host(vector: Packed) -> Packed:
    """Plain arrays: cutting a vector on the device would compile programs."""
    if isinstance(vector, tuple):
        return tuple(np.asarray(array) for array in vector)
    return np.asarray(vector)
