"""Records: what every layer computed and received back, as plain arrays.

Nothing here knows where the numbers came from: a network of unstuck, any JAX function, or another
library.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unstuck import readable
from unstuck.activations import Activation
from unstuck.readable import Facts
from unstuck.summary import number

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

    def _told(self) -> Facts:
        told = {**self.values, "slope": self.slopes}
        told |= {f"adjoint of {name}": each for name, each in self.adjoints.items()}
        told |= self.weights
        told |= {f"gradient of {name}": each for name, each in self.gradients.items()}
        rows = [("", "shape", "root mean square")]
        rows += [(name, str(np.shape(each)), _rms(each)) for name, each in told.items()]
        return Facts(
            "LayerRecord", (f"{self.name}: {self.kind} of {self.unit.name}",), rows, words=2
        )

    def __repr__(self) -> str:
        return readable.text(self)

    def _repr_html_(self) -> str:
        return readable.html(self)

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

    def _told(self) -> Facts:
        said = f"{len(self.losses)} rows after {self.epoch} epochs; mean loss {_mean(self.losses)}"
        heads = ("layer", "unit", "units", "rms a", "rms output", "rms dL/da", "rms weights")
        rows = [
            (
                each.name,
                each.unit.name,
                str(np.shape(each.slopes)[-1]),
                _rms(each.values.get("preactivation")),
                _rms(each.values.get("output")),
                _rms(each.adjoints.get("preactivation")),
                _rms(*each.weights.values()),
            )
            for each in self.layers
        ]
        return Facts("Record", (f"{said}.",), [heads, *rows], words=2)

    def __repr__(self) -> str:
        return readable.text(self)

    def _repr_html_(self) -> str:
        return readable.html(self)

    @property
    def outputs(self) -> Array:
        """The outputs, (n, outputs)."""
        return self.layers[-1].values["output"]


def _mean(array: Array) -> str:
    return number(array.mean()) if isinstance(array, np.ndarray) and array.size else "unknown"


def _rms(*arrays: Array) -> str:
    """Root mean square of all numbers; nothing where there are none, or where they are traced."""
    known = [each for each in arrays if isinstance(each, np.ndarray) and each.size]
    if not known or len(known) < len(arrays):
        return ""
    return number(np.sqrt(np.mean(np.concatenate([each.ravel() for each in known]) ** 2)))
