"""How many units are active at once, against counting."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from unstuck import DataError, NetClassifier, ParameterError
from unstuck.neuro import activity
from unstuck.neuro.activity import hidden_outputs

X, Y = load_iris(return_X_y=True)


def fitted(kind, *arguments, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(*arguments, max_iter=5, random_state=0, **more).fit(X, Y)


def test_it_is_counted():
    net = fitted(NetClassifier, (7, 5))
    found = activity(net, X)
    for i, layer in enumerate(found.layers):
        z = net.features(X, layer=i)
        active = [[value != 0 for value in row] for row in z]
        assert layer.active_at_once == pytest.approx(np.mean([np.mean(row) for row in active]))
        assert layer.ever == np.mean([any(unit) for unit in zip(*active, strict=True)])
    assert (found.layers[0].units, found.rows) == (7, 150)
    assert "hidden_2" in str(found)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
def test_scikit_learns_network_is_read_as_its_own_pass(activation):
    net = fitted(MLPClassifier, (6,), activation=activation)
    z = hidden_outputs(net, X)[0]
    ends = z @ net.coefs_[1] + net.intercepts_[1]
    np.testing.assert_array_equal(ends.argmax(1), net.predict(X))
    assert (activity(net, X).layers[0].active_at_once == 1) == (activation != "relu")


def test_a_pipeline_and_a_search_are_looked_at_at_their_end():
    steps = make_pipeline(StandardScaler(), MLPClassifier((6,), max_iter=5, random_state=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(steps, {"mlpclassifier__alpha": [1e-4]}, cv=2).fit(X, Y)
    best = search.best_estimator_
    expected = activity(best[-1], best[:-1].transform(X)).layers[0].active_at_once
    assert activity(search, X).layers[0].active_at_once == expected


@pytest.mark.parametrize(
    ("network", "rows", "error", "message"),
    [
        (None, X, ParameterError, "expected a fitted"),
        (NetClassifier(), X, NotFittedError, "not fitted"),
        (MLPClassifier(), X, NotFittedError, "not fitted"),
        (fitted(NetClassifier, ()), X, ParameterError, "no hidden layer"),
        (fitted(NetClassifier, 3), X[:0], DataError, "no rows"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(network, rows, error, message):
    with pytest.raises(error, match=message):
        activity(network, rows)
