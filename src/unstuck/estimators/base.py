"""What classifier and regressor share: fit, go on, predict, save."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from unstuck.activations import Activation
from unstuck.errors import DataError, InterruptedWarning, ParameterError, UnstuckWarning, warn
from unstuck.estimators import building, callbacks, choosing, fitting, restarts, validation
from unstuck.estimators.inputs import checked_rows, checked_weights, fast_rows
from unstuck.estimators.model import Model, Rows
from unstuck.estimators.scaling import Scaler
from unstuck.layers.network import Network, Parameters
from unstuck.losses import Loss
from unstuck.settings import Settings, check
from unstuck.solvers.lapack import threads_for
from unstuck.solvers.solver import Solver
from unstuck.solvers.stop import Stop, StopReason
from unstuck.solvers.table import SOLVERS
from unstuck.training.objective import Objective
from unstuck.training.programs import Plan
from unstuck.training.task import Observer, Outcome


class BaseNet(callbacks.Support, BaseEstimator):
    """A network as a scikit-learn estimator; subclasses say what targets are."""

    table_: Any = None
    _model: Model

    # What a subclass decides

    def _learn_targets(self, y: Any, classes: Any) -> None:
        """Check the first ``y`` and learn what kind of target it is."""
        raise NotImplementedError

    def _encode(self, y: Any, soft: Any, w: np.ndarray) -> tuple[np.ndarray, Any, np.ndarray]:
        """Targets for the loss (n, outputs), targets for scores, and weights."""
        raise NotImplementedError

    def _parts(self) -> tuple[Activation, Loss, int]:
        """Output unit, loss and number of outputs."""
        raise NotImplementedError

    def _scale_of_targets(self, rows: Rows, output: Activation) -> Scaler:
        """How targets are standardized."""
        raise NotImplementedError

    def _score_of(self, z: np.ndarray, rows: Rows) -> float:
        """The score of outputs ``z`` in the targets' units."""
        raise NotImplementedError

    def _target_facts(self) -> dict[str, Any]:
        """What ``_learn_targets`` learned, as JSON, for a file."""
        raise NotImplementedError

    def _restore_targets(self, facts: dict[str, Any], network: Network) -> None:
        """Take back what ``_target_facts`` gave; a ``ValueError`` where it cannot be."""
        raise NotImplementedError

    # Fit

    def _fit(
        self,
        x: Any,
        y: Any,
        weights: Any,
        held_out: validation.Given = (None, None, None),
        soft: Any = None,
        classes: Any = None,
        partial: bool = False,
    ) -> Self:
        check(self._settings, type(self).__name__)
        with self._unchanged_by_errors():
            stop = self._fit_checked(x, y, weights, held_out, soft, classes, partial)
        self._warn(stop, self._settings.max_iter)
        return self

    @contextlib.contextmanager
    def _unchanged_by_errors(self) -> Any:
        """A fit that is refused leaves the estimator as it was: never half of an old fit."""
        before = dict(vars(self))
        try:
            yield
        except BaseException:
            for name in set(vars(self)) - set(before):
                if "callback" not in name:  # scikit-learn tears its own down afterwards
                    delattr(self, name)
            for name, value in before.items():
                setattr(self, name, value)
            raise

    def _fit_checked(
        self,
        x: Any,
        y: Any,
        weights: Any,
        held_out: validation.Given,
        soft: Any,
        classes: Any,
        partial: bool,
    ) -> Stop:
        going_on = hasattr(self, "_model") and bool(partial or self._settings.warm_start)
        rows = self._read(x, y, weights, soft, classes, reset=not going_on)
        rows, valid = self._divide(rows, held_out, going_on, partial)
        output, loss, outputs = self._parts()
        objective = building.objective_of(self._settings, rows.x.shape[1], outputs, output, loss)
        plan = building.plan_of(
            self._settings, objective, self._choose_solver(objective, rows, going_on, partial)
        )
        building.check_parts(self._settings, plan, len(rows.y), partial or valid is not None)
        if going_on:
            self._check_same(plan.objective.network)
            self._model.loss = plan.objective.loss
        else:
            self._model = self._new_model(plan, rows, self._seed)
            self.__dict__.pop("restarts_", None)
        starts = 1 if going_on or partial else self._settings.n_restarts
        return self._train(plan, rows, valid, partial, starts, (x, y, weights))

    @property
    def _settings(self) -> Settings:
        assert isinstance(self, Settings)
        return self

    def _read(self, x: Any, y: Any, weights: Any, soft: Any, classes: Any, reset: bool) -> Rows:
        """Check the user's rows and encode their targets."""
        if y is None:
            raise DataError(
                f"{type(self).__name__} requires y to be passed, but the target y is None: pass "
                "the targets as the second argument."
            )
        inputs = checked_rows(self, x, reset)
        if reset:
            self._learn_targets(y, classes)
        targets, labels, w = self._encode(y, soft, checked_weights(weights, inputs))
        if len(targets) != inputs.shape[0]:
            raise DataError(
                f"Found input variables with inconsistent numbers of samples: X has "
                f"{inputs.shape[0]} rows, y has {len(targets)}. Pass one target for each row."
            )
        return Rows(inputs, targets, w, labels)

    def _divide(
        self, rows: Rows, held_out: validation.Given, going_on: bool, partial: bool
    ) -> tuple[Rows, Rows | None]:
        """Training and validation examples; draws the seed of a new fit."""
        if not going_on:
            self._seed = int(check_random_state(self._settings.random_state).randint(2**31 - 1))
        if validation.given(held_out):
            return rows, self._read_held_out(*held_out)
        if self._settings.early_stopping:
            strata = self._strata(rows)
            return validation.split(rows, self._settings, self._seed, strata, partial)
        return rows, None

    def _read_held_out(self, x: Any, y: Any, weights: Any) -> Rows:
        try:
            return self._read(x, y, weights, None, None, reset=False)
        except ValueError as problem:
            raise DataError(f"In X_val, y_val, sample_weight_val: {problem}") from problem

    def _strata(self, rows: Rows) -> Any:
        """Classes that both parts of a split should hold."""
        del rows

    def _check_same(self, network: Network) -> None:
        if self._model.network != network:
            raise ParameterError(
                f"{type(self).__name__}: the fitted network is not the one the parameters "
                f"describe, so the fit cannot go on. Fitted:\n{self._model.network}\n"
                f"Described:\n{network}\nSet warm_start=False, or use a new estimator."
            )

    def _new_model(self, plan: Plan, rows: Rows, seed: int) -> Model:
        """First weights, and scaling from these rows."""
        network = plan.objective.network
        scaled = self._settings.scale_inputs
        inputs = Scaler.of(rows.x, rows.w) if scaled else Scaler.identity(rows.x.shape[1])
        return Model(
            network=network,
            loss=plan.objective.loss,
            parameters=building.first_parameters(
                self._settings, plan, lambda: inputs.bounds(rows.x[rows.w > 0]), seed
            ),
            inputs=inputs,
            targets=self._scale_of_targets(rows, network.output),
            seed=seed,
        )

    def _choose_solver(
        self, objective: Objective, rows: Rows, going_on: bool, partial: bool
    ) -> Solver:
        """The solver; a fit that goes on keeps the one that was chosen for it."""
        auto = isinstance(self._settings.solver, str) and self._settings.solver == "auto"
        if not (going_on and auto):
            choice = choosing.choose(self._settings, objective, len(rows.y), partial)
            self.solver_, self.solver_reason_ = choice.solver.name, choice.why
        return SOLVERS[self.solver_]

    def _train(
        self,
        plan: Plan,
        rows: Rows,
        valid: Rows | None,
        partial: bool,
        starts: int,
        given: tuple[Any, ...],
    ) -> Stop:
        settings = self._settings
        epochs = 1 if partial else settings.max_iter
        score = self._score_of if settings.monitor == "score" else None

        def fit(model: Model, observers: list[Observer]) -> Outcome:
            return fitting.fit(model, settings, plan, rows, valid, epochs, observers, score)

        watched = self._observers(epochs if starts == 1 else starts, starts == 1, given)
        with watched as observers, threads_for(plan.solver):
            if starts == 1:
                outcome = fit(self._model, observers)
            else:
                others = restarts.seeds(self._seed, starts)[1:]
                models = [self._model, *(self._new_model(plan, rows, seed) for seed in others)]
                self._model, outcome, self.restarts_ = restarts.train_all(models, fit, observers)
        stop = outcome.stop
        if partial and stop.reason is StopReason.MAX_ITER:
            stop = Stop.because(StopReason.PARTIAL_FIT)
        self._publish(stop)
        return stop

    @contextlib.contextmanager
    def _observers(self, count: int, single: bool, given: tuple[Any, ...]) -> Any:
        """Progress and callbacks around a fit of ``count`` epochs, or of as many starts."""
        x, y, weights = given
        metadata = None if weights is None else {"sample_weight": weights}
        data = {"X": x, "y": y, "metadata": metadata}
        context = callbacks.root(self, count, data)
        observers: list[Observer] = []
        if context is not None and single:
            observers.append(callbacks.EpochTasks(self, context, data, self._as_fitted))
        with contextlib.ExitStack() as stack:
            if self._settings.verbose:
                from unstuck.training.progress import Progress

                display = Progress(count, noun="epoch" if single else "start")
                observers.append(stack.enter_context(display))
            yield observers
        if context is not None:
            context.call_on_fit_task_end(estimator=self, **data, reconstruction_attributes=dict)

    def _as_fitted(self, vector: Any) -> dict[str, Any]:
        """Attributes of an estimator that stopped with these parameters."""
        return {"_model": self._model.with_vector(vector)}

    def _publish(self, stop: Stop) -> None:
        """The fitted attributes."""
        history = self._model.history.columns
        self.stop_reason_ = stop
        self.loss_curve_ = list(history["loss"])
        self.best_loss_ = min(self.loss_curve_, default=math.inf)
        scored = np.array(history["validation_score"])
        lost = np.array(history["validation_loss"])
        scores = scored if np.isfinite(scored).any() else -lost
        known = bool(np.isfinite(scores).any())
        self.validation_scores_ = scores.tolist() if known else None
        self.best_validation_score_ = float(np.nanmax(scores)) if known else None
        self.n_iter_ = len(self.loss_curve_)
        self.network_ = self._model.network
        self.n_layers_ = len(self.network_.widths)
        self.n_outputs_ = self.network_.widths[-1]
        self.out_activation_ = self.network_.output.name

    def _warn(self, stop: Stop, epochs: int) -> None:
        if stop.reason is StopReason.MAX_ITER:
            message = f"Maximum iterations ({epochs}) reached without convergence. {stop}"
            warn(message, ConvergenceWarning)
        if stop.reason is StopReason.NON_FINITE:
            warn(str(stop), UnstuckWarning)
        if stop.reason is StopReason.INTERRUPTED:
            warn(str(stop), InterruptedWarning)

    # Predict

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_model")

    @property
    def history_(self) -> dict[str, np.ndarray]:
        """The course of the fit, as arrays; see ``docs/reading.md``."""
        return self._model.history.arrays()

    @property
    def parameters_(self) -> Parameters:
        """All parameters by layer and name, float64; they act on scaled inputs."""
        return self._model.parameters

    @property
    def coefs_(self) -> list[np.ndarray]:
        """Weight matrix of every layer, (fan-in, fan-out), float64; they act on scaled inputs."""
        return [layer["weights"] for layer in self._model.parameters.values()]

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """Bias of every layer, (fan-out,), float64."""
        return [layer["bias"] for layer in self._model.parameters.values()]

    def _outputs(self, x: Any) -> np.ndarray:
        """Output units for the user's rows, (n, outputs)."""
        check_is_fitted(self)
        return self._model.outputs(fast_rows(self, x))

    def _preactivations(self, x: Any) -> np.ndarray:
        """What the output units receive, (n, outputs)."""
        check_is_fitted(self)
        return self._model.passes(fast_rows(self, x))[-1].preactivation

    def features(self, X: Any, layer: int = -1) -> np.ndarray:
        """Outputs of a hidden layer: the features that the network has learned.

        Arguments:
            X: rows, shape (n, inputs).
            layer: which hidden layer; 0 is the first, -1 the last.

        Returns:
            Shape (n, units). Ordinary linear or softmax regression on those of the last hidden
            layer gives the network's output layer again (up to its penalty and stop).

        Raises:
            ParameterError: there is no such hidden layer.

        Example:
            >>> from sklearn.datasets import load_iris
            >>> from unstuck import NetClassifier
            >>> X, y = load_iris(return_X_y=True)
            >>> net = NetClassifier((8, 4), max_iter=300, tol=1e-3, random_state=0).fit(X, y)
            >>> net.features(X).shape, net.features(X, layer=0).shape
            ((150, 4), (150, 8))
        """
        check_is_fitted(self)
        hidden = len(self._model.network.layers) - 1
        if not hidden:
            raise ParameterError(
                "the network has no hidden layer, so there are no learned features; set "
                "hidden_layer_sizes, or use X itself."
            )
        if not -hidden <= layer < hidden:
            raise ParameterError(
                f"layer was {layer}; expected a hidden layer, from {-hidden} to {hidden - 1}."
            )
        return self._model.passes(fast_rows(self, X))[:-1][layer].output

    # Keep

    def save(self, path: str | Path, table: Any = None) -> None:
        """Write everything needed to predict and to go on training into one file.

        Arguments:
            path: the file; by custom it ends in ``.safetensors``.
            table: a fitted ``TableEncoder`` to keep beside the network.

        Raises:
            FileError: the file cannot be written, or a function of your own has no name that
                could be written; says how to pass it back to ``load``.

        Example:
            >>> import tempfile, pathlib
            >>> from sklearn.datasets import load_iris
            >>> from unstuck import NetClassifier, load
            >>> X, y = load_iris(return_X_y=True)
            >>> net = NetClassifier((8,), learning_rate_init=0.01, tol=1e-3, random_state=0)
            >>> net = net.fit(X, y)
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "iris.safetensors"
            >>> net.save(path)
            >>> bool((load(path).predict(X) == net.predict(X)).all())
            True
        """
        from unstuck.estimators.saving import save

        check_is_fitted(self)
        save(self, path, self.table_ if table is None else table)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __getstate__(self) -> Any:
        # Arrays still on the device are fetched, so that a pickle holds plain arrays.
        if hasattr(self, "_model"):
            self._model.history.fetch()
        return super().__getstate__()
