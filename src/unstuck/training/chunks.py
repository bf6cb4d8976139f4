"""Chunks of steps on their way: handed to the device, and come back."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.kept import kept
from unstuck.solvers.pace import Pace
from unstuck.training.batches import Chunk
from unstuck.training.plan import State
from unstuck.training.stepper import Stepper


@kept(most=128)
def pace(stepper: Stepper, dtype: np.dtype, rows: int) -> Pace:
    """The pace of a program: of a plan in a dtype on so many rows, with padding."""
    del dtype
    return stepper.pace(rows)


class Flight(NamedTuple):
    """A chunk that was handed to the device, and promises of what comes out.

    One flies ahead of the decisions: it is thrown away where they change the course.

    Attributes:
        start: the state before it.
        chunk: its batches.
        traced: the numbers that it reads.
        scale: the factor on the rate that it was made with.
        after: the state after it.
        measured: a row for each step.
        finite: whether all parameters are, after it.
        validated: sums of losses of the validation rows.
    """

    start: State
    chunk: Chunk
    traced: dict[str, Any]
    scale: float
    after: State
    measured: Array
    finite: Array
    validated: list[Array]


@dataclass
class Chunked:
    """A chunk that was run, and what each of its steps measured.

    Attributes:
        flight: as it was handed to the device.
        steps: how many of its steps were done.
        measured: per step loss, gradient norm, and what the stepper adds.
    """

    flight: Flight
    steps: int
    measured: np.ndarray

    @classmethod
    def of(cls, flight: Flight, stepper: Stepper) -> Chunked:
        """Wait for the device; a full-batch solver may have ended before the chunk did."""
        measured = np.asarray(flight.measured, np.float64)[: flight.chunk.steps]
        done = stepper.done(measured)
        return cls(flight, done, measured[:done])

    @property
    def finite_steps(self) -> int:
        """How many steps came before the first whose loss or gradient is not finite."""
        bad = np.flatnonzero(~np.isfinite(self.measured[:, :2]).all(1))
        return int(bad[0]) if len(bad) else self.steps

    @functools.cached_property
    def rows(self) -> list[list[float]]:
        """As Python's numbers: one conversion for all is quicker than one for each step."""
        return self.measured.tolist()

    @functools.cached_property
    def weights(self) -> list[float]:
        """Sum of the row weights of each step."""
        return self.flight.chunk.weights[: self.steps].tolist()

    def epochs(self, first: int, good: int, per_epoch: int) -> Iterator[tuple[int, int]]:
        """The parts of the first ``good`` steps that belong to one epoch each: begin and end.

        Arguments:
            first: the step of the fit with which the chunk begins.
            good: steps to divide.
            per_epoch: steps of an epoch.
        """
        begin = 0
        while begin < good:
            end = min(begin + per_epoch - (first + begin) % per_epoch, good)
            yield begin, end
            begin = end
