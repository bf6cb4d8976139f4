"""Spikes that come from outside: regular trains, and random ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.errors import DataError
from unstuck.neuro.given import array_of, check_room, drawn_by, shown
from unstuck.neuro.steps import SECOND
from unstuck.readable import Facts, Readable
from unstuck.rules import Number

MOST_NEURONS = 2**31 - 1
"""Their numbers are int32."""


@dataclass(frozen=True, repr=False)
class SpikeTrains(Readable):
    """Spikes from outside, and by how much each moves the potential of the neuron it reaches.

    Trains that are added with ``+`` arrive together: excitatory ones (positive jumps) and
    inhibitory ones. A spike arrives at the end of the step that is nearest to its time, from the
    first on; those after the end of a run are left out.

    Attributes:
        times: ms, shape (spikes,).
        neurons: which neuron each reaches, shape (spikes,).
        jumps: mV, shape (spikes,), or one number for all.

    Example:
        >>> from unstuck.neuro import LeakyIntegrateAndFire
        >>> neuron = LeakyIntegrateAndFire()
        >>> slow, fast = (SpikeTrains.regular(rate, 1000, jump=8.0) for rate in (150, 250))
        >>> [neuron.run(1000, trains=train).counts.tolist() for train in (slow, fast)]
        [[0], [50]]
        >>> round(neuron.slowest_train(8.0), 1)
        195.8
    """

    times: Any
    neurons: Any
    jumps: Any

    def __post_init__(self) -> None:
        times, neurons, jumps = map(array_of, (self.times, self.neurons, self.jumps))
        numbers = all(each.dtype.kind in "iuf" for each in (times, jumps))
        fits = times.ndim == 1 and neurons.shape == times.shape and jumps.shape in ((), times.shape)
        if not numbers or not fits or not np.isfinite(jumps).all() or not (
            np.isfinite(times) & (times >= 0)).all():  # fmt: skip
            raise DataError(
                f"SpikeTrains: times have the shape {times.shape}, neurons {neurons.shape}, jumps "
                f"{jumps.shape}; expected finite numbers, one of each for every spike (or one "
                "jump), no time below 0."
            )
        whole = neurons.dtype.kind in "iu" or not times.size
        if not whole or not 0 <= neurons.min(initial=0) <= neurons.max(initial=0) < MOST_NEURONS:
            raise DataError(
                f"SpikeTrains: neurons were {shown(self.neurons)}; expected their numbers, from 0 "
                f"to {MOST_NEURONS - 1:,}."
            )
        order = np.argsort(times, kind="stable")
        jumps = np.broadcast_to(jumps, times.shape).astype(float)
        arrays = times.astype(float), neurons.astype(np.int32), jumps
        for name, value in zip(("times", "neurons", "jumps"), arrays, strict=True):
            object.__setattr__(self, name, value[order])

    @property
    def reached(self) -> int:
        """One more than the largest number of a neuron."""
        return int(self.neurons.max(initial=-1)) + 1

    def __add__(self, other: SpikeTrains) -> SpikeTrains:
        if not isinstance(other, SpikeTrains):
            return NotImplemented
        return SpikeTrains(*(
            np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("times", "neurons", "jumps")
        ))  # fmt: skip

    @classmethod
    def regular(cls, rates: Any, duration: float, jump: Any) -> SpikeTrains:
        """Trains of equal intervals, the first spike after one of them.

        Arguments:
            rates: Hz, a number for one train or shape (neurons,): a train for each neuron.
            duration: ms.
            jump: mV, a number or shape (neurons,).
        """
        rates, jumps = _of_trains(rates, duration, jump)
        counts = np.floor(_expected(rates, duration) + 1e-9).astype(int)
        neurons = np.repeat(np.arange(len(rates)), counts)
        place = np.concatenate([np.arange(1, count + 1) for count in counts])
        return cls(place * SECOND / rates[neurons], neurons, jumps[neurons])

    @classmethod
    def poisson(cls, rates: Any, duration: float, jump: Any, random_state: int = 0) -> SpikeTrains:
        """Random trains: spikes that come independently of each other.

        Arguments:
            rates: Hz, a number for one train or shape (neurons,): a train for each neuron.
            duration: ms.
            jump: mV, a number or shape (neurons,).
            random_state: the seed.
        """
        rng = drawn_by(random_state, "SpikeTrains.poisson")
        rates, jumps = _of_trains(rates, duration, jump)
        counts = rng.poisson(_expected(rates, duration))
        neurons = np.repeat(np.arange(len(rates)), counts)
        times = rng.uniform(0, duration, counts.sum())
        return cls(times, neurons, jumps[neurons])

    def _told(self) -> Facts:
        many = (
            f"{len(self.times):,} spikes from outside, to {len(np.unique(self.neurons)):,} neurons"
        )
        ends = f", from {self.times[0]:.1f} to {self.times[-1]:.1f} ms" if len(self.times) else ""
        return Facts("Spike trains", (f"{many}{ends}.",))


def _of_trains(rates: Any, duration: Any, jump: Any) -> tuple[np.ndarray, np.ndarray]:
    """Rates and jumps, one for each train."""
    found, jumps = np.atleast_1d(array_of(rates)), array_of(jump)
    numbers = found.dtype.kind in "iuf" and jumps.dtype.kind in "iuf" and found.ndim == 1
    fits = numbers and found.size and Number(0).accepts(duration)
    if not fits or not (np.isfinite(found) & (found >= 0)).all() or not (
        np.isfinite(jumps).all() and jumps.shape in ((), found.shape)):  # fmt: skip
        raise DataError(
            f"SpikeTrains: rates were {shown(rates)}, the duration {shown(duration)}, the jump "
            f"{shown(jump)}; expected finite numbers: spikes per second and ms, none below 0, and "
            "a jump in mV, one or as many as there are rates."
        )
    return found.astype(float), np.broadcast_to(jumps, found.shape)


def _expected(rates: np.ndarray, duration: float) -> np.ndarray:
    """How many spikes each train has, on average."""
    with np.errstate(over="ignore"):
        counts = rates * duration / SECOND
    many, fewer = float(counts.sum()), "take lower rates or a shorter duration"
    check_room(4 * many, f"SpikeTrains: {many:.3g} spikes", fewer)
    return counts
