"""What is reachable on some rows: cross-validated predictions of plain models.

A network that does as well is not stuck, however small its gradients are. Without this gate a
quarter of healthy networks have something to report.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.health.errors import by_class, mean, rare_classes
from unstuck.record import Array
from unstuck.silence import silenced

MOST_ROWS = 1000
FOLDS = 3
FEW = 40
"""Under so many different rows, or with a class of fewer than 6, models are judged on the rows they
have seen: there is nothing to hold out."""
TREES = 50


@dataclass(frozen=True)
class Reference:
    """What plain models reach on rows.

    Attributes:
        rows: numbers of the rows, in the sample.
        name: of the best model.
        errors: of its predictions, row by row of these.
        constant: of the best constant.
        linear: of the linear model.
        balanced: the most that any reaches of the mean, over the classes, of the share that is
            right; also with classes of equal weight. 0 for numbers.
        rare: the same share of the rare classes alone, of that model.
        few: whether they are judged on what they have seen.
        model: the best, unfitted.
    """

    rows: Array
    name: str
    errors: Array
    constant: Array
    linear: Array
    balanced: float
    rare: float
    few: bool
    model: Any


def reference(kind: str, raw: Array, labels: Array, w: Array, judge: Any) -> Reference | None:
    """The best of a linear model, a kernel machine and trees.

    Arguments:
        kind: of the targets.
        raw: inputs in the user's units, (n, inputs).
        labels: as ``Sample`` has them.
        w: weights, (n,).
        judge: ``judge(predicted, rows)``: errors of predictions for such rows of the sample.

    Returns:
        ``None`` where nothing can be learned: one class, one row.
    """
    rows = _rows(kind, labels, w)
    x, y, w = raw[rows], labels[rows], w[rows]
    if len(rows) < 4 or len(np.unique(y, axis=0)) < 2:
        return None
    fold = _folds(x)
    few = len(np.unique(x, axis=0)) < FEW or (
        kind == "classes" and np.unique(y, return_counts=True)[1].min() < 6
    )
    fold = None if few else fold
    predicted = {}
    models = _models(kind, few)
    for name, model in models.items():
        with silenced(), np.errstate(all="ignore"):
            try:
                predicted[name] = _predictions(model, kind, x, y, w, fold)
            except (ValueError, np.linalg.LinAlgError):
                continue
    errors = {name: judge(each, rows) for name, each in predicted.items()}
    if not errors:
        return None
    best = min(errors, key=lambda name: mean(errors[name], w))
    constant = judge(_constant(kind, y, w), rows)
    balanced = rare = 0.0
    if kind == "classes":
        equal = () if few else _with_equal_weights(x, y, fold)
        right = [each == y for each in (*predicted.values(), *equal)]
        most = max(right, key=lambda each: by_class(y, each))
        balanced, rare = by_class(y, most), by_class(y, most, rare_classes(y))
    return Reference(
        rows,
        best,
        errors[best],
        constant,
        errors.get("a linear model", constant),
        balanced,
        rare,
        few,
        models[best],
    )


def fitted_errors(found: Reference, kind: str, train: Any, fresh: Any, judge: Any) -> Array | None:
    """Errors on fresh rows of the best model, fitted to the training rows."""
    with silenced(), np.errstate(all="ignore"):
        try:
            model = _fit(found.model, kind, train.raw, train.labels, train.w)
            return judge(_thresholded(model, kind, fresh.raw), fresh)
        except (ValueError, np.linalg.LinAlgError):
            return None


def constant_errors(kind: str, train: Any, fresh: Any, judge: Any) -> Array:
    """Errors on fresh rows of the constant that is best for the training rows."""
    best = _constant(kind, train.labels, train.w)[:1]
    return judge(np.broadcast_to(best, (len(fresh.labels), *best.shape[1:])), fresh)


def _rows(kind: str, labels: Array, w: Array) -> Array:
    rows = np.flatnonzero(w > 0)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
    return rows


def _folds(x: Array) -> Array:
    """A fold for every row; equal rows share one, so that duplicates do not leak."""
    _, group = np.unique(x, axis=0, return_inverse=True)
    group = group.ravel()
    return np.random.default_rng(1).permutation(group.max() + 1)[group] % FOLDS


def _models(kind: str, few: bool) -> dict[str, Any]:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    def scaled(model: Any) -> Any:
        return make_pipeline(StandardScaler(), model)

    if kind == "classes":
        return {
            "a linear model": scaled(LogisticRegression(max_iter=200)),
            "a kernel machine": scaled(SVC(C=1e4 if few else 10.0, random_state=0)),
            "a forest of trees": ExtraTreesClassifier(TREES, random_state=0),
        }

    def both(model: Any) -> Any:
        return TransformedTargetRegressor(scaled(model), transformer=StandardScaler())

    return {
        "a linear model": both(RidgeCV(np.logspace(-3, 3, 7))),
        "a kernel machine": both(KernelRidge(alpha=1e-3 if few else 0.03, kernel="rbf")),
        "a forest of trees": ExtraTreesRegressor(TREES, random_state=0),
    }


def _fit(model: Any, kind: str, x: Array, y: Array, w: Array) -> Any:
    from sklearn.base import clone

    model = clone(model)
    target = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    target = target.astype(float) if kind == "labels" else target
    if (w == w[0]).all():
        return model.fit(x, target)
    if hasattr(model, "steps"):
        return model.fit(x, target, **{f"{model.steps[-1][0]}__sample_weight": w})
    if hasattr(model, "regressor"):
        name = model.regressor.steps[-1][0]
        return model.fit(x, target, **{f"{name}__sample_weight": w})
    return model.fit(x, target, sample_weight=w)


def _thresholded(model: Any, kind: str, x: Array) -> Array:
    predicted = model.predict(x)
    if kind == "classes":
        return predicted
    predicted = predicted.reshape(len(x), -1)
    return (predicted > 0.5).astype(int) if kind == "labels" else predicted


def _predictions(model: Any, kind: str, x: Array, y: Array, w: Array, fold: Array | None) -> Array:
    if fold is None:
        return _thresholded(_fit(model, kind, x, y, w), kind, x)
    found = np.empty(y.shape, y.dtype if kind != "numbers" else float)
    for each in range(FOLDS):
        out = fold == each
        if not out.any():
            continue
        if kind == "classes" and len(np.unique(y[~out])) < 2:
            found[out] = y[~out][0]
            continue
        found[out] = _thresholded(_fit(model, kind, x[~out], y[~out], w[~out]), kind, x[out])
    return found


def _constant(kind: str, y: Array, w: Array) -> Array:
    if kind == "classes":
        names, index = np.unique(y, return_inverse=True)
        return np.full(len(y), names[np.bincount(index, w).argmax()])
    center = np.average(y, axis=0, weights=w)
    center = (center > 0.5).astype(int) if kind == "labels" else center
    return np.broadcast_to(center, y.shape)


def _with_equal_weights(x: Array, y: Array, fold: Array | None) -> Iterator[Array]:
    """Predictions of plain models whose classes weigh the same."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    equal = {"class_weight": "balanced"}
    for model in (LogisticRegression(max_iter=200, **equal), SVC(C=10.0, random_state=0, **equal)):
        with contextlib.suppress(ValueError):
            scaled = make_pipeline(StandardScaler(), model)
            yield _predictions(scaled, "classes", x, y, np.ones(len(y)), fold)
