"""With which parameters a fit is made again, to find out what one change brings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from unstuck.estimators.building import dtype_of
from unstuck.estimators.given_weights import NONE_GIVEN, from_given
from unstuck.estimators.unit_signs import wider_signs
from unstuck.health.subject import Change, Facts
from unstuck.solvers.table import SOLVERS
from unstuck.variations import RandomFeedback, UnitSigns

CHANCES = {"n_restarts", "early_stopping"}
"""Settings that choose among networks: an experiment does that itself."""
RESTRAINTS = {"alpha": False, "dropout": False, "weight_decay": True}
"""Settings that hold a network back, and whether they are a solver's."""
ITERATIONS = 300
"""Of an experiment with a full-batch solver."""
MOST_WORK = 10**10
"""Multiplications of an experiment: some seconds."""
MOST_STEPS = 2000
"""Steps of an experiment where the fit itself was shorter: one that ended at once has to be given
the time that another rate would have used."""


def trial_settings(
    estimator: Any, facts: Facts, change: Change, rows: tuple[int, int], random_state: int
) -> dict[str, Any]:
    """All parameters of an estimator that its fit is made again with.

    Arguments:
        estimator: fitted.
        facts: of the fit.
        change: the one thing that is tried.
        rows: how many there are now, and how many there were in the fit.
        random_state: of the start.
    """
    full, known = SOLVERS[estimator.solver_].full, estimator.get_params(deep=False)
    found: dict[str, Any] = {
        "random_state": random_state,
        "verbose": False,
        "n_restarts": 1,
        "n_ensemble": 1,
        "warm_start": False,
        "early_stopping": False,
        "max_time": None,
        "class_weight": None,
        "watch": False,
        "solver": facts.solver,
        "dtype": dtype_of(estimator, facts.batch >= rows[1]).name,
        "tol": 0.0,
        "n_iter_no_change": math.inf,
        "max_iter": _affordable(estimator._model.network.size, facts, change, rows[0], full),
        "alpha": estimator.alpha,
    }
    if not full:
        found["batch_size"] = facts.batch
    found |= {name: value * change.rate for name, value in facts.rates.items()}
    if change.wider != 1:
        found["hidden_layer_sizes"] = _wider(estimator, change.wider)
        found["unit_signs"] = wider_signs(estimator.unit_signs, change.wider)
    if not change.penalized:
        found |= dict.fromkeys(RESTRAINTS, 0.0)
    if change.inputs:
        found["scale_inputs"] = True
    if change.targets:
        found["scale_targets"] = True
    if change.start:
        found["initializer"] = "auto"
    # Weights that were drawn are drawn again with the same seed, by the law that the changed
    # settings give: what one gets who sets them. Those that were given stay where they fit.
    settings = {name: v for name, v in change.settings if name not in CHANCES}
    found |= settings
    redrawn = change.wider != 1 or change.start or "hidden_layer_sizes" in settings
    if redrawn or not from_given(estimator, random_state):
        found |= NONE_GIVEN
    if change.solver:
        found |= {"solver": change.solver, "batch_size": "auto", "max_iter": ITERATIONS}
        # What few solvers can train with.
        found |= {each.setting: each.off for each in (UnitSigns, RandomFeedback)}
    return {name: value for name, value in found.items() if name in known}


def _affordable(size: int, facts: Facts, change: Change, rows: int, full: bool) -> int:
    """Epochs of an experiment, fewer where wide layers would make it last: about the steps of the
    fit, however few rows the sample has."""
    per_epoch = 1 if full else -(-rows // facts.batch)
    done = max(facts.steps, min(MOST_STEPS, facts.limit * per_epoch))
    epochs = max(1, round(done / per_epoch))
    work = 3 * size * change.wider**2 * rows
    return max(min(change.longer * epochs, MOST_WORK // max(work, 1)), epochs // 10, 1)


def _wider(estimator: Any, factor: int) -> tuple[Any, ...]:
    given = estimator.hidden_layer_sizes
    sizes = tuple(given) if isinstance(given, (list, tuple, np.ndarray)) else (given,)
    return tuple(factor * int(s) if np.issubdtype(type(s), np.integer) else s for s in sizes)
