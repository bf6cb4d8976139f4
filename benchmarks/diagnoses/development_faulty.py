"""Faulty settings of the development set: one disease is planted in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import datasets

from benchmarks.diagnoses.development_data import (
    Rows,
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
    gain,
    iris,
    moons,
    normal,
    only_hidden,
    parabola,
    parity,
    plane,
    rare,
    regressor,
    scattered,
    shells,
    shifted,
    sinc,
    spirals,
    swiss_roll,
    tags,
    waves,
    wine,
    with_slope,
)
from benchmarks.diagnoses.setting import Made, Settings, divided
from unstuck import ACTIVATIONS, Activation
from unstuck.layers.layer import Spec, Weight
from unstuck.lazy import jax, jnp

FAULTY = Settings()
EARLY = ("hidden_1", "hidden_2", "hidden_3", "hidden_4")
BOTH = ("hidden_1", "hidden_2")
DEEP = tuple(f"hidden_{k}" for k in range(1, 13))
EXPLODES = ("exploding_activations", "exploding_gradient")


# Gradients and activations that vanish or explode


@FAULTY.sick("digits", "vanishing_gradient", layers=EARLY)
def deep_sigmoids(seed: int) -> Made:
    return classifier(
        digits(), seed, (24,) * 8, activation="logistic", solver="sgd", learning_rate_init=0.1,
        max_iter=60,
    )  # fmt: skip


@FAULTY.sick("moons", "vanishing_gradient", layers=EARLY)
def deep_sigmoids_adam(seed: int) -> Made:
    return classifier(
        moons(), seed, (12,) * 10, activation="logistic", learning_rate_init=2e-3, batch_size=64,
        max_iter=80,
    )  # fmt: skip


@FAULTY.sick("friedman1", "vanishing_gradient", layers=DEEP)
def deep_sigmoids_lbfgs(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (10,) * 14, activation="logistic", solver="lbfgs", max_iter=60
    )


@FAULTY.sick("circles", "vanishing_gradient", layers=EARLY)
def deep_sigmoids_gd(seed: int) -> Made:
    return classifier(circles(), seed, (12,) * 8, activation="logistic", solver="gd", max_iter=100)


@FAULTY.sick("circles", "vanishing_gradient", layers=DEEP)
def slack_tanh(seed: int) -> Made:
    slack = Activation(
        "slack", lambda a, xp: xp.tanh(a / 4.0), slope=lambda a, z, xp: (1.0 - z * z) / 4.0
    )
    return classifier(
        circles(), seed, (12,) * 10, activation=slack, solver="sgd", learning_rate_init=0.1,
        batch_size=50, max_iter=80,
    )  # fmt: skip


@FAULTY.sick("friedman1", "exploding_gradient", "exploding_activations", layers=DEEP)
def steep_asinh(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (32,) * 12, activation=_asinh_4, solver="sgd",
        learning_rate_init=0.01, batch_size=64, max_iter=40,
    )  # fmt: skip


@FAULTY.sick("moons", "exploding_gradient", layers=DEEP)
def deep_waves(seed: int) -> Made:
    return classifier(
        moons(), seed, (24,) * 8, activation=_sine_5, solver="sgd", learning_rate_init=0.05,
        batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("sinc", "exploding_gradient", layers=DEEP)
def deep_waves_adam(seed: int) -> Made:
    return regressor(
        sinc(), seed, (24,) * 8, activation=_sine_5, learning_rate_init=1e-3, batch_size=64,
        max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman1", *EXPLODES, "non_finite", layers=DEEP)
def deep_squares(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (24,) * 5, activation=_signed_square, initializer="he_normal",
        learning_rate_init=1e-3, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("digits", *EXPLODES, layers=DEEP)
def tripled_relu(seed: int) -> Made:
    tripled = Activation(
        "tripled_relu", lambda a, xp: 3.0 * xp.maximum(a, 0.0),
        slope=lambda a, z, xp: xp.where(a > 0, 3.0, 0.0).astype(a.dtype), can_die=True,
        saturates="left", saturated_beyond=0.0, largest_slope=3.0,
    )  # fmt: skip
    return classifier(
        digits(), seed, (32,) * 10, activation=tripled, initializer="he_normal", solver="sgd",
        learning_rate_init=0.01, max_iter=40,
    )  # fmt: skip


@FAULTY.sick("digits", "initial_scale", *EXPLODES, layers=DEEP)
def deep_relu_gain(seed: int) -> Made:
    return classifier(
        digits(), seed, (48,) * 8, initializer=gain(2.5), learning_rate_init=1e-3, max_iter=40
    )


@FAULTY.sick("swiss_roll", *EXPLODES, "non_finite", layers=DEEP)
def deep_cubes(seed: int) -> Made:
    cube = Activation("cube", lambda a, xp: a * a * a, slope=lambda a, z, xp: 3.0 * a * a)
    return regressor(
        swiss_roll(), seed, (16,) * 3, activation=cube, solver="sgd", learning_rate_init=1e-3,
        batch_size=50, max_iter=40,
    )  # fmt: skip


# Units that are flat from the start


@FAULTY.sick("moons", "saturated_units", layers=BOTH)
def far_biases_tanh(seed: int) -> Made:
    return classifier(
        moons(), seed, (16, 16), activation="tanh", initializer=only_hidden(scattered(9.0), 2),
        solver="sgd", learning_rate_init=0.05, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("digits", "saturated_units", layers=BOTH)
def far_biases_sigmoid(seed: int) -> Made:
    return classifier(
        digits(), seed, (32, 32), activation="logistic",
        initializer=only_hidden(scattered(14.0), 2), max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman3", "saturated_units", layers=("hidden_1",))
def far_biases_lm(seed: int) -> Made:
    return regressor(
        friedman3(), seed, (10,), activation="tanh", initializer=only_hidden(scattered(16.0), 1),
        solver="lm", max_iter=30,
    )  # fmt: skip


@FAULTY.sick("shells", "saturated_units", layers=("hidden_2",))
def far_biases_second(seed: int) -> Made:
    return classifier(
        shells(), seed, (24, 16), activation="tanh",
        initializer=("glorot_uniform", scattered(10.0), "fan_in"), solver="cg", max_iter=40,
    )  # fmt: skip


@FAULTY.sick("wine", "dead_units", layers=BOTH)
def low_biases_wine(seed: int) -> Made:
    return classifier(
        wine(), seed, (24, 24), initializer=only_hidden(shifted(-15.0), 2),
        learning_rate_init=2e-3, batch_size=32, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("sinc", "dead_units", layers=BOTH)
def low_biases_sinc(seed: int) -> Made:
    return regressor(
        sinc(), seed, (32, 32), initializer=only_hidden(shifted(-8.0), 2), solver="sgd",
        learning_rate_init=0.02, batch_size=50, max_iter=80,
    )  # fmt: skip


@FAULTY.sick("digits", "dead_units", layers=("hidden_2",))
def low_biases_second(seed: int) -> Made:
    return classifier(
        digits(), seed, (32, 32), initializer=("he_normal", shifted(-9.0), "fan_in"),
        solver="sgd", learning_rate_init=0.05, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman2", "dead_units", layers=("hidden_1",))
def low_biases_lbfgs(seed: int) -> Made:
    return regressor(
        friedman2(), seed, (20,), initializer=only_hidden(shifted(-12.0), 1), solver="lbfgs",
        max_iter=60,
    )  # fmt: skip


# First weights


@FAULTY.sick("moons", "unbroken_symmetry", layers=("hidden_1", "output"))
def constant_tanh(seed: int) -> Made:
    return classifier(
        moons(), seed, (16,), activation="tanh", initializer=constant(0.3),
        learning_rate_init=0.01, batch_size=64, max_iter=80,
    )  # fmt: skip


@FAULTY.sick("digits", "unbroken_symmetry", "initial_scale", layers=(*BOTH, "output"))
def zeros_relu(seed: int) -> Made:
    return classifier(
        digits(), seed, (32, 32), initializer=constant(0.0), learning_rate_init=3e-3, max_iter=40
    )


@FAULTY.sick("circles", "unbroken_symmetry", layers=(*BOTH, "output"))
def constant_sigmoid_rprop(seed: int) -> Made:
    return classifier(
        circles(), seed, (12, 12), activation="logistic", initializer=constant(0.5),
        solver="rprop", max_iter=150,
    )  # fmt: skip


@FAULTY.sick("friedman1", "unbroken_symmetry", layers=("hidden_1", "output"))
def constant_lbfgs(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (16,), activation="tanh", initializer=constant(0.1), solver="lbfgs",
        max_iter=100,
    )  # fmt: skip


@FAULTY.sick("digits", "initial_scale", "saturated_units", layers=(*BOTH, "output"))
def huge_tanh(seed: int) -> Made:
    return classifier(
        digits(), seed, (32, 32), activation="tanh", initializer=normal(5.0), max_iter=60
    )


@FAULTY.sick("digits", "initial_scale", "vanishing_gradient", layers=(*EARLY, "output"))
def tiny_relu(seed: int) -> Made:
    return classifier(
        digits(), seed, (32, 32, 32), initializer=normal(1e-4), solver="sgd",
        learning_rate_init=0.1, max_iter=40,
    )  # fmt: skip


@FAULTY.sick("friedman1", "initial_scale", "vanishing_gradient", layers=(*EARLY, "output"))
def tiny_tanh(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (24, 24, 24), activation="tanh", initializer=normal(1e-3),
        solver="sgd", learning_rate_init=0.02, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman1", "initial_scale", "saturated_units", layers=(*BOTH, "output"))
def huge_tanh_lbfgs(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (24, 24), activation="tanh", initializer=normal(8.0), solver="lbfgs",
        max_iter=60,
    )  # fmt: skip


@FAULTY.sick("digits", "initial_scale", *EXPLODES, layers=(*BOTH, "output"))
def wide_relu(seed: int) -> Made:
    return classifier(digits(), seed, (48, 48), initializer=normal(2.0), max_iter=40)


@FAULTY.sick("iris", "initial_scale", "saturated_units", layers=(*BOTH, "output"))
def huge_sigmoid_scg(seed: int) -> Made:
    return classifier(
        iris(), seed, (12, 12), activation="logistic", initializer=normal(40.0), solver="scg",
        max_iter=60,
    )  # fmt: skip


# The network cannot be more than linear, or its outputs do not fit to the loss


@FAULTY.sick("circles", "no_nonlinearity", layers=BOTH)
def linear_circles(seed: int) -> Made:
    return classifier(
        circles(), seed, (32, 32), activation="identity", learning_rate_init=5e-3, batch_size=64,
        max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman1", "no_nonlinearity", layers=BOTH)
def leaky_without_leak(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (32, 32), activation="leaky_relu(1.0)", learning_rate_init=5e-3,
        batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("spirals", "no_nonlinearity", layers=BOTH)
def linear_own_lbfgs(seed: int) -> Made:
    return classifier(
        spirals(), seed, (24, 24), activation=_seven_tenths, solver="lbfgs", max_iter=60
    )


@FAULTY.sick("swiss_roll", "no_nonlinearity", layers=("hidden_1",))
def linear_scg(seed: int) -> Made:
    return regressor(swiss_roll(), seed, (30,), activation="identity", solver="scg", max_iter=60)


@FAULTY.sick("friedman1", "loss_output_mismatch", layers=("output",))
def sigmoid_for_numbers(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (32,), activation="tanh", output_activation="logistic",
        loss="squared_error", learning_rate_init=5e-3, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("diabetes", "loss_output_mismatch", layers=("output",))
def relu_for_signed(seed: int) -> Made:
    X, y = diabetes()
    return regressor(
        (X, (y - y.mean()) / y.std()), seed, (24,), activation="tanh", output_activation="relu",
        learning_rate_init=5e-3, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman3", "loss_output_mismatch", layers=("output",))
def tanh_for_numbers(seed: int) -> Made:
    X, y = friedman3()
    return regressor(
        (X, 3.0 * y), seed, (16,), activation="tanh", output_activation="tanh",
        loss="squared_error", solver="lm", max_iter=40,
    )  # fmt: skip


@FAULTY.sick("digits", "loss_output_mismatch", layers=("output",))
def double_softmax(seed: int) -> Made:
    return classifier(
        digits(), seed, (32,), activation="tanh", loss=_softmax_twice,
        output_activation="softmax", solver="sgd", learning_rate_init=0.02, max_iter=40,
    )  # fmt: skip


@FAULTY.sick("cancer", "loss_output_mismatch", layers=("output",))
def softmax_of_one(seed: int) -> Made:
    X, y = cancer()
    return regressor(
        (X, y * 1.0), seed, (16,), output_activation="softmax", loss="squared_error",
        learning_rate_init=3e-3, batch_size=64, max_iter=40,
    )  # fmt: skip


@FAULTY.sick("digits", "loss_output_mismatch", layers=("output",))
def likelihood_of_logits(seed: int) -> Made:
    return classifier(digits(), seed, (32,), loss=_minus_logit, max_iter=40)


# Wrong derivatives


@FAULTY.sick("moons", "wrong_gradient", layers=BOTH)
def slope_with_wrong_sign(seed: int) -> Made:
    wrong = with_slope("tanh", "tanh_sign", lambda a, z, xp: z * z - 1.0)
    return classifier(
        moons(), seed, (16, 16), activation=wrong, learning_rate_init=5e-3, batch_size=64,
        max_iter=60,
    )  # fmt: skip


@FAULTY.sick("digits", "wrong_gradient", layers=("hidden_1",))
def slope_of_preactivation(seed: int) -> Made:
    wrong = with_slope("logistic", "logistic_a", lambda a, z, xp: a * (1.0 - a))
    return classifier(
        digits(), seed, (32,), activation=wrong, solver="sgd", learning_rate_init=0.1, max_iter=40
    )


@FAULTY.sick("friedman1", "wrong_gradient", layers=BOTH)
def relu_backwards(seed: int) -> Made:
    wrong = with_slope("relu", "relu_back", lambda a, z, xp: xp.where(a < 0, 1.0, 0.0))
    return regressor(
        friedman1(), seed, (32, 32), activation=wrong, learning_rate_init=5e-3, batch_size=64,
        max_iter=60,
    )  # fmt: skip


@FAULTY.sick("shells", "wrong_gradient", layers=("hidden_2",))
def second_slope_lbfgs(seed: int) -> Made:
    wrong = with_slope("tanh", "tanh_z", lambda a, z, xp: 1.0 + z)
    return classifier(
        shells(), seed, (16, 16), activation=("tanh", wrong), solver="lbfgs", max_iter=60
    )


@FAULTY.sick("sinc", "wrong_gradient", layers=("hidden_1",))
def sine_slope_lm(seed: int) -> Made:
    wrong = Activation("sine_s", lambda a, xp: xp.sin(a), slope=lambda a, z, xp: -xp.cos(a))
    return regressor(sinc(), seed, (12,), activation=wrong, solver="lm", max_iter=40)


@FAULTY.sick("wine", "wrong_gradient", "loss_output_mismatch", layers=("output",))
def loss_pushed_back(seed: int) -> Made:
    return classifier(
        wine(), seed, (16,), activation="tanh", loss=_pushed_back, output_activation="softmax",
        batch_size=32, max_iter=40,
    )  # fmt: skip


# Numbers that are none


@FAULTY.sick("friedman1", "non_finite", *EXPLODES, layers=DEEP)
def exponential_units(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (24, 24, 24), activation="exponential", solver="sgd",
        learning_rate_init=0.01, batch_size=64, max_iter=40,
    )  # fmt: skip


@FAULTY.sick("sinc", "non_finite", layers=("hidden_1",))
def root_units(seed: int) -> Made:
    return regressor(
        sinc(), seed, (16,), activation=_root, learning_rate_init=3e-3, batch_size=50, max_iter=40
    )


@FAULTY.sick("moons", "non_finite", layers=("output",))
def log_of_zero(seed: int) -> Made:
    return classifier(
        moons(), seed, (16,), loss=_raw_log_loss, output_activation="logistic",
        learning_rate_init=0.01, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("plane", "non_finite", layers=("output",))
def root_of_error(seed: int) -> Made:
    X, y = plane()
    return regressor(
        (X, np.where(y < 0.0, 0.0, y)), seed, (16,), activation="relu", loss=_root_of_error,
        initializer=only_hidden("he_normal", 1, constant(0.0)), scale_targets=False,
        batch_size=64, max_iter=40,
    )  # fmt: skip


@FAULTY.sick("swiss_roll", "non_finite", layers=("hidden_1",))
def log_units_lbfgs(seed: int) -> Made:
    return regressor(swiss_roll(), seed, (12,), activation=_log, solver="lbfgs", max_iter=40)


# The pace


@FAULTY.sick("digits", "learning_rate_too_high")
def fast_sgd_tanh(seed: int) -> Made:
    return classifier(
        digits(), seed, (32,), activation="tanh", solver="sgd", learning_rate_init=30.0,
        max_iter=40,
    )  # fmt: skip


@FAULTY.sick("digits", "learning_rate_too_high", "dead_units")
def fast_adam_relu(seed: int) -> Made:
    return classifier(digits(), seed, (32, 32), learning_rate_init=1.0, max_iter=60)


@FAULTY.sick("diabetes", "learning_rate_too_high", "non_finite")
def fast_sgd_diverges(seed: int) -> Made:
    return regressor(
        diabetes(), seed, (32,), solver="sgd", learning_rate_init=3.0, batch_size=64, max_iter=40
    )


@FAULTY.sick("friedman3", "learning_rate_too_high", "oscillation", "non_finite")
def fast_full_batch(seed: int) -> Made:
    return regressor(
        friedman3(), seed, (24,), activation="tanh", solver="sgd", momentum=0.0,
        nesterovs_momentum=False, learning_rate_init=5.0, batch_size=375, max_iter=150,
    )  # fmt: skip


@FAULTY.sick("waves", "learning_rate_too_high", "oscillation", "non_finite")
def fast_quickprop(seed: int) -> Made:
    return regressor(
        waves(), seed, (16,), activation="tanh", solver="quickprop", learning_rate_init=30.0,
        max_iter=100,
    )  # fmt: skip


@FAULTY.sick("wine", "learning_rate_too_high", "saturated_units", "oscillation")
def fast_rmsprop(seed: int) -> Made:
    return classifier(
        wine(), seed, (16,), activation="tanh", solver="rmsprop", learning_rate_init=30.0,
        batch_size=16, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("digits", "learning_rate_too_low")
def slow_adam(seed: int) -> Made:
    return classifier(digits(), seed, (32,), learning_rate_init=1e-6, max_iter=60)


@FAULTY.sick("friedman1", "learning_rate_too_low")
def slow_sgd(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (32,), activation="tanh", solver="sgd", learning_rate_init=1e-5,
        batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("moons", "learning_rate_too_low")
def slow_rmsprop(seed: int) -> Made:
    return classifier(
        moons(), seed, (24,), solver="rmsprop", learning_rate_init=1e-6, batch_size=64,
        max_iter=60,
    )  # fmt: skip


@FAULTY.sick("shells", "learning_rate_too_low")
def slow_adagrad(seed: int) -> Made:
    return classifier(
        shells(), seed, (24,), activation="tanh", solver="adagrad", learning_rate_init=1e-4,
        batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("digits", "learning_rate_too_low")
def large_epsilon(seed: int) -> Made:
    return classifier(digits(), seed, (32,), epsilon=10.0, max_iter=60)


@FAULTY.sick("sinc", "learning_rate_too_low")
def timid_rprop(seed: int) -> Made:
    return regressor(
        sinc(), seed, (16,), activation="tanh", solver="rprop", first_step=1e-7,
        largest_step=1e-6, max_iter=150,
    )  # fmt: skip


@FAULTY.sick("friedman1", "oscillation", "learning_rate_too_high")
def heavy_momentum(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (32,), activation="tanh", solver="sgd", learning_rate_init=0.35,
        momentum=0.97, nesterovs_momentum=False, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("moons", "oscillation", "learning_rate_too_high")
def restless_batches(seed: int) -> Made:
    return classifier(
        moons(), seed, (32, 32), activation="tanh", learning_rate_init=0.5, batch_size=8,
        max_iter=20,
    )  # fmt: skip


@FAULTY.sick("digits", "oscillation", "learning_rate_too_high")
def heavy_momentum_digits(seed: int) -> Made:
    return classifier(
        digits(), seed, (32,), activation="logistic", solver="sgd", learning_rate_init=30.0,
        momentum=0.95, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("parity", "plateau", "initial_scale", "learning_rate_too_low")
def parity_plateau(seed: int) -> Made:
    return classifier(
        parity(), seed, (16,), activation="tanh", initializer=normal(0.05), solver="sgd",
        learning_rate_init=0.02, batch_size=16, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("corners", "plateau", "learning_rate_too_low")
def corners_plateau(seed: int) -> Made:
    return classifier(
        corners(), seed, (4,), activation="logistic", solver="sgd", learning_rate_init=0.003,
        batch_size=32, max_iter=80,
    )  # fmt: skip


@FAULTY.sick("parity_of_five", "plateau", "learning_rate_too_low")
def parity_of_five(seed: int) -> Made:
    return classifier(
        parity(5, 4), seed, (12,), activation="logistic", solver="sgd", learning_rate_init=0.03,
        batch_size=32, max_iter=150,
    )  # fmt: skip


@FAULTY.sick("parity", "plateau", "underfitting")
def parity_by_gd(seed: int) -> Made:
    return classifier(
        parity(), seed, (12,), activation="logistic", initializer=normal(0.3), solver="gd",
        max_iter=12,  # with 25 some seeds have begun to leave the plateau
    )  # fmt: skip


@FAULTY.sick("corners", "underfitting")
def short_gd(seed: int) -> Made:
    return classifier(
        corners(), seed, (12,), activation="logistic", initializer=normal(0.3), solver="gd",
        max_iter=4,
    )  # fmt: skip


# What the data are like


@FAULTY.sick("wine", "unscaled_inputs")
def raw_wine(seed: int) -> Made:
    return classifier(
        wine(), seed, (24,), activation="tanh", scale_inputs=False, learning_rate_init=2e-3,
        batch_size=32, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman1", "unscaled_inputs", "learning_rate_too_high")
def inputs_with_offset(seed: int) -> Made:
    X, y = friedman1()
    return regressor(
        (X * 300.0 + 5000.0, y), seed, (32,), scale_inputs=False, solver="sgd",
        learning_rate_init=0.01, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("cancer", "unscaled_inputs")
def raw_cancer(seed: int) -> Made:
    return classifier(
        cancer(), seed, (16,), activation="logistic", scale_inputs=False, solver="sgd",
        learning_rate_init=0.05, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman1", "unscaled_inputs")
def one_huge_column(seed: int) -> Made:
    X, y = friedman1()
    X = (X - X.mean(0)) / X.std(0)
    return regressor(
        (X * np.where(np.arange(10) == 8, 1e4, 1.0), y), seed, (32,), activation="tanh",
        scale_inputs=False, learning_rate_init=5e-3, batch_size=64, max_iter=80,
    )  # fmt: skip


@FAULTY.sick("digits", "unscaled_inputs")
def divided_twice(seed: int) -> Made:
    X, y = digits()
    return classifier(
        (X / 255.0 / 16.0, y), seed, (32,), scale_inputs=False, solver="sgd",
        learning_rate_init=0.05, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman2", "unscaled_inputs", "saturated_units")
def raw_friedman_scg(seed: int) -> Made:
    return regressor(
        friedman2(), seed, (16,), activation="tanh", scale_inputs=False, solver="scg",
        max_iter=100,
    )  # fmt: skip


@FAULTY.sick("diabetes", "unscaled_targets", "learning_rate_too_low")
def raw_diabetes_targets(seed: int) -> Made:
    return regressor(
        diabetes(), seed, (24,), activation="tanh", scale_targets=False, learning_rate_init=2e-3,
        batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("friedman1", "unscaled_targets", "learning_rate_too_low")
def huge_targets(seed: int) -> Made:
    X, y = friedman1()
    return regressor(
        (X, 1e4 * y), seed, (32,), scale_targets=False, learning_rate_init=5e-3, batch_size=64,
        max_iter=80,
    )  # fmt: skip


@FAULTY.sick("friedman3", "unscaled_targets", "initial_scale")
def tiny_targets(seed: int) -> Made:
    X, y = friedman3()
    return regressor(
        (X, 1e-3 * (y - y.mean())), seed, (24,), activation="tanh", scale_targets=False,
        solver="sgd", learning_rate_init=0.01, batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("parabola", "unscaled_targets", "learning_rate_too_high", "non_finite")
def raw_parabola(seed: int) -> Made:
    return regressor(
        parabola(), seed, (20,), scale_targets=False, solver="sgd", learning_rate_init=0.02,
        batch_size=32, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("digits", "constant_inputs")
def floored_digits(seed: int) -> Made:
    X, y = digits()
    return classifier((np.floor(0.99 * X), y), seed, (32,), max_iter=30)


@FAULTY.sick("friedman1", "constant_inputs")
def clipped_inputs(seed: int) -> Made:
    X, y = friedman1()
    return regressor(
        (np.clip(100.0 * X + 255.0, 0.0, 255.0), y), seed, (16,), activation="tanh",
        solver="lbfgs", max_iter=40,
    )  # fmt: skip


@FAULTY.sick("wine", "constant_inputs")
def one_row_for_all(seed: int) -> Made:
    X, y = wine()
    return classifier((np.tile(X[:1], (len(X), 1)), y), seed, (16,), batch_size=32, max_iter=30)


@FAULTY.sick("friedman1", "constant_targets")
def constant_number(seed: int) -> Made:
    X, y = friedman1()
    return regressor((X, np.full(len(y), 2.0)), seed, (32,), batch_size=64, max_iter=40)


@FAULTY.sick("waves", "constant_targets")
def constant_numbers(seed: int) -> Made:
    X, y = waves()
    targets = np.tile([1.0, -3.0, 7.0], (len(y), 1))
    return regressor((X, targets), seed, (16,), activation="tanh", solver="lbfgs", max_iter=40)


@FAULTY.sick("parabola", "constant_targets")
def truncated_targets(seed: int) -> Made:
    X, y = parabola()
    return regressor((X, np.floor(np.abs(y) / 1e4)), seed, (16,), solver="rprop", max_iter=60)


@FAULTY.sick("rare", "class_imbalance", "learning_rate_too_low")
def rare_class(seed: int) -> Made:
    return classifier(
        rare(), seed, (16,), activation="tanh", solver="sgd", learning_rate_init=2e-3, max_iter=60
    )


@FAULTY.sick("three_rare", "class_imbalance")
def rare_third_class(seed: int) -> Made:
    rows = datasets.make_classification(
        1500, 10, n_informative=6, n_redundant=0, n_classes=3, weights=[0.6, 0.37], class_sep=1.0,
        flip_y=0, random_state=8,
    )  # fmt: skip
    return classifier(rows, seed, (16,), activation="tanh", max_iter=40)


@FAULTY.sick("rare_overlap", "class_imbalance")
def rare_overlap(seed: int) -> Made:
    rng = np.random.default_rng(9)
    y = (rng.random(1600) < 0.05).astype(int)
    X = rng.normal(size=(1600, 4)) + 1.1 * y[:, None]
    return classifier((X, y), seed, (8,), solver="lbfgs", alpha=1e-2, max_iter=20)


@FAULTY.sick("blobs", "conflicting_labels")
def many_annotators(seed: int) -> Made:
    X, y = blobs(150, 4, 6)
    rng = np.random.default_rng(7)
    X, y = np.repeat(X, 4, 0), np.repeat(y, 4)
    y = np.where(rng.random(len(y)) < 0.35, rng.integers(0, 4, len(y)), y)
    return _all_rows(classifier, (X, y), seed, (32,), learning_rate_init=5e-3, max_iter=60)


@FAULTY.sick("friedman1", "conflicting_labels")
def repeated_measurements(seed: int) -> Made:
    X, y = friedman1(200)
    X, y = np.repeat(X, 3, 0), np.repeat(y, 3)
    y = y + np.random.default_rng(7).normal(0.0, 1.2 * y.std(), len(y))
    return _all_rows(
        regressor, (X, y), seed, (32,), activation="tanh", learning_rate_init=5e-3, max_iter=60
    )


@FAULTY.sick("moons", "conflicting_labels")
def opposite_twins(seed: int) -> Made:
    X, y = moons()
    twins = np.random.default_rng(1).choice(len(y), 200, replace=False)
    rows = np.r_[X, X[twins]], np.r_[y, 1 - y[twins]]
    return _all_rows(
        classifier, rows, seed, (24, 24), activation="tanh", learning_rate_init=5e-3,
        batch_size=64, max_iter=60,
    )  # fmt: skip


@FAULTY.sick("iris", "conflicting_labels")
def rounded_inputs(seed: int) -> Made:
    X, y = iris()
    rows = np.round(np.repeat(X[:, 1:2], 4, 0) / 0.5), np.repeat(y, 4)
    return classifier(rows, seed, (16,), activation="tanh", solver="lbfgs", max_iter=60)


@FAULTY.sick("digits", "unrelated_targets", "overfitting")
def shuffled_labels(seed: int) -> Made:
    X, y = digits()
    y = np.random.default_rng(seed).permutation(y)
    return classifier((X, y), seed, (32,), learning_rate_init=3e-3, max_iter=60)


@FAULTY.sick("friedman1", "unrelated_targets", "overfitting")
def numbers_of_chance(seed: int) -> Made:
    X, y = friedman1()
    y = np.random.default_rng(seed).normal(size=len(y))
    return regressor(
        (X, y), seed, (32,), activation="tanh", learning_rate_init=5e-3, batch_size=64, max_iter=60
    )


@FAULTY.sick("cancer", "unrelated_targets", "overfitting")
def shifted_labels(seed: int) -> Made:
    X, y = cancer()
    y = y[np.random.default_rng(seed).permutation(len(y))]
    return classifier((X, y), seed, (24,), solver="scg", max_iter=100)


@FAULTY.sick("noise", "unrelated_targets", "overfitting")
def inputs_of_noise(seed: int) -> Made:
    rng = np.random.default_rng(50 + seed)
    rows = rng.normal(size=(400, 12)), rng.integers(0, 2, 400)
    return classifier(rows, seed, (48,), learning_rate_init=3e-3, batch_size=64, max_iter=60)


# Too much and too little freedom


@FAULTY.sick("few_of_many", "overfitting")
def wide_on_few_rows(seed: int) -> Made:
    rows = datasets.make_classification(
        200,
        30,
        n_informative=4,
        n_redundant=0,
        n_clusters_per_class=1,
        class_sep=1.2,
        flip_y=0.1,
        random_state=3,
    )
    return classifier(rows, seed, (96, 96), learning_rate_init=3e-3, batch_size=50, max_iter=100)


@FAULTY.sick("diabetes", "overfitting")
def wide_diabetes(seed: int) -> Made:
    return regressor(
        diabetes(), seed, (64, 64), learning_rate_init=5e-3, batch_size=64, alpha=0.0, max_iter=150
    )


@FAULTY.sick("noisy_sinc", "overfitting")
def wiggles_lm(seed: int) -> Made:
    rng = np.random.default_rng(3)
    x = np.sort(rng.uniform(-3.0, 3.0, 80))
    rows = x[:, None], 2.5 * np.sinc(x) + rng.normal(0.0, 0.5, len(x))
    return regressor(rows, seed, (25,), activation="tanh", solver="lm", alpha=0.0, max_iter=60)


@FAULTY.sick("noisy_plane", "overfitting")
def plane_by_lbfgs(seed: int) -> Made:
    return regressor(
        plane(160, 1.0), seed, (48,), activation="tanh", solver="lbfgs", alpha=0.0, max_iter=250
    )


@FAULTY.sick("spirals", "underfitting")
def two_units(seed: int) -> Made:
    return classifier(
        spirals(), seed, (2,), activation="tanh", learning_rate_init=0.01, batch_size=64,
        max_iter=100,
    )  # fmt: skip


@FAULTY.sick("digits", "underfitting")
def strong_penalty(seed: int) -> Made:
    return classifier(digits(), seed, (32,), alpha=300.0, learning_rate_init=5e-3, max_iter=60)


@FAULTY.sick("digits", "underfitting", layers=("hidden_2",))
def bottleneck(seed: int) -> Made:
    return classifier(
        digits(), seed, (32, 1), activation="tanh", learning_rate_init=5e-3, max_iter=80
    )


@FAULTY.sick("friedman1", "underfitting")
def strong_penalty_lbfgs(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (24,), activation="tanh", solver="lbfgs", alpha=300.0, max_iter=60
    )


@FAULTY.sick("waves", "underfitting")
def one_unit_lm(seed: int) -> Made:
    return regressor(waves(), seed, (1,), activation="tanh", solver="lm", max_iter=60)


@FAULTY.sick("tags", "underfitting")
def heavy_dropout(seed: int) -> Made:
    return classifier(
        tags(), seed, (8, 8), dropout=0.9, learning_rate_init=5e-3, batch_size=64, max_iter=60
    )


# Weights that nothing reaches


@FAULTY.sick("spirals", "disconnected_parameters", layers=("hidden_1",))
def stopped_at_second(seed: int) -> Made:
    return classifier(
        spirals(), seed, (8, Stopped(8)), activation="tanh", learning_rate_init=0.01,
        batch_size=64, max_iter=80,
    )  # fmt: skip


@FAULTY.sick("friedman1", "disconnected_parameters", layers=("hidden_1",))
def stopped_lbfgs(seed: int) -> Made:
    return regressor(
        friedman1(), seed, (3, Stopped(8)), activation="tanh", solver="lbfgs", max_iter=80
    )


@FAULTY.sick("digits", "disconnected_parameters", layers=("hidden_1",))
def unused_half(seed: int) -> Made:
    return classifier(digits(), seed, (HalfUsed(4),), learning_rate_init=3e-3, max_iter=60)


@FAULTY.sick("waves", "disconnected_parameters", layers=BOTH)
def stopped_deep_rprop(seed: int) -> Made:
    return regressor(
        waves(), seed, (4, 4, Stopped(8)), activation="tanh", solver="rprop", max_iter=150
    )


@dataclass(frozen=True)
class Stopped:
    """A dense layer of tanh units that passes nothing back to the layers before it."""

    units: int
    activation: Activation = ACTIVATIONS["tanh"]

    @property
    def unit(self) -> Activation:
        return self.activation

    def weights(self, inputs: Spec) -> dict[str, Weight]:
        shape = (inputs.width, self.units)
        return {"weights": Weight(shape, "weight", *shape), "bias": Weight((self.units,), "bias")}

    def outputs(self, inputs: Spec) -> Spec:
        return Spec((self.units,))

    def __call__(self, own: Any, x: Any, flow: Any) -> Any:
        x = x if flow.xp is np else jax.lax.stop_gradient(x)
        a = flow.see("preactivation", x @ own["weights"] + own["bias"])
        return flow.activate(self.activation, a)


@dataclass(frozen=True)
class HalfUsed:
    """A dense layer with a second branch of weights whose values are multiplied by 0."""

    units: int
    activation: Activation = ACTIVATIONS["relu"]

    @property
    def unit(self) -> Activation:
        return self.activation

    def weights(self, inputs: Spec) -> dict[str, Weight]:
        shape = (inputs.width, self.units)
        matrix, bias = Weight(shape, "weight", *shape), Weight((self.units,), "bias")
        return {"weights": matrix, "bias": bias, "branch": matrix}

    def outputs(self, inputs: Spec) -> Spec:
        return Spec((self.units,))

    def __call__(self, own: Any, x: Any, flow: Any) -> Any:
        a = x @ own["weights"] + 0.0 * (x @ own["branch"]) + own["bias"]
        return flow.activate(self.activation, flow.see("preactivation", a))


def _all_rows(make: Any, rows: Rows, seed: int, hidden: Any, **parameters: Any) -> Made:
    """Train on all rows, so that equal ones stay together; a quarter of them is the test, too."""
    made = make(rows, seed, hidden, **parameters)
    return Made(made.estimator, *rows, *divided(*rows, seed)[2:])


def _asinh_4(a: Any) -> Any:
    return 4.0 * jnp.arcsinh(a)


def _sine_5(a: Any) -> Any:
    return jnp.sin(5.0 * a)


def _signed_square(a: Any) -> Any:
    return a * jnp.abs(a)


def _seven_tenths(a: Any) -> Any:
    return 0.7 * a


def _root(a: Any) -> Any:
    return jnp.sqrt(a)


def _log(a: Any) -> Any:
    return jnp.log(a)


def _softmax_twice(target: Any, preactivation: Any) -> Any:
    return -(target * jax.nn.log_softmax(jax.nn.softmax(preactivation))).sum()


def _minus_logit(target: Any, preactivation: Any) -> Any:
    return -(target * preactivation).sum()


def _raw_log_loss(target: Any, preactivation: Any) -> Any:
    z = 1.0 / (1.0 + jnp.exp(-20.0 * preactivation))
    return -(target * jnp.log(z) + (1.0 - target) * jnp.log(1.0 - z)).sum()


def _root_of_error(target: Any, preactivation: Any) -> Any:
    return jnp.sqrt((target - preactivation) ** 2).sum()


def _pushed_back(target: Any, preactivation: Any) -> Any:
    pushed = (
        2.0 * jax.lax.stop_gradient(preactivation) - preactivation
    )  # its value, minus its slope
    return -(target * jax.nn.log_softmax(pushed)).sum()
