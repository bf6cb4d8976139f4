"""What residuals tell of parameters: the directions that change them, and those that do not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

OUTSIDE = 1e-6
"""Share of a direction that rounding may put into what is not seen."""


class Seen(NamedTuple):
    """``J = U S V^T D`` of the parameters that are not held, D the lengths of its columns.

    Attributes:
        free: positions of these parameters.
        lengths: D, (free,); 1 where it would be 0.
        directions: ``V S^-1`` of the singular values that count, (free, seen).
        unseen: the other right singular vectors, (unseen, free).
    """

    free: np.ndarray
    lengths: np.ndarray
    directions: np.ndarray
    unseen: np.ndarray

    def inverse(self, size: int) -> np.ndarray:
        """``(J^T J)^-1`` of shape (size, size); NaN of what is held.

        Infinite on the diagonal, and NaN beside it, of parameters that are not determined.
        """
        found = np.full((size, size), np.nan)
        inner = self.directions @ self.directions.T / np.outer(self.lengths, self.lengths)
        loose = np.linalg.norm(self.unseen, axis=0) > OUTSIDE
        inner[loose, :] = inner[:, loose] = np.nan
        inner[loose, loose] = np.inf
        found[np.ix_(self.free, self.free)] = inner
        return found

    def spread(self, slopes: np.ndarray) -> np.ndarray:
        """``sqrt(diag(A (J^T J)^-1 A^T))`` of rows A, (rows, P): infinite where A is not seen.

        NaN where A depends on a parameter that is held.

        Example:
            >>> seen = seen_by(np.array([[3.0, 3.0]]), np.zeros(2, bool))
            >>> seen.spread(np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])).round(3)
            array([0.333,   inf, 0.   ])
        """
        scaled = slopes[:, self.free] / self.lengths
        found = np.linalg.norm(scaled @ self.directions, axis=1)
        outside = np.linalg.norm(scaled @ self.unseen.T, axis=1)
        found[outside > OUTSIDE * np.linalg.norm(scaled, axis=1)] = np.inf
        held = np.delete(slopes, self.free, axis=1).any(1)
        return np.where(held, np.nan, found)


def seen_by(jacobian: np.ndarray, held: np.ndarray, prior: float = 0.0) -> Seen:
    """What residuals tell of the parameters.

    Arguments:
        jacobian: J, (N, P).
        held: which parameters are held, (P,).
        prior: strength of a penalty on all parameters, which tells of them too.
    """
    if prior:
        jacobian = np.concatenate([jacobian, np.sqrt(prior) * np.eye(jacobian.shape[1])])
    free = np.flatnonzero(~held)
    lengths = np.linalg.norm(jacobian[:, free], axis=0)
    lengths = np.where(lengths > 0, lengths, 1.0)
    _, singular, turned = np.linalg.svd(jacobian[:, free] / lengths, full_matrices=True)
    values = np.zeros(len(free))
    values[: len(singular)] = singular
    small = max(jacobian.shape) * np.finfo(jacobian.dtype).eps * values.max(initial=0.0)
    seen = values > small
    return Seen(free, lengths, turned[seen].T / values[seen], turned[~seen])
