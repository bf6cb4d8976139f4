"""Bayesian regularization: the evidence by integration, its maximum, intervals that cover."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from small import network_of

from unstuck import ACTIVATIONS, INITIALIZERS, LOSSES, SOLVERS
from unstuck.errors import ParameterError
from unstuck.estimators import posterior
from unstuck.estimators.posterior import covariance_factor, predictive_variance
from unstuck.solvers import bayesian, least_squares
from unstuck.solvers.bayesian import prior_mask
from unstuck.solvers.residuals import ResidualProblem
from unstuck.training.objective import Objective
from unstuck.training.problem import NetworkProblem

pytestmark = pytest.mark.usefixtures("float64")

BR = SOLVERS["br"]
HYPER = {
    "damping": 1e-3, "damping_decrease": 0.2, "damping_increase": 3.0,
    "geodesic_acceleration": True,
}  # fmt: skip


@functools.cache
def fit(widths):
    """A network of tanh units with linear outputs, and ``run(p, x, y, w)``: its iterates."""
    network = network_of(widths, ["tanh"] * (len(widths) - 2) + ["identity"])
    objective = Objective(network, LOSSES["squared_error"])
    start = jax.jit(lambda p, *data: BR.start(NetworkProblem(objective, *data, 0.0), p, HYPER))
    step = jax.jit(lambda at, *data: BR.step(NetworkProblem(objective, *data, 0.0), at, HYPER))

    def run(p, x, y, w=None, iterations=200):
        w = np.ones(len(x)) if w is None else w
        p, *data = jax.device_put((p, x, y, w))
        at = start(p, *data)
        iterates = [at]
        while not at.stuck and len(iterates) <= iterations:
            iterates.append(at := step(at, *data))
        return iterates

    return network, run


def measured(at):
    return dict(zip(BR.columns, map(float, at.measured), strict=True))


def precisions(at):
    found = measured(at)
    return found["prior_precision"], found["noise_precision"]


def line(rows=40, inputs=3, seed=0, noise=0.5):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, inputs))
    return x, x @ rng.normal(size=(inputs, 1)) + 2.0 + noise * rng.normal(size=(rows, 1))


def log_evidence(x, y, alpha, beta):
    """``log int N(y | x a + b, 1/beta) N(a | 0, 1/alpha) da db``: a in closed form, then b."""
    n = len(y)
    c = np.eye(n) / beta + x @ x.T / alpha
    ones, inverse = np.ones((n, 1)), np.linalg.inv(c)
    b = (ones.T @ inverse @ y) / (ones.T @ inverse @ ones)
    e = y - b
    square = (e.T @ inverse @ e).item()
    spread = (ones.T @ inverse @ ones).item()
    sizes = np.linalg.slogdet(c)[1] + n * np.log(2 * np.pi) + np.log(spread) - np.log(2 * np.pi)
    return -0.5 * (square + sizes)


def test_the_evidence_is_the_integral_and_ends_at_its_maximum():
    x, y = line()
    _, run = fit((3, 1))
    at = run(np.ones(4), x, y)[-1]
    alpha, beta = precisions(at)
    assert at.stuck
    assert measured(at)["log_evidence"] == pytest.approx(log_evidence(x, y, alpha, beta), rel=1e-9)
    best = minimize(
        lambda logs: -log_evidence(x, y, *np.exp(logs)), [0.0, 0.0], method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10},
    )  # fmt: skip
    np.testing.assert_allclose([alpha, beta], np.exp(best.x), rtol=1e-4)


def test_it_is_bayesian_ridge_where_rows_are_many():
    """Which takes the intercept for known: one observation in 3000."""
    from sklearn.linear_model import BayesianRidge

    x, y = line(rows=3000)
    network, run = fit((3, 1))
    at = run(np.ones(4), x, y)[-1]
    theirs = BayesianRidge(
        alpha_1=0, alpha_2=0, lambda_1=0, lambda_2=0, tol=1e-10, max_iter=1000
    ).fit(x, y.ravel())
    alpha, beta = precisions(at)
    p = np.asarray(at.p)
    np.testing.assert_allclose(p[:3], theirs.coef_, rtol=1e-6)
    assert p[3] == pytest.approx(theirs.intercept_, rel=1e-6)
    assert beta == pytest.approx(theirs.alpha_, rel=2 / 3000)
    assert alpha == pytest.approx(theirs.lambda_, rel=1e-3)
    factor = covariance_factor(network, network.unflatten(p), x, np.ones(3000), alpha, beta)
    found = predictive_variance(network, network.unflatten(p), x, factor, beta)
    _, deviation = theirs.predict(x, return_std=True)
    np.testing.assert_allclose(np.sqrt(found[:, 0]), deviation, rtol=1e-3)


def sine(rows, noise, seed, outputs=1):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (rows, 1))
    phases = np.arange(outputs)
    return x, np.sin(4 * x + phases) + noise * rng.normal(size=(rows, outputs))


def nguyen_widrow(network, seed):
    laws = [INITIALIZERS["nguyen_widrow"], INITIALIZERS["glorot_uniform"]]
    return network.flatten(network.initialize(laws, np.random.default_rng(seed)))


def test_precisions_are_those_of_their_definition():
    """``2 alpha E_W = gamma - free``, ``2 beta E_D = N - gamma``, gamma from the inverse."""
    x, y = sine(60, 0.1, 0, outputs=2)
    w = np.random.default_rng(1).uniform(0.5, 2.0, 60)
    network, run = fit((1, 5, 2))
    at = run(nguyen_widrow(network, 0), x, y, w, iterations=300)[-1]
    alpha, beta = precisions(at)
    p, mask = np.asarray(at.p), prior_mask(network)
    factor = covariance_factor(network, network.unflatten(p), x, w, alpha, beta)
    gamma = p.size - alpha * np.trace(mask[:, None] * (factor @ factor.T))
    assert measured(at)["effective_parameters"] == pytest.approx(gamma, rel=1e-4)
    errors = (w[:, None] * (network(network.unflatten(p), x) - y) ** 2).sum()
    assert alpha * (mask * p**2).sum() == pytest.approx(gamma - 2, rel=1e-4)
    assert beta * errors == pytest.approx(2 * w.sum() - gamma, rel=1e-4)
    half = 0.5 * (errors + alpha / beta * (mask * p**2).sum()) / w.sum()
    assert float(at.value) == pytest.approx(half, rel=1e-10)


@hypothesis_settings(max_examples=8)
@given(st.integers(0, 2**31 - 1), st.sampled_from([1e-3, 0.1, 1.0]))
def test_effective_parameters_lie_between_the_free_ones_and_all(seed, noise):
    with jax.enable_x64(True):
        network, run = fit((1, 6, 1))
        x, y = sine(25, noise, seed)
        iterates = run(nguyen_widrow(network, seed), x, y, iterations=30)
        numbers = np.array([[*at.measured, at.value] for at in iterates[1:]], float)
    gamma = numbers[:, BR.columns.index("effective_parameters")]
    assert np.isfinite(numbers).all()
    assert (gamma >= 1 - 1e-9).all()
    assert (gamma <= network.size).all()


def test_noise_is_found_and_intervals_cover():
    """95 % intervals of new observations, over ten samples of 60 rows; 20 units, 61 parameters."""
    network, run = fit((1, 20, 1))
    covered, noises = [], []
    for seed in range(10):
        x, y = sine(60, 0.2, seed)
        at = run(nguyen_widrow(network, seed), x, y, iterations=100)[-1]
        alpha, beta = precisions(at)
        parameters = network.unflatten(np.asarray(at.p))
        factor = covariance_factor(network, parameters, x, np.ones(60), alpha, beta)
        new, target = sine(1000, 0.2, 100 + seed)
        deviation = np.sqrt(predictive_variance(network, parameters, new, factor, beta))
        covered.append((abs(target - network(parameters, new)) < 1.96 * deviation).mean())
        noises.append(beta**-0.5)
        assert measured(at)["effective_parameters"] < 20
    assert 0.9 < np.mean(covered) < 0.99
    assert np.median(noises) == pytest.approx(0.2, rel=0.15)


def test_weights_are_repeated_rows():
    x, y = sine(30, 0.2, 0)
    w = np.random.default_rng(0).integers(0, 4, 30)
    network, run = fit((1, 4, 1))
    p = nguyen_widrow(network, 0)
    once = run(p, x, y, w.astype(float), iterations=8)
    again = run(p, x.repeat(w, 0), y.repeat(w, 0), iterations=8)
    for a, b in zip(once, again, strict=True):
        np.testing.assert_allclose(a.p, b.p, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(a.measured, b.measured, rtol=1e-6, atol=1e-8)


def test_any_residuals_will_do():
    """A line again, as residuals: every parameter has a prior, so the integral has no b."""
    x, y = line()

    def problem():
        return ResidualProblem(lambda p: x @ p - y[:, 0])

    at = jax.jit(lambda p: BR.start(problem(), p, HYPER))(jnp.ones(3))
    step = jax.jit(lambda at: BR.step(problem(), at, HYPER))
    for _ in range(100):
        at = step(at)
    alpha, beta = precisions(at)
    c = np.eye(40) / beta + x @ x.T / alpha
    square = (y.T @ np.linalg.solve(c, y)).item()
    expected = -0.5 * (square + np.linalg.slogdet(c)[1] + 40 * np.log(2 * np.pi))
    assert measured(at)["log_evidence"] == pytest.approx(expected, rel=1e-9)


def quadratic(p, t, y):
    return p[0] * t**2 + p[1] - y


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_precisions_have_the_units_of_the_data(unit):
    """Parameters and residuals in another unit, from 0, too, where no size of theirs is known."""
    t = np.linspace(0, 1, 40)
    y = 3 * t**2 - 2 + 0.1 * np.random.default_rng(0).normal(size=40)
    plain = least_squares(quadratic, [1.0, 1.0], t, y, solver="br")
    for start in ([0.0, 0.0], [1.0, 1.0]):
        found = least_squares(quadratic, unit * np.array(start), t, unit * y, solver="br")
        np.testing.assert_allclose(found.parameters, unit * plain.parameters, rtol=1e-8)
        for name in ("noise_precision", "prior_precision"):
            last = found.history[name][-1] * unit**2
            assert last == pytest.approx(plain.history[name][-1], rel=1e-6)


def test_errors_of_exactly_zero_end_it_and_are_known_to_be_small():
    """From the exact solution, and where it is reached: a line without noise, in whole numbers."""
    t = np.arange(-4.0, 5.0)
    for start in ([2.0, 1.0], [1.0, 3.0]):
        found = least_squares(lambda p, t, y: p[0] * t**2 + p[1] - y, start, t, 2 * t**2 + 1,
                              solver="br")  # fmt: skip
        assert found.stop.name in ("no_descent", "tol")
        assert found.iterations < 200
        np.testing.assert_allclose(found.parameters, [2.0, 1.0], rtol=1e-9)
        assert found.history["noise_precision"][-1] > 1e18


# The posterior


def test_variance_of_a_line_is_the_textbooks():
    x, _ = line(rows=12)
    network, _ = fit((3, 1))
    w = np.random.default_rng(0).uniform(0.5, 2.0, 12)
    rows = np.column_stack([x, np.ones(12)])
    precision = 4.0 * rows.T @ (w[:, None] * rows) + np.diag([0.7, 0.7, 0.7, 0.0])
    new = np.random.default_rng(1).normal(size=(5, 3))
    ends = np.column_stack([new, np.ones(5)])
    expected = 0.25 + np.einsum("ni,ij,nj->n", ends, np.linalg.inv(precision), ends)
    parameters = network.unflatten(np.zeros(4))
    factor = covariance_factor(network, parameters, x, w, 0.7, 4.0)
    np.testing.assert_allclose(factor @ factor.T, np.linalg.inv(precision), rtol=1e-9)
    found = predictive_variance(network, parameters, new, factor, 4.0)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-10)


def test_blocks_of_rows_change_nothing(monkeypatch):
    network, _ = fit((1, 4, 2))
    x, _ = sine(23, 0.1, 0)
    parameters = network.unflatten(nguyen_widrow(network, 0))

    def both():
        factor = covariance_factor(network, parameters, x, np.ones(23), 0.5, 9.0)
        return factor @ factor.T, predictive_variance(network, parameters, x, factor, 9.0)

    whole = both()
    monkeypatch.setattr(posterior, "BLOCK", 5 * 2 * network.size)
    for found, expected in zip(both(), whole, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert whole[1].shape == (23, 2)


def test_variance_grows_away_from_the_rows():
    network, run = fit((1, 6, 1))
    x, y = sine(50, 0.1, 0)
    at = run(nguyen_widrow(network, 0), x, y, iterations=60)[-1]
    alpha, beta = precisions(at)
    parameters = network.unflatten(np.asarray(at.p))
    factor = covariance_factor(network, parameters, x, np.ones(50), alpha, beta)
    inside, outside = predictive_variance(
        network, parameters, np.array([[0.0], [2.0]]), factor, beta
    )
    assert 1 / beta < inside < 1.5 / beta
    assert outside > 4 * inside


def test_directions_that_nothing_determines_stay_finite():
    """No rows but one, and free output biases of a network with two outputs."""
    network, _ = fit((1, 2, 2))
    parameters = network.unflatten(np.zeros(network.size))
    factor = covariance_factor(network, parameters, np.zeros((1, 1)), np.zeros(1), 1.0, 1.0)
    assert np.isfinite(predictive_variance(network, parameters, np.ones((3, 1)), factor, 1.0)).all()


def test_the_prior_is_on_all_but_output_biases_and_gains():
    network = network_of((2, 3, 1), ["tanh", "identity"], layer_norm=True)
    marked = network.unflatten(prior_mask(network))
    assert marked["hidden_1"]["weights"].all()
    assert marked["hidden_1"]["bias"].all()
    assert not marked["hidden_1"]["gain"].any()
    assert marked["output"]["weights"].all()
    assert not marked["output"]["bias"].any()


def test_other_losses_and_outputs_are_refused():
    bayesian.check(LOSSES["squared_error"], ACTIVATIONS["identity"])
    for loss, output in (("cross_entropy", "softmax"), ("squared_error", "tanh")):
        with pytest.raises(ParameterError, match=f"received '{loss}' and '{output}'.*solver='lm'"):
            bayesian.check(LOSSES[loss], ACTIVATIONS[output])
