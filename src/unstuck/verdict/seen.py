"""Whether rows that are called held out are rows of the fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.record import Array
from unstuck.rows.probe import probe_indices
from unstuck.verdict.columns import dense

MOST_ENTRIES = 4_000_000
"""Numbers in the rows that are looked at, at most."""
MOST = 0.5
"""Share of rows that are of the fit, above which these say nothing of new ones."""
SOME = 0.05
"""Share of them, above which it is told."""
CERTAIN = 3
"""Rows that have to be found, where only a sample of the fit's is known."""


def share_seen(x: Any, sample: Any, rows: int) -> float:
    """The share of rows that are rows of the fit, as far as a sample of these tells: the share that
    is equal to a row that comes once in the sample, less what is found of new rows too where rows
    come several times, divided by the share of these rows among all of the fit.

    New rows are equal to one that came once in n with a probability of about ``2 n_2 / n``, where
    ``n_2`` rows came twice; three standard errors of both are added.

    Arguments:
        x: rows, (m, inputs), dense or CSR.
        sample: of the rows of the fit, (n, inputs).
        rows: how many the fit had.

    Example:
        >>> x = np.arange(20.0)[:, None]
        >>> share_seen(x, x[:10], 10), share_seen(x[10:], x[:5], 10), share_seen(x, x[::2], 20)
        (0.5, 0.0, 1.0)

    Reference: Good 1953.
    """
    most = max(1, MOST_ENTRIES // max(1, x.shape[1]))
    known, counts = np.unique(_keys(sample), return_counts=True)
    once = known[counts == 1]
    if not len(once):
        return 0.0
    looked = _keys(x[probe_indices(x.shape[0], most)])
    found = int(np.isin(looked, once).sum())
    part = len(once) / max(rows, sample.shape[0])
    if part < 1 and found < CERTAIN:
        return 0.0
    twice = int((counts == 2).sum())
    chance = 2 * (twice + 3 * twice**0.5) / sample.shape[0]
    chance += 3 * (chance / len(looked)) ** 0.5
    return float(np.clip((found / len(looked) - chance) / part, 0.0, 1.0))


def _keys(x: Any) -> Array:
    """A number for every row, equal for equal rows, and hardly ever else."""
    return np.array([hash(row.tobytes()) for row in dense(x).astype(np.float64) + 0.0], np.int64)
