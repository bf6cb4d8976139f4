"""Class labels that users pass: all of one kind, and none of them changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from unstuck.errors import DataError
from unstuck.rows.received import (
    BYTES,
    COMPLEX,
    MISSING,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    cells_of,
    kinds_of,
)


def labels_of(given: Any, what: str = "y") -> np.ndarray:
    """Class labels of one kind: truth values, whole numbers, numbers or text.

    Raises:
        DataError: labels that are missing, of several kinds, rounded, or that none can be.
    """
    cells = cells_of(given, what)
    if cells.dtype.kind == "O":
        cells = _settled(cells, what)
        if cells.dtype.kind == "O" and isinstance(given, (list, tuple)):
            cells = np.asarray(given)  # a list of texts is NumPy's text
    if cells.dtype == np.longdouble:
        cells = cells.astype(np.float64)  # what a file can hold
    _refuse_rounded_labels(cells, what)
    kinds = set(kinds_of(cells.reshape(-1)[:1])) - {TRUTH, WHOLE, NUMBER, TEXT}
    if kinds:
        raise DataError(_no_labels(kinds.pop(), cells.reshape(-1)[0], what))
    return cells


def _settled(cells: np.ndarray, what: str) -> np.ndarray:
    """Objects of one kind, in NumPy's type for them."""
    flat = cells.reshape(-1)
    kinds = kinds_of(flat)
    found = dict(zip(reversed(kinds), reversed(flat), strict=True))  # the first of each kind
    if MISSING in found:
        rows = np.array([kind is MISSING for kind in kinds]).reshape(len(cells), -1).any(1)
        raise DataError(
            f"{what} has no label (None or NaN) in {rows.sum()} of {len(cells)} rows; expected a "
            "class for every row. Remove these rows."
        )
    if len(found) > 1 and set(found) != {WHOLE, NUMBER}:
        raise DataError(_mixed(flat, what))
    if TEXT in found or not found.keys() <= {TRUTH, WHOLE, NUMBER}:
        return cells
    if Decimal in {type(each) for each in flat}:
        raise DataError(_no_labels("values of type Decimal", flat[0], what))
    return _whole(cells, what) if set(found) == {WHOLE} else np.array(cells.tolist())


def _mixed(labels: np.ndarray, what: str) -> str:
    first = {type(each).__name__: row for row, each in reversed(list(enumerate(labels)))}
    shown = ", ".join(f"{labels[row]!r:.40} in row {row}" for row in sorted(first.values()))
    return (
        f"{what} mixes labels of types {', '.join(sorted(first))} ({shown}); expected only text or "
        "only numbers. Convert them, for example with [str(label) for label in y]."
    )


def _whole(cells: np.ndarray, what: str) -> np.ndarray:
    """Whole numbers; NumPy would make rounded ones of large beside small."""
    found = cells.reshape(-1).tolist()
    low, high = min(found), max(found)
    for dtype in (np.int64, np.uint64):
        if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max:
            return cells.astype(dtype)
    raise DataError(
        f"{what} holds whole numbers from {low!s:.40} to {high!s:.40}; expected labels of at most "
        "64 bits. Pass them as text, for example with [str(label) for label in y]."
    )


def _refuse_rounded_labels(labels: np.ndarray, what: str) -> None:
    """Floating-point labels so large that other whole numbers may have become the same."""
    if labels.dtype.kind != "f" or not labels.size:
        return
    most = 2.0 ** (np.finfo(labels.dtype).nmant + 1)
    large = labels[np.isfinite(labels) & (abs(labels) > most)]
    if large.size:
        raise DataError(
            f"{what} holds the label {large[0]!s} as {labels.dtype}, which cannot tell whole "
            f"numbers beyond {most:.0f} apart; expected classes. Pass whole numbers or text, or "
            "use NetRegressor for numbers."
        )


def _no_labels(kind: str, cell: Any, what: str) -> str:
    advice = (
        f"Complex data not supported: convert {what}."
        if kind == COMPLEX
        else (
            f"Convert them, for example with [str(label) for label in {what}]."
            if kind != BYTES
            else f"Decode them, for example with [label.decode() for label in {what}]."
        )
    )
    return (
        f"{what} contains {kind} ({cell!r:.60}); expected classes as text, whole numbers or truth "
        f"values. {advice}"
    )
