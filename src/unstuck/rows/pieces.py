"""Numbers as pieces: what lets a small network follow a bend or a jump of one column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from unstuck.activations import Array
from unstuck.rows.scaling import BLOCK_ENTRIES, Scaler, blocks, counted, indicators

FEWEST = 2
"""Pieces of a column that say more than the column itself."""
MOST_PIECES = 256
"""Of all columns together."""


@dataclass(frozen=True)
class Pieces:
    """Standardized columns, and beside each number its pieces ``clip((x - low) / (high - low))``.

    The ends of the pieces are quantiles of the column, so each holds as many rows. A number is 1
    in the pieces below it, 0 in those above, and in its own how far it has come (piecewise linear
    encoding). Columns of zeros and ones have none.

    Attributes:
        scaler: standardizes the columns.
        column: of which column each piece is, shape (pieces,).
        low, high: where the pieces begin and end, in the user's units, shape (pieces,).

    Example:
        >>> import numpy as np
        >>> x = np.array([[0.0], [1.0], [2.0], [10.0]])
        >>> made = Pieces.of(Scaler.identity(1), x, np.ones(4), 3)
        >>> made.low.tolist(), made.high.tolist()
        ([0.0, 1.0, 2.0], [1.0, 2.0, 10.0])
        >>> made(np.array([[1.5]])).tolist()
        [[1.5, 1.0, 0.5, 0.0]]

    Reference: Gorishniy, Rubachev and Babenko 2022.
    """

    scaler: Scaler
    column: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, scaler: Scaler, x: np.ndarray, w: np.ndarray, count: int) -> Pieces:
        """Up to ``count`` pieces of every column of dense rows, between quantiles of those with a
        weight; fewer where a column holds few different numbers, or where there are so many
        columns that the network would become wide."""
        seen = counted(x, w)
        flags = indicators(seen)
        count = min(count, MOST_PIECES // max(1, int((~flags).sum())))
        ends = [np.empty(0) if flag else _ends(seen[:, i], count) for i, flag in enumerate(flags)]
        counts = [max(len(each) - 1, 0) for each in ends]
        low, high = (np.concatenate([each[part] for each in ends]) for part in (FROM, TO))
        return cls(scaler, np.repeat(np.arange(len(ends)), counts), low, high)

    @property
    def columns(self) -> int:
        """Columns of the rows it takes."""
        return self.scaler.columns

    @property
    def width(self) -> int:
        """Columns of the rows it makes."""
        return self.scaler.width + len(self.column)

    def names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the columns it makes, from those of the rows.

        Example:
            >>> Pieces(Scaler.identity(1), np.array([0]), np.array([2.0]), np.array([3.0])).names(
            ...     ("age",))
            ('age', 'age from 2 to 3')
        """
        ends = zip(self.column, self.low, self.high, strict=True)
        return (*columns, *(f"{columns[i]} from {a:.4g} to {b:.4g}" for i, a, b in ends))

    def __call__(self, x: Array) -> np.ndarray:
        """Rows of float64, shape (n, width)."""
        return self.scaled(x, np.float64)

    def scaled(self, x: Array, dtype: Any, out: np.ndarray | None = None) -> np.ndarray:
        """Rows in a dtype; block by block, to stay in cache. ``out`` may be what to write to."""
        out = np.empty((x.shape[0], self.width), dtype) if out is None else out
        for rows in blocks(x.shape[0], max(1, BLOCK_ENTRIES // self.width)):
            some = x[rows].toarray() if sparse.issparse(x) else x[rows]
            out[rows, : self.scaler.width] = self.scaler(some)
            out[rows, self.scaler.width :] = self._pieces(some)
        return out

    def _pieces(self, x: np.ndarray) -> np.ndarray:
        found = x[:, self.column].astype(np.float64)
        with np.errstate(over="ignore"):  # beyond all ends is 0 or 1, however far
            found -= self.low
            found /= self.high - self.low
        return np.clip(found, 0.0, 1.0, out=found)

    def bounds(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Least and largest value of every column it makes of rows (n, columns)."""
        low, high = self.scaler.bounds(x)
        count = len(self.column)
        return np.append(low, np.zeros(count)), np.append(high, np.ones(count))


FROM, TO = slice(None, -1), slice(1, None)

Inputs = Scaler | Pieces
"""How the inputs of a network are made of the user's rows."""


def _ends(column: np.ndarray, count: int) -> np.ndarray:
    """Ends of the pieces of one column, each once; none where these would be too few.

    Where quantiles coincide, those of the different numbers are taken, so that as many pieces come
    of every part of a table, and one program serves all folds.
    """
    if count < FEWEST:
        return np.empty(0)
    at, column = np.linspace(0.0, 1.0, count + 1), column.astype(np.float64)
    ends = np.unique(np.quantile(column, at))
    if len(ends) <= count:
        ends = np.unique(np.quantile(np.unique(column), at, method="nearest"))
    with np.errstate(over="ignore"):
        wide = np.isfinite(np.diff(ends)).all()
    return ends if len(ends) > FEWEST and wide else np.empty(0)
