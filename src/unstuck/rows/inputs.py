"""Rows as they come from users: checked once, with the column named where something is wrong."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.validation import _check_sample_weight, validate_data

from unstuck.activations import Array
from unstuck.errors import DataError
from unstuck.rows.received import cells_of, is_table, refuse_containers, refused_as_data
from unstuck.rows.received_numbers import numbers_of

NUMBERS = re.compile(r"(float|u?int)\d+|bool(ean)?|sparse.*", re.IGNORECASE)
"""Names of types of columns, in pandas and polars, that scikit-learn reads as they are."""


def checked_rows(estimator: Any, x: Any, reset: bool) -> Array:
    """Inputs as rows of float64, dense or CSR; float32 stays float32. Every entry is finite.

    Raises:
        DataError: entries that are no finite numbers, with the column's name; rows that do not
            fit the estimator.
    """
    x = encoded(estimator, x, reset)
    names = getattr(estimator, "feature_names_in_", None)
    _refuse_entries(x, names)
    with refused_as_data("X"):
        rows = validate_data(
            estimator,
            x,
            reset=reset,
            dtype=[np.float64, np.float32],
            order="C",
            accept_sparse="csr",
            ensure_all_finite=False,
        )
    refuse_non_finite(rows, "X", getattr(estimator, "feature_names_in_", None))
    if not sparse.issparse(x) and max(rows.max(), -rows.min()) >= 2**53:
        numbers_of(x, "X", names)  # which refuses whole numbers that were rounded
    return rows


def encoded(estimator: Any, x: Any, reset: bool) -> Any:
    """What an estimator that was saved with a table takes in place of a frame.

    A frame with the table's columns is encoded by it; one of encoded columns is put into their
    order. Anything else stays as it is. A new fit to a frame of other columns forgets the table.
    """
    table, lazy = getattr(estimator, "table_", None), type(x).__name__ == "LazyFrame"
    if table is None or not (lazy or is_table(x)):
        return x
    names = set(map(str, x.collect_schema() if lazy else x.columns))
    outputs = list(table.get_feature_names_out())
    if {column.name for column in table.columns_} <= names:
        return table.transform(x)
    if reset:
        del estimator.table_
        return x
    if set(outputs) <= names and not lazy:
        return np.asarray(x[outputs])
    return table.transform(x)  # which says what is missing


def _refuse_entries(x: Any, names: Any) -> None:
    """Raise a ``DataError`` for what is no number, or missing in columns of objects."""
    if sparse.issparse(x):
        return
    refuse_containers(x, "X")
    if is_table(x):
        _refuse_names(x.columns)
        if not all(NUMBERS.fullmatch(str(kind)) for kind in x.dtypes):
            refuse_non_finite(numbers_of(x, "X"), "X", x.columns)
        return
    cells = cells_of(x, "X")
    if cells.dtype.kind not in "biuf":
        fits = names is not None and cells.ndim == 2 and len(names) == cells.shape[1]
        names = names if fits else None
        refuse_non_finite(numbers_of(cells, "X", names), "X", names)


def _refuse_names(columns: Any) -> None:
    """Raise a ``DataError`` for names that cannot tell columns apart."""
    names = list(columns)
    if not names:
        raise DataError("X has no columns; expected at least one, of numbers.")
    twice, count = next(iter(Counter(names).most_common(1)), (None, 0))
    if count > 1:
        places = [place for place, name in enumerate(names) if name == twice]
        raise DataError(
            f"X has {len(places)} columns of the name {twice!r} (columns "
            f"{', '.join(map(str, places))}); expected different names. Rename them, or pass "
            "X.to_numpy() to take columns by place."
        )
    kinds = sorted({type(name).__name__ for name in names})
    if len(kinds) > 1 and "str" in kinds:
        raise DataError(
            f"X has column names of types {', '.join(kinds)}; expected only text. Convert them, "
            "with X.columns = X.columns.astype(str)."
        )


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


def _bad_cells(a: np.ndarray) -> np.ndarray:
    """The entries that are not finite, zeros elsewhere, as a matrix."""
    matrix = a.reshape(len(a), -1)
    return np.where(np.isfinite(matrix), 0.0, matrix)


def checked_weights(sample_weight: Any, x: Array) -> np.ndarray:
    """Weights of the rows, shape (n,), not negative, not all zero; ones where none are given."""
    if sample_weight is not None and not np.isscalar(sample_weight):
        sample_weight = numbers_of(sample_weight, "sample_weight")
        refuse_non_finite(sample_weight, "sample_weight")
    with refused_as_data("sample_weight"):
        w = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
    refuse_weightless(w, "sample_weight")
    return w


def refuse_weightless(w: np.ndarray, what: str) -> None:
    """Raise a ``DataError`` for weights whose sum cannot be divided by."""
    with np.errstate(over="ignore"):
        total = float(w.sum())
    if total == 0.0:
        raise DataError(f"{what} is zero for every row; expected at least one positive weight.")
    if not np.finfo(float).tiny <= total < np.inf:
        raise DataError(
            f"{what} sums to {total:g}; expected a sum that float64 can divide by. Divide the "
            "weights by their largest."
        )
