"""How fast an error falls: the slope of its logarithm."""

from __future__ import annotations

from typing import Any

import numpy as np


def log_slope(x: Any, y: Any, least: float = 0.0) -> float:
    """The slope of log y against log x by least squares: -2 where y falls as 1/x².

    Arguments:
        x: positive numbers, shape (n,).
        y: the same.
        least: values up to this are left out: rounding.

    Example:
        >>> round(log_slope([1, 2, 4, 8], [1, 0.25, 0.0625, 0.015625]), 6)
        -2.0
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    kept = (y > least) & np.isfinite(y)
    if kept.sum() < 2:
        return float("nan")
    return float(np.polyfit(np.log(x[kept]), np.log(y[kept]), 1)[0])
