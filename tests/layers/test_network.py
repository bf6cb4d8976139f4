"""Networks: one vector and back, the printed table, passes in NumPy and JAX, linear stacks."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import twin
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small import network_of

from unstuck import ACTIVATIONS, INITIALIZERS
from unstuck.layers.dense import Dense
from unstuck.layers.flow import Flow
from unstuck.layers.layer import Layer
from unstuck.variations import Dropout

pytestmark = pytest.mark.usefixtures("strict_dtypes")


def random_parameters(network, seed=0):
    rng = np.random.default_rng(seed)
    return {
        name: {kind: rng.normal(size=shape) for kind, shape in shapes.items()}
        for name, shapes in network.shapes().items()
    }


def as_twin(network, parameters):
    return [
        (parameters[name]["weights"], parameters[name]["bias"], layer.activation.name)
        for name, layer in network.layers
    ]


# One vector


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.booleans())
def test_flatten_and_unflatten_are_inverse(widths, layer_norm):
    network = network_of(widths, ["tanh"] * (len(widths) - 1), layer_norm)
    hidden = sum(widths[1:-1])
    expected = sum((i + 1) * o for i, o in itertools.pairwise(widths)) + layer_norm * hidden
    assert network.size == expected
    vector = np.arange(network.size, dtype=float)
    parameters = network.unflatten(vector)
    assert list(parameters) == list(network.names)
    assert {n: {k: v.shape for k, v in p.items()} for n, p in parameters.items()} == (
        network.shapes()
    )
    np.testing.assert_array_equal(network.flatten(parameters), vector)


def test_the_vector_holds_layer_after_layer():
    network = network_of((2, 3, 1), ["tanh", "identity"], layer_norm=True)
    assert [(name, kind, weight.shape) for name, kind, weight in network.paths()] == [
        ("hidden_1", "weights", (2, 3)),
        ("hidden_1", "gain", (3,)),
        ("hidden_1", "bias", (3,)),
        ("output", "weights", (3, 1)),
        ("output", "bias", (1,)),
    ]
    assert network.widths == (2, 3, 1)
    assert network.output is ACTIVATIONS["identity"]


@pytest.mark.parametrize("layer_norm", [False, True])
def test_weight_mask_marks_the_weights_alone(layer_norm):
    network = network_of((3, 4, 2), ["relu", "softmax"], layer_norm)
    marked = network.unflatten(network.weight_mask())
    for shapes in marked.values():
        for kind, found in shapes.items():
            assert (found == (kind == "weights")).all()


def test_first_parameters_follow_the_laws():
    network = network_of((200, 100, 1), ["tanh", "identity"], layer_norm=True)
    laws = [INITIALIZERS["nguyen_widrow"], INITIALIZERS["fan_in"]]
    parameters = network.initialize(laws, np.random.default_rng(0))
    hidden, output = parameters["hidden_1"], parameters["output"]
    np.testing.assert_allclose(np.linalg.norm(hidden["weights"], axis=0), 0.7 * 100 ** (1 / 200))
    assert np.ptp(hidden["bias"]) > 1
    assert (hidden["gain"] == 1).all()
    assert output["weights"].std() == pytest.approx(0.1, rel=0.3)
    assert (output["bias"] == 0).all()


# The table


def test_table():
    network = network_of((64, 100, 20, 10), ["leaky_relu(0.2)", "tanh", "softmax"])
    assert str(network).splitlines() == [
        "layer     unit             shape      parameters",
        "hidden_1  leaky_relu(0.2)  (64, 100)       6,500",
        "hidden_2  tanh             (100, 20)       2,020",
        "output    softmax          (20, 10)          210",
        "total                                      8,730",
    ]


def test_table_names_layer_norm():
    lines = str(network_of((2, 3, 1), ["relu", "identity"], layer_norm=True)).splitlines()
    assert lines[1].split("  ")[1].strip() == "relu of layer norm"
    assert lines[1].endswith("12")


# Passes


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_passes_are_the_twins(activation):
    network = network_of((3, 4, 2), [activation, "softmax"])
    parameters = random_parameters(network)
    x = np.random.default_rng(1).normal(size=(6, 3))
    flow = Flow()
    outputs = network.run(parameters, x, flow)
    assert list(flow.seen) == ["hidden_1", "output"]
    for row in range(6):
        for mine, (a, z) in zip(
            flow.seen.values(), twin.forward(as_twin(network, parameters), x[row]), strict=True
        ):
            np.testing.assert_allclose(mine["preactivation"][row], a, rtol=1e-12, atol=1e-13)
            np.testing.assert_allclose(mine["output"][row], z, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(outputs, flow.seen["output"]["output"])
    np.testing.assert_array_equal(network(parameters, x), outputs)


@pytest.mark.parametrize("layer_norm", [False, True])
def test_passes_in_jax_equal_those_in_numpy(layer_norm, float64):
    network = network_of((3, 5, 4, 2), ["tanh", "elu", "softmax"], layer_norm)
    parameters = random_parameters(network)
    x = np.random.default_rng(1).normal(size=(6, 3))

    def seen(parameters, x, xp=jnp):
        flow = Flow(xp)
        network.run(parameters, x, flow)
        return flow.seen

    compiled, plain = jax.jit(seen)(parameters, x), seen(parameters, x, np)
    for name in network.names:
        for what in ("preactivation", "output"):
            np.testing.assert_allclose(
                compiled[name][what], plain[name][what], rtol=1e-12, atol=1e-15
            )


def test_a_pass_keeps_what_it_is_asked_for():
    network = network_of((3, 4, 4, 2), ["tanh"] * 3)
    parameters, x = random_parameters(network), np.ones((5, 3))
    flow = Flow(keeps=("output",), only="hidden_2")
    network.run(parameters, x, flow)
    assert {name: list(kept) for name, kept in flow.seen.items() if kept} == {
        "hidden_2": ["output"]
    }


def test_a_zero_is_added_to_what_is_seen(float64):
    """The derivative with respect to it is the adjoint: here W^T (z - y)."""
    network = network_of((3, 4, 2), ["identity", "identity"])
    parameters = random_parameters(network)
    x, y = np.ones((1, 3)), np.zeros((1, 2))

    def loss(zeros):
        return 0.5 * ((network.run(parameters, x, Flow(jnp, zeros=zeros)) - y) ** 2).sum()

    shapes = {"hidden_1": (1, 4), "output": (1, 2)}
    zeros = {
        name: {what: jnp.zeros(shape) for what in ("preactivation", "output")}
        for name, shape in shapes.items()
    }
    found, z = jax.grad(loss)(zeros), network(parameters, x)
    back = z @ parameters["output"]["weights"].T
    for what in ("preactivation", "output"):  # the units are linear
        np.testing.assert_allclose(found["output"][what], z, rtol=1e-12)
        np.testing.assert_allclose(found["hidden_1"][what], back, rtol=1e-12)


def test_dropping_acts_on_hidden_outputs_alone():
    network = network_of((3, 4, 4, 2), ["identity"] * 3)
    parameters = random_parameters(network)
    flow = Flow(jnp, (Dropout(),), key=jax.random.key(0), numbers={"dropout": np.float32(1 - 1e-7)})
    found = network.run(parameters, np.ones((5, 3), np.float32), flow)
    bias = parameters["output"]["bias"]  # all that is left where every hidden output is dropped
    np.testing.assert_allclose(found, np.tile(bias, (5, 1)), rtol=1e-6)


def test_the_dense_layer_is_a_layer():
    assert isinstance(Dense(3, ACTIVATIONS["tanh"]), Layer)
    assert not isinstance(ACTIVATIONS["tanh"], Layer)


def test_a_sparse_matrix_gives_the_same_outputs():
    sparse = pytest.importorskip("scipy.sparse")
    network = network_of((6, 4, 2), ["relu", "softmax"])
    parameters = random_parameters(network)
    x = np.random.default_rng(1).normal(size=(5, 6)) * (np.arange(6) % 2)
    found = network(parameters, sparse.csr_array(x))
    np.testing.assert_allclose(found, network(parameters, x), rtol=1e-13)


def test_outputs_do_not_depend_on_the_grouping_of_rows_beyond_rounding():
    network = network_of((6, 40, 3), ["tanh", "softmax"])
    parameters = random_parameters(network)
    x = np.random.default_rng(1).normal(size=(50, 6))
    single = np.concatenate([network(parameters, row[None]) for row in x])
    np.testing.assert_allclose(network(parameters, x), single, rtol=1e-12)


# Layer normalization


def alone(xp=np):
    """A pass for one layer."""
    return Flow(xp, keeps=())


def test_layer_norm_is_the_formula():
    layer = Dense(5, ACTIVATIONS["identity"], layer_norm=True)
    rng = np.random.default_rng(0)
    parameters = {
        "weights": rng.normal(size=(3, 5)),
        "gain": rng.normal(size=5),
        "bias": rng.normal(size=5),
    }
    x = rng.normal(size=(7, 3))
    for row, found in zip(x, layer(parameters, x, alone()), strict=True):
        a = [sum(row[i] * parameters["weights"][i, j] for i in range(3)) for j in range(5)]
        mean = sum(a) / 5
        variance = sum((v - mean) ** 2 for v in a) / 5
        expected = [
            parameters["gain"][j] * (a[j] - mean) / (variance + 1e-5) ** 0.5 + parameters["bias"][j]
            for j in range(5)
        ]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_layer_norm_is_pytorchs_in_value_and_gradient(torch, float64):
    layer = Dense(5, ACTIVATIONS["identity"], layer_norm=True)
    rng = np.random.default_rng(1)
    values = {
        "weights": rng.normal(size=(3, 5)),
        "gain": rng.normal(size=5),
        "bias": rng.normal(size=5),
    }
    x, direction = rng.normal(size=(7, 3)), rng.normal(size=(7, 5))
    theirs = {name: torch.tensor(value, requires_grad=True) for name, value in values.items()}
    out = torch.nn.functional.layer_norm(
        torch.tensor(x) @ theirs["weights"], (5,), theirs["gain"], theirs["bias"], 1e-5
    )
    out.backward(torch.tensor(direction))
    mine, vjp = jax.vjp(lambda p: layer(p, jnp.array(x), alone(jnp)), values)
    np.testing.assert_allclose(mine, out.detach().numpy(), rtol=1e-12)
    gradient = vjp(jnp.array(direction))[0]
    for name, tensor in theirs.items():
        np.testing.assert_allclose(gradient[name], tensor.grad.numpy(), rtol=1e-9, atol=1e-12)


# Row U5: without non-linear functions the stack is one linear map


@hypothesis_settings(max_examples=25)
@given(st.lists(st.integers(1, 5), min_size=3, max_size=5), st.integers(0, 2**16))
def test_identity_layers_equal_one_linear_map(widths, seed):
    network = network_of(widths, ["identity"] * (len(widths) - 1))
    assert network.collapses()
    parameters = random_parameters(network, seed)
    weights, bias = np.eye(widths[0]), np.zeros(widths[0])
    for name in network.names:
        bias = bias @ parameters[name]["weights"] + parameters[name]["bias"]
        weights = weights @ parameters[name]["weights"]
    x = np.random.default_rng(seed).normal(size=(4, widths[0]))
    np.testing.assert_allclose(network(parameters, x), x @ weights + bias, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("activations", "layer_norm", "collapses"),
    [
        (["identity", "identity"], False, True),
        (["identity", "softmax"], False, True),  # softmax regression, in two layers
        (["leaky_relu(1)", "identity"], False, True),
        (["leaky_relu(0.99)", "identity"], False, False),
        (["relu", "identity"], False, False),
        (["identity", "identity"], True, False),
        (["identity", "tanh", "identity"], False, False),
        (["identity"], False, False),  # nothing to collapse
    ],
)
def test_the_system_notices(activations, layer_norm, collapses):
    widths = [2] * (len(activations) + 1)
    assert network_of(widths, activations, layer_norm).collapses() is collapses
