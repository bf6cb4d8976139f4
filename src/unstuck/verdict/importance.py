"""Which columns matter: how much worse the network gets where their values are shuffled."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from unstuck.record import Array
from unstuck.rows.probe import probe_indices
from unstuck.verdict.columns import ColumnGroup
from unstuck.verdict.examples import Examples, Model
from unstuck.verdict.measures import Measure, effective

MOST_ROWS = 1000
REPEATS = 5
SECONDS = 0.7
"""After so long no further round of shuffling begins."""


class Importance(NamedTuple):
    """What a column is worth to a network.

    Attributes:
        column: its name.
        loss: how much the measure gets worse without it, in the measure's units.
        margin: that is known to plus and minus this: two standard errors over the rows.
    """

    column: str
    loss: float
    margin: float

    @property
    def matters(self) -> bool:
        """Whether that is more than noise."""
        return self.loss > self.margin


def importance(
    model: Model, rows: Examples, columns: Sequence[ColumnGroup], measure: Measure, seed: int = 0
) -> tuple[Importance, ...]:
    """Permutation importance on held-out rows, the column that matters most first.

    The inputs of a column are shuffled together, five times, the same way in all columns; each row
    is then compared with itself. What two columns both tell counts for neither. Takes at most
    ``MOST_ROWS`` rows, and stops after ``SECONDS``, once every column was shuffled.

    Arguments:
        model: the network.
        rows: that it was not trained on.
        columns: and their inputs.
        measure: by which it is judged.
        seed: of the shuffling.

    Reference: Breiman 2001; Fisher, Rudin and Dominici 2019.
    """
    rows = rows.take(probe_indices(len(rows), MOST_ROWS))
    x, y, w = rows.x, rows.y, rows.w
    before = measure.rows(y, model(x))
    kept = np.isfinite(before) & (w > 0)
    if kept.sum() < 2:
        return ()
    rng, began = np.random.default_rng(seed), time.perf_counter()
    lost, rounds = np.zeros((len(columns), len(rows))), 0
    while not rounds or (rounds < REPEATS and time.perf_counter() - began < SECONDS):
        order = rng.permutation(len(rows))
        for place, column in enumerate(columns):
            lost[place] += measure.rows(y, model(shuffled(x, column.inputs, order))) - before
        rounds += 1
    sign = -1.0 if measure.higher else 1.0
    found = [
        _of_column(column.name, sign * each[kept] / rounds, before[kept], w[kept], measure)
        for column, each in zip(columns, lost, strict=True)
    ]
    return tuple(sorted(found, key=lambda each: -each.loss))


def shuffled(x: Any, inputs: Sequence[int], order: Array) -> Any:
    """Rows with some inputs taken from other rows, dense or sparse as they come."""
    places = list(inputs)
    if sparse.issparse(x):
        columns = x.tocsc()
        others = np.setdiff1d(np.arange(x.shape[1]), places)
        back = np.argsort(np.concatenate([others, places]))
        parts = [columns[:, others], columns[:, places][order]]
        return sparse.hstack(parts, format="csc")[:, back].tocsr()
    changed = np.array(x)
    changed[:, places] = x[np.ix_(order, places)]
    return changed


def _of_column(name: str, lost: Array, before: Array, w: Array, measure: Measure) -> Importance:
    mean = float(np.average(lost, weights=w))
    spread = float(np.sqrt(np.average((lost - mean) ** 2, weights=w) / effective(w)))
    if measure.root:
        square = float(np.average(before, weights=w))
        now = np.sqrt(max(square + mean, 0.0))
        slope = 1 / (2 * now) if now > 0 else 0.0
        return Importance(name, float(now - np.sqrt(square)), 2 * spread * slope)
    return Importance(name, mean, 2 * spread)
