"""What a population of neurons did: its spikes and potentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from unstuck.errors import DataError
from unstuck.neuro.given import check
from unstuck.neuro.integration import Integrated
from unstuck.neuro.steps import SECOND
from unstuck.readable import Facts, Readable
from unstuck.rules import Number
from unstuck.summary import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LINES = 12
"""Neurons that are told one by one."""


class Neuron(Protocol):
    """What is told of a neuron: mV, mV, ms."""

    @property
    def rest(self) -> float: ...
    @property
    def threshold(self) -> float: ...
    @property
    def step(self) -> float: ...


@dataclass(frozen=True, repr=False, kw_only=True)
class Spikes(Integrated, Readable):
    """What ``LeakyIntegrateAndFire.run`` found. Prints as a table; ``plot()`` draws it.

    Attributes:
        neuron: what kind of neuron it was.
        duration: ms.
        counts: spikes of each neuron, int32, shape (neurons,).
        first_step, last_step: ends of the steps of each neuron's first and last spike, int32, shape
            (neurons,); 0 where there is none.
        steps, neurons: of each spike, in the order of time, int32, shape (spikes,): the number of
            the step at whose end it was, and who fired. ``None`` where they were not kept.
        potentials: mV, shape (chosen, steps + 1): of the chosen neurons from the start on, after
            the resets.
        chosen: numbers of these neurons.
    """

    neuron: Neuron
    duration: float
    chosen: tuple[int, ...] = ()

    @property
    def rates(self) -> np.ndarray:
        """Hz, shape (neurons,): spikes per second of the whole time."""
        return self.counts * SECOND / self.duration

    @property
    def steady_rates(self) -> np.ndarray:
        """Hz, shape (neurons,): by the mean interval between spikes; 0 where there is none.

        For a constant current all intervals are equal: to within a step, those of the closed form.
        """
        intervals = np.maximum(self.counts - 1, 0)
        lasted = np.where(intervals > 0, self.last_step - self.first_step, 1) * self.neuron.step
        return intervals * SECOND / lasted

    @property
    def times(self) -> np.ndarray:
        """ms, shape (spikes,), in their order."""
        return self._kept(self.steps) * self.neuron.step

    def of(self, neuron: int) -> np.ndarray:
        """Times of one neuron's spikes, ms.

        Raises:
            ParameterError: there is no such neuron.
            DataError: times were not kept.
        """
        check("Spikes", neuron=(neuron, Number(0, len(self.counts) - 1, whole=True)))
        return self.times[self._kept(self.neurons) == neuron]

    @property
    def nbytes(self) -> int:
        """Bytes that all this takes."""
        return sum(each.nbytes for each in vars(self).values() if isinstance(each, np.ndarray))

    def plot(self, axes: Any = None, most: int = 60) -> Figure:
        """Draw who fired when, and the potentials of the chosen neurons.

        Arguments:
            axes: matplotlib axes for the spikes, and for the potentials where some were chosen; a
                new figure where none are given.
            most: neurons that are drawn, evenly from all.

        Raises:
            DataError: times were not kept.
        """
        from unstuck.neuro.spike_plot import plot

        self._kept(self.steps)
        return plot(self, axes, most)

    def _kept(self, array: np.ndarray | None) -> np.ndarray:
        if array is None:
            raise DataError("the times of spikes were not kept: run it with keep=True.")
        return array

    def _told(self) -> Facts:
        rates, many = self.rates, len(self.counts)
        size = f"{self.nbytes / 1e6:.1f} MB" if self.nbytes > 1e5 else f"{self.nbytes:,} bytes"
        said = (
            f"{int(self.counts.sum()):,} spikes of {many:,} neurons in {number(self.duration)} ms, "
            f"kept in {size}.",
        )
        if many > MOST_LINES:
            shown = (f"{each:.1f}" for each in (rates.min(), rates.mean(), rates.max()))
            head = ("", "lowest", "mean", "highest")
            return Facts("Spikes", said, [head, ("rate, Hz", *shown)], words=1)
        table: list[tuple[str, ...]] = [("neuron", "spikes", "rate, Hz", "first, ms", "last, ms")]
        for place, count in enumerate(self.counts):
            ends = [f"{at[place] * self.neuron.step:.1f}" if count else "-"
                    for at in (self.first_step, self.last_step)]  # fmt: skip
            table.append((str(place), f"{count:,}", f"{rates[place]:.1f}", *ends))
        return Facts("Spikes", said, table, words=1)
