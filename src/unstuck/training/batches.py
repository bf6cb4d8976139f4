"""Batches, filled on the host in chunks of one fixed shape: one program for any number of rows."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.lazy import jax
from unstuck.rows.padding import padded, padded_size
from unstuck.rows.rows import Part, Rows

CHUNK_BYTES = 1 << 24
"""Of the inputs of a chunk at most: two to three are in memory at a time."""


class Chunk(NamedTuple):
    """Consecutive steps' batches.

    Attributes:
        x, y, w: inputs (s, b, ...), targets (s, b, outputs), row weights (s, b).
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

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The part that the compiled steps read."""
        return self.x, self.y, self.w, self.which


@dataclass
class Batches:
    """The order of the rows: epoch ``e`` of a fit is a function of the seed and ``e`` alone.

    So a fit that goes on, is rewound or resumed sees the same batches.

    Attributes:
        rows: the training rows.
        batch_size: rows a step; where it is n or more, one batch holds all rows.
        shuffle: whether every epoch has an order of its own.
        seed: of the orders.
        most: steps that a chunk has room for.
    """

    rows: Rows
    batch_size: int
    shuffle: bool
    seed: int
    most: int = 64
    _all: Chunk | None = field(default=None, repr=False)
    _order: tuple[int, np.ndarray] = field(default=(-1, np.empty(0)), repr=False)

    @functools.cached_property
    def single(self) -> bool:
        """Whether one batch holds all rows."""
        return self.batch_size >= self.rows.count

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        """Number of batches that cover all rows once."""
        return 1 if self.single else -(-self.rows.count // self.batch_size)

    @functools.cached_property
    def chunk_steps(self) -> int:
        """Steps a chunk has room for: fewer where batches are large."""
        if self.single:
            return self.most
        numbers = sum(map(np.prod, (self.rows.spec.shape, self.rows.targets.shape)))
        bytes_a_step = self.batch_size * int(numbers) * self.rows.dtype.itemsize
        return max(1, min(self.most, CHUNK_BYTES // bytes_a_step))

    @property
    def padded(self) -> int:
        """Rows of one batch in memory; where one holds all, it is padded to a few sizes."""
        return padded_size(self.rows.count) if self.single else self.batch_size

    def order(self, epoch: int) -> np.ndarray:
        """The order of the rows in an epoch; the last one is kept, for the epoch's other chunks."""
        if self._order[0] != epoch:
            self._order = (epoch, self._drawn(epoch))
        return self._order[1]

    def _drawn(self, epoch: int) -> np.ndarray:
        if not self.shuffle:
            return np.arange(self.rows.count)
        generator = np.random.Generator(np.random.Philox(key=[self.seed, epoch]))
        return generator.permutation(self.rows.count)

    def fill(self, first: int, steps: int) -> Chunk:
        """The batches of ``steps`` steps from step ``first`` of the fit on."""
        if self.single:
            return self._all_rows(steps)
        size, room, rows = self.batch_size, self.chunk_steps, self.rows
        shapes = (rows.spec.shape, rows.targets.shape, ())
        filled = Part(*(np.empty((room, size, *shape), rows.dtype) for shape in shapes))
        indices, real = np.zeros(steps * size, np.intp), np.zeros(steps * size, bool)
        position = 0
        while position < steps:
            epoch, start = divmod(first + position, self.steps_per_epoch)
            here = min(self.steps_per_epoch - start, steps - position)
            taken = self.order(epoch)[start * size : (start + here) * size]
            places = slice(position * size, position * size + len(taken))
            indices[places], real[places] = taken, True
            position += here
        flat = Part(*(part.reshape(-1, *part.shape[2:])[: steps * size] for part in filled))
        _fill(rows, indices, flat)
        if not real.all():  # an epoch's last batch may be short
            for part in flat:
                part[~real] = 0.0
        which = np.arange(room, dtype=np.int32)
        return Chunk(*filled, which, steps, filled.w[:steps].sum(1, dtype=np.float64))

    def _all_rows(self, steps: int) -> Chunk:
        if self._all is None:
            x, y, w = (jax.device_put(part[None]) for part in _padded(self.rows, self.padded))
            weights = np.full(self.most, self.rows.weight)
            self._all = Chunk(x, y, w, np.zeros(self.most, np.int32), steps, weights)
        return self._all._replace(steps=steps, weights=self._all.weights[:steps])


def _padded(rows: Rows, count: int) -> Part:
    """All rows, and zeros after the last; without a copy where the source can do so."""
    if hasattr(rows, "padded"):
        return rows.padded(count)
    return Part(*(padded(part, count) for part in rows.take(slice(None))))


def _fill(rows: Rows, indices: np.ndarray, target: Part) -> None:
    """Write rows into arrays; without a copy between where the source can do so."""
    if hasattr(rows, "fill"):
        rows.fill(indices, target)
        return
    for part, place in zip(rows.take(indices), target, strict=True):
        place[:] = part
