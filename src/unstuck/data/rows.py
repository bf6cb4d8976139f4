"""Rows of a table in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np

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
