"""Layers of which few units may be active, against sorting, JAX, and what files and fits need."""

from __future__ import annotations

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_iris

from unstuck import ACTIVATIONS, NetClassifier, ParameterError, load
from unstuck.layers.dense import Dense
from unstuck.layers.jacobian import jacobian, outputs_of
from unstuck.layers.network import Network
from unstuck.layers.winners import PEELED, Winners, largest

pytestmark = pytest.mark.usefixtures("float64")

X, Y = load_iris(return_X_y=True)


def by_sorting(a, k):
    """The slow twin: the places of a stable sort."""
    mask = np.zeros(a.shape, bool)
    for row, own in zip(a, mask, strict=True):
        own[sorted(range(len(row)), key=lambda i: (-row[i], i))[:k]] = True
    return mask


@given(
    arrays(float, (3, 7), elements=st.sampled_from([-1.0, 0.0, 0.5, 2.0, 3.5])), st.integers(1, 7)
)
def test_k_win_also_of_equal_numbers(a, k):
    np.testing.assert_array_equal(largest(a, k), by_sorting(a, k))


@pytest.mark.parametrize("k", [1, 5, PEELED, PEELED + 1, 100])
def test_numpy_and_jax_choose_the_same(k):
    a = np.random.default_rng(k).normal(size=(4, 100)).round(1)
    found = jax.jit(lambda a: largest(a, k, jnp))(a)
    np.testing.assert_array_equal(found, by_sorting(a, k))


@pytest.mark.parametrize("layer_norm", [False, True])
def test_the_backward_law_is_that_of_jax(layer_norm):
    unit = ACTIVATIONS["tanh"]
    hidden = Winners(6, unit, 0.4, layer_norm)
    network = Network(3, (("hidden_1", hidden), ("output", Dense(2, ACTIVATIONS["identity"]))))
    rng = np.random.default_rng(0)
    p, x = rng.normal(size=network.size), rng.normal(size=(5, 3))

    def ends(p):
        return outputs_of(network, network.unflatten(p), x, jnp).preactivation

    expected = jax.jit(jax.jacrev(ends))(p)
    np.testing.assert_allclose(
        jacobian(network, network.unflatten(p), x), expected, rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("solver", ["adam", "lbfgs", "lm"])
def test_no_more_are_active_in_any_row(solver, tmp_path):
    loss = "squared_error" if solver == "lm" else "auto"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = NetClassifier(
            20,
            active_share=0.1,
            solver=solver,
            loss=loss,
            max_iter=60,
            random_state=0,
            learning_rate_init=0.03,
        ).fit(X, Y)
    assert ((net.features(X) != 0).sum(1) <= 2).all()
    assert net.score(X, Y) > 0.9
    net.save(tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), net.predict_proba(X))
    assert "2 of 20 at once" in str(again.network_)


def test_what_is_not_finite_stays_so():
    layer = Winners(3, ACTIVATIONS["relu"], 0.4)
    own = {"weights": np.array([[np.nan, 1.0, 2.0]]), "bias": np.zeros(3)}
    from unstuck.layers.flow import Flow

    flow = Flow()
    with flow.within("hidden_1", 0, False):
        assert np.isnan(layer(own, np.ones((1, 1)), flow)).any()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"active_share": 0.0}, "active_share"),
        ({"active_share": 1.5}, "active_share"),
        ({"active_share": 0.1, "activation": "logistic"}, "silent at 0"),
    ],
)
def test_what_cannot_be_is_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        NetClassifier(5, **given).fit(X, Y)
