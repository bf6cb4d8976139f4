"""The proof's healthy networks, near misses among them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.diagnoses import proof_data as data
from benchmarks.diagnoses.setting import Made, Settings, divided
from unstuck import NetClassifier, NetRegressor

HEALTHY = Settings()
LONG: dict[str, Any] = {"tol": 0.0, "n_iter_no_change": math.inf}


def _made(estimator: Any, rows: data.Rows, seed: int, test: float = 0.25) -> Made:
    estimator.set_params(random_state=seed, **LONG)
    return Made(estimator, *divided(*rows, seed, test))


# Classes


@HEALTHY.healthy("rings", reachable=0.98)
def rings_to_the_end(seed: int) -> Made:
    """Goes on until gradients are tiny."""
    net = NetClassifier((12,), activation="tanh", solver="lbfgs", alpha=0.01, max_iter=400)
    return _made(net, data.rings(seed), seed)


@HEALTHY.healthy("checkerboard", reachable=0.95)
def sparse_rectifiers(seed: int) -> Made:
    """Most units are silent for most rows."""
    net = NetClassifier((48, 24), solver="adam", learning_rate_init=0.005, max_iter=120)
    return _made(net.set_params(batch_size=32), data.checkerboard(seed), seed)


@HEALTHY.healthy("checkerboard", reachable=0.74)
def some_labels_flipped(seed: int) -> Made:
    """A fifth of the labels is wrong: 0.8 is what there is."""
    net = NetClassifier((8,), activation="tanh", solver="bfgs", alpha=1.0, max_iter=300)
    return _made(net, data.checkerboard(seed, cells=2, flipped=0.2), seed)


@HEALTHY.healthy("noisy_xor", reachable=0.95)
def two_layers_of_sigmoids(seed: int) -> Made:
    """Two layers are not too deep for sigmoids."""
    net = NetClassifier((12, 8), activation="logistic", solver="rprop", max_iter=150)
    return _made(net.set_params(alpha=0.1), data.noisy_xor(seed), seed)


@HEALTHY.healthy("parity", reachable=0.98)
def parity_by_quickprop(seed: int) -> Made:
    """Three bits, learned with all rows at once."""
    net = NetClassifier((16,), activation="symmetric_sigmoid", solver="quickprop", max_iter=150)
    return _made(net.set_params(learning_rate_init=0.01), data.parity(seed, bits=3), seed)


@HEALTHY.healthy("majority", reachable=0.99)
def no_hidden_layer(seed: int) -> Made:
    """A plane is enough."""
    return _made(NetClassifier((), solver="cg", max_iter=100), data.majority(seed), seed)


@HEALTHY.healthy("bars", reachable=0.98)
def bars_in_a_dark_frame(seed: int) -> Made:
    """The frame's 28 columns never change."""
    net = NetClassifier((24,), activation="softplus", solver="nadam", learning_rate_init=0.01)
    return _made(net.set_params(max_iter=60), data.bars(seed, frame=1, noise=0.2), seed)


@HEALTHY.healthy("quantiles", reachable=0.92)
def slope_offset_on_purpose(seed: int) -> Made:
    """The gradient differs from the loss's by wish."""
    net = NetClassifier((20,), activation="logistic", solver="sgd", slope_offset=0.1)
    net.set_params(learning_rate_init=0.1, batch_size=32, max_iter=150)
    return _made(net, data.quantiles(seed), seed)


@HEALTHY.healthy("hastie", reachable=0.95)
def weights_that_decay(seed: int) -> Made:
    """Shells in ten dimensions, with a decay against learning by heart."""
    net = NetClassifier((50,), activation="elu", solver="adamw", learning_rate_init=0.01)
    net.set_params(batch_size=64, max_iter=40, weight_decay=0.1)
    return _made(net, data.hastie(seed), seed)


@HEALTHY.healthy("bars", reachable=0.98)
def layer_norm(seed: int) -> Made:
    """Every layer's sums are standardized."""
    net = NetClassifier((24, 16), layer_norm=True, solver="lion", learning_rate_init=0.002)
    return _made(net.set_params(batch_size=64, max_iter=60), data.bars(seed), seed)


@HEALTHY.healthy("labels", reachable=0.47)
def several_labels(seed: int) -> Made:
    """All four labels of a row right is rare: half of the rows is what there is."""
    net = NetClassifier((24,), activation="elu", solver="adamax", learning_rate_init=0.01)
    net.set_params(batch_size=50, max_iter=60, alpha=3.0)
    return _made(net, data.labels(seed), seed)


@HEALTHY.healthy("some_digits", reachable=0.99)
def stopped_early(seed: int) -> Made:
    """The best weights on validation rows are kept."""
    net = NetClassifier((32,), solver="adam", early_stopping=True, max_iter=200)
    net.set_params(batch_size=50, validation_fraction=0.2, n_iter_no_change=20, random_state=seed)
    return Made(net, *divided(*data.some_digits(1, 3, 8), seed))


@HEALTHY.healthy("some_digits", reachable=0.98)
def dropout(seed: int) -> Made:
    """A third of the units is silent in training."""
    net = NetClassifier((48,), dropout=0.3, solver="radam", learning_rate_init=0.01)
    return _made(net.set_params(batch_size=64, max_iter=40), data.some_digits(2, 5, 7, 9), seed)


@HEALTHY.healthy("some_digits", reachable=0.98)
def soft_targets(seed: int) -> Made:
    """Nine tenths for the right class: the loss stays far above zero."""
    X, y, X_test, y_test = divided(*data.some_digits(3, 5, 9), seed)
    soft = np.where(y[:, None] == np.unique(y), 0.9, 0.05)
    net = NetClassifier((16,), activation="tanh", solver="lbfgs", alpha=0.1, max_iter=80)
    return Made(
        net.set_params(random_state=seed, **LONG), X, y, X_test, y_test, {"soft_targets": soft}
    )


@HEALTHY.healthy("wine_plane", reachable=0.9)
def two_columns_of_wine(seed: int) -> Made:
    """Classes that overlap a little."""
    net = NetClassifier((6,), activation="softplus", solver="scg", alpha=0.3, max_iter=150)
    return _made(net, data.wine_plane(), seed)


@HEALTHY.healthy("half_plane", reachable=0.71)
def noisy_half_plane(seed: int) -> Made:
    """A quarter of the labels is wrong, and a plane is all there is to learn."""
    net = NetClassifier((8,), activation="identity", solver="rmsprop", batch_size=50, max_iter=40)
    net.set_params(learning_rate="linear", learning_rate_init=0.01)
    return _made(net, data.half_plane(seed, n=1200, flipped=0.25), seed)


@HEALTHY.healthy("rare", reachable=0.99)
def rare_but_clear(seed: int) -> Made:
    """One row of twenty-five is positive, and stands apart."""
    net = NetClassifier((8,), activation="tanh", solver="adam", learning_rate_init=0.02)
    return _made(net.set_params(max_iter=40), data.rare(seed, share=0.04, apart=6.0), seed)


# Numbers


@HEALTHY.healthy("friedman2", reachable=0.98)
def ohms_standardized(seed: int) -> Made:
    """Inputs of very different size and large targets, both standardized."""
    net = NetRegressor((20,), activation="elu", learning_rate="cosine", learning_rate_init=0.02)
    return _made(net.set_params(batch_size=40, max_iter=80), data.friedman(seed, 2), seed)


@HEALTHY.healthy("friedman3", reachable=0.9)
def bayesian(seed: int) -> Made:
    """The data choose the penalty."""
    net = NetRegressor((8,), activation="tanh", solver="br", max_iter=80)
    return _made(net, data.friedman(seed, 3, noise=0.05), seed)


@HEALTHY.healthy("roll", reachable=0.97)
def slow_but_scheduled(seed: int) -> Made:
    """A small rate that falls all the way, and arrives."""
    net = NetRegressor((32,), activation="tanh", solver="sgd", learning_rate="linear")
    net.set_params(learning_rate_init=0.02, batch_size=16, max_iter=120)
    return _made(net, data.roll(seed), seed)


@HEALTHY.healthy("s_curve", reachable=0.99)
def eight_orthogonal_layers(seed: int) -> Made:
    """Deep, and first weights that keep lengths."""
    net = NetRegressor((12,) * 8, activation="tanh", initializer="orthogonal", solver="scg")
    return _made(net.set_params(max_iter=120), data.s_curve(seed), seed)


@HEALTHY.healthy("sparse_line", reachable=0.87)
def a_line_and_no_more(seed: int) -> Made:
    """A linear network on a line in noise."""
    return _made(NetRegressor((), solver="lm", max_iter=30), data.sparse_line(seed), seed)


@HEALTHY.healthy("logistic_map", reachable=0.99)
def chaos_two_steps_ahead(seed: int) -> Made:
    """A curve with three bends, to the end."""
    net = NetRegressor((10,), activation="tanh", solver="bfgs", alpha=1e-6, max_iter=300)
    return _made(net.set_params(initializer="nguyen_widrow"), data.logistic_map(seed), seed)


@HEALTHY.healthy("mackey_glass", reachable=0.99)
def mackey_glass_by_lm(seed: int) -> Made:
    """Converged: errors and gradients are tiny."""
    net = NetRegressor((8,), activation="logistic", solver="lm", alpha=1e-6, max_iter=60)
    return _made(net, data.mackey_glass(seed), seed)


@HEALTHY.healthy("product", reachable=0.97)
def product_by_rprop(seed: int) -> Made:
    """Steps of every weight's own."""
    net = NetRegressor((16,), activation="softplus", solver="rprop", max_iter=120)
    return _made(net, data.product(seed), seed)


@HEALTHY.healthy("stairs", reachable=0.97)
def steep_stairs(seed: int) -> Made:
    """Steps need steep sigmoids: flat parts are right here."""
    net = NetRegressor((10,), activation="tanh", solver="lm", alpha=1e-4, max_iter=100)
    return _made(net, data.stairs(seed), seed)


@HEALTHY.healthy("damped", reachable=0.97)
def weighted_rows(seed: int) -> Made:
    """Rows to the left count less."""
    X, y, X_test, y_test = divided(*data.damped(seed), seed)
    net = NetRegressor((12,), activation="tanh", solver="lbfgs", alpha=1e-4, max_iter=300)
    net.set_params(random_state=seed, initializer="nguyen_widrow", **LONG)
    return Made(net, X, y, X_test, y_test, {"sample_weight": 1.5 + X[:, 0]})


@HEALTHY.healthy("peaks", reachable=0.95)
def peaks_by_cg(seed: int) -> Made:
    """A plane of hills, line search by line search."""
    net = NetRegressor((24,), activation="tanh", solver="cg", alpha=1e-4, max_iter=300)
    return _made(net, data.peaks(seed), seed)


@HEALTHY.healthy("arm", reachable=0.98)
def two_outputs_unscaled(seed: int) -> Made:
    """Angles and places are near to one as they are: nothing is standardized."""
    net = NetRegressor((20,), activation="tanh", scale_inputs=False, scale_targets=False)
    net.set_params(solver="amsgrad", learning_rate_init=0.02, batch_size=50, max_iter=100)
    return _made(net, data.arm(seed), seed)


@HEALTHY.healthy("counts", reachable=0.65)
def counts_by_poisson(seed: int) -> Made:
    """Counts with the loss that belongs to them."""
    net = NetRegressor((12,), activation="tanh", loss="poisson", solver="lbfgs", alpha=0.1)
    return _made(net.set_params(max_iter=100), data.counts(seed), seed)


@HEALTHY.healthy("projectile", reachable=0.98)
def large_linear_outputs(seed: int) -> Made:
    """Thousands of meters as they are: the steps of rprop grow to them."""
    net = NetRegressor((12,), activation="tanh", solver="rprop", scale_targets=False, alpha=0.0)
    return _made(net.set_params(max_iter=300), data.projectile(seed), seed)


@HEALTHY.healthy("circuit", reachable=0.95)
def far_from_zero_but_standardized(seed: int) -> Made:
    """Farad in billionths, hertz in thousands, and a million added."""
    X, y = data.circuit(seed)
    net = NetRegressor((24, 12), activation="elu", solver="lbfgs", alpha=0.01, max_iter=200)
    return _made(net, (X + np.array([1e3, 0.0, 0.0, 1e6]), y), seed)


@HEALTHY.healthy("diabetes", reachable=0.4)
def few_patients_strong_penalty(seed: int) -> Made:
    """Half of the variance is what there is."""
    net = NetRegressor((10,), activation="tanh", solver="lbfgs", alpha=30.0, max_iter=200)
    return _made(net, data.diabetes(), seed, test=0.6)
