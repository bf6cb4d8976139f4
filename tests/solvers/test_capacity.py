"""Matrices that do not fit into memory are refused before anything starts."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck import SOLVERS, NetRegressor
from unstuck.errors import ParameterError
from unstuck.solvers import least_squares, minimize
from unstuck.solvers.capacity import check_capacity


def test_what_is_needed():
    with pytest.raises(ParameterError, match=r"needs about 4,.* GB .* solver='lbfgs'"):
        check_capacity(SOLVERS["lm"], 10_000_000, 10**9)
    check_capacity(SOLVERS["lm"], 61, 2000)
    check_capacity(SOLVERS["lm"], 10_000_000, 10)  # the small system
    with pytest.raises(ParameterError, match="solver='br'"):
        check_capacity(SOLVERS["br"], 10_000_000, 10)
    check_capacity(SOLVERS["lbfgs"], 10**6, 10**12)
    with pytest.raises(ParameterError, match=r"a network of 1,000,000,000,000 .* fewer units"):
        check_capacity(SOLVERS["lbfgs"], 10**12)


def test_numbers_of_half_the_size_need_half():
    with pytest.raises(ParameterError, match=r"needs about 240,000\.0 GB"):
        check_capacity(SOLVERS["bfgs"], 10**6, itemsize=80)
    with pytest.raises(ParameterError, match=r"needs about 120,000\.0 GB"):
        check_capacity(SOLVERS["bfgs"], 10**6, itemsize=40)


@pytest.mark.parametrize("solver", ["bfgs", "br"])
def test_by_an_estimator(solver):
    X = np.linspace(-1.0, 1.0, 30)[:, None]
    net = NetRegressor((400_000,), solver=solver)
    with pytest.raises(ParameterError, match=f"solver='{solver}' with 1,200,001 parameters needs"):
        net.fit(X, X[:, 0])
    assert not hasattr(net, "n_iter_")


def test_of_functions():
    start = np.ones(2_000_000)
    with pytest.raises(ParameterError, match="solver='bfgs' with 2,000,000 parameters needs"):
        minimize(lambda p: (p**2).sum(), start)
    with pytest.raises(ParameterError, match="solver='lm' with 2,000,000 parameters needs"):
        least_squares(lambda p: p, start)
    fewer = start[:200_000]  # for a matrix still too many
    assert minimize(lambda p: (p**2).sum(), fewer, solver="lbfgs").value < 1e-9
    assert least_squares(lambda p: p[:2], fewer).value < 1e-9  # the small system
