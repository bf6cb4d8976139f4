"""Rows and numbers on which overfitting is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

DEGREES = tuple(range(1, 10))
TRAINING = (0.2188, 0.1504, 0.1384, 0.1259, 0.0742, 0.0598, 0.0458, 0.0000, 0.0000)
VALIDATION = (0.3558, 0.3095, 0.4764, 1.1770, 1.2828, 1.3896, 38.819, 6097.5, 6097.5)
"""A table that is well known from courses on machine learning: polynomials by degree, with
leave-one-out."""


def curve(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of one input along a parabola, with noise.

    Formula:
        y = 1 - x + 2 x^2 + noise of deviation 0.3, x uniform on [-1, 1]

    Arguments:
        n: how many.
        seed: of inputs and noise.

    Example:
        >>> [each.shape for each in curve(10, 0)]
        [(10, 1), (10,)]
    """
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n)
    return x[:, None], 1 - x + 2 * x**2 + 0.3 * rng.normal(size=n)


def polynomial(degree: int = 1) -> Any:
    """Least squares on powers of the input."""
    return make_pipeline(PolynomialFeatures(degree, include_bias=False), LinearRegression())


DEGREE = "polynomialfeatures__degree"
"""What its parameter is called."""
