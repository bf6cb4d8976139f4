"""The classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.special import logit
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from unstuck.activations import ACTIVATIONS
from unstuck.errors import ParameterError
from unstuck.estimators.base import BaseNet
from unstuck.estimators.callbacks import with_callbacks
from unstuck.estimators.class_targets import ClassTargets
from unstuck.estimators.explained import explained
from unstuck.estimators.members import log_mean, mean
from unstuck.estimators.typed import available_if
from unstuck.settings import ClassifierSettings

PROBABILITIES = ("logistic", "softmax")
"""Output units that give probabilities."""


def _has_probabilities(estimator: Any) -> bool:
    chosen = estimator.output_activation
    try:
        chosen = "auto" if isinstance(chosen, str) and chosen == "auto" else _unit(chosen).name
    except ParameterError:
        return False
    return chosen in ("auto", *PROBABILITIES)


_unit = ACTIVATIONS.resolve


@explained
class NetClassifier(ClassifierMixin, BaseNet, ClassifierSettings):
    """A feed-forward network that tells classes apart.

    The objective is ``sum_n w_n L(y_n, f(x_n)) / sum_n w_n + alpha / (2 sum_n w_n) |W|^2``, with
    ``L`` the cross-entropy, minimized by the chosen solver in compiled steps. Inputs are
    standardized; predictions are made in NumPy float64.

    Parameters that scikit-learn's ``MLPClassifier`` has too have its names and defaults.

    ``class_targets`` are literal targets of sigmoid outputs; with softmax the true class gets the
    upper one, and the others share the rest. With 0 and 1 the loss has no minimum at finite
    weights; with targets inside, its minimum is their entropy.

    Arguments:
        {parameters}

    Attributes:
        classes_: the class labels; of multi-label targets, the numbers of their columns.
        {attributes}

    Raises:
        ParameterError: parameters that cannot be used, all in one message.
        DataError: rows or targets that cannot be used.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from unstuck import NetClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> net = NetClassifier((16,), learning_rate_init=0.01, tol=1e-3, random_state=0).fit(X, y)
        >>> net.score(X, y) > 0.95
        True
        >>> net.stop_reason_.name
        'tol'

    Reference: Bishop 2006, chapter 5.
    """

    classes_: np.ndarray
    _kind = ClassTargets

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
        soft_targets: Any = None,
    ) -> Self:
        """Train the network.

        Arguments:
            X: inputs, shape (n, inputs): array, sparse matrix, pandas or polars frame.
            y: class labels, shape (n,), or multi-label indicators, shape (n, labels).
            sample_weight: weights of the examples, shape (n,).
            X_val, y_val, sample_weight_val: validation data: the weights with the best result
                on them are kept, and ``early_stopping`` uses them.
            soft_targets: shape (n, k), in the order of ``classes_``: replaces the 0/1 targets.

        Returns:
            The estimator.
        """
        validation_data = (X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, validation_data, soft_targets)

    @with_callbacks
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch; the first call fixes scaling and classes.

        Arguments:
            X, y, sample_weight: as in ``fit``.
            classes: all classes that will ever come; needed at the first call where ``y`` does
                not hold them all.

        Returns:
            The estimator.
        """
        return self._fit(X, y, sample_weight, classes=classes, partial=True)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each row, shape (n,) (or indicators, for multi-label).

        Arguments:
            X: inputs, shape (n, inputs).
        """
        several = bool(self._others) and not self._targets.multilabel
        normalized = several and self._model.network.outputs.width > 1 and _has_probabilities(self)
        z = self.predict_proba(X) if normalized else self._outputs(X)
        return self._targets.decode(self, z, self._model.network.output)

    def decision_function(self, X: Any) -> np.ndarray:
        """How far ahead each class is, without bounds.

        Of two classes the log-odds of the second, ``ln(p / (1 - p))``, so that above 0 it is the
        one predicted; of more what the output units receive (``predict_proba`` is the softmax of
        what softmax units receive); of several labels the log-odds of each. Where networks are
        averaged, all of it is of the averaged probabilities. Output units that give no
        probabilities tell how far they are above the middle of ``class_targets``.

        Arguments:
            X: inputs, shape (n, inputs).

        Returns:
            Shape (n,) for two classes, else (n, k), in the order of ``classes_``.

        Example:
            >>> import numpy as np
            >>> from sklearn.datasets import load_iris
            >>> from unstuck import NetClassifier
            >>> X, y = load_iris(return_X_y=True)
            >>> net = NetClassifier((8,), learning_rate_init=0.01, tol=1e-3, random_state=0)
            >>> net = net.fit(X[:100], y[:100])
            >>> odds = np.exp(net.decision_function(X[:100]))
            >>> bool(np.allclose(net.predict_proba(X[:100])[:, 1], odds / (1 + odds)))
            True
        """
        check_is_fitted(self)
        if self._model.network.output.name not in PROBABILITIES:
            z = self._outputs(X)
            single = z.shape[1] == 1 or self._targets.multilabel
            ahead = z - np.mean(self.class_targets) if single else z
        else:
            ahead = self._ahead(self._preactivations(X))
        if self._targets.multilabel:
            return ahead
        if ahead.shape[1] == 2:
            return ahead[:, 1] - ahead[:, 0]
        return ahead[:, 0] if ahead.shape[1] == 1 else ahead

    def _ahead(self, received: list[np.ndarray]) -> np.ndarray:
        """What the output units receive; of several networks what one would receive that gave the
        mean of their probabilities."""
        if self._targets.multilabel and self.out_activation_ == "softmax":
            return logit(mean([self._probabilities(a) for a in received]))
        if len(received) == 1:
            return received[0]
        if self._targets.multilabel or received[0].shape[1] == 1:
            softplus = ACTIVATIONS["softplus"]
            yes, no = ([-softplus(sign * a) for a in received] for sign in (-1.0, 1.0))
            return log_mean(yes) - log_mean(no)
        return log_mean([self._logarithms(a) for a in received])

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class, shape (n, k), in the order of ``classes_``.

        Arguments:
            X: inputs, shape (n, inputs).
        """
        return mean([self._probabilities(a) for a in self._preactivations(X)])

    def _probabilities(self, a: np.ndarray) -> np.ndarray:
        """Those of one network, from what its output units receive."""
        output = self._model.network.output
        if a.shape[1] == 1 and not self._targets.multilabel:
            return output(np.hstack([-a, a]))  # 1 - z would round small probabilities to 0
        z = output(a)
        if self._targets.multilabel or self.out_activation_ == "softmax":
            return z
        return z / np.maximum(z.sum(1, keepdims=True), np.finfo(float).tiny)

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Logarithm of the probability of each class, shape (n, k).

        Arguments:
            X: inputs, shape (n, inputs).
        """
        return log_mean([self._logarithms(a) for a in self._preactivations(X)])

    def _logarithms(self, a: np.ndarray) -> np.ndarray:
        softplus = ACTIVATIONS["softplus"]
        if self.out_activation_ == "softmax":
            top = a.max(1, keepdims=True)
            return a - top - np.log(np.exp(a - top).sum(1, keepdims=True))
        if self._targets.multilabel:
            return -softplus(-a)
        if a.shape[1] == 1:
            return -softplus(np.hstack([a, -a]))
        with np.errstate(divide="ignore"):
            return np.log(self._probabilities(a))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Share of the rows whose labels are right (all of them, for multi-label targets).

        Arguments:
            X: inputs, shape (n, inputs).
            y: labels as in ``fit``; unknown ones count as wrong.
            sample_weight: weights of the rows, shape (n,).

        Raises:
            DataError: rows, labels or weights that cannot be used.
        """
        return self._scored(super().score, X, y, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
