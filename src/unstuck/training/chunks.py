"""Chunks of steps on their way: handed to the device, and come back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.solvers.solver import Batch
from unstuck.training.batches import Chunk
from unstuck.training.programs import Plan, State


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


class Chunked(NamedTuple):
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

    @property
    def losses(self) -> np.ndarray:
        return self.measured[:, 0]

    @property
    def norms(self) -> np.ndarray:
        return self.measured[:, 1]

    def row(self, step: int, plan: Plan) -> dict[str, float]:
        """What a step adds to the history beside loss and gradient norm."""
        if isinstance(plan.solver, Batch):
            return dict(zip(plan.solver.columns, self.measured[step, 2:-1].tolist(), strict=True))
        return {"learning_rate": float(self.controls["rates"][step])}

    def stuck(self, step: int) -> bool:
        """Whether a batch solver found no better point."""
        return self.measured.shape[1] > 2 and bool(self.measured[step, -1])
