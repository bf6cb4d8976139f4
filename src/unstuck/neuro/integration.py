"""The membrane equation over time: blocks of steps are compiled, and between them spikes are sent.

What a spike does arrives after the shortest delay at the earliest. So a block as long as that runs
without looking at spikes, and what they do is added after it, for all of them at once. (A ring of
arrivals inside of the compiled loop was copied at every step: ten times slower.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from unstuck.kept import kept
from unstuck.lazy import jax, jnp, lax
from unstuck.neuro.arrivals import BLOCK, Arrivals

Array = Any


class Integrated(NamedTuple):
    """What was found, as in ``Spikes``."""

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
    drive: np.ndarray,
    start: np.ndarray,
    arrivals: Arrivals | None,
    chosen: np.ndarray,
    keep: bool,
) -> Integrated:
    """Let neurons run for so many steps.

    Arguments:
        cell: of all.
        steps: how many.
        drive, start: resistance times current, and potentials at first, mV, shape (neurons,).
        arrivals: from outside and from synapses.
        chosen: whose potentials are kept.
        keep: whether to keep every spike.
    """
    size, block = len(drive), BLOCK if arrivals is None else arrivals.block
    sends = arrivals is not None and arrivals.sends
    state = start, np.zeros(size, np.int32), np.zeros((3, size), np.int32)
    spikes: list[np.ndarray] = [np.zeros((2, 0), np.int32)]
    potentials = [start[chosen][None]]
    with jax.enable_x64(True):
        for done in range(0, steps, block):
            number = np.arange(done + 1, done + block + 1, dtype=np.int32)
            jumps = None if arrivals is None else arrivals.take(done)
            given = (cell, drive, number, jumps, state, chosen, np.int32(steps))
            state, (bits, seen) = _program(keep or sends)(*given)
            potentials.append(np.asarray(seen)[: steps - done])
            if bits is not None:
                found = _unpacked(np.asarray(bits), size)
                found[0] += done + 1
                if arrivals is not None and arrivals.sends:
                    arrivals.send(*found)
                spikes += [found] if keep else []
    counts, first, last = np.asarray(state[2])
    when, who = np.concatenate(spikes, axis=1) if keep else (None, None)
    return Integrated(counts, first, last, when, who, np.concatenate(potentials).T)


@kept(most=8)
def _program(bits: bool) -> Callable[..., Any]:
    """A block of steps, compiled; steps after the last let nobody fire."""

    def run(cell: Cell, drive: Array, number: Array, jumps: Array, state: Array, chosen: Array,
            steps: Array) -> Array:  # fmt: skip
        def step(state: Array, given: Array) -> Array:
            (v, left, seen), (j, arriving) = state, given
            v, left, fired = advance(cell, v, left, drive, 0.0 if arriving is None else arriving)
            fired = fired & (j <= steps)
            counts, first, last = seen
            first = jnp.where(fired & (counts == 0), j, first)
            seen = jnp.stack([counts + fired, first, jnp.where(fired, j, last)])
            return (v, left, seen), (_packed(fired) if bits else None, v[chosen])

        return lax.scan(step, state, (number, jumps))

    return jax.jit(run)


def _packed(fired: Array) -> Array:
    """A bit for each neuron."""
    filled = jnp.pad(fired, (0, -len(fired) % 8)).reshape(-1, 8).astype(jnp.uint8)
    return (filled << jnp.arange(8, dtype=jnp.uint8)).sum(1, dtype=jnp.uint8)


def _unpacked(bits: np.ndarray, size: int) -> np.ndarray:
    """Rows and neurons of all spikes, shape (2, spikes), from bits, shape (steps, size / 8)."""
    rows = np.unpackbits(bits, axis=1, count=size, bitorder="little")
    return np.array(np.nonzero(rows), np.int32)
