"""Networks of either kind, read in one way: beside matrix products in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from unstuck import NetClassifier
from unstuck.neuro import activity
from unstuck.neuro.networks import (
    hidden_output,
    hidden_units,
    is_network,
    with_weights,
    without_first,
)

X, Y = load_iris(return_X_y=True)
MADE = {
    "ours": NetClassifier((7, 5), activation="tanh", scale_inputs=False, solver="lbfgs", tol=0.1),
    "scikit-learn's": MLPClassifier((7, 5), activation="tanh", solver="lbfgs", tol=1e-2),
}


@pytest.fixture(scope="module", params=MADE)
def net(request):
    return MADE[request.param].set_params(random_state=0).fit(X, Y)


def test_layers_are_read_as_they_compute(net):
    first = np.tanh(X @ net.coefs_[0] + net.intercepts_[0])
    second = np.tanh(first @ net.coefs_[1] + net.intercepts_[1])
    assert [unit.name for unit in hidden_units(net)] == ["tanh", "tanh"]
    np.testing.assert_allclose(hidden_output(net, X, 0), first, atol=1e-12)
    np.testing.assert_allclose(hidden_output(net, X, 1), second, atol=1e-12)
    rows = sparse.csr_array(X)
    np.testing.assert_allclose(hidden_output(net, rows, 0), first, atol=1e-12)
    assert activity(net, rows).rows == 150


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_what_is_left_without_first_layers_predicts_the_same(net, layers):
    tail, rows = without_first(net, X, layers)
    assert len(tail.coefs_) == 3 - layers
    np.testing.assert_allclose(tail.predict_proba(rows), net.predict_proba(X), atol=1e-12)


def test_other_weights_leave_the_network_as_it_was(net):
    before = net.predict_proba(X)
    other = with_weights(net, [0.0 * w for w in net.coefs_], net.intercepts_)
    assert np.ptp(other.predict_proba(X), axis=0).max() < 1e-12
    np.testing.assert_array_equal(net.predict_proba(X), before)


def test_what_is_no_network():
    assert all(map(is_network, MADE.values()))
    assert not any(map(is_network, (NetClassifier, MLPClassifier, LogisticRegression(), 3)))
