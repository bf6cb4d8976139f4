"""Rows as they come from users: checked once, with the column named where something is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils._missing import is_pandas_na, is_scalar_nan
from sklearn.utils.validation import _check_sample_weight, validate_data

from unstuck.activations import Array
from unstuck.errors import DataError

DATES = ("date", "time", "duration")
"""How types of dates and times begin, in NumPy, pandas and polars."""


def checked_rows(estimator: Any, x: Any, reset: bool) -> Array:
    """Inputs as rows of float64, dense or CSR; float32 stays float32. Every entry is finite.

    Raises:
        DataError: NaN, infinity, text or dates, with the column's name.
    """
    _refuse_dates(x)
    try:
        rows = validate_data(
            estimator,
            x,
            reset=reset,
            dtype=[np.float64, np.float32],
            order="C",
            accept_sparse="csr",
            ensure_all_finite=False,
        )
    except ValueError as problem:
        if "could not convert string to float" not in str(problem):
            raise
        raise DataError(_about_text(x, getattr(estimator, "feature_names_in_", None))) from problem
    refuse_non_finite(rows, "X", getattr(estimator, "feature_names_in_", None))
    return rows


def _refuse_dates(x: Any) -> None:
    """Dates would become nanoseconds since 1970, and no network learns from those."""
    if hasattr(x, "columns") and hasattr(x, "dtypes"):
        columns = [(repr(name), kind) for name, kind in zip(x.columns, x.dtypes, strict=True)]
    else:
        columns = [("all columns", getattr(x, "dtype", None))]
    found = [f"{name} ({kind})" for name, kind in columns if str(kind).lower().startswith(DATES)]
    if found:
        raise DataError(
            f"X holds dates or times: {', '.join(found)}; expected numbers. Encode them, with "
            "unstuck.TableEncoder."
        )


def _about_text(x: Any, names: Any) -> str:
    """What to say of rows that hold text: the first such column and its first text."""
    cells = np.asarray(x, dtype=object)
    for row, column in sorted(np.ndindex(cells.shape), key=lambda place: place[::-1]):
        try:
            float(cells[row, column])
        except (TypeError, ValueError):
            place = column if names is None else repr(names[column])
            return (
                f"X contains text in column {place} ({cells[row, column]!r}); expected numbers. "
                "Encode text columns, with unstuck.TableEncoder or "
                "sklearn.preprocessing.OneHotEncoder."
            )
    return "X contains text; expected numbers."


def fast_rows(estimator: Any, x: Any) -> Array:
    """As ``checked_rows(reset=False)``, without its overhead for a plain array that fits."""
    plain = type(x) is np.ndarray and x.ndim == 2 and x.dtype in (np.float64, np.float32) and len(x)
    if (
        plain
        and x.shape[1] == estimator.n_features_in_
        and not hasattr(estimator, "feature_names_in_")
        and np.isfinite(x).all()
    ):
        return np.asarray(x, np.float64)
    return checked_rows(estimator, x, reset=False)


def refuse_non_finite(a: Array, what: str, names: Any = None) -> None:
    """Raise a ``DataError`` that names the first column with NaN or infinity."""
    entries = a.data if sparse.issparse(a) else a
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(entries.sum()) or np.isfinite(entries).all():
            return
    entries = a.tocoo() if sparse.issparse(a) else sparse.coo_array(_bad_cells(a))
    broken = ~np.isfinite(entries.data)
    column = entries.col[broken].min()
    found = entries.data[broken & (entries.col == column)]
    kind = "NaN" if np.isnan(found).any() else "infinity (inf)"
    place = "" if a.ndim == 1 else f" in column {column if names is None else repr(names[column])}"
    filled = ", or fill the gaps with sklearn.impute.SimpleImputer" if what == "X" else ""
    raise DataError(
        f"{what} contains {kind}{place} ({len(found)} of {a.shape[0]} rows); expected finite "
        f"numbers. Remove these rows{filled}."
    )


def refuse_missing_labels(y: Any) -> None:
    """Raise a ``DataError`` for labels that are missing or cannot be compared."""
    if sparse.issparse(y):
        return
    try:
        labels = np.asarray(y)
    except ValueError:
        return  # rows of different lengths: scikit-learn says so
    if labels.dtype.kind == "f":
        refuse_non_finite(labels, "y")
    if labels.dtype.kind != "O" or labels.ndim != 1:
        return
    missing = sum(_is_missing(each) for each in labels)
    if missing:
        raise DataError(
            f"y has no label (None or NaN) in {missing} of {len(labels)} rows; expected a class "
            "for every row. Remove these rows."
        )
    kinds = {type(each).__name__ for each in labels}
    if "str" in kinds and len(kinds) > 1:
        raise DataError(
            f"y mixes labels of types {', '.join(sorted(kinds))}; expected only text or only "
            "numbers. Convert them, for example with [str(label) for label in y]."
        )


def _is_missing(label: Any) -> bool:
    return label is None or is_scalar_nan(label) or is_pandas_na(label)


def _bad_cells(a: np.ndarray) -> np.ndarray:
    """The entries that are not finite, zeros elsewhere, as a matrix."""
    matrix = a.reshape(len(a), -1)
    return np.where(np.isfinite(matrix), 0.0, matrix)


def checked_weights(sample_weight: Any, x: Array) -> np.ndarray:
    """Weights of the rows, shape (n,), not negative, not all zero; ones where none are given."""
    w = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
    if not w.sum() > 0:
        raise DataError(
            "sample_weight is zero for every row; expected at least one positive weight."
        )
    return w
