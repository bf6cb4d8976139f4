"""What a training loop is given and what it leaves behind."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.solvers.schedules import Schedule
from unstuck.solvers.stop import Stop
from unstuck.training.batches import Batches
from unstuck.training.heldout import HeldOut
from unstuck.training.programs import Plan, State
from unstuck.training.stopping import Stopping


class Observer:
    """What a progress display or a callback may do; this one does nothing."""

    every_epoch = False
    """Whether ``epoch`` must be called before the next epoch starts, with its weights."""

    def compiling(self, what: str) -> None:
        """A program is about to be compiled."""

    def epoch(self, epoch: int, row: dict[str, float], state: State) -> bool:
        """An epoch has ended; returns whether to stop."""
        del epoch, row, state
        return False


@dataclass
class Task:
    """Everything a training loop needs beside the state it starts from.

    Attributes:
        plan: what is compiled.
        batches: the training rows.
        numbers: the solver's numbers, by parameter name.
        rate: learning rate before the schedule.
        schedule: the learning-rate schedule.
        power_t: exponent of the schedule "invscaling".
        horizon: epochs over which timed schedules run.
        penalty: alpha / sum of the training weights.
        clip_norm: largest gradient norm; infinite for none.
        dropout: share of hidden outputs dropped.
        stopping: what is decided at the end of an epoch.
        probe: rows on which the layers are looked at.
        max_time: seconds after which the fit ends, with the chunk that is under way.
        held_out: validation rows.
        score: score of the validation rows for a vector of parameters, where it is monitored.
        observers: progress and callbacks.
    """

    plan: Plan
    batches: Batches
    numbers: dict[str, float]
    rate: float
    schedule: Schedule
    power_t: float
    horizon: int
    penalty: float
    clip_norm: float
    dropout: float
    stopping: Stopping
    probe: tuple[np.ndarray, ...]
    max_time: float = np.inf
    held_out: HeldOut | None = None
    score: Callable[[Array], float] | None = None
    observers: list[Observer] = field(default_factory=list)

    @property
    def dtype(self) -> np.dtype:
        """The training dtype."""
        return self.batches.y.dtype

    @property
    def spans(self) -> bool:
        """Whether a chunk may span epochs: nothing has to happen between them."""
        return self.held_out is None and not any(o.every_epoch for o in self.observers)

    def rates(self, first: int, scale: float) -> np.ndarray:
        """The learning rate of each step of a chunk."""
        epochs = (first + np.arange(self.batches.chunk_steps)) / self.batches.steps_per_epoch
        progress = np.minimum(epochs / self.horizon, 1.0)
        return self.rate * scale * self.schedule.factor(epochs, progress, self.power_t)

    def controls(self, first: int) -> dict[str, Any]:
        """The traced numbers of a chunk."""
        rates = self.rates(first, self.stopping.scale).astype(self.dtype)
        return {**self._constants, "rates": rates}

    @functools.cached_property
    def _constants(self) -> dict[str, Any]:
        """The numbers that do not change, handed to the device once."""
        import jax

        kind = self.dtype.type
        numbers = {
            "numbers": {name: kind(number) for name, number in self.numbers.items()},
            "penalty": kind(self.penalty),
        }
        if self.plan.whole:
            numbers["loss_goal"] = kind(self.stopping.loss_goal)
            numbers["gradient_goal"] = kind(self.stopping.gradient_goal)
        else:
            numbers["clip_norm"] = kind(self.clip_norm)
            numbers["dropout"] = kind(self.dropout)
            numbers["seed"] = np.uint32(self.batches.seed)
        return jax.device_put(numbers)


@dataclass
class Outcome:
    """What a training loop leaves behind.

    Attributes:
        state: after the last step that counts.
        best: parameters with the best validation result; ``None`` without validation data.
        best_value: that result, smaller is better.
        last_value: the objective at the end; minus the evidence where the solver reports it.
        stop: why it ended.
    """

    state: State
    best: Array | None
    best_value: float
    last_value: float
    stop: Stop

    @property
    def cost(self) -> float:
        """What fits of the same data are compared by; smaller is better."""
        value = self.last_value if self.best is None else self.best_value
        return np.inf if np.isnan(value) else value
