"""Standardization of inputs and targets with weighted statistics of the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from unstuck.activations import Array


@dataclass(frozen=True)
class Scaler:
    """``(x - mean) / scale`` for every column; constant columns are divided by 1.

    Attributes:
        mean: shape (columns,).
        scale: standard deviations, shape (columns,).

    Example:
        >>> import numpy as np
        >>> from unstuck.estimators.scaling import Scaler
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
        mean, variance = (_sparse_moments if sparse.issparse(x) else _moments)(x, w)
        rounding = len(w) * np.finfo(float).eps
        constant = variance <= rounding * variance + (rounding * mean) ** 2
        return cls(mean, np.where(constant, 1.0, np.sqrt(variance)))

    @property
    def changes_nothing(self) -> bool:
        """Whether this is the identity."""
        return not self.mean.any() and bool((self.scale == 1.0).all())

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Dense rows, standardized."""
        return x if self.changes_nothing else (x - self.mean) / self.scale

    def undo(self, z: np.ndarray) -> np.ndarray:
        """Standardized rows in their own units again."""
        return z * self.scale + self.mean

    def into_bias(self, x: Any, weights: np.ndarray) -> tuple[Any, np.ndarray]:
        """Sparse rows, divided only, and what the mean then adds to the first bias."""
        return x @ sparse.diags_array(1.0 / self.scale), -(self.mean / self.scale) @ weights


def _moments(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # Dividing by the largest entry first keeps squares of huge values finite.
    largest = np.maximum(np.abs(x).max(0), 1.0) if np.abs(x).max() > 1e100 else np.ones(x.shape[1])
    share = w / w.sum()
    mean = share @ (x / largest)
    variance = share @ (x / largest - mean) ** 2
    return mean * largest, np.minimum(variance * largest * largest, np.finfo(float).max)


def _sparse_moments(x: Any, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    share = w / w.sum()
    mean = np.asarray(x.T @ share).ravel()
    second = np.asarray(x.multiply(x).T @ share).ravel()
    return mean, np.maximum(second - mean**2, 0.0)
