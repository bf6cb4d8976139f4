"""Every record's claims are checked numerically, so a new record is tested when it is added."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import twin

from unstuck import ACTIVATIONS, INITIALIZERS
from unstuck.activations import own_activation
from unstuck.errors import ParameterError

pytestmark = pytest.mark.usefixtures("strict_dtypes")

NAMES = list(ACTIVATIONS)
SPELLED = [*NAMES, "leaky_relu(0.2)", "leaky_relu(0)", "leaky_relu(1)", "elu(0.5)", "elu(3)"]
ELEMENTWISE = [name for name in SPELLED if name != "softmax"]
GRID = np.concatenate([np.linspace(-12.0, 12.0, 4801), [1e-9, -1e-9]])
SMOOTH = GRID[abs(GRID) > 0.01]  # the kinks of all records lie at 0

TORCH = {
    "identity": lambda torch, a: a,
    "step": lambda torch, a: (a >= 0).to(a.dtype),
    "logistic": lambda torch, a: torch.sigmoid(a),
    "symmetric_sigmoid": lambda torch, a: 2 * torch.sigmoid(a) - 1,
    "tanh": lambda torch, a: torch.tanh(a),
    "relu": lambda torch, a: torch.relu(a),
    "leaky_relu": lambda torch, a: torch.nn.functional.leaky_relu(a, 0.01),
    "elu": lambda torch, a: torch.nn.functional.elu(a, 1.0),
    "softplus": lambda torch, a: torch.nn.functional.softplus(a, threshold=1e9),
    "exponential": lambda torch, a: torch.exp(a),
    "softmax": lambda torch, a: torch.softmax(a, -1),
}


def one_unit(name):
    """Value and slope of one unit; of softmax, the first of two units where the other is at 0."""
    record = ACTIVATIONS[name]
    if name != "softmax":
        return record, record, record.slope_at
    pair = lambda a: np.stack([a, np.zeros_like(a)], -1)  # noqa: E731
    return record, lambda a: record(pair(a))[..., 0], lambda a: record.slope_at(pair(a))[..., 0]


def vectors(seed=0):
    return np.random.default_rng(seed).normal(0.0, 3.0, (50, 4))


# Values and slopes


@pytest.mark.parametrize("name", NAMES)
def test_value_and_slope_are_the_formula(name):
    assert name in twin.ACTIVATIONS, "a new record needs its formula in tests/twin.py"
    value, slope = twin.ACTIVATIONS[name]
    a = vectors() if name == "softmax" else GRID
    record = ACTIVATIONS[name]
    np.testing.assert_allclose(record(a), value(a), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(record.slope_at(a), slope(a), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "k"), [("leaky_relu", 0.2), ("elu", 2.5)])
def test_the_parameter_in_a_name_is_the_formulas(name, k):
    record = ACTIVATIONS[f"{name}({k})"]
    value, slope = twin.ACTIVATIONS[name]
    np.testing.assert_allclose(record(GRID), value(GRID, k), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(record.slope_at(GRID), slope(GRID, k), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_value_and_slope_are_pytorchs(name, torch):
    a = torch.tensor(vectors(1), requires_grad=True)
    z = TORCH[name](torch, a)
    record = ACTIVATIONS[name]
    np.testing.assert_allclose(record(vectors(1)), z.detach().numpy(), rtol=1e-12, atol=1e-14)
    if name == "step":
        return  # PyTorch has no derivative of a comparison
    with jax.enable_x64(True):
        direction = np.random.default_rng(2).normal(size=a.shape)
        mine = jax.vjp(record.differentiable(), jnp.array(vectors(1)))[1](jnp.array(direction))
    z.backward(torch.tensor(direction))
    np.testing.assert_allclose(mine[0], a.grad.numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", SPELLED)
def test_slope_is_the_central_difference(name):
    _, value, slope = one_unit(name)
    e = 1e-5
    numerical = (value(SMOOTH + e) - value(SMOOTH - e)) / (2 * e)
    np.testing.assert_allclose(slope(SMOOTH), numerical, rtol=1e-6, atol=1e-9)


def test_softmax_jacobian_in_both_modes(float64):
    function = ACTIVATIONS["softmax"].differentiable()
    a = vectors()[0]
    z = twin.softmax(a)
    expected = np.array([[z[i] * ((i == j) - z[j]) for j in range(4)] for i in range(4)])
    np.testing.assert_allclose(jax.jacfwd(function)(a), expected, atol=1e-15)
    np.testing.assert_allclose(jax.jacrev(function)(a), expected, atol=1e-15)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_jax_uses_the_records_law_in_both_modes(name, float64):
    record = ACTIVATIONS[name]
    function = record.differentiable()
    a = np.append(SMOOTH[::50], 0.0)
    value, forward = jax.jvp(function, (jnp.array(a),), (jnp.ones(a.shape),))
    reverse = jax.vjp(function, jnp.array(a))[1](jnp.ones(a.shape))[0]
    np.testing.assert_allclose(value, record(a), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(forward, record.slope_at(a), rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(forward, reverse)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_second_derivative_through_jax(name, float64):
    record = ACTIVATIONS[name]
    a, e = SMOOTH[::50], 1e-5
    second = jax.vmap(jax.grad(jax.grad(record.differentiable())))(jnp.array(a))
    numerical = (record.slope_at(a + e) - record.slope_at(a - e)) / (2 * e)
    np.testing.assert_allclose(second, numerical, rtol=1e-5, atol=1e-9)


def test_second_derivative_of_softmax(float64):
    coefficients = np.array([1.0, -2.0, 0.5, 3.0])
    mine, theirs = (
        jax.hessian(lambda a, f=f: (coefficients * f(a)).sum())(vectors()[1])
        for f in (ACTIVATIONS["softmax"].differentiable(), jax.nn.softmax)
    )
    np.testing.assert_allclose(mine, theirs, atol=1e-14)


KINKS = {"step": 0.0, "relu": 0.0, "leaky_relu(0.2)": 0.2, "elu(3)": 3.0, "elu": 1.0}


@pytest.mark.parametrize(("name", "slope"), KINKS.items())
def test_convention_at_the_kink(name, slope):
    function = ACTIVATIONS[name].differentiable()
    assert ACTIVATIONS[name].kink != "none"
    assert float(jax.grad(function)(jnp.array(0.0))) == pytest.approx(slope)
    assert float(jax.jvp(function, (jnp.array(0.0),), (jnp.array(1.0),))[1]) == pytest.approx(slope)
    assert ACTIVATIONS[name].slope_at(np.zeros(1))[0] == pytest.approx(slope)


@pytest.mark.parametrize("name", NAMES)
def test_records_with_a_kink_are_those_that_say_so(name):
    _, value, slope = one_unit(name)
    at = np.array([-1e-7, 1e-7])
    jump = abs(slope(at)[1] - slope(at)[0]) > 1e-3 or abs(value(at)[1] - value(at)[0]) > 1e-3
    assert jump == (not ACTIVATIONS[name].kink.startswith("none") and name != "elu")


def test_tanh_is_a_stretched_sigmoid():
    logistic, tanh = ACTIVATIONS["logistic"], ACTIVATIONS["tanh"]
    np.testing.assert_allclose(tanh(GRID), 2 * logistic(2 * GRID) - 1, atol=1e-15)
    symmetric = ACTIVATIONS["symmetric_sigmoid"]
    np.testing.assert_allclose(symmetric(GRID), 2 * logistic(GRID) - 1, atol=1e-15)


# Claims of the records


@pytest.mark.parametrize("name", SPELLED)
def test_largest_slope_is_the_supremum(name):
    record, _, slope = one_unit(name)
    found = abs(slope(GRID)).max()
    if math.isinf(record.largest_slope):
        assert found > 1e4
    else:
        assert 0.999 * record.largest_slope <= found <= record.largest_slope * (1 + 1e-12)


@pytest.mark.parametrize("name", SPELLED)
def test_bounds_are_infimum_and_supremum(name):
    record, value, _ = one_unit(name)
    z = value(np.linspace(-30.0, 30.0, 6001))
    for bound, found in zip(record.bounds, (z.min(), z.max()), strict=True):
        if math.isinf(bound):  # it goes on and on, as leaky ReLU on the left, if only slowly
            assert abs(value(np.array([math.copysign(600.0, bound)]))[0]) > 10 * abs(found) > 1
        else:
            assert abs(found - bound) < 1e-9
    assert record.bounds[0] <= z.min()
    assert z.max() <= record.bounds[1]


@pytest.mark.parametrize("name", SPELLED)
def test_saturation_side(name):
    record, _, slope = one_unit(name)
    left, right = abs(slope(np.array([-30.0, 30.0]))) < 1e-9
    expected = {(0, 0): "never", (1, 0): "left", (0, 1): "right", (1, 1): "both"}
    assert record.saturates == expected[(int(left), int(right))]


@pytest.mark.parametrize("name", SPELLED)
def test_saturated_beyond(name):
    """From there on the slope is under 2 % of the largest; and not much before."""
    record, _, slope = one_unit(name)
    edge = record.saturated_beyond
    if record.saturates == "never" or math.isinf(record.largest_slope) or name == "softmax":
        assert math.isinf(edge)  # no such place, or it depends on the other units
        return
    limit = 0.02 * record.largest_slope
    beyond = edge + np.linspace(1e-9, 20.0, 500)
    sides = {"left": [-1], "right": [1], "both": [-1, 1]}[record.saturates]
    for side in sides:
        assert (abs(slope(side * beyond)) <= limit).all()
        if edge > 0:
            assert abs(slope(np.array([side * 0.98 * edge])))[0] > limit


def deviates(record, value, slope, a):
    """Whether f(a) differs from the tangent at 0 by 1 % of slope x a or more."""
    at_0, steep = value(np.zeros(1))[0], slope(np.zeros(1))[0]
    return abs(value(a) - at_0 - steep * a) >= 0.01 * abs(steep * a)


@pytest.mark.parametrize("name", SPELLED)
def test_linear_within(name):
    record, value, slope = one_unit(name)
    width = record.linear_within
    if math.isinf(width):
        assert not deviates(record, value, slope, SMOOTH).any()
        return
    if width > 0:
        inside = np.concatenate([np.linspace(-width, -1e-3, 200), np.linspace(1e-3, width, 200)])
        assert not deviates(record, value, slope, inside).any()
    outside = np.array([-1.0, 1.0]) * (1.1 * width or 0.05)
    if name == "softmax":
        return  # a claim about all its units together is not made
    assert deviates(record, value, slope, outside).any()


@pytest.mark.parametrize("name", [n for n in NAMES if ACTIVATIONS[n].most_curved])
def test_most_curved_are_the_extremes_of_the_second_derivative(name):
    record = ACTIVATIONS[name]
    a, e = np.linspace(-8.0, 8.0, 16001), 1e-5
    second = abs((record.slope_at(a + e) - record.slope_at(a - e)) / (2 * e))
    peak = (second[1:-1] > second[:-2]) & (second[1:-1] > second[2:]) & (second[1:-1] > 1e-3)
    np.testing.assert_allclose(sorted(record.most_curved), record(a[1:-1][peak]), atol=1e-3)


def test_the_sigmoids_figures_of_the_literature():
    record = ACTIVATIONS["logistic"]
    assert np.round(record.most_curved, 2).tolist() == [0.21, 0.79]
    assert record.largest_slope == 0.25
    assert ACTIVATIONS["tanh"].largest_slope == 1.0


@pytest.mark.parametrize("name", SPELLED)
def test_units_that_can_die_have_an_interval_of_slope_0(name):
    record, value, slope = one_unit(name)
    a = np.linspace(-12.0, -1.0, 500)
    dead = bool((slope(a) == 0).all() and np.ptp(value(a)) == 0)
    assert record.can_die == dead


@pytest.mark.parametrize("name", SPELLED)
def test_odd(name):
    record, value, _ = one_unit(name)
    assert record.odd == np.allclose(value(-SMOOTH), -value(SMOOTH), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_sigmoidal_means_bounded_and_rising_with_a_slope(name):
    record = ACTIVATIONS[name]
    shape = bool(np.isfinite(record.bounds).all() and (record.slope_at(GRID) > 0).all())
    assert record.sigmoidal == shape


@pytest.mark.parametrize("name", NAMES)
def test_every_record_is_told_about(name):
    record = ACTIVATIONS[name]
    assert record.cost > 0
    assert record.initializer in INITIALIZERS
    assert record.formula != "f(a)"
    assert record.derivative


# Extreme and broken numbers


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SPELLED)
def test_extreme_preactivations_are_quiet(name, dtype):
    record = ACTIVATIONS[name]
    a = np.array([[-1e4, 0.0, 1e4], [1e4, 1e4, -1e4]], dtype)
    if name == "exponential":
        a = -abs(a)  # e^10000 is no number of these types
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        z, slope = record(a), record.slope_at(a)
    assert z.dtype == slope.dtype == dtype
    assert np.isfinite(z).all()
    assert np.isfinite(slope).all()
    assert (z >= record.bounds[0]).all()
    assert (z <= record.bounds[1]).all()


@pytest.mark.parametrize("name", SPELLED)
def test_types_are_kept_in_jax(name):
    record = ACTIVATIONS[name]
    for x64, dtype in ((False, np.float32), (True, np.float64)):
        with jax.enable_x64(x64):
            a = jnp.array([[0.5, -1.0]], dtype)
            value, vjp = jax.vjp(record.differentiable(), a)
            assert value.dtype == dtype
            assert vjp(value)[0].dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SPELLED)
def test_nan_passes_through(name, dtype):
    a = np.array([[np.nan, 1.0], [0.5, 1.0]], dtype)
    record = ACTIVATIONS[name]
    z = record(a)
    assert np.isnan(z[0, 0])
    assert np.isfinite(z[1]).all()
    assert np.isnan(np.asarray(record(jnp.array(a), jnp))[0, 0])


def test_both_tails_of_the_logistic_keep_their_accuracy():
    a = np.array([-700.0, -50.0])
    np.testing.assert_allclose(ACTIVATIONS["logistic"](a), np.exp(a), rtol=1e-14)


# Choosing one


def test_names_aliases_records_and_functions_are_understood():
    assert ACTIVATIONS["sigmoid"] is ACTIVATIONS["logistic"]
    assert ACTIVATIONS.resolve(ACTIVATIONS["tanh"]) is ACTIVATIONS["tanh"]
    assert ACTIVATIONS[" leaky_relu( 0.2 ) "].constant == 0.2
    assert ACTIVATIONS["lrelu(0.2)"] == ACTIVATIONS["leaky_relu(0.2)"]


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("sigmod", ["activation='sigmod' is not known", "Did you mean 'sigmoid'?", "'relu'"]),
        ("ReLU", ["Did you mean 'relu'?"]),
        ("leaky_rely(0.2)", ["Did you mean 'leaky_relu'?"]),
        ("relu(0.2)", ["relu has no parameter; write 'relu'"]),
        ("leaky_relu(2)", ["the parameter k of leaky_relu was '2'", "a number from 0 to 1"]),
        ("leaky_relu(x)", ["was 'x'", "a number from 0 to 1"]),
        ("leaky_relu(nan)", ["was 'nan'"]),
        ("", ["activation='' is not known"]),
        (3, ["activation=3 is not one of", "or a function of your own"]),
    ],
)
def test_what_cannot_be_used_is_named(given, parts):
    with pytest.raises(ParameterError) as error:
        ACTIVATIONS.resolve(given)
    for part in parts:
        assert part in str(error.value)


def swish(a):
    return a * jax.nn.sigmoid(a)


def test_own_function_has_value_slope_and_derivative():
    record = ACTIVATIONS.resolve(swish)
    assert record.name == "swish"
    np.testing.assert_allclose(record(GRID), GRID * twin.sigmoid(GRID), rtol=1e-14)
    slope = twin.sigmoid(GRID) * (1 + GRID * (1 - twin.sigmoid(GRID)))
    np.testing.assert_allclose(record.slope_at(GRID.reshape(-1, 1))[:, 0], slope, atol=1e-13)
    with jax.enable_x64(True):
        found = jax.vmap(jax.grad(record.differentiable()))(jnp.array(GRID))
        inside = jax.jit(lambda a: record.slope_at(a, jnp))(jnp.array(GRID))
    np.testing.assert_allclose(found, slope, atol=1e-13)
    np.testing.assert_allclose(inside, slope, atol=1e-13)


def test_records_of_one_own_function_are_equal():
    assert own_activation(swish) == own_activation(swish)
    assert hash(own_activation(swish)) == hash(own_activation(swish))
    assert own_activation(swish) != own_activation(jnp.sin)


# The constant added to the slope


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slope_offset_changes_the_backward_pass_of_sigmoids_alone(name, float64):
    record = ACTIVATIONS[name]
    a = jnp.array(SMOOTH[::50])
    value, vjp = jax.vjp(record.differentiable(0.1), a)
    expected = record.slope_at(np.asarray(a)) + (0.1 if record.sigmoidal else 0.0)
    np.testing.assert_allclose(value, record(np.asarray(a)), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(vjp(jnp.ones(a.shape))[0], expected, rtol=1e-12, atol=1e-15)
