"""The regressor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self, overload

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from unstuck.errors import ParameterError
from unstuck.estimators.base import BaseNet
from unstuck.estimators.callbacks import with_callbacks
from unstuck.estimators.explained import explained
from unstuck.estimators.members import deviation, noise_of
from unstuck.estimators.number_targets import NumberTargets
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.restarts import Trained
from unstuck.rows.inputs import fast_rows
from unstuck.settings import RegressorSettings


@explained
class NetRegressor(RegressorMixin, BaseNet, RegressorSettings):
    """A feed-forward network that predicts numbers.

    The objective is ``sum_n w_n L(y_n, f(x_n)) / sum_n w_n + alpha / (2 sum_n w_n) |W|^2``, with
    ``L`` half the sum of squared errors over the outputs unless another loss is chosen. Inputs
    are standardized, and so are the targets of linear outputs, undone on the way out
    (``loss_curve_`` is in the standardized units).

    Parameters that scikit-learn's ``MLPRegressor`` has too have its names and defaults. No hidden
    layer (``()``) with ``alpha`` is ridge regression. ``loss="poisson"`` has outputs ``exp``;
    ``"cross_entropy"`` takes probabilities, with ``output_activation="logistic"``; a function of
    your own is ``loss(target, preactivation)`` of one row.

    Arguments:
        {parameters}

    Attributes:
        posterior_: of ``solver="br"``: effective parameters, evidence and precisions.
        noise_: of an ensemble with validation data: how far targets scatter about it, standard
            deviations (outputs,).
        {attributes}

    Raises:
        ParameterError: parameters that cannot be used, all in one message.
        DataError: rows or targets that cannot be used.

    Example:
        >>> import numpy as np
        >>> from unstuck import NetRegressor
        >>> X = np.linspace(-3, 3, 200)[:, None]
        >>> net = NetRegressor((32,), activation="tanh", learning_rate_init=0.01, max_iter=400,
        ...                    tol=1e-5, random_state=0).fit(X, np.sin(X[:, 0]))
        >>> net.score(X, np.sin(X[:, 0])) > 0.98
        True

    Reference: Bishop 2006, chapter 5.
    """

    _kind = NumberTargets
    noise_: np.ndarray | None = None

    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Train the network.

        Arguments:
            X: inputs, shape (n, inputs): array, sparse matrix, pandas or polars frame.
            y: targets, shape (n,) or (n, outputs).
            sample_weight: weights of the examples, shape (n,).
            X_val, y_val, sample_weight_val: validation data: the weights with the best result
                on them are kept, and ``early_stopping`` uses them.

        Returns:
            The estimator.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    @with_callbacks
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch; the first call fixes the scaling.

        Arguments:
            X, y, sample_weight: as in ``fit``.

        Returns:
            The estimator.
        """
        return self._fit(X, y, sample_weight, partial=True)

    @overload
    def predict(self, X: Any, return_std: Literal[False] = False) -> np.ndarray: ...
    @overload
    def predict(self, X: Any, return_std: Literal[True]) -> tuple[np.ndarray, np.ndarray]: ...
    def predict(
        self, X: Any, return_std: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Predictions, shape (n,), or (n, outputs) where ``y`` had columns.

        Arguments:
            X: inputs, shape (n, inputs).
            return_std: whether to return the standard deviation of a new observation, noise
                included, as well; known after a fit with ``solver="br"``, and of an ensemble with
                validation data: from the scatter of its networks and their errors on these rows.

        Raises:
            ParameterError: ``return_std`` after another fit.

        Example:
            >>> import numpy as np
            >>> from unstuck import NetRegressor
            >>> rng = np.random.default_rng(0)
            >>> X = rng.uniform(-1, 1, (200, 1))
            >>> y = np.sin(3 * X[:, 0]) + rng.normal(0, 0.1, 200)
            >>> net = NetRegressor((6,), activation="tanh", solver="br", random_state=0).fit(X, y)
            >>> mean, std = net.predict([[0.0], [3.0]], return_std=True)
            >>> bool(0.08 < std[0] < 0.13 and std[1] > 2 * std[0])
            True
        """
        z = self._outputs(X)
        if not return_std:
            return self._targets.decode(z)
        noise = self.noise_ if self._others and self._model.posterior is None else None
        if noise is None and any(model.posterior is None for model in self._models):
            raise ParameterError(self._without_posterior())
        std = deviation(self._models, fast_rows(self, X), noise)
        return self._targets.decode(z), self._targets.decode(std)

    def _measure(self, kept: Sequence[Trained]) -> None:
        self.noise_ = noise_of(kept) if len(kept) > 1 else None

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The coefficient of determination R^2, the mean of those of the outputs.

        Arguments:
            X: inputs, shape (n, inputs).
            y: targets as in ``fit``.
            sample_weight: weights of the rows, shape (n,).

        Raises:
            DataError: rows, targets or weights that cannot be used.
        """
        return self._scored(super().score, X, y, sample_weight)

    @property
    def posterior_(self) -> Posterior:
        """How sure the parameters are: effective number, evidence and both precisions.

        Raises:
            AttributeError: the last fit was not with ``solver="br"``.
        """
        check_is_fitted(self)
        if self._model.posterior is None:  # an AttributeError, so that ``dir`` and ``hasattr`` work
            raise AttributeError(self._without_posterior())
        return self._model.posterior

    def _without_posterior(self) -> str:
        return (
            f"standard deviations are known after a fit with solver='br', and of an ensemble "
            f"with validation data; the solver was {self.solver!r}, n_ensemble was "
            f"{self.n_ensemble}, and the fit ended so: {self.stop_reason_} Fit with "
            "solver='br'; or with n_ensemble=5, early_stopping=True; or fit quantiles "
            "(loss='quantile(0.9)')."
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
