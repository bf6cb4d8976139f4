"""Batches, filled on the host in chunks of one fixed shape: one program for any number of rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Array

CHUNK_STEPS = 64
CHUNK_ITERATIONS = 512
"""Most iterations of a batch solver in a chunk; all use the same rows, so nothing is filled."""
CHUNK_BYTES = 1 << 26

Rows = Callable[[Any], np.ndarray]


class Chunk(NamedTuple):
    """Consecutive steps' batches.

    Attributes:
        x, y, w: inputs (s, b, inputs), targets (s, b, outputs), row weights (s, b).
        which: which of the s batches each step uses.
        steps: number of steps that are filled in.
        weights: sum of the row weights of each of these steps.
    """

    x: Array
    y: Array
    w: Array
    which: np.ndarray
    steps: int
    weights: np.ndarray


@dataclass
class Batches:
    """The order of the rows: epoch ``e`` of a fit is a function of the seed and ``e`` alone.

    So a fit that goes on, is rewound or resumed sees the same batches.

    Attributes:
        rows: ``rows(indices)`` gives scaled inputs, shape (n, inputs), in the training dtype.
        y, w: targets (n, outputs) and weights (n,), in the training dtype.
        batch_size: rows a step; where it is n or more, one batch holds all rows.
        shuffle: whether every epoch has an order of its own.
        seed: of the orders.
        inputs: number of inputs.
        most: steps that a chunk has room for.
    """

    rows: Rows
    y: np.ndarray
    w: np.ndarray
    batch_size: int
    shuffle: bool
    seed: int
    inputs: int
    most: int = CHUNK_STEPS
    _whole: Chunk | None = field(default=None, repr=False)
    _order: tuple[int, np.ndarray] = field(default=(-1, np.empty(0)), repr=False)

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.y)

    @property
    def whole(self) -> bool:
        """Whether one batch holds all rows."""
        return self.batch_size >= self.count

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches that cover all rows once."""
        return 1 if self.whole else -(-self.count // self.batch_size)

    @property
    def chunk_steps(self) -> int:
        """Steps a chunk has room for: fewer where batches are large."""
        if self.whole:
            return self.most
        bytes_a_step = self.batch_size * (self.inputs + self.y.shape[1]) * self.y.itemsize
        return max(1, min(self.most, CHUNK_BYTES // bytes_a_step))

    @property
    def padded(self) -> int:
        """Rows of one batch in memory; whole data are padded to a few sizes."""
        return padded_size(self.count) if self.whole else self.batch_size

    def order(self, epoch: int) -> np.ndarray:
        """The order of the rows in an epoch; the last one is kept, for the epoch's other chunks."""
        if self._order[0] != epoch:
            self._order = (epoch, self._drawn(epoch))
        return self._order[1]

    def _drawn(self, epoch: int) -> np.ndarray:
        if not self.shuffle:
            return np.arange(self.count)
        generator = np.random.Generator(np.random.Philox(key=[self.seed, epoch]))
        return generator.permutation(self.count)

    def fill(self, first: int, steps: int) -> Chunk:
        """The batches of ``steps`` steps from step ``first`` of the fit on."""
        if self.whole:
            return self._whole_chunk(steps)
        size, room = self.batch_size, self.chunk_steps
        x = np.empty((room, size, self.inputs), self.y.dtype)
        y = np.empty((room, size, self.y.shape[1]), self.y.dtype)
        w = np.zeros((room, size), self.y.dtype)
        position = 0
        while position < steps:
            epoch, start = divmod(first + position, self.steps_per_epoch)
            here = min(self.steps_per_epoch - start, steps - position)
            taken = self.order(epoch)[start * size : (start + here) * size]
            _place(self.rows(taken), x, position, here)
            _place(self.y[taken], y, position, here)
            w.reshape(-1)[position * size : position * size + len(taken)] = self.w[taken]
            position += here
        which = np.arange(room, dtype=np.int32)
        return Chunk(x, y, w, which, steps, w[:steps].sum(1, dtype=np.float64))

    def _whole_chunk(self, steps: int) -> Chunk:
        if self._whole is None:
            import jax

            short = self.padded - self.count
            every = np.arange(self.count)
            parts = (self.rows(every), self.y, self.w)
            x, y, w = (
                jax.device_put(np.pad(a, [(0, short)] + [(0, 0)] * (a.ndim - 1))[None])
                for a in parts
            )
            weights = np.full(self.most, self.w.sum(dtype=np.float64))
            self._whole = Chunk(x, y, w, np.zeros(self.most, np.int32), steps, weights)
        return self._whole._replace(steps=steps, weights=self._whole.weights[:steps])


def _place(rows: np.ndarray, target: np.ndarray, position: int, steps: int) -> None:
    """Write rows into the batches from ``position`` on; zeros after the last row."""
    _, size, width = target.shape
    flat = target.reshape(-1, width)
    start = position * size
    flat[start : start + len(rows)] = rows
    flat[start + len(rows) : start + steps * size] = 0.0


def padded_size(count: int) -> int:
    """The next number of the form 2^k or 3 x 2^k, at least 64.

    >>> [padded_size(n) for n in (3, 149, 150, 1437, 1438)]
    [64, 192, 192, 1536, 1536]
    """
    power = max(64, 1 << math.ceil(math.log2(max(count, 1))))
    return power * 3 // 4 if power > 64 and count <= power * 3 // 4 else power
