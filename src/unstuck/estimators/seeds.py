"""From ``random_state`` to all that a fit draws."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_random_state

LARGEST = 2**31 - 1
SHARED = 1 << 16
"""Starts share the last 16 bits of their random states, which decide the rows that early stopping
holds out: all of them are compared on the same rows."""

APART = 7919
"""How far apart random states of members are: odd, so that their last bits differ."""


class Seeds(NamedTuple):
    """The seeds of a fit.

    Attributes:
        random_state: a fit with it is this one; not so of a file of format 1, which kept ``start``.
        start: of first weights, order of the rows, dropout.
        split: of the rows that early stopping holds out.
    """

    random_state: int
    start: int
    split: int

    @classmethod
    def of(cls, random_state: Any) -> Seeds:
        """Those of an estimator's ``random_state``: a number, a generator, or ``None``.

        >>> Seeds.of(0) == Seeds.of(np.int64(0))
        True
        """
        if random_state is None or isinstance(random_state, np.random.RandomState):
            random_state = _drawn(random_state)
        number = int(random_state)
        start = _drawn(number)
        return cls(number, start, start if number < SHARED else _drawn(number % SHARED))

    def starts(self, count: int) -> list[Seeds]:
        """Seeds of several starts; the first is this one.

        >>> [seeds.random_state for seeds in Seeds.of(7).starts(3)]
        [7, 65543, 131079]
        """
        return [Seeds.of((self.random_state + i * SHARED) % 2**32) for i in range(count)]

    def members(self, count: int) -> list[Seeds]:
        """Seeds of starts that hold out rows of their own; the first is this one. Those of
        neighboring random states have none in common.

        >>> [seeds.random_state for seeds in Seeds.of(7).members(3)]
        [7, 7926, 15845]
        """
        return [Seeds.of((self.random_state + i * APART) % 2**32) for i in range(count)]


def _drawn(random_state: Any) -> int:
    return int(check_random_state(random_state).randint(LARGEST))
