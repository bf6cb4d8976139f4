"""Levenberg-Marquardt against closed forms, a slow twin, certified answers and scikit-learn."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small import network_of

from unstuck import ACTIVATIONS, INITIALIZERS, LOSSES, SOLVERS
from unstuck.errors import ParameterError
from unstuck.solvers import gauss_newton, least_squares
from unstuck.solvers.residuals import ResidualProblem
from unstuck.training.objective import Objective
from unstuck.training.problem import NetworkProblem

pytestmark = pytest.mark.usefixtures("float64")

LM = SOLVERS["lm"]
NUMBERS = {"damping": 1e-3, "damping_decrease": 0.2, "damping_increase": 3.0}


def program(make_problem, geodesic=True):
    """``run(p, numbers, *data)`` yields the iterates; start and step are compiled once."""

    def hyper(numbers):
        return {**numbers, "geodesic_acceleration": geodesic}

    start = jax.jit(lambda p, numbers, *data: LM.start(make_problem(*data), p, hyper(numbers)))
    step = jax.jit(lambda at, numbers, *data: LM.step(make_problem(*data), at, hyper(numbers)))

    def run(p, *data, numbers=NUMBERS, iterations=50):
        p, data, numbers = jax.device_put((np.asarray(p, float), data, numbers))
        yield (at := start(p, numbers, *data))
        for _ in range(iterations):
            at = step(at, numbers, *data)
            yield at
            if at.stuck:
                return

    return run


def last(iterates):
    *_, at = iterates
    return at


@functools.cache
def fit(widths, activations, loss="squared_error", geodesic=True):
    """The network and the program ``run(p, x, y, w, penalty)``."""
    network = network_of(widths, activations)
    objective = Objective(network, LOSSES[loss])
    return network, program(functools.partial(NetworkProblem, objective), geodesic)


# Known answers


@pytest.mark.parametrize("alpha", [0.0, 3.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_linear_least_squares_is_ridge(alpha, weighted):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 2))
    w = rng.integers(0, 4, 40).astype(float) if weighted else np.ones(40)
    network, run = fit((3, 2), ("identity",))
    at = last(run(np.ones(network.size), x, y, w, alpha / w.sum()))
    rows = np.column_stack([x, np.ones(40)])
    held = np.diag([alpha] * 3 + [0.0])
    expected = np.linalg.solve(rows.T @ (w[:, None] * rows) + held, rows.T @ (w[:, None] * y))
    np.testing.assert_allclose(np.asarray(at.p).reshape(4, 2), expected, rtol=1e-7, atol=1e-9)
    assert at.stuck
    assert at.gradient_norm < 1e-8


@pytest.mark.parametrize("geodesic", [True, False])
def test_rosenbrock(geodesic):
    run = program(
        lambda: ResidualProblem(lambda p: jnp.stack([10 * (p[1] - p[0] ** 2), 1 - p[0]])), geodesic
    )
    at = last(run([-1.2, 1.0], iterations=100))
    np.testing.assert_allclose(at.p, [1.0, 1.0], atol=1e-9)
    assert at.value < 1e-18


def test_misra_as_certified():
    """Parameters a million times apart in size. NIST Statistical Reference Datasets, Misra1a."""
    t = np.array(
        [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1,
         760.0]
    )  # fmt: skip
    y = np.array(
        [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47,
         81.78]
    )  # fmt: skip
    run = program(
        lambda t, y: ResidualProblem(lambda b, t, y: b[0] * (1 - jnp.exp(-b[1] * t)) - y, (t, y))
    )
    at = last(run([500.0, 1e-4], t, y, iterations=200))
    np.testing.assert_allclose(at.p, [2.3894212918e2, 5.5015643181e-4], rtol=1e-6)
    assert 2 * float(at.value) == pytest.approx(1.2455138894e-1, rel=1e-9)


def test_a_network_ends_where_minpack_ends():
    from scipy.optimize import least_squares

    rng = np.random.default_rng(0)
    x = np.linspace(-1, 1, 60)[:, None]
    y = np.sin(3 * x) + 0.1 * rng.normal(size=x.shape)
    network, run = fit((1, 1, 1), ("tanh", "identity"))  # with more, minima lie at infinity
    p = np.random.default_rng(1).normal(size=network.size)
    at = last(run(p, x, y, np.ones(60), 0.0, iterations=300))
    theirs = least_squares(
        lambda p: (network(network.unflatten(p), x) - y).ravel(), p, method="lm",
        xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=5000,
    )  # fmt: skip
    assert float(at.value) == pytest.approx(theirs.cost / 60, rel=1e-9)
    assert at.gradient_norm < 1e-8


@pytest.mark.parametrize("output", ["softmax", "logistic"])
def test_cross_entropy_ends_where_logistic_regression_ends(output):
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 3))
    classes = 2 if output == "logistic" else 3
    labels = (x @ rng.normal(size=(3, classes)) + rng.normal(size=(80, classes))).argmax(1)
    w = rng.uniform(0.5, 2.0, 80)
    y = labels[:, None].astype(float) if classes == 2 else np.eye(3)[labels]
    network, run = fit((3, y.shape[1]), (output,), "cross_entropy")
    at = last(run(np.zeros(network.size), x, y, w, 0.5 / w.sum()))
    theirs = LogisticRegression(C=2.0, tol=1e-10, max_iter=10_000).fit(x, labels, w)
    found = network(network.unflatten(np.asarray(at.p)), x)
    expected = theirs.predict_proba(x)[:, classes - y.shape[1] :]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert at.gradient_norm < 1e-9


def test_poisson_regression_ends_where_its_gradient_vanishes():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    y = rng.poisson(np.exp(0.5 + x[:, :1])).astype(float)
    _, run = fit((2, 1), ("exponential",), "poisson")
    p = np.asarray(last(run(np.zeros(3), x, y, np.ones(60), 0.0)).p)
    rates = np.exp(x @ p[:2] + p[2])
    np.testing.assert_allclose(
        np.column_stack([x, np.ones(60)]).T @ (rates - y[:, 0]), 0, atol=1e-7
    )


# The steps


def slow_twin(residuals, jacobian, p, iterations, geodesic):
    """The recurrence in NumPy: parameters, value, damping and trials after every iteration."""
    damping, scale, room = 1e-3, np.zeros(p.size), None
    for _ in range(iterations):
        r, j = residuals(p), jacobian(p)
        h, value, trials, lower = j.T @ j, 0.5 * r @ r, 0, False
        scale = np.maximum(np.diagonal(h), 0.5 * scale)
        room = np.sqrt(p @ (scale * p)) if room is None else np.inf
        while not lower:
            system = h + damping * np.diag(scale)
            d = -np.linalg.solve(system, j.T @ r)
            length, step = np.sqrt(d @ (scale * d)), d
            if geodesic:
                bent = 2 / 0.1 * ((residuals(p + 0.1 * d) - r) / 0.1 - j @ d)
                a = -0.5 * np.linalg.solve(system, j.T @ bent)
                if 2 * np.sqrt(a @ (scale * a)) <= 0.75 * length:
                    step = d + a
            found = residuals(p + step)
            lower = 0.5 * found @ found < value and (length <= room or damping >= 100)
            promised = value - 0.5 * ((r + j @ d) ** 2).sum()
            good = value - 0.5 * found @ found >= 0.75 * promised
            damping *= (0.2 if good else 1.0) if lower else 3.0
            trials += 1
        change = jacobian(p + step).T @ found - j.T @ r
        share = abs(step) * np.sqrt(scale)
        felt = np.where(share >= 0.3 * share.max(), abs(change / step), 0.0)
        scale = np.maximum(scale, felt)
        p, value = p + step, 0.5 * found @ found
        yield p, value, damping, trials


@pytest.mark.parametrize("geodesic", [True, False])
def test_steps_are_the_twins(geodesic):
    t = np.linspace(0, 3, 25)
    y = 2 * np.exp(-1.3 * t) + 0.3 + 0.05 * np.sin(9 * t)

    def model(p, xp):
        return p[0] * xp.exp(-p[1] * t) + p[2] - y

    def jacobian(p):
        e = np.exp(-p[1] * t)
        return np.column_stack([e, -p[0] * t * e, np.ones(25)])

    start = np.array([-3.0, 3.0, 0.0])
    run = program(lambda: ResidualProblem(lambda p: model(p, jnp)), geodesic)
    twin = slow_twin(lambda p: model(p, np), jacobian, start, 6, geodesic)
    refused = 0
    for at, (p, value, damping, trials) in zip(
        list(run(start, iterations=6))[1:], twin, strict=True
    ):
        np.testing.assert_allclose(at.p, p, rtol=1e-7)
        assert float(at.value) == pytest.approx(value, rel=1e-9)
        assert [float(number) for number in at.measured] == pytest.approx([trials, damping])
        refused += trials - 1
    assert refused > 1


def curve(p, t, y):
    return p[0] * jnp.exp(-p[1] * t) + p[2] - y


def in_units(p, t, y, units, unit):
    return unit * curve(p / units, t, y)


@pytest.mark.parametrize("kind", ["powers of two", "powers of ten"])
def test_the_path_is_the_same_whatever_the_units(kind, float64):
    """Of each parameter and of the residuals; to the last digit where they are powers of two."""
    t = np.linspace(0, 3, 25)
    y = 2 * np.exp(-1.3 * t) + 0.3 + 0.05 * np.sin(9 * t)
    start, rng = np.array([-3.0, 3.0, 0.1]), np.random.default_rng(0)
    plain = least_squares(in_units, start, t, y, np.ones(3), 1.0)
    for _ in range(4):
        if kind == "powers of two":
            *units, unit = 2.0 ** rng.integers(-40, 40, 4)
        else:
            *units, unit = 10.0 ** rng.integers(-12, 13, 4)
        units = np.array(units)
        found = least_squares(in_units, units * start, t, y, units, unit)
        exact = kind == "powers of two"
        np.testing.assert_allclose(
            found.parameters / units, plain.parameters, rtol=0 if exact else 1e-7
        )
        assert found.value / unit**2 == pytest.approx(plain.value, rel=0 if exact else 1e-12)
        steps = min(len(plain.history["loss"]), len(found.history["loss"]) if exact else 8)
        for name in ("evaluations", "damping"):
            np.testing.assert_allclose(
                found.history[name][:steps], plain.history[name][:steps], rtol=1e-9
            )
        assert not exact or found.iterations == plain.iterations


def test_a_polynomial_in_years():
    """Columns so alike that their products are all the same to the last digit."""
    years = np.linspace(2000.0, 2024.0, 60)
    y = np.sin((years - 2010) / 4)
    exact = np.polynomial.Polynomial.fit(years, y, 4)
    powers = years[:, None] ** np.arange(5)
    found = least_squares(lambda p, x, y: x @ p - y, np.zeros(5), powers, y)
    assert found.value == pytest.approx(0.5 * ((exact(years) - y) ** 2).sum(), rel=1e-3)
    np.testing.assert_allclose(powers @ found.parameters, exact(years), atol=1e-2)


def test_a_start_at_zero_has_no_unit():
    """The first step cannot be bounded by the parameters; a line is found all the same."""
    x = np.linspace(1.0, 2.0, 20)
    for unit in (1e-10, 1.0, 1e10):
        found = least_squares(
            lambda p, x, y: p[0] * x + p[1] - y, [0.0, 0.0], x * unit, 3.0 * x + 5.0
        )
        np.testing.assert_allclose(found.parameters, [3.0 / unit, 5.0], rtol=1e-9)


def test_more_residuals_than_parameters_or_fewer_the_steps_agree():
    """Three residuals of four parameters, and the same with zeros below: two linear systems.

    For one iteration: then scales fade in one of them. Both come to the end.
    """

    def residuals(p):
        return jnp.stack([p[0] * p[1] - 1, jnp.sin(p[2]) + p[3], p[0] - p[3] ** 2])

    few = program(lambda: ResidualProblem(residuals))
    many = program(lambda: ResidualProblem(lambda p: jnp.concatenate([residuals(p), jnp.zeros(4)])))
    start = np.array([0.3, 2.0, -0.4, 1.0])
    for a, b in zip(few(start, iterations=1), many(start, iterations=1), strict=True):
        np.testing.assert_allclose(a.p, b.p, rtol=1e-6)
    for run in (few, many):
        assert last(run(start, iterations=40)).value < 1e-20


def test_a_network_with_fewer_rows_than_weights_interpolates():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 2)), rng.normal(size=(12, 1))
    network, run = fit((2, 20, 1), ("tanh", "identity"))
    at = last(run(rng.normal(size=network.size), x, y, np.ones(12), 0.0))
    assert at.value < 1e-24


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(30, 1))
    w = rng.integers(0, 4, 30)
    network, run = fit((2, 4, 1), ("tanh", "identity"))
    p = rng.normal(size=network.size)
    once = run(p, x, y, w.astype(float), 0.01, iterations=10)
    again = run(p, x.repeat(w, 0), y.repeat(w, 0), np.ones(w.sum()), 0.01, iterations=10)
    for a, b in zip(once, again, strict=True):
        np.testing.assert_allclose(a.p, b.p, rtol=1e-6, atol=1e-8)


FITS = [
    (("tanh", "identity"), "squared_error"),
    (("relu", "identity"), "squared_error"),
    (("logistic", "softmax"), "cross_entropy"),
]


@hypothesis_settings(max_examples=10)
@given(
    st.sampled_from(FITS), st.integers(0, 2**31 - 1), st.sampled_from([0.1, 1.0, 30.0]),
    st.sampled_from([0.0, 0.1]),
)  # fmt: skip
def test_the_objective_never_rises(which, seed, size, penalty):
    rng = np.random.default_rng(seed)
    activations, loss = which
    with jax.enable_x64(True):
        network, run = fit((2, 5, 2), activations, loss)
        iterates = run(
            size * rng.normal(size=network.size), rng.normal(size=(25, 2)),
            rng.dirichlet([1.0, 1.0], 25), rng.uniform(0, 2, 25), penalty, iterations=15,
        )  # fmt: skip
        values = [float(at.value) for at in iterates]
    assert np.isfinite(values).all()
    assert (np.diff(values) <= 0).all()
    assert values[-1] < values[0]


def test_steps_that_overflow_are_refused():
    """The undamped first step from -10 is 22025 long, and its exponential infinite."""
    run = program(lambda: ResidualProblem(lambda p: jnp.exp(p) - 1), geodesic=False)
    numbers = NUMBERS | {"damping": 1e-12}
    iterates = list(run([-10.0], numbers=numbers, iterations=200))
    assert iterates[1].measured[0] > 10
    np.testing.assert_allclose(iterates[-1].p, [0.0], atol=1e-9)


def test_where_nothing_is_lower_it_is_stuck_and_stays():
    run = program(lambda: ResidualProblem(lambda p: p - 1))
    for start in ([1.0, 1.0], [np.nan, 1.0]):
        first, second = run(start, iterations=1)
        assert second.stuck
        np.testing.assert_array_equal(second.p, first.p)


def test_the_sinc_to_a_mean_squared_error_of_1e_9():
    x = np.linspace(-1, 1, 2000)[:, None]
    y = np.sinc(10 * x / np.pi)
    network, run = fit((1, 20, 1), ("tanh", "identity"))
    laws = [INITIALIZERS["nguyen_widrow"], INITIALIZERS["glorot_uniform"]]
    for seed in range(3):
        p = network.flatten(network.initialize(laws, np.random.default_rng(seed)))
        at = last(run(p, x, y, np.ones(2000), 0.0, iterations=25))
        assert 2 * at.value < 1e-9


def test_other_numbers_compile_nothing(compilations):
    run = program(lambda: ResidualProblem(lambda p: jnp.cos(p) - 0.5))
    list(run([1.0], iterations=2))
    assert compilations() > 0
    numbers = {"damping": 1.0, "damping_decrease": 0.5, "damping_increase": 2.0}
    list(run([1.5], numbers=numbers, iterations=2))
    assert compilations() == 0


# What it refuses


def test_losses_without_a_gauss_newton_matrix_are_refused():
    for loss in ("absolute_error", "huber", "quantile"):
        with pytest.raises(ParameterError, match=f"solver='lm' needs .* loss='{loss}'.*'lbfgs'"):
            gauss_newton.check(LOSSES[loss], ACTIVATIONS["identity"], "lm")
    for loss in ("squared_error", "cross_entropy", "poisson"):
        gauss_newton.check(LOSSES[loss], ACTIVATIONS[LOSSES[loss].partners[0]], "lm")


def test_a_lower_place_without_a_gradient_is_left_for_a_shorter_step():
    """Where the exponential overflows, the curve is 0 and its derivative NaN."""
    t = np.linspace(0.0, 1.0, 25)

    def residuals(p):
        return p[0] / (1.0 + jnp.exp(-p[1] * (t - p[2]))) - 1.0 / (1.0 + np.exp(-9.0 * (t - 0.4)))

    found = least_squares(residuals, np.array([1.0, -600.0, 0.5]))
    np.testing.assert_allclose(found.parameters, [1.0, 9.0, 0.4], rtol=1e-9)
