"""The line search: Wolfe's conditions, exact steps, walls, kinks and rounding."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from descents import quadratic
from hypothesis import given
from hypothesis import strategies as st

from unstuck.solvers.line_search import DECREASE, LOOSE, MOST_TRIALS, TIGHT, search
from unstuck.solvers.problem import FunctionProblem

number = functools.partial(st.floats, allow_subnormal=False)


@functools.cache
def searching(function, exact):
    def run(p, direction, trial, given):
        problem = FunctionProblem(function, given)
        value, gradient = problem.value_and_gradient(p)
        return search(problem, p, value, gradient, direction, trial, exact), value

    return jax.jit(run)


def searched(function, p, direction=None, trial=1.0, exact=False, given=()):
    """What is found from ``p``, and ``(f, f')`` along the line as a NumPy function.

    The value found never exceeds that at ``p``.
    """
    with jax.enable_x64(True):
        value_and_gradient = jax.value_and_grad(function)
        p = np.array(p, float)
        if direction is None:
            direction = -np.asarray(value_and_gradient(p, *given)[1])

        def along(t):
            value, gradient = value_and_gradient(jnp.array(p + t * direction), *given)
            return float(value), float(gradient @ direction)

        found, before = searching(function, exact)(p, direction, trial, given)
        assert found.value <= before
        return jax.tree.map(np.asarray, found), along


def quartic(p, c):
    x = p[0]
    return x**4 + c[0] * x**3 + c[1] * x**2 + c[2] * x


@given(st.tuples(*[number(-3.0, 3.0)] * 3), number(-2.0, 2.0), number(-4.0, 4.0), st.booleans())
def test_wolfe_conditions(c, x, magnitude, exact):
    with jax.enable_x64(True):
        slope = float(jax.grad(quartic)(jnp.array([x]), jnp.array(c))[0])
    if abs(slope) < 1e-3:
        return
    arguments = (np.array(c),)
    found, along = searched(quartic, [x], trial=10.0**magnitude, exact=exact, given=arguments)
    (value, down), (low, end) = along(0.0), along(found.step)
    assert found.lower
    assert found.trials < MOST_TRIALS
    assert low <= value + DECREASE * found.step * down + 1e-12
    assert end >= (TIGHT if exact else LOOSE) * down - 1e-9
    if exact:
        assert abs(end) <= TIGHT * abs(down) + 1e-9


def test_what_is_found_is_where_it_says(float64):
    function, _, _ = quadratic(5)
    found, _ = searched(function, np.zeros(5), trial=1.0)
    gradient = jax.grad(function)
    np.testing.assert_allclose(found.p, -found.step * gradient(np.zeros(5)), rtol=1e-14)
    np.testing.assert_allclose(found.value, function(found.p), rtol=1e-14)
    np.testing.assert_allclose(found.gradient, gradient(found.p), rtol=1e-12)


def half_square(p, hessian):
    return 0.5 * p @ hessian @ p


@given(number(-4.0, 3.0), st.integers(0, 20))
def test_the_exact_step_on_a_quadratic(magnitude, seed):
    _, hessian, p = quadratic(4, seed=seed)
    gradient = hessian @ p
    expected = (gradient @ gradient) / (gradient @ hessian @ gradient)
    found, _ = searched(
        half_square, p, trial=expected * 10.0**magnitude, exact=True, given=(hessian,)
    )
    np.testing.assert_allclose(found.step, expected, rtol=1e-7)


def test_a_good_first_trial_is_the_only_one():
    function, _, minimum = quadratic(6)
    found, _ = searched(function, np.zeros(6), direction=minimum)
    assert found.trials == 1
    np.testing.assert_allclose(found.p, minimum)


def barrier(p):
    return 3.0 * p[0] - jnp.log(p[0]) - jnp.log(1.0 - p[0])


def cliff(p):
    return jnp.where(p[0] < 1e-3, -p[0], jnp.inf)


def overflow(p):
    return jnp.exp(p[0] ** 4) + jnp.exp(-p[0])


@pytest.mark.parametrize(
    ("function", "x", "trial"),
    [(barrier, 0.9, 100.0), (cliff, 0.0, 1e6), (overflow, -1.5, 1e5)],
    ids=["nan", "inf", "overflow"],
)
def test_a_value_that_is_not_finite_counts_as_high(function, x, trial):
    found, along = searched(function, [x], trial=trial)
    assert found.lower
    assert np.isfinite(found.value)
    assert np.isfinite(found.gradient).all()
    assert found.value < along(0.0)[0]


def test_a_kink():
    found, along = searched(lambda p: jnp.abs(p).sum() + jnp.abs(3.0 * p[1]), [1.0, 1.0])
    assert found.lower
    assert found.value < along(0.0)[0] - 0.5


def shifted(p):
    return 1e8 + 0.5 * p[0] ** 2


@pytest.mark.parametrize("x", [1e-2, 1e-3, 3e-4])
@pytest.mark.parametrize("exact", [False, True])
def test_rounding_does_not_end_the_search(x, exact):
    """The decrease is a few units in the last place of 1e8, or hidden by it."""
    found, _ = searched(shifted, [x], trial=0.3, exact=exact)
    assert found.lower
    assert found.trials < 10
    assert abs(found.gradient[0]) <= (0.1 if exact else 0.9) * x


@pytest.mark.parametrize("direction", [[0.0, 0.0], [1.0, 1.0]], ids=["none", "up"])
def test_no_way_down(direction):
    found, _ = searched(lambda p: (p**2).sum() + p.sum(), [1.0, 1.0], np.array(direction))
    assert not found.lower


def test_types(strict_dtypes):
    problem = FunctionProblem(lambda p: (p**2).sum())
    p = jnp.ones(3, jnp.float32)
    value, gradient = problem.value_and_gradient(p)
    found = search(problem, p, value, gradient, -gradient, jnp.float32(1.0))
    assert {leaf.dtype for leaf in found} == {jnp.dtype("float32"), jnp.dtype("bool")}
