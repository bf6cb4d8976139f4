"""Spiking neurons in place of a trained network's units."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from unstuck import NetClassifier, ParameterError
from unstuck.neuro import LeakyIntegrateAndFire, spiking_network
from unstuck.neuro.trained_layers import trained_layers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = load_iris(return_X_y=True)


def peer(unit, x=X, y=Y, hidden=(8,), **given):
    net = MLPClassifier(hidden, activation=unit, solver="lbfgs", alpha=0.1, random_state=0, **given)
    return make_pipeline(StandardScaler(), net).fit(x, y)


def net(unit, x=X, y=Y, hidden=(8,), **given):
    return NetClassifier(
        hidden, activation=unit, solver="lbfgs", alpha=0.1, random_state=0, watch=False, **given
    ).fit(x, y)


@pytest.mark.parametrize(
    ("unit", "make", "classes"),
    [("relu", peer, 2), ("logistic", peer, 3), ("relu", net, 3), ("logistic", net, 2)],
)
def test_the_layers_are_those_of_the_network(unit, make, classes):
    """What goes through them is what the network says; a ReLU's sum below 0 passes nothing on."""
    x, y = (X, Y) if classes == 3 else (X[50:], Y[50:])
    trained = make(unit, x, y, (4,))
    layers = trained_layers(trained)
    assert (layers.classes[layers.sums(x)[-1].argmax(1)] == trained.predict(x)).all()


@pytest.mark.parametrize("unit", ["relu", "logistic"])
def test_rates_answer_as_the_network_does(unit):
    trained = peer(unit)
    spiking = pickle.loads(pickle.dumps(spiking_network(trained, X)))
    found = spiking.in_time(X, Y, [10, 50, 200])
    assert found.agreements[-1] > 0.9
    assert found.trained == pytest.approx(trained.score(X, Y))
    assert (np.diff(found.spikes) >= 0).all()
    assert (spiking.predict(X, 200) == Y).mean() == found.accuracies[-1]
    assert len(str(found).splitlines()) == 5
    assert max(map(len, str(spiking).splitlines())) <= 80
    assert found.plot().axes


def test_digits_are_classified_nearly_as_well():
    x, y = load_digits(return_X_y=True)
    trained = peer("logistic", x[300:], y[300:], (24,), max_iter=60)
    found = spiking_network(trained, x[300:]).in_time(x[:300], y[:300], [100])
    assert found.accuracies[-1] > found.trained - 0.03 > 0.85
    assert found.agreements[-1] > 0.95


def test_rates_are_those_of_the_units():
    """What the first layer's rates stand for is near what the units answer."""
    trained = peer("logistic")
    layers, neuron = trained_layers(trained), LeakyIntegrateAndFire()
    stand = spiking_network(trained, X, neuron).stands[0]
    sums = layers.first(X)
    rates = neuron.run(1000, (stand.middle + stand.width * sums).ravel(), keep=False).rates
    outputs = 1 / (1 + np.exp(-sums))
    found = stand.offset + rates.reshape(sums.shape) / stand.scale
    assert np.abs(found - outputs).mean() < 0.08
    assert (stand.scale > 0).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: peer("tanh"), "has hidden units tanh"),
        (lambda: MLPClassifier((), max_iter=2).fit(X, Y), "has hidden units nowhere"),
        (lambda: LogisticRegression().fit(X, Y), "LogisticRegression has no layers"),
        (lambda: MLPRegressor(hidden_layer_sizes=(4,), max_iter=2).fit(X, Y), "or no classes"),
        (lambda: net("relu", hidden=(4,), n_ensemble=2, max_iter=5), "members_"),
        (lambda: "net", "expected a fitted NetClassifier"),
    ],
)
def test_networks_without_rates_are_told(make, said):
    with pytest.raises(ParameterError) as error:
        spiking_network(make(), X)
    assert said in str(error.value)


def test_what_does_not_fit_is_told():
    trained = peer("relu")
    with pytest.raises(ParameterError, match="less than the highest, 500 Hz"):
        spiking_network(trained, X, highest_rate=600)
    with pytest.raises(ParameterError, match="percentile was 10"):
        spiking_network(trained, X, percentile=10)
    spiking = spiking_network(trained, X)
    with pytest.raises(ValueError, match="times in ms that rise"):
        spiking.in_time(X, Y, [50, 10])
    with pytest.raises(ValueError, match=r"y has the shape \(3,\)"):
        spiking.in_time(X, Y[:3])
    with pytest.raises(ParameterError, match=r"multiple of the step 0.5 ms"):
        spiking.predict(X, 10.2)
