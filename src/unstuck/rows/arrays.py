"""Rows in memory: a dense matrix, standardized once, or a sparse one, a batch at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from unstuck.activations import Array
from unstuck.layers.layer import Spec
from unstuck.rows.padding import padded, padded_size
from unstuck.rows.pieces import Inputs
from unstuck.rows.rows import Part
from unstuck.rows.scaling import Scaler

LARGEST_WEIGHT = 2.0**20
"""Weights beyond it, or all below its inverse, are scaled: float32 would round them to 0 or inf."""


@dataclass(frozen=True)
class ArrayRows:
    """Rows as arrays.

    Attributes:
        x: inputs: an array (n, ...), standardized, or a CSR matrix in the user's units.
        y: targets, shape (n, outputs).
        w: weights, shape (n,).
        scaler: standardizes sparse inputs when they become dense; ``None`` for an array.
        room: the memory that ``x`` is the beginning of, zeros after its last row; ``None`` where it
            has its own.

    Example:
        >>> import numpy as np
        >>> rows = ArrayRows.of(np.eye(3), np.ones((3, 1)), np.ones(3), np.dtype(np.float32))
        >>> rows.take(np.array([2])).x
        array([[0., 0., 1.]], dtype=float32)
    """

    x: Any
    y: np.ndarray
    w: np.ndarray
    scaler: Scaler | None = None
    room: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        x: Array,
        y: np.ndarray,
        w: np.ndarray,
        dtype: np.dtype,
        inputs: Inputs | None = None,
        targets: Scaler | None = None,
        single: bool = False,
    ) -> ArrayRows:
        """Rows in the user's units, standardized for training.

        Arguments:
            x: inputs, shape (n, inputs), dense or CSR.
            y: targets, shape (n, outputs).
            w: weights, shape (n,).
            dtype: of training.
            inputs, targets: how these are standardized; not at all where not given.
            single: whether all rows will be one batch: then they are laid where that will be.
        """
        inputs = inputs or Scaler.identity(x.shape[1])
        y = np.ascontiguousarray(targets(y) if targets else y, dtype)
        w = balanced(w).astype(dtype)
        if sparse.issparse(x) and isinstance(inputs, Scaler):
            return cls(x, y, w, inputs)
        if not single:
            return cls(inputs.scaled(x, dtype), y, w)
        room = np.zeros((padded_size(len(y)), inputs.width), dtype)
        inputs.scaled(x, dtype, out=room[: len(y)])
        return cls(room[: len(y)], y, w, room=room)

    @property
    def spec(self) -> Spec:
        """What the inputs of one row look like."""
        return Spec(self.x.shape[1:])

    @property
    def targets(self) -> Spec:
        """What its targets look like."""
        return Spec(self.y.shape[1:])

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.y)

    @property
    def dtype(self) -> np.dtype:
        """Of training."""
        return self.y.dtype

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """All that it holds: other rows differ in one of them."""
        x, own = self.x, (self.y, self.w)
        if self.scaler is None:
            return x, *own
        return x.data, x.indices, x.indptr, self.scaler.mean, self.scaler.scale, *own

    @property
    def weight(self) -> float:
        """Sum of the weights."""
        return float(self.w.sum(dtype=np.float64))

    def take(self, indices: np.ndarray | slice) -> Part:
        """The rows with these numbers; of a sparse matrix no more than these become dense."""
        y, w = self.y[indices], self.w[indices]
        if self.scaler is not None:
            return Part(self.scaler(self.x[indices].toarray()).astype(self.dtype), y, w)
        if isinstance(indices, slice):
            return Part(self.x[indices], y, w)
        return Part(np.take(self.x, indices, 0), y, w)

    def padded(self, rows: int) -> Part:
        """All rows, and zeros after them, ``rows`` in all; no copy where there is room."""
        every = self.take(slice(None))
        x = self.room
        if x is None or len(x) != rows:
            x = padded(every.x, rows)
        return Part(x, padded(every.y, rows), padded(every.w, rows))

    def fill(self, indices: np.ndarray, target: Part) -> None:
        """The same, written into arrays."""
        pairs = [(self.y, target.y), (self.w, target.w)]
        if self.scaler is None:
            pairs.append((self.x, target.x))
        else:
            target.x[:] = self.take(indices).x
        for source, place in pairs:
            np.take(source, indices, 0, out=place, mode="clip")  # "raise" would copy first


@dataclass(frozen=True)
class StandardizedSparse:
    """Sparse rows, standardized without being made dense: the first layer multiplies them.

    ``((x - mean) / scale) W = (x / scale) W - (mean / scale) W``.

    Attributes:
        x: CSR rows in the user's units.
        scaler: how they are standardized.
    """

    x: Any
    scaler: Scaler

    def __matmul__(self, weights: Array) -> np.ndarray:
        divided = self.x @ sparse.diags_array(1.0 / self.scaler.scale)
        return divided @ weights - (self.scaler.mean / self.scaler.scale) @ weights


def standardized(x: Array, inputs: Inputs) -> Any:
    """Rows in the user's units as a network in NumPy receives them, dense or sparse."""
    if sparse.issparse(x) and isinstance(inputs, Scaler):
        return StandardizedSparse(x, inputs)
    return inputs(x)


def balanced(w: np.ndarray) -> np.ndarray:
    """Weights whose largest is near 1, where theirs is out of all proportion.

    Means do not change with the scale of the weights, but float32 has no number below 1e-45 or
    above 3e38. The factor is a power of two, so no digit changes.

    >>> balanced(np.array([0.0, 1e-40])).max() > 0.5, balanced(np.array([1.0, 3.0])).tolist()
    (np.True_, [1.0, 3.0])
    """
    largest = float(w.max(initial=0.0))
    if not largest or 1.0 / LARGEST_WEIGHT <= largest <= LARGEST_WEIGHT:
        return w
    return np.ldexp(w, -math.frexp(largest)[1])
