"""The few sizes to which numbers of rows are padded, so that few programs are compiled."""

from __future__ import annotations

import math

import numpy as np


def padded_size(count: int) -> int:
    """The next number of the form 2^k or 3 x 2^k, at least 64.

    >>> [padded_size(n) for n in (3, 149, 150, 1437, 1438)]
    [64, 192, 192, 1536, 1536]
    """
    power = max(64, 1 << math.ceil(math.log2(max(count, 1))))
    return power * 3 // 4 if power > 64 and count <= power * 3 // 4 else power


def padded(array: np.ndarray, rows: int) -> np.ndarray:
    """The array with zeros after its last row, ``rows`` in all.

    >>> padded(np.ones((1, 2)), 3).tolist()
    [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    """
    found = np.zeros((rows, *array.shape[1:]), array.dtype)
    found[: len(array)] = array
    return found
