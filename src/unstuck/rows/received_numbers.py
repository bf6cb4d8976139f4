"""Numbers that users pass, as they are: what is none is named by its row and column."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import DataError
from unstuck.rows.received import (
    BYTES,
    COMPLEX,
    DATES,
    MISSING,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    cells_of,
    columns_of,
    is_table,
    kinds_of,
    refuse_containers,
)

MOST_LOST = 1e-6
"""Share of the range of a column that may be lost to rounding."""


class _NumberError(DataError, TypeError):
    """scikit-learn's contract wants a ``TypeError`` where ``float()`` raises one."""


def numbers_of(given: Any, what: str, names: Any = None) -> np.ndarray:
    """Numbers as they were received, in their shape; missing ones are NaN.

    Arguments:
        given: an array, a list, a series or a frame.
        what: what it is called.
        names: of the columns; a frame has its own.

    Raises:
        DataError: an entry that is no number, with its column and row.
    """
    refuse_containers(given, what)
    if is_table(given):
        columns, names = [cells_of(each, what) for each in columns_of(given)], given.columns
        shape: tuple[int, ...] = (len(given), len(columns))
    else:
        cells = cells_of(given, what)
        if cells.dtype.kind in "bf" or cells.ndim not in (1, 2) or not cells.size:
            return cells
        columns, shape = list(cells.reshape(len(cells), -1).T), cells.shape
    named = range(len(columns)) if names is None else [repr(name) for name in names]
    places = [""] if len(shape) == 1 else [f" in column {name}" for name in named]
    found = [_numbers(each, what, place) for each, place in zip(columns, places, strict=True)]
    return np.stack(found, axis=1).reshape(shape) if found else np.empty(shape)


def _numbers(cells: np.ndarray, what: str, place: str) -> np.ndarray:
    if cells.dtype.kind in "bf":
        return cells
    if cells.dtype.kind in "iu":
        _refuse_rounded(cells, what, place)
        return cells
    kinds = kinds_of(cells)
    if set(kinds) == {WHOLE}:
        _refuse_rounded(cells, what, place)
    numbers = [_number(cell, kind) for cell, kind in zip(cells, kinds, strict=True)]
    wrong = [row for row, number in enumerate(numbers) if number is None]
    if wrong:
        readable = kinds[wrong[0]] in (WHOLE, NUMBER, TEXT, BYTES)
        error = DataError if readable else _NumberError
        raise error(_no_numbers(cells, kinds, wrong, what, place))
    return np.array(numbers, np.float64)


def _number(cell: Any, kind: str) -> float | None:
    """The cell as a number, ``None`` where it is none."""
    if kind is MISSING:
        return np.nan
    if kind not in (TRUTH, WHOLE, NUMBER, TEXT, BYTES):
        return None
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None


def _no_numbers(cells: Any, kinds: list[str], wrong: list[int], what: str, place: str) -> str:
    row = wrong[0]
    kind, cell = kinds[row], cells[row]
    if kind in (WHOLE, NUMBER):
        kind = "numbers that are too large"
    advice = _ADVICE_FOR_ROWS if what == "X" else _ADVICE
    return (
        f"{what} contains {kind}{place} ({cell!r:.60}) in {len(wrong)} of {len(kinds)} rows, first "
        f"in row {row}; expected numbers. {advice.get(kind, _OTHERWISE)}"
    )


_OTHERWISE = "Convert them: every argument must be a string that spells a number, or a number."
_ADVICE = {
    DATES: "Convert them, for example to days since a date.",
    COMPLEX: "Complex data not supported: pass real and imaginary parts as columns.",
}
_ADVICE_FOR_ROWS = _ADVICE | {
    DATES: "Encode them, with unstuck.TableEncoder.",
    TEXT: "Encode text columns, with unstuck.TableEncoder or sklearn.preprocessing.OneHotEncoder.",
}


def _refuse_rounded(cells: np.ndarray, what: str, place: str) -> None:
    """Raise a ``DataError`` for whole numbers whose differences float64 rounds away."""
    if not cells.size:
        return
    low, high = int(cells.min()), int(cells.max())
    if max(-low, high) <= 2**53 or max(-low, high) > 2**1023:
        return
    lost = max(abs(int(float(each)) - each) for each in cells.tolist())
    if lost > MOST_LOST * (high - low):
        raise DataError(
            f"{what} holds whole numbers beyond 2**53{place}, from {low!s:.40} to {high!s:.40}, "
            f"which float64 rounds by up to {lost}; expected numbers that it can tell apart. "
            "Subtract the smallest from all of them, or leave out what only names the rows."
        )
