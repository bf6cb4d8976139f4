"""Networks that are equal up to symmetry are recognized; the number of copies is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import network_of

from unstuck import LOSSES, NetClassifier, NetRegressor, ParameterError, align, equivalent_minima
from unstuck.training.objective import Objective

NETWORKS = {
    "tanh": ((3, 6, 5, 2), ("tanh", "tanh", "identity"), False),
    "relu": ((3, 6, 5, 2), ("relu", "leaky_relu", "softmax"), False),
    "logistic": ((3, 5, 5, 4, 1), ("logistic", "tanh", "logistic", "identity"), False),
    "neither": ((3, 6, 5, 2), ("softplus", "elu", "identity"), False),
    "layer norm": ((3, 6, 5, 2), ("tanh", "relu", "identity"), True),
    "deep": ((2, 4, 4, 4, 4, 4, 1), ("tanh", "relu", "logistic", "elu", "tanh", "identity"), False),
    "softmax inside": ((3, 6, 5, 2), ("softmax", "identity", "identity"), False),
}
ODD = {"tanh", "identity"}
HOMOGENEOUS = {"relu", "leaky_relu", "identity"}


def drawn(net, rng):
    return {n: {k: rng.normal(size=s) for k, s in d.items()} for n, d in net.shapes().items()}


def disguised(net, p, rng):
    """The same function from other parameters, unit by unit as the books write it."""
    p = {name: {k: a.copy() for k, a in kinds.items()} for name, kinds in p.items()}
    for (name, layer), (after, next_layer) in itertools.pairwise(net.layers):
        into = ("gain", "bias") if layer.layer_norm else ("weights", "bias")
        unit = layer.activation.name
        for j in range(layer.units):
            if unit in HOMOGENEOUS:
                scale = rng.uniform(0.1, 5.0)
                for kind in into:
                    p[name][kind][..., j] *= scale
                p[after]["weights"][j] /= scale
            turned = rng.random() < 0.5
            if turned and (unit in ODD or (unit == "logistic" and not next_layer.layer_norm)):
                for kind in into:
                    p[name][kind][..., j] *= -1.0
                if unit == "logistic":  # f(-a) = 1 - f(a)
                    p[after]["bias"] += p[after]["weights"][j]
                p[after]["weights"][j] *= -1.0
        order = rng.permutation(layer.units)
        for kind in p[name]:
            p[name][kind] = p[name][kind][..., order]
        p[after]["weights"] = p[after]["weights"][order]
    return p


@settings(max_examples=60)
@given(name=st.sampled_from(list(NETWORKS)), seed=st.integers(0, 10**6), twins=st.booleans())
def test_equal_networks_are_recognized_whatever_their_disguise(name, seed, twins):
    rng = np.random.default_rng(seed)
    net = network_of(*NETWORKS[name])
    p = drawn(net, rng)
    if twins:  # units that receive the same, and in the second layer also give the same
        for layer, after in itertools.pairwise(net.names):
            for kind in p[layer]:
                p[layer][kind][..., 1] = p[layer][kind][..., 0]
            if layer == "hidden_2":
                p[after]["weights"][1] = p[after]["weights"][0]
    q = disguised(net, p, rng)
    x = rng.normal(size=(9, net.inputs.width))
    np.testing.assert_allclose(net(q, x), net(p, x), rtol=1e-9, atol=1e-11)
    found = align((net, p), (net, q))
    assert found.equal
    assert found.distance < 1e-9 * (1.0 + found.before)
    np.testing.assert_allclose(net(found.parameters, x), net(p, x), rtol=1e-9, atol=1e-11)


def idle(net, p, rng, name, j, how):
    """Make unit j of a layer one that does not matter, and give it other parameters that do not."""
    after = net.names[net.names.index(name) + 1]
    layer = dict(net.layers)[name]
    p = {n: {k: a.copy() for k, a in kinds.items()} for n, kinds in p.items()}
    if how == "unheard":
        p[name]["weights"][:, j] = rng.normal(size=len(p[name]["weights"]))
        p[name]["bias"][j] = rng.normal()
        p[after]["weights"][j] = 0.0
        return p
    if how == "constant":
        p[name]["weights"][:, j], p[name]["bias"][j] = 0.0, rng.normal()
    else:  # of units that are never negative it receives nothing positive
        p[name]["weights"][:, j] = -rng.uniform(size=len(p[name]["weights"]))
        p[name]["bias"][j] = -rng.uniform()
    p[after]["weights"][j] = rng.normal(size=p[after]["weights"].shape[1])
    given = layer.activation(p[name]["bias"])[j] if how == "constant" else 0.0
    p[after]["bias"] = p[after]["bias"] - given * p[after]["weights"][j]
    return p


@pytest.mark.parametrize("name", ["relu", "tanh", "logistic", "neither"])
@pytest.mark.parametrize(
    ("layer", "how"), [("hidden_1", "constant"), ("hidden_2", "constant"), ("hidden_1", "unheard")]
)
def test_units_that_do_not_matter_may_have_any_parameters(name, layer, how):
    rng = np.random.default_rng(3)
    net = network_of(*NETWORKS[name])
    p = drawn(net, rng)
    a, b = idle(net, p, rng, layer, 1, how), disguised(net, idle(net, p, rng, layer, 1, how), rng)
    x = rng.normal(size=(9, net.inputs.width))
    np.testing.assert_allclose(net(a, x), net(b, x), rtol=1e-9, atol=1e-11)
    found = align((net, a), (net, b))
    assert found.equal, str(found)
    np.testing.assert_allclose(net(found.parameters, x), net(b, x), rtol=1e-9, atol=1e-11)
    other = {**b, "output": {**b["output"], "bias": b["output"]["bias"] + 0.1}}
    assert not align((net, a), (net, other)).equal


def test_a_unit_of_relu_that_receives_nothing_positive_is_dead():
    rng = np.random.default_rng(4)
    net = network_of((3, 6, 5, 2), ("relu", "relu", "identity"))
    p = drawn(net, rng)
    a, b = idle(net, p, rng, "hidden_2", 1, "dead"), idle(net, p, rng, "hidden_2", 1, "dead")
    assert align((net, a), (net, disguised(net, b, rng))).equal
    zero = idle(net, p, rng, "hidden_2", 1, "unheard")
    assert align((net, a), (net, zero)).equal


def test_the_parts_of_an_alignment_say_what_was_done():
    rng = np.random.default_rng(0)
    net = network_of((2, 3, 1), ("tanh", "identity"))
    p = drawn(net, rng)
    q = {name: {k: a.copy() for k, a in kinds.items()} for name, kinds in p.items()}
    for kind in q["hidden_1"]:  # unit 0 turned, then units 0 and 2 exchanged
        q["hidden_1"][kind][..., 0] *= -1.0
        q["hidden_1"][kind] = q["hidden_1"][kind][..., [2, 1, 0]]
    q["output"]["weights"][0] *= -1.0
    q["output"]["weights"] = q["output"]["weights"][[2, 1, 0]]
    found = align((net, p), (net, q))
    assert found.permutations["hidden_1"].tolist() == [2, 1, 0]
    assert found.signs["hidden_1"].tolist() == [-1.0, 1.0, 1.0]
    assert found.scales["hidden_1"].tolist() == [1.0, 1.0, 1.0]
    assert "3 units, 2 moved, 1 flipped, 0 scaled" in str(found)


@pytest.mark.parametrize("name", NETWORKS)
def test_other_networks_come_closer_and_compute_what_they_did(name):
    rng = np.random.default_rng(1)
    net = network_of(*NETWORKS[name])
    p, q = drawn(net, rng), drawn(net, rng)
    found = align((net, p), (net, q))
    assert not found.equal
    assert str(found).startswith("not equal")
    assert found.distance < found.before
    x = rng.normal(size=(9, net.inputs.width))
    np.testing.assert_allclose(net(found.parameters, x), net(q, x), rtol=1e-9, atol=1e-11)


def test_for_one_small_layer_the_matching_is_the_best_of_all():
    rng = np.random.default_rng(2)
    net = network_of((2, 4, 1), ("tanh", "identity"))
    p = drawn(net, rng)
    units = lambda p: np.vstack([*p["hidden_1"].values(), p["output"]["weights"].T])  # noqa: E731
    for _ in range(5):
        q = drawn(net, rng)
        rest = ((p["output"]["bias"] - q["output"]["bias"]) ** 2).sum()
        best = min(
            ((units(p) - units(q)[:, order] * np.array(signs)) ** 2).sum()
            for order in map(list, itertools.permutations(range(4)))
            for signs in itertools.product((-1.0, 1.0), repeat=4)
        )
        assert align((net, p), (net, q)).distance == pytest.approx(math.sqrt(best + rest))


def test_a_small_difference_is_a_small_distance():
    rng = np.random.default_rng(3)
    net = network_of(*NETWORKS["tanh"])
    p = drawn(net, rng)
    near = {n: {k: a + 1e-4 * rng.normal(size=a.shape) for k, a in d.items()} for n, d in p.items()}
    found = align((net, p), (net, disguised(net, near, rng)))
    assert not found.equal
    assert found.distance < 1e-4 * 2 * math.sqrt(net.size)
    assert align((net, p), (net, disguised(net, near, rng)), tolerance=1e-2).equal


def test_fitted_estimators_are_compared_and_their_losses_are_equal():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    options = {"activation": "tanh", "max_iter": 20, "tol": 0.0, "random_state": 0}
    with pytest.warns(UserWarning, match="All 20 epochs were used"):
        a, b = (NetClassifier((5, 4), **options).fit(x, y) for _ in range(2))
    net, q = b.network_, disguised(b.network_, b.parameters_, rng)
    found = align(a, (net, q))
    assert found.equal
    objective = Objective(net, LOSSES["cross_entropy"])
    losses = [
        objective(p, x, y[:, None].astype(float), np.ones(60), 0.3)
        for p in (a.parameters_, q, found.parameters)
    ]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-12)
    with pytest.warns(UserWarning, match="All 20 epochs were used"):
        other = NetClassifier((5, 4), **{**options, "random_state": 1}).fit(x, y)
    assert not align(a, other).equal


def test_networks_of_another_architecture_are_refused():
    rng = np.random.default_rng(0)
    net, other = (network_of((2, 3, 1), (unit, "identity")) for unit in ("tanh", "relu"))
    with pytest.raises(ParameterError, match="one architecture"):
        align((net, drawn(net, rng)), (other, drawn(other, rng)))
    with pytest.raises(ParameterError, match="a was int"):
        align(3, (net, drawn(net, rng)))
    with pytest.raises(ParameterError, match="b was NetRegressor"):
        align((net, drawn(net, rng)), NetRegressor())
    with pytest.raises(ParameterError, match="parameters of b have shapes"):
        align((net, drawn(net, rng)), (net, {"hidden_1": {}}))


@pytest.mark.parametrize(
    ("widths", "units", "layer_norm", "count"),
    [
        ((2, 1), ("identity",), False, 1),
        ((2, 5, 1), ("tanh", "identity"), False, math.factorial(5) * 2**5),
        ((2, 5, 1), ("symmetric_sigmoid", "identity"), False, math.factorial(5) * 2**5),
        ((2, 5, 1), ("logistic", "identity"), False, math.factorial(5) * 2**5),
        ((2, 5, 3, 1), ("relu", "tanh", "identity"), False, 120 * 6 * 2**3),
        ((2, 5, 1), ("relu", "identity"), False, 120),
        ((2, 5, 1), ("step", "identity"), False, 120),
        ((2, 5, 1), ("softmax", "identity"), False, 120),
        ((2, 3, 4, 1), ("logistic", "tanh", "identity"), True, 6 * 24 * 2**4),
        ((9, 100, 1), ("tanh", "identity"), False, math.factorial(100) * 2**100),
    ],
)
def test_the_number_of_equivalent_minima(widths, units, layer_norm, count):
    assert equivalent_minima(network_of(widths, units, layer_norm)) == count


def test_all_copies_of_a_small_network_are_as_many_as_counted():
    """Every order and every sign gives other parameters and the same outputs."""
    rng = np.random.default_rng(0)
    net = network_of((1, 3, 1), ("tanh", "identity"))
    p, x = drawn(net, rng), rng.normal(size=(5, 1))
    copies = set()
    for order in map(list, itertools.permutations(range(3))):
        for signs in map(np.array, itertools.product((-1.0, 1.0), repeat=3)):
            hidden = {k: a[..., order] * signs for k, a in p["hidden_1"].items()}
            weights = p["output"]["weights"][order] * signs[:, None]
            q = {"hidden_1": hidden, "output": {**p["output"], "weights": weights}}
            np.testing.assert_allclose(net(q, x), net(p, x), rtol=1e-12)
            copies.add(net.flatten(q).tobytes())
    assert len(copies) == equivalent_minima(net) == 48


def test_only_networks_are_counted():
    with pytest.raises(ParameterError, match="received int"):
        equivalent_minima(3)
