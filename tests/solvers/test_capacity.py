"""Matrices that do not fit into memory are refused before anything starts."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from unstuck import SOLVERS, NetRegressor
from unstuck.errors import ParameterError, UnstuckWarning
from unstuck.solvers import capacity, least_squares, minimize
from unstuck.solvers.capacity import check_capacity, slow


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


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"batch_size": 150},
            r"a step of 150 rows needs .* GB.* units .*, or a smaller batch_size",
        ),
        ({"solver": "lbfgs"}, r"a step of 400 rows needs .* GB.*, or solver='adam', which .*\.$"),
        ({"n_ensemble": 3}, "3 times a network of 750,001 parameters and a step of 200 rows"),
    ],
)
def test_what_layers_put_out_is_counted(given, says, monkeypatch):
    """Parameters of 6 MB would fit; 200 rows of 250,000 units, in float32, take 200 MB at least."""
    monkeypatch.setattr(capacity, "machine_memory", lambda: 3e8)
    X = np.linspace(-1.0, 1.0, 400)[:, None]
    with pytest.raises(ParameterError, match=says):
        NetRegressor((250_000,), max_iter=1, **given).fit(X, X[:, 0])


def test_a_container_has_less_than_its_machine(tmp_path, monkeypatch):
    limit, none = tmp_path / "limit", tmp_path / "none"
    limit.write_text("5000000\n")
    none.write_text("max\n")
    whole = capacity.machine_memory.__wrapped__()
    monkeypatch.setattr(capacity, "LIMITS", (none, tmp_path / "absent"))
    assert capacity.machine_memory.__wrapped__() >= whole
    monkeypatch.setattr(capacity, "LIMITS", (none, limit))
    assert capacity.machine_memory.__wrapped__() == 5e6


def test_a_fit_of_many_minutes_is_told_before():
    told = slow(SOLVERS["br"], 6017, 127, 25)
    assert "br' with 6,017 parameters takes about 10 s for an iteration, so up to 5 min" in told
    assert not slow(SOLVERS["lm"], 6017, 127, 25)  # the small system
    assert not slow(SOLVERS["lbfgs"], 10**6, 10**6, 200)
    assert not slow(SOLVERS["br"], 61, 2000, 200)


def test_an_estimator_tells_it_unless_its_time_is_limited():
    X = np.linspace(-1.0, 1.0, 30)[:, None]
    net = NetRegressor((4,), solver="br", max_iter=10**9, loss_goal=1e9)
    with pytest.warns(UnstuckWarning, match="for 1,000,000,000 of them"):
        net.fit(X, X[:, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.set_params(max_time=60.0).fit(X, X[:, 0])


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
