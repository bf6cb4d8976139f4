"""What a training loop is given and what it leaves behind."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.layers.network import Packed
from unstuck.lazy import jax
from unstuck.rows.rows import Part
from unstuck.solvers.schedules import Schedule
from unstuck.solvers.stop import Stop
from unstuck.training.batches import Batches
from unstuck.training.course import Course
from unstuck.training.history import EARLY_COLUMNS
from unstuck.training.plan import State
from unstuck.training.stepper import Stepper
from unstuck.training.stopping import Stopping
from unstuck.training.validation import Validation


class Observer:
    """What a progress display or a callback may do; this one does nothing."""

    every_epoch = False
    """Whether ``epoch`` must be called before the next epoch starts, with its weights."""

    def compiling(self, what: str) -> None:
        """A program is about to be compiled."""

    def epoch(self, epoch: int, row: Mapping[str, float], state: State) -> bool:
        """An epoch has ended; returns whether to stop."""
        del epoch, row, state
        return False


def never() -> bool:
    """Nobody asks to end."""
    return False


@dataclass(frozen=True)
class Task:
    """All that a fit is given.

    Attributes:
        stepper: the compiled steps.
        batches: the training rows and their order.
        numbers: the solver's numbers, by parameter name.
        rate: learning rate before the schedule.
        schedule: the learning-rate schedule.
        power_t: exponent of the schedule "invscaling".
        penalty: alpha / sum of the training weights.
        stopping: what is decided at the end of an epoch.
        horizon: epochs over which timed schedules run.
        probe: rows on which the layers are looked at.
        watch: whether they are.
        clip_norm: largest gradient norm; infinite for none.
        variations: numbers and arrays that the objective's variations read.
        deadline: time of ``time.perf_counter`` after which the fit ends.
        max_time: seconds from its begin until then, to be told.
        validation: rows that are looked at after every epoch.
        observers: progress and callbacks.
        interrupted: whether the user asks to end; read between chunks.
    """

    stepper: Stepper
    batches: Batches
    numbers: Mapping[str, float]
    rate: float
    schedule: Schedule
    power_t: float
    penalty: float
    stopping: Stopping
    horizon: int
    probe: Part
    watch: bool = True
    clip_norm: float = math.inf
    variations: Mapping[str, Any] = field(default_factory=dict)
    deadline: float = math.inf
    max_time: float = math.inf
    validation: Validation | None = None
    observers: Sequence[Observer] = ()
    interrupted: Callable[[], bool] = never

    @property
    def dtype(self) -> np.dtype:
        """The training dtype."""
        return self.batches.rows.dtype

    @property
    def columns(self) -> tuple[str, ...]:
        """What is noted of an epoch beside ``EPOCH_COLUMNS``."""
        early = EARLY_COLUMNS if self.stopping.early else ()
        return (*self.stepper.columns, *early)

    @property
    def spans(self) -> bool:
        """Whether a chunk may span epochs: nothing has to happen between them."""
        return self.validation is None and not any(o.every_epoch for o in self.observers)

    def rates(self, first: int, scale: float) -> np.ndarray:
        """The learning rate of each step of a chunk.

        Arguments:
            first: the step of the fit with which it begins.
            scale: factor by now.
        """
        epochs = (first + np.arange(self.batches.chunk_steps)) / self.batches.steps_per_epoch
        progress = np.minimum(epochs / self.horizon, 1.0)
        return self.rate * scale * self.schedule.factor(epochs, progress, self.power_t)

    def traced(self, rates: np.ndarray) -> dict[str, Any]:
        """The numbers that a chunk reads."""
        return {**self._constants, "rates": rates.astype(self.dtype)}

    @functools.cached_property
    def _constants(self) -> dict[str, Any]:
        """The numbers that do not change, handed to the device once."""
        kind = self.dtype.type
        own = {
            "penalty": self.penalty,
            "clip_norm": self.clip_norm,
            "loss_goal": self.stopping.loss_goal,
            "gradient_goal": self.stopping.gradient_goal,
        }
        read = {name: kind(own[name]) for name in ("penalty", *self.stepper.reads) if name in own}
        read |= {name: kind(number) for name, number in self.variations.items()}
        if "seed" in self.stepper.reads:
            read["seed"] = np.uint32(self.batches.seed)
        numbers = {name: kind(number) for name, number in self.numbers.items()}
        return jax.device_put({"numbers": numbers, **read})


@dataclass
class Outcome:
    """What a training loop leaves behind.

    Attributes:
        state: after the last step that counts.
        course: what the fit has become.
        stop: why it ended.
    """

    state: State
    course: Course
    stop: Stop

    @property
    def best(self) -> Packed:
        """The parameters to keep: with the best validation result, or the last."""
        return self.state.vector if self.course.kept is None else self.course.kept.vector

    @property
    def cost(self) -> float:
        """What fits of the same data are compared by; smaller is better: the best validation
        result, minus the evidence where the solver reports it, or the objective at the end."""
        kept, history = self.course.kept, self.course.history
        evidence = history.last("log_evidence")
        value = kept.value if kept else -evidence if evidence == evidence else history.last("loss")
        return np.inf if np.isnan(value) else value
