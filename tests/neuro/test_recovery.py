"""Damage in training: what is removed stays so, and the fit beside it goes on as if alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.tree import DecisionTreeClassifier

from unstuck import NetClassifier, ParameterError
from unstuck.neuro import Recovery, recovery
from unstuck.neuro.recovery import without_units

X, Y = load_iris(return_X_y=True)
MLP = MLPClassifier((8, 4), learning_rate_init=0.02, random_state=0)
NET = NetClassifier((16,), learning_rate_init=0.01, random_state=0, watch=False)


@pytest.fixture(scope="module")
def found():
    return recovery(MLP, X, Y, X, Y, epochs=(2, 5), total=9, seeds=2, share=0.25)


def test_the_fit_that_is_not_damaged_is_that_of_partial_fit_alone(found):
    for seed, scores in enumerate(found.whole):
        net = clone(MLP).set_params(random_state=seed)
        expected = [net.partial_fit(X, Y, classes=[0, 1, 2]).score(X, Y) for _ in range(9)]
        np.testing.assert_array_equal(scores, expected)
        for course, epochs in enumerate(found.epochs):
            np.testing.assert_array_equal(found.damaged[course, seed, :epochs], expected[:epochs])


def test_after_the_damage_a_smaller_network_goes_on(found):
    net = clone(MLP).set_params(random_state=1)
    for _ in range(5):
        net.partial_fit(X, Y, classes=[0, 1, 2])
    lost = np.random.default_rng(1).permutation(12)[:3]
    h = X
    for place, (w, b) in enumerate(zip(net.coefs_[:2], net.intercepts_, strict=False)):
        h = np.maximum(h @ w + b, 0)
        own = [unit - 8 * place for unit in lost if 0 <= unit - 8 * place < h.shape[1]]
        h[:, own] = 0.0
    right = np.argmax(h @ net.coefs_[2] + net.intercepts_[2], 1) == Y
    assert found.after[1, 1] == np.mean(right)
    hurt = without_units(net, 0.25, 1)
    later = [hurt.partial_fit(X, Y).score(X, Y) for _ in range(4)]
    np.testing.assert_array_equal(found.damaged[1, 1, 5:], later)


@pytest.mark.parametrize("kind", ["ours", "scikit-learn's"])
def test_a_removed_unit_never_comes_back(kind):
    net = clone(NET if kind == "ours" else MLP).partial_fit(X, Y, classes=[0, 1, 2])
    hurt = without_units(net, 0.5, 3)
    before = [each.copy() for each in net.coefs_]
    for _ in range(5):
        hurt.partial_fit(X, Y)
    gone = np.flatnonzero(~hurt.coefs_[-1].any(1))
    assert len(gone) >= 1
    assert not hurt.coefs_[-2][:, gone].any()
    assert not hurt.intercepts_[-2][gone].any()
    kept = np.flatnonzero(hurt.coefs_[-1].any(1))
    assert not np.array_equal(hurt.coefs_[-1][kept], before[-1][kept])
    for old, new in zip(before, net.coefs_, strict=True):
        np.testing.assert_array_equal(old, new)


def test_epochs_until_it_is_as_before():
    whole = np.array([[0.5, 0.7, 0.8, 0.9]])
    damaged = np.array([[[0.5, 0.4, 0.6, 0.7]], [[0.5, 0.7, 0.6, 0.69]], [[0.5, 0.7, 0.7, 0.7]]])
    made = Recovery(0.5, "accuracy", (1, 2, 2), whole, damaged, np.array([[0.2], [0.2], [0.7]]))
    assert made.before.tolist() == [[0.5], [0.7], [0.7]]
    assert made.back.tolist() == [[2.0], [np.inf], [0.0]]
    assert "never" in str(made).splitlines()[4]


def test_it_prints_and_draws(found):
    lines = str(found).splitlines()
    assert len(lines) == 6
    assert max(map(len, lines)) <= 80
    assert len(found.plot().lines) == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"share": 1.5}, "share was 1.5"),
        ({"epochs": (2, 60)}, "from 1 to 59"),
        ({"epochs": 3}, "epochs was 3"),
        ({"total": 0}, "total was 0"),
        ({"seeds": True}, "seeds was True"),
    ],
)
def test_a_mistake_is_told(given, message):
    with pytest.raises(ParameterError, match=message):
        recovery(MLP, X, Y, X, Y, **given)


def test_what_cannot_recover_is_told():
    with pytest.raises(ParameterError, match="DecisionTreeClassifier"):
        recovery(DecisionTreeClassifier(), X, Y, X, Y)
    few = NetClassifier((4,), active_share=0.5)
    with pytest.raises(ParameterError, match="expected n_ensemble=1 and active_share=1"):
        recovery(few, X, Y, X, Y, total=3, epochs=(1,))
    sigmoids = MLPRegressor(hidden_layer_sizes=(4,), activation="logistic")
    with pytest.raises(ParameterError, match="'logistic' without weights"):
        recovery(sigmoids, X, X[:, 3], X, X[:, 3], total=3, epochs=(1,))
