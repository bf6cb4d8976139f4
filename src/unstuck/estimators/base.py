"""What classifier and regressor share: fit, go on, predict, save."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from unstuck import interruption
from unstuck.activations import Array
from unstuck.documentation import Documented
from unstuck.errors import (
    DataError,
    ParameterError,
)
from unstuck.estimators import (
    callbacks,
    own_repair,
    restarts,
    validation,
)
from unstuck.estimators.examples import Examples
from unstuck.estimators.fitting import Fit
from unstuck.estimators.members import mean
from unstuck.estimators.model import Model
from unstuck.estimators.observing import observers_of
from unstuck.estimators.preparing import Prepared
from unstuck.estimators.restarts import Trained
from unstuck.estimators.seeds import Seeds
from unstuck.estimators.targets import Targets
from unstuck.estimators.validation import Parts
from unstuck.estimators.warning import warn_of
from unstuck.estimators.watched import Watched
from unstuck.near_names import NearNames
from unstuck.rows.inputs import checked_rows, checked_weights, fast_rows
from unstuck.rows.received import refused_as_data
from unstuck.settings import Settings, check, parameters_of
from unstuck.solvers.lapack import threads_for
from unstuck.solvers.stop import Stop, StopReason
from unstuck.training.task import never

PARTIAL_ENDS = (StopReason.MAX_ITER, StopReason.TOL)
"""Ends of a fit that say nothing of a call of ``partial_fit``."""


class BaseNet(Prepared, Documented, NearNames, callbacks.Support, BaseEstimator):
    """A network as a scikit-learn estimator; subclasses say what targets are."""

    table_: Any = None
    _kind: ClassVar[type[Targets]]
    _targets: Any

    # Fit

    def _fit(
        self,
        x: Any,
        y: Any,
        weights: Any,
        validation_data: validation.Given = (None, None, None),
        soft: Any = None,
        classes: Any = None,
        partial: bool = False,
    ) -> Self:
        check(self._settings, type(self).__name__)
        began, repairs = time.perf_counter(), self._settings.repair and not partial
        if repairs:
            own_repair.check(self._settings, soft)
        with interruption.heeded() as pressed, self._unchanged_by_errors():
            self.__dict__.pop("repair_", None)
            stop = self._fit_checked(
                x, y, weights, validation_data, soft, classes, partial, pressed
            )
            if repairs and not pressed.asked:
                stop = own_repair.repaired(self, (x, y, weights, validation_data), began, pressed)
            pressed.taken |= stop.reason is StopReason.INTERRUPTED
        warn_of(self, stop)
        return self

    @contextlib.contextmanager
    def _unchanged_by_errors(self) -> Iterator[None]:
        """A fit that is refused leaves the estimator as it was: never half of an old fit."""
        before = self._fitted()
        try:
            yield
        except BaseException:
            for name in self._fitted().keys() - before.keys():
                delattr(self, name)
            self.__dict__.update(before)
            raise

    def _fitted(self) -> dict[str, Any]:
        """The attributes that a fit sets. What it sets is replaced, never changed inside."""
        own = ("_model", "_others", "_targets", "_watched")
        public = (n for n in vars(self) if n.endswith("_") and not n.startswith("_"))
        return {name: vars(self)[name] for name in (*own, *public) if name in vars(self)}

    def _fit_checked(
        self,
        x: Any,
        y: Any,
        weights: Any,
        validation_data: validation.Given,
        soft: Any,
        classes: Any,
        partial: bool,
        pressed: interruption.Interruption,
    ) -> Stop:
        settings, began = self._settings, time.perf_counter()
        going_on = hasattr(self, "_model") and bool(partial or settings.warm_start)
        examples = self._read(x, y, weights, soft, classes, reset=not going_on)
        starts = self._starts(going_on, partial)
        parts = self._divide(examples, validation_data, starts, going_on, partial)
        first, models = self._prepared(
            parts[0](), starts, going_on, partial, began, lambda: pressed.asked
        )
        if not going_on:
            for name in ("restarts_", "pruned_"):
                self.__dict__.pop(name, None)
        return self._train(first, parts, models, (x, y, weights))

    def _fit_again(self, like: Self, examples: Examples, validating: Examples | None) -> None:
        """Fit to examples that another estimator has read, and say nothing."""
        self._targets, seeds = like._targets, Seeds.of(self._settings.random_state)
        fit, models = self._prepared(
            (examples, validating), [seeds], False, False, time.perf_counter(), never
        )
        with threads_for(fit.stepper.plan.solver):
            model, outcome = fit(models[0], ())
        if outcome.stop.reason is StopReason.INTERRUPTED:
            raise KeyboardInterrupt
        self._publish(model, outcome.stop)

    def _keep_sample(self, fit: Fit) -> None:
        """Keep what a diagnosis needs of the rows, or nothing of those of earlier fits."""
        self.__dict__.pop("_watched", None)
        if self._settings.watch:
            fields = parameters_of(type(self._settings))  # get_params asks for signatures
            params = {field.name: getattr(self, field.name) for field in fields}
            seeds, rows = self._model.seeds, (fit.examples, fit.validation)
            self._watched = Watched.of(*rows, params, seeds, fit.partial)

    @property
    def _settings(self) -> Settings:
        assert isinstance(self, Settings)
        return self

    def _read(self, x: Any, y: Any, weights: Any, soft: Any, classes: Any, reset: bool) -> Examples:
        """Check the user's rows and encode their targets."""
        if y is None:
            raise DataError(
                f"{type(self).__name__} requires y to be passed, but the target y is None: pass "
                "the targets as the second argument."
            )
        inputs = checked_rows(self, x, reset)
        if reset:
            self._targets = self._kind.learn(self, y, classes)
            self.__dict__.update(self._targets.public())
        elif classes is not None:
            self._targets.check_same(classes)
        targets, labels, w = self._targets.encode(self, y, soft, checked_weights(weights, inputs))
        if len(targets) != inputs.shape[0]:
            raise DataError(
                f"Found input variables with inconsistent numbers of samples: X has "
                f"{inputs.shape[0]} rows, y has {len(targets)}. Pass one target for each row."
            )
        return Examples(inputs, targets, w, labels)

    def _train(self, fit: Fit, parts: Parts, models: list[Model], given: tuple[Any, ...]) -> Stop:
        single = len(models) == 1
        count = fit.epochs if single else len(models)
        watched = self._observers(models[0], count, single, given)
        with watched as observers, threads_for(fit.stepper.plan.solver):
            if single:
                trained = [Trained(*fit(models[0], observers), fit.validation, lambda: fit)]
            else:
                each = self._each(fit, parts, len(models))
                trained, self.restarts_ = restarts.train_all(
                    models, each, observers, fit.interrupted, fit.deadline
                )
            kept = restarts.averaged(trained, self._settings.n_ensemble, len(parts) == 1)
            stop = kept[0].outcome.stop
            if fit.partial and stop.reason in PARTIAL_ENDS:
                stop = Stop.because(StopReason.PARTIAL_FIT)
            self._publish(kept[0].model, stop)
            self._others = tuple(each.model for each in kept[1:])
            self._measure(kept)
        self._keep_sample(kept[0].fit())
        return stop

    def _observers(self, *fit: Any) -> Any:
        return observers_of(self, *fit)

    def _measure(self, kept: Sequence[Trained]) -> None:
        """What else is known of the networks that are kept."""

    def _publish(self, model: Model, stop: Stop) -> None:
        """The fitted attributes."""
        self._model, history, kept = model, model.course.history, model.course.kept
        self.stop_reason_ = stop
        self.loss_curve_ = list(history.columns["loss"])
        self.best_loss_ = min(self.loss_curve_, default=math.inf)
        scored = np.array(history.columns["validation_score"])
        lost = np.array(history.columns["validation_loss"])
        scores = scored if np.isfinite(scored).any() else -lost
        known = bool(np.isfinite(scores).any())
        self.validation_scores_ = scores.tolist() if known else None
        best = -kept.value if kept else float(np.nanmax(scores)) if known else math.nan
        self.best_validation_score_ = best if math.isfinite(best) else None
        self.n_iter_ = model.course.latest
        self.best_epoch_ = kept.epoch if kept else history.epochs
        self.network_ = model.network
        self.n_layers_ = len(model.network.widths)
        self.n_outputs_ = model.network.outputs.width
        self.out_activation_ = model.network.output.name

    # Predict

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_model")

    def _rows(self, x: Any) -> Array:
        """The user's rows, as a fitted network takes them."""
        check_is_fitted(self)
        return fast_rows(self, x)

    def _outputs(self, x: Any) -> np.ndarray:
        """Output units for the user's rows, (n, outputs), the mean of all networks."""
        rows = self._rows(x)
        return mean([model.outputs(rows) for model in self._models])

    def _preactivations(self, x: Any) -> list[np.ndarray]:
        """What the output units of each network receive, (n, outputs)."""
        rows = self._rows(x)
        return [model.preactivations(rows) for model in self._models]

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
        hidden = len(self._model.network.hidden)
        if not hidden:
            raise ParameterError(
                "the network has no hidden layer, so there are no learned features; set "
                "hidden_layer_sizes, or use X itself."
            )
        if not -hidden <= layer < hidden:
            raise ParameterError(
                f"layer was {layer}; expected a hidden layer, from {-hidden} to {hidden - 1}."
            )
        name, _ = self._model.network.hidden[layer]
        return self._model.features(fast_rows(self, X), name)

    def _scored(self, score: Callable[..., float], X: Any, y: Any, weights: Any) -> float:
        """A score of scikit-learn's, with targets and weights as they are read here."""
        check_is_fitted(self)
        if y is None:
            raise DataError("the target y is None; pass the targets as the second argument.")
        targets = self._targets.given(y)
        rows = np.empty((targets.shape[0], 1))
        with refused_as_data("y"):
            return float(
                score(X, targets, None if weights is None else checked_weights(weights, rows))
            )

    # Keep

    def save(self, path: str | Path, table: Any = None) -> None:
        """Write everything needed to predict and to go on training into one file.

        Arguments:
            path: the file; by custom it ends in ``.safetensors``.
            table: a fitted ``TableEncoder`` to keep beside the network.

        Raises:
            FileError: the file cannot be written; or a function of your own has no name that
                could be written (says how to pass it back to ``load``); or a class of your own has
                parameters that the class it derives from, which ``load`` makes, has not.
            ParameterError: a parameter was set since the fit to what it cannot be.

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
            for model in self._models:
                model.course.history.fetch()
        return super().__getstate__()
