"""Which rows are fitted and which are held out, fold by fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        DataError: rows and targets that do not belong together; it cannot divide these rows, fits
            what it holds out, or leaves a class without a row to fit.

    Example:
        >>> folds_of("loo", False, np.zeros((4, 1)), np.arange(4.0)).words
        'leave-one-out of 4 rows'
    """
    rows = _check_rows(X, y, groups)
    if classes:
        _check_targets(y)
    splitter = _splitter(cv, classes, y, groups, random_state)
    try:
        pairs = splitter.split(X, y, groups) if hasattr(splitter, "split") else splitter
        splits = [(_numbers(train), _numbers(held)) for train, held in pairs]
    except (ValueError, TypeError) as problem:
        raise DataError(
            f"{'this' if rows == 1 else 'these'} {_counted(rows)} cannot be divided by "
            f"{cv!r:.100}: {first_sentence(problem)} Give more rows, fewer folds, or other groups."
        ) from problem
    if not splits:
        raise ParameterError(f"cv={cv!r:.100} gives no folds; {EXPECTED}.")
    for place, split in enumerate(splits, 1):
        _check_split(split, rows, f"fold {place} of {len(splits)}")
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
    if hasattr(cv, "split") and not isinstance(cv, (str, bytes, type)):
        return cv
    if isinstance(cv, Iterable) and not isinstance(cv, (str, bytes, dict)):
        pairs = list(cv)
        if all(isinstance(each, (tuple, list)) and len(each) == 2 for each in pairs):
            return pairs
    raise ParameterError(f"cv was {cv!r:.100}; {EXPECTED}.")


def _check_rows(X: Any, y: Any, groups: Any) -> int:
    """How many rows there are, of everything."""
    counts = {}
    for name, given in (("X", X), ("y", y), ("groups", groups)):
        if given is None and name != "X":
            continue
        if isinstance(given, (str, bytes, Mapping)) or not _has_rows(given):
            raise DataError(f"{name} was {given!r:.60}; expected one entry for each row.")
        counts[name] = int(given.shape[0]) if hasattr(given, "shape") else len(given)
    if len(set(counts.values())) > 1:
        told = " and ".join(f"{name} has {_counted(count)}" for name, count in counts.items())
        raise DataError(f"{told}; expected the same number of each.")
    return counts["X"]


def _has_rows(given: Any) -> bool:
    return len(given.shape) > 0 if hasattr(given, "shape") else hasattr(given, "__len__")


def _check_targets(y: Any) -> None:
    """Classes can be told from each other: none is missing, none is a text beside numbers."""
    listed = np.asarray(y)
    if listed.dtype.kind == "f" and listed.ndim == 1 and (listed % 1 > 0).any():
        raise DataError(
            f"y has numbers such as {listed[listed % 1 > 0][0]:g}; a classifier expects classes. "
            "Take a regressor, or write classes as texts or whole numbers."
        )
    if listed.dtype.kind not in "fOc":
        return
    missing = int(sum(each is None or each != each for each in listed.ravel().tolist()))
    if missing:
        raise DataError(
            f"y has no class in {_counted(missing)} (None or NaN); expected one for each row. "
            "Leave these rows out."
        )
    kinds = {isinstance(each, str) for each in listed.ravel().tolist()}
    if len(kinds) > 1:
        raise DataError(
            "y has texts and numbers; expected classes of one kind, such as y.astype(str)."
        )


def _numbers(rows: Any) -> np.ndarray:
    """Of rows that may be given as a mask."""
    listed = np.asarray(rows)
    return np.flatnonzero(listed) if listed.dtype == bool else listed


def _check_split(split: Split, rows: int, fold: str) -> None:
    for listed, name in zip(split, ("fits", "holds out"), strict=True):
        if listed.ndim != 1 or not len(listed) or listed.dtype.kind not in "iu":
            raise DataError(
                f"{fold} {name} {listed!r:.60}; expected numbers of rows, at least one."
            )
        if listed.min() < -rows or listed.max() >= rows:
            raise DataError(
                f"{fold} {name} row {listed.max() if listed.max() >= rows else listed.min()}; "
                f"expected numbers from 0 to {rows - 1}."
            )
    both = np.intersect1d(split[0] % rows, split[1] % rows)
    if len(both):
        raise DataError(
            f"{fold} fits {_counted(len(both))} that it holds out, the first {both[0]}; expected "
            "other rows, for what was fitted tells nothing of new ones."
        )


def _counted(rows: int) -> str:
    return f"{rows} row{'s' * (rows != 1)}"


def _check_smallest(folds: int, y: Any, strata: bool) -> None:
    """A class with fewer rows than folds is missing in some: scikit-learn warns, after the wait."""
    if not strata:
        return
    classes, sizes = np.unique(np.asarray(y), return_counts=True)
    least = int(np.argmin(sizes))
    fewest = int(sizes[least])
    if fewest < folds:
        name = classes.tolist()[least]
        fewer = "" if fewest < 2 else f"Give fewer folds, '{LEAVE_ONE_OUT}', or more rows of it."
        raise DataError(
            f"class {name!r} has {_counted(fewest)}, too few for {folds} folds with a row of it in "
            f"each. {fewer or 'Bring more rows of it, or leave it out.'}"
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
    return f"{len(splits)} folds of {sizes} row{'s' * (max(held) > 1)}"
