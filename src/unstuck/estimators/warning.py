"""What a fit that has ended warns of."""

from __future__ import annotations

from typing import Any

from sklearn.base import is_regressor
from sklearn.exceptions import ConvergenceWarning

from unstuck.errors import InterruptedWarning, StuckWarning, UnstuckWarning, warn
from unstuck.estimators import beside_constant
from unstuck.solvers.stop import Stop, StopReason
from unstuck.solvers.table import SOLVERS

CATEGORIES: dict[StopReason, type[Warning]] = {
    StopReason.MAX_ITER: ConvergenceWarning,
    StopReason.NON_FINITE: UnstuckWarning,
    StopReason.INTERRUPTED: InterruptedWarning,
}
"""Ends that are warned of."""


def warn_of(estimator: Any, stop: Stop) -> None:
    """Warn of the end of a fit, of networks that are missing, and of a network that is stuck.

    Arguments:
        estimator: as it was fitted.
        stop: why the fit ended.
    """
    if stop.reason in CATEGORIES:
        warn(str(stop), CATEGORIES[stop.reason])
    count, wanted = len(estimator._models), estimator.n_ensemble
    if count < wanted:
        warn(
            f"{count} of {wanted} networks are averaged: the others broke, or the fit ended before "
            "their turn. restarts_ says how each ended.",
            UnstuckWarning,
        )
    if estimator.watch:
        solver = SOLVERS[estimator.solver_]
        rows = estimator._watched
        same = beside_constant.all_the_same(rows) if is_regressor(estimator) else ""
        sentence = same or beside_constant.no_better(estimator._model, rows, solver, stop)
        if sentence:
            warn(sentence, StuckWarning)
