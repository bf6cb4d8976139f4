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
from unstuck.solvers.solver import Batch
from unstuck.training.batches import Chunk
from unstuck.training.programs import Plan, State


@kept(most=128)
def pace(plan: Plan, dtype: np.dtype, rows: int) -> Pace:
    """The pace of a program: of a plan in a dtype on so many rows, with padding."""
    del plan, dtype, rows
    return Pace()


class Flight(NamedTuple):
    """A chunk that was handed to the device, and promises of what comes out.

    One flies ahead of the decisions: it is thrown away where they change the course.
    """

    start: State
    chunk: Chunk
    controls: dict[str, Any]
    scale: float
    after: State
    measured: Array
    held_out: list[Array]


@dataclass
class Chunked:
    """A chunk that was run: its controls and what each step measured.

    Attributes:
        measured: per step loss, gradient norm, and of a batch solver its columns and whether it
            is stuck.
    """

    chunk: Chunk
    controls: dict[str, Any]
    measured: np.ndarray

    @classmethod
    def of(cls, flight: Flight) -> Chunked:
        """Wait for the device; a batch solver may have ended before the chunk did."""
        chunk = flight.chunk
        measured = np.asarray(flight.measured, np.float64)[: chunk.steps]
        ran = measured[~np.isnan(measured[:, -1])] if measured.shape[1] > 2 else measured
        chunk = chunk._replace(steps=len(ran), weights=chunk.weights[: len(ran)])
        return cls(chunk, flight.controls, ran)

    @functools.cached_property
    def _rows(self) -> list[list[float]]:
        """As Python's numbers: one conversion for all is quicker than one for each step."""
        return self.measured.tolist()

    def epochs(self, first: int, good: int, per_epoch: int) -> Iterator[tuple[int, np.ndarray]]:
        """The parts of the first ``good`` steps that belong to one epoch each.

        Arguments:
            first: the step of the fit with which the chunk begins.
            good: steps to divide.
            per_epoch: steps of an epoch.

        Yields:
            The chunk's steps up to the part's end, and sums over the part: weight, weighted loss,
            weighted norm.
        """
        if not good:
            return
        starts = np.arange(-(first % per_epoch), good, per_epoch).clip(0)
        weights = self.chunk.weights[:good, None]
        sums = np.add.reduceat(weights * np.insert(self.measured[:good, :2], 0, 1.0, 1), starts)
        yield from zip([*starts[1:].tolist(), good], sums, strict=True)

    def row(self, step: int, plan: Plan) -> dict[str, float]:
        """What a step adds to the history beside loss and gradient norm."""
        if isinstance(plan.solver, Batch):
            return dict(zip(plan.solver.columns, self._rows[step][2:-1], strict=True))
        return {"learning_rate": float(self.controls["rates"][step])}

    def stuck(self, step: int) -> bool:
        """Whether a batch solver found no better point."""
        return self.measured.shape[1] > 2 and bool(self._rows[step][-1])
