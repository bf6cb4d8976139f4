"""The picture of units: weights, biases and names, and where delta comes from."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from small import network_of

from unstuck import LOSSES, NetClassifier, backpropagation
from unstuck.derivatives.backpropagation import backpropagate
from unstuck.summary import number
from unstuck.training.objective import Objective


def texts(passed):
    root = ET.fromstring(passed._repr_svg_())
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(each.itertext()) for each in found]


def passed_of(widths, units, loss):
    network = network_of(widths, units)
    rng = np.random.default_rng(0)
    parameters = {
        name: {kind: rng.normal(size=weight.shape) for kind, weight in own.items()}
        for name, own in network.weights().items()
    }
    x, y = rng.normal(size=widths[0]), np.eye(widths[-1])[0]
    return backpropagate(Objective(network, LOSSES[loss]), parameters, x, y)


def test_every_weight_and_bias_is_written():
    passed = passed_of((3, 4, 2), ["tanh", "softmax"], "cross_entropy")
    found = " ".join(texts(passed))
    for layer in passed.layers:
        for array in layer.parameters.values():
            assert all(number(each) in found for each in array.ravel())


@pytest.mark.parametrize(
    ("unit", "loss", "said"),
    [
        ("softmax", "cross_entropy", "delta = dL/da, of cross_entropy and softmax together."),
        ("logistic", "squared_error", "delta = dL/da = h'(a) × dL/dz, of squared_error."),
    ],
)
def test_delta_of_the_output_units_is_that_of_the_loss(unit, loss, said):
    found = texts(passed_of((2, 3, 2), ["tanh", unit], loss))
    assert f"Output units: {said}" in found
    assert any(text.startswith("Hidden units, right to left: delta = dL/da") for text in found)


def test_inputs_and_outputs_have_their_names():
    X, y = load_iris(return_X_y=True)
    frame = pd.DataFrame(X, columns=["sepal length", "sepal width", "petal length", "<petal>"])
    labels = np.array(["setosa", "versicolor", "virginica"])[y]
    net = NetClassifier((3,), max_iter=1, random_state=0)
    with pytest.warns(UserWarning, match="All 1 epochs"):
        net.fit(frame, labels)
    found = texts(backpropagation(net, frame[:1], labels[:1]))
    assert {*frame.columns, *labels, "unit 1", "unit 3"} <= set(found)
    with pytest.warns(UserWarning, match="All 1 epochs"):
        net.fit(X, y)
    assert {"x1", "x4", "0", "2"} <= set(texts(backpropagation(net, X[:1], y[:1])))
