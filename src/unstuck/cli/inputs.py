"""The columns of a table that a trained estimator takes, as it takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from scipy import sparse

TARGET = "target"
"""The target column of a built-in data set, and by custom."""


def inputs_of(estimator: Any, table: pl.DataFrame) -> np.ndarray | sparse.csr_matrix | pl.DataFrame:
    """Inputs, shape (n, inputs); a frame where the estimator knows names.

    By the table the model was saved with; else by the names of the columns it was fitted on; else
    all columns but ``target``, in their order.

    Raises:
        DataError: columns are missing, or values are no numbers.
    """
    if estimator.table_ is not None:
        return estimator.table_.transform(table)
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        return _numbers(_all_columns(table, estimator.n_features_in_)).to_numpy()
    missing = [str(name) for name in names if name not in table.columns]
    if missing:
        listed = ", ".join(map(repr, missing))
        raise DataError(
            f"the table lacks {listed}, which the network was trained on."
            f"{did_you_mean(missing[0], table.columns)}"
        )
    return _numbers(table.select(list(map(str, names))))


def _all_columns(table: pl.DataFrame, width: int) -> pl.DataFrame:
    inputs = table.drop(TARGET, strict=False) if table.width > width else table
    if inputs.width != width:
        raise DataError(
            f"the table has {inputs.width} columns, and the network takes {width}. It was saved "
            "without names, so the columns must be those of the fit, in their order; the target "
            f"may be among them as {TARGET!r}."
        )
    return inputs


def _numbers(table: pl.DataFrame) -> pl.DataFrame:
    """Columns of numbers, which every one must be where nothing is known of the others."""
    from unstuck.data.kinds import NUMBER
    from unstuck.data.signs import likely_sign, signs_of

    signs = signs_of(((each, NUMBER.decimal) for each in table), likely_sign(table))
    return table.with_columns(NUMBER.read(each, signs) for each in table)
