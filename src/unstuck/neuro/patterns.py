"""How the patterns of a memory are written: as signs, as bits or as booleans."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from unstuck.errors import DataError

WRITTEN = {"signs": "-1 and +1", "bits": "0 and 1", "booleans": "False and True"}
"""The three ways, and their two values."""


class Writing(NamedTuple):
    """How patterns are written, and of what shape each is.

    Attributes:
        way: of ``WRITTEN``.
        shape: of one pattern, ``(units,)`` or that of an image.
        dtype: of the patterns that were stored.
    """

    way: str
    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def units(self) -> int:
        """One for each entry of a pattern."""
        return math.prod(self.shape)

    def signs(self, given: Any, what: str, unknown: bool = True) -> np.ndarray:
        """Patterns as -1 and +1, shape (patterns, units); 0 where an entry is not known.

        Arguments:
            given: one pattern of the shape, or several below each other; what a masked array masks
                is not known.
            what: how messages call it.
            unknown: whether entries may be unknown: NaN, and with signs 0 as well.

        Raises:
            DataError: another shape, or other values.
        """
        values = _numbers(given, what)
        if self.way == "signs" and np.asarray(given).dtype.kind == "b":
            raise DataError(  # a False would be taken for an entry that is not known
                f"{what} has booleans; expected -1 and +1, as the patterns are written that were "
                "stored: np.where(cue, 1, -1)."
            )
        if values.shape != self.shape and values.shape[1:] != self.shape:
            raise DataError(
                f"{what} has the shape {values.shape}; expected {self.shape}, one pattern as it "
                f"was stored, or (n, {', '.join(map(str, self.shape))}) for several."
            )
        rows = values.reshape(-1, self.units)
        low = -1.0 if self.way == "signs" else 0.0
        blank = np.isnan(rows) if low == 0 else np.isnan(rows) | (rows == 0)
        wrong = ~((rows == 1) | (rows == low) | (blank & unknown))
        if wrong.any():
            gap = ""
            if unknown:
                gap = f"; NaN{' or 0' if low else ''} where an entry is not known"
            raise DataError(
                f"{what} has the value {rows[wrong][0]:g}; expected {WRITTEN[self.way]}, as the "
                f"patterns are written that were stored{gap}."
            )
        return np.where(blank, 0.0, np.where(rows == 1, 1.0, -1.0))

    def written(self, signs: np.ndarray) -> np.ndarray:
        """Signs as the patterns were written, of their shape and dtype.

        Where a sign is 0, not known, signs keep it, and bits and booleans become floats with NaN.
        """
        shaped = signs.reshape(*signs.shape[:-1], *self.shape)
        if self.way == "signs":
            return shaped.astype(self.dtype)
        bits = np.where(shaped == 0, np.nan, (shaped + 1) / 2)
        return bits if np.isnan(bits).any() else bits.astype(self.dtype)


def writing_of(patterns: Any) -> Writing:
    """How patterns are written that are to be stored.

    Arguments:
        patterns: shape (patterns, units), or (patterns, height, width): all of them -1 and +1, all
            0 and 1, or booleans. Where all entries are 1, they are signs.

    Raises:
        DataError: fewer than two units, or other values.

    Example:
        >>> writing_of([[0, 1, 1]]).way, writing_of([[-1, 1, 1]]).way
        ('bits', 'signs')
    """
    values = _numbers(patterns, "patterns")
    if values.ndim < 2 or len(values) == 0 or math.prod(values.shape[1:]) < 2:
        raise DataError(
            f"patterns have the shape {values.shape}; expected (patterns, units), or (patterns, "
            "height, width) for images, with 1 pattern and 2 units at least. Write [pattern] to "
            "store one."
        )
    kind = np.asarray(patterns).dtype
    way = "booleans" if kind.kind == "b" else "bits" if (values == 0).any() else "signs"
    # No unsigned dtype holds what a memory of signs may come to: a -1.
    dtype = np.dtype(np.int8) if way == "signs" and kind.kind in "uO" else kind
    return Writing(way, values.shape[1:], dtype if dtype.kind != "O" else np.dtype(float))


def _numbers(given: Any, what: str) -> np.ndarray:
    try:
        array = np.asarray(given)
        if array.dtype.kind not in "biufO":
            raise TypeError
        return np.ma.filled(np.ma.masked_array(given, dtype=np.float64), np.nan)
    except (TypeError, ValueError):
        raise DataError(
            f"{what} could not be read as numbers of one shape, got {type(given).__name__}; "
            "expected an array of -1 and +1, of 0 and 1, or of booleans."
        ) from None
