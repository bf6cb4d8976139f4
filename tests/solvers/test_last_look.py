"""Before a place is called stationary: what lies along the gradient, and down from a saddle."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unstuck import NetRegressor
from unstuck.solvers import least_squares, minimize
from unstuck.solvers.last_look import Around, explained, look_around
from unstuck.solvers.problem import FunctionProblem


@pytest.fixture(scope="module")
def look():
    with jax.enable_x64(True):
        yield jax.jit(
            lambda p, units, value: look_around(
                FunctionProblem(lambda p: value * valley(p / units)), p
            )
        )


def valley(p):
    """Falls to 0 at (1, 1), from a saddle on the line y = 0 at (0, 0)."""
    return (p[0] ** 2 - 1.0) ** 2 + (p[1] - 1.0) ** 2 * p[1] ** 2 + 1.0


@pytest.mark.parametrize("units", [1e-12, 1.0, 1e9])
@pytest.mark.parametrize("value", [1e-20, 1.0, 1e12])
def test_a_slope_is_found_in_all_units(look, units, value):
    with jax.enable_x64(True):
        found = look(np.array([2.0, 1.0]) * units, units, value)
    assert found.lower
    assert found.value < 0.7 * value * valley(np.array([2.0, 1.0]))
    np.testing.assert_allclose(found.value, value * valley(np.asarray(found.p) / units), rtol=1e-9)


@pytest.mark.parametrize("units", [1e-12, 1.0, 1e9])
def test_a_minimum_is_left_as_it_is(look, units):
    with jax.enable_x64(True):
        found = look(np.array([1.0, 1.0]) * units, units, 1.0)
    assert not found.lower
    assert not found.broken
    assert not found.unbounded
    np.testing.assert_array_equal(found.p, np.array([1.0, 1.0]) * units)
    assert "stationary" in found.why(1.0, 10.0)


@pytest.mark.parametrize("units", [1e-12, 1.0, 1e9])
def test_a_saddle_is_left(look, units):
    """Its gradient is 0: only the curvature tells the way down."""
    with jax.enable_x64(True):
        found = look(np.array([0.0, 1.0]) * units, units, 1.0)
    assert found.lower
    assert found.value < 1.95


@pytest.mark.parametrize("solver", ["bfgs", "lbfgs", "cg", "gd"])
def test_solvers_leave_saddles(solver):
    """``x^2 - y^2 + y^4`` from the ridge y = 0, which no gradient leaves."""
    found = minimize(
        lambda p: p[0] ** 2 - p[1] ** 2 + p[1] ** 4, np.array([1.0, 0.0]), solver=solver
    )
    np.testing.assert_allclose(found.value, -0.25, atol=1e-9)


def test_least_squares_leave_saddles():
    """Gauss-Newton's matrix does not see them."""
    found = least_squares(lambda p: jnp.stack([p[0], 2.0 * p[1] ** 2 - 1.0]), np.array([1.0, 0.0]))
    np.testing.assert_allclose(found.value, 0.0, atol=1e-9)


@pytest.mark.parametrize("solver", ["lm", "bfgs"])
def test_a_network_leaves_the_saddle_of_weights_of_0(solver):
    """Where all weights are 0, no gradient reaches them: before, the fit ended there."""
    x = np.random.default_rng(0).normal(size=(60, 2))
    y = np.tanh(x[:, 0]) * x[:, 1] + x[:, 0]
    still = {
        "coefs_init": [np.zeros((2, 4)), np.zeros((4, 1))],
        "intercepts_init": [np.zeros(4), np.zeros(1)],
    }
    net = NetRegressor(
        (4,), activation="tanh", solver=solver, alpha=0.0, max_iter=60, random_state=0, **still
    )
    with pytest.warns(match="."):
        net.fit(x, y)
    assert net.loss_curve_[0] > 0.49
    assert net.loss_ < 0.05


def test_words():
    assert "stationary" in explained(1e-7, 1.0)
    assert "kink" in explained(1e-3, 1.0)
    assert "kink" in explained(np.inf, 1.0)


def test_words_of_what_is_lower():
    """What is left of a start of 1e3 at 1e-30 is no reason to take another solver."""
    p = np.ones(2)
    around = Around(p, 1e-31, True, 1e-15, False, False)
    assert "rounding of the value at the start" in around.why(1e-30, 1e3)
    assert "scale=" in around.why(1e-30, 1e-20)
    assert "another one" in around._replace(value=999.0).why(1e3, 1e3)
