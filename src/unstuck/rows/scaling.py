"""Standardization of inputs and targets with weighted statistics of the training rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from unstuck.activations import Array

BLOCK_ENTRIES = 1 << 14
"""Entries of the blocks in which rows are standardized: they stay in the cache."""

PILOT_ROWS = 128
"""Rows whose mean is the pilot about which moments of float32 rows are taken."""
SMALLEST_SQUARE = 1e-30
"""Mean square below which single squares may have been rounded to 0 in float32."""
FAR = 1024.0
"""Deviations from 0 beyond which a column's mean is taken off in float64."""


@dataclass(frozen=True)
class Scaler:
    """``(x - mean) / scale`` for every column; constant columns are divided by 1.

    Columns of zeros and ones are left as they are: one in a hundred rows, standardized, is ten
    standard deviations away, and a rare level outweighs all the rest.

    Attributes:
        mean: shape (columns,).
        scale: standard deviations, shape (columns,).

    Example:
        >>> import numpy as np
        >>> from unstuck.rows.scaling import Scaler
        >>> Scaler.of(np.array([[1.0, 5.0], [3.0, 5.0]]), np.ones(2))
        Scaler(mean=array([2., 5.]), scale=array([1., 1.]))
    """

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def identity(cls, columns: int) -> Scaler:
        """The scaler that changes nothing."""
        return cls(np.zeros(columns), np.ones(columns))

    @classmethod
    def of(cls, x: Array, w: np.ndarray) -> Scaler:
        """Statistics of rows ``x`` (n, columns), dense or sparse, with weights ``w`` (n,)."""
        found, flags = cls._of_numbers(x, w), indicators(counted(x, w))
        return cls(np.where(flags, 0.0, found.mean), np.where(flags, 1.0, found.scale))

    @classmethod
    def of_all(cls, x: Array, w: np.ndarray) -> Scaler:
        """The same, of columns of zeros and ones too: targets."""
        return cls._of_numbers(x, w)

    @classmethod
    def _of_numbers(cls, x: Array, w: np.ndarray) -> Scaler:
        if isinstance(x, np.ndarray) and _in_single(x):
            found = _single_moments(x, w)
            if found is not None:
                return cls._of_moments(*found, len(w))
        x = x.astype(np.float64, copy=False)
        # Dividing by the largest entry first keeps squares of huge values finite.
        largest = np.maximum(_largest(x), 1.0)
        unit = largest if largest.max() > 1e100 else np.ones(x.shape[1])
        mean, variance = (_sparse_moments if sparse.issparse(x) else _moments)(x, w, unit)
        return cls._of_moments(mean, variance, len(w), unit)

    @classmethod
    def _of_moments(
        cls, mean: np.ndarray, variance: np.ndarray, rows: int, unit: Any = 1.0
    ) -> Scaler:
        """From mean and variance in units of ``unit``."""
        rounding = rows * np.finfo(float).eps
        constant = variance <= rounding * variance + (rounding * mean) ** 2
        return cls(mean * unit, np.where(constant, 1.0, np.sqrt(variance) * unit))

    @property
    def columns(self) -> int:
        """Columns of the rows it takes."""
        return len(self.mean)

    @property
    def width(self) -> int:
        """Columns of the rows it makes."""
        return len(self.mean)

    def names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the columns it makes: those of the rows."""
        return columns

    @property
    def changes_nothing(self) -> bool:
        """Whether this is the identity."""
        return not self.mean.any() and bool((self.scale == 1.0).all())

    def bounds(self, x: Array) -> tuple[np.ndarray, np.ndarray]:
        """Least and largest standardized value of every column, for rows (n, columns)."""
        ends = (x.min(0), x.max(0))
        low, high = (end.toarray()[0] if sparse.issparse(end) else end for end in ends)
        return (low - self.mean) / self.scale, (high - self.mean) / self.scale

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Dense rows, standardized."""
        return x if self.changes_nothing else self.scaled(x, np.float64)

    def scaled(self, x: np.ndarray, dtype: Any, out: np.ndarray | None = None) -> np.ndarray:
        """Dense rows, standardized, in a dtype; block by block, to stay in cache.

        In float64, unless rows and dtype are float32, the rows are many and no column lies far
        from 0. ``out`` may be an array to write to.
        """
        if self.changes_nothing and out is None:
            return np.ascontiguousarray(x, dtype)
        near = bool((abs(self.mean) < FAR * self.scale).all())
        single = _in_single(x) and dtype == np.float32 and near
        kind = np.float32 if single else np.float64
        mean, scale = self.mean.astype(kind), self.scale.astype(kind)
        if x.size <= BLOCK_ENTRIES and out is None:
            return ((x - mean) / scale).astype(dtype, copy=False)
        out = np.empty(x.shape, dtype) if out is None else out
        for rows in _blocks_of(x):
            block = np.subtract(x[rows], mean, out=out[rows] if single else None)
            block /= scale
            if not single:
                out[rows] = block
        return out

    def undo(self, z: np.ndarray) -> np.ndarray:
        """Standardized rows in their own units again."""
        return z * self.scale + self.mean


def indicators(x: Array) -> np.ndarray:
    """Whether a column holds zeros and ones, both of them and nothing else; shape (columns,).

    >>> indicators(np.array([[0.0, 0.0, 2.0], [1.0, 0.0, 1.0]])).tolist()
    [True, False, False]
    """
    if sparse.issparse(x):
        return _sparse_indicators(x)
    some = np.flatnonzero(_in_both(x[:PILOT_ROWS]).all(0))  # most columns are out at once
    zeros, ones = np.zeros((2, x.shape[1]), bool)
    for rows in blocks(len(x), max(1, BLOCK_ENTRIES // max(1, len(some)))):
        some = some[_in_both(x[rows, some]).all(0)]
        zeros[some] |= (x[rows, some] == 0).any(0)
        ones[some] |= (x[rows, some] == 1).any(0)
    found = np.zeros(x.shape[1], bool)
    found[some] = (zeros & ones)[some]
    return found


def counted(x: Array, w: np.ndarray) -> Array:
    """The rows that have a weight; no copy where all have."""
    return x if (w > 0).all() else x[w > 0]


def _in_both(x: np.ndarray) -> np.ndarray:
    return (x == 0) | (x == 1)


def _sparse_indicators(x: Any) -> np.ndarray:
    stored = x.tocsc(copy=True)
    stored.sum_duplicates()
    of = np.repeat(np.arange(x.shape[1]), np.diff(stored.indptr))
    others = np.bincount(of, ~_in_both(stored.data), minlength=x.shape[1])
    ones = np.bincount(of, stored.data == 1, minlength=x.shape[1])
    return (others == 0) & (ones > 0) & (ones < x.shape[0])


def _in_single(x: np.ndarray) -> bool:
    """Whether rows are worth arithmetic of their own in float32; few are as in float64."""
    return bool(x.dtype == np.float32) and x.size > BLOCK_ENTRIES


def _largest(x: Array) -> np.ndarray:
    """The largest absolute entry of every column."""
    if sparse.issparse(x):
        return abs(x).max(0).toarray().ravel()
    return np.maximum(x.max(0), -x.min(0))


def _single_moments(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Mean and variance of float32 columns in one pass, about a pilot; ``None`` where that is not
    exact enough: tiny, huge or not finite entries, or a pilot that is far off."""
    pilot = x[:: max(1, len(x) // PILOT_ROWS)].mean(0, dtype=np.float64).astype(np.float32)
    share = (w / w.sum()).astype(np.float32)
    first, second = np.zeros((2, x.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        for rows in _blocks_of(x):
            block = x[rows] - pilot
            first += share[rows] @ block
            block *= block
            second += share[rows] @ block
        variance = second - first**2
    exact = np.isfinite(second) & (first**2 <= 0.5 * second)
    exact &= (second == 0) | (second > SMALLEST_SQUARE)
    return (pilot + first, variance) if exact.all() else None


def _moments(x: np.ndarray, w: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of every column of ``x / unit``."""
    share = w / w.sum()
    plain = bool((unit == 1.0).all())
    mean = share @ (x if plain else x / unit)
    variance = np.zeros(x.shape[1])
    for rows in _blocks_of(x):
        block = (x[rows] if plain else x[rows] / unit) - mean
        block *= block
        variance += share[rows] @ block
    return mean, variance


def blocks(rows: int, length: int) -> Iterator[slice]:
    """Consecutive rows, ``length`` at a time."""
    return (slice(start, start + length) for start in range(0, rows, length))


def _blocks_of(x: np.ndarray) -> Iterator[slice]:
    """Rows in pieces of up to ``BLOCK_ENTRIES`` entries."""
    return blocks(len(x), max(1, BLOCK_ENTRIES // x.shape[1]))


def _sparse_moments(x: Any, w: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same in two passes over the stored entries; the zeros are added as one more."""
    stored = x.tocsc(copy=True)
    stored.sum_duplicates()
    columns, rows = x.shape[1], stored.indices
    of = np.repeat(np.arange(columns), np.diff(stored.indptr))
    value, share = stored.data / unit[of], (w / w.sum())[rows]

    def total(a: np.ndarray) -> np.ndarray:
        return np.bincount(of, a, minlength=columns)

    mean = total(share * value)
    has_zeros = total(w[rows] > 0) < np.count_nonzero(w)
    zeros = np.where(has_zeros, 1.0 - total(share), 0.0)
    return mean, total(share * (value - mean[of]) ** 2) + zeros * mean**2
