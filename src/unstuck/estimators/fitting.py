"""A fit: the model's parameters go to the training loop, and a new model comes back."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from unstuck.estimators import building, going_on
from unstuck.estimators.choosing import is_open
from unstuck.estimators.examples import Examples
from unstuck.estimators.floor import floor_of
from unstuck.estimators.model import Model
from unstuck.estimators.posterior import Posterior
from unstuck.layers.network import Packed
from unstuck.lazy import jax
from unstuck.rows.arrays import ArrayRows
from unstuck.rows.probe import probe
from unstuck.rows.rows import Part
from unstuck.settings import Settings
from unstuck.solvers.bayesian import BAYESIAN
from unstuck.solvers.schedules import SCHEDULES
from unstuck.solvers.stopping_rules import STOPPING_RULES
from unstuck.training.batches import Batches
from unstuck.training.compilation import precision
from unstuck.training.loop import train
from unstuck.training.stepper import Stepper
from unstuck.training.stopping import Stopping
from unstuck.training.task import Observer, Outcome, Task
from unstuck.training.validation import Validation

Score = Callable[[np.ndarray, Examples], float]


@dataclass(frozen=True)
class Fit:
    """What all starts of a fit share. Called with a model, it trains it.

    Attributes:
        settings: the estimator's parameters.
        model: one of the starts: all have its network and its scalers.
        stepper: the compiled steps.
        examples: to train on.
        validation: to validate on; ``None`` for none.
        epochs: most epochs.
        partial: whether this is one call of ``partial_fit``.
        score: score of outputs for examples, where it is monitored.
        deadline: time of ``time.perf_counter`` at which it ends.
        interrupted: whether the user asks to end.
    """

    settings: Settings
    model: Model
    stepper: Stepper
    examples: Examples
    validation: Examples | None
    epochs: int
    partial: bool
    score: Score | None
    deadline: float
    interrupted: Callable[[], bool]

    def __call__(
        self,
        model: Model,
        observers: Sequence[Observer],
        interrupted: Callable[[], bool] | None = None,
    ) -> tuple[Model, Outcome]:
        """Train for up to ``epochs`` epochs.

        Arguments:
            model: what to start from; it stays as it is.
            observers: progress and callbacks.
            interrupted: asked in place of the fit's own.

        Returns:
            The trained model, and how it ended.
        """
        with precision(self.dtype), np.errstate(over="ignore"):
            task = self._task(model, observers, interrupted or self.interrupted)
            course, state = going_on.entered(model, task, self.partial)
            outcome = train(task, state, course, self.epochs)
            return self._trained(model, task, outcome), outcome

    @property
    def batch_size(self) -> int:
        """Rows of one step."""
        return building.batch_size(self.settings, self.stepper, len(self.examples))

    @property
    def dtype(self) -> np.dtype:
        """Of training: float64 where one batch holds all rows, unless it was chosen."""
        return building.dtype_of(self.settings, self.batch_size >= len(self.examples))

    def _task(
        self, model: Model, observers: Sequence[Observer], interrupted: Callable[[], bool]
    ) -> Task:
        settings, stepper, rows = self.settings, self.stepper, self._rows
        before = 0 if self.partial else model.course.history.epochs
        variations = stepper.plan.objective.variations
        numbers = {name: getattr(settings, name) for each in variations for name in each.numbers}
        for each in variations:
            numbers |= each.arrays(model.network, model.seeds.start)
        return Task(
            stepper=stepper,
            batches=Batches(
                rows, self.batch_size, settings.shuffle, model.seeds.start, stepper.room
            ),
            numbers={name: getattr(settings, name) for name in stepper.plan.solver.traced},
            rate=settings.learning_rate_init,
            schedule=SCHEDULES.resolve(settings.learning_rate),
            power_t=settings.power_t,
            penalty=settings.alpha / self.examples.w.sum(),
            clip_norm=math.inf if settings.clip_norm is None else settings.clip_norm,
            variations=numbers,
            stopping=self._stopping,
            horizon=before + int(settings.max_iter),
            deadline=self.deadline,
            max_time=math.inf if settings.max_time is None else settings.max_time,
            probe=self._probe,
            watch=settings.watch,
            validation=self._validated,
            observers=observers,
            interrupted=interrupted,
        )

    # What the starts share is made once, by the first of them.

    @functools.cached_property
    def _rows(self) -> ArrayRows:
        return self._standardized(self.examples, self.batch_size >= len(self.examples))

    def _standardized(self, examples: Examples, single: bool = False) -> ArrayRows:
        inputs, targets = self.model.inputs, self.model.targets
        return ArrayRows.of(examples.x, examples.y, examples.w, self.dtype, inputs, targets, single)

    @functools.cached_property
    def _probe(self) -> Part:
        return jax.device_put(probe(self._rows))

    @functools.cached_property
    def _validated(self) -> Validation | None:
        held, score = self.validation, self.score
        if held is None:
            return None

        def measure(vector: Packed) -> float:
            assert score is not None
            return score(self.model.with_vector(vector).outputs(held.x), held)

        return Validation.of(self._standardized(held), None if score is None else measure)

    @functools.cached_property
    def _stopping(self) -> Stopping:
        settings, stepper = self.settings, self.stepper
        floor = floor_of(settings, stepper.plan.objective, self.examples, self.dtype)
        goals = (settings.loss_goal, settings.gradient_goal)
        loss_goal, gradient_goal = (-math.inf if goal is None else goal for goal in goals)
        return Stopping(
            tol=stepper.tol if settings.tol == "auto" else settings.tol,
            relative=stepper.relative,
            settles=stepper.plan.solver is BAYESIAN,
            loss_goal=loss_goal,
            gradient_goal=gradient_goal,
            patience=settings.n_iter_no_change,
            early=self.validation is not None and (settings.early_stopping or is_open(settings)),
            reacts=SCHEDULES.resolve(settings.learning_rate).reacts,
            rate=settings.learning_rate_init,
            rule=STOPPING_RULES.resolve(settings.stopping_rule),
            strip_length=int(settings.strip_length),
            monitor="loss" if self.score is None else "score",
            plateau_patience=settings.plateau_patience,
            plateau_factor=settings.plateau_factor,
            floor=floor,
            precision=16.0 * float(np.finfo(self.dtype).eps) * max(1.0, floor),
        )

    def _trained(self, model: Model, task: Task, outcome: Outcome) -> Model:
        """The model with the parameters to keep, and all that is needed to go on."""
        going_on.left(outcome, task)
        parameters = model.unpacked(outcome.best)
        trained = replace(model, parameters=parameters, course=outcome.course, posterior=None)
        if task.stepper.plan.solver is BAYESIAN:
            trained.posterior = Posterior.of(task, outcome, model.network, parameters)
        return trained
