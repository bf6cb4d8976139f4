"""Currents into neurons: constant, or a row of them after the other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unstuck.errors import DataError
from unstuck.neuro.given import numbers
from unstuck.neuro.steps import MOST_STEPS, whole_steps


class Current(NamedTuple):
    """What flows into neurons.

    Attributes:
        rows: nA, shape (times, neurons), or (times, 1) where all get the same.
        lasts: steps of each row; the last row lasts to the end.
        neurons: how many it is for; ``None``: any.
    """

    rows: np.ndarray
    lasts: int
    neurons: int | None

    @property
    def constant(self) -> bool:
        """Whether it is the same in all steps."""
        return len(self.rows) == 1

    def during(self, done: int, block: int) -> np.ndarray | None:
        """Rows of the steps after the first so many; ``None`` where it is constant."""
        if self.constant:
            return None
        place = np.arange(done, done + block) // self.lasts
        return self.rows[np.minimum(place, len(self.rows) - 1)]


def current_of(given: Any, every: Any, step: float) -> Current:
    """A current as ``LeakyIntegrateAndFire.run`` takes it.

    Arguments:
        given: nA; ``every``: ms that each row lasts, ``None`` for a constant one.
        step: ms.

    Raises:
        ParameterError: ``every`` is no multiple of the step, or longer than any run.
        DataError: no finite numbers, or another shape.

    Example:
        >>> ramp = current_of([1.0, 2.0, 3.0], every=0.2, step=0.1)
        >>> ramp.during(3, 4).ravel().tolist()
        [2.0, 3.0, 3.0, 3.0]
    """
    found = numbers(given, "current")
    if every is None:
        if found.ndim > 1:
            raise DataError(
                f"current has the shape {found.shape}; expected a number, or one for each neuron. "
                "Of a current that changes, shape (times, neurons), say with every= how many ms "
                "each row lasts."
            )
        return Current(np.atleast_2d(found), 1, found.size if found.ndim else None)
    lasts = whole_steps(every, step, "every", most=MOST_STEPS)
    if found.ndim not in (1, 2):
        raise DataError(
            f"current has the shape {found.shape} and lasts {every!r} ms each; expected the shape "
            "(times,), the same for all neurons, or (times, neurons)."
        )
    alike = found.ndim == 1
    return Current(found[:, None] if alike else found, lasts, None if alike else found.shape[1])
