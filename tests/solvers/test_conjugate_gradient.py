"""Conjugate gradient: linear on a quadratic, restarts elsewhere."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from descents import iterates, places, quadratic, rosenbrock, values

from unstuck.solvers.conjugate_gradient import CG, CONJUGATES, conjugate

NAMES = tuple(CONJUGATES)


def linear(hessian, minimum, count):
    """Hestenes and Stiefel's conjugate gradient on the system H p = H p*, from 0."""
    p, residual = np.zeros(len(minimum)), hessian @ minimum
    direction, found = residual, [p]
    for _ in range(count):
        image = hessian @ direction
        step = (residual @ direction) / (direction @ image)
        p, after = p + step * direction, residual - step * image
        direction = after + (after @ after) / (residual @ residual) * direction
        residual = after
        found.append(p)
    return np.array(found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [2, 5, 12])
def test_on_a_quadratic_it_is_the_linear_method_and_ends_in_n_steps(name, size):
    function, hessian, minimum = quadratic(size)
    found = iterates(CG, function, np.zeros(size), size, conjugate=name)
    expected = linear(hessian, minimum, size)
    np.testing.assert_allclose(places(found), expected, atol=1e-6)
    np.testing.assert_allclose(found[-1].p, minimum, atol=1e-6)
    assert found[-1].value < 1e-12 * found[0].value
    assert all(iterate.measured[1] >= 2 for iterate in found[1:])


FORMULAS = {
    "polak_ribiere": lambda g, old, d: g @ (g - old) / (old @ old),
    "fletcher_reeves": lambda g, old, d: g @ g / (old @ old),
    "hestenes_stiefel": lambda g, old, d: g @ (g - old) / (d @ (g - old)),
    "dai_yuan": lambda g, old, d: g @ g / (d @ (g - old)),
}
GRADIENT, OLD, DIRECTION = np.array([0.1, 1.0, 0.0]), np.array([2.0, 0.0, 0.1]), -np.eye(3)[0]


@pytest.mark.parametrize("name", NAMES)
def test_formula(name, float64):
    expected = FORMULAS[name](GRADIENT, OLD, DIRECTION) * DIRECTION - GRADIENT
    found, restarts = conjugate(name, jax.numpy.array(GRADIENT), OLD, DIRECTION)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert not restarts


@pytest.mark.parametrize(
    ("gradient", "direction"),
    [([0.5, 1.0, 0.0], DIRECTION), ([0.0, 1.0, 0.0], [-1.0, 5.0, 0.0])],
    ids=["not orthogonal", "up"],
)
def test_restarts(gradient, direction, float64):
    found, restarts = conjugate(
        "fletcher_reeves", jax.numpy.array(gradient), OLD, np.array(direction)
    )
    assert restarts
    np.testing.assert_array_equal(found, -np.array(gradient))


def test_a_negative_share_is_a_restart(float64):
    """Polak-Ribiere+."""
    gradient = jax.numpy.array([0.0, 0.1, 0.01])
    assert FORMULAS["polak_ribiere"](gradient, np.array([0.0, 0.11, -2.0]), None) > 0
    found, restarts = conjugate("polak_ribiere", gradient, np.array([0.0, 0.2, -1.0]), DIRECTION)
    assert FORMULAS["polak_ribiere"](gradient, np.array([0.0, 0.2, -1.0]), None) < 0.01
    assert restarts
    np.testing.assert_array_equal(found, -gradient)


@pytest.mark.parametrize("name", NAMES)
def test_never_rises_and_arrives(name):
    found = iterates(CG, rosenbrock, [-1.2, 1.0, 0.5], 150, conjugate=name)
    assert (np.diff(values(found)) <= 0).all()
    np.testing.assert_allclose(found[-1].p, 1.0, atol=1e-5)
