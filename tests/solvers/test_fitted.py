"""How well the data determine what was fitted: certified errors, SciPy's, and closed forms."""

from __future__ import annotations

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

from unstuck.errors import ParameterError
from unstuck.solvers import least_squares

X = np.array([1.0, 2.0, 3.0, 5.0, 7.0, 10.0])
Y = np.array([109.0, 149.0, 149.0, 191.0, 213.0, 224.0])


def box_bod(b, x, y):
    """NIST's BoxBOD: two parameters, certified with their standard deviations."""
    return b[0] * (1.0 - jnp.exp(-b[1] * x)) - y


def line(p, x, y):
    return p["a"] + p["b"] * x - y


@pytest.fixture(scope="module")
def bod():
    return least_squares(box_bod, [100.0, 0.75], X, Y, tol=1e-14)


def test_certified(bod):
    np.testing.assert_allclose(bod.parameters, [213.80940889, 0.54723748542], rtol=1e-7)
    np.testing.assert_allclose(bod.standard_errors, [12.354515176, 0.10455993237], rtol=1e-6)
    np.testing.assert_allclose(bod.residual_deviation, 17.088072423, rtol=1e-9)
    assert bod.degrees_of_freedom == 4
    np.testing.assert_allclose(bod.correlation[0, 1] ** 2, 0.5326859, rtol=1e-4)


def test_intervals_are_students(bod):
    low, high = bod.intervals(0.95)
    np.testing.assert_allclose((high - low) / 2 / bod.standard_errors, 2.7764451, rtol=1e-6)
    np.testing.assert_allclose((high + low) / 2, bod.parameters)
    with pytest.raises(ParameterError, match="level was 95; expected a probability"):
        bod.intervals(95)


def test_a_line_has_a_closed_form():
    """And whatever the units: the year 2024 and a current of 1e-12."""
    x = np.linspace(2000.0, 2024.0, 25)
    y = 1e-12 * (3.0 + 0.5 * (x - 2012.0) + np.cos(40.0 * x))
    fit = least_squares(line, {"a": 0.0, "b": 0.0}, x, y)
    design = np.stack([np.ones(25), x - x.mean()])
    s = np.sqrt(fit.residuals @ fit.residuals / 23)
    slope = s / np.linalg.norm(design[1])
    np.testing.assert_allclose(fit.standard_errors["b"], slope, rtol=1e-9)
    np.testing.assert_allclose(
        fit.standard_errors["a"], np.hypot(s / 5.0, slope * x.mean()), rtol=1e-9
    )
    np.testing.assert_allclose(
        fit.error_of(lambda p: p["a"] + p["b"] * x.mean()), s / 5.0, rtol=1e-6
    )


def test_what_the_data_do_not_determine():
    fit = least_squares(
        lambda p: jnp.stack([p["a"] + p["b"] - 1.0, p["a"] + p["b"] - 2.0, p["c"], 2.0 * p["c"]]),
        {"a": 0.0, "b": 0.0, "c": 1.0},
    )
    assert np.isinf(fit.standard_errors["a"])
    assert np.isinf(fit.standard_errors["b"])
    assert np.isfinite(fit.standard_errors["c"])
    assert "do not determine a, b" in str(fit)
    np.testing.assert_allclose(fit.error_of(lambda p: p["c"]), fit.standard_errors["c"])
    found = fit.error_of(lambda p: jnp.stack([p["a"] + p["b"], p["a"] - p["b"], p["a"]]))
    np.testing.assert_allclose(found, [fit.residual_deviation / np.sqrt(2.0), np.inf, np.inf])


def test_as_many_parameters_as_residuals():
    fit = least_squares(lambda p: p - jnp.arange(2.0), np.zeros(2))
    assert np.isnan(fit.standard_errors).all()
    assert "nothing tells of the noise" in str(fit)


def test_of_bayesian_regularization():
    """``(beta J^T J + alpha I)^-1`` with the precisions it has found."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    y = x @ [1.0, -2.0, 0.5] + 0.1 * rng.normal(size=40)
    fit = least_squares(lambda p, x, y: x @ p - y, np.zeros(3), x, y, solver="br")
    alpha, beta = (fit.history[f"{name}_precision"][-1] for name in ("prior", "noise"))
    wanted = np.linalg.inv(beta * x.T @ x + alpha * np.eye(3))
    np.testing.assert_allclose(fit.covariance, wanted, rtol=1e-6)


def test_it_prints_a_table_and_can_be_saved(bod):
    assert "standard error" in str(bod)
    assert "213.81          12.355" in str(bod)
    again = pickle.loads(pickle.dumps(bod))
    np.testing.assert_array_equal(again.covariance, bod.covariance)
    assert str(again) == str(bod)


def test_names_are_paths():
    fit = least_squares(
        lambda p: jnp.concatenate([p["w"][0] - 1.0, p["w"][1].ravel() - 2.0, p["w"][0], p["w"][0]]),
        {"w": (np.zeros(1), np.zeros((1, 2)))},
    )
    assert [line.split()[0] for line in str(fit).splitlines()[-3:]] == [
        "w[0][0]",
        "w[1][0][0]",
        "w[1][0][1]",
    ]


@pytest.mark.parametrize("solver", ["lm", "bfgs"])
@pytest.mark.parametrize("start", [np.zeros(2), {"a": 0.0, "b": 0.0}])
def test_a_jacobian_of_ones_own(start, solver):
    """Used, and not only accepted: a wrong one leads elsewhere."""
    tree = isinstance(start, dict)

    def residuals(p, x, y):
        a, b = (p["a"], p["b"]) if tree else p
        return a + b * x - y

    def jacobian(p, x, y):
        columns = jnp.ones_like(x), x
        return dict(zip("ab", columns, strict=True)) if tree else jnp.stack(columns, axis=1)

    def half(p, x, y):
        return jax.tree.map(lambda column: 0.0 * column, jacobian(p, x, y))

    wanted = np.polyfit(X, Y, 1)[::-1]
    found = least_squares(residuals, start, X, Y, solver=solver, jacobian=jacobian)
    np.testing.assert_allclose(
        jax.tree.leaves(found.parameters) if tree else found.parameters, wanted, rtol=1e-6
    )
    still = least_squares(residuals, start, X, Y, solver=solver, jacobian=half)
    assert still.value > 2.0 * found.value


def test_mistakes_in_a_jacobian_are_told():
    with pytest.raises(ParameterError, match=r"jacobian returns an array of shape \(6, 3\)"):
        least_squares(box_bod, [100.0, 0.75], X, Y, jacobian=lambda b, x, y: jnp.ones((6, 3)))
    with pytest.raises(ParameterError, match="expected the structure of the start"):
        least_squares(box_bod, [100.0, 0.75], X, Y, jacobian=lambda b, x, y: (x, x))


@pytest.mark.parametrize("solver", ["lm", "bfgs", "scg"])
def test_scale(solver):
    """Parameters of 1e-9 and 1e9 in units of their own are a problem of numbers near 1."""
    sizes = np.array([1e-9, 1e9])

    def far(b, x, y):
        return box_bod(b / sizes * jnp.array([100.0, 1.0]), x, y)

    near = least_squares(box_bod, [100.0, 0.75], X, Y, solver=solver, scale=[100.0, 1.0])
    found = least_squares(far, [1e-9, 0.75e9], X, Y, solver=solver, scale=sizes)
    assert len(found.history["loss"]) > 8
    np.testing.assert_allclose(found.history["loss"][:8], near.history["loss"][:8], rtol=1e-6)
    np.testing.assert_allclose(found.parameters / sizes * [100.0, 1.0], near.parameters, rtol=1e-6)
    np.testing.assert_allclose(
        found.standard_errors / sizes * [100.0, 1.0], near.standard_errors, rtol=1e-5
    )


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (0.0, "positive and finite"),
        ([1.0, -1.0], "positive and finite"),
        ([1.0, 2.0, 3.0], r"shape \(3,\)"),
        ({"a": 1.0}, "structure of the start"),
        ("long", "holds <U4"),
    ],
)
def test_mistakes_in_the_scale_are_told(scale, message):
    with pytest.raises(ParameterError, match=message):
        least_squares(box_bod, [100.0, 0.75], X, Y, scale=scale)


BOUNDS = {
    "inactive": ([0.0, 0.0], [1e3, 10.0]),
    "upper": (-np.inf, [200.0, np.inf]),
    "lower": ([0.0, 0.7], [1e3, 10.0]),
    "both": ([230.0, 0.4], [300.0, 2.0]),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_as_scipys(name):
    start = np.clip([220.0, 0.75], *(np.array(b) for b in BOUNDS[name]))
    if name == "both":
        start = np.array([240.0, 0.8])
    found = least_squares(box_bod, start, X, Y, bounds=BOUNDS[name])
    peer = optimize.least_squares(
        lambda b: b[0] * (1 - np.exp(-b[1] * X)) - Y, start, bounds=BOUNDS[name], xtol=1e-15
    )
    np.testing.assert_allclose(found.value, peer.cost, rtol=1e-6)
    np.testing.assert_allclose(found.parameters, peer.x, rtol=1e-4)
    near = [np.isclose(peer.x, bound, rtol=1e-4) for bound in BOUNDS[name]]
    np.testing.assert_array_equal(found.held, near[0] | near[1])
    assert np.isnan(found.standard_errors[found.held]).all()
    assert np.isfinite(found.standard_errors[~found.held]).all()


@pytest.mark.parametrize("solver", ["rprop", "quickprop"])
def test_solvers_of_slopes_keep_to_bounds_too(solver):
    ends = {"tol": 0.0, "gradient_goal": 1e-9, "max_iter": 5000}
    rate = {"learning_rate_init": 1e-3} if solver == "quickprop" else {"smallest_step": 0.0}
    seen = []

    def off(p):
        return jnp.array([p[0] - 3.0, p[1] + 1.0, 2.0 * (p[0] + p[2])])

    found = least_squares(
        off, [0.5, 0.5, 0.5], bounds=(0.0, [2.0, 9.0, 9.0]), solver=solver, **ends, **rate,
        callback=lambda _, p, __: seen.append(np.array(p)) and None,
    )  # fmt: skip
    assert (np.array(seen) >= 0).all()
    assert (np.array(seen)[:, 0] <= 2.0).all()
    np.testing.assert_allclose(found.parameters, [0.6, 0.0, 0.0], atol=1e-6)  # 5 p_0 = 3
    assert found.stop.name == "gradient_goal"


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        (3.0, r"expected \(lower, upper\)"),
        ((0.0, 50.0), r"p\[0\] starts at 100, its bounds are 0 and 50"),
        ((np.zeros(3), np.ones(3)), "the lower bound holds"),
        ((np.nan, 1e9), "NaN: True"),
        (([0.0, 0.75], [1e9, 0.75]), r"p\[1\] starts at 0.75"),
    ],
)
def test_mistakes_in_bounds_are_told(bounds, message):
    with pytest.raises(ParameterError, match=message):
        least_squares(box_bod, [100.0, 0.75], X, Y, bounds=bounds)


def test_other_solvers_refuse_bounds_by_name():
    with pytest.raises(ParameterError, match=r"solver='bfgs' has no bounds\. Take solver='lm'"):
        least_squares(box_bod, [100.0, 0.75], X, Y, bounds=(0.0, 1e3), solver="bfgs")


def slow(p, t, y):
    return p[0] * jnp.exp(-t / p[1]) + p[2] - y


def test_a_bound_far_from_the_best_leaves_large_residuals():
    """Gauss-Newton steps overshoot there: once 805 iterations, or 135, or 31, by the units."""
    t = np.linspace(0.0, 4.0, 30)
    y = 3.0 * np.exp(-t / 1.5) + 0.5 + 0.01 * np.cos(9.0 * t)
    both = 0.0, [2.0, 9.0, 9.0]
    plain = least_squares(slow, [1.0, 1.0, 0.0], t, y, bounds=both)
    scaled = least_squares(slow, [1.0, 1.0, 0.0], t, y, bounds=both, scale=[2.0**-20, 1024.0, 8.0])
    theirs = optimize.least_squares(
        lambda p: 2.0 * np.exp(-t / p[0]) + p[1] - y, [1.6, 0.4], xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    for found in (plain, scaled):
        assert found.iterations <= 40
        np.testing.assert_allclose(found.parameters, [2.0, *theirs.x], rtol=1e-5)
    held = least_squares(
        lambda p, t, y: slow(jnp.append(2.0, p), t, y), [1.6, 0.4], t, y, max_iter=40
    )
    np.testing.assert_allclose(held.parameters, theirs.x, rtol=1e-5)


def numpy_bod(b, x, y):
    return b[0] * (1.0 - np.exp(-b[1] * x)) - y


@pytest.mark.parametrize(
    ("residuals", "jacobian", "message"),
    [
        (box_bod, lambda b, x, y: jnp.ones((3, 2)), "3 rows for 6 residuals"),
        (box_bod, lambda b, x, y: 1.0, r"shape \(\) for parameters of shape \(2,\)"),
        (box_bod, lambda b, x, y: jnp.ones((6, 2)) * 1j, "complex128; expected real"),
        (box_bod, lambda b, x, y: np.asarray(b), "Write it with jax.numpy"),
        (box_bod, "2-point", "expected a function, or None"),
        (numpy_bod, None, "Write it with jax.numpy"),
        (lambda b, x, y: b if b[0] > 0 else -b, None, "jnp.where in place of an if"),
        (lambda b, x, y: b[:0], None, r"residuals are float64\[0\]"),
        (3.0, None, "was 3.0; expected a JAX function"),
    ],
)
def test_functions_that_cannot_be_used_are_told(residuals, jacobian, message):
    with pytest.raises(ParameterError, match=message):
        least_squares(residuals, [100.0, 0.75], X, Y, jacobian=jacobian)


def test_what_fewer_residuals_than_parameters_do_not_determine_is_told():
    """Also where nothing tells of the noise, or where it is 0."""
    found = least_squares(lambda p: p[:2].sum() - 3.0, [1.0, 1.0, 1.0])
    assert np.isinf(found.standard_errors).all()
    assert "do not determine p[0], p[1], p[2]." in str(found)
