"""The objective of an estimator as a function."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from unstuck import NetClassifier, trace
from unstuck.estimators.inspection import objective_of

X, Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def graph():
    net = NetClassifier((8,), max_iter=1, random_state=0)
    with pytest.warns(UserWarning, match="All 1 epochs"):
        net.fit(X, Y)
    function, parameters, arguments = objective_of(net, X[:3], Y[:3])
    return trace(function, parameters, *arguments)


def test_the_loss_is_one_node_which_opens(graph):
    (loss,) = (node for node in graph.nodes if node.label == "cross_entropy")
    assert loss.calls
    assert loss.shape == ()
    assert {graph.nodes[parent].name for parent in loss.parents} >= {"y", "w"}
    inside = loss.open()
    assert len(inside.nodes) > 12
    assert inside.nodes[inside.outputs[0]].value == pytest.approx(loss.value)


def test_adjoints_pass_through_it(graph):
    (loss,) = (node for node in graph.nodes if node.label == "cross_entropy")
    received = loss.open().nodes[0]
    before = graph.nodes[loss.parents[0]]
    np.testing.assert_allclose(received.adjoint, before.adjoint)
    assert np.abs(received.adjoint).max() > 0
