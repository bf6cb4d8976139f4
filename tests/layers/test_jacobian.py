"""The Jacobian of networks against JAX, central differences and numbers known by thought."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import network_of

from unstuck import ACTIVATIONS
from unstuck.layers.jacobian import jacobian, outputs_of

pytestmark = pytest.mark.usefixtures("strict_dtypes", "float64")

NETWORKS = {
    "no hidden layer": ((3, 2), ["identity"], False),
    "one": ((2, 5, 1), ["tanh", "identity"], False),
    "several": ((3, 5, 4, 2), ["logistic", "elu", "softmax"], False),
    "layer norm": ((3, 5, 4, 2), ["tanh", "softplus", "identity"], True),
    "softmax inside": ((3, 4, 4, 2), ["softmax", "softmax", "identity"], False),
}


def case(name, rows=7, seed=0):
    widths, activations, layer_norm = NETWORKS[name]
    return setting(network_of(widths, activations, layer_norm), rows, seed)


def setting(network, rows=7, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.normal(0.0, 0.7, network.size)
    return network, p, rng.normal(size=(rows, network.inputs.width))


def preactivations(network, p, x, xp=np):
    last = outputs_of(network, network.unflatten(p), x, xp)
    return last.preactivation


def by_differences(network, p, x, h=1e-6):
    columns = [
        (preactivations(network, p + h * unit, x) - preactivations(network, p - h * unit, x))
        / (2 * h)
        for unit in np.eye(network.size)
    ]
    return np.stack(columns, -1)


@pytest.mark.parametrize("name", NETWORKS)
def test_it_is_that_of_reverse_mode(name):
    network, p, x = case(name)
    expected = jax.jit(jax.jacrev(lambda p: preactivations(network, p, x, jnp)))(p)
    found = jacobian(network, network.unflatten(p), x)
    assert found.shape == (7, network.widths[-1], network.size)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13)
    compiled = jax.jit(lambda p, x: jacobian(network, network.unflatten(p), x, jnp))(p, x)
    np.testing.assert_allclose(compiled, found, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("layer_norm", [False, True])
def test_it_is_the_limit_of_differences(activation, layer_norm):
    network, p, x = setting(network_of((3, 4, 4, 2), [activation] * 2 + ["identity"], layer_norm))
    np.testing.assert_allclose(
        jacobian(network, network.unflatten(p), x),
        by_differences(network, p, x),
        rtol=1e-6,
        atol=1e-8,
    )


@functools.cache
def directional(network):
    """The derivative of the pre-activations in a direction, by JAX, compiled once a network."""

    def derivative(p, x, direction):
        return jax.jvp(lambda p: preactivations(network, p, x, jnp), (p,), (direction,))[1]

    return jax.jit(derivative)


# A few widths, because JAX compiles for each: thin, wide, narrowing, up to three layers.
WIDTHS = [(1, 1), (4, 2), (1, 3, 1), (3, 1, 2), (2, 4, 4), (4, 3, 1, 2), (1, 2, 4, 1), (3, 4, 3, 4)]


@given(st.sampled_from(WIDTHS), st.booleans(), st.integers(0, 2**31 - 1))
def test_times_a_direction_it_is_the_directional_derivative(widths, layer_norm, seed):
    network, p, x = setting(network_of(widths, ["tanh"] * (len(widths) - 1), layer_norm), 3, seed)
    direction = np.random.default_rng(seed + 1).normal(size=network.size)
    with jax.enable_x64(True):
        expected = directional(network)(p, x, direction)
    found = jacobian(network, network.unflatten(p), x) @ direction
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_a_seed_takes_the_place_of_the_identity():
    network, p, x = case("several")
    rows = np.random.default_rng(3).normal(size=(7, 4, 2))
    found = jacobian(network, network.unflatten(p), x, seed=lambda last: rows)
    expected = rows @ jacobian(network, network.unflatten(p), x)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_an_activation_of_ones_own():
    network, p, x = setting(network_of((2, 3, 1), [lambda a: jnp.sin(a), "identity"]))
    np.testing.assert_allclose(
        jacobian(network, network.unflatten(p), x), by_differences(network, p, x), atol=1e-8
    )


@pytest.mark.parametrize("activation", ["tanh", "softmax"])
def test_through_is_symmetric(activation):
    """``u . (D v) = v . (D u)``: the same function serves both modes."""
    network, p, x = setting(network_of((3, 4), [activation]))
    at = outputs_of(network, network.unflatten(p), x)
    a, z = at.preactivation[:, None], at.output[:, None]
    u, v = np.random.default_rng(0).normal(size=(2, 7, 1, 4))
    unit = ACTIVATIONS[activation]
    np.testing.assert_allclose(
        (u * unit.through(v, a, z)).sum(), (v * unit.through(u, a, z)).sum(), rtol=1e-12
    )
