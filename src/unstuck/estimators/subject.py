"""A fitted estimator as the subject of a diagnosis."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone

from unstuck.activations import Activation, Array
from unstuck.autodiff.batches import Batched
from unstuck.autodiff.flow import Flow
from unstuck.autodiff.recording import recorded
from unstuck.autodiff.twice import softmaxes_of
from unstuck.choices import Own
from unstuck.estimators import building
from unstuck.estimators.examples import Examples
from unstuck.estimators.model import Model
from unstuck.estimators.trial_settings import RESTRAINTS, trial_settings
from unstuck.health.disease import LENGTHS
from unstuck.health.errors import row_errors, variance_of
from unstuck.health.subject import (
    Change,
    Facts,
    Origin,
    Parameters,
    Sample,
    Trial,
    flat,
    like,
)
from unstuck.layers.jacobian import outputs_of
from unstuck.lazy import jax, jnp
from unstuck.record import Record
from unstuck.rows.padding import padded
from unstuck.rows.probe import PROBE_ROWS, probe_indices
from unstuck.rows.rows import Part
from unstuck.silence import silenced
from unstuck.solvers.solver import FullBatch
from unstuck.solvers.table import SOLVERS
from unstuck.training import snapshot
from unstuck.training.objective import TINY, Objective

STARTS = 3
"""Other starts that are tried in place of ``n_restarts``."""
REPLACED = {"loss", "output_activation"}
"""Settings after which losses are not those of the fit."""


class EstimatorSubject:
    """A fitted ``NetClassifier`` or ``NetRegressor`` and rows that it was trained on.

    Attributes:
        estimator: fitted.
        facts, sample, history: as ``Subject`` has them.
    """

    def __init__(self, estimator: Any, given: Examples, rows: int, weight: float):
        """From an estimator, a sample of its training rows, how many of these there were, and the
        sum of their weights."""
        self.estimator, self._given, self._rows, self._weight = estimator, given, rows, weight
        self._model = estimator._model
        self.objective_of = Objective(self._model.network, self._model.loss)
        self.sample = self._sampled(given)
        self.history: Mapping[str, Array] = estimator.history_
        self.facts = self._facts()

    # What is known

    def _sampled(self, examples: Examples) -> Sample:
        raw = examples.x.toarray() if hasattr(examples.x, "toarray") else examples.x
        raw = np.asarray(raw, np.float64)
        labels = np.asarray(examples.labels)
        labels = examples.y if self._kind == "numbers" else labels
        targets = self._model.targets(examples.y)
        return Sample(raw, self._model.inputs(raw), targets, labels, examples.w)

    @property
    def _kind(self) -> str:
        targets = self.estimator._targets
        if not hasattr(targets, "multilabel"):
            return "numbers"
        return "labels" if targets.multilabel else "classes"

    @property
    def _solver(self) -> Any:
        return SOLVERS[self.estimator.solver_]

    @property
    def _batch(self) -> int:
        """Rows of a step."""
        wanted = self.estimator.batch_size
        return (
            self._rows
            if self._solver.full
            else min(200 if wanted == "auto" else wanted, self._rows)
        )

    def _facts(self) -> Facts:
        estimator, solver, targets = self.estimator, self._solver, self.estimator._targets
        course, output = self._model.course, self._model.network.output
        loss = self._model.loss
        names = getattr(estimator, "feature_names_in_", None)
        columns = range(self._model.columns) if names is None else names
        return Facts(
            kind=self._kind,
            columns=self._model.inputs.names(tuple(map(str, columns))),
            classes=tuple(getattr(targets, "classes", np.empty(0)).tolist()),
            solver=solver.name,
            rates={name: getattr(estimator, name) for name in LENGTHS if name in solver.reads},
            batch=self._batch,
            steps=course.step,
            epochs=course.history.epochs,
            limit=int(estimator.max_iter),
            stop=estimator.stop_reason_.name,
            restored=course.kept is not None,
            settings=_settings(estimator, solver),
            penalty=float(estimator.alpha),
            restraints=tuple(
                name
                for name, of_solver in RESTRAINTS.items()
                if getattr(estimator, name) > 0 and (name in solver.reads or not of_solver)
            ),
            scales_inputs=bool(estimator.scale_inputs),
            scales_targets=bool(getattr(estimator, "scale_targets", False))
            and output.name == "identity",
            fused=loss.on_preactivations(output),
            trained=f"{min(PROBE_ROWS, len(self.sample.x))} training rows",
        )

    # Values and derivatives

    @functools.cached_property
    def _probe(self) -> Part:
        """The rows of the records: always as many, so that one program serves all."""
        rows = probe_indices(len(self.sample.x))
        return Part(self.sample.x[rows], self.sample.y[rows], self.sample.w[rows])

    def _with(self, x: Array | None) -> Part:
        """The probe, or its first rows with other inputs."""
        if x is None:
            return self._probe
        return Part(x, self._probe.y[: len(x)], self._probe.w[: len(x)])

    def _padded(self, x: Array | None = None) -> Part:
        return Part(*(padded(each, PROBE_ROWS) for each in self._with(x)))

    @functools.cached_property
    def _start(self) -> Parameters:
        estimator, model = self.estimator, self._model
        plan = building.plan_of(estimator, self._trained_objective, self._solver)
        raw, w = self._given.x, self._given.w
        return building.first_parameters(
            estimator, plan, lambda: model.inputs.bounds(raw[w > 0]), model.seeds.start
        )

    @property
    def _trained_objective(self) -> Objective:
        model = self._model
        return Objective(
            model.network, model.loss, building.variations_of(self.estimator, model.network)
        )

    def parameters(self, when: str) -> Parameters:
        return self._start if when == "start" else self._model.parameters

    def record(self, when: str) -> Record:
        epoch = 0 if when == "start" else self.facts.epochs
        penalty = self.estimator.alpha / max(self._weight, TINY)
        found = snapshot.record(
            self.objective_of, self.parameters(when), self._padded(), penalty, epoch
        )
        return _cut(found, len(self._probe.x))

    def forward(self, parameters: Parameters, x: Array) -> Array:
        with np.errstate(all="ignore"):
            return outputs_of(self._model.network, parameters, x).preactivation

    def losses(self, t: Array, y: Array) -> Array:
        with np.errstate(all="ignore"), jax.enable_x64(True):
            return np.asarray(self._rows_losses(y, t))

    @functools.cached_property
    def _rows_losses(self) -> Callable[[Array, Array], Array]:
        """Loss of every row; compiled where it is a function of the user's own, asked so often."""
        loss, output = self._model.loss, self._model.network.output
        if not self._own_loss:
            return lambda y, t: loss.of(y, t, output)
        return jax.jit(lambda y, t: loss.of(y, t, output, jnp))

    @property
    def _own_loss(self) -> bool:
        return isinstance(self._model.loss.value, Own)

    def free_losses(self, z: Array, y: Array) -> Array | None:
        loss = self._model.loss
        if loss.value is None or self.facts.fused:
            return None
        with np.errstate(all="ignore"):
            return np.asarray(loss.value(y, z, np, *loss.constants))

    def objective(self, parameters: Parameters, x: Array | None = None) -> float:
        rows = self._with(x)
        with np.errstate(all="ignore"):
            return float(self.objective_of.mean(parameters, *rows))

    def gradient(self, parameters: Parameters, x: Array | None = None) -> Parameters:
        return snapshot.gradient(self.objective_of, parameters, self._padded(x))

    def step(self, parameters: Parameters) -> Parameters | None:
        rate = self.facts.rates.get("learning_rate_init")
        if rate is None:
            return None
        gradient = self.gradient(parameters)
        return like(
            -rate * flat(first_direction(self.estimator, self._solver, gradient)),
            gradient,
        )

    # Errors

    def errors(self, t: Array, sample: Sample) -> Array:
        model = self._model
        z = model.targets.undo(model.network.output(t))
        return self.judge(self._predicted(z, model.network.output), sample)

    def _predicted(self, z: Array, output: Activation) -> Array:
        targets = self.estimator._targets
        if self._kind == "numbers":
            return z
        return targets.decode(self.estimator, z, output)

    def judge(self, predicted: Array, sample: Sample) -> Array:
        return row_errors(self._kind, predicted, sample.labels, self._variance)

    @functools.cached_property
    def _variance(self) -> Array | float:
        """Of the whole sample, so that errors of all rows have one unit."""
        if self._kind != "numbers":
            return 1.0
        return variance_of(self.sample.labels, self.sample.w)

    # Where it broke, and what the computation shows

    def origin(self) -> Origin | None:
        stop = self.estimator.stop_reason_
        if stop.name != "non_finite":
            return None
        facts = stop.numbers
        return Origin(
            str(facts.get("what", "a number")).lower(),
            facts.get("layer"),
            "",
            int(facts.get("step", 0)),
            int(facts.get("epoch", 0)),
        )

    def softmaxes(self) -> tuple[str, ...]:
        if not self._own_loss:  # the others are known to apply none
            return ()
        y, output = self._probe.y, self._model.network.names[-1]

        def of(parameters: Parameters, batch: tuple[Array, Array]) -> Array:
            x, y = batch
            return self._rows_losses(y, x @ parameters[output]["weights"]).mean()

        width = y.shape[1]
        x = np.random.default_rng(0).normal(size=(len(y), width))
        given = Batched.of(of, {output: {"weights": np.eye(width)}}, (x, y))
        return softmaxes_of(recorded(Flow(given)))

    # Experiments

    def again(self, change: Change) -> Trial | None:
        """Train on the sample once more; with other starts, the one with the least loss counts."""
        count = min(dict(change.settings).get("n_restarts", 0), STARTS)
        others = self._model.seeds.starts(count + 1)[1:] or [self._model.seeds]
        found = [self._once(change, seeds.random_state) for seeds in others]
        done = [trial for trial in found if trial is not None]
        return min(done, key=lambda trial: _loss_of(trial, self.sample.w), default=None)

    def _once(self, change: Change, random_state: int) -> Trial | None:
        held = np.asarray(change.held, int)
        w = self._given.w.copy()
        w[held] = 0.0
        rows = len(self.sample.x), self._rows
        changed = trial_settings(self.estimator, self.facts, change, rows, random_state)
        # The penalty is divided by the weight of the rows: as much as in the fit on all of them.
        changed["alpha"] *= float(w.sum()) / max(self._weight, TINY)
        trial = clone(self.estimator).set_params(**changed)
        if change.balanced:
            w = w * _balance(self.sample.labels, w)
        settings = dict(change.settings)
        choosing = held[::2] if "early_stopping" in settings else held
        validation = self._given.take(choosing) if len(held) else None
        try:
            with silenced(), np.errstate(all="ignore"):
                trial._fit_again(self.estimator, replace(self._given, w=w), validation)
        except (ValueError, ArithmeticError):
            return None
        return self._measured(trial, not REPLACED & settings.keys())

    def _measured(self, trial: Any, comparable: bool) -> Trial:
        model: Model = trial._model
        last = model.course.vector  # beside the best weights for rows held out, where there are any
        ended = model if last is None else model.with_vector(last)
        judged = (*self._judged(ended, comparable), *self._judged(model, comparable))
        return Trial(*judged, trial.history_)

    def _judged(self, model: Model, comparable: bool) -> tuple[Array, Array]:
        """Errors and losses of every row of the sample; losses only of the subject's own loss."""
        sample = self.sample
        with np.errstate(all="ignore"):
            t = model.preactivations(sample.raw)
            z = model.targets.undo(model.network.output(t))
            # In the subject's units of the targets, whatever the trial's.
            losses = (
                self._losses_of_outputs(z, t, sample) if comparable else np.full(len(t), np.nan)
            )
        return self.judge(self._predicted(z, model.network.output), sample), losses

    def _losses_of_outputs(self, z: Array, t: Array, sample: Sample) -> Array:
        loss, output = self._model.loss, self._model.network.output
        if loss.value is None or output.name != "identity":
            return self.losses(t, sample.y)
        return np.asarray(loss.of(sample.y, self._model.targets(z), output))


def _loss_of(trial: Trial, w: Array) -> float:
    """Of the rows that count; as large as can be where it is no number."""
    loss = float(np.average(trial.losses, weights=w))
    return loss if math.isfinite(loss) else math.inf


def _settings(estimator: Any, solver: Any) -> dict[str, Any]:
    """The parameters that this training reads, and their values."""
    of_solvers = {name for each in SOLVERS.values() for name in each.reads}
    own = {*solver.reads, *(() if solver.full else ("batch_size",))}
    unread = (of_solvers | {"batch_size"}) - own
    return {n: v for n, v in estimator.get_params(deep=False).items() if n not in unread}


def first_direction(estimator: Any, solver: Any, gradient: Parameters) -> Parameters:
    """The direction of the solver's first step for a gradient; the rate multiplies it."""
    if isinstance(solver, FullBatch):  # one with a rate goes straight down first
        return gradient
    hyper = {name: getattr(estimator, name) for name in solver.uses}
    transformation = solver.direction(hyper)

    def direction(vector: Array) -> Array:
        return transformation.update(vector, transformation.init(vector), vector)[0]

    with jax.enable_x64(True):
        found = np.asarray(jax.jit(direction)(flat(gradient)))
    return like(found, gradient)


def _cut(record: Record, count: int) -> Record:
    """A record without the rows that filled it up."""

    def cut(array: Array) -> Array:
        return array[:count]

    layers = tuple(
        layer._replace(
            values={name: cut(array) for name, array in layer.values.items()},
            adjoints={name: cut(array) for name, array in layer.adjoints.items()},
            slopes=cut(layer.slopes),
            shares=cut(layer.shares),
        )
        for layer in record.layers
    )
    return record._replace(
        losses=cut(record.losses),
        targets=cut(record.targets),
        weights=cut(record.weights),
        layers=layers,
    )


def _balance(labels: Array, w: Array) -> Array:
    """Weights that give every class the same sum."""
    found = np.ones(len(labels))
    for each in np.unique(labels):
        of = labels == each
        total = w[of].sum()
        found[of] = w.sum() / total if total > 0 else 1.0
    return found / found.mean()
