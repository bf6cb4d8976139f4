"""The membrane equation over time: blocks of steps are compiled, and between them spikes are sent.

What a spike does arrives after the shortest delay at the earliest. So a block as long as that runs
without looking at spikes, and what they do is added after it, for all of them at once. (A ring of
arrivals inside of the compiled loop was copied at every step: ten times slower.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unstuck.kept import kept
from unstuck.lazy import jax, jnp, lax
from unstuck.neuro.arrivals import Arrivals, block_of
from unstuck.neuro.currents import Current

Array = Any


@dataclass(frozen=True, repr=False, kw_only=True)
class Integrated:
    """What was found; ``Spikes`` says what it is."""

    counts: np.ndarray
    first_step: np.ndarray
    last_step: np.ndarray
    steps: np.ndarray | None
    neurons: np.ndarray | None
    potentials: np.ndarray


class Cell(NamedTuple):
    """What a step needs of a neuron: mV, ``decay`` exp(-step / tau), ``hold`` refractory steps."""

    rest: Any
    threshold: Any
    reset: Any
    decay: Any
    hold: Any


def advance(cell: Cell, v: Array, left: Array, drive: Array, jumps: Array) -> tuple[Array, ...]:
    """One step of all neurons: ``v <- target + (v - target) exp(-step / tau)``, exact for a
    constant current; then jumps, then spikes. Nothing reaches a refractory neuron.

    Arguments:
        cell: of all.
        v: potentials, mV, and ``left``: steps that they stay refractory.
        drive: resistance times current, mV.
        jumps: what arrives at the end of the step, mV.

    Returns:
        Potentials, steps left, and who fired.
    """
    target = cell.rest + drive
    active = left == 0
    v = jnp.where(active, target + (v - target) * cell.decay + jumps, cell.reset)
    fired = active & (v >= cell.threshold)
    left = jnp.where(fired, cell.hold, jnp.maximum(left - 1, 0))
    return jnp.where(fired, cell.reset, v), left, fired


def integrate(
    cell: Cell,
    steps: int,
    drive: Current,
    start: np.ndarray,
    arrivals: Arrivals | None,
    chosen: np.ndarray,
    keep: bool,
) -> Integrated:
    """Let neurons run for so many steps.

    Arguments:
        cell: of all.
        steps: how many.
        drive: resistance times current, mV.
        start: potentials at first, mV, shape (neurons,).
        arrivals: from outside and from synapses.
        chosen: whose potentials are kept.
        keep: whether to keep every spike.
    """
    size, block = len(start), block_of(len(start)) if arrivals is None else arrivals.block
    state = start, np.zeros(size, np.int32)
    fired, potentials = Fired(size, keep), [start[chosen][None]]
    program = _program(block)
    with jax.enable_x64(True):
        given = jax.device_put((cell, chosen, drive.rows[0]))
        for done in range(0, steps, block):
            jumps = None if arrivals is None else arrivals.take(done)
            state, (who, seen) = program(*given, state, jumps, drive.during(done, block))
            spikes = np.divmod(np.flatnonzero(np.asarray(who)[: steps - done]), size)
            fired.add(done + 1 + spikes[0], spikes[1])
            potentials.append(np.asarray(seen)[: steps - done])
            if arrivals is not None and arrivals.sends:
                arrivals.send(*spikes)
    return fired.found(np.concatenate(potentials).T)


class Fired:
    """Spikes, block by block.

    Arguments:
        size: neurons.
        keep: whether to keep every spike.
    """

    def __init__(self, size: int, keep: bool):
        self._counts, self._ends = np.zeros(size, np.int32), np.zeros((2, size), np.int32)
        self._kept: list[np.ndarray] | None = [np.zeros((2, 0), np.int32)] if keep else None

    def add(self, steps: np.ndarray, neurons: np.ndarray) -> None:
        """Spikes of a block in the order of time: at the end of which step, and whose."""
        first, last = self._ends
        before = np.where(first[neurons], first[neurons], steps)
        # Of several values for one place NumPy keeps the last.
        first[neurons[::-1]], last[neurons] = before[::-1], steps
        self._counts += np.bincount(neurons, minlength=len(first)).astype(np.int32)
        if self._kept is not None:
            self._kept.append(np.array([steps, neurons], np.int32))

    def found(self, potentials: np.ndarray) -> Integrated:
        """All that is to be known of them, beside potentials."""
        steps, neurons = (None, None) if self._kept is None else np.concatenate(self._kept, axis=1)
        first, last = self._ends
        return Integrated(
            counts=self._counts, first_step=first, last_step=last, steps=steps, neurons=neurons,
            potentials=potentials,
        )  # fmt: skip


@kept(most=8)
def _program(block: int) -> Callable[..., Any]:
    """A block of steps, compiled."""

    def run(cell: Cell, chosen: Array, constant: Array, state: Array, jumps: Array,
            drives: Array) -> Array:  # fmt: skip
        def step(state: Array, given: Array) -> Array:
            (v, left), (arriving, driving) = state, given
            drive = constant if driving is None else driving
            v, left, fired = advance(cell, v, left, drive, 0.0 if arriving is None else arriving)
            return (v, left), (fired, v[chosen])

        return lax.scan(step, state, (jumps, drives), length=block)

    return jax.jit(run)
