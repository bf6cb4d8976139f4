"""Columns that give the target away: one of them alone says nearly all there is to say."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from unstuck.record import Array
from unstuck.rows.probe import probe_indices
from unstuck.verdict.columns import ColumnGroup, dense
from unstuck.verdict.examples import CLASSES, Examples, columns_of

NEARLY_ALL = 0.98
"""A column that removes this share of a constant's error gives the target away by itself."""
MOST, TIMES = 0.9, 4.0
"""One that removes this much does so where all others together leave so many times more of it."""
CANDIDATE = 0.8
"""A column is looked at closely where it removes this share at first sight."""
FEWEST_ERRORS = 25
"""Errors of a constant, below which nothing is said: it may be luck."""
MOST_ROWS, FOLDS, LEAVES = 2000, 3, 64
SECONDS = 1.0


class Leak(NamedTuple):
    """A column that gives the target away.

    Attributes:
        column: its name.
        share: of a constant's errors (of the variance, for numbers), removed by the column alone,
            on rows that were held out.
        others: the share that all other columns remove together; ``None`` where that was not
            looked at.
        rows: how many rows that was judged on.
    """

    column: str
    share: float
    others: float | None
    rows: int


def leaks(
    kind: str, train: Examples, held: Examples, columns: Sequence[ColumnGroup]
) -> tuple[Leak, ...]:
    """Columns that give the target away, the clearest first.

    A tree (and for numbers a straight line) learns the target from one column. First from the
    training rows, judged on those held out; where that is good, by cross-validation over all rows.

    Arguments:
        kind: of the targets; several labels or numbers a row are not looked at.
        train: rows to learn from.
        held: rows to judge on.
        columns: and their inputs, the most suspicious first; where there is one only, nothing is
            said. After ``SECONDS`` no further one is looked at.
    """
    if len(columns) < 2 or columns_of(train.y).shape[1] > 1 or not len(held):
        return ()
    few, judged = (_some(each) for each in (train, held))
    together = _joined(few, judged)
    if not _enough(kind, together):
        return ()
    found, began = [], time.perf_counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for column in columns:
            if time.perf_counter() - began > SECONDS:
                break
            if _removed(kind, few, judged, column.inputs) >= CANDIDATE:
                leak = _looked_at(kind, together, column, columns)
                found += [leak] if leak is not None else []
    return tuple(sorted(found, key=lambda each: -each.share))


def _looked_at(
    kind: str, rows: Examples, column: ColumnGroup, columns: Sequence[ColumnGroup]
) -> Leak | None:
    share = _crossed(kind, rows, column.inputs)
    if share >= NEARLY_ALL:
        return Leak(column.name, share, None, len(rows))
    if share < MOST:
        return None
    rest = [place for each in columns if each is not column for place in each.inputs]
    others = _crossed(kind, rows, rest, forest=True)
    if 1 - others < TIMES * (1 - share):
        return None
    return Leak(column.name, share, max(others, 0.0), len(rows))


def _some(rows: Examples) -> Examples:
    counted = np.flatnonzero(rows.w > 0)
    return rows.take(counted[probe_indices(len(counted), MOST_ROWS // 2)])


def _joined(first: Examples, second: Examples) -> Examples:
    pairs = ((getattr(first, name), getattr(second, name)) for name in ("x", "y", "w"))
    x, y, w = pairs
    thin = any(map(sparse.issparse, x))
    rows = sparse.vstack(list(map(sparse.csr_matrix, x))).tocsr() if thin else np.concatenate(x)
    return Examples(rows, np.concatenate(y), np.concatenate(w))


def _enough(kind: str, rows: Examples) -> bool:
    if kind != CLASSES:
        return len(rows) > FEWEST_ERRORS and len(np.unique(rows.y)) > 2
    _, counts = np.unique(rows.y, return_counts=True)
    return bool(len(rows) - counts.max() >= FEWEST_ERRORS)


def _crossed(kind: str, rows: Examples, inputs: Sequence[int], forest: bool = False) -> float:
    """The share that is removed by cross-validation."""
    folds = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    out = [np.flatnonzero(folds == fold) for fold in range(FOLDS)]
    kept = [np.flatnonzero(folds != fold) for fold in range(FOLDS)]
    return float(
        np.mean(
            [
                _removed(kind, rows.take(k), rows.take(o), inputs, forest)
                for k, o in zip(kept, out, strict=True)
            ]
        )
    )


def _removed(
    kind: str, train: Examples, held: Examples, inputs: Sequence[int], forest: bool = False
) -> float:
    """The share of a constant's error that some inputs remove."""
    x, fresh = dense(train.x, inputs), dense(held.x, inputs)
    y, true = train.y.ravel(), held.y.ravel()
    errors = [_error(kind, model.fit(x, y).predict(fresh), true) for model in _models(kind, forest)]
    if kind == CLASSES:
        names, counts = np.unique(y, return_counts=True)
        constant: Any = names[counts.argmax()]
    else:
        constant = y.mean()
    alone = _error(kind, np.full(len(true), constant), true)
    return float(1 - min(errors) / alone) if alone > 0 else 0.0


def _models(kind: str, forest: bool) -> list[Any]:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if forest:
        return [
            (ExtraTreesClassifier if kind == CLASSES else ExtraTreesRegressor)(30, random_state=0)
        ]
    grown = {"max_leaf_nodes": LEAVES, "min_samples_leaf": 2, "random_state": 0}
    if kind == CLASSES:
        return [DecisionTreeClassifier(**grown)]
    return [DecisionTreeRegressor(**grown), LinearRegression()]


def _error(kind: str, predicted: Array, y: Array) -> float:
    return float(np.mean(predicted != y) if kind == CLASSES else np.mean((predicted - y) ** 2))
