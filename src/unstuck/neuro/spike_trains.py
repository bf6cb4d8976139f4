"""Spikes that come from outside: regular trains, and random ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.errors import DataError
from unstuck.neuro.steps import SECOND
from unstuck.readable import Facts, Readable


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
        times, neurons = np.asarray(self.times), np.asarray(self.neurons)
        jumps = np.asarray(self.jumps)
        numbers = all(each.dtype.kind in "iuf" for each in (times, jumps))
        fits = times.ndim == 1 and neurons.shape == times.shape and jumps.shape in ((), times.shape)
        if not numbers or not fits or not np.isfinite(jumps).all() or not (
            np.isfinite(times) & (times >= 0)).all():  # fmt: skip
            raise DataError(
                f"SpikeTrains: times have the shape {times.shape}, neurons {neurons.shape}, jumps "
                f"{jumps.shape}; expected finite numbers, one of each for every spike (or one "
                "jump), no time below 0."
            )
        if times.size and (neurons.dtype.kind not in "iu" or neurons.min() < 0):
            raise DataError(
                f"SpikeTrains: neurons were {str(self.neurons)[:40]}; expected their numbers, "
                "from 0."
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
        counts = np.floor(rates * duration / SECOND + 1e-9).astype(int)
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
        rng = np.random.default_rng(random_state)
        rates, jumps = _of_trains(rates, duration, jump)
        counts = rng.poisson(rates * duration / SECOND)
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
    found, jumps = np.atleast_1d(np.asarray(rates)), np.asarray(jump)
    numbers = found.dtype.kind in "iuf" and jumps.dtype.kind in "iuf" and found.ndim == 1
    if not numbers or not (np.isfinite(found) & (found >= 0)).all() or not (
        np.isfinite(duration) and duration >= 0 and jumps.shape in ((), found.shape)):  # fmt: skip
        raise DataError(
            f"SpikeTrains: rates were {str(rates)[:40]}, the duration {duration!r}, the jump "
            f"{str(jump)[:40]}; expected numbers of spikes per second and a number of ms, none "
            "below 0, and a jump in mV, one or as many as there are rates."
        )
    return found.astype(float), np.broadcast_to(jumps, found.shape)
