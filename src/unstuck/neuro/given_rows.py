"""Rows and classes that the pieces of neurobiology are given: read as networks read theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from unstuck.errors import DataError
from unstuck.rows.inputs import checked_rows, refuse_non_finite
from unstuck.rows.received import refused_as_data
from unstuck.rows.received_labels import labels_of


def given_rows(X: Any, of: BaseEstimator | str, *, dense: bool = True, reset: bool = True) -> Any:
    """Finite numbers in rows, float64, shape (n, inputs).

    Arguments:
        X: what was given.
        of: the estimator whose inputs they are, or the name of a function.
        dense: whether sparse rows are refused; else they are CSR.
        reset: whether the estimator takes their number and names as its own.

    Raises:
        DataError: no rows, or entries that are no finite numbers, with the column.
    """
    name = of if isinstance(of, str) else type(of).__name__
    if dense and sparse.issparse(X):
        raise DataError(f"{name}: X was sparse, a {type(X).__name__}; expected X.toarray().")
    reader = type(name, (BaseEstimator,), {})() if isinstance(of, str) else of
    return checked_rows(reader, X, reset).astype(np.float64, copy=False)


def given_classes(y: Any, rows: Any, name: str) -> np.ndarray:
    """A class for each row, shape (n,).

    Raises:
        DataError: none, of several kinds, or not one for each row.
    """
    if y is None:
        raise DataError(
            f"{name} requires y to be passed, but the target y is None; expected a class for each "
            "row."
        )
    labels = labels_of(y)
    if labels.dtype.kind == "f":
        refuse_non_finite(labels, "y")
    with refused_as_data("y"):
        check_classification_targets(labels)
        labels = column_or_1d(labels, warn=True)
    if len(labels) != rows.shape[0]:
        raise DataError(
            f"{name}: X has {rows.shape[0]} rows, y has {len(labels)}; expected one class for each "
            "row."
        )
    return np.asarray(labels)
