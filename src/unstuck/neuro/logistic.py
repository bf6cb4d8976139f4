"""The logistic unit: a class's probability, fitted by maximum likelihood, under two names of one
loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.errors import DataError, ParameterError
from unstuck.lazy import jnp
from unstuck.losses import LOSSES
from unstuck.neuro.given_rows import given_classes, given_rows
from unstuck.neuro.overlap import overlap
from unstuck.readable import Facts, Readable
from unstuck.solvers.descent import Minimum
from unstuck.solvers.functions import minimize
from unstuck.summary import number

LOGIT, CROSS_ENTROPY = "logit", "cross_entropy"
ENDS: Any = {"tol": 1e-15, "gradient_goal": 1e-10, "max_iter": 1000}
"""Of a fit to standardized inputs; the loss is a mean."""


@dataclass(frozen=True, repr=False)
class LogisticUnit(Readable):
    """A fitted logistic unit: P(Y = 1 | x) = σ(w·x + b).

    Attributes:
        classes_: the two classes, sorted; the second one is 1.
        coef_: w, shape (1, inputs).
        intercept_: b, shape (1,).
        loss: ``"cross_entropy"`` or ``"logit"``, by which it was fitted.
        log_likelihood: of the rows: minus the sum of either loss.
        minimum: how the solver got there, of the mean loss of standardized inputs.
    """

    classes_: np.ndarray
    coef_: np.ndarray
    intercept_: np.ndarray
    loss: str
    log_likelihood: float
    minimum: Minimum

    def decision_function(self, X: Any) -> np.ndarray:
        """The sums w·x + b, shape (n,)."""
        rows = given_rows(X, "LogisticUnit")
        if rows.shape[1] != self.coef_.shape[1]:
            raise DataError(
                f"the rows have {rows.shape[1]} inputs; expected {self.coef_.shape[1]}, as in the "
                "fit."
            )
        return np.asarray(rows @ self.coef_[0] + self.intercept_[0])

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of either class, shape (n, 2)."""
        p = np.asarray(ACTIVATIONS["logistic"](self.decision_function(X)[:, None]))
        return np.hstack([1 - p, p])

    def predict(self, X: Any) -> np.ndarray:
        """The likelier class, shape (n,)."""
        return self.classes_[(self.decision_function(X) > 0).astype(int)]

    def _told(self) -> Facts:
        table = [("", ""), *((f"w_{i}", number(w)) for i, w in enumerate(self.coef_[0], 1))]
        table += [("b", number(self.intercept_[0]))]
        table += [("log-likelihood", number(self.log_likelihood))]
        said = f"P({self.classes_[1]}) = σ(w·x + b), by the {self.loss.replace('_', '-')} loss."
        return Facts("Logistic unit", (said,), table)


def logistic_unit(
    X: Any, y: Any, *, loss: Literal["cross_entropy", "logit"] = "cross_entropy"
) -> LogisticUnit:
    """Fit a logistic unit by maximum likelihood, without a penalty.

        cross-entropy, y in {0, 1}:   -Σ y log σ(a) + (1 - y) log(1 - σ(a))
        logit loss,    y in {-1, 1}:  -Σ log σ(y a)                     with a = w·x + b

    Both are the negative log-likelihood, so they have the same minimum. Where none exists
    (``overlap``), there is nothing to fit, and that is said.

    Arguments:
        X: inputs, shape (n, inputs).
        y: two classes of any name, shape (n,).
        loss: which of the two is made small.

    Raises:
        ParameterError: another loss.
        DataError: there are not two classes, no fit exists, or there are infinitely many because
            inputs depend on each other linearly.

    Example:
        >>> unit = logistic_unit([[1.0], [2.0], [3.0], [4.0]], ["a", "b", "a", "b"])
        >>> unit.predict([[0.0], [9.0]]).tolist()
        ['a', 'b']
    """
    if loss not in (LOGIT, CROSS_ENTROPY):
        raise ParameterError(
            f"logistic_unit: loss was {loss!r}; expected {CROSS_ENTROPY!r} or {LOGIT!r}."
        )
    x = given_rows(X, "logistic_unit")
    targets = given_classes(y, x, "logistic_unit")
    classes = np.unique(targets)
    if len(classes) != 2:
        raise DataError(
            f"logistic_unit: y has {len(classes)} classes; expected 2. NetClassifier takes more."
        )
    positive = targets == classes[1]
    found = overlap(x, positive)
    if not found.exists:
        raise DataError(
            f"logistic_unit: {' '.join(str(found).split())} Take a penalty (NetClassifier's alpha, "
            "LogisticRegression's C), or rows that overlap."
        )
    center, scale = x.mean(0), x.std(0)
    standardized = (x - center) / np.where(scale > 0, scale, 1.0)
    if np.linalg.matrix_rank(np.column_stack([standardized, np.ones(len(x))])) <= x.shape[1]:
        raise DataError(
            "logistic_unit: some inputs are constant or sums of others, so infinitely many weights "
            "fit equally well; leave these inputs out."
        )
    start = {"w": np.zeros(x.shape[1]), "b": np.zeros(())}
    if loss == CROSS_ENTROPY:
        minimum = minimize(_cross_entropy, start, standardized, positive.astype(float), **ENDS)
    else:
        minimum = minimize(_logit, start, standardized, np.where(positive, 1.0, -1.0), **ENDS)
    w = minimum.parameters["w"] / scale
    b = minimum.parameters["b"] - w @ center
    likelihood = -float(minimum.value) * len(x)
    return LogisticUnit(classes, w[None], np.array([b]), loss, likelihood, minimum)


def _cross_entropy(parameters: Any, x: Any, y: Any) -> Any:
    a = x @ parameters["w"] + parameters["b"]
    rows = LOSSES["cross_entropy"].of(y[:, None], a[:, None], ACTIVATIONS["logistic"], jnp)
    return jnp.mean(rows)


def _logit(parameters: Any, x: Any, s: Any) -> Any:
    return jnp.mean(jnp.logaddexp(0.0, -s * (x @ parameters["w"] + parameters["b"])))
