"""Which Boolean functions one threshold unit can compute: with weights, or with a proof."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from unstuck.neuro.boolean import NAMES, Function, letters, rows_of, truth_table
from unstuck.neuro.separation import separation
from unstuck.neuro.threshold import ThresholdLogicUnit
from unstuck.readable import Facts, Readable
from unstuck.summary import number

MARGIN = 0.5
"""By how much every sum is on its side at least, as in the usual weights of OR, AND and NOT."""
LEAST_OF_BIAS = 1e-3
"""Weight of the bias where the smallest weights are looked for."""
FINEST = 10**5
"""Largest denominator of multipliers: they are ratios of small determinants."""


@dataclass(frozen=True, repr=False)
class Representation(Readable):
    """Whether one threshold unit computes a Boolean function.

    Attributes:
        table: the function's values, shape (2^inputs,), rows of inputs counted up.
        unit: one that computes it; ``None`` if there is none.
        multipliers: whole numbers, one for each row, that prove that there is none: rows of value
            1 ask for w·x + b >= 0 and rows of value 0 for w·x + b < 0; taken so many times each,
            the left sides of the first and of the second add up to the same. All 0 if there is a
            unit.
    """

    table: np.ndarray
    unit: ThresholdLogicUnit | None
    multipliers: np.ndarray

    @property
    def inputs(self) -> int:
        """How many inputs the function has."""
        return len(self.table).bit_length() - 1

    @property
    def name(self) -> str:
        """What it is called, for two inputs; else its truth table."""
        digits = "".join(map(str, self.table))
        return NAMES.get(digits, digits)

    def check(self) -> bool:
        """Whether the unit answers as the table, or the multipliers contradict every unit.

        In whole numbers, from the table alone: nothing is taken from the linear program.
        """
        if self.unit is not None:
            return bool((self.unit.truth_table == self.table).all())
        rows = np.column_stack([rows_of(self.inputs), np.ones(len(self.table), int)])
        counted = self.multipliers * np.where(self.table == 1, 1, -1)
        refused = self.multipliers[self.table == 0].sum() > 0  # those are strict
        return bool(refused and (self.multipliers >= 0).all() and not (counted @ rows).any())

    def _told(self) -> Facts:
        names, rows = letters(self.inputs), rows_of(self.inputs)
        if self.unit is not None:
            said = f"One unit computes it: {self.unit}"
            table = [(*names, "w·x + b", "output")]
            sums = rows @ np.array(self.unit.weights) + self.unit.bias
            for row, total, value in zip(rows, sums, self.table, strict=True):
                table.append((*map(str, row), number(total), str(value)))
            return Facts("Threshold logic unit", (said,), table, words=0)
        head = (*names, "asked of the unit", "times")
        table = [head]
        for row, value, times in zip(rows, self.table, self.multipliers, strict=True):
            if times:
                asked = "0 <= " if value else "0 >  "
                terms = [name for name, one in zip(names, row, strict=True) if one]
                asked += " + ".join([*(f"w_{name}" for name in terms), "bias"])
                table.append((*map(str, row), asked, str(times)))
        ones, zeros = (self.multipliers[self.table == value].sum() for value in (1, 0))
        said_all = (
            "No unit computes it. For all weights, the same sum would have to be at least",
            f"0 and below 0: the {ones} inequalities of value 1 add up to the same terms as",
            f"the {zeros} of value 0, each taken so many times:",
        )
        return Facts("Threshold logic unit", said_all, table, words=len(names) + 1)


def representable(function: Function) -> Representation:
    """Decide whether one threshold unit can compute a Boolean function.

    The linear program of ``separation``, on all rows of inputs. Where there is a unit, its weights
    are the smallest ones (in the sum of their sizes) whose sums are at least 0.5 from 0. Where
    there is none, the program's multipliers, as whole numbers, prove it.

    Arguments:
        function: its truth table (``"0110"``), or a function of up to 10 arguments.

    Raises:
        ParameterError: it is no Boolean function.

    Example:
        >>> representable(lambda a, b: a or b).unit
        1[a + b - 0.5 >= 0]
        >>> representable("0110")
        No unit computes it. For all weights, the same sum would have to be at least
        0 and below 0: the 2 inequalities of value 1 add up to the same terms as
        the 2 of value 0, each taken so many times:
        a  b  asked of the unit   times
        0  0  0 >  bias               1
        0  1  0 <= w_b + bias         1
        1  0  0 <= w_a + bias         1
        1  1  0 >  w_a + w_b + bias   1
    """
    table = truth_table(function)
    rows = rows_of(len(table).bit_length() - 1)
    found = separation(rows, table == 1)
    nothing = np.zeros(len(table), int)
    if found.separable:
        return _checked(Representation(table, _smallest(rows, table), nothing))
    return _checked(Representation(table, None, _whole(found.multipliers)))


class FunctionsOfTwo(tuple[Representation, ...], Readable):
    """The 16 Boolean functions of two inputs, in the order of their truth tables."""

    __slots__ = ()

    def _told(self) -> Facts:
        able = sum(each.unit is not None for each in self)
        said = f"One unit computes {able} of the {len(self)} Boolean functions of two inputs."
        table = [("function", "00 01 10 11", "unit")]
        for each in self:
            unit = "none: see neuro.representable" if each.unit is None else str(each.unit)
            table.append((each.name, "  ".join(map(str, each.table)), unit))
        return Facts("Boolean functions", (said,), table, words=3)

    __repr__ = __str__ = Readable.__repr__


def functions_of_two() -> FunctionsOfTwo:
    """The 16 Boolean functions of two inputs: a unit for each of 14, a proof for the other two.

    Example:
        >>> sum(each.unit is not None for each in functions_of_two())
        14
    """
    return FunctionsOfTwo(representable(digits) for digits in NAMES)


def _smallest(rows: np.ndarray, table: np.ndarray) -> ThresholdLogicUnit:
    """The unit of the smallest weights; halves where these do."""
    signs = np.where(table == 1, 1.0, -1.0)[:, None]
    signed = signs * np.column_stack([rows, np.ones(len(rows))])
    cost = np.append(np.ones(rows.shape[1]), LEAST_OF_BIAS)
    parts = np.hstack([-signed, signed])  # of v = positive part - negative part
    limits = np.full(len(rows), -MARGIN)
    found = linprog(np.tile(cost, 2), parts, limits, method="highs-ds").x
    solution = found[: len(cost)] - found[len(cost) :]
    halves = np.round(2 * solution) / 2
    if (signed @ halves >= MARGIN).all():
        solution = halves
    return ThresholdLogicUnit(solution[:-1], solution[-1])


def _whole(multipliers: np.ndarray) -> np.ndarray:
    """The same in whole numbers."""
    least = multipliers[multipliers > 0].min()
    exact = [Fraction(m / least).limit_denominator(FINEST) for m in multipliers]
    common = math.lcm(*(each.denominator for each in exact))
    whole = np.array([int(each * common) for each in exact])
    return whole // math.gcd(*map(int, whole))


def _checked(found: Representation) -> Representation:
    assert found.check(), f"the linear program gave no proof for {found.name}"
    return found
