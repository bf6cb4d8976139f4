"""Networks with fewer units compute the same: beside a twin that takes them out one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import network_of

from unstuck import ACTIVATIONS
from unstuck.layers.dense import Dense
from unstuck.layers.flow import Flow
from unstuck.layers.network import Network
from unstuck.symmetry.pruning import carried, cuts, smaller

UNITS = ("relu", "tanh", "logistic", "leaky_relu", "softplus")


def outputs(net, parameters, x):
    return net.run(parameters, x, Flow(keeps=()))


def drawn(net, rng):
    return {n: {k: rng.normal(size=s) for k, s in d.items()} for n, d in net.shapes().items()}


def planted(net, parameters, rng):
    """Units that do nothing: dead, constant, or passed on to nobody; how many of a layer."""
    counts = {}
    for (name, layer), (after, _) in itertools.pairwise(net.layers):
        counts[name] = 0
        for j in range(layer.units):
            kind = rng.integers(0, 6)
            if kind == 0:
                parameters[name]["weights"][:, j] = 0.0
            elif kind == 1 and layer.activation.name == "relu":
                parameters[name]["bias"][j] = -1e4
            elif kind == 2:
                parameters[after]["weights"][j] = 0.0
            else:
                continue
            counts[name] += 1
    return counts


def twin(net, parameters, x):
    """Unit after unit taken out, as one does it by hand, until nothing is left to take out."""
    layers = {n: {k: a.copy() for k, a in own.items()} for n, own in parameters.items()}
    gone = True
    while gone:
        gone = False
        z = x
        for (name, layer), (after, _) in itertools.pairwise(net.layers):
            z = layer.activation(z @ layers[name]["weights"] + layers[name]["bias"])
            for j in range(z.shape[1]):
                same = np.ptp(z[:, j]) == 0.0
                if z.shape[1] > 1 and (same or not layers[after]["weights"][j].any()):
                    if same:
                        layers[after]["bias"] = (
                            layers[after]["bias"] + z[0, j] * layers[after]["weights"][j]
                        )
                    layers[name] = {k: np.delete(a, j, -1) for k, a in layers[name].items()}
                    layers[after]["weights"] = np.delete(layers[after]["weights"], j, 0)
                    gone = True
                    break
            if gone:
                break
    return {name: len(own["bias"]) for name, own in layers.items()}


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    widths=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    rows=st.integers(2, 30),
)
def test_what_is_left_computes_the_same(seed, widths, rows):
    rng = np.random.default_rng(seed)
    units = [*rng.choice(UNITS, len(widths)), "identity"]
    net = network_of((3, *widths, 2), units)
    parameters, x = drawn(net, rng), rng.normal(size=(rows, 3))
    planted(net, parameters, rng)
    before = {n: {k: a.copy() for k, a in own.items()} for n, own in parameters.items()}
    (cut,) = cuts(net, [parameters], x)
    fewer, made = smaller(net, cut), carried(net, parameters, cut)
    assert {n: {k: a.shape for k, a in own.items()} for n, own in made.items()} == fewer.shapes()
    one, two = outputs(net, parameters, x), outputs(fewer, made, x)
    assert np.allclose(one, two, rtol=1e-11, atol=1e-11 * np.abs(one).max())
    assert dict(zip(fewer.names, fewer.widths[1:], strict=True)) == twin(net, parameters, x)
    for name, own in parameters.items():
        for kind, array in own.items():
            assert np.array_equal(array, before[name][kind])


def test_what_nobody_hears_once_others_are_gone_goes_too():
    """A unit of the first layer that only a dead one of the second listens to."""
    net = network_of((1, 2, 2, 1), ("tanh", "relu", "identity"))
    parameters = drawn(net, np.random.default_rng(0))
    parameters["hidden_2"]["bias"][1] = -1e3
    parameters["hidden_2"]["weights"][1, 0] = 0.0
    parameters["hidden_2"]["bias"][0] = 5.0
    (cut,) = cuts(net, [parameters], np.array([[0.5], [1.0]]))
    assert cut.kept["hidden_1"].tolist() == [0]
    assert cut.kept["hidden_2"].tolist() == [0]


def test_one_unit_stays_of_a_layer_in_which_all_are_dead():
    net = network_of((2, 4, 1), ("relu", "identity"))
    parameters = drawn(net, np.random.default_rng(0))
    parameters["hidden_1"]["bias"][:] = -1e4
    x = np.random.default_rng(1).normal(size=(5, 2))
    (cut,) = cuts(net, [parameters], x)
    assert len(cut.kept["hidden_1"]) == 1
    fewer, made = smaller(net, cut), carried(net, parameters, cut)
    assert np.array_equal(outputs(net, parameters, x), outputs(fewer, made, x))


@pytest.mark.parametrize("constant", [0.0, 2.0])
def test_normalized_layers_stay_and_take_up_no_constant_before_the_normalization(constant):
    relu, line = ACTIVATIONS["relu"], ACTIVATIONS["identity"]
    net = Network(
        2,
        (
            ("hidden_1", Dense(4, relu)),
            ("hidden_2", Dense(4, relu, True)),
            ("output", Dense(1, line)),
        ),
    )
    parameters = drawn(net, np.random.default_rng(0))
    parameters["hidden_1"]["weights"][:, 1] = 0.0
    parameters["hidden_1"]["bias"][1] = constant
    parameters["hidden_2"]["gain"][2] = 0.0
    x = np.random.default_rng(1).normal(size=(9, 2))
    (cut,) = cuts(net, [parameters], x)
    assert (1 in cut.kept["hidden_1"]) == (constant != 0.0)
    assert len(cut.kept["hidden_2"]) == 4
    assert "normalization" in cut.left["hidden_2"]
    fewer, made = smaller(net, cut), carried(net, parameters, cut)
    assert np.allclose(outputs(net, parameters, x), outputs(fewer, made, x), rtol=1e-12, atol=0)


def test_units_of_a_softmax_depend_on_each_other():
    net = network_of((2, 4, 1), ("softmax", "identity"))
    parameters = drawn(net, np.random.default_rng(0))
    parameters["output"]["weights"][1] = 0.0
    (cut,) = cuts(net, [parameters], np.random.default_rng(1).normal(size=(9, 2)))
    assert len(cut.kept["hidden_1"]) == 4
    assert cut.left["hidden_1"]


def test_members_keep_as_many_units_as_the_one_that_needs_most():
    net = network_of((2, 5, 1), ("relu", "identity"))
    rng = np.random.default_rng(0)
    members, x = [drawn(net, rng), drawn(net, rng)], np.abs(rng.normal(size=(9, 2)))
    for parameters, dead in zip(members, ([0, 1, 2], [3]), strict=True):
        parameters["hidden_1"]["weights"][:] = np.abs(parameters["hidden_1"]["weights"])
        parameters["hidden_1"]["bias"][:] = 0.1
        parameters["hidden_1"]["weights"][:, dead] = 0.0
    found = cuts(net, members, x)
    assert [len(cut.kept["hidden_1"]) for cut in found] == [4, 4]
    for parameters, cut in zip(members, found, strict=True):
        made = carried(net, parameters, cut)
        assert np.allclose(outputs(net, parameters, x), outputs(smaller(net, cut), made, x))
