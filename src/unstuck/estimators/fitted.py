"""What a fit leaves to be looked at: its course, its diagnosis, its parameters."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from unstuck.estimators.altered import copy_with, with_weights, without_first
from unstuck.estimators.given_weights import NONE_GIVEN, from_given
from unstuck.estimators.model import Model
from unstuck.estimators.reported import Reported
from unstuck.estimators.watched import Watched
from unstuck.health.diagnosis import Diagnosis
from unstuck.layers.network import Parameters
from unstuck.solvers.stop import Stop


class Fitted(Reported):
    """The attributes of a fitted estimator that are worked out when they are asked for."""

    _model: Model
    _others: tuple[Model, ...] = ()
    stop_reason_: Stop
    _watched: Watched
    _diagnosed: tuple[Model, Diagnosis]

    @property
    def history_(self) -> dict[str, np.ndarray]:
        """The course of the fit, as arrays; see ``docs/reading.md``."""
        return self._trained.course.history.arrays()

    @property
    def loss_(self) -> float:
        """The objective at the end: the last of ``loss_curve_``, as in scikit-learn."""
        return self._trained.course.history.last("loss")

    @property
    def t_(self) -> int:
        """Not kept; scikit-learn's MLP counts the rows that it has seen.

        Raises:
            AttributeError: says what to use.
        """
        raise AttributeError(
            f"{type(self).__name__}.t_ is not kept: the rows seen so far are len(loss_curve_) "
            "times the rows of the fit, without those held out by early_stopping."
        )

    @property
    def diagnosis_(self) -> Diagnosis:
        """What is wrong with the network, or that nothing is; worked out when first asked for.

        From a sample of the rows of the fit and what was kept of its course; see
        ``docs/findings.md``. A loaded model has no rows: ``unstuck.diagnose(net, X, y)`` takes
        some.

        Raises:
            AttributeError: nothing was fitted here, or with ``watch=False``.

        Example:
            >>> from sklearn.datasets import load_iris
            >>> from unstuck import NetClassifier
            >>> X, y = load_iris(return_X_y=True)
            >>> net = NetClassifier((8,), learning_rate_init=0.01, tol=1e-3, random_state=0)
            >>> net.fit(X, y).diagnosis_.findings
            ()
        """
        if not hasattr(self, "_watched"):
            raise AttributeError(
                f"{type(self).__name__}.diagnosis_: there are no rows to look at, because the "
                "network was loaded, pruned, not fitted yet, fitted with watch=False, or is not "
                "the first of those that are averaged. Call unstuck.diagnose(net, X, y) with rows "
                "it was trained on."
            )
        known = self.__dict__.get("_diagnosed")
        if known is None or known[0] is not self._model:
            from unstuck.estimators.judgment import of_watched

            self._diagnosed = known = (self._model, of_watched(self))
        return known[1]

    @property
    def _trained(self) -> Model:
        """The network, or an ``AttributeError`` that says how there will be one."""
        check_is_fitted(self)
        return self._model

    @property
    def _models(self) -> tuple[Model, ...]:
        """All networks whose outputs are averaged, the best first."""
        return (self._model, *self._others)

    @property
    def members_(self) -> list[Self]:
        """The networks that are averaged, each as an estimator of its own; the best first where
        all were validated on the same rows, else in the order of their starts.

        All that describes one network (``coefs_``, ``history_``, ``network_``, ``diagnosis_``,
        ``features``) is of the first.

        Example:
            >>> import numpy as np
            >>> from sklearn.datasets import load_iris
            >>> from unstuck import NetClassifier
            >>> X, y = load_iris(return_X_y=True)
            >>> net = NetClassifier((8,), n_ensemble=3, learning_rate_init=0.01, tol=1e-3,
            ...                     random_state=0).fit(X, y)
            >>> each = [member.predict_proba(X) for member in net.members_]
            >>> len(each), bool(np.allclose(np.mean(each, axis=0), net.predict_proba(X)))
            (3, True)
        """
        check_is_fitted(self)
        stops = {start.seed: start.stop_reason for start in getattr(self, "restarts_", [])}
        return [
            self._alone(model, stops.get(model.seeds.random_state, self.stop_reason_))
            for model in self._models
        ]

    def _alone(self, model: Model, stop: Stop) -> Self:
        """One of the networks as an estimator; the rows that are kept are those of the first."""
        member: Any = copy.copy(self)
        rows = () if model is self._model else ("_watched",)
        for name in ("_diagnosed", "restarts_", *rows):
            member.__dict__.pop(name, None)
        member._others, member.n_ensemble, member.n_restarts = (), 1, 1
        if not from_given(self, model.seeds.random_state):
            member.__dict__.update(NONE_GIVEN)
        member.random_state = model.seeds.random_state
        member.__dict__.pop("noise_", None)
        member._publish(model, self.stop_reason_ if model is self._model else stop)
        return member

    @property
    def parameters_(self) -> Parameters:
        """All parameters by layer and name, float64; they act on scaled inputs."""
        return self._trained.parameters

    @property
    def coefs_(self) -> list[np.ndarray]:
        """Weight matrix of every layer, (fan-in, fan-out), float64; they act on scaled inputs."""
        return self._with_role("weight")

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """Bias of every layer, (fan-out,), float64."""
        return self._with_role("bias")

    def _with_role(self, role: str) -> list[np.ndarray]:
        """The parameters of one role, layer by layer."""
        parameters = self._trained.parameters
        paths = self._trained.network.paths()
        return [parameters[name][kind] for name, kind, weight in paths if weight.role == role]

    def _with_weights(self, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray]) -> Self:
        """A copy with other weights and biases, for what takes networks apart."""
        return with_weights(self, coefs, intercepts)

    def _averaging(self, members: Sequence[Self]) -> Self:
        """A copy that averages these networks."""
        return copy_with(self, [each._model for each in members])

    def _without_first(self, layers: int) -> Self:
        """A copy without its first layers, which takes what these would give."""
        return without_first(self, layers)
