"""Points that make a judgment of curvature err, in units of their own for each parameter."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unstuck import curvature

ONES = np.ones(3)
X = np.random.default_rng(0).normal(size=(6, 3))
SOLUTION = np.linalg.lstsq(X, np.ones(6), rcond=None)[0]


def rosenbrock(p):
    return (100.0 * (p[1:] - p[:-1] ** 2) ** 2 + (1.0 - p[:-1]) ** 2).sum()


def scanned(p):
    return jax.lax.scan(lambda total, x: (total + (x @ p - 1.0) ** 2, None), 0.0, X)[0]


@jax.custom_vjp
def squares(p):
    return ((p - 1.0) ** 2).sum()


squares.defvjp(lambda p: (squares(p), p), lambda p, g: (2.0 * g * (p - 1.0),))

POINTS = {
    "a bowl": (lambda p: ((p - 1.0) ** 2).sum(), ONES, "minimum"),
    "its side": (lambda p: ((p - 1.0) ** 2).sum(), np.array([1.0, 2.0, 1.0]), "not stationary"),
    "a saddle": (lambda p: ((p - 1.0) ** 2 * np.array([1.0, 1.0, -1.0])).sum(), ONES, "saddle"),
    "a weak saddle": (lambda p: ((p - 1) ** 2 * np.array([1.0, 1, -1e-4])).sum(), ONES, "saddle"),
    "a product": (lambda p: (p[0] - 1.0) * (p[1] - 1.0) + (p[2] - 1.0) ** 2, ONES, "saddle"),
    "a hill": (lambda p: -((p - 1.0) ** 2).sum(), ONES, "maximum"),
    "a bowl on a mountain": (lambda p: 1e9 + ((p - 1.0) ** 2).sum(), ONES, "minimum"),
    "a slope on a mountain": (lambda p: 1e9 + ((p - 1.0) ** 2).sum(), 2.0 * ONES, "not stationary"),
    "waves": (lambda p: jnp.sin(1e4 * p).sum(), np.array([-1, 1, -1]) * np.pi / 2e4, "saddle"),
    "a tail": (lambda p: jax.nn.sigmoid(p).sum(), -30.0 * ONES, "not stationary"),
    "a saturated tail": (lambda p: jnp.tanh(p).sum(), 25.0 * ONES, "degenerate"),
    "a scan": (scanned, SOLUTION, "minimum"),
    "two branches": (
        lambda p: jnp.where(p > 1.0, (p - 1.0) ** 2, 2.0 * (p - 1.0) ** 2).sum(),
        ONES,
        "minimum",
    ),
    "a custom_vjp": (squares, ONES, "minimum"),
    "a valley's end": (rosenbrock, ONES, "minimum"),
    "in the valley": (rosenbrock, np.array([0.9, 0.81, 0.6561]), "not stationary"),
    "a barrier": (lambda p: (p - jnp.log(p)).sum(), ONES, "minimum"),
    "years": (lambda p: (p[0] - 2024) ** 2 - (p[1] - 2024) ** 2 + p[2] ** 2,
              np.array([2024.0, 2024.0, 0.0]), "saddle"),
}  # fmt: skip
UNITS = {
    "1": ONES,
    "1e-12": 1e-12 * ONES,
    "each its own": np.array([1e-12, 1.0, 1e12]),
    "turned about": np.array([1e6, 1e-9, 1e3]),
}


@pytest.mark.parametrize("name", POINTS)
def test_units_of_single_parameters_change_no_verdict(name):
    function, p, verdict = POINTS[name]

    def measured(p, units, value):
        return value * function(p / units)

    for units, value in zip(UNITS.values(), (1.0, 1e12, 1e-12, 1e200), strict=True):
        found = curvature(measured, p * units, units, value)
        assert found.verdict == verdict, f"{units}: {found}"
        if verdict in ("saddle", "maximum", "not stationary"):
            there = p + found.descent_step * np.asarray(found.descent) / units
            assert found.descent_decrease > 0.0
            with jax.enable_x64(True):
                fall = float(function(p) - function(there))
            assert fall == pytest.approx(found.descent_decrease / value, rel=1e-6)


def test_a_value_whose_squares_vanish():
    function = jax.jit(lambda p: 1e-200 * ((p - 1.0) ** 2).sum())
    assert curvature(function, ONES).verdict == "minimum"
    side = curvature(function, 2.0 * ONES)
    assert side.verdict == "not stationary"
    assert side.gradient_norm == pytest.approx(2e-200 * np.sqrt(3.0))


@pytest.mark.parametrize("number", [jnp.float32, jnp.bfloat16])
def test_fewer_digits_inside(number):
    def function(p):
        return ((p.astype(number) - 1.0) ** 2).sum().astype(float)

    assert curvature(function, ONES).verdict == "minimum"
    assert curvature(function, 2.0 * ONES).verdict == "not stationary"
