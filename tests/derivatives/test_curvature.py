"""Stationary points with known curvature, and networks."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares
from small import network_of

from unstuck import LOSSES, DataError, ParameterError, curvature
from unstuck.training.objective import Objective

POINTS = {
    "a bowl": (lambda p: (p**2).sum() + 7.0, np.zeros(3), "minimum"),
    "a tiny bowl": (lambda p: 1e-30 * (p**2).sum(), np.zeros(3), "minimum"),
    "a huge bowl": (lambda p: 1e30 * (p**2).sum(), np.zeros(3), "minimum"),
    "a bowl on a mountain": (lambda p: 1e6 + ((p - 1e-9) ** 2).sum(), np.zeros(3), "minimum"),
    "a bowl far away": (lambda p: ((p - 1e6) ** 2).sum(), np.full(3, 1e6), "minimum"),
    "a gutter": (lambda p: (p[0] - p[1]) ** 2 + 3.0, np.zeros(2), "minimum"),
    "a hill": (lambda p: -(p**2).sum(), np.zeros(3), "maximum"),
    "a ridge": (lambda p: -((p[0] - p[1]) ** 2), np.zeros(2), "maximum"),
    "a saddle": (lambda p: p[0] ** 2 - 0.1 * p[1] ** 2, np.zeros(2), "saddle"),
    "x^4": (lambda x: x**4, 0.0, "degenerate"),
    "x^3": (lambda x: x**3, 0.0, "degenerate"),
    "monkey saddle": (lambda p: p[0] ** 3 - 3 * p[0] * p[1] ** 2, np.zeros(2), "degenerate"),
    "turned": (lambda p: p[1] ** 3 - 3 * p[1] * p[0] ** 2, np.zeros(2), "degenerate"),
    "a valley": (lambda p: p[0] ** 2 + p[1] ** 4, np.zeros(2), "degenerate"),
    "a plain": (lambda p: 5.0 + 0.0 * p.sum(), np.zeros(2), "degenerate"),
    "a slope": (lambda p: p.sum(), np.zeros(2), "not stationary"),
    "the side of a bowl": (lambda p: (p**2).sum(), np.ones(2), "not stationary"),
}
FALLS = {"a hill", "a ridge", "a saddle", "x^3", "monkey saddle", "turned", "a slope"} | {
    "the side of a bowl"
}


@pytest.mark.parametrize("name", POINTS)
def test_known_points(name):
    function, p, verdict = POINTS[name]
    found = curvature(function, p)
    assert found.verdict == verdict
    assert str(found).startswith(verdict)
    assert (found.descent is not None) == (name in FALLS)
    if found.descent is not None:
        np.testing.assert_allclose(np.linalg.norm(found.descent), 1.0)
        lower = p + found.descent_step * np.asarray(found.descent)
        assert function(p) - function(lower) == pytest.approx(found.descent_decrease)
        assert found.descent_decrease > 0


@pytest.mark.parametrize(("unit", "value"), [(1e-12, 1e12), (1e12, 1e-12)])
@pytest.mark.parametrize("name", POINTS)
def test_units_change_no_verdict(name, unit, value):
    function, p, verdict = POINTS[name]
    found = curvature(in_units, np.asarray(p) * unit, Hashed(function), unit, value)
    assert found.verdict == verdict
    assert (found.descent is not None) == (name in FALLS)
    assert found.descent_decrease >= 0


class Hashed:
    """A function that is handed on as it is."""

    def __init__(self, function):
        self.function = function


def in_units(p, named, unit, value):
    return value * named.function(p / unit)


ON_A_SLOPE = {
    "small parameters": (lambda p: ((p / 1e-6 - 1) ** 2).sum(), np.array([2e-6, 1e-6])),
    "a large offset": (lambda p: 1e9 + p[0] ** 2 - p[1] ** 2, np.ones(2)),
    "across a gorge": (lambda p: 1e10 * p[0] ** 2 + (p[1] - 1) ** 2, np.array([0.0, 2.0])),
    "units side by side": (lambda p: (p[0] - 1) ** 2 + (p[1] / 1e12 - 2) ** 2, [1.0, 1e12]),
    "along a gorge": (lambda p: 1e10 * p[0] ** 2 + p[1], np.array([0.0, 2.0])),
}


@pytest.mark.parametrize("name", ON_A_SLOPE)
def test_a_slope_is_no_stationary_point(name):
    function, p = ON_A_SLOPE[name]
    found = curvature(function, np.asarray(p))
    assert found.verdict == "not stationary"
    assert found.descent_decrease > 0


def test_next_to_a_minimum_the_point_counts_as_one():
    assert curvature(lambda p: ((p - 1) ** 2).sum(), np.full(2, 1 + 1e-9)).verdict == "minimum"
    far = curvature(lambda p: 1.0 + 1e-20 * ((p - 1) ** 2).sum(), np.full(2, 2.0))
    assert far.verdict == "minimum"  # what it could fall is less than the value's rounding


@settings(max_examples=40)
@given(
    seed=st.integers(0, 1000),
    values=st.lists(st.floats(-10, 10).filter(lambda v: abs(v) > 0.01), min_size=2, max_size=6),
    power=st.integers(-8, 8),
)
def test_the_spectrum_of_a_quadratic_is_found_and_judged(seed, values, power):
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(len(values), len(values))))
    values = np.sort(values) * 10.0**power
    hessian = turned @ np.diag(values) @ turned.T
    middle = rng.normal(size=len(values))
    found = curvature(quadratic, middle, hessian, middle)
    np.testing.assert_allclose(found.eigenvalues, values, atol=1e-12 * abs(values).max())
    expected = "minimum" if values[0] > 0 else "maximum" if values[-1] < 0 else "saddle"
    assert found.verdict == expected


@jax.jit
def quadratic(p, hessian, middle):
    return 0.5 * (p - middle) @ hessian @ (p - middle)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.5, 9.0, "minimum"), (-3.0, 9.0, "saddle"), (-9.0, -1.0, "maximum"), (0, 9, "degenerate")],
)
def test_extremes_of_a_large_hessian_are_found_without_forming_it(low, high, verdict):
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.normal(size=(300, 300)))
    values = np.linspace(low, high, 300)
    hessian = turned @ np.diag(values) @ turned.T
    found = curvature(quadratic, np.zeros(300), hessian, np.zeros(300))
    assert not found.complete
    np.testing.assert_allclose(found.eigenvalues, [low, high], atol=1e-5 * 9)
    assert found.verdict == verdict


FEW_EIGENVALUES = {
    "0": (lambda p: 5.0 + 0.0 * p.sum(), 0.0, (0.0, 0.0), "degenerate"),
    "0, on a slope": (lambda p: p.sum(), 1.0, (0.0, 0.0), "not stationary"),
    "the identity": (lambda p: 0.5 * (p**2).sum(), 0.0, (1.0, 1.0), "minimum"),
    "-6 times it": (lambda p: -3e20 * ((p - 1) ** 2).sum(), 1.0, (-6e20, -6e20), "maximum"),
    "rank one": (lambda p: p[7] ** 2, 0.0, (0.0, 2.0), "degenerate"),
    "two": (lambda p: (p[:9] ** 2).sum() - (p[9:] ** 2).sum(), 0.0, (-2.0, 2.0), "saddle"),
}


@pytest.mark.parametrize("name", FEW_EIGENVALUES)
def test_a_large_hessian_may_have_few_eigenvalues(name):
    function, at, values, verdict = FEW_EIGENVALUES[name]
    found = curvature(function, np.full(300, at))
    assert found.verdict == verdict
    np.testing.assert_allclose(found.eigenvalues, values, rtol=1e-9, atol=1e-9)


def problem(widths, units, loss="squared_error", rows=20, seed=0):
    rng = np.random.default_rng(seed)
    net = network_of(widths, units)
    x, y = rng.normal(size=(rows, widths[0])), rng.normal(size=(rows, widths[-1]))
    if loss == "cross_entropy":
        y = rng.dirichlet(np.ones(widths[-1]), rows)
    objective = Objective(net, LOSSES[loss])
    p = {n: {k: rng.normal(size=s) for k, s in d.items()} for n, d in net.shapes().items()}
    return net, p, lambda p: objective(p, x, y, np.ones(rows), 0.0, jnp), x, y


def test_a_network_with_all_weights_zero_is_at_a_saddle():
    net, p, loss, _, y = problem((2, 3, 1), ("tanh", "identity"))
    p = jax.tree.map(np.zeros_like, p)
    p["output"]["bias"] = y.mean(0)
    found = curvature(loss, p)
    assert found.verdict == "saddle"
    assert found.flat > 0
    lower = jax.tree.map(lambda a, d: a + found.descent_step * d, p, found.descent)
    with jax.enable_x64(True):
        assert loss(lower) < loss(p)
    assert net.shapes() == jax.tree.map(np.shape, found.descent)


def test_a_trained_network_is_at_a_minimum():
    net, p, _, x, y = problem((1, 2, 1), ("tanh", "identity"), seed=1)
    y = np.tanh(2 * x - 1) - np.tanh(x + 1) + 0.01 * y
    objective = Objective(net, LOSSES["squared_error"])

    def loss(p):
        return objective(p, x, y, np.ones(20), 0.0, jnp)

    fit = least_squares(
        lambda v: (net(net.unflatten(v), x) - y).ravel(),
        net.flatten(p), xtol=1e-15, ftol=1e-15, gtol=1e-15,
    )  # fmt: skip
    found = curvature(loss, net.unflatten(fit.x))
    assert found.verdict == "minimum"
    assert found.flat == 0
    assert found.eigenvalues[0] > 0


def test_the_flat_direction_of_softmax_does_not_hide_a_minimum():
    """Adding a number to all output biases changes nothing."""
    y = np.array([0.2, 0.3, 0.5])
    found = curvature(lambda b: -(y * jax.nn.log_softmax(b)).sum(), np.log(y))
    assert found.verdict == "minimum"
    assert found.flat == 1


def test_the_predicted_decrease_is_that_of_the_quadratic_model():
    _, p, loss, _, _ = problem((2, 3, 2), ("tanh", "softmax"), "cross_entropy")
    found = curvature(loss, p)
    gaps = []
    for step in (0.1, 0.05, 0.025):
        predicted, actual = found.predicted_decrease(step), found.actual_decrease(step)
        gaps.append(abs(predicted - actual))
        assert actual == pytest.approx(predicted, rel=0.1)
    np.testing.assert_allclose(np.array(gaps[:-1]) / gaps[1:], 8.0, rtol=0.3)  # O(step^3)
    bowl = curvature(lambda p: (3.0 * p**2).sum(), np.array([1.0, 2.0]))
    assert bowl.predicted_decrease(0.1) == pytest.approx(bowl.actual_decrease(0.1), rel=1e-12)


def test_a_custom_vjp_has_curvature_too():
    @jax.custom_vjp
    def square(x):
        return x**2

    square.defvjp(lambda x: (x**2, x), lambda x, g: (2.0 * x * g,))
    assert curvature(lambda p: square(p).sum(), np.zeros(2)).eigenvalues.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("function", "p", "named", "error", "message"),
    [
        (lambda p: p, np.ones(2), {}, DataError, "expected one real number"),
        (lambda p: jnp.log(p).sum(), -np.ones(2), {}, DataError, "expected a finite value"),
        (lambda p: jnp.sqrt(p).sum(), np.zeros(2), {}, DataError, "derivatives .* not finite"),
        (lambda p: p.sum(), np.arange(2), {}, DataError, "no floating-point number"),
        (lambda p: p.sum(), np.zeros(0), {}, DataError, "hold no numbers"),
        (lambda p: p.sum(), np.ones(2), {"tolerance": 2}, ParameterError, "tolerance was 2"),
    ],
)
def test_what_has_no_curvature_is_refused_in_words(function, p, named, error, message):
    with pytest.raises(error, match=message):
        curvature(function, p, **named)
