"""What can be removed of things that are no networks: weights of a linear model, tests of a tree,
rows of a memory, gates."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.utils.validation import _num_samples

from unstuck.errors import DataError, ParameterError
from unstuck.neuro.circuit import Circuit
from unstuck.neuro.removable import Removable

MOST_PAIRS = 50_000_000
"""Of rows to score on and stored rows: as many distances are kept."""


def is_linear(estimator: Any) -> bool:
    """Whether it is a linear model that holds its weights, such as a ``Perceptron``."""
    held = getattr(estimator, "__dict__", {})
    return hasattr(estimator, "fit") and isinstance(held.get("coef_"), np.ndarray)


def coefficients(model: Any, X: Any) -> Removable:
    """Weights of a linear model, not its biases. A removed weight is 0."""
    w = model.coef_

    def without(gone: np.ndarray) -> Any:
        left = copy.copy(model)
        left.coef_ = np.where(gone.reshape(w.shape), 0.0, w)
        return left

    return Removable("weights", (("output", w.size),), np.abs(w).ravel(), "|w|", X, without)


def inner_nodes(tree: Any, X: Any) -> Removable:
    """Inner nodes of a decision tree. A removed one answers 0, "no": all rows go to its right."""
    inner = np.flatnonzero(tree.tree_.children_left >= 0)
    if not len(inner):
        raise ParameterError("lesion: the tree is one leaf; expected one that asks something.")

    def without(gone: np.ndarray) -> Any:
        left = copy.deepcopy(tree)
        left.tree_.threshold[inner[gone]] = -np.inf
        return left

    sizes = tree.tree_.n_node_samples[inner].astype(float)
    groups = (("tree", len(inner)),)
    return Removable("nodes", groups, sizes, "the rows of its fit that it divides", X, without)


def stored_rows(memory: Any, X: Any) -> Removable:
    """Rows that a nearest-neighbor memory holds. A removed one is found no more."""
    if not hasattr(memory, "_y") or getattr(memory, "outputs_2d_", False):
        raise ParameterError(
            f"lesion received {type(memory).__name__}; expected a nearest-neighbor classifier of "
            "one target, or a regressor."
        )
    held, pairs = memory._fit_X.shape[0], memory._fit_X.shape[0] * _num_samples(X)
    if pairs > MOST_PAIRS:
        raise DataError(
            f"lesion: there are {pairs:,} pairs of rows and neighbors; expected {MOST_PAIRS:,} at "
            "most. Score on fewer rows of X."
        )
    # Everyone's neighbors, near ones first: what is left of them is found without distances.
    distances, order = memory.kneighbors(X, held)

    def without(gone: np.ndarray) -> Any:
        left = held - int(gone.sum())
        kept = min(memory.n_neighbors, left)
        if not kept:
            return _empty(memory)
        # Mostly the first few that are not gone are among the first few of all.
        for width in (min(held, 8 * kept * held // left), held):
            there = ~gone[order[:, :width]]
            if there.sum(1).min() >= kept:
                break
        nearest = np.zeros(order.shape, bool)
        nearest[:, :width] = there & (there.cumsum(1) <= kept)
        return _remembering(memory, distances[nearest], order[nearest], kept)

    used = order[:, : memory.n_neighbors].ravel()
    sizes = np.bincount(used, minlength=held).astype(float)
    groups = (("memory", held),)
    return Removable("rows", groups, sizes, "the rows of X that it is near to", X, without)


def _remembering(memory: Any, distances: np.ndarray, order: np.ndarray, kept: int) -> Any:
    """A memory that finds these neighbors, so many for each row."""
    found = copy.copy(memory)
    distances, order = distances.reshape(-1, kept), order.reshape(-1, kept)
    # One that is called "brute" classifies without asking for its neighbors.
    found._fit_method = "lesion"
    found.kneighbors = lambda X, return_distance=True: (
        (distances, order) if return_distance else order
    )
    return found


def _empty(memory: Any) -> Any:
    """A memory of nothing: nothing speaks for any class but the first, nor for any number."""
    if is_classifier(memory):
        classes = memory.classes_
        return DummyClassifier(strategy="constant", constant=classes[0]).fit(classes, classes)
    y = memory._y
    return DummyRegressor(strategy="constant", constant=np.zeros(y.shape[1:])).fit(y, y)


class Wired(ClassifierMixin, BaseEstimator):
    """A circuit some of whose gates answer 0, as a classifier of rows of zeros and ones.

    Arguments:
        circuit: the whole one.
        gone: which of its gates answer 0, shape (gates,).
    """

    def __init__(self, circuit: Circuit, gone: np.ndarray):
        self.circuit = circuit
        self.gone = gone
        self.classes_ = np.array([0, 1])

    def predict(self, X: Any) -> np.ndarray:
        """0 or 1 for each row, shape (n,)."""
        rows = np.asarray(X, float)
        seen = dict(zip(self.circuit.inputs, rows.T, strict=True))
        for lost, (name, (unit, sources)) in zip(
            self.gone, self.circuit.units.items(), strict=True
        ):
            # As a gate answers by itself, which looks at its inputs every time.
            total = np.full(len(rows), unit.bias)
            for w, source in zip(unit.weights, sources, strict=True):
                total = total + w * seen[source]
            seen[name] = np.zeros(len(rows)) if lost else (total >= 0).astype(float)
        return seen[name].astype(int)


def gates(circuit: Circuit, X: Any) -> Removable:
    """Threshold units of a circuit. A removed one answers 0."""
    rows, inputs = np.asarray(X), len(circuit.inputs)
    if rows.ndim != 2 or rows.shape[1] != inputs or not np.isin(rows, (0, 1)).all():
        raise DataError(
            f"lesion: X has the shape {rows.shape}; expected (n, {inputs}), a column of 0 and 1 "
            "for each input of the circuit."
        )
    taken = [source for _, sources in circuit.units.values() for source in sources]
    sizes = np.array([taken.count(name) for name in circuit.units], float)
    groups = (("circuit", len(sizes)),)
    size = "the gates that take it"
    return Removable("gates", groups, sizes, size, rows, lambda gone: Wired(circuit, gone))
