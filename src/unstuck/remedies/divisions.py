"""Rows of an experiment: which to train on, which to judge by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold, StratifiedShuffleSplit
from sklearn.utils import _safe_indexing

from unstuck.record import Array

HELD = 0.25
"""Share of the rows that are held out."""
FEW, LEAST_OF_A_CLASS = 40, 6
"""Of fewer rows none are held out: the network is judged by what it has learned, from other first
weights. So it is on the rows of a class of which there are fewer."""


class Division(NamedTuple):
    """Numbers of rows.

    Attributes:
        train: that are trained on.
        test: that are judged by.
    """

    train: Array
    test: Array


@dataclass(frozen=True)
class Rows:
    """Rows with their targets.

    Attributes:
        x: inputs, (n, inputs): an array, a sparse matrix or a frame.
        y: targets, (n,) or (n, k).
        w: weights (n,); ``None`` where all count alike.
        classes: number of each row's class, (n,); ``None`` where targets are not single classes.
    """

    x: Any
    y: Any
    w: Array | None = None
    classes: Array | None = None

    @classmethod
    def of(cls, estimator: Any, x: Any, y: Any, w: Any = None) -> Self:
        """The rows of an estimator, which says whether targets are classes. Those that weigh
        nothing do not count."""
        w = None if w is None else np.asarray(w, float)
        if w is not None and not w.all():
            some = np.flatnonzero(w)
            x, y, w = cls(x, y, w).take(some)
        classes = None
        if is_classifier(estimator) and np.ndim(y) < 2:
            classes = np.unique(np.asarray(y), return_inverse=True)[1]
        return cls(x, y, w, classes)

    def take(self, rows: Array) -> tuple[Any, Any, Array | None]:
        """Inputs, targets and weights of some of the rows."""
        w = None if self.w is None else self.w[rows]
        return _safe_indexing(self.x, rows), _safe_indexing(self.y, rows), w

    @property
    def count(self) -> int:
        """How many there are."""
        return int(np.shape(self.y)[0])

    @property
    def few(self) -> bool:
        """Whether there are too few to hold any out."""
        return len(self.common) < FEW

    @cached_property
    def common(self) -> Array:
        """Numbers of those that can be held out: rows of rare classes cannot."""
        if self.classes is None:
            return np.arange(self.count)
        return np.flatnonzero(np.bincount(self.classes)[self.classes] >= LEAST_OF_A_CLASS)

    def split(self, splitter: Any) -> list[Division]:
        """Divisions by one of scikit-learn's splitters; rows of rare classes are in both parts."""
        common = self.common
        rare = np.setdiff1d(np.arange(self.count), common)
        own = None if self.classes is None else self.classes[common]
        return [
            Division(*(np.concatenate([common[part], rare]) for part in parts))
            for parts in splitter.split(np.zeros((len(common), 1)), own)
        ]


def divided(rows: Rows, seed: int) -> Division:
    """Rows to train on and others to judge by; the share of every class is kept.

    Arguments:
        rows: all of them.
        seed: of the choice.

    Returns:
        All rows twice where they are too few.

    Example:
        >>> y = np.arange(100.0)
        >>> [len(part) for part in divided(Rows(y[:, None], y), seed=0)]
        [75, 25]
    """
    if rows.few:
        return _all(rows)
    kind = ShuffleSplit if rows.classes is None else StratifiedShuffleSplit
    splitter = kind(1, test_size=HELD, random_state=seed)
    return rows.split(splitter)[0]


def folds(rows: Rows, count: int, seed: int) -> list[Division]:
    """Every row is judged by once: what chance does to one part, it does not do to the others.

    Arguments:
        rows: all of them.
        count: of parts.
        seed: of the choice.

    Returns:
        All rows twice in each where they are too few.

    Example:
        >>> y = np.arange(100.0)
        >>> [len(each.test) for each in folds(Rows(y[:, None], y), 4, seed=0)]
        [25, 25, 25, 25]
    """
    if rows.few:
        return [_all(rows)] * count
    kind = KFold if rows.classes is None else StratifiedKFold
    splitter = kind(count, shuffle=True, random_state=seed)
    return rows.split(splitter)


def _all(rows: Rows) -> Division:
    everything = np.arange(rows.count)
    return Division(everything, everything)
