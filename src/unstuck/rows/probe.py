"""The probe: the few rows on which the health of the layers is measured."""

from __future__ import annotations

import numpy as np

from unstuck.rows.padding import padded
from unstuck.rows.rows import Part, Rows

PROBE_ROWS = 128


def probe(rows: Rows) -> Part:
    """Up to 128 rows at even distances, padded with weight 0 to one fixed size."""
    part = rows.take(probe_indices(rows.count))
    return Part(*(padded(each, PROBE_ROWS) for each in part))


def probe_indices(count: int, most: int = PROBE_ROWS) -> np.ndarray:
    """Numbers of the rows of the probe, or of another sample of so many rows at most.

    >>> probe_indices(4).tolist(), len(probe_indices(1000))
    ([0, 1, 2, 3], 128)
    """
    return np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(int))
