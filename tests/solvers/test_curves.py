"""Curves through measured points, beside SciPy's ``curve_fit``."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

from unstuck.errors import DataError, ParameterError
from unstuck.solvers import fit_curve

RNG = np.random.default_rng(0)
T = np.linspace(0.0, 4.0, 30)
SIGMA = 0.05 + 0.05 * T
Y = 5.0 * np.exp(-T / 1.5) + 0.3 + SIGMA * RNG.normal(size=30)


def decay(t, height, time, floor=0.0):
    return height * jnp.exp(-t / time) + floor


def numpys(t, height, time, floor):
    return height * np.exp(-t / time) + floor


@pytest.mark.parametrize(
    ("sigma", "absolute"),
    [(None, False), (SIGMA, False), (SIGMA, True), (0.1, True)],
    ids=["plain", "weighted", "absolute", "one for all"],
)
def test_as_scipys(sigma, absolute):
    curve = fit_curve(decay, T, Y, sigma=sigma, absolute_sigma=absolute, tol=1e-13)
    theirs = None if sigma is None else np.broadcast_to(sigma, T.shape)
    p, covariance = optimize.curve_fit(
        numpys, T, Y, [1.0, 1.0, 0.0], sigma=theirs, absolute_sigma=absolute, xtol=1e-12
    )
    np.testing.assert_allclose(list(curve.parameters.values()), p, rtol=1e-6)
    np.testing.assert_allclose(list(curve.parameters.values()), p, rtol=1e-6)
    np.testing.assert_allclose(curve.covariance, covariance, rtol=1e-4)


def test_every_number_is_that_of_its_parameter():
    """Also where names are not in the alphabet's order, in which JAX has them."""
    curve = fit_curve(decay, T, Y, tol=1e-13)
    p, covariance = optimize.curve_fit(numpys, T, Y, [1.0, 1.0, 0.0], xtol=1e-12)
    errors = np.sqrt(np.diagonal(covariance))
    np.testing.assert_allclose(curve.vector, p, rtol=1e-6)
    low, high = curve.intervals()
    for name, value, error in zip(("height", "time", "floor"), p, errors, strict=True):
        assert low[name] < value < high[name]
        np.testing.assert_allclose((high[name] - low[name]) / 2, 2.0518305 * error, rtol=1e-4)
        row = next(line for line in str(curve).splitlines() if line.startswith(name))
        np.testing.assert_allclose([*map(float, row.split()[1:3])], [value, error], rtol=1e-4)
    slopes = np.array([np.exp(-1.0 / p[1]), p[0] * np.exp(-1.0 / p[1]) / p[1] ** 2, 1.0])
    there, error = curve.predict(1.0, return_std=True)
    np.testing.assert_allclose(there, numpys(1.0, *p), rtol=1e-6)
    np.testing.assert_allclose(error, np.sqrt(slopes @ covariance @ slopes), rtol=1e-4)


def test_errors_of_the_curve_cover_the_truth():
    """Of 200 data sets, the band of 2 standard errors holds the true curve in some 95 %."""
    x = np.linspace(0.0, 3.0, 12)
    truth = 2.0 * np.exp(-x / 1.2)
    inside = []
    for seed in range(200):
        y = truth + 0.1 * np.random.default_rng(seed).normal(size=12)
        curve = fit_curve(two, x, y)
        there, error = curve.predict(1.0, return_std=True)
        inside.append(abs(there - 2.0 * np.exp(-1.0 / 1.2)) < 2.2281 * error)
    assert 0.91 <= np.mean(inside) <= 0.99


def two(t, a, b):
    return a * jnp.exp(-t / b)


def test_noise_of_a_new_measurement():
    curve = fit_curve(decay, T, Y)
    _, error = curve.predict(T, return_std=True)
    _, whole = curve.predict(T, return_std=True, noise=True)
    np.testing.assert_allclose(whole**2 - error**2, curve.residual_deviation**2)
    np.testing.assert_allclose(
        curve.r2, 1.0 - (curve.residuals**2).sum() / ((Y - Y.mean()) ** 2).sum()
    )


@pytest.mark.parametrize("start", [None, [4.0, 1.0, 0.1], {"height": 4, "time": 1, "floor": 0.1}])
def test_starts(start):
    curve = fit_curve(decay, T, Y, start)
    assert set(curve.parameters) == {"height", "time", "floor"}
    np.testing.assert_allclose(curve.parameters["height"], 5.0, atol=0.2)


def test_several_variables_and_bounds():
    x = {"u": np.tile(T, 2), "v": np.repeat([0.0, 1.0], 30)}
    y = 2.0 * x["u"] - 3.0 * x["v"]
    curve = fit_curve(
        lambda x, a, b: a * x["u"] + b * x["v"],
        x,
        y,
        bounds=({"a": 0.0, "b": -2.0}, {"a": 10.0, "b": 2.0}),
    )
    assert curve.parameters["b"] == -2.0
    assert "At a bound, and held there: b." in str(curve)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": []}, DataError, "x holds float64 of shape"),
        ({"y": np.where(T == 0, np.nan, Y)}, DataError, "Leave out rows with missing values"),
        ({"y": Y[:-1]}, DataError, "y has shape"),
        ({"y": ["a"] * 30}, DataError, "y holds <U1"),
        ({"sigma": np.zeros(30)}, DataError, "expected positive numbers"),
        ({"sigma": np.ones(3)}, DataError, "one or of y's shape"),
        ({"start": [1.0]}, ParameterError, "start holds 1 numbers"),
        ({"start": {"high": 1.0}}, ParameterError, "start names"),
        ({"function": lambda x, *p: x}, ParameterError, "one name for each parameter"),
        ({"function": lambda x: x}, ParameterError, "one name for each parameter"),
    ],
)
def test_mistakes_are_told(change, error, message):
    given = {"function": decay, "x": T, "y": Y, "start": None, **change}
    with pytest.raises(error, match=message):
        fit_curve(given.pop("function"), given.pop("x"), given.pop("y"), **given)


def straight(x, slope, level=0.0):
    return slope * x + level


def test_equal_values_have_no_share_explained():
    curve = fit_curve(straight, [1.0, 2.0, 3.0], [5.0, 5.0, 5.0])
    assert np.isnan(curve.r2)
    assert curve.parameters["level"] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {"y": np.ma.masked_array([1.0, 1e9, 3.0], [False, True, False])},
            DataError,
            "y holds masked",
        ),
        ({"bounds": 3.0}, ParameterError, "bounds was 3.0; expected"),
        ({"start": ["one", "two"]}, ParameterError, "expected a number"),
        ({"start": {"slope": None, "level": 0.0}}, ParameterError, "start of slope was None"),
        ({"function": lambda x, a="one": a * x}, ParameterError, "default of a was 'one'"),
        ({"function": lambda x, a: np.exp(a * x)}, ParameterError, "Write it with jax.numpy"),
    ],
)
def test_what_cannot_be_fitted_is_told(given, error, message):
    asked = {"function": straight, "x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0], **given}
    with pytest.raises(error, match=message):
        fit_curve(**asked)
