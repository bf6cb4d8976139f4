"""Backpropagation layer by layer: against the notes' recursion, JAX, central differences."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import twin
from hypothesis import given, settings
from hypothesis import strategies as st
from small import network_of

from unstuck import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    DataError,
    FileError,
    NetClassifier,
    NetRegressor,
    ParameterError,
    backpropagation,
)
from unstuck.activations import own_activation
from unstuck.derivatives.backpropagation import backpropagate
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network
from unstuck.losses import own_loss
from unstuck.training.objective import Objective

PAIRS = [
    (loss.name, unit.name)
    for loss in LOSSES.values()
    for unit in ACTIVATIONS.values()
    if unit.name in (*loss.partners, *loss.sticks) and unit.name != "step"
]


def case(widths, activations, loss, rows=5, layer_norm=False, seed=0):
    """An objective, parameters, inputs, targets that suit the loss, and weights."""
    rng = np.random.default_rng(seed)
    network = network_of(widths, activations, layer_norm)
    laws = [INITIALIZERS["glorot_uniform"]] * len(network.layers)
    parameters = network.initialize(laws, rng)
    for layer in parameters.values():
        layer["bias"] += rng.normal(size=layer["bias"].shape)
        if "gain" in layer:
            layer["gain"] += rng.normal(size=layer["gain"].shape)
    y = rng.dirichlet(np.ones(widths[-1]), rows)
    objective = Objective(network, LOSSES.resolve(loss))
    return objective, parameters, rng.normal(size=(rows, widths[0])), y, rng.uniform(1, 2, rows)


def by_jax(objective, parameters, x, y, w, penalty=0.0):
    import jax
    import jax.numpy as jnp

    with jax.enable_x64(True):
        gradient = jax.grad(lambda p: objective(p, x, y, w, penalty, jnp))(parameters)
        return jax.tree.map(np.asarray, gradient)


def assert_same(found, expected, rtol=1e-10):
    assert found.keys() == expected.keys()
    for name, layer in expected.items():
        assert found[name].keys() == layer.keys()
        for kind, array in layer.items():
            np.testing.assert_allclose(
                found[name][kind], array, rtol=rtol, atol=rtol, err_msg=f"{name}/{kind}"
            )


# The derivatives


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_every_pair_of_loss_and_output_agrees_with_jax(loss, output):
    arguments = case((3, 4, 2), ["tanh", output], loss)
    passed = backpropagate(*arguments, penalty=0.3)
    assert_same(passed.gradient, by_jax(*arguments, 0.3))
    assert passed.value == pytest.approx(float(arguments[0](*arguments[1:], 0.3)), rel=1e-12)


@pytest.mark.parametrize("name", [each.name for each in ACTIVATIONS.values()])
@pytest.mark.parametrize("layer_norm", [False, True])
def test_every_activation_agrees_with_jax(name, layer_norm):
    arguments = case((3, 4, 5, 2), [name, name, "identity"], "squared_error", 4, layer_norm)
    assert_same(backpropagate(*arguments).gradient, by_jax(*arguments))


def test_every_loss_has_its_law():
    """None falls back on JAX in silence: with every unit that it takes, there is a slope."""
    for loss in LOSSES.values():
        for unit in (*loss.partners, *loss.sticks):
            assert loss.slope is not None or unit in loss.fused_slope, (loss.name, unit)


@settings(max_examples=20)
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=5),
    st.booleans(), st.integers(1, 4), st.integers(0, 1000),
)  # fmt: skip
def test_any_shape_agrees_with_central_differences(widths, layer_norm, rows, seed):
    activations = [*["tanh"] * (len(widths) - 2), "logistic"]
    objective, parameters, *rest = case(
        widths, activations, "cross_entropy", rows, layer_norm, seed
    )
    passed = backpropagate(objective, parameters, *rest, penalty=0.1)
    rng, eps = np.random.default_rng(seed), 1e-6
    network = objective.network
    direction = rng.normal(size=network.size)

    def moved(step):
        vector = network.flatten(parameters) + step * direction
        return float(objective(network.unflatten(vector), *rest, 0.1))

    numeric = (moved(eps) - moved(-eps)) / (2 * eps)
    analytic = float(network.flatten(passed.gradient) @ direction)
    assert analytic == pytest.approx(numeric, rel=1e-5, abs=1e-7)


def test_errors_are_those_of_the_recursion_written_one_unit_at_a_time():
    widths, activations = (3, 4, 3, 2), ["relu", "tanh", "softmax"]
    objective, parameters, x, y, _ = case(widths, activations, "cross_entropy", rows=1)
    layers = twin.layers_of(objective.network.flatten(parameters), widths, activations)
    loss, deltas, gradients = twin.backpropagate(layers, x[0], y[0], "cross_entropy")
    passed = backpropagate(objective, parameters, x, y)
    assert passed.loss == pytest.approx(loss)
    forward = twin.forward(layers, x[0])
    for each, delta, (dw, db), (a, z) in zip(
        passed.layers, deltas, gradients, forward, strict=True
    ):
        np.testing.assert_allclose(each.delta[0], delta, rtol=1e-10)
        np.testing.assert_allclose(each.gradient["weights"], dw, rtol=1e-10)
        np.testing.assert_allclose(each.gradient["bias"], db, rtol=1e-10)
        np.testing.assert_allclose(each.a[0], a, rtol=1e-10)
        np.testing.assert_allclose(each.z[0], z, rtol=1e-10)


def test_a_network_computed_by_hand():
    """One tanh unit at 0: a = 0, z = 0, slope 1, output 0.5, target 0, so delta = 0.5 back."""
    network = network_of((1, 1, 1), ["tanh", "identity"])
    parameters = {
        "hidden_1": {"weights": np.array([[2.0]]), "bias": np.array([-2.0])},
        "output": {"weights": np.array([[3.0]]), "bias": np.array([0.5])},
    }
    passed = backpropagate(Objective(network, LOSSES["mse"]), parameters, [1.0], [0.0])
    hidden, output = passed.layers
    assert (hidden.a, hidden.z, hidden.slope, output.z) == (0.0, 0.0, 1.0, 0.5)
    assert (output.delta, hidden.delta) == (0.5, 1.5)
    assert passed.gradient["hidden_1"] == {"bias": 1.5, "weights": 1.5}
    assert passed.loss == passed.value == 0.125
    assert passed.updated(0.1)["hidden_1"]["weights"] == pytest.approx(1.85)


def test_a_batch_is_the_weighted_mean_of_its_examples():
    objective, parameters, x, y, w = case((3, 4, 2), ["tanh", "softmax"], "cross_entropy")
    whole = backpropagate(objective, parameters, x, y, w)
    single = [backpropagate(objective, parameters, a, b) for a, b in zip(x, y, strict=True)]
    for i, each in enumerate(whole.layers):
        mean = sum(s * one.layers[i].gradient["weights"] for s, one in zip(w, single, strict=True))
        np.testing.assert_allclose(each.gradient["weights"], mean / w.sum(), rtol=1e-12)
        np.testing.assert_allclose(
            each.delta[2], single[2].layers[i].delta[0] * w[2] / w.sum(), rtol=1e-12
        )


def test_functions_of_the_users_own():
    import jax.numpy as jnp

    def swish(a):
        return a / (1.0 + jnp.exp(-a))

    def fourth(y, t):
        return ((y - t) ** 4).sum()

    layers = (
        ("hidden_1", Dense(3, own_activation(swish))),
        ("output", Dense(2, own_activation(swish))),
    )
    objective = Objective(Network(2, layers), own_loss(fourth))
    _, parameters, x, y, w = case((2, 3, 2), ["tanh", "tanh"], "mse")
    arguments = objective, parameters, x, y, w
    assert_same(backpropagate(*arguments).gradient, by_jax(*arguments))


@pytest.mark.parametrize("name", ["absolute_error", "huber", "quantile"])
def test_kinks_follow_jax(name):
    import jax
    import jax.numpy as jnp

    loss, unit = LOSSES[name], ACTIVATIONS["identity"]
    y, a = np.array([[0.0, 0.0, 0.0]]), np.array([[0.0, 1.0, -1.0]])
    with jax.enable_x64(True):
        law = jax.grad(lambda t: loss.of(y, t, unit, jnp).sum())(jnp.array(a))
    np.testing.assert_array_equal(loss.error(y, a, unit), np.asarray(law))


# Estimators


def test_a_fitted_estimator_brings_its_network_scaling_and_penalty():
    from unstuck.estimators.inspection import objective_of

    rng = np.random.default_rng(0)
    X = rng.normal(3.0, 2.0, size=(40, 3))
    y = np.where(X[:, 0] > 3, "yes", "no")
    net = NetClassifier((4,), alpha=0.1, max_iter=300, tol=1e-2, random_state=0).fit(X, y)
    passed = backpropagation(net, X[:6], y[:6], np.arange(1.0, 7.0))
    import jax

    function, parameters, arguments = objective_of(net, X[:6], y[:6], np.arange(1.0, 7.0))
    with jax.enable_x64(True):
        value, gradient = jax.value_and_grad(function)(parameters, *arguments)
        gradient = jax.tree.map(np.asarray, gradient)
    assert passed.value == pytest.approx(float(value))
    assert_same(passed.gradient, gradient)
    np.testing.assert_allclose(net.predict_proba(X[:6])[:, -1], passed.layers[-1].z[:, -1])


def test_regression_targets_are_scaled_as_in_the_fit():
    X = np.linspace(0, 1, 50)[:, None]
    net = NetRegressor((4,), max_iter=300, tol=1e-2, random_state=0).fit(X, 100 * X[:, 0])
    passed = backpropagation(net, X, 100 * X[:, 0])
    assert abs(passed.y.mean()) < 1e-12
    assert passed.y.std() == pytest.approx(1.0)


def test_an_objective_needs_its_parameters_and_an_estimator_none():
    objective, parameters, x, y, _ = case((3, 2), ["softmax"], "cross_entropy")
    assert backpropagation(objective, x, y, parameters=parameters).layers
    with pytest.raises(ParameterError, match="received Objective without parameters; expected a"):
        backpropagation(objective, x, y)
    net = NetRegressor((2,), max_iter=300, tol=1e-2, random_state=0).fit(x, y)
    with pytest.raises(ParameterError, match="received NetRegressor with parameters"):
        backpropagation(net, x, y, parameters=parameters)


@pytest.mark.parametrize(
    ("x", "y", "w"),
    [
        (np.ones((2, 4)), np.ones((2, 2)), None),
        (np.ones((2, 3)), np.ones((3, 2)), None),
        (np.ones((2, 3)), np.ones((2, 2)), np.ones(3)),
        (np.ones((2, 3)), np.ones((2, 2)), np.zeros(2)),
        (np.ones((0, 3)), np.ones((0, 2)), None),
    ],
)
def test_shapes_that_do_not_fit(x, y, w):
    objective, parameters, *_ = case((3, 2), ["softmax"], "cross_entropy")
    with pytest.raises(DataError, match=r"expected \(n, 3\), \(n, 2\) and \(n,\) with a positive"):
        backpropagate(objective, parameters, x, y, w)


# Table


def one_example(widths=(3, 2, 2), **more):
    activations = [*["tanh"] * (len(widths) - 2), "softmax"]
    objective, parameters, x, y, _ = case(widths, activations, "cross_entropy", rows=1, **more)
    return backpropagate(objective, parameters, x, y)


def test_the_table_of_one_example_has_every_number():
    passed = one_example()
    lines = str(passed).splitlines()
    assert lines[0] == f"3-2-2 network, one example: cross_entropy {passed.loss:.4g}"
    assert [line[:2] for line in lines[1:6]] == ["1 ", "2 ", "3 ", "4 ", "5 "]
    for each in passed.layers:
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{each.name}:"))
        for unit in range(2):
            numbers = [float(text) for text in lines[at + 2 + unit].split()]
            expected = [part[0, unit] for part in (each.a, each.z, each.slope, each.delta)]
            weights = each.gradient["weights"][:, unit]
            np.testing.assert_allclose(numbers, [unit + 1, *expected, *weights], rtol=1e-3)


@pytest.mark.parametrize("widths", [(3, 2, 2), (9, 30, 2), (200, 13, 12, 11)])
def test_tables_fit_a_terminal(widths):
    assert max(map(len, str(one_example(widths)).splitlines())) <= 80
    activations = [*["relu"] * (len(widths) - 2), "softmax"]
    batch = backpropagate(*case(widths, activations, "cross_entropy", 7, True), penalty=0.1)
    text = str(batch)
    assert max(map(len, text.splitlines())) <= 80
    assert "7 examples, mean: cross_entropy" in text
    assert "layer norm" in text
    assert "0.1 × weight, the penalty" in text
    assert all(f"{name} " in text for name in batch.gradient)


def test_many_units_are_cut_in_the_middle():
    text = str(one_example((3, 40, 2)))
    assert "\n   6 " in text
    assert "\n ...\n" in text
    assert "\n  35 " in text
    assert "\n  20 " not in text


def test_many_layers_are_counted():
    assert str(one_example((3, *[4] * 9, 2))).startswith("10-layer network, one example")


# Picture


def texts(passed):
    root = ET.fromstring(passed._repr_svg_())
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(each.itertext()).replace("\N{NO-BREAK SPACE}", " ") for each in found]


def test_a_small_network_is_drawn_unit_by_unit():
    passed = one_example()
    found = texts(passed)
    for each in passed.layers:
        for name, part in (("a", each.a), ("z", each.z), ("delta", each.delta)):
            assert all(
                {name, f"{number:.4g}"} <= set(" ".join(found).split()) for number in part[0]
            )
    assert sum(text.split()[0] == "delta" and ":" not in text for text in found) == 4
    assert {"inputs", "hidden_1", "output", "tanh", "softmax"} <= set(found)


def test_a_large_network_or_a_batch_has_a_row_a_layer():
    batch = backpropagate(*case((3, 4, 2), ["tanh", "softmax"], "cross_entropy"))
    for passed in (batch, one_example((3, 20, 20, 2))):
        found = texts(passed)
        assert {*passed.gradient, "rms z", "mean h'(a)", "rms delta", "norm dL/dw"} <= set(found)
        norm = np.linalg.norm(passed.gradient["output"]["weights"])
        assert f"{norm:.4g}" in found


def test_layers_without_gradient_are_drawn():
    """Step units send nothing back: no bar, and the number 0."""
    arguments = case((3, 20, 20, 2), ["step", "step", "softmax"], "cross_entropy")
    found = texts(backpropagate(*arguments))
    assert found.count("0") >= 4


def test_pictures_are_written_to_files(tmp_path):
    assert one_example().draw(tmp_path / "p.svg").read_text("utf-8") == one_example()._repr_svg_()
    assert one_example().draw(tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FileError, match=r"as \.svg or \.png"):
        one_example().draw(tmp_path / "p.jpg")
    assert len(list(tmp_path.iterdir())) == 2
