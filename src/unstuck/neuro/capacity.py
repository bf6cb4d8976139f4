"""How many patterns a memory holds: measured, and beside the theory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf

from unstuck.errors import ParameterError
from unstuck.neuro.given import array_of, check, check_room, shown
from unstuck.neuro.memory import HopfieldMemory
from unstuck.readable import Facts, Readable
from unstuck.rules import Number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PUBLISHED = (0.10, 0.138, 0.18)
"""Loads of which simulations are published."""
FEWER = "take fewer units, seeds or patterns"
HELD = 0.9
"""The overlap from which on a pattern counts as held."""


def _load(y: float) -> float:
    """Patterns per unit at which the overlap is erf(y)."""
    return float(0.5 * (erf(y) / y - 2 / np.sqrt(np.pi) * np.exp(-y * y)) ** 2)


def largest_load() -> float:
    """Patterns per unit beyond which no state is left that is like a stored one, about 0.1379.

    Example:
        >>> print(f"{largest_load():.4f}")
        0.1379
    """
    return float(-minimize_scalar(lambda y: -_load(y), bounds=(1.0, 3.0), method="bounded").fun)


def expected_overlap(load: float) -> float:
    """The overlap of what is recalled with what was stored, for infinitely many units.

    It is m = erf(y), where y solves ``y (sqrt(2 load) + 2/sqrt(pi) exp(-y^2)) = erf(y)``: the
    replica-symmetric theory of Hebb's rule without noise, for random patterns. Beyond
    ``largest_load()`` nothing is held, and it is 0.

    Amit, Gutfreund, Sompolinsky (1985, 1987), Statistical mechanics of neural networks near
    saturation.

    Arguments:
        load: patterns per unit, 0 or more.

    Example:
        >>> print(f"{expected_overlap(0.10):.3f} {expected_overlap(0.137):.3f}")
        0.998 0.975
    """
    check("expected_overlap", load=(load, Number(0)))
    best = minimize_scalar(lambda y: -_load(y), bounds=(1.0, 3.0), method="bounded")
    if load > -best.fun:
        return 0.0
    if load < _load(6.0):
        return 1.0
    return float(erf(brentq(lambda y: _load(y) - load, best.x, 6.0)))


class Load(NamedTuple):
    """What a memory held at one load.

    Attributes:
        load: patterns per unit.
        patterns: so many were stored in each memory.
        overlap: of each recall with the pattern it began at, shape (seeds, patterns).
    """

    load: float
    patterns: int
    overlap: np.ndarray

    @property
    def mean(self) -> float:
        """Over all recalls."""
        return float(self.overlap.mean())

    @property
    def error(self) -> float:
        """The standard error of the mean, over memories; NaN of one."""
        means = self.overlap.mean(1)
        return float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else np.nan

    @property
    def held(self) -> float:
        """The share of recalls that stayed at their pattern, overlap above 0.9."""
        return float((self.overlap > HELD).mean())


class Capacity(Readable):
    """How much of what was stored a memory holds, by its load.

    Attributes:
        units: of each memory.
        loads: one ``Load`` each.
    """

    def __init__(self, units: int, rule: str, loads: Sequence[Load]):
        self.units, self.rule, self.loads = units, rule, tuple(loads)

    def plot(self, ax: Any = None) -> Figure:
        """The overlaps over the loads, beside the theory of Hebb's rule."""
        from unstuck.neuro.recall_figure import capacity_figure

        curve = np.append(np.linspace(0.001, largest_load() - 1e-6, 200), largest_load())
        return capacity_figure(
            [(each.load, each.mean, each.overlap.mean(1).std()) for each in self.loads],
            (curve, np.array([expected_overlap(load - 1e-9) for load in curve])),
            f"{self.units:,} units",
            ax,
        )

    def _told(self) -> Facts:
        seeds, largest = len(self.loads[0].overlap), largest_load()
        memories = f"{seeds} memor{'y' if seeds == 1 else 'ies'} a load"
        said = [f"{self.units:,} units, {memories}, each recalled from every stored pattern."]
        if self.rule == "hebb":
            said.append(f"Theory: infinitely many units; beyond {largest:.4f} none is held.")
        table = [("patterns / unit", "patterns", "overlap", "held", "theory")]
        for each in self.loads:
            theory = "-"
            if self.rule == "hebb":
                theory = f"{expected_overlap(each.load):.3f}" if each.load < largest else "none"
            error = "" if np.isnan(each.error) else f" ± {each.error:.3f}"
            mean = f"{each.mean:.3f}{error}"
            table.append((f"{each.load:g}", f"{each.patterns:,}", mean, f"{each.held:.0%}", theory))
        return Facts("Capacity", tuple(said), table, words=0)


def memory_capacity(
    units: int = 1000,
    loads: Sequence[float] = PUBLISHED,
    *,
    seeds: int = 5,
    rule: Literal["hebb", "projection"] = "hebb",
    random_state: int = 0,
) -> Capacity:
    """Store more and more random patterns, and see from which a recall stays where it is.

    Every recall begins at a stored pattern, one unit after the other, as in the published
    simulations.

    Arguments:
        units: of each memory, 2 or more.
        loads: patterns per unit; ``units * load`` is rounded to a whole number.
        seeds: memories for each load.
        rule: of ``HopfieldMemory``.
        random_state: seed of the patterns and of the orders.

    Raises:
        ParameterError: a load gives no pattern, or a number is not positive.

    Example:
        >>> memory_capacity(100, [0.05], seeds=2).loads[0].mean > 0.98
        True
    """
    check(
        "memory_capacity", units=(units, Number(2, whole=True)),
        seeds=(seeds, Number(1, whole=True)), random_state=(random_state, Number(0, whole=True)),
    )  # fmt: skip
    if np.ndim(array_of(loads)) != 1 or len(loads) == 0:
        raise ParameterError(
            f"memory_capacity: loads was {shown(loads)}; expected a list of 1 load or more."
        )
    measured = []
    for load in loads:
        patterns = round(units * float(load)) if Number(0).accepts(load) else 0
        if patterns < 1:
            raise ParameterError(
                f"memory_capacity: a load was {load!r}; expected patterns per unit, {1 / units:g} "
                f"or more: that is 1 pattern in {units} units."
            )
        held = 3.0 * units * (units + patterns) + float(seeds) * patterns
        check_room(held, f"memory_capacity: {patterns:.3g} patterns of {units:,} units", FEWER)
        overlap = np.empty((seeds, patterns))
        for seed in range(seeds):
            rng = np.random.default_rng([random_state, seed])
            stored = rng.choice(np.array([-1, 1], np.int8), (patterns, units))
            memory = HopfieldMemory(rule=rule, random_state=seed).fit(stored)
            found = memory.recall(stored)
            overlap[seed] = np.einsum("pu,pu->p", found.patterns, stored, dtype=float) / units
        measured.append(Load(float(load), patterns, overlap))
    return Capacity(units, rule, measured)
