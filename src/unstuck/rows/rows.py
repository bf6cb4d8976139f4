"""What a source of rows is."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from unstuck.layers.layer import Spec


class Part(NamedTuple):
    """Some rows, as network and loss receive them.

    Attributes:
        x: inputs, shape (n, ...).
        y: targets, shape (n, outputs).
        w: weights, shape (n,).
    """

    x: np.ndarray
    y: np.ndarray
    w: np.ndarray


@runtime_checkable
class Rows(Protocol):
    """A source of rows that can be had in any order; arrays have the training dtype.

    It may also have ``fill(indices, target)``, which writes rows straight to where they are wanted,
    and ``padded(count)``, all rows and zeros after them.

    Attributes:
        spec: what the inputs of one row look like.
        targets: what its targets look like.
        count: number of rows.
        dtype: of the arrays.
        weight: sum of all weights.
    """

    @property
    def spec(self) -> Spec: ...
    @property
    def targets(self) -> Spec: ...
    @property
    def count(self) -> int: ...
    @property
    def dtype(self) -> np.dtype: ...
    @property
    def weight(self) -> float: ...

    def take(self, indices: np.ndarray | slice) -> Part:
        """The rows with these numbers, in this order."""
        ...
