"""A table as numbers, as some of its rows teach it: medians and levels are theirs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from unstuck.data.columns import TextColumn

if TYPE_CHECKING:
    from unstuck.data.table import TableEncoder


class Taught:
    """Rows of a table that are encoded anew for every fit, on the columns of all rows.

    What each column is, which of too many levels have one, and so the width, is learned from all
    rows. Called with the rows of a fit, a gap becomes their median, and a level that none of them
    has is all zeros, as ``TableEncoder`` does it with rows that came later.

    Arguments:
        encoder: not fitted yet.
        frame: the table.

    Attributes:
        X: the rows as all of them teach, shape (n, encoded columns), dense or sparse.

    Example:
        >>> import polars as pl
        >>> from unstuck.data.table import TableEncoder
        >>> table = pl.DataFrame({"size": [1.0, None, 5.0], "color": ["red", "red", "blue"]})
        >>> Taught(TableEncoder(), table)(np.array([0, 1])).tolist()
        [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [5.0, 0.0, 0.0]]
    """

    def __init__(self, encoder: TableEncoder, frame: Any):
        self.X = encoder.fit_transform(frame)
        self._gaps = encoder.gaps(frame)
        self._levels = np.concatenate(
            [np.full(len(each.names), isinstance(each, TextColumn)) for each in encoder.columns_]
        )

    def __call__(self, rows: np.ndarray) -> np.ndarray | sparse.csr_matrix:
        """All rows, as these teach.

        Arguments:
            rows: their numbers.
        """
        if not self._gaps and not self._levels.any():
            return self.X
        fills = {j: self._median(j, rows[~gap[rows]]) for j, gap in self._gaps.items()}
        ones = np.asarray(self.X[rows].sum(axis=0)).ravel()
        told = ~self._levels | ((ones > 0) & (ones < len(rows)))  # one level alone tells nothing
        told[[j for j, fill in fills.items() if fill is None]] = False
        taught = self.X @ sparse.diags(told * 1.0) if sparse.issparse(self.X) else self.X * told
        for j, fill in fills.items():
            if fill is not None:
                taught = _filled(taught, j, self._gaps[j], fill)
        return taught

    def _median(self, column: int, known: np.ndarray) -> float | None:
        """Of these rows; nothing where there are none."""
        if not len(known):
            return None
        values = self.X[known][:, [column]]
        return float(np.median(values.toarray() if sparse.issparse(values) else values))


def _filled(x: Any, column: int, gap: np.ndarray, fill: float) -> Any:
    """A column with another number in its gaps."""
    if not sparse.issparse(x):
        x[gap, column] = fill
        return x
    at = np.flatnonzero(gap)
    change = fill - x[at][:, [column]].toarray()[:, 0]
    return x + sparse.csr_matrix((change, (at, np.full(len(at), column))), shape=x.shape)
