"""The leaky integrate-and-fire neuron: a potential that sums, leaks, and fires all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from unstuck.errors import DataError, ParameterError
from unstuck.neuro.arrivals import Arrivals, block_of
from unstuck.neuro.currents import current_of
from unstuck.neuro.given import array_of, check, check_kind, check_room, number_of, numbers, shown
from unstuck.neuro.integration import Cell, integrate
from unstuck.neuro.spike_trains import SpikeTrains
from unstuck.neuro.spikes import Spikes
from unstuck.neuro.steps import MOST_STEPS, SECOND, whole_steps
from unstuck.neuro.synapses import Synapses
from unstuck.readable import Facts, Readable
from unstuck.rules import Boolean
from unstuck.summary import number

POSITIVE = ("tau", "resistance", "step")
STATE = 12
"""Numbers that are held of each neuron, about."""


@dataclass(frozen=True, repr=False)
class LeakyIntegrateAndFire(Readable):
    """A neuron whose potential v sums its input over time, leaks, and fires at a threshold.

        tau dv/dt = -(v - rest) + resistance * current

    At the threshold it fires a spike, is reset, and stays there for the refractory time, in which
    it takes no input. Spikes of others move v at once, by the weight of their synapse. Over a step,
    in which the current is constant, the equation is solved exactly; a spike's time is the end of
    the step in which the potential reached the threshold. So an interval between two spikes is at
    most a step longer than the closed form says, and never shorter.

    Lapicque (1907); Gerstner et al. (2014), Neuronal dynamics, chapter 1.3.

    Arguments:
        tau: ms, the time constant of the membrane: how slowly it leaks.
        rest, threshold, reset: mV (or without a unit, all three and the weights alike).
        resistance: megaohm, of the membrane: mV for each nA.
        refractory: ms, a multiple of ``step``; 0 for none.
        step: ms.

    Raises:
        ParameterError: no finite numbers, a time that is not positive, a refractory time that is no
            multiple of the step, or a threshold that is not above rest and reset.

    Example:
        >>> neuron = LeakyIntegrateAndFire()
        >>> neuron.least_current, neuron.highest_rate
        (2.0, 500.0)
        >>> spikes = neuron.run(1000, current=[1.9, 2.1, 4.0])
        >>> spikes.counts, neuron.rate([1.9, 2.1, 4.0]).round(1)
        (array([  0,  30, 111], dtype=int32), array([  0. ,  30.8, 112. ]))
    """

    tau: float = 10.0
    rest: float = -70.0
    threshold: float = -50.0
    reset: float = -70.0
    resistance: float = 10.0
    refractory: float = 2.0
    step: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            try:
                value = float(given)
            except (TypeError, ValueError, OverflowError):
                value = np.nan
            least = 0.0 if field.name in (*POSITIVE, "refractory") else -np.inf
            if not np.isfinite(value) or value < least or (value == 0 and field.name in POSITIVE):
                kind = "positive " if field.name in POSITIVE else "non-negative " * (least == 0)
                raise ParameterError(
                    f"LeakyIntegrateAndFire: {field.name} was {shown(given)}; expected a finite "
                    f"{kind}number."
                )
            object.__setattr__(self, field.name, value)
        if self.threshold <= max(self.rest, self.reset):
            raise ParameterError(
                f"LeakyIntegrateAndFire: the threshold was {self.threshold:g} mV, rest "
                f"{self.rest:g} mV and reset {self.reset:g} mV; expected a threshold above both, "
                "or it would fire without end."
            )
        whole_steps(self.refractory, self.step, "refractory", least=0, most=MOST_STEPS)

    @property
    def least_current(self) -> float:
        """nA: it fires for every constant current above this (the rheobase)."""
        return (self.threshold - self.rest) / self.resistance

    @property
    def highest_rate(self) -> float:
        """Hz: what its rate approaches for ever larger currents, 1 / refractory."""
        return SECOND / self.refractory if self.refractory else np.inf

    @property
    def cell(self) -> Cell:
        """What a step of the integration needs of it."""
        hold = whole_steps(self.refractory, self.step, "refractory", least=0)
        decay = np.exp(-self.step / self.tau)
        return Cell(self.rest, self.threshold, self.reset, decay, np.int32(hold))

    def rate(self, current: Any) -> np.ndarray:
        """Spikes per second for a constant current, in closed form:

            1 / (refractory + tau ln((RI - (reset - rest)) / (RI - (threshold - rest))))

        Arguments:
            current: nA, of any shape.

        Returns:
            Hz, of that shape; 0 where the potential never reaches the threshold.
        """
        driven = self.resistance * numbers(current, "current")
        over = driven - (self.threshold - self.rest)
        above = np.where(over > 0, over, 1.0)
        charging = self.tau * np.log1p((self.threshold - self.reset) / above)
        with np.errstate(divide="ignore"):
            return np.where(over > 0, SECOND / (self.refractory + charging), 0.0)

    def current(self, rate: Any) -> np.ndarray:
        """The constant current at which the neuron fires so often: the inverse of ``rate``.

        Arguments:
            rate: Hz, above 0 and below ``highest_rate``, of any shape.

        Returns:
            nA, of that shape.

        Raises:
            ParameterError: it never fires so often.
        """
        rate = numbers(rate, "rate")
        if not ((rate > 0) & (rate < self.highest_rate)).all():
            raise ParameterError(
                f"rate was {str(rate)[:40]}; expected more than 0 Hz and less than the highest, "
                f"{number(self.highest_rate)} Hz (1 / refractory)."
            )
        charging = SECOND / rate - self.refractory
        with np.errstate(over="ignore"):  # it hardly fires: nothing over the least current
            over = (self.threshold - self.reset) / np.expm1(charging / self.tau)
        return self.least_current + over / self.resistance

    def slowest_train(self, jump: float) -> float:
        """Hz: a regular train of spikes that each move the potential by ``jump`` makes the neuron
        fire if it is faster than this, and never if it is slower.

        Spikes at a rate f sum up to jump / (1 - exp(-1 / (f tau))) above rest.

        Arguments:
            jump: mV.

        Returns:
            Hz: 0 where a single spike is enough, infinite for a jump that is not positive.
        """
        height, jump = self.threshold - self.rest, number_of(jump, "jump")
        if jump >= height:
            return 0.0
        return float(SECOND / (-self.tau * np.log1p(-jump / height))) if jump > 0 else np.inf

    def run(
        self,
        duration: float,
        current: Any = 0.0,
        *,
        every: float | None = None,
        trains: SpikeTrains | None = None,
        synapses: Synapses | None = None,
        neurons: int | None = None,
        start: Any = None,
        potentials: Sequence[int] = (),
        keep: bool = True,
    ) -> Spikes:
        """Let a population of such neurons run.

        Its size is that of the current, or of the synapses, or ``neurons``. Ten thousand neurons
        and steps take seconds on two cores. What is kept: 12 bytes for each neuron, 8 for each
        spike, and 8 for each step of a potential that was asked for.

        Arguments:
            duration: ms, a multiple of the step.
            current: nA, constant: a number, or shape (neurons,). With ``every`` one row after the
                other, the last one to the end: shape (times,), or (times, neurons).
            every: ms that each row of the current lasts, a multiple of the step.
            trains: spikes that come from outside.
            synapses: from each neuron of the population to others.
            neurons: how many there are.
            start: mV, the potential at first: a number, or shape (neurons,); rest if not given.
            potentials: numbers of neurons whose potential is kept for every step.
            keep: whether to keep the times of spikes; else only how many there were, and the
                times of each neuron's first and last.

        Returns:
            ``Spikes``: counts, rates, times; prints as a table, ``plot()`` draws it.

        Raises:
            ParameterError, DataError: what was given cannot be used, or does not fit together.
        """
        steps = whole_steps(duration, self.step, "duration", most=MOST_STEPS)
        check("run", keep=(keep, Boolean()))
        check_kind(trains, SpikeTrains, "trains")
        check_kind(synapses, Synapses, "synapses")
        given = current_of(current, every, self.step)
        first = _of_neurons(self.rest if start is None else start, "start")
        sizes = {
            "current": given.neurons,
            "start": first.size if first.ndim else None,
            "synapses": len(synapses) if synapses is not None else None,
            "neurons": None if neurons is None else whole_steps(neurons, 1, "neurons"),
        }
        size = _agreed(sizes, trains)
        chosen = _places(potentials, size)
        fewer = "take fewer neurons, fewer of their potentials, or shorter delays"
        late = 0.0 if synapses is None else synapses.longest / self.step
        arrive = trains is not None or synapses is not None
        held = size * (STATE + arrive * (3 * block_of(size) + 2 * late))
        held += given.rows.size + (not given.constant) * size * block_of(size)
        check_room(held + len(chosen) * steps, f"a run of {size:,} neurons", fewer)
        arrivals = None
        if arrive:
            arrivals = Arrivals(size, self.step, trains, synapses)
        with np.errstate(over="ignore"):
            driven = numbers(self.resistance * given.rows, "current times resistance")
        drive, starts = given._replace(rows=driven), np.full(size, first)
        made = integrate(self.cell, steps, drive, starts, arrivals, chosen, keep)
        duration, places = steps * self.step, tuple(chosen.tolist())
        return Spikes(**vars(made), neuron=self, duration=duration, chosen=places)

    def _told(self) -> Facts:
        rows = [("", "")]
        units = ("ms", "mV", "mV", "mV", "megaohm", "ms", "ms")
        rows += [(f.name, f"{number(getattr(self, f.name))} {unit}")
                 for f, unit in zip(fields(self), units, strict=True)]  # fmt: skip
        said = (
            "tau dv/dt = -(v - rest) + resistance * current; a spike at the threshold.",
            f"It fires above {number(self.least_current)} nA, at most "
            f"{number(self.highest_rate)} times per second.",
        )
        return Facts("Leaky integrate-and-fire neuron", said, rows, words=2)


def _of_neurons(given: Any, name: str) -> np.ndarray:
    found = numbers(given, name)
    if found.ndim > 1:
        raise DataError(
            f"{name} has the shape {found.shape}; expected a number, or one for each neuron."
        )
    return found


def _agreed(sizes: dict[str, int | None], trains: SpikeTrains | None) -> int:
    """How many neurons there are."""
    found = {name: size for name, size in sizes.items() if size is not None}
    reached = 0 if trains is None else trains.reached
    size = max(found.values(), default=max(reached, 1))
    if len(set(found.values())) > 1 or reached > size:
        told = ", ".join(f"{name} is for {each:,}" for name, each in found.items())
        also = f"; trains reach neuron {reached - 1:,}" if reached else ""
        raise DataError(f"{told}{also}; expected one number of neurons.")
    return size


def _places(chosen: Sequence[int], size: int) -> np.ndarray:
    places = np.atleast_1d(array_of(chosen))
    fits = places.ndim == 1 and places.dtype.kind in "iu"
    if places.shape != (0,) and not (fits and ((places >= 0) & (places < size)).all()):
        raise DataError(
            f"potentials was {shown(chosen)}; expected numbers of neurons from 0 to {size - 1:,}."
        )
    return places.astype(np.int32)
