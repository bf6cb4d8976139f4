"""The proof's networks with a planted disease."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.diagnoses import proof_data as data
from benchmarks.diagnoses.setting import Made, Settings, divided
from unstuck import ACTIVATIONS, Activation, Initializer, NetClassifier, NetRegressor
from unstuck.layers.layer import Spec, Weight

FAULTY = Settings()
LONG: dict[str, Any] = {"tol": 0.0, "n_iter_no_change": math.inf}


def _made(estimator: Any, rows: data.Rows, seed: int, test: float = 0.25) -> Made:
    estimator.set_params(random_state=seed, **LONG)
    return Made(estimator, *divided(*rows, seed, test))


def _normal(std: float, bias: float = 0.0) -> Initializer:
    """Normal first weights, and biases of one size with either sign."""
    return Initializer(
        f"normal_{std}_{bias}",
        lambda rng, shape: rng.normal(0.0, std, shape),
        biases=lambda rng, weights: bias * rng.choice([-1.0, 1.0], weights.shape[1]),
    )


def _equal(value: float, bias: float = 0.0) -> Initializer:
    """All first weights the same, and all biases."""
    return Initializer(
        f"equal_{value}_{bias}",
        lambda rng, shape: np.full(shape, value),
        biases=lambda rng, weights: np.full(weights.shape[1], bias),
    )


def _sunk(bias: float) -> Initializer:
    """He's first weights, and the same bias for every unit."""
    return Initializer(
        f"sunk_{bias}",
        lambda rng, shape: rng.normal(0.0, math.sqrt(2.0 / shape[0]), shape),
        biases=lambda rng, weights: np.full(weights.shape[1], bias),
    )


def _first_parameters(seed: int, gain: float = 1.0, **layers: tuple[int, int]) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        name: {
            "weights": jnp.array(rng.normal(0.0, gain / math.sqrt(shape[0]), shape), "float32"),
            "bias": jnp.zeros(shape[1], "float32"),
        }
        for name, shape in layers.items()
    }


def _batch(rows: data.Rows) -> tuple[Any, Any]:
    X, y = rows
    return jnp.array((X - X.mean(0)) / X.std(0), "float32"), jnp.array(y)


def _dense(parameters: dict[str, Any], layer: str, x: Any) -> Any:
    return x @ parameters[layer]["weights"] + parameters[layer]["bias"]


def _squared(outputs: Any, y: Any) -> Any:
    return 0.5 * ((outputs[:, 0] - y) ** 2).mean()


def _cross_entropy(outputs: Any, y: Any) -> Any:
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], 1).mean()


# Gradients


@FAULTY.sick(
    "quantiles", "vanishing_gradient", "plateau", layers=("hidden_1", "hidden_2", "hidden_3")
)
def seven_sigmoids(seed: int) -> Made:
    """Adjoints shrink at every sigmoid."""
    net = NetClassifier(
        (16,) * 7, activation="logistic", solver="sgd", learning_rate_init=0.1, batch_size=50
    )
    return _made(net.set_params(max_iter=60), data.quantiles(seed), seed)


@FAULTY.sick(
    "s_curve",
    *("vanishing_gradient", "initial_scale", "plateau"),
    layers=("hidden_1", "hidden_2", "hidden_3", "hidden_4"),
)
def fading_tanhs(seed: int) -> Made:
    """Small first weights in eight layers: values and adjoints fade."""
    net = NetRegressor((12,) * 8, activation="tanh", initializer=_normal(0.08), solver="sgd")
    net.set_params(learning_rate_init=0.05, batch_size=50, max_iter=80)
    return _made(net, data.s_curve(seed), seed)


@FAULTY.sick(
    "arm",
    *("exploding_gradient", "initial_scale", "exploding_activations", "non_finite"),
    "learning_rate_too_high",
    layers=tuple(f"hidden_{k}" for k in range(1, 11)),
)
def growing_backwards(seed: int) -> Made:
    """Large first weights in ten layers: adjoints grow."""
    net = NetRegressor(
        (20,) * 10, activation="leaky_relu(0.3)", initializer=_normal(0.8), solver="sgd"
    )
    return _made(net.set_params(learning_rate_init=0.01, max_iter=40), data.arm(seed), seed)


@FAULTY.sick(
    "sums",
    *("exploding_gradient", "exploding_activations", "initial_scale"),
    layers=("recurrent",),
)
def recurrent_for_thirty_steps(seed: int) -> Made:
    """One layer, thirty times, with a gain above one."""
    X = np.random.default_rng(seed).uniform(-1.0, 1.0, (256, 30))
    parameters = _first_parameters(seed, recurrent=(12, 12), output=(12, 1))
    turned = np.linalg.qr(parameters["recurrent"]["weights"])[0]
    parameters["recurrent"]["weights"] = 1.9 * jnp.array(turned)

    def loss(parameters: Any, batch: Any) -> Any:
        x, y = batch
        state = jnp.zeros((len(x), 12))
        for t in range(x.shape[1]):
            a = _dense(parameters, "recurrent", state.at[:, 0].add(x[:, t]))
            state = jax.nn.leaky_relu(a, 0.5)
        return _squared(_dense(parameters, "output", state), y)

    return Made(loss, parameters, _batch((X, X.mean(1) * 5.0)))


@FAULTY.sick("bars", "wrong_gradient", layers=("hidden_1",))
def tanh_with_slope_of_sigmoid(seed: int) -> Made:
    """The slope z (1 - z) of another function."""
    wrong = replace(
        ACTIVATIONS["tanh"], name="own_tanh", aliases=(), slope=lambda a, z, xp: z * (1.0 - z)
    )
    net = NetClassifier((10,), activation=wrong, solver="lbfgs", max_iter=200)
    return _made(net, data.bars(seed), seed)


@jax.custom_vjp
def _bent(a: Any) -> Any:
    return jax.nn.softplus(a)


_bent.defvjp(lambda a: (jax.nn.softplus(a), a), lambda a, d: (-d * jax.nn.sigmoid(-a),))


@FAULTY.sick("rings", "wrong_gradient", layers=("hidden_2",))
def sign_lost_by_hand(seed: int) -> Made:
    """A derivative by hand with a wrong sign."""
    parameters = _first_parameters(seed, hidden_1=(2, 16), hidden_2=(16, 16), output=(16, 3))

    def loss(parameters: Any, batch: Any) -> Any:
        x, y = batch
        h = jnp.tanh(_dense(parameters, "hidden_1", x))
        return _cross_entropy(
            _dense(parameters, "output", _bent(_dense(parameters, "hidden_2", h))), y
        )

    return Made(loss, parameters, _batch(data.rings(seed)))


@dataclass(frozen=True)
class Held:
    """A dense layer that lets no gradient through to its own weights."""

    units: int
    activation: Activation = ACTIVATIONS["elu"]

    @property
    def unit(self) -> Activation:
        """The activation function."""
        return self.activation

    def weights(self, inputs: Spec) -> dict[str, Weight]:
        """A matrix and a bias."""
        shape = (inputs.width, self.units)
        return {"weights": Weight(shape, "weight", *shape), "bias": Weight(shape[1:], "bias")}

    def outputs(self, inputs: Spec) -> Spec:
        """A number for each unit."""
        return Spec((self.units,))

    def __call__(self, own: dict[str, Any], x: Any, flow: Any) -> Any:
        """The outputs, cut off from what is before them."""
        z = flow.activate(
            self.activation, flow.see("preactivation", x @ own["weights"] + own["bias"])
        )
        return z if flow.xp is np else jax.lax.stop_gradient(z)


@FAULTY.sick("peaks", "disconnected_parameters", layers=("hidden_1",))
def cut_after_the_first_layer(seed: int) -> Made:
    """A stop_gradient that was left in; the penalty goes on."""
    net = NetRegressor((Held(4), 12), activation="elu", learning_rate_init=0.02, max_iter=120)
    return _made(net, data.peaks(seed), seed)


@FAULTY.sick(
    "checkerboard", "disconnected_parameters", "vanishing_gradient", layers=("hidden_1", "hidden_2")
)
def threshold_units(seed: int) -> Made:
    """No gradient passes the steps."""
    net = NetClassifier((12, 6), activation=("tanh", "step"), solver="adam", batch_size=64)
    return _made(
        net.set_params(learning_rate_init=0.02, max_iter=100), data.checkerboard(seed), seed
    )


@FAULTY.sick("half_plane", "disconnected_parameters", layers=("hidden_2",))
def layer_that_is_not_called(seed: int) -> Made:
    """Parameters that nothing depends on."""
    parameters = _first_parameters(seed, hidden_1=(5, 8), hidden_2=(8, 8), output=(8, 2))

    def loss(parameters: Any, batch: Any) -> Any:
        x, y = batch
        h = jnp.tanh(_dense(parameters, "hidden_1", x))
        jnp.tanh(_dense(parameters, "hidden_2", h))  # its outputs are forgotten
        return _cross_entropy(_dense(parameters, "output", h), y)

    return Made(loss, parameters, _batch(data.half_plane(seed)))


# Values


@FAULTY.sick(
    "friedman3",
    *("exploding_activations", "initial_scale", "exploding_gradient"),
    layers=tuple(f"hidden_{k}" for k in range(1, 7)),
)
def growing_softplus(seed: int) -> Made:
    """Unit variance for every weight, whatever the fan-in."""
    net = NetRegressor((32,) * 6, activation="softplus", initializer=_normal(1.0), solver="adam")
    return _made(net.set_params(max_iter=40), data.friedman(seed, 3), seed)


def _square(a: Any) -> Any:
    return a**2


@FAULTY.sick(
    "projectile",
    *("exploding_activations", "exploding_gradient", "non_finite", "learning_rate_too_high"),
    layers=("hidden_2", "hidden_3", "hidden_4", "hidden_5", "output"),
)
def squares_of_squares(seed: int) -> Made:
    """Five squares in a row are a 32nd power."""
    net = NetRegressor((10,) * 5, activation=_square, solver="sgd", learning_rate_init=0.01)
    return _made(net.set_params(max_iter=40), data.projectile(seed), seed)


@FAULTY.sick(
    "damped",
    *("saturated_units", "initial_scale", "plateau", "vanishing_gradient"),
    layers=("hidden_1",),
)
def shifted_sigmoids(seed: int) -> Made:
    """Biases put every unit on a flat part."""
    first = (_normal(1.0, bias=25.0), "glorot_uniform")
    net = NetRegressor((10,), activation="logistic", initializer=first, solver="cg", max_iter=150)
    return _made(net, data.damped(seed), seed)


@FAULTY.sick(
    "quantiles", "saturated_units", "initial_scale", layers=("hidden_1", "hidden_2", "hidden_3")
)
def all_or_nothing(seed: int) -> Made:
    """Large first weights put tanh units on their flat parts."""
    net = NetClassifier((16, 16, 12), activation="tanh", initializer=_normal(8.0), solver="sgd")
    net.set_params(learning_rate_init=0.02, batch_size=40, max_iter=100)
    return _made(net, data.quantiles(seed, classes=2), seed)


@FAULTY.sick("checkerboard", "dead_units", layers=("hidden_1", "hidden_2"))
def sunk_rectifiers(seed: int) -> Made:
    """Biases below anything that the inputs can lift."""
    net = NetClassifier((24, 16), initializer=(_sunk(-7.0), _sunk(-7.0), "fan_in"), max_iter=80)
    net.set_params(learning_rate_init=0.01, batch_size=50)
    return _made(net, data.checkerboard(seed, cells=2), seed)


def _root(a: Any) -> Any:
    return jnp.sqrt(a)


@FAULTY.sick("counts", "non_finite", layers=("hidden_1",))
def roots_of_negative_numbers(seed: int) -> Made:
    """NaN at the first unit with a negative sum."""
    net = NetRegressor((8,), activation=_root, solver="lbfgs", max_iter=50)
    return _made(net, data.counts(seed), seed)


@FAULTY.sick("arm", "non_finite", layers=("hidden_1", "hidden_2", "output"))
def norm_of_a_zero_bias(seed: int) -> Made:
    """The derivative of a norm at zero is 0 / 0."""
    parameters = _first_parameters(seed, hidden_1=(2, 10), hidden_2=(10, 10), output=(10, 1))
    X, y = data.arm(seed)

    def loss(parameters: Any, batch: Any) -> Any:
        x, y = batch
        h = jnp.tanh(_dense(parameters, "hidden_1", x))
        h = jnp.tanh(_dense(parameters, "hidden_2", h))
        penalty = sum(jnp.sqrt((own["bias"] ** 2).sum()) for own in parameters.values())
        return _squared(_dense(parameters, "output", h), y) + 1e-3 * penalty

    return Made(loss, parameters, _batch((X, y[:, 0])))


# First weights


@FAULTY.sick("rings", "unbroken_symmetry", "underfitting", layers=("hidden_1",))
def units_all_alike(seed: int) -> Made:
    """Equal first weights: twenty units do what one does."""
    net = NetClassifier((20,), activation="tanh", initializer=_equal(0.3), solver="bfgs")
    return _made(net.set_params(max_iter=150), data.rings(seed), seed)


@FAULTY.sick("bars", "unbroken_symmetry", "plateau", "initial_scale", layers=("hidden_1", "output"))
def nothing_but_zeros(seed: int) -> Made:
    """All first weights are zero."""
    net = NetClassifier((20, 8), activation="tanh", initializer=_equal(0.0), solver="nadam")
    return _made(net.set_params(max_iter=60), data.bars(seed), seed)


@FAULTY.sick("mackey_glass", "initial_scale", "saturated_units", layers=("hidden_1", "hidden_2"))
def first_weights_of_twenty(seed: int) -> Made:
    """First weights far too large, in the output layer, too."""
    net = NetRegressor(
        (20, 10), activation="symmetric_sigmoid", initializer=_normal(20.0), solver="cg"
    )
    return _made(net.set_params(max_iter=100), data.mackey_glass(seed), seed)


@FAULTY.sick(
    "product",
    *("initial_scale", "plateau", "vanishing_gradient", "unbroken_symmetry"),
    layers=("hidden_1", "hidden_2", "hidden_3", "output"),
)
def hardly_any_weights(seed: int) -> Made:
    """First weights far too small."""
    net = NetRegressor((16, 16, 16), activation="elu", initializer=_normal(0.003), solver="sgd")
    net.set_params(learning_rate_init=0.02, batch_size=50, max_iter=80)
    return _made(net, data.product(seed), seed)


# Architecture


@FAULTY.sick(
    "rings", "no_nonlinearity", "underfitting", layers=("hidden_1", "hidden_2", "hidden_3")
)
def linear_in_disguise(seed: int) -> Made:
    """A leak of 1 makes the rectifier a line."""
    net = NetClassifier((40, 20, 10), activation="leaky_relu(1.0)", solver="rmsprop", max_iter=80)
    return _made(net, data.rings(seed), seed)


@FAULTY.sick("damped", "no_nonlinearity", "underfitting", layers=("hidden_1", "hidden_2"))
def forgotten_activation(seed: int) -> Made:
    """Layers in a row without an activation."""
    net = NetRegressor((10, 6), activation="identity", solver="lm", max_iter=100)
    return _made(net, data.damped(seed), seed)


@FAULTY.sick("counts", "loss_output_mismatch", "saturated_units", layers=("output",))
def counts_from_a_probability(seed: int) -> Made:
    """Outputs below 1, counts above it."""
    net = NetRegressor((16,), activation="tanh", output_activation="logistic", max_iter=80)
    return _made(net.set_params(learning_rate_init=0.01), data.counts(seed), seed)


@FAULTY.sick("arm", "loss_output_mismatch", "dead_units", layers=("output",))
def places_from_a_rectifier(seed: int) -> Made:
    """Outputs above 0, places on both sides of it."""
    net = NetRegressor((20,), activation="tanh", output_activation="relu", solver="rprop")
    return _made(net.set_params(max_iter=150), data.arm(seed), seed)


@FAULTY.sick("quantiles", "underfitting", layers=("hidden_1",))
def a_single_unit(seed: int) -> Made:
    """One unit draws one straight border; the classes are rings."""
    net = NetClassifier((1,), activation="softplus", solver="cg", max_iter=150)
    return _made(net, data.quantiles(seed, inputs=2, classes=2), seed)


@FAULTY.sick("s_curve", "underfitting")
def smothered_by_the_penalty(seed: int) -> Made:
    """A penalty that leaves little of the weights."""
    net = NetRegressor((20,), activation="tanh", solver="rprop", alpha=300.0, max_iter=100)
    return _made(net, data.s_curve(seed), seed)


# Steps


@FAULTY.sick("friedman3", "learning_rate_too_high", "oscillation", "saturated_units", "dead_units")
def adam_in_seven_league_boots(seed: int) -> Made:
    """A thousand times Adam's usual rate."""
    net = NetRegressor((24, 24), solver="adam", learning_rate_init=3.0, batch_size=64, max_iter=60)
    return _made(net, data.friedman(seed, 3), seed)


@FAULTY.sick(
    "bars", "learning_rate_too_high", "saturated_units", "oscillation", "exploding_activations"
)
def sgd_overshoots(seed: int) -> Made:
    """Steps from one flat part to the other."""
    net = NetClassifier((16,), activation="tanh", solver="sgd", learning_rate_init=15.0)
    return _made(net.set_params(batch_size=50, max_iter=40), data.bars(seed), seed)


@FAULTY.sick(
    "roll",
    *("learning_rate_too_high", "non_finite", "exploding_gradient", "exploding_activations"),
)
def off_after_a_few_steps(seed: int) -> Made:
    """Rectifiers have no bound, and steps this long throw the weights out of reach."""
    net = NetRegressor((16, 16, 16), solver="sgd", learning_rate_init=0.7, batch_size=30)
    return _made(net.set_params(max_iter=60), data.roll(seed), seed)


@FAULTY.sick("hastie", "learning_rate_too_low")
def adam_in_slippers(seed: int) -> Made:
    """A hundredth of Adam's usual rate."""
    net = NetClassifier((50,), activation="elu", solver="adam", learning_rate_init=1e-5)
    return _made(net.set_params(batch_size=64, max_iter=40), data.hastie(seed), seed)


@FAULTY.sick("mackey_glass", "learning_rate_too_low")
def sgd_crawls(seed: int) -> Made:
    """Plain steps that lead nowhere in sixty epochs."""
    net = NetRegressor((16, 16), activation="tanh", solver="sgd", learning_rate_init=2e-5)
    net.set_params(momentum=0.0, batch_size=32, max_iter=60)
    return _made(net, data.mackey_glass(seed), seed)


@FAULTY.sick("mackey_glass", "oscillation", "learning_rate_too_high")
def bounces_between_the_walls(seed: int) -> Made:
    """An absolute error does not shorten the steps, and they are long."""
    net = NetRegressor((12,), activation="tanh", solver="sgd", loss="absolute_error")
    net.set_params(learning_rate_init=0.5, batch_size=25, max_iter=80)
    return _made(net, data.mackey_glass(seed), seed)


@FAULTY.sick("product", "oscillation", "learning_rate_too_high")
def rmsprop_never_settles(seed: int) -> Made:
    """Steps as long at the end as at the start."""
    net = NetRegressor((12,), activation="elu", solver="rmsprop", learning_rate_init=0.3)
    return _made(net.set_params(batch_size=25, max_iter=80), data.product(seed), seed)


@FAULTY.sick("parity", "plateau", "vanishing_gradient", "learning_rate_too_low", "underfitting")
def flat_land_of_parity(seed: int) -> Made:
    """Parity looks like chance until most bits are understood."""
    net = NetClassifier((12, 8), activation="logistic", solver="sgd", learning_rate_init=0.1)
    return _made(net.set_params(batch_size=60, max_iter=80), data.parity(seed), seed)


# Data


@FAULTY.sick("friedman2", "unscaled_inputs", "saturated_units", layers=("hidden_1",))
def raw_ohms_and_hertz(seed: int) -> Made:
    """Inputs of hundreds into tanh units."""
    net = NetRegressor((20,), activation="tanh", scale_inputs=False, solver="adam", max_iter=120)
    return _made(net.set_params(learning_rate_init=0.01), data.friedman(seed, 2), seed)


@FAULTY.sick("circuit", "unscaled_inputs", "underfitting", "dead_units", layers=("hidden_1",))
def henry_beside_hertz(seed: int) -> Made:
    """One column hides the three others."""
    net = NetRegressor((16, 8), scale_inputs=False, solver="lbfgs", max_iter=200)
    return _made(net, data.circuit(seed), seed)


@FAULTY.sick("projectile", "unscaled_targets", "learning_rate_too_low", layers=("output",))
def meters_by_the_thousand(seed: int) -> Made:
    """Targets that small steps do not reach."""
    net = NetRegressor((16,), activation="tanh", scale_targets=False, solver="adam", max_iter=100)
    return _made(net, data.projectile(seed), seed)


@FAULTY.sick(
    "roll", "unscaled_targets", "saturated_units", "exploding_gradient", "learning_rate_too_high"
)
def targets_far_from_zero(seed: int) -> Made:
    """A large mean drives the first steps."""
    X, y = data.roll(seed)
    net = NetRegressor((24,), activation="tanh", scale_targets=False, solver="sgd", max_iter=80)
    net.set_params(learning_rate_init=0.02, batch_size=20)
    return _made(net, (X, 10.0 * y + 1000.0), seed)


@FAULTY.sick("product", "constant_inputs", "underfitting", "unrelated_targets")
def cut_to_whole_numbers(seed: int) -> Made:
    """Columns between -1 and 1, cast to integers."""
    X, y = data.product(seed)
    net = NetRegressor((16,), activation="softplus", solver="rprop", max_iter=80)
    return _made(net, (X.astype(int), y), seed)


@FAULTY.sick("noisy_xor", "constant_inputs", "unrelated_targets", "overfitting")
def broken_sensors(seed: int) -> Made:
    """The two columns that matter are stuck; the others are noise."""
    X, y = data.noisy_xor(seed)
    X[:, :2] = [0.25, -1.0]
    net = NetClassifier((12,), activation="tanh", solver="adam", max_iter=80)
    return _made(net.set_params(learning_rate_init=0.01), (X, y), seed)


@FAULTY.sick("arm", "constant_targets")
def rounded_away(seed: int) -> Made:
    """Targets that became all the same."""
    X, y = data.arm(seed)
    net = NetRegressor((12,), activation="tanh", solver="lm", max_iter=50)
    return _made(net, (X, np.round(y / 10.0)), seed)


@FAULTY.sick("rare", "class_imbalance", "underfitting")
def one_in_thirty(seed: int) -> Made:
    """The rare class is never predicted."""
    net = NetClassifier((8,), activation="tanh", solver="sgd", learning_rate_init=0.01)
    net.set_params(batch_size=100, max_iter=40)
    return _made(net, data.rare(seed, share=0.033, apart=2.0), seed)


@FAULTY.sick("rare", "class_imbalance")
def hardly_ever_sick(seed: int) -> Made:
    """A penalty on top: the rare class is not worth its weights."""
    net = NetClassifier((6,), solver="lbfgs", alpha=3.0, max_iter=100)
    return _made(net, data.rare(seed, share=0.06, apart=1.6, inputs=6), seed)


@FAULTY.sick("wine_plane", "conflicting_labels", "underfitting")
def joined_twice(seed: int) -> Made:
    """Every row twice, the second time with a wrong label."""
    X, y = data.wine_plane()
    wrong = (y + np.random.default_rng(seed).integers(1, 3, len(y))) % 3
    net = NetClassifier((12,), activation="tanh", solver="lbfgs", max_iter=150)
    return _made(net, (np.vstack([X, X]), np.concatenate([y, wrong])), seed)


@FAULTY.sick("dice", "conflicting_labels", "underfitting")
def third_die_unseen(seed: int) -> Made:
    """What decides is not in the columns: the same rows end either way."""
    net = NetClassifier((16, 16), solver="adamw", learning_rate_init=0.01, max_iter=80)
    return _made(net, data.dice(seed), seed)


@FAULTY.sick("some_digits", "unrelated_targets", "overfitting", "conflicting_labels")
def labels_out_of_order(seed: int) -> Made:
    """Labels in another order than the images."""
    X, y = data.some_digits(0, 4, 6, 9)
    net = NetClassifier((40,), solver="radam", learning_rate_init=0.01, max_iter=80)
    return _made(net, (X, np.random.default_rng(seed).permutation(y)), seed)


@FAULTY.sick("roll", "unrelated_targets", "underfitting", "overfitting")
def rolled_apart(seed: int) -> Made:
    """Targets that were shifted by half of the rows."""
    X, y = data.roll(seed)
    net = NetRegressor((8,), activation="tanh", solver="lm", max_iter=80)
    return _made(net, (X, np.roll(y, len(y) // 2)), seed)


@FAULTY.sick("damped", "overfitting")
def through_every_point(seed: int) -> Made:
    """Seventy-six weights for forty-five noisy points."""
    net = NetRegressor((25,), activation="tanh", solver="lm", alpha=0.0, max_iter=200)
    return _made(net, data.damped(seed, n=90, noise=0.15), seed, test=0.5)


@FAULTY.sick("sparse_line", "overfitting")
def far_too_wide(seed: int) -> Made:
    """Sixty units for a line in noise."""
    net = NetRegressor((60,), activation="elu", solver="lbfgs", alpha=0.0, max_iter=300)
    return _made(net, data.sparse_line(seed, n=160), seed, test=0.7)


@FAULTY.sick("diabetes", "overfitting")
def more_weights_than_patients(seed: int) -> Made:
    """Bends that the noise explains."""
    net = NetRegressor((15,), activation="tanh", solver="bfgs", alpha=0.0, max_iter=300)
    return _made(net, data.diabetes(), seed, test=0.75)
