"""Losses against the formulas, PyTorch, and numbers known by thought."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import twin
from hypothesis import given
from hypothesis import strategies as st

from unstuck import ACTIVATIONS, LOSSES
from unstuck.errors import ParameterError
from unstuck.losses import cross_entropy_floor, own_loss
from unstuck.pairs import check_pair

pytestmark = pytest.mark.usefixtures("strict_dtypes")

DEFINED = [
    (loss.name, output) for loss in LOSSES.values() for output in (*loss.partners, *loss.sticks)
]
PARTNERS = [(loss.name, output) for loss in LOSSES.values() for output in loss.partners]


def rows(loss, output, seed=0, n=20, k=3):
    """Targets that the loss accepts, and pre-activations away from kinks."""
    rng = np.random.default_rng(seed)
    t = rng.normal(0.0, 1.5, (n, k))
    if output == "relu":
        t = abs(t) + 0.1  # a dead output has no Poisson rate, no slope
    y = {
        "any": rng.normal(size=(n, k)),
        "non-negative": rng.poisson(2.0, (n, k)).astype(float),
        "probabilities": rng.dirichlet(np.ones(k), n),
    }[LOSSES[loss].targets]
    return y, t


def on_preactivations(loss, output):
    record, unit = LOSSES[loss], ACTIVATIONS[output]
    return lambda y, t: record.of(y, t, unit, jnp, unit.differentiable()(t))


@pytest.mark.parametrize(("loss", "output"), DEFINED)
def test_value_is_the_formula(loss, output):
    y, t = rows(loss, output)
    expected = [twin.loss(loss, output, target, a) for target, a in zip(y, t, strict=True)]
    found = LOSSES[loss].of(y, t, ACTIVATIONS[output])
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("loss", "output"), DEFINED)
def test_gradient_is_the_formula(loss, output, float64):
    y, t = rows(loss, output, seed=1)
    total = on_preactivations(loss, output)
    found = jax.jit(jax.grad(lambda t: total(jnp.array(y), t).sum()))(jnp.array(t))
    expected = [twin.output_delta(loss, output, target, a) for target, a in zip(y, t, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("output", LOSSES["cross_entropy"].partners)
def test_gradient_of_cross_entropy_is_z_minus_y(output, float64):
    y, t = rows("cross_entropy", output, seed=2)
    t = 20.0 * t  # saturated and wrong, too: the gradient does not vanish
    total = on_preactivations("cross_entropy", output)
    found = jax.grad(lambda t: total(jnp.array(y), t).sum())(jnp.array(t))
    np.testing.assert_allclose(found, ACTIVATIONS[output](t) - y, atol=1e-13)


TORCH = {
    ("cross_entropy", "softmax"): lambda F, t, y: F.cross_entropy(t, y, reduction="sum"),
    ("cross_entropy", "logistic"): lambda F, t, y: F.binary_cross_entropy_with_logits(
        t, y, reduction="sum"
    ),
    ("squared_error", "identity"): lambda F, t, y: 0.5 * F.mse_loss(t, y, reduction="sum"),
    ("absolute_error", "identity"): lambda F, t, y: F.l1_loss(t, y, reduction="sum"),
    ("huber", "identity"): lambda F, t, y: F.huber_loss(t, y, reduction="sum", delta=1.0),
}


@pytest.mark.parametrize(("loss", "output"), TORCH)
def test_value_and_gradient_are_pytorchs(loss, output, torch, float64):
    y, t = rows(loss, output, seed=3)
    theirs = torch.tensor(t, requires_grad=True)
    value = TORCH[loss, output](torch.nn.functional, theirs, torch.tensor(y))
    value.backward()
    total = on_preactivations(loss, output)
    mine, gradient = jax.value_and_grad(lambda t: total(jnp.array(y), t).sum())(jnp.array(t))
    assert float(mine) == pytest.approx(value.item(), rel=1e-13)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), rtol=1e-11, atol=1e-13)


def test_poisson_is_half_the_deviance():
    from sklearn.metrics import mean_poisson_deviance

    y, t = rows("poisson", "exponential", k=1)
    found = LOSSES["poisson"].of(y, t, ACTIVATIONS["exponential"]).mean()
    assert found == pytest.approx(0.5 * mean_poisson_deviance(y[:, 0], np.exp(t[:, 0])))


def test_quantile_is_the_pinball_loss():
    from sklearn.metrics import mean_pinball_loss

    y, t = rows("quantile", "identity", k=1)
    found = LOSSES["quantile(0.8)"].of(y, t, ACTIVATIONS["identity"]).mean()
    assert found == pytest.approx(mean_pinball_loss(y[:, 0], t[:, 0], alpha=0.8))


# Extreme pre-activations


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("output", "y", "t", "expected"),
    [
        ("softmax", [1.0, 0.0], [1e3, -1e3], 0.0),
        ("softmax", [0.0, 1.0], [1e3, -1e3], 2e3),
        ("softmax", [0.5, 0.5], [1e3, -1e3], 1e3),
        ("logistic", [1.0, 0.0], [1e3, -1e3], 0.0),
        ("logistic", [0.0, 1.0], [1e3, -1e3], 2e3),
        ("logistic", [0.5, 0.5], [1e3, -1e3], 1e3),
    ],
)
def test_cross_entropy_of_extreme_outputs_is_exact(output, y, t, expected, dtype):
    y, t = np.array([y], dtype), np.array([t], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert LOSSES["cross_entropy"].of(y, t, ACTIVATIONS[output]).tolist() == [expected]
    with jax.enable_x64(dtype is np.float64):
        total = on_preactivations("cross_entropy", output)
        found = jax.value_and_grad(lambda t: total(jnp.array(y), t).sum())(jnp.array(t))
    assert float(found[0]) == expected
    np.testing.assert_allclose(found[1], ACTIVATIONS[output](t) - y, atol=1e-6)


@pytest.mark.parametrize(("loss", "output"), DEFINED)
def test_extreme_preactivations_stay_finite_where_the_value_is(loss, output):
    y, _ = rows(loss, output, n=2, k=2)
    t = np.array([[1e3, -1e3], [-1e3, 1e3]])
    if output == "exponential":
        t = t / 10  # e^1000 is no float64
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.isfinite(LOSSES[loss].of(y, t, ACTIVATIONS[output])).all()


def test_small_losses_of_the_logistic_keep_their_accuracy():
    t = np.array([[40.0], [100.0]])
    found = LOSSES["cross_entropy"].of(np.ones((2, 1)), t, ACTIVATIONS["logistic"])
    np.testing.assert_allclose(found, np.exp(-t[:, 0]), rtol=1e-13)


# The smallest value there is


@pytest.mark.parametrize("output", ["softmax", "logistic"])
def test_floor_of_cross_entropy_is_reached_where_outputs_equal_targets(output):
    y = np.random.default_rng(0).dirichlet(np.ones(4), 10)
    t = np.log(y) if output == "softmax" else np.log(y / (1 - y))
    found = LOSSES["cross_entropy"].of(y, t, ACTIVATIONS[output])
    floor = LOSSES["cross_entropy"].floor(y, ACTIVATIONS[output])
    np.testing.assert_allclose(found, floor, rtol=1e-12)
    entropy = -(y * np.log(y)).sum(1)
    if output == "logistic":
        entropy -= ((1 - y) * np.log(1 - y)).sum(1)
    np.testing.assert_allclose(floor, entropy, rtol=1e-12)


@pytest.mark.parametrize("output", ["softmax", "logistic"])
def test_floor_of_one_hot_targets_is_0(output):
    assert cross_entropy_floor(np.eye(3), ACTIVATIONS[output]).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("loss", "output"), DEFINED)
@given(data=st.data())
def test_floor_is_at_most_the_value(loss, output, data):
    record, finite = LOSSES[loss], st.floats(-30.0, 30.0)
    k = data.draw(st.integers(1, 4))
    t = np.array([data.draw(st.lists(finite, min_size=k, max_size=k))])
    if record.targets == "probabilities":
        shares = np.array(data.draw(st.lists(st.floats(0.0, 1.0), min_size=k, max_size=k)))
        y = shares[None] / max(shares.sum(), 1.0)
        if output == "softmax":
            y[0, 0] += 1.0 - y.sum()
    else:
        y = np.array([data.draw(st.lists(finite, min_size=k, max_size=k))])
        y = abs(y) if record.targets == "non-negative" else y
    value = record.of(y, t, ACTIVATIONS[output])
    assert value[0] >= record.floor(y, ACTIVATIONS[output])[0] - 1e-9


@pytest.mark.parametrize("loss", list(LOSSES))
def test_floor_works_on_jax_arrays_of_either_type(loss):
    output = ACTIVATIONS[LOSSES[loss].partners[0]]
    y, _ = rows(loss, output.name)
    for x64 in (False, True):
        with jax.enable_x64(x64):
            found = LOSSES[loss].floor(jnp.array(y), output, jnp)
        np.testing.assert_allclose(found, LOSSES[loss].floor(y, output), rtol=1e-5)


# Residual form


# Two classes


def test_softmax_of_two_units_is_the_sigmoid_of_their_difference():
    t = np.random.default_rng(0).normal(0.0, 5.0, (30, 2))
    p = np.random.default_rng(1).uniform(size=30)
    z = ACTIVATIONS["softmax"](t)[:, :1]
    difference = t[:, :1] - t[:, 1:]
    np.testing.assert_allclose(z, ACTIVATIONS["logistic"](difference), rtol=1e-12)
    two = LOSSES["cross_entropy"].of(np.stack([p, 1 - p], 1), t, ACTIVATIONS["softmax"])
    one = LOSSES["cross_entropy"].of(p[:, None], difference, ACTIVATIONS["logistic"])
    np.testing.assert_allclose(two, one, rtol=1e-10)


# Pairs of output unit and loss


@pytest.mark.parametrize(("loss", "output"), PARTNERS)
def test_partners_pass(loss, output):
    assert check_pair(LOSSES[loss], ACTIVATIONS[output]) is None


def test_every_pair_is_decided():
    """Every loss with every output passes, warns or is refused; what passes has a value."""
    for loss in LOSSES.values():
        for output in ACTIVATIONS.values():
            try:
                sentence = check_pair(loss, output)
            except ParameterError:
                assert output.name not in (*loss.partners, *loss.sticks)
                continue
            assert (sentence is None) == (output.name in loss.partners)
            y, t = rows(loss.name, output.name, n=4)
            assert np.isfinite(loss.of(y, t, output)).all()


def test_squared_error_of_a_saturated_wrong_unit_is_stuck(float64):
    y, t = jnp.array([[1.0]]), jnp.array([[-20.0]])
    stuck, free = (
        float(jax.grad(lambda t, n=n: on_preactivations(n, "logistic")(y, t).sum())(t)[0, 0])
        for n in ("squared_error", "cross_entropy")
    )
    assert abs(stuck) < 1e-8
    assert free == pytest.approx(-1.0)


# Parameters and own losses


@pytest.mark.parametrize(("name", "c"), [("huber", 0.3), ("huber", 2.0), ("quantile", 0.9)])
def test_the_parameter_in_a_name_is_the_formulas(name, c, float64):
    record = LOSSES[f"{name}({c})"]
    y, t = rows(name, "identity", seed=4)
    found = record.of(y, t, ACTIVATIONS["identity"])
    expected = [twin.loss(name, "identity", a, b, c) for a, b in zip(y, t, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    unit = ACTIVATIONS["identity"]
    gradient = jax.grad(lambda t: record.of(jnp.array(y), t, unit, jnp).sum())(jnp.array(t))
    slopes = [twin.output_delta(name, "identity", a, b, c) for a, b in zip(y, t, strict=True)]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-12)


def test_the_best_constant_of_the_quantile_loss_is_the_quantile():
    y = np.random.default_rng(0).exponential(size=(1001, 1))
    grid = np.sort(y[:, 0])
    record = LOSSES["quantile(0.9)"]
    means = [record.of(y, np.full_like(y, c), ACTIVATIONS["identity"]).mean() for c in grid]
    assert grid[int(np.argmin(means))] == pytest.approx(np.quantile(y, 0.9))


@pytest.mark.parametrize(
    ("given_name", "part"),
    [
        ("quantile(1.5)", "from 0 to 1"),
        ("mse(2)", "squared_error has no parameter"),
        ("cross_entrpy", "Did you mean 'cross_entropy'?"),
        ("rmse", "Did you mean 'mse'?"),
    ],
)
def test_unknown_losses_are_named(given_name, part):
    with pytest.raises(ParameterError) as error:
        LOSSES.resolve(given_name)
    assert part in str(error.value)


def cubic(target, preactivation):
    return jnp.abs(target - preactivation).sum() ** 3


def test_own_loss_works_per_row_in_numpy_and_jax(float64):
    record = LOSSES.resolve(cubic)
    y, t = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, -1.0]])
    for unit in (ACTIVATIONS["identity"], ACTIVATIONS["softmax"]):
        assert check_pair(record, unit) is None
        np.testing.assert_allclose(record.of(y, t, unit), [27.0, 8.0])
        found = jax.jit(lambda y, t, unit=unit: record.of(y, t, unit, jnp))(y, t)
        np.testing.assert_allclose(found, [27.0, 8.0])
    assert record.name == "cubic"
    assert own_loss(cubic) == record


def test_own_loss_that_gives_several_numbers_for_a_row_is_refused():
    """A sum over rows and weights would make something else of it."""
    record = own_loss(lambda target, preactivation: (target - preactivation) ** 2)
    with pytest.raises(ParameterError, match=r"the function gave the shape \(2,\) for a row"):
        record.of(np.zeros((3, 2)), np.zeros((3, 2)), ACTIVATIONS["identity"], jnp)


@pytest.mark.parametrize("name", list(LOSSES))
def test_every_record_is_told_about(name):
    record = LOSSES[name]
    assert record.formula
    assert set(record.tasks) <= {"classification", "regression"}
    assert record.targets in {"any", "non-negative", "probabilities"}
    for output in (*record.partners, *record.sticks, *record.fused):
        assert output in ACTIVATIONS
    assert not math.isnan(record.constant) or record.parameter is None
