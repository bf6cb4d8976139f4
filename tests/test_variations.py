"""Variations: which solvers can train with them, and how to go without."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest

from unstuck import SOLVERS, NetRegressor, ParameterError

X = np.linspace(0, 1, 12)[:, None]
FULL = {solver.name for solver in SOLVERS.values() if solver.full}
EXACT = {solver.name for solver in SOLVERS.values() if solver.exact}
CASES = {
    "slope_offset": (0.1, EXACT),
    "dropout": (0.2, FULL),
    "unit_signs": (0.2, FULL - {"lm", "rprop", "quickprop"}),
    "feedback": ("random", EXACT),
}


@pytest.mark.parametrize("setting", CASES)
def test_a_solver_that_cannot_is_refused_and_others_are_named(setting):
    value, unable = CASES[setting]
    net = NetRegressor((3,), activation="tanh", solver="lbfgs", **{setting: value})
    with pytest.raises(ParameterError, match=f"'lbfgs' .* {setting} was {value!r}") as caught:
        net.fit(X, X[:, 0])
    told = re.search(rf"Set {setting}=(\S+), or take one of (.*)\.$", str(caught.value))
    assert told
    assert ast.literal_eval(told[1]) == NetRegressor().get_params()[setting]
    assert set(told[2].split(", ")) == {solver.name for solver in SOLVERS.values()} - unable


@pytest.mark.parametrize(("setting", "why"), [("unit_signs", "lm: "), ("feedback", "adam: ")])
def test_auto_takes_a_solver_that_can(setting, why):
    net = NetRegressor((3,), solver="auto", max_time=1e-9, **{setting: CASES[setting][0]})
    assert net.fit(X, X[:, 0]).solver_reason_.startswith(why)
