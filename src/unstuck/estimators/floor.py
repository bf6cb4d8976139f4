"""The smallest loss there is, where that is known and can be reached."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from unstuck.errors import UnstuckWarning, warn
from unstuck.estimators.examples import Examples
from unstuck.settings import Settings
from unstuck.training.objective import Objective


def floor_of(
    settings: Settings, objective: Objective, examples: Examples, dtype: np.dtype
) -> float:
    """The smallest loss there is, where finite weights can reach it and it can be told; else -inf.

    Only targets strictly between 0 and 1 can be output by a sigmoid or softmax; with a penalty, or
    where training does something otherwise (dropout, signs of units), the objective's minimum is
    not the loss's. The gap is quadratic in the outputs' errors: in float32 outputs off by 0.001
    would look like the minimum.
    """
    plain = settings.alpha == 0 and not objective.variations and dtype == np.float64
    inside = bool(((examples.y > 0) & (examples.y < 1)).all())
    loss = objective.loss
    if loss.name != "cross_entropy" or loss.floor is None or not (plain and inside):
        return -math.inf
    counted = examples.take(np.flatnonzero(examples.w > 0))
    conflicts = _conflicts(counted)
    if conflicts:
        warn(
            f"{conflicts} rows have the same inputs as another row and other targets: not every "
            "output can equal its target, so the loss cannot reach the entropy of the targets.",
            UnstuckWarning,
        )
        return -math.inf
    entropy = loss.floor(counted.y, objective.network.output)
    return float(counted.w @ entropy / counted.w.sum())


def _conflicts(examples: Examples) -> int:
    """Number of rows that share their inputs with another row and have other targets."""
    if sparse.issparse(examples.x):
        return 0  # not looked for: distinct rows of a large sparse matrix are its normal case
    _, group = np.unique(examples.x, axis=0, return_inverse=True)
    order = np.lexsort((*examples.y.T, group.ravel()))
    group, y = group.ravel()[order], examples.y[order]
    same, differ = group[1:] == group[:-1], (y[1:] != y[:-1]).any(1)
    return int(np.isin(group, group[1:][same & differ]).sum())
