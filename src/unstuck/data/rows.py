"""Rows of a table in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.errors import DataError

if TYPE_CHECKING:
    import polars as pl

ROWS_NAMED = 5


def row_list(which: Any) -> str:
    """The first row numbers where a mask is true, counted from 1 below the column names.

    Example:
        >>> row_list([False, True, True])
        'rows 2, 3'
    """
    rows = (np.flatnonzero(which) + 1).tolist()
    more = f" and {len(rows) - ROWS_NAMED} more" if len(rows) > ROWS_NAMED else ""
    word = "row" if len(rows) == 1 else "rows"
    return f"{word} {', '.join(map(str, rows[:ROWS_NAMED]))}{more}"


def refuse(column: pl.Series, wrong: pl.Series, expected: str, why: str = "") -> None:
    """Refuse a column for its values where a mask is true.

    Raises:
        DataError: names column, value and rows, and what was expected; ``why`` may follow.
    """
    if wrong.any():
        raise DataError(
            f"column {column.name!r} holds {column.filter(wrong)[0]!r} in {row_list(wrong)}; "
            f"expected {expected}, as in the table of the fit{why}."
        )
