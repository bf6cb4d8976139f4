"""The classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array, column_or_1d

from unstuck.activations import ACTIVATIONS, Activation
from unstuck.errors import DataError, FileError, ParameterError
from unstuck.estimators import building
from unstuck.estimators.base import BaseNet
from unstuck.estimators.callbacks import with_callbacks
from unstuck.estimators.inputs import refuse_missing_labels, refuse_non_finite
from unstuck.estimators.model import Rows
from unstuck.estimators.scaling import Scaler
from unstuck.layers.network import Network
from unstuck.losses import Loss
from unstuck.settings import ClassifierSettings

SUM_TOLERANCE = 1e-6
MOST_LABEL_BYTES = 1 << 26
"""What the labels of a file may fill in memory."""


def _has_probabilities(estimator: Any) -> bool:
    chosen = estimator.output_activation
    try:
        chosen = "auto" if isinstance(chosen, str) and chosen == "auto" else _unit(chosen).name
    except ParameterError:
        return False
    return chosen in ("auto", "logistic", "softmax")


_unit = ACTIVATIONS.resolve


class NetClassifier(ClassifierMixin, BaseNet, ClassifierSettings):
    """A feed-forward network that tells classes apart.

    The objective is ``sum_n w_n L(y_n, f(x_n)) / sum_n w_n + alpha / (2 sum_n w_n) |W|^2``, with
    ``L`` the cross-entropy, minimized by the chosen solver in compiled steps. Inputs are
    standardized; predictions are made in NumPy float64.

    Arguments:
        hidden_layer_sizes: units of each hidden layer.
        class_targets: ``(low, high)``: literal targets of sigmoid outputs; with softmax the true
            class gets ``high`` and the others share ``1 - high``. With 0 and 1 the loss has no
            minimum at finite weights; with targets inside, its minimum is their entropy.
        class_weight: ``None``, ``"balanced"`` or ``{class: weight}``.

        All other parameters are explained in ``docs/parameters.md``; scikit-learn's
        ``MLPClassifier`` has the same names and defaults for those that both have.

    Attributes:
        coefs_, intercepts_: weights and biases of the layers, float64.
        classes_: the class labels (a list of arrays' worth of columns for multi-label targets).
        loss_curve_: the objective, epoch by epoch. best_loss_: the smallest.
        validation_scores_: score (or minus the loss) of the validation data, epoch by epoch.
        stop_reason_: why the fit ended, with ``name`` and sentence.
        history_: losses, gradient norms, rates and the state of each layer, as arrays.
        network_: the layers; prints as a table.
        n_iter_, n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_: as in
            scikit-learn.

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
        held_out = (X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, held_out, soft_targets)

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
        return self._decide(self._outputs(X))

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class, shape (n, k), in the order of ``classes_``.

        Arguments:
            X: inputs, shape (n, inputs).
        """
        a = self._preactivations(X)
        output = self._model.network.output
        if a.shape[1] == 1 and not self._multilabel:
            return output(np.hstack([-a, a]))  # 1 - z would round small probabilities to 0
        z = output(a)
        if self._multilabel or self.out_activation_ == "softmax":
            return z
        return z / np.maximum(z.sum(1, keepdims=True), np.finfo(float).tiny)

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Logarithm of the probability of each class, shape (n, k).

        Arguments:
            X: inputs, shape (n, inputs).
        """
        a = self._preactivations(X)
        softplus = ACTIVATIONS["softplus"]
        if self.out_activation_ == "softmax":
            top = a.max(1, keepdims=True)
            return a - top - np.log(np.exp(a - top).sum(1, keepdims=True))
        if self._multilabel:
            return -softplus(-a)
        if a.shape[1] == 1:
            return -softplus(np.hstack([a, -a]))
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def _decide(self, z: np.ndarray) -> np.ndarray:
        probabilities = self._model.network.output.name in ("logistic", "softmax")
        middle = 0.5 if probabilities else float(np.mean(self.class_targets))
        if self._multilabel:
            return (z > middle).astype(int)
        if z.shape[1] == 1:
            return self.classes_[(z[:, 0] > middle).astype(int)]
        return self.classes_[z.argmax(1)]

    def _score_of(self, z: np.ndarray, rows: Rows) -> float:
        right = self._decide(z) == rows.labels
        return float(np.average(right.all(1) if self._multilabel else right, weights=rows.w))

    # Targets

    def _learn_targets(self, y: Any, classes: Any) -> None:
        low, high = self.class_targets
        if not low < high:
            raise ParameterError(
                f"class_targets was {self.class_targets!r}; expected (low, high) with low < high."
            )
        refuse_missing_labels(y)
        self._multilabel = type_of_target(y, input_name="y") == "multilabel-indicator"
        check_classification_targets(y)
        if self._multilabel:
            self.classes_ = np.arange(np.shape(y)[1])
            return
        labels = column_or_1d(y, warn=True)
        self.classes_ = np.unique(labels if classes is None else np.asarray(classes))
        if len(self.classes_) < 2:
            raise DataError(
                f"y holds only one class ({self.classes_.tolist()[0]!r}); expected at least two "
                "classes. Check how the rows were selected."
            )

    def _encode(self, y: Any, soft: Any, w: np.ndarray) -> tuple[np.ndarray, Any, np.ndarray]:
        if self._multilabel:
            labels = check_array(y, accept_sparse="csr", dtype=None)
            labels = np.asarray(labels.toarray() if hasattr(labels, "toarray") else labels)
            if labels.shape[1] != len(self.classes_):
                raise DataError(
                    f"y has {labels.shape[1]} labels; expected {len(self.classes_)} as before."
                )
            if not np.isin(labels, (0, 1)).all():
                raise DataError(
                    f"multi-label y holds {np.unique(labels).tolist()}; expected 0 and 1, one "
                    "column for each label. For exclusive classes pass one column."
                )
            hard = labels.astype(float)
        else:
            refuse_missing_labels(y)
            labels = column_or_1d(y)
            same = labels[:, None] == self.classes_
            if not same.any(1).all():
                _refuse_unknown(np.unique(labels), self.classes_)
            hard = same.astype(float)
        if self.class_weight is not None and len(labels) == len(w):
            w = w * compute_sample_weight(self.class_weight, labels)
        targets = self._graded(hard) if soft is None else self._soft(soft, hard)
        narrow = not self._multilabel and self._width() == 1
        return (targets[:, 1:] if narrow else targets), labels, w

    def _graded(self, hard: np.ndarray) -> np.ndarray:
        """Targets ``class_targets`` in place of 0 and 1."""
        low, high = map(float, self.class_targets)
        if building.output_of(self, self._usual_output()).name == "softmax":
            if not 0.0 <= high <= 1.0:
                raise ParameterError(f"class_targets was {self.class_targets!r}; {_IN_UNIT}")
            rest = (1.0 - high) / (hard.shape[1] - 1)
            return np.where(hard == 1.0, high, rest)
        loss = building.loss_of(self, "cross_entropy")
        if loss.targets == "probabilities" and not 0.0 <= low < high <= 1.0:
            raise ParameterError(f"class_targets was {self.class_targets!r}; {_IN_UNIT}")
        return np.where(hard == 1.0, high, low)

    def _soft(self, soft: Any, hard: np.ndarray) -> np.ndarray:
        targets = check_array(soft, dtype=np.float64, ensure_all_finite=False)
        refuse_non_finite(targets, "soft_targets")
        if targets.shape != hard.shape:
            raise DataError(
                f"soft_targets has shape {targets.shape}; expected {hard.shape}: one row for "
                f"each example, one column for each of classes_ {self.classes_.tolist()}."
            )
        outside = np.flatnonzero(((targets < 0) | (targets > 1)).any(1))
        if len(outside):
            row = int(outside[0])
            raise DataError(
                f"soft_targets row {row} is {targets[row].tolist()}; expected probabilities from "
                "0 to 1."
            )
        sums = targets.sum(1)
        wrong = np.flatnonzero(abs(sums - 1.0) > SUM_TOLERANCE)
        if len(wrong) and not self._multilabel:
            row = int(wrong[0])
            raise DataError(
                f"soft_targets must sum to 1 in every row; row {row} sums to {sums[row]:.6g} "
                f"({len(wrong)} of {len(sums)} rows are off). Divide each row by its sum."
            )
        return targets

    def _usual_output(self) -> str:
        return "logistic" if self._multilabel or len(self.classes_) == 2 else "softmax"

    def _width(self) -> int:
        """Number of output units."""
        output = building.output_of(self, self._usual_output())
        single = not self._multilabel and len(self.classes_) == 2 and output.name != "softmax"
        return 1 if single else len(self.classes_)

    def _parts(self) -> tuple[Activation, Loss, int]:
        output = building.output_of(self, self._usual_output())
        return output, building.loss_of(self, "cross_entropy"), self._width()

    def _scale_of_targets(self, rows: Rows, output: Activation) -> Scaler:
        del output
        return Scaler.identity(rows.y.shape[1])

    def _strata(self, rows: Rows) -> Any:
        return None if self._multilabel else rows.labels

    def _target_facts(self) -> dict[str, Any]:
        kind = self.classes_.dtype.kind
        if kind not in "biufUO" or (kind == "O" and not _all_text(self.classes_)):
            raise FileError(
                f"classes of type {self.classes_.dtype} cannot be written to a file; use numbers "
                "or text."
            )
        return {
            "multilabel": self._multilabel,
            "type": "O" if kind == "O" else self.classes_.dtype.str,
            "classes": self.classes_.tolist(),
        }

    def _restore_targets(self, facts: dict[str, Any], network: Network) -> None:
        kind = np.dtype(str(facts["type"]))
        size = kind.itemsize * len(facts["classes"])
        if kind.kind not in "biufUO" or size > MOST_LABEL_BYTES:
            raise ValueError(f"classes of type {kind}")
        self.classes_ = np.array(facts["classes"], dtype=kind)
        self._multilabel = facts["multilabel"] is True
        if self.classes_.ndim != 1 or (kind.kind == "O" and not _all_text(self.classes_)):
            raise ValueError("classes that are not labels")
        distinct = len(np.unique(self.classes_)) == len(self.classes_)
        enough = len(self.classes_) >= (1 if self._multilabel else 2)
        if not (distinct and enough and self._width() == network.widths[-1]):
            raise ValueError("classes that do not fit the outputs")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


_IN_UNIT = "expected 0 <= low < high <= 1, such as (0.15, 0.85)."


def _all_text(classes: np.ndarray) -> bool:
    return all(isinstance(each, str) for each in classes.tolist())


def _refuse_unknown(found: np.ndarray, classes: np.ndarray) -> None:
    unknown = np.setdiff1d(found, classes)
    if len(unknown):
        raise DataError(
            f"y contains classes {unknown.tolist()} that are not among the known classes "
            f"{classes.tolist()}. Name all classes at the first partial_fit(classes=...)."
        )
