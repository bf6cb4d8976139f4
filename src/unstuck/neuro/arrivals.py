"""What arrives at neurons in the next steps: from outside, and from synapses after their delay."""

from __future__ import annotations

import numpy as np

from unstuck.neuro.spike_trains import SpikeTrains
from unstuck.neuro.steps import MOST_STEPS
from unstuck.neuro.synapses import Synapses

BLOCK = 100
"""Steps that are taken at once at most."""
CELLS = 2**23
"""Neurons times steps that are taken at once, about: 64 MB of jumps."""


def block_of(size: int) -> int:
    """How many steps of so many neurons are taken at once."""
    return min(BLOCK, max(CELLS // size, 1))


class Arrivals:
    """Jumps of the next steps, of which a block is taken from the front at a time.

    Arguments:
        size: neurons.
        step: ms.
        trains, synapses: where they come from.

    Attributes:
        block: steps that are taken at once: no spike arrives earlier than so many after it.
        sends: whether there are synapses.
    """

    def __init__(
        self, size: int, step: float, trains: SpikeTrains | None, synapses: Synapses | None
    ):
        late = np.zeros(0, int) if synapses is None else synapses.late(step)
        self.sends = len(late) > 0
        self.block = int(min(late.min(initial=BLOCK), block_of(size)))
        if synapses is not None:
            w = synapses.weights
            self._begins, self._many, self._weights = w.indptr[:-1], np.diff(w.indptr), w.data
            self._offsets = late * size + w.indices
        self._ahead = self.block + int(late.max(initial=0))
        self._rows, self._front = np.zeros((2 * self._ahead, size)), 0
        self._at, self._trains = np.zeros(0, int), trains
        if trains is not None:
            # What comes after the longest run stays in order: as whole numbers it would overflow.
            self._at = np.clip(np.rint(trains.times / step), 1, 2 * MOST_STEPS).astype(int)

    def take(self, done: int) -> np.ndarray:
        """Jumps of the block after so many steps, shape (block, neurons), mV; the next one's are
        elsewhere."""
        if self._front + self._ahead > len(self._rows):  # to the front again, once in some blocks
            rest = self._rows[self._front :]
            self._rows[: len(rest)], self._rows[len(rest) :] = rest, 0.0
            self._front = 0
        taken = self._rows[self._front : self._front + self.block]
        self._front += self.block
        some = slice(*np.searchsorted(self._at, [done + 1, done + self.block + 1]))
        if self._trains is not None and some.stop > some.start:
            where = self._at[some] - done - 1, self._trains.neurons[some]
            np.add.at(taken, where, self._trains.jumps[some])
        return taken

    def send(self, rows: np.ndarray, neurons: np.ndarray) -> None:
        """Spikes of the block that was taken last: in which of its rows, and whose."""
        many = self._many[neurons]
        before = np.cumsum(many) - many
        synapses = np.arange(many.sum()) + np.repeat(self._begins[neurons] - before, many)
        row = self._front - self.block + rows
        where = self._offsets[synapses] + np.repeat(row * self._rows.shape[1], many)
        np.add.at(self._rows.reshape(-1), where, self._weights[synapses])
