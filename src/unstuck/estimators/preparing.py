"""Before a fit: which rows are trained on, what every network starts from, which solver trains."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.errors import DataError, UnstuckWarning, warn
from unstuck.estimators import building, choosing, validation
from unstuck.estimators.examples import Examples
from unstuck.estimators.fitted import Fitted
from unstuck.estimators.fitting import Fit, Score
from unstuck.estimators.given_weights import with_given
from unstuck.estimators.model import Model
from unstuck.estimators.seeds import Seeds
from unstuck.estimators.validation import Part, Parts
from unstuck.layers.network import Parameters
from unstuck.rows.pieces import Inputs
from unstuck.settings import Settings
from unstuck.solvers.solver import Solver
from unstuck.solvers.table import SOLVERS
from unstuck.training.objective import Objective
from unstuck.training.plan import Plan
from unstuck.training.steppers import stepper_of


class Prepared(Fitted):
    """An estimator that divides its rows and prepares the fits to them."""

    _targets: Any
    solver_: str
    solver_reason_: str

    if TYPE_CHECKING:

        @property
        def _settings(self) -> Settings:
            """Its parameters."""

        def _read(
            self, x: Any, y: Any, weights: Any, soft: Any, classes: Any, reset: bool
        ) -> Examples:
            """The user's rows, checked."""

    # Rows

    def _starts(self, going_on: bool, partial: bool) -> list[Seeds]:
        """The seeds of all networks that are trained. Where all are averaged, each holds out rows
        of its own; where some are chosen, they are compared on the same ones."""
        settings = self._settings
        count, starts = settings.n_ensemble, 1 if partial else settings.n_restarts
        if going_on:
            return [model.seeds for model in self._models[:count]]
        seeds = Seeds.of(settings.random_state)
        return seeds.members(count) if 1 < count >= starts else seeds.starts(max(starts, count))

    def _divide(
        self,
        examples: Examples,
        validation_data: validation.Given,
        starts: list[Seeds],
        going_on: bool,
        partial: bool,
    ) -> Parts:
        """Training and validation examples: one part for all starts, or one for each."""
        if validation.given(validation_data):
            part = (examples, self._read_validation(*validation_data))
            return [lambda: part]
        held = self._settings.early_stopping or self._holds_out(examples, going_on, partial)
        if not held:
            return [lambda: (examples, None)]
        seeds, strata = [start.split for start in starts], self._targets.strata(examples)
        return validation.parts(examples, self._settings, seeds, strata, partial)

    def _holds_out(self, examples: Examples, going_on: bool, partial: bool) -> bool:
        """Whether the solver that was or will be chosen needs validation rows."""
        if partial or not choosing.is_open(self._settings):
            return False
        if going_on:
            return self.solver_ != "br"
        objective = self._objective(building.width_of(self._settings, examples))
        return choosing.holds_out(self._settings, objective, len(examples))

    def _read_validation(self, x: Any, y: Any, weights: Any) -> Examples:
        try:
            return self._read(x, y, weights, None, None, reset=False)
        except ValueError as problem:
            raise DataError(f"In X_val, y_val, sample_weight_val: {problem}") from problem

    # The fit

    def _prepared(
        self,
        part: Part,
        starts: list[Seeds],
        going_on: bool,
        partial: bool,
        began: float,
        interrupted: Callable[[], bool],
    ) -> tuple[Fit, list[Model]]:
        """A fit to a part of the examples, and the models that all start from."""
        settings, (examples, validating) = self._settings, part
        inputs = self._model.inputs if going_on else building.inputs_of(settings, examples)
        objective = self._objective(inputs.width)
        solver = self._choose_solver(objective, part, going_on, partial)
        plan = building.plan_of(settings, objective, solver)
        building.check_parts(settings, plan, len(examples), validating is not None, partial)
        if going_on:
            building.check_same(settings, self._model, objective.network, type(self).__name__)
            known = self._models[: len(starts)]
            models = [replace(model, loss=objective.loss) for model in known]
        else:
            building.check_pieces(settings, inputs, examples)
            models = self._new_models(plan, inputs, examples, starts)
        fit = Fit(
            settings,
            models[0],
            stepper_of(plan),
            examples,
            validating,
            1 if partial else settings.max_iter,
            partial,
            self._monitored(validating),
            began + (math.inf if settings.max_time is None else settings.max_time),
            interrupted,
        )
        return fit, models

    def _objective(self, width: int) -> Objective:
        output, loss, outputs = self._targets.ends(self._settings)
        return building.objective_of(self._settings, width, outputs, output, loss)

    def _choose_solver(
        self, objective: Objective, part: Part, going_on: bool, partial: bool
    ) -> Solver:
        """The solver; a fit that goes on keeps the one that was chosen for it."""
        if not (going_on and choosing.is_open(self._settings)):
            rows, validated = len(part[0]), part[1] is not None
            choice = choosing.choose(self._settings, objective, rows, partial, validated)
            self.solver_, self.solver_reason_ = choice.solver.name, choice.why
        return SOLVERS[self.solver_]

    def _new_models(
        self, plan: Plan, inputs: Inputs, examples: Examples, starts: list[Seeds]
    ) -> list[Model]:
        """First weights of every start, the first with what the user gives, and scaling from these
        rows, which they share."""
        network, x, w = plan.objective.network, examples.x, examples.w
        targets = self._targets.scale(self, examples, network.output)

        def first(seed: int) -> Parameters:
            return building.first_parameters(
                self._settings, plan, lambda: inputs.bounds(x[w > 0]), seed
            )

        drawn = [first(seeds.start) for seeds in starts]
        drawn[0] = with_given(self._settings, plan.objective, drawn[0])
        loss = plan.objective.loss
        return [
            Model(network, loss, parameters, inputs, targets, seeds)
            for parameters, seeds in zip(drawn, starts, strict=True)
        ]

    def _monitored(self, validating: Examples | None) -> Score | None:
        """The score, where it is to be followed and the validation rows have one."""
        if self._settings.monitor != "score" or validating is None:
            return None
        if self._targets.scorable(validating):
            return self._score_of
        warn(
            f"monitor='score' cannot be computed: the targets of the {len(validating)} validation "
            "rows do not vary, so that R^2 is undefined. The validation loss is followed instead; "
            "pass more rows, or set monitor='loss'.",
            UnstuckWarning,
        )
        return None

    def _score_of(self, z: np.ndarray, examples: Examples) -> float:
        output = self._targets.ends(self).output
        return self._targets.score(self, z, output, examples)

    # Others like it

    def _each(self, first: Fit, parts: Parts, count: int) -> list[Callable[[], Fit]]:
        """What makes the fit of every model; the same one where they share their rows."""
        if len(parts) == 1:
            return [lambda: first] * count
        return [lambda: first, *(functools.partial(self._on, first, part) for part in parts[1:])]

    def _on(self, first: Fit, part: Callable[[], Part]) -> Fit:
        """The same fit on other rows."""
        rows, held = part()
        assert held is not None
        followed = first.score is not None and self._targets.scorable(held)
        score = self._score_of if followed else None
        return replace(first, examples=rows, validation=held, score=score)
