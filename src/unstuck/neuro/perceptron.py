"""The perceptron: a threshold unit of real inputs that learns from its mistakes."""

from __future__ import annotations

import functools
import operator
import warnings
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from unstuck.autodiff.trace import trace
from unstuck.errors import DataError, ParameterError, StuckWarning, warn
from unstuck.graph import Graph
from unstuck.lazy import jnp
from unstuck.neuro.given_rows import given_classes, given_rows
from unstuck.neuro.learning import Learned, learn
from unstuck.readable import Facts, Readable
from unstuck.rules import check_whole
from unstuck.summary import number


class Perceptron(ClassifierMixin, BaseEstimator):
    """Rosenblatt's perceptron: 1 where ``w·x + b >= 0``, with weights learned from mistakes.

    Rows come one after the other, again and again. Where one is on the wrong side, with s = 1 for
    rows of the class and -1 for others, s x is added to w, and s to b. Everything starts at 0, so a
    learning rate would change nothing but the size of the weights. On separable rows it ends after
    at most (R / gamma)^2 mistakes (Novikoff 1962): R is the length of the longest row (x, 1), gamma
    the widest margin of a hyperplane through 0 there.

    Rows that are not separable would keep it learning for ever. Whether they are is decided by the
    linear program of ``separation`` as soon as ten passes have not been enough: then it ends with
    the weights of the best pass, says so in a warning, and ``separations_`` holds the proof.

    Several classes are told apart one against the rest, each by a unit of its own, and a row
    belongs to the class whose unit has the largest sum.

    Rosenblatt (1958), The perceptron: a probabilistic model for information storage and
    organization in the brain.

    Arguments:
        max_iter: passes through separable rows at most.

    Attributes:
        classes_: the classes, sorted.
        coef_: w, shape (1, inputs) for two classes, else (classes, inputs).
        intercept_: b, shape (1,) or (classes,).
        mistakes_: so many were made, for each unit.
        bound_: (R / gamma)^2 for each unit; infinite where rows are not separable.
        separable_: whether a unit could tell its class from the rest.
        separations_: the proof for each unit that could not; ``None`` for the others.
        n_iter_: passes through the rows, of the unit that took the most.
        n_features_in_, feature_names_in_: inputs seen in the fit.

    Example:
        >>> from unstuck.neuro import Perceptron
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "yes", "yes", "yes"]
        >>> either = Perceptron().fit(X, y)
        >>> either.predict([[0, 0], [1, 1]]).tolist()
        ['no', 'yes']
        >>> bool(either.mistakes_[0] <= either.bound_[0])
        True
    """

    classes_: np.ndarray
    coef_: np.ndarray
    intercept_: np.ndarray

    def __init__(self, *, max_iter: int = 1000):
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> Perceptron:
        """Learn from rows.

        Arguments:
            X: inputs, shape (n, inputs), dense or sparse.
            y: classes, shape (n,), two at least.

        Returns:
            The perceptron.

        Raises:
            ParameterError: ``max_iter`` is no positive whole number.
            DataError: rows or classes cannot be used.
        """
        check_whole("Perceptron", max_iter=self.max_iter)
        rows = given_rows(X, self, dense=False)
        targets = given_classes(y, rows, "Perceptron")
        self.classes_ = np.unique(targets)
        if len(self.classes_) < 2:
            raise DataError(
                f"Perceptron: y has one class, {self.classes_[0]!r}; expected 2 classes or more: "
                "there is nothing to tell apart."
            )
        told = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        units = [learn(rows, targets == name, self.max_iter) for name in told]
        self.coef_ = np.array([unit.weights for unit in units])
        self.intercept_ = np.array([unit.bias for unit in units])
        self.mistakes_ = np.array([unit.mistakes for unit in units])
        self.bound_ = np.array([unit.bound for unit in units])
        self.separable_ = np.array([unit.proof is None for unit in units])
        self.separations_ = tuple(unit.proof for unit in units)
        self.n_iter_ = max(unit.passes for unit in units)
        self._complain(units)
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """The sums w·x + b, shape (n,) for two classes, else (n, classes)."""
        check_is_fitted(self)
        rows = given_rows(X, self, dense=False, reset=False)
        sums = np.asarray(rows @ self.coef_.T) + self.intercept_
        return sums[:, 0] if len(self.classes_) == 2 else sums

    def predict(self, X: Any) -> np.ndarray:
        """The classes of rows, shape (n,)."""
        sums = self.decision_function(X)
        return self.classes_[(sums >= 0).astype(int) if sums.ndim == 1 else sums.argmax(1)]

    def graph(self, x: Any, of: Literal["scalars", "tensors"] = "tensors") -> Graph:
        """The computation for one row as a graph, which prints as a table and can be drawn.

        Arguments:
            x: one row, shape (inputs,).
            of: ``"scalars"``: every product and every sum is a node, at most 12 inputs;
                ``"tensors"``: one product of matrices, one sum, whatever the number of inputs.

        Raises:
            ParameterError: another word, or too many inputs for scalars.
            DataError: ``x`` is no row of so many inputs.
        """
        check_is_fitted(self)
        row = np.asarray(x, float)
        if row.shape != (self.n_features_in_,):
            raise DataError(
                f"graph: x has the shape {row.shape}; expected ({self.n_features_in_},), one row."
            )
        many = len(self.coef_) > 1
        if of == "tensors":
            w, b = (self.coef_, self.intercept_) if many else (self.coef_[0], self.intercept_[0])
            return trace(_of_tensors, {"w": w, "b": b}, row, mode="values")
        if of != "scalars" or len(row) > MOST_SCALARS or many:
            raise ParameterError(
                f"graph: of was {of!r}, of {len(row)} inputs and {len(self.classes_)} classes; "
                f"expected 'tensors', or 'scalars' with {MOST_SCALARS} inputs and 2 classes at "
                "most."
            )
        weights = {f"w_{place}": w for place, w in enumerate(self.coef_[0], 1)}
        inputs = {f"x_{place}": value for place, value in enumerate(row, 1)}
        parameters = {**weights, "b": float(self.intercept_[0])}
        return trace(_of_scalars, parameters, inputs, mode="values")

    @property
    def mistakes_told_(self) -> Mistakes:
        """The mistakes beside their bound, unit by unit, as a table."""
        check_is_fitted(self)
        return Mistakes(self)

    def _complain(self, units: list[Learned]) -> None:
        proofs = [unit.proof for unit in units if unit.proof is not None]
        if proofs:
            many = "" if len(units) == 1 else f"{len(proofs)} of {len(units)} classes: "
            rows = len(proofs[0].proof)
            warn(
                f"{many}the rows are not separable: a linear program found {rows} of them that "
                "contradict every unit (separations_). These are the weights of the best pass. "
                "Add inputs, or take a network with a hidden layer, such as NetClassifier.",
                StuckWarning,
            )
        if any(unit.proof is None and not unit.done for unit in units):
            warnings.warn(
                f"All {self.max_iter} passes were used. The rows are separable, and at most "
                f"{number(max(unit.bound for unit in units if unit.proof is None))} mistakes are "
                "made: raise max_iter, or scale the inputs.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


MOST_SCALARS = 12


class Mistakes(Readable):
    """How many mistakes a perceptron made, and how many it could have made at most."""

    def __init__(self, fitted: Perceptron):
        self._fitted = fitted

    def _told(self) -> Facts:
        fitted = self._fitted
        names = fitted.classes_[1:] if len(fitted.classes_) == 2 else fitted.classes_
        table = [("class", "separable", "mistakes", "(R / gamma)^2")]
        for name, able, made, bound in zip(
            names, fitted.separable_, fitted.mistakes_, fitted.bound_, strict=True
        ):
            most = f"{bound:,.1f}" if able else "-"
            table.append((str(name), "yes" if able else "no, proved", f"{made:,}", most))
        return Facts("Perceptron", (), table, words=2)


def _of_tensors(parameters: Any, x: Any) -> Any:
    return jnp.where(parameters["w"] @ x + parameters["b"] >= 0, 1.0, 0.0)


def _of_scalars(parameters: Any, inputs: Any) -> Any:
    products = [parameters[f"w_{i}"] * inputs[f"x_{i}"] for i in range(1, len(inputs) + 1)]
    total = functools.reduce(operator.add, [*products, parameters["b"]])
    return jnp.where(total >= 0, 1.0, 0.0)
