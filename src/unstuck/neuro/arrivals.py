"""What arrives at neurons in the next steps: from outside, and from synapses after their delay."""

from __future__ import annotations

import numpy as np

from unstuck.neuro.spike_trains import SpikeTrains
from unstuck.neuro.steps import MOST_STEPS
from unstuck.neuro.synapses import Synapses

BLOCK = 100
"""Steps that are taken at once at most: 8 MB of jumps for 10,000 neurons."""


class Arrivals:
    """Jumps of the next steps, in a ring: what is taken makes room for what comes later.

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
        self._synapses = synapses
        self._late = np.zeros(0, int) if synapses is None else synapses.late(step)
        self.sends = len(self._late) > 0
        self.block = int(min(self._late.min(initial=BLOCK), BLOCK))
        blocks = -(-int(self._late.max(initial=0)) // self.block) + 1
        self._ring = np.zeros((blocks * self.block, size))
        self._at = np.zeros(0, int)
        if trains is not None:
            # What comes after the longest run stays in order: as whole numbers it would overflow.
            self._at = np.clip(np.rint(trains.times / step), 1, 2 * MOST_STEPS).astype(int)
            self._neurons, self._jumps = trains.neurons, trains.jumps

    def take(self, done: int) -> np.ndarray:
        """Jumps of the block after so many steps, shape (block, neurons), mV."""
        begin = done % len(self._ring)
        ring = self._ring[begin : begin + self.block]
        taken = ring.copy()
        ring[:] = 0.0
        some = slice(*np.searchsorted(self._at, [done + 1, done + self.block + 1]))
        if some.stop > some.start:
            where = self._at[some] - done - 1, self._neurons[some]
            np.add.at(taken, where, self._jumps[some])
        return taken

    def send(self, steps: np.ndarray, neurons: np.ndarray) -> None:
        """Spikes of the block that was taken last: at the end of which step, and whose."""
        assert self._synapses is not None
        w = self._synapses.weights
        many = np.diff(w.indptr)[neurons]
        begins = np.cumsum(many) - many
        places = np.arange(many.sum()) + np.repeat(w.indptr[neurons] - begins, many)
        when = np.repeat(steps, many) + self._late[places] - 1
        where = (when % len(self._ring)) * self._ring.shape[1] + w.indices[places]
        np.add.at(self._ring.reshape(-1), where, w.data[places])
