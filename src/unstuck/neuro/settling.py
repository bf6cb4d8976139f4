"""How the state of a memory changes until it is at rest: unit after unit, or all at once.

Fields are sums over all units, brought up to date after each change by one row of the weights: many
cues at once in NumPy take less time than a compiled loop, which adds that row for every unit and
every cue, changed or not (N = 1000, 180 patterns, all of them as cues: 0.3 s against 20 s on two
cores).
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

BLOCK = 64
"""Units whose signs are compared at once; the order of the changes does not depend on it."""
AT_REST, BACK_AND_FORTH, NOT_YET = "at rest", "back and forth", "not yet"
"""How a recall ends: no unit wants to change; two states take turns; all sweeps were used."""


class Settled(NamedTuple):
    """Where cues ended, and every change on the way.

    Attributes:
        states: shape (cues, units), -1 and +1.
        ended: how, for each cue.
        cue, step, unit, value: of each change, in order; steps are counted for each cue.
        energies: before the first step and after each, for each cue.
    """

    states: np.ndarray
    ended: np.ndarray
    cue: np.ndarray
    step: np.ndarray
    unit: np.ndarray
    value: np.ndarray
    energies: list[np.ndarray]


def wanted(states: np.ndarray, fields: np.ndarray, least: float) -> np.ndarray:
    """The signs of the fields; where a field is 0, a unit stays as it is."""
    return np.where(np.abs(fields) > least, np.sign(fields), states)


def one_by_one(
    weights: np.ndarray, cues: np.ndarray, most: int, rng: np.random.Generator, least: float
) -> Settled:
    """Change unit after unit, in a random order that is another one in each sweep.

    All cues share the order, so a recall is the same alone and among others.

    Arguments:
        weights: symmetric, diagonal 0, shape (units, units).
        cues: shape (cues, units), -1 and +1, and 0 where an entry is not known.
        most: sweeps through all units.
        rng: draws the orders.
        least: fields up to this size count as 0.
    """
    states = cues.astype(weights.dtype)
    fields = states @ weights
    start = _energy(states, fields)
    changes: list[tuple[np.ndarray, ...]] = []
    ended = np.full(len(cues), NOT_YET, dtype=object)
    going = np.arange(len(cues))
    for _ in range(most):
        order = rng.permutation(len(weights))
        before = len(changes)
        for first in range(0, len(order), BLOCK):
            units = order[first : first + BLOCK]
            changes += _block(weights, states, fields, going, units, least)
        changed = [each[0] for each in changes[before:]]
        going = np.unique(np.concatenate(changed)) if changed else going[:0]
        still = np.flatnonzero(ended == NOT_YET)
        still = still[~np.isin(still, going)]
        unknown = still[(states[still] == 0).any(1)]
        ended[still] = AT_REST
        if len(unknown):  # the others do not pull at what is left: it is free to be either
            ended[unknown] = NOT_YET
            at = (states[unknown] == 0).argmax(1)
            changes.append(_change(weights, states, fields, unknown, at, 1.0))
            going = np.sort(np.concatenate([going, unknown]))
        if not len(going):
            break
    return _told(states, ended, start, changes)


def _block(
    weights: np.ndarray,
    states: np.ndarray,
    fields: np.ndarray,
    going: np.ndarray,
    units: np.ndarray,
    least: float,
) -> list[tuple[np.ndarray, ...]]:
    """The changes of some units, one after the other, of all cues at once."""
    changes = []
    live, done = going, None
    while len(live):
        state, field = states[live[:, None], units], fields[live[:, None], units]
        wrong = state * field < -least
        wrong |= (state == 0) & (np.abs(field) > least)
        if done is not None:
            wrong &= np.arange(len(units)) > done[:, None]
        first = wrong.argmax(1)
        some = np.flatnonzero(wrong[np.arange(len(live)), first])
        live, done = live[some], first[some]
        if len(live):
            value = np.sign(field[some, done])
            changes.append(_change(weights, states, fields, live, units[done], value))
    return changes


def _change(
    weights: np.ndarray,
    states: np.ndarray,
    fields: np.ndarray,
    cues: np.ndarray,
    units: np.ndarray,
    value: np.ndarray | float,
) -> tuple[np.ndarray, ...]:
    """Change one unit of each of some cues: which, to what, and by how much the energy falls."""
    step = value - states[cues, units]
    fall = -step * fields[cues, units]
    states[cues, units] = value
    fields[cues] += step[:, None] * weights[units]
    return cues, units, states[cues, units], fall


def _energy(states: np.ndarray, fields: np.ndarray) -> np.ndarray:
    return -0.5 * (states.astype(np.float64) * fields).sum(1)


def _told(
    states: np.ndarray, ended: np.ndarray, start: np.ndarray, changes: list[tuple[np.ndarray, ...]]
) -> Settled:
    """The changes, cue by cue, with the energy after each."""
    empty = [(np.zeros(0, int), np.zeros(0, int), np.zeros(0), np.zeros(0))]
    cue, unit, value, fall = (
        np.concatenate(each) for each in zip(*(changes or empty), strict=True)
    )
    sort = np.argsort(cue, kind="stable")
    cue, unit, value, fall = cue[sort], unit[sort], value[sort], fall[sort].astype(np.float64)
    at = np.searchsorted(cue, np.arange(len(states) + 1))
    energies, step = [], np.zeros(len(cue), int)
    for each, (first, last) in enumerate(itertools.pairwise(at)):
        energies.append(start[each] + np.concatenate([[0.0], np.cumsum(fall[first:last])]))
        step[first:last] = np.arange(1, last - first + 1)
    return Settled(states, ended, cue, step, unit, value, energies)


def all_at_once(weights: np.ndarray, cues: np.ndarray, most: int, least: float) -> Settled:
    """Change all units at the same time, until nothing changes or two states take turns.

    Arguments:
        weights, cues, least: as for ``one_by_one``.
        most: steps.
    """
    states = cues.astype(weights.dtype)
    before = np.full_like(states, np.nan)
    ended = np.full(len(cues), NOT_YET, dtype=object)
    fields = states @ weights
    energies = [[value] for value in _energy(states, fields)]
    going, changes = np.arange(len(cues)), []
    for step in range(1, most + 1):
        now = states[going]
        after = wanted(now, fields[going], least)
        same = (after == now).all(1)
        free = same & (now == 0).any(1)
        after[free, (now[free] == 0).argmax(1)] = 1.0
        turns = (after == before[going]).all(1)
        ended[going[same & ~free]] = AT_REST
        ended[going[turns & ~same]] = BACK_AND_FORTH
        goes = ~((same & ~free) | turns)
        going, now, after = going[goes], now[goes], after[goes]
        if not len(going):
            break
        which, unit = np.nonzero(after != now)
        changes.append((going[which], np.full(len(which), step), unit, after[which, unit]))
        before[going], states[going] = now, after
        fields[going] = after @ weights
        for each, value in zip(going, _energy(after, fields[going]), strict=True):
            energies[each].append(value)
    empty = [(np.zeros(0, int), np.zeros(0, int), np.zeros(0, int), np.zeros(0))]
    cue, steps, unit, value = (np.concatenate(c) for c in zip(*(changes or empty), strict=True))
    sort = np.argsort(cue, kind="stable")
    told = [np.array(each) for each in energies]
    return Settled(states, ended, cue[sort], steps[sort], unit[sort], value[sort], told)
