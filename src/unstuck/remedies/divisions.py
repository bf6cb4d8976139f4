"""Rows of an experiment: which to train on, which to judge by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold, StratifiedShuffleSplit
from sklearn.utils import _safe_indexing

from unstuck.record import Array

HELD = 0.25
"""Share of the rows that are held out."""
FEW, LEAST_OF_A_CLASS = 40, 6
"""Of fewer rows, or fewer of a class, none are held out: the network is judged by what it has
learned, from other first weights."""


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
        """The rows of an estimator, which says whether targets are classes."""
        classes = None
        if is_classifier(estimator) and np.ndim(y) < 2:
            classes = np.unique(np.asarray(y), return_inverse=True)[1]
        return cls(x, y, None if w is None else np.asarray(w, float), classes)

    def take(self, rows: Array) -> tuple[Any, Any, Array | None]:
        """Inputs, targets and weights of some of the rows."""
        w = None if self.w is None else self.w[rows]
        return _safe_indexing(self.x, rows), _safe_indexing(self.y, rows), w

    @staticmethod
    def weights(w: Array | None) -> dict[str, Array]:
        """As ``fit`` takes them."""
        return {} if w is None else {"sample_weight": w}

    @property
    def count(self) -> int:
        """How many there are."""
        return int(np.shape(self.y)[0])

    @property
    def few(self) -> bool:
        """Whether there are too few to hold any out."""
        least = self.count if self.classes is None else int(np.bincount(self.classes).min())
        return self.count < FEW or least < LEAST_OF_A_CLASS


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
    return Division(*next(splitter.split(np.zeros((rows.count, 1)), rows.classes)))


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
    return [Division(*each) for each in splitter.split(np.zeros((rows.count, 1)), rows.classes)]


def _all(rows: Rows) -> Division:
    everything = np.arange(rows.count)
    return Division(everything, everything)
