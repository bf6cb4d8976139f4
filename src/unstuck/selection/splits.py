"""Which rows are fitted and which are held out, fold by fold."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)
from sklearn.utils.multiclass import type_of_target

from unstuck.errors import DataError, ParameterError, first_sentence

LEAVE_ONE_OUT = "loo"
EXPECTED = (
    f"expected a number of folds (2 or more), '{LEAVE_ONE_OUT}' for leave-one-out, a share between "
    "0 and 1 to hold out, or a splitter of scikit-learn"
)
Split = tuple[np.ndarray, np.ndarray]


class Folds(NamedTuple):
    """Splits, and how they are called.

    Attributes:
        splits: numbers of the rows to fit and of those held out, a pair a fold.
        words: such as ``"5 folds of 30 rows"``.
    """

    splits: list[Split]
    words: str


def folds_of(
    cv: Any, classes: bool, X: Any, y: Any, groups: Any = None, random_state: int | None = 0
) -> Folds:
    """The folds of a call.

    Arguments:
        cv: a number of folds, ``"loo"``, a share to hold out, a splitter of scikit-learn, or pairs
            of row numbers.
        classes: whether targets are classes, which are kept in proportion.
        X, y, groups: as a splitter takes them; rows of a group stay together.
        random_state: seed by which rows are drawn for a number of folds and for a share.

    Raises:
        ParameterError: none of these.
        DataError: it cannot divide these rows, or leaves a class without a row to fit.

    Example:
        >>> folds_of("loo", False, np.zeros((4, 1)), np.arange(4.0)).words
        'leave-one-out of 4 rows'
    """
    splitter = _splitter(cv, classes, y, groups, random_state)
    rows = X.shape[0] if hasattr(X, "shape") else len(X)
    try:
        pairs = splitter.split(X, y, groups) if hasattr(splitter, "split") else splitter
        splits = [(np.asarray(train), np.asarray(held)) for train, held in pairs]
    except (ValueError, TypeError) as problem:
        raise DataError(
            f"these {rows} rows cannot be divided by {cv!r:.100}: {first_sentence(problem)} Give "
            "fewer folds, or other groups."
        ) from problem
    if not splits:
        raise ParameterError(f"cv={cv!r:.100} gives no folds; {EXPECTED}.")
    if classes:
        _check_classes(splits, np.asarray(y))
    return Folds(splits, _words(splitter, splits, rows))


def _splitter(cv: Any, classes: bool, y: Any, groups: Any, seed: int | None) -> Any:
    """Classes in proportion, where there are any."""
    strata = classes and type_of_target(y) in ("binary", "multiclass")
    if isinstance(cv, str) and cv == LEAVE_ONE_OUT:
        return LeaveOneOut() if groups is None else LeaveOneGroupOut()
    if isinstance(cv, Integral) and not isinstance(cv, bool) and int(cv) >= 2:
        drawn: Any = {"shuffle": True, "random_state": seed}
        if groups is not None:
            return StratifiedGroupKFold(int(cv), **drawn) if strata else GroupKFold(int(cv))
        _check_smallest(int(cv), y, strata)
        return StratifiedKFold(int(cv), **drawn) if strata else KFold(int(cv), **drawn)
    if isinstance(cv, Real) and not isinstance(cv, Integral) and 0 < float(cv) < 1:
        share: Any = {"n_splits": 1, "test_size": float(cv), "random_state": seed}
        if groups is not None:
            return GroupShuffleSplit(**share)
        return StratifiedShuffleSplit(**share) if strata else ShuffleSplit(**share)
    if hasattr(cv, "split") and not isinstance(cv, str):
        return cv
    if isinstance(cv, Iterable) and not isinstance(cv, (str, bytes, dict)):
        pairs = list(cv)
        if all(isinstance(each, (tuple, list)) and len(each) == 2 for each in pairs):
            return pairs
    raise ParameterError(f"cv was {cv!r:.100}; {EXPECTED}.")


def _check_smallest(folds: int, y: Any, strata: bool) -> None:
    """A class with fewer rows than folds is missing in some: scikit-learn warns, after the wait."""
    if not strata:
        return
    classes, sizes = np.unique(np.asarray(y), return_counts=True)
    least = int(np.argmin(sizes))
    fewest = int(sizes[least])
    if fewest < folds:
        rows = f"{fewest} row{'s' * (fewest != 1)}"
        name = classes.tolist()[least]
        raise DataError(
            f"class {name!r} has {rows}, too few for {folds} folds with a row of it in each. Give "
            f"fewer folds, '{LEAVE_ONE_OUT}', or more rows of it."
        )


def _check_classes(splits: list[Split], y: np.ndarray) -> None:
    """A fit without a row of a class knows nothing of it."""
    if y.ndim != 1:
        return
    classes, which = np.unique(y, return_inverse=True)
    for place, (train, _) in enumerate(splits, 1):
        there = np.bincount(which[train], minlength=len(classes))
        if not there.all():
            name = classes.tolist()[int(np.argmin(there))]
            count = int(np.sum(y == name))
            raise DataError(
                f"fold {place} of {len(splits)} leaves no row of class {name!r} to fit: all "
                f"{count} of it are held out. Bring more rows of it, leave it out, or divide "
                "otherwise with cv."
                if count > 1
                else f"fold {place} of {len(splits)} leaves no row of class {name!r} to fit: its "
                "only row is held out. Bring more rows of it, or leave it out."
            )


def _words(splitter: Any, splits: list[Split], rows: int) -> str:
    if isinstance(splitter, LeaveOneOut):
        return f"leave-one-out of {rows} rows"
    held = [len(each) for _, each in splits]
    sizes = f"{min(held)} to {max(held)}" if min(held) < max(held) else str(held[0])
    if len(splits) == 1:
        return f"{sizes} of {rows} rows held out"
    return f"{len(splits)} folds of {sizes} rows"
