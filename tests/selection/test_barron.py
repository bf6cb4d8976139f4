"""Barron's bound: constants in closed form, and slopes of errors that were measured."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck import DataError, ParameterError
from unstuck.selection.approximation import SMOOTH, SmoothFunction, beside_barron

SIZE = {"units": (1, 4, 16, 32), "rows": (200, 800), "seeds": 2}


@pytest.fixture(scope="module")
def study():
    return beside_barron("hill", **SIZE)


@pytest.mark.parametrize("inputs", [1, 3])
def test_the_constant_of_the_hill_is_the_mean_over_its_fourier_measure(inputs):
    """That measure is the law of w, a standard Gaussian: exp(-|x|²/2) = E cos(w·x)."""
    w = np.random.default_rng(0).standard_normal((400_000, inputs))
    x = np.full(inputs, 0.6)
    hill = SMOOTH["hill"]
    assert np.cos(w @ x).mean() == pytest.approx(hill.function(x[None])[0], abs=0.01)
    assert abs(w).sum(1).mean() == pytest.approx(hill.constant(inputs), rel=0.01)


def test_waves_are_the_cosines_of_their_constants():
    x = np.random.default_rng(1).uniform(-1, 1, (50, 3))
    a = np.full(3, 4 / 3)
    np.testing.assert_allclose(SMOOTH["wave"].function(x), np.cos(x @ a))
    assert SMOOTH["wave"].constant(3) == pytest.approx(abs(a).sum())
    np.testing.assert_allclose(SMOOTH["waves"].function(x), np.cos(3 * x).mean(1))
    assert SMOOTH["waves"].constant(3) == 3


def test_the_bound_is_its_formula(study):
    c, q = 2 * np.sqrt(2 / np.pi), np.array([1, 4, 16, 32])
    np.testing.assert_allclose(study.bound(2, 800), c**2 / q + q * 2 * np.log(800) / 800)
    assert study.best(2, 800)[1] == pytest.approx(c * np.sqrt(800 / (2 * np.log(800))))


def test_few_units_approximate_badly_and_many_estimate_badly(study):
    few, many = study.mean[0, 0, 0], study.mean[0, 0, -1]
    assert min(few, many) > 1.5 * study.mean[0, 0].min()
    slopes = study.slopes()
    assert slopes["q, few"][0] < -0.5
    assert slopes["q, many"][0] > 0.3
    assert -1.8 < slopes["N"][0] < -0.6
    assert (study.mean[0] <= study.bound(2, 800)).all()
    assert "best q" in str(study)
    assert len(study.plot().lines) == 6


def test_without_noise_the_error_falls_at_least_as_fast_as_one_over_q():
    smooth = beside_barron("wave", units=(1, 2, 4, 8), rows=(600,), noise=0, seeds=1)
    assert smooth.slopes()["q, few"][0] < -1


def test_a_fit_may_be_given():
    """Here, a mean: its error is the variance of the function over other rows."""

    def mean(x, y, q, seed):
        return lambda others: np.full(len(others), y.mean())

    study = beside_barron("wave", units=(1, 2), rows=(100_000,), seeds=1, fit=mean)
    x = np.random.default_rng(5).uniform(-1, 1, (100_000, 2))
    np.testing.assert_allclose(study.mean[0, 0], np.var(SMOOTH["wave"].function(x)), rtol=0.05)


def test_seeds_give_the_same_errors_again():
    small = {"units": (2,), "rows": (100,), "seeds": 2, "random_state": 3}
    first, again = (beside_barron("wave", **small) for _ in range(2))
    np.testing.assert_array_equal(first.errors, again.errors)
    assert first.errors[0, 0, 0, 0] != first.errors[0, 0, 0, 1]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"function": "hil"}, "Did you mean 'hill'"),
        ({"units": (0, 1)}, "units was 0"),
        ({"rows": ()}, "rows is empty"),
        ({"noise": -1.0}, "noise was -1.0"),
        ({"seeds": 0}, "seeds was 0"),
        ({"function": np.sin}, "expected hill, wave, waves, or a SmoothFunction"),
        ({"noise": "a"}, "noise was 'a'"),
        ({"rows": None}, "rows was None"),
        ({"rows": (1,)}, "rows was 1; expected an integer >= 2"),
        ({"random_state": -1}, "random_state was -1"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ParameterError, match=message):
        beside_barron(**parameters)


def test_bad_predictions_and_places_are_named(study):
    with pytest.raises(DataError, match="a finite number a row"):
        beside_barron(rows=(50,), units=(1,), fit=lambda x, y, q, seed: lambda others: others)
    with pytest.raises(DataError, match="the fit to 50 rows fails: ZeroDivisionError"):
        beside_barron(rows=(50,), units=(1,), fit=lambda x, y, q, seed: 1 / 0)
    sum_ = SmoothFunction("s", "s", lambda x: x, lambda inputs: 1.0)
    with pytest.raises(DataError, match="a number a row"):
        beside_barron(sum_, rows=(50,), units=(1,))
    for constant in (3.0, lambda inputs: float("nan")):
        with pytest.raises(ParameterError, match="constant of 's'"):
            beside_barron(sum_._replace(constant=constant), rows=(50,), units=(1,))
    with pytest.raises(ParameterError, match="were not measured"):
        study.best(3, 800)
