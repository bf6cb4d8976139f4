"""Records: what every layer computed and received back, as plain arrays.

Nothing here knows where the numbers came from: a network of unstuck, any JAX function, or another
library.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from unstuck.activations import Activation

Array = Any
Arrays = dict[str, Array]


class LayerRecord(NamedTuple):
    """One layer on n rows. Arrays are NumPy's, or traced where a signal is being compiled.

    Attributes:
        name: of the layer.
        kind: name of the layer's class, such as ``"Dense"``.
        unit: the activation function at its end.
        values: what it computed, by name: ``"preactivation"`` and ``"output"``, (n, units), and
            what else it lets be seen.
        adjoints: derivative of each row's own loss with respect to these; the names that have one.
        slopes: of its units, (n, units).
        weights: its parameters that are weights, by name.
        gradients: derivatives of the objective with respect to these.
        shares: share of each row in a mean over the rows, (n,): 0 for rows without weight.
    """

    name: str
    kind: str
    unit: Activation
    values: Arrays
    adjoints: Arrays
    slopes: Array
    weights: Arrays
    gradients: Arrays
    shares: Array

    def mean(self, array: Array) -> Array:
        """Mean of an array (n, units) over the rows that count, and over the units."""
        return (self.shares[:, None] * array).sum() / array.shape[1]


class Record(NamedTuple):
    """A network on n rows at one moment of its training.

    Attributes:
        epoch: epochs done.
        losses: loss of every row, (n,).
        targets: (n, outputs).
        weights: of the rows, (n,).
        layers: from input to output.
    """

    epoch: int
    losses: Array
    targets: Array
    weights: Array
    layers: tuple[LayerRecord, ...]

    @property
    def outputs(self) -> Array:
        """The outputs, (n, outputs)."""
        return self.layers[-1].values["output"]
