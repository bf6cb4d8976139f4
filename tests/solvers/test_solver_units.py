"""Another unit of the parameters or of the value gives the same descent in that unit."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from descents import quadratic

from unstuck.solvers import minimize

SOLVERS = ["gd", "cg", "scg", "bfgs", "lbfgs"]


def valley(p, unit, worth):
    x = p / unit
    return worth * (10.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2 + 0.1)


def descent(solver, unit, worth, **ends):
    return minimize(
        valley, unit * np.array([-1.2, 1.0]), unit, worth, solver=solver, max_iter=60, **ends
    )


@pytest.mark.parametrize("solver", SOLVERS)
def test_powers_of_two_change_no_digit(solver):
    """Every number of the path is multiplied exactly."""
    plain = descent(solver, 1.0, 1.0, tol=0.0)
    for unit, worth in ((2.0**-40, 1.0), (2.0**40, 1.0), (1.0, 2.0**-92), (2.0**30, 2.0**40)):
        found = descent(solver, unit, worth, tol=0.0)
        np.testing.assert_array_equal(found.history["loss"], worth * plain.history["loss"])
        np.testing.assert_array_equal(found.parameters, unit * plain.parameters)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("unit", [1e-12, 1e-5, 1e7, 1e12])
@pytest.mark.parametrize("worth", [1e-28, 1e-12, 1e12])
def test_powers_of_ten(solver, unit, worth):
    found = minimize(
        valley, unit * np.array([-1.2, 1.0]), unit, worth, solver=solver, max_iter=3000
    )
    assert found.value < worth * (0.1 + 1e-6)


def offset(p, level):
    return level + (p**2).sum()


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_large_offset_of_the_value(solver):
    found = minimize(offset, np.array([3.0, -4.0]), 1e6, solver=solver)
    np.testing.assert_allclose(found.parameters, 0.0, atol=1e-3)


def steep(p):
    return jnp.exp(p[0]) - p[0]


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("start", [-5.7, -400.0, 300.0])
def test_where_a_step_overflows(solver, start):
    found = minimize(steep, np.array([start]), solver=solver, max_iter=2000)
    np.testing.assert_allclose(found.value, 1.0, rtol=1e-6)


def brown(x):
    return (x[0] - 1e6) ** 2 + (x[1] - 2e-6) ** 2 + (x[0] * x[1] - 2.0) ** 2


def test_steps_that_change_no_number_lead_outwards():
    found = minimize(brown, np.array([1.0, 1.0]), solver="gd", max_iter=5000)
    assert found.value < 1e-6


@pytest.mark.parametrize("solver", SOLVERS)
def test_from_the_origin(solver):
    """No parameter and no value tells a unit: the search finds it."""
    function, _, minimum = quadratic(4)
    for unit in (1e-10, 1e10):
        found = minimize(
            lambda p, unit: function(p / unit) - function(jnp.zeros(4)),
            np.zeros(4),
            unit,
            solver=solver,
            max_iter=500,
        )
        np.testing.assert_allclose(found.parameters / unit, minimum, atol=1e-3)
