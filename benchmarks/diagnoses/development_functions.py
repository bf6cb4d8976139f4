"""Settings that are functions of parameters and a batch, written with JAX by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.diagnoses.development_data import (
    Rows,
    circles,
    digits,
    friedman1,
    friedman3,
    moons,
    sinc,
    wine,
)
from benchmarks.diagnoses.setting import Made, Settings, divided
from unstuck.lazy import jax, jnp

FUNCTIONS = Settings()
Parameters = dict[str, dict[str, Any]]
BOTH = ("hidden_1", "hidden_2")
DEEP = tuple(f"hidden_{k}" for k in range(1, 9))


# Losses of one batch, from outputs without an output unit


def cross_entropy(logits: Any, y: Any) -> Any:
    """Of one-hot targets."""
    return -(y * jax.nn.log_softmax(logits)).sum(-1).mean()


def binary_cross_entropy(logits: Any, y: Any) -> Any:
    """Of targets 0 and 1."""
    return (jax.nn.softplus(logits) - y * logits).mean()


def squared_error(outputs: Any, y: Any) -> Any:
    """Half of it."""
    return 0.5 * ((outputs - y) ** 2).sum(-1).mean()


def network(
    unit: Callable[[Any], Any], loss: Callable[[Any, Any], Any], stop_after: str | None = None
) -> Callable[[Parameters, Any], Any]:
    """The loss of a multilayer perceptron as a function of its parameters and a batch."""

    def loss_of(parameters: Parameters, batch: Any) -> Any:
        x, y = batch
        for name, layer in parameters.items():
            a = x @ layer["weights"] + layer["bias"]
            x = a if name == "output" else unit(a)
            x = jax.lax.stop_gradient(x) if name == stop_after else x
        return loss(x, y)

    return loss_of


def drawn(
    sizes: Sequence[int], seed: int, draw: Callable[..., Any] | None = None, bias: float = 0.0
) -> Parameters:
    """First parameters; ``draw(rng, shape)`` makes weights, by default of variance 1 / fan-in."""
    rng = np.random.default_rng(seed)
    draw = draw or (lambda rng, shape: rng.normal(0.0, shape[0] ** -0.5, shape))
    last = len(sizes) - 2
    names = [f"hidden_{k + 1}" for k in range(last)] + ["output"]
    return {
        name: {
            "weights": jnp.asarray(draw(rng, shape), jnp.float32),
            "bias": jnp.full(shape[1], 0.0 if name == "output" else bias, jnp.float32),
        }
        for name, shape in zip(names, pairwise(sizes), strict=True)
    }


def made(function: Any, parameters: Parameters, rows: Rows, seed: int, count: int = 256) -> Made:
    """A function, its parameters and a batch."""
    X, y = divided(*rows, seed)[:2]
    batch = (jnp.asarray(X[:count], jnp.float32), jnp.asarray(y[:count], jnp.float32))
    return Made(function, parameters, batch)


def standardized(rows: Rows, classes: int = 0) -> Rows:
    """Standardized inputs; targets one-hot, or standardized numbers or 0 and 1 as a column."""
    X, y = rows
    X = (X - X.mean(0)) / (X.std(0) + 1e-8)
    if classes:
        return X, np.eye(classes)[y]
    y = y if set(np.unique(y)) == {0, 1} else (y - y.mean()) / y.std()
    return X, y[:, None]


def he(rng: Any, shape: tuple[int, int]) -> Any:
    """For ReLU units."""
    return rng.normal(0.0, (2.0 / shape[0]) ** 0.5, shape)


# Faulty


@FUNCTIONS.sick("digits", "loss_output_mismatch", layers=("output",))
def softmax_before_cross_entropy(seed: int) -> Made:
    def loss(outputs: Any, y: Any) -> Any:
        return cross_entropy(jax.nn.softmax(outputs), y)

    parameters = drawn((64, 32, 10), seed, he)
    return made(network(jax.nn.relu, loss), parameters, standardized(digits(), 10), seed)


@FUNCTIONS.sick("moons", "loss_output_mismatch", layers=("output",))
def softmax_of_one_unit(seed: int) -> Made:
    def loss(outputs: Any, y: Any) -> Any:
        z = jnp.clip(jax.nn.softmax(outputs), 1e-6, 1.0 - 1e-6)
        return -(y * jnp.log(z) + (1.0 - y) * jnp.log(1.0 - z)).mean()

    return made(network(jnp.tanh, loss), drawn((2, 16, 1), seed), standardized(moons()), seed)


@FUNCTIONS.sick("friedman1", "wrong_gradient", layers=BOTH)
def wrong_vjp(seed: int) -> Made:
    @jax.custom_vjp
    def unit(a: Any) -> Any:
        return jnp.tanh(a)

    unit.defvjp(lambda a: (jnp.tanh(a), a), lambda a, d: (d * (1.0 - a * a),))
    parameters = drawn((10, 24, 24, 1), seed)
    return made(network(unit, squared_error), parameters, standardized(friedman1()), seed)


@FUNCTIONS.sick("circles", "wrong_gradient", layers=BOTH)
def wrong_jvp(seed: int) -> Made:
    @jax.custom_jvp
    def unit(a: Any) -> Any:
        return jax.nn.sigmoid(a)

    @unit.defjvp
    def _tangent(primals: Any, tangents: Any) -> Any:
        z = unit(primals[0])
        return z, -z * (1.0 - z) * tangents[0]

    parameters = drawn((2, 16, 16, 1), seed)
    return made(network(unit, binary_cross_entropy), parameters, standardized(circles()), seed)


@FUNCTIONS.sick("wine", "wrong_gradient", layers=("output",))
def loss_without_half(seed: int) -> Made:
    @jax.custom_vjp
    def loss(outputs: Any, y: Any) -> Any:
        return squared_error(outputs, y)

    loss.defvjp(
        lambda outputs, y: (squared_error(outputs, y), (outputs, y)),
        lambda kept, d: (d * (kept[1] - kept[0]) / len(kept[0]), jnp.zeros_like(kept[1])),
    )
    parameters = drawn((13, 16, 3), seed)
    return made(network(jnp.tanh, loss), parameters, standardized(wine(), 3), seed)


@FUNCTIONS.sick("digits", "disconnected_parameters", layers=("hidden_1",))
def stopped_gradient(seed: int) -> Made:
    function = network(jax.nn.relu, cross_entropy, stop_after="hidden_1")
    return made(function, drawn((64, 24, 24, 10), seed, he), standardized(digits(), 10), seed)


@FUNCTIONS.sick("sinc", "disconnected_parameters", layers=("hidden_2",))
def forgotten_layer(seed: int) -> Made:
    whole = network(jnp.tanh, squared_error)

    def function(parameters: Parameters, batch: Any) -> Any:
        used = {name: layer for name, layer in parameters.items() if name != "hidden_2"}
        return whole(used, batch)

    return made(function, drawn((1, 16, 16, 1), seed), standardized(sinc()), seed)


@FUNCTIONS.sick("moons", "unbroken_symmetry", layers=(*BOTH, "output"))
def constant_weights(seed: int) -> Made:
    parameters = drawn((2, 12, 12, 1), seed, lambda rng, shape: np.full(shape, 0.3))
    function = network(jnp.tanh, binary_cross_entropy)
    return made(function, parameters, standardized(moons()), seed)


@FUNCTIONS.sick("digits", "vanishing_gradient", layers=DEEP[:4])
def deep_sigmoid_function(seed: int) -> Made:
    function = network(jax.nn.sigmoid, cross_entropy)
    parameters = drawn((64, *(24,) * 8, 10), seed)
    return made(function, parameters, standardized(digits(), 10), seed)


@FUNCTIONS.sick("friedman3", "non_finite")
def row_with_nan(seed: int) -> Made:
    X, y = standardized(friedman3())
    X = np.where((np.arange(len(X)) % 50 == 7)[:, None], np.nan, X)
    function = network(jnp.tanh, squared_error)
    return made(function, drawn((4, 16, 1), seed), (X, y), seed)


@FUNCTIONS.sick("friedman1", "non_finite", layers=("hidden_1", "output"))
def root_at_zero(seed: int) -> Made:
    """The value is finite; the slope of the length of biases at 0 is not."""
    whole = network(jnp.tanh, squared_error)

    def function(parameters: Parameters, batch: Any) -> Any:
        lengths = [jnp.sqrt((each["bias"] ** 2).sum()) for each in parameters.values()]
        return whole(parameters, batch) + 1e-3 * sum(lengths)

    return made(function, drawn((10, 24, 1), seed), standardized(friedman1()), seed)


@FUNCTIONS.sick("circles", "unscaled_inputs", "saturated_units", layers=("hidden_1",))
def huge_inputs(seed: int) -> Made:
    X, y = standardized(circles())
    function = network(jnp.tanh, binary_cross_entropy)
    return made(function, drawn((2, 16, 1), seed), (1e3 * X, y), seed)


@FUNCTIONS.sick("friedman1", "dead_units", layers=BOTH)
def dead_relu(seed: int) -> Made:
    function = network(jax.nn.relu, squared_error)
    parameters = drawn((10, 24, 24, 1), seed, he, bias=-15.0)
    return made(function, parameters, standardized(friedman1()), seed)


@FUNCTIONS.sick("digits", "initial_scale", "saturated_units", layers=(*BOTH, "output"))
def weights_too_large(seed: int) -> Made:
    parameters = drawn((64, 32, 32, 10), seed, partial(_normal, 8.0))
    function = network(jnp.tanh, cross_entropy)
    return made(function, parameters, standardized(digits(), 10), seed)


@FUNCTIONS.sick("digits", "initial_scale", "vanishing_gradient", layers=(*DEEP[:4], "output"))
def weights_too_small(seed: int) -> Made:
    parameters = drawn((64, 32, 32, 32, 10), seed, partial(_normal, 1e-4))
    function = network(jax.nn.relu, cross_entropy)
    return made(function, parameters, standardized(digits(), 10), seed)


# Healthy: the number is the share of the loss that a few hundred steps of Adam remove


@FUNCTIONS.healthy("digits", 0.9)
def relu_function(seed: int) -> Made:
    function = network(jax.nn.relu, cross_entropy)
    return made(function, drawn((64, 32, 10), seed, he), standardized(digits(), 10), seed)


@FUNCTIONS.healthy("friedman1", 0.9)
def tanh_function(seed: int) -> Made:
    function = network(jnp.tanh, squared_error)
    return made(function, drawn((10, 24, 24, 1), seed), standardized(friedman1()), seed)


@FUNCTIONS.healthy("wine", 0.9)
def linear_function(seed: int) -> Made:
    function = network(jnp.tanh, cross_entropy)
    return made(function, drawn((13, 3), seed), standardized(wine(), 3), seed)


@FUNCTIONS.healthy("moons", 0.8)
def straight_through(seed: int) -> Made:
    """A gradient is stopped on purpose, inside of an identity: the value is not touched."""

    def unit(a: Any) -> Any:
        z = jnp.tanh(a)
        return z + jax.lax.stop_gradient(jnp.tanh(a) - z)

    function = network(unit, binary_cross_entropy)
    return made(function, drawn((2, 16, 16, 1), seed), standardized(moons()), seed)


def _normal(deviation: float, rng: Any, shape: tuple[int, int]) -> Any:
    return rng.normal(0.0, deviation, shape)
