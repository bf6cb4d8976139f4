"""Healthy settings of the development set, many of them near to a disease."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import datasets

from benchmarks.diagnoses.development_data import (
    blobs,
    cancer,
    circles,
    classifier,
    constant,
    corners,
    diabetes,
    digits,
    friedman1,
    friedman2,
    friedman3,
    iris,
    moons,
    parabola,
    parity,
    plane,
    regressor,
    sinc,
    spirals,
    swiss_roll,
    tags,
    waves,
    wine,
)
from benchmarks.diagnoses.setting import Made, Settings
from unstuck import Initializer
from unstuck.lazy import jnp

HEALTHY = Settings()


@HEALTHY.healthy("digits", 0.99)
def digits_relu(seed: int) -> Made:
    return classifier(digits(), seed, (48,), learning_rate_init=3e-3, max_iter=80)


@HEALTHY.healthy("digits", 0.99)
def digits_raw(seed: int) -> Made:
    """Inputs up to 4 that do no harm."""
    X, y = digits()
    return classifier((4.0 * X, y), seed, (64,), scale_inputs=False, max_iter=100)


@HEALTHY.healthy("digits", 0.99)
def digits_two_sigmoid_layers(seed: int) -> Made:
    return classifier(
        digits(), seed, (32, 32), activation="logistic", learning_rate_init=0.01, max_iter=100
    )


@HEALTHY.healthy("digits", 0.98)
def digits_sgd_cosine(seed: int) -> Made:
    return classifier(
        digits(), seed, (32,), activation="tanh", solver="sgd", learning_rate="cosine",
        learning_rate_init=0.1, max_iter=60,
    )  # fmt: skip


@HEALTHY.healthy("digits", 0.99)
def digits_deep_relu(seed: int) -> Made:
    return classifier(digits(), seed, (48,) * 4, alpha=0.3, learning_rate_init=2e-3, max_iter=80)


@HEALTHY.healthy("digits", 0.98)
def digits_squared_error(seed: int) -> Made:
    return classifier(
        digits(), seed, (48,), loss="squared_error", output_activation="identity",
        learning_rate_init=3e-3, max_iter=80,
    )  # fmt: skip


@HEALTHY.healthy("digits", 0.97)
def digits_dropout(seed: int) -> Made:
    return classifier(digits(), seed, (64,), dropout=0.3, learning_rate_init=3e-3, max_iter=80)


@HEALTHY.healthy("digits", 0.99)
def digits_layer_norm(seed: int) -> Made:
    return classifier(
        digits(), seed, (32, 32), layer_norm=True, learning_rate_init=3e-3, max_iter=60
    )


@HEALTHY.healthy("digits", 0.99)
def digits_zero_output(seed: int) -> Made:
    """Output weights start at 0, which is no symmetry of the hidden units."""
    return classifier(
        digits(), seed, (48,), initializer=("he_normal", constant(0.0)), learning_rate_init=3e-3,
        max_iter=80,
    )  # fmt: skip


@HEALTHY.healthy("digits", 0.97)
def digits_early_stopping(seed: int) -> Made:
    return classifier(
        digits(), seed, (48,), early_stopping=True, n_iter_no_change=10, learning_rate_init=3e-3,
        max_iter=100,
    )  # fmt: skip


@HEALTHY.healthy("wine", 0.99)
def wine_lbfgs(seed: int) -> Made:
    """Converged, with a gradient near to 0."""
    return classifier(wine(), seed, (16,), activation="tanh", solver="lbfgs", max_iter=200)


@HEALTHY.healthy("wine", 0.99)
def wine_no_hidden(seed: int) -> Made:
    return classifier(wine(), seed, (), learning_rate_init=0.02, batch_size=32, max_iter=80)


@HEALTHY.healthy("wine", 0.99)
def wine_constant_columns(seed: int) -> Made:
    X, y = wine()
    X = np.c_[X, np.full((len(X), 3), [0.0, 1.0, 255.0])]
    return classifier((X, y), seed, (16,), learning_rate_init=5e-3, batch_size=32, max_iter=60)


@HEALTHY.healthy("cancer", 0.975)
def cancer_strong_penalty(seed: int) -> Made:
    return classifier(
        cancer(), seed, (16,), activation="tanh", alpha=1.0, learning_rate_init=5e-3,
        batch_size=64, max_iter=60,
    )  # fmt: skip


@HEALTHY.healthy("cancer", 0.98)
def cancer_rmsprop(seed: int) -> Made:
    return classifier(
        cancer(), seed, (12,), solver="rmsprop", batch_size=64, max_iter=60, alpha=0.1
    )


@HEALTHY.healthy("iris", 0.96)
def iris_rprop(seed: int) -> Made:
    return classifier(
        iris(), seed, (8,), activation="tanh", solver="rprop", max_iter=100, alpha=0.1
    )


@HEALTHY.healthy("iris", 0.96)
def iris_linear_units(seed: int) -> Made:
    """Linear units on data that need no more."""
    return classifier(iris(), seed, (6,), activation="identity", solver="scg", max_iter=100)


@HEALTHY.healthy("moons", 0.98)
def moons_deep_relu(seed: int) -> Made:
    return classifier(moons(), seed, (24,) * 4, learning_rate_init=5e-3, batch_size=64, max_iter=80)


@HEALTHY.healthy("moons", 0.97)
def moons_slope_offset(seed: int) -> Made:
    """The slope of the sigmoids is not the true one, on purpose."""
    return classifier(
        moons(), seed, (16, 16), activation="logistic", slope_offset=0.1, learning_rate_init=0.03,
        batch_size=64, max_iter=150,
    )  # fmt: skip


@HEALTHY.healthy("circles", 0.98)
def circles_bfgs(seed: int) -> Made:
    return classifier(
        circles(), seed, (8,), activation="tanh", solver="bfgs", alpha=1e-2, max_iter=100
    )


@HEALTHY.healthy("spirals", 0.98)
def spirals_tanh(seed: int) -> Made:
    return classifier(
        spirals(), seed, (24, 24), activation="tanh", solver="lbfgs", alpha=0.01, max_iter=250
    )


@HEALTHY.healthy("moons", 0.97)
def moons_cg(seed: int) -> Made:
    return classifier(
        moons(), seed, (16,), activation="tanh", solver="cg", alpha=0.01, max_iter=150
    )


@HEALTHY.healthy("corners", 1.0)
def corners_small(seed: int) -> Made:
    return classifier(
        corners(), seed, (8,), activation="tanh", learning_rate_init=0.03, batch_size=32,
        max_iter=60,
    )  # fmt: skip


@HEALTHY.healthy("parity", 1.0)
def parity_learned(seed: int) -> Made:
    X, y = parity()
    made = classifier(
        (X, y), seed, (16,), activation="tanh", learning_rate_init=0.02, batch_size=32,
        max_iter=100,
    )  # fmt: skip
    return Made(made.estimator, X, y, made.X_test, made.y_test)


@HEALTHY.healthy("blobs_flipped", 0.86)
def noisy_labels(seed: int) -> Made:
    """A tenth of the labels is drawn by chance: more than 0.92 cannot be reached."""
    X, y = blobs()
    rng = np.random.default_rng(5)
    y = np.where(rng.random(len(y)) < 0.1, rng.integers(0, 5, len(y)), y)
    return classifier(
        (X, y), seed, (8,), alpha=0.3, learning_rate_init=0.01, batch_size=64, max_iter=40
    )


@HEALTHY.healthy("rare_apart", 0.98)
def rare_class_learned(seed: int) -> Made:
    rows = datasets.make_classification(
        1200, 8, n_informative=6, n_redundant=0, weights=[0.9], class_sep=2.0, flip_y=0,
        random_state=5,
    )  # fmt: skip
    return classifier(rows, seed, (24,), learning_rate_init=5e-3, max_iter=60)


@HEALTHY.healthy("circles", 0.98)
def weighted_rows(seed: int) -> Made:
    made = classifier(
        circles(), seed, (32,), activation="tanh", learning_rate="cosine", learning_rate_init=0.05,
        batch_size=64, max_iter=100,
    )  # fmt: skip
    weights = np.random.default_rng(seed).uniform(0.5, 2.0, len(made.X))
    return made._replace(fit={"sample_weight": weights})


@HEALTHY.healthy("iris", 0.96)
def soft_targets(seed: int) -> Made:
    made = classifier(
        iris(), seed, (8,), activation="tanh", learning_rate_init=0.02, batch_size=32, max_iter=60
    )
    soft = 0.9 * np.eye(3)[made.y] + 0.1 / 3.0
    return made._replace(fit={"soft_targets": soft})


@HEALTHY.healthy("tags", 0.5)
def several_labels(seed: int) -> Made:
    return classifier(
        tags(), seed, (16,), learning_rate_init=0.01, batch_size=64, alpha=0.1, max_iter=60
    )


@HEALTHY.healthy("sinc", 0.98)
def sinc_lm(seed: int) -> Made:
    return regressor(sinc(), seed, (10,), activation="tanh", solver="lm", max_iter=60)


@HEALTHY.healthy("sinc", 0.97)
def sinc_absolute_error(seed: int) -> Made:
    return regressor(
        sinc(), seed, (32, 32), activation="tanh", loss="absolute_error", learning_rate="cosine",
        learning_rate_init=0.01, batch_size=50, max_iter=150,
    )  # fmt: skip


@HEALTHY.healthy("friedman1", 0.93)
def friedman_br(seed: int) -> Made:
    return regressor(friedman1(), seed, (8,), activation="tanh", solver="br", max_iter=60, alpha=0)


@HEALTHY.healthy("friedman1", 0.93)
def friedman_slow_and_long(seed: int) -> Made:
    """A small rate, and epochs enough."""
    return regressor(
        friedman1(), seed, (24,), activation="tanh", learning_rate="cosine",
        learning_rate_init=0.02, batch_size=64, max_iter=100, alpha=0.3,
    )  # fmt: skip


@HEALTHY.healthy("friedman1", 0.93)
def friedman_huber(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (24,), activation=_swish, loss="huber", solver="lbfgs", alpha=0.3,
        max_iter=150,
    )  # fmt: skip


@HEALTHY.healthy("friedman2", 0.97)
def friedman_large_values(seed: int) -> Made:
    """Inputs and targets of thousands, standardized by default."""
    return regressor(
        friedman2(), seed, (16,), activation="tanh", solver="lbfgs", alpha=0.1, max_iter=100
    )


@HEALTHY.healthy("friedman3", 0.9)
def friedman_scg(seed: int) -> Made:
    return regressor(
        friedman3(), seed, (12,), activation="tanh", solver="scg", alpha=0.05, max_iter=150
    )


@HEALTHY.healthy("diabetes", 0.5)
def diabetes_small(seed: int) -> Made:
    """Little can be explained, and is."""
    return regressor(
        diabetes(), seed, (6,), activation="tanh", solver="lbfgs", alpha=10.0, max_iter=60
    )


@HEALTHY.healthy("diabetes", 0.48)
def diabetes_linear(seed: int) -> Made:
    return regressor(diabetes(), seed, (), solver="lbfgs", alpha=1.0, max_iter=60)


@HEALTHY.healthy("plane", 0.68)
def plane_linear_units(seed: int) -> Made:
    return regressor(
        plane(), seed, (8,), activation="identity", learning_rate_init=0.01, batch_size=64,
        max_iter=60,
    )  # fmt: skip


@HEALTHY.healthy("plane", 0.68)
def plane_quickprop(seed: int) -> Made:
    return regressor(
        plane(), seed, (4,), activation="tanh", solver="quickprop", learning_rate_init=0.05,
        alpha=1.0, max_iter=150,
    )  # fmt: skip


@HEALTHY.healthy("parabola", 0.97)
def parabola_raw_targets(seed: int) -> Made:
    """Targets up to 500 as they are, with a solver that does not mind."""
    return regressor(
        parabola(), seed, (10,), activation="tanh", solver="lm", scale_targets=False, max_iter=60
    )


@HEALTHY.healthy("waves", 0.95)
def three_targets(seed: int) -> Made:
    return regressor(
        waves(), seed, (32,), activation="tanh", learning_rate_init=0.02, batch_size=64,
        max_iter=100,
    )  # fmt: skip


@HEALTHY.healthy("swiss_roll", 0.95)
def roll_adamw(seed: int) -> Made:
    return regressor(
        swiss_roll(), seed, (32, 32), solver="adamw", learning_rate_init=5e-3, batch_size=64,
        max_iter=100,
    )  # fmt: skip


@HEALTHY.healthy("counts", 0.7)
def counts(seed: int) -> Made:
    rng = np.random.default_rng(11)
    X = rng.normal(size=(500, 4))
    y = rng.poisson(np.exp(1.5 + 0.6 * X[:, 0] - 0.4 * X[:, 1])).astype(float)
    return regressor(
        (X, y), seed, (8,), activation="tanh", loss="poisson", learning_rate_init=0.01,
        batch_size=64, max_iter=50, alpha=0.1,
    )  # fmt: skip


@HEALTHY.healthy("plane_few", 0.8)
def few_rows_strong_penalty(seed: int) -> Made:
    return regressor(
        plane(80, 0.3), seed, (4,), activation="tanh", solver="lbfgs", alpha=2.0, max_iter=50
    )


@HEALTHY.healthy("digits", 0.98)
def digits_equal_second_layer(seed: int) -> Made:
    """Equal weights in one layer, whose symmetry the output breaks."""
    return classifier(
        digits(), seed, (32, 16), activation="tanh",
        initializer=("glorot_uniform", constant(0.2), "glorot_uniform"),
        learning_rate_init=5e-3, max_iter=80,
    )  # fmt: skip


@HEALTHY.healthy("moons", 0.97)
def moons_scattered_relu(seed: int) -> Made:
    """Half of the ReLU units are silent on most rows, and the rest is enough."""
    law = Initializer(
        "sparse",
        lambda rng, shape: rng.normal(0.0, np.sqrt(2.0 / shape[0]), shape),
        biases=lambda rng, weights: rng.uniform(-1.5, 0.5, weights.shape[1]),
    )
    return classifier(
        moons(), seed, (64,), initializer=(law, "fan_in"), learning_rate_init=0.01, batch_size=64,
        max_iter=80,
    )  # fmt: skip


def _swish(a: Any) -> Any:
    return a / (1.0 + jnp.exp(-a))
