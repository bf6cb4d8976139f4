"""Rows drawn from a law: ``draw(n, rng, noise)`` returns inputs (n, columns) and targets (n,).

Classes get equally many rows, up to one, in random order.
"""

from __future__ import annotations

import numpy as np

Drawn = tuple[np.ndarray, np.ndarray]


def xor(n: int, rng: np.random.Generator, noise: float) -> Drawn:
    """The corners of a square with Gaussian noise; class 1 where the coordinates differ.

    Example:
        >>> import numpy as np
        >>> X, y = xor(4, np.random.default_rng(0), noise=0.0)
        >>> bool((y == (X[:, 0] != X[:, 1])).all())
        True
    """
    corner = rng.permutation(np.arange(n) % 4)
    points = np.stack([corner // 2, corner % 2], axis=1).astype(float)
    return _noisy(points, rng, noise), (points[:, 0] != points[:, 1]).astype(int)


def moons(n: int, rng: np.random.Generator, noise: float) -> Drawn:
    """Two half circles of radius 1 that reach into each other.

    Example:
        >>> import numpy as np
        >>> int(moons(4, np.random.default_rng(0), 0.1)[1].sum())
        2
    """
    y, angle = _classes(n, 2, rng), np.pi * rng.random(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return _noisy(np.where(y[:, None] == 0, upper, lower), rng, noise), y


def circles(n: int, rng: np.random.Generator, noise: float) -> Drawn:
    """A circle of radius 1 (class 0) around one of radius 0.5 (class 1).

    Example:
        >>> import numpy as np
        >>> X, y = circles(6, np.random.default_rng(0), noise=0.0)
        >>> bool(np.allclose(np.hypot(*X.T), 1 - y / 2))
        True
    """
    y, angle = _classes(n, 2, rng), 2 * np.pi * rng.random(n)
    radius = np.where(y == 0, 1.0, 0.5)
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _noisy(points, rng, noise), y


def spirals(n: int, rng: np.random.Generator, noise: float) -> Drawn:
    """Two arms of a turn and a half from near the center to radius 1, opposite to each other.

    Example:
        >>> import numpy as np
        >>> int(spirals(4, np.random.default_rng(0), 0.1)[1].sum())
        2
    """
    y = _classes(n, 2, rng)
    along = np.sqrt(rng.random(n))  # equally dense along the arm, which grows longer outward
    angle = 3 * np.pi * along + np.pi * y
    radius = 0.05 + 0.95 * along
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _noisy(points, rng, noise), y


def sine(n: int, rng: np.random.Generator, noise: float) -> Drawn:
    """x uniform over two periods; y = sin(x) and noise.

    Example:
        >>> import numpy as np
        >>> X, y = sine(6, np.random.default_rng(0), noise=0.0)
        >>> bool((y == np.sin(X[:, 0])).all())
        True
    """
    X = rng.uniform(-2 * np.pi, 2 * np.pi, (n, 1))
    return X, _noisy(np.sin(X[:, 0]), rng, noise)


def blobs(n: int, rng: np.random.Generator, noise: float) -> Drawn:
    """Gaussian clouds around three points of a circle of radius 4.

    Example:
        >>> import numpy as np
        >>> int(blobs(3, np.random.default_rng(0), 0.1)[1].sum())
        3
    """
    y = _classes(n, 3, rng)
    angle = 2 * np.pi * y / 3
    points = 4.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _noisy(points, rng, noise), y


def _classes(n: int, count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(np.arange(n) % count)


def _noisy(values: np.ndarray, rng: np.random.Generator, noise: float) -> np.ndarray:
    return values + noise * rng.standard_normal(values.shape)
