"""What is cheap to reach: the best constant, and a linear model, learned from training rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from unstuck.record import Array
from unstuck.silence import silenced
from unstuck.verdict.columns import dense
from unstuck.verdict.examples import (
    CLASSES,
    LABELS,
    NUMBERS,
    Examples,
    Model,
    Predicted,
    columns_of,
)

CONSTANT, LINEAR, TREES = "a constant", "a linear model", "trees"
MEDIAN = 0.5
STRENGTHS = np.logspace(-3, 3, 7)
"""Penalties that ridge regression chooses from, on standardized inputs."""
STEPS = 200
FOREST = 100
"""Trees of a forest."""


def constant(train: Examples, kind: str, classes: Array, quantile: float | None = None) -> Model:
    """The most frequent class with the frequencies of all; the mean, or a quantile, of numbers.

    Arguments:
        train: rows to learn from.
        kind: of the targets.
        classes: all of them, in the order of the probabilities.
        quantile: that numbers are predicted as; ``None`` for the mean.
    """
    if kind == CLASSES:
        sums = np.array([train.w[train.y == each].sum() for each in classes])
        label, shares = classes[sums.argmax()], sums / sums.sum()
        return lambda x: Predicted(np.full(x.shape[0], label), np.tile(shares, (x.shape[0], 1)))
    y = columns_of(train.y).astype(float)
    center = np.average(y, axis=0, weights=train.w)
    if kind == NUMBERS and quantile is not None:
        center = _quantile(y, quantile, train.w)
    shape = train.y.shape[1:]
    if kind == LABELS:
        label = (center > 0.5).astype(int)
        return lambda x: Predicted(_repeated(label, x, shape), _repeated(center, x, shape))
    return lambda x: Predicted(_repeated(center, x, shape))


def linear(
    train: Examples, kind: str, classes: Array, quantile: float | None = None
) -> Model | None:
    """Logistic regression, or ridge regression with the penalty that cross-validates best; inputs
    are standardized. A quantile is that of its errors above it. ``None`` where none can be fitted.

    Arguments:
        train, kind, classes, quantile: as in ``constant``.
    """
    with silenced(), np.errstate(all="ignore"):
        try:
            if kind == CLASSES:
                return _classifier(train, classes)
            return _labeler(train) if kind == LABELS else _regressor(train, quantile)
        except (ValueError, np.linalg.LinAlgError):
            return None


def trees(
    train: Examples, kind: str, classes: Array, quantile: float | None = None
) -> Model | None:
    """A random forest: what is reached without a thought about scales and units. ``None`` where a
    quantile is asked for, since it predicts means, and where none can be fitted.

    Its probabilities are those of its trees and one more that knows nothing, so that none is 0.

    Arguments:
        train, kind, classes, quantile: as in ``constant``.

    Reference: Breiman 2001.
    """
    if quantile is not None and quantile != MEDIAN:
        return None
    with silenced(), np.errstate(all="ignore"):
        try:
            return _forest(train, classes) if kind == CLASSES else _forest_of_columns(train, kind)
        except ValueError:
            return None


def _forest(train: Examples, classes: Array) -> Model:
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(FOREST, random_state=0).fit(train.x, train.y, train.w)
    places = np.searchsorted(classes, model.classes_)

    def said(rows: Any) -> Predicted:
        known = model.predict_proba(rows)
        probabilities = np.full((len(known), len(classes)), 1.0 / len(classes))
        probabilities[:, places] += FOREST * known
        return Predicted(model.classes_[known.argmax(1)], probabilities / (FOREST + 1))

    return said


def _forest_of_columns(train: Examples, kind: str) -> Model:
    """Of numbers, or of labels as numbers: the mean of 0 and 1 is a probability."""
    from sklearn.ensemble import RandomForestRegressor

    y, shape = columns_of(train.y).astype(float), train.y.shape[1:]
    forest = RandomForestRegressor(FOREST, max_features=1 / 3, random_state=0)
    model = forest.fit(train.x, y if y.shape[1] > 1 else y[:, 0], train.w)

    def said(rows: Any) -> Predicted:
        outputs = model.predict(rows).reshape(rows.shape[0], -1)
        if kind == NUMBERS:
            return Predicted(outputs.reshape(len(outputs), *shape))
        probabilities = (FOREST * outputs + 0.5) / (FOREST + 1)
        return Predicted((probabilities > 0.5).astype(int), probabilities)

    return said


def _classifier(train: Examples, classes: Array) -> Model:
    from sklearn.linear_model import LogisticRegression

    prepared, x = _standardized(train.x)
    model = LogisticRegression(max_iter=STEPS).fit(x, train.y, train.w)
    places = np.searchsorted(classes, model.classes_)

    def said(rows: Any) -> Predicted:
        rows = prepared(rows)
        known = model.predict_proba(rows)
        probabilities = np.zeros((len(known), len(classes)))
        probabilities[:, places] = known
        return Predicted(model.classes_[known.argmax(1)], probabilities)

    return said


def _labeler(train: Examples) -> Model:
    """A classifier for every label."""
    found = []
    for labels in columns_of(train.y).T:
        one = Examples(train.x, labels, train.w)
        both = np.array([0, 1])
        varied = len(np.unique(labels)) > 1
        found.append(_classifier(one, both) if varied else constant(one, CLASSES, both))

    def said(rows: Any) -> Predicted:
        each = [model(rows).probabilities for model in found]
        probabilities = np.column_stack([p[:, 1] for p in each if p is not None])
        return Predicted((probabilities > 0.5).astype(int), probabilities)

    return said


def _regressor(train: Examples, quantile: float | None) -> Model:
    from sklearn.linear_model import RidgeCV

    prepared, x = _standardized(train.x)
    y = columns_of(train.y)
    scale = np.where(y.std(0) > 0, y.std(0), 1.0)
    model = RidgeCV(STRENGTHS).fit(x, y / scale, train.w)
    shape = train.y.shape[1:]

    def predicted(rows: Any) -> Array:
        return model.predict(rows).reshape(rows.shape[0], -1) * scale

    above = 0.0 if quantile is None else _quantile(y - predicted(x), quantile, train.w)

    def said(rows: Any) -> Predicted:
        outputs = predicted(prepared(rows)) + above
        return Predicted(outputs.reshape(len(outputs), *shape))

    return said


def _standardized(x: Any) -> tuple[Callable[[Any], Any], Any]:
    """What standardizes rows, and these rows by it. Those of a sparse matrix are only scaled."""
    from sklearn.preprocessing import StandardScaler

    centered = not sparse.issparse(x)
    scaler = StandardScaler(with_mean=centered)

    def prepared(rows: Any) -> Any:
        return scaler.transform(dense(rows) if centered else rows)

    return prepared, scaler.fit_transform(x)


def _quantile(y: Array, quantile: float, w: Array) -> Array:
    """Of every column the least value whose weight with all below it is that share of all: no
    constant has a smaller weighted pinball loss."""
    order = np.argsort(y, axis=0, kind="stable")
    below = np.cumsum(w[order], axis=0)
    places = (below < quantile * below[-1]).sum(0)
    return np.take_along_axis(y, order, 0)[np.minimum(places, len(y) - 1), np.arange(y.shape[1])]


def _repeated(row: Array, x: Any, shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(row.reshape(shape), (x.shape[0], *shape))
