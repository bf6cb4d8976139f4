"""Columns that give the target away: one of them alone says nearly all there is to say."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from unstuck.record import Array
from unstuck.rows.probe import probe_indices
from unstuck.silence import silenced
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
"""Rows, parts of cross-validation, and leaves of a tree; of many classes, two leaves a class."""
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
    close, began = [], time.perf_counter()
    with silenced(), np.errstate(all="ignore"):
        for column in columns:
            if time.perf_counter() - began > SECONDS:
                break
            if _removed(kind, few, judged, column.inputs).share >= CANDIDATE:
                close.append(_Alone(column, *_crossed(kind, together, column.inputs)))
        close = [each for each in close if each.share >= MOST]
        found = [_looked_at(kind, together, each, close, columns) for each in close]
    told = [each for each in found if each is not None]
    return tuple(sorted(told, key=lambda each: -each.share))


class _Alone(NamedTuple):
    """A column that says much alone: what share it removes, and what it predicts, (rows,)."""

    column: ColumnGroup
    share: float
    predicted: Array


def _looked_at(
    kind: str,
    rows: Examples,
    one: _Alone,
    close: Sequence[_Alone],
    columns: Sequence[ColumnGroup],
) -> Leak | None:
    if one.share >= NEARLY_ALL:
        return Leak(one.column.name, one.share, None, len(rows))
    same = [each.column for each in close if _errs_alike(kind, one, each, rows.y.ravel())]
    rest = [place for each in columns if each not in same for place in each.inputs]
    others = _crossed(kind, rows, rest, forest=True).share if rest else 0.0
    if 1 - others < TIMES * (1 - one.share):
        return None
    return Leak(one.column.name, one.share, max(others, 0.0), len(rows))


def _errs_alike(kind: str, one: _Alone, other: _Alone, y: Array) -> bool:
    """Whether two columns are one in other words: their predictions are much closer to each other
    than to the target. A column is one with itself."""
    apart = _error(kind, other.predicted, one.predicted)
    return other is one or TIMES * apart <= _error(kind, one.predicted, y)


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


class _Crossed(NamedTuple):
    """The share that is removed by cross-validation, and the predictions, (rows,)."""

    share: float
    predicted: Array


def _crossed(kind: str, rows: Examples, inputs: Sequence[int], forest: bool = False) -> _Crossed:
    folds = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    predicted, shares = np.empty_like(rows.y.ravel()), []
    for fold in range(FOLDS):
        kept, out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        found = _removed(kind, rows.take(kept), rows.take(out), inputs, forest)
        predicted[out] = found.predicted
        shares.append(found.share)
    return _Crossed(float(np.mean(shares)), predicted)


def _removed(
    kind: str, train: Examples, held: Examples, inputs: Sequence[int], forest: bool = False
) -> _Crossed:
    """The share of a constant's error that some inputs remove, and what they predict."""
    x, fresh = dense(train.x, inputs), dense(held.x, inputs)
    y, true = train.y.ravel(), held.y.ravel()
    leaves = max(LEAVES, 2 * len(np.unique(y))) if kind == CLASSES else LEAVES
    said = [model.fit(x, y).predict(fresh) for model in _models(kind, forest, leaves)]
    best = min(said, key=lambda each: _error(kind, each, true))
    if kind == CLASSES:
        names, counts = np.unique(y, return_counts=True)
        constant: Any = names[counts.argmax()]
    else:
        constant = y.mean()
    alone = _error(kind, np.full(len(true), constant), true)
    share = float(1 - _error(kind, best, true) / alone) if alone > 0 else 0.0
    return _Crossed(share, best)


def _models(kind: str, forest: bool, leaves: int) -> list[Any]:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if forest:
        return [
            (ExtraTreesClassifier if kind == CLASSES else ExtraTreesRegressor)(30, random_state=0)
        ]
    grown = {"max_leaf_nodes": leaves, "min_samples_leaf": 2, "random_state": 0}
    if kind == CLASSES:
        return [DecisionTreeClassifier(**grown)]
    return [DecisionTreeRegressor(**grown), LinearRegression()]


def _error(kind: str, predicted: Array, y: Array) -> float:
    return float(np.mean(predicted != y) if kind == CLASSES else np.mean((predicted - y) ** 2))
