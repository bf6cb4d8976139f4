"""The largest error made small: output weights for it, and what straight pieces need at least."""

from __future__ import annotations

import numpy as np

ROUNDS = 40
RIDGE = 1e-13
SLOPES = 50
"""Steps of the search for a line's slope."""


def smallest_largest(columns: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights of columns whose largest error is nearly the smallest there is.

    Least squares with weights of the rows that are multiplied by the errors in every round; the
    best round is kept.

    Arguments:
        columns: shape (n, q).
        y: what their sum is to be, shape (n,).

    Example:
        >>> x = np.linspace(-1, 1, 201)
        >>> v = smallest_largest(np.column_stack([np.ones(201), x]), x**2)
        >>> bool(abs(v[0] - 0.5) < 0.01)  # the line nearest to x² is 1/2
        True

    Reference: Lawson 1961; Rice and Usow 1968.
    """
    q, r = np.linalg.qr(columns)
    weights = np.full(len(y), 1.0 / len(y))
    best, lowest = np.zeros(q.shape[1]), np.inf
    for _ in range(ROUNDS):
        weighted = q * weights[:, None]
        square = weighted.T @ q
        square.flat[:: len(square) + 1] += RIDGE * np.trace(
            square
        )  # rows may be fewer than columns
        c = np.linalg.solve(square, weighted.T @ y)
        errors = abs(q @ c - y)
        if errors.max() < lowest:
            best, lowest = c, float(errors.max())
        weights = weights * np.maximum(errors, 1e-12 * max(lowest, 1e-300))
        weights /= weights.sum()
    return np.asarray(np.linalg.lstsq(r, best, rcond=1e-14)[0])


def pieces_needed(x: np.ndarray, y: np.ndarray, epsilon: float) -> int:
    """How many straight pieces, joined or not, stay within epsilon of points: no fewer do.

    Every piece is made as long as possible, from left to right.

    Arguments:
        x: increasing, shape (n,).
        y: shape (n,).
        epsilon: the largest error.

    Example:
        >>> x = np.linspace(-1, 1, 2001)
        >>> pieces_needed(x, x**2, 0.01)  # each sqrt(8 * 0.01) long
        8
    """
    pieces, start, step, n = 0, 0, 1, len(x)
    while start < n:
        high = start + 2 * step
        while high < n and _line_error(x[start:high], y[start:high]) <= epsilon:
            high = start + 2 * (high - start)
        good, bad = start + min(2, n - start), min(high, n) + 1
        while bad - good > 1:
            middle = (good + bad) // 2
            if _line_error(x[start:middle], y[start:middle]) <= epsilon:
                good = middle
            else:
                bad = middle
        step = max(1, (good - start) // 2)
        pieces, start = pieces + 1, good
    return pieces


def _line_error(x: np.ndarray, y: np.ndarray) -> float:
    """The largest error of the best line: half the height of the thinnest strip, convex in its
    slope."""
    if len(x) <= 2:
        return 0.0
    steps = np.diff(y) / np.diff(x)
    low, high = float(steps.min()), float(steps.max())
    for _ in range(SLOPES):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        if np.ptp(y - a * x) <= np.ptp(y - b * x):
            high = b
        else:
            low = a
    return float(np.ptp(y - (low + high) / 2 * x)) / 2
