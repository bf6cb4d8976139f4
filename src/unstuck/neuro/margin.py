"""The widest margin of separable rows, by which the mistakes of a perceptron are bounded."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import nnls

ADDED, ROUNDS = 20, 500
"""Rows that are taken in at once, and how often at most."""
CLOSE = 1e-9
"""Share by which the margin may differ from the widest one."""


class Margin(NamedTuple):
    """Of rows z = s (x, 1), by hyperplanes through 0.

    Attributes:
        radius: R, the length of the longest row.
        margin: gamma, the largest distance that a hyperplane can keep from all rows, each on its
            side; 0 where none was found.
    """

    radius: float
    margin: float

    @property
    def bound(self) -> float:
        """(R / gamma)^2: a perceptron that starts at 0 makes no more mistakes."""
        return (self.radius / self.margin) ** 2 if self.margin > 0 else np.inf


def widest(rows: Any) -> Margin:
    """The widest margin of rows that a hyperplane through 0 separates.

    The shortest w with ``z·w >= 1`` for all rows z, by Lawson and Hanson's LDP (1974): non-negative
    least squares, of the rows that are nearest to the boundary; those that it leaves too near are
    taken in until there are none.

    Arguments:
        rows: signed, shape (n, inputs + 1), dense or sparse.

    Example:
        >>> widest(np.array([[1.0, 1.0], [2.0, -1.0]]))  # x = 1 and, of the other class, x = -2
        Margin(radius=2.236..., margin=1.341...)
    """
    squares = rows.multiply(rows) if sparse.issparse(rows) else rows**2
    lengths = np.sqrt(np.asarray(squares.sum(1)).ravel())
    radius = float(lengths.max())
    taken = np.unique(np.linspace(0, rows.shape[0] - 1, ADDED).astype(int))
    best = 0.0
    for _ in range(ROUNDS):
        chosen = rows[taken]
        chosen = chosen.toarray() if sparse.issparse(chosen) else chosen
        w = _shortest(chosen / radius)
        if w is None:
            break
        kept = rows @ w / radius / np.linalg.norm(w)
        best = max(best, float(kept.min()))
        if best * np.linalg.norm(w) >= 1 - CLOSE:
            break
        nearest = np.argsort(kept, kind="stable")[:ADDED]
        more = np.union1d(taken, nearest)
        if len(more) == len(taken):
            break
        taken = more
    return Margin(radius, best * radius)


def _shortest(rows: np.ndarray) -> np.ndarray | None:
    """The shortest w with ``rows @ w >= 1``; nothing where rounding finds none."""
    stacked = np.vstack([rows.T, np.ones(len(rows))])
    asked = np.zeros(len(stacked))
    asked[-1] = 1.0
    found, _ = nnls(stacked, asked, maxiter=50 * len(rows))
    residual = stacked @ found - asked
    return -residual[:-1] / residual[-1] if residual[-1] < 0 else None
