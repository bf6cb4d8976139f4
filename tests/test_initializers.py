"""Initializers: the law of every record, measured on draws with fixed seeds."""

from __future__ import annotations

import pickle
from dataclasses import replace

import jax
import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from unstuck import INITIALIZERS, Initializer, NetRegressor
from unstuck.errors import ParameterError

VARIANCES = {
    "fan_in": lambda i, o: 1 / i,
    "glorot_uniform": lambda i, o: 2 / (i + o),
    "glorot_normal": lambda i, o: 2 / (i + o),
    "he_uniform": lambda i, o: 2 / i,
    "he_normal": lambda i, o: 2 / i,
    "lecun_uniform": lambda i, o: 1 / i,
    "orthogonal": lambda i, o: 1 / max(i, o),
    "nguyen_widrow": lambda i, o: 0.49 * o ** (2 / i) / i,
    "normal": lambda i, o: 1.0,
}
SHAPES = [(300, 100), (100, 300)]


def draw(name, shape, seed=0):
    return INITIALIZERS[name].draw(np.random.default_rng(seed), shape)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_mean_is_0_and_variance_the_laws(name, shape):
    """30,000 draws: the mean is within 4 standard errors, the variance within 4 %."""
    assert name in VARIANCES, "a new record needs its variance here"
    weights = draw(name, shape)
    variance = VARIANCES[name](*shape)
    assert weights.shape == shape
    assert weights.dtype == np.float64
    assert abs(weights.mean()) < 4 * np.sqrt(variance / weights.size)
    assert weights.var() == pytest.approx(variance, rel=0.04)


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_the_shape_of_the_law(name):
    """Normal laws have kurtosis 3, uniform ones 1.8 and a sharp limit."""
    weights = draw(name, (400, 200)) / np.sqrt(VARIANCES[name](400, 200))
    kurtosis = (weights**4).mean() / (weights**2).mean() ** 2
    law = INITIALIZERS[name].law
    if law.startswith("uniform, variance"):
        assert kurtosis == pytest.approx(1.8, rel=0.02)
        assert abs(weights).max() <= np.sqrt(3)
    elif law.startswith("normal, variance"):
        assert kurtosis == pytest.approx(3.0, rel=0.05)
    else:
        assert name in {"orthogonal", "nguyen_widrow"}


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_same_seed_same_weights(name):
    np.testing.assert_array_equal(draw(name, (5, 4), 7), draw(name, (5, 4), 7))
    assert (draw(name, (5, 4), 7) != draw(name, (5, 4), 8)).any()


def test_normal_takes_its_deviation_whatever_the_fan_in():
    for spelling, deviation in (("normal(0.01)", 0.01), ("normal( 3 )", 3.0), ("normal(0)", 0.0)):
        for shape in SHAPES:
            assert draw(spelling, shape).std() == pytest.approx(deviation, rel=0.02)
    assert INITIALIZERS["normal(1)"] == INITIALIZERS["normal"]
    assert INITIALIZERS["normal(2)"] == INITIALIZERS["random_normal(2.0)"]
    assert pickle.loads(pickle.dumps(INITIALIZERS["normal(2)"])) is not INITIALIZERS["normal(3)"]
    assert (
        repr(pickle.loads(pickle.dumps(INITIALIZERS["normal(2)"]))) == "<initializer normal(2.0)>"
    )


def test_fan_in_makes_the_sum_of_incoming_weights_a_standard_variable():
    sums = draw("fan_in", (64, 20_000)).sum(0)
    assert abs(sums.mean()) < 0.03
    assert sums.std() == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (1, 3), (3, 1)])
def test_orthogonal_rows_or_columns(shape):
    weights = draw("orthogonal", shape)
    product = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
    np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-12)


def test_orthogonal_matrices_are_drawn_evenly():
    """Without the sign of R's diagonal, q[0, 0] would be negative more often than not."""
    signs = [np.sign(draw("orthogonal", (3, 3), seed)[0, 0]) for seed in range(400)]
    assert abs(np.mean(signs)) < 0.2


@pytest.mark.parametrize("shape", [(1, 20), (2, 10), (5, 30)])
def test_nguyen_widrow_norms_and_biases(shape):
    record = INITIALIZERS["nguyen_widrow"]
    rng = np.random.default_rng(0)
    weights = record.draw(rng, shape)
    scale = 0.7 * shape[1] ** (1 / shape[0])
    np.testing.assert_allclose(np.linalg.norm(weights, axis=0), scale)
    biases = record.biases(rng, weights)
    assert biases.shape == (shape[1],)
    spread = biases * np.sign(weights[0])
    np.testing.assert_allclose(spread, np.linspace(-scale, scale, shape[1]), atol=1e-12)


def test_nguyen_widrow_regions_cover_the_inputs():
    """With one input the units' steepest points -b / w lie evenly over [-1, 1]."""
    record = INITIALIZERS["nguyen_widrow"]
    rng = np.random.default_rng(1)
    weights = record.draw(rng, (1, 11))
    centers = np.sort(-record.biases(rng, weights) / weights[0])
    np.testing.assert_allclose(centers, np.linspace(-1, 1, 11), atol=1e-12)


def test_nguyen_widrow_of_a_single_unit_has_no_bias():
    record = INITIALIZERS["nguyen_widrow"]
    rng = np.random.default_rng(0)
    assert record.biases(rng, record.draw(rng, (3, 1))).tolist() == [0.0]


def test_only_nguyen_widrow_draws_biases():
    assert [name for name in INITIALIZERS if INITIALIZERS[name].biases] == ["nguyen_widrow"]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("xavier", "glorot_uniform"),
        ("he", "he_normal"),
        ("lecun_normal", "fan_in"),
        ("kaiming_uniform", "he_uniform"),
    ],
)
def test_the_other_names(alias, name):
    assert INITIALIZERS[alias] is INITIALIZERS[name]


# Own functions


def small(key, shape, dtype):
    return 0.01 * jax.random.normal(key, shape, dtype)


def test_own_function():
    record = INITIALIZERS.resolve(small)
    assert record.name == "small"
    first = record.draw(np.random.default_rng(0), (50, 40))
    assert first.dtype == np.float64
    assert first.std() == pytest.approx(0.01, rel=0.05)
    np.testing.assert_array_equal(first, record.draw(np.random.default_rng(0), (50, 40)))
    assert (first != record.draw(np.random.default_rng(1), (50, 40))).all()


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        (lambda key, shape, dtype: np.zeros(shape[::-1]), ["shape (3, 2)", "of shape (2, 3)"]),
        (lambda key, shape, dtype: np.full(shape, np.nan), ["finite: False", "expected finite"]),
    ],
)
def test_own_function_with_wrong_weights(function, parts):
    with pytest.raises(ParameterError) as error:
        INITIALIZERS.resolve(function).first_weights(np.random.default_rng(0), (2, 3))
    for part in parts:
        assert part in str(error.value)


def test_what_an_initializer_of_ones_own_draws_is_what_training_starts_from():
    """Only units that lie over inputs from -1 to 1, Nguyen-Widrow's, are moved to the inputs."""
    weights, biases = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -0.5])
    law = Initializer(
        "given",
        lambda rng, shape: weights if shape == (2, 2) else np.ones(shape),
        biases=lambda rng, drawn: biases if len(drawn[0]) == 2 else np.zeros(1),
    )
    x = np.array([[0.0, 2.0], [4.0, 2.5], [1.0, 3.0]])
    still = {"solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1, "alpha": 0}
    for own, moved in ((law, False), (replace(law, spreads=True), True)):
        net = NetRegressor((2,), activation="tanh", initializer=own, scale_inputs=False, **still)
        with pytest.warns(ConvergenceWarning):
            net.fit(x, x[:, 0])
        assert np.allclose(net.coefs_[0], weights) is not moved
        assert np.allclose(net.intercepts_[0], biases) is not moved
        if moved:  # the middle of the inputs, (2, 2.5), is where 0 was
            a = np.array([2.0, 2.5]) @ net.coefs_[0] + net.intercepts_[0]
            np.testing.assert_allclose(a, biases)


def test_only_nguyen_widrow_spreads():
    assert [name for name in INITIALIZERS if INITIALIZERS[name].spreads] == ["nguyen_widrow"]


@pytest.mark.parametrize(
    ("drawn", "biases", "message"),
    [
        (lambda rng, s: np.ones(s[::-1]), None, r"weights of shape \(2, 3\).*of shape \(3, 2\)"),
        (lambda rng, s: np.full(s, np.inf), None, "finite: False; expected finite weights"),
        (lambda rng, s: np.ones(s), lambda rng, w: np.ones(7), r"biases of shape \(7,\).*\(2,\)"),
        (lambda rng, s: np.ones(s), lambda rng, w: 0.5, r"biases of shape \(\), finite: True"),
    ],
)
def test_a_record_of_ones_own_that_draws_something_else(drawn, biases, message):
    law = Initializer("given", drawn, biases=biases)
    x = np.arange(12.0).reshape(4, 3)
    with pytest.raises(ParameterError, match=message):
        NetRegressor((2,), initializer=law, max_iter=1).fit(x, x[:, 0])


def test_biases_may_be_a_list():
    law = Initializer("given", lambda rng, s: np.ones(s), biases=lambda rng, w: [1] * w.shape[1])
    np.testing.assert_array_equal(
        law.first_biases(np.random.default_rng(0), np.ones((3, 2)), (2,)), [1.0, 1.0]
    )
